package web

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestATrustedProxyNamesTheRequestAndNobodyElse(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's own address
	elsewhere := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		name    string
		proxies []netip.Prefix
		id      string
		kept    bool
	}{
		{"from a trusted proxy", trusted, "0190a1b2-c3d4-7e5f", true},
		{"from anybody", nil, "0190a1b2-c3d4-7e5f", false},
		{"from another network", elsewhere, "0190a1b2-c3d4-7e5f", false},
		{"too short", trusted, "zz", false}, // no letters that a name made at random may hold
		{"too long", trusted, strings.Repeat("a", 65), false},
		{"with a line of its own", trusted, "0190a1b2\nlevel=ERROR", false},
		{"with a blank", trusted, "0190 a1b2 c3d4", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, log := newBare(t, Options{TrustedProxies: test.proxies})
			r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
			r.Header.Set("X-Request-Id", test.id)
			got := send(s, r).Header.Get("X-Request-Id")
			if (got == test.id) != test.kept || got == "" {
				t.Errorf("the request is named %q", got)
			}
			if strings.Contains(log.String(), test.id) != test.kept {
				t.Errorf("the log: %s", log)
			}
		})
	}
}

// intakeWith has counted.
type intakeWith struct {
	Intake
	stats intake.Stats
}

func (i intakeWith) Stats() intake.Stats { return i.stats }

func TestMetricsTellWhatWaitsBesideThePages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, kept *store.Store) {
		s, _ := newBare(t, Options{Store: kept})
		w := httptest.NewRecorder()
		s.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		for _, wants := range []string{`salesbench_mails{status="uncertain"} 0`, "salesbench_mail_overdue_seconds 0", `salesbench_jobs{status="failed"} 0`} {
			if !strings.Contains(w.Body.String(), wants) {
				t.Errorf("no %q", wants)
			}
		}
	})
}

func TestMetricsCountRoutesAndNameNoToken(t *testing.T) {
	stats := intakeWith{stats: intake.Stats{Submissions: intake.Work{Accepted: 7, Waiting: 2, Size: intake.Histogram{Bounds: []float64{1, 2}, Counts: []int64{3, 1, 1}, Sum: 9}}}}
	s, _ := newBare(t, Options{Intake: stats, Version: "test"})
	for range 3 {
		send(s, httptest.NewRequest(http.MethodGet, "/r/s3cr3t", nil))
		send(s, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	}
	w := httptest.NewRecorder()
	s.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, wants := range []string{
		`salesbench_page_seconds_count{route="/healthz",status="200"} 3`,
		`salesbench_intake_accepted_total{kind="submission"} 7`,
		`salesbench_intake_waiting{kind="submission"} 2`,
		`salesbench_intake_batch_rows_bucket{kind="submission",le="2"} 4`,
		`salesbench_intake_batch_rows_bucket{kind="submission",le="+Inf"} 5`,
		`salesbench_build_info{version="test"} 1`,
		"go_goroutines", "process_",
	} {
		if !strings.Contains(w.Body.String(), wants) {
			t.Errorf("no %q in\n%s", wants, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "s3cr3t") {
		t.Error("the metrics name a token")
	}
	if res := send(s, httptest.NewRequest(http.MethodGet, "/metrics", nil)); res.StatusCode != http.StatusNotFound {
		t.Errorf("the public listener answers /metrics with %d", res.StatusCode)
	}
}

func TestProbesTellWhyAProcessThatEndsIsNotReady(t *testing.T) {
	s, log := newBare(t, Options{Ready: func(context.Context) error { return nil }})
	probe := func() (int, readiness) {
		res := send(s, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		var r readiness
		if err := json.NewDecoder(res.Body).Decode(&r); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, r
	}
	if code, r := probe(); code != http.StatusOK || r.Status != "ready" || len(r.Reasons) != 0 {
		t.Errorf("%d, %+v", code, r)
	}
	s.Drain()
	code, r := probe()
	if code != http.StatusServiceUnavailable || r.Status != "draining" || len(r.Reasons) != 1 {
		t.Errorf("while it ends: %d, %+v", code, r)
	}
	probe()
	if n := strings.Count(log.String(), `"msg":"readiness"`); n != 2 {
		t.Errorf("%d lines about readiness, want one for each change", n)
	}
	res := send(s, httptest.NewRequest(http.MethodGet, "/", nil))
	if res.StatusCode != http.StatusOK || res.Header.Get("Connection") != "close" {
		t.Errorf("while it ends a page answers %d, connection %q", res.StatusCode, res.Header.Get("Connection"))
	}
	if res := send(s, httptest.NewRequest(http.MethodGet, "/healthz", nil)); res.StatusCode != http.StatusOK {
		t.Errorf("it lives still, but /healthz answers %d", res.StatusCode)
	}
}

// BenchmarkLoggingAndCounting is what naming, timing, counting and logging add to a
// request.
func BenchmarkLoggingAndCounting(b *testing.B) {
	s, err := New(Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c := s.echo.NewContext(httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder())
	c.SetPath("/r/:token/s/:n")
	b.ReportAllocs()
	for b.Loop() {
		s.nameRequest(c)
		s.logRequest(c, time.Now())
	}
}
