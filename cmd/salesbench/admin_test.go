package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestTheOperatorsListenerHasMetricsAndProfiles(t *testing.T) {
	r := start(t, nil, "metrics and profiles are on", "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log", "json")
	admin := regexp.MustCompile(`profiles are on (http://[^\s]+)`).FindStringSubmatch(r.out.String())[1]
	get(t, r.base(t)+"/")
	for path, wants := range map[string]string{
		"/metrics":                       `salesbench_page_seconds_count{route="/",status="200"} 1`,
		"/debug/pprof/":                  "goroutine",
		"/healthz":                       "ok",
		"/readyz":                        `"status":"ready"`,
		"/debug/pprof/goroutine?debug=1": "goroutine profile",
	} {
		if code, body := get(t, admin+path); code != http.StatusOK || !strings.Contains(body, wants) {
			t.Errorf("%s: %d, no %q in %.300s", path, code, wants, body)
		}
	}
	for _, path := range []string{"/debug/pprof/cmdline", "/", "/waves/autumn"} {
		if code, _ := get(t, admin+path); code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, code)
		}
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if code, _ := get(t, r.base(t)+path); code != http.StatusNotFound {
			t.Errorf("%s on the public listener: %d", path, code)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "rebound.example.org"
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("by a name that leads here: %d, %v; want 403", response.StatusCode, err)
	}
	if code := r.end(t); code != exitOK {
		t.Errorf("code %d: %s", code, r.err)
	}
	if !strings.Contains(r.err.String(), `"msg":"request"`) {
		t.Errorf("the log is not JSON, or was not written at the end: %s", r.err)
	}
}

func TestTheOperatorsListenerStaysOnThisMachineUnlessToldOtherwise(t *testing.T) {
	for _, address := range []string{":9090", "0.0.0.0:9090", "192.0.2.1:9090", "example.org:9090", "9090"} {
		got := command(t, nil, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", address)
		if got.code != exitUsage || !strings.Contains(got.err, "--admin:") {
			t.Errorf("%s: code %d, %s", address, got.code, got.err)
		}
	}
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", "localhost:0"} {
		if err := checkAdmin(address, false); err != nil {
			t.Error(err)
		}
	}
	if err := checkAdmin("0.0.0.0:9090", true); err != nil {
		t.Error(err)
	}
	if got := command(t, nil, "serve", "--data", t.TempDir(), "--drain-wait", "1h"); got.code != exitUsage || !strings.Contains(got.err, "--drain-wait") {
		t.Errorf("code %d, %s", got.code, got.err)
	}
}
