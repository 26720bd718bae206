package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/survey"
)

// newBare returns a server with a few routes of the test's own and what it logged.
func newBare(t testing.TB, o Options, extra ...route) (*Server, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	o.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.Pace == (Pace{}) {
		// Tests want the edition of this moment; see field.do.
		o.Pace = Pace{First: time.Minute, Newer: time.Minute, Poll: time.Hour}
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.install(extra)
	return s, &log
}

func send(s http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestErrorsBecomePagesByTheirKind(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		status int
		says   string
		hides  string
	}{
		{"a sentence for a person is shown", survey.Errorf(survey.Closed, "this wave closed on 3 March"), 410, "This wave closed on 3 March.", "nothing"},
		{"an unknown link", survey.Errorf(survey.NotFound, "no such link"), 404, "No such link.", "nothing"},
		{"a conflict", survey.Errorf(survey.Conflict, "changed in another tab"), 409, "Changed in another tab.", "nothing"},
		{"a busy database", survey.Errorf(survey.Unavailable, "the queue is full"), 503, "The queue is full.", "nothing"},
		{"an internal error keeps its text", errors.New("dial tcp 10.0.0.7: password=hunter2"), 500, "went wrong on our side", "hunter2"},
		{"a classified internal error too", survey.Errorf(survey.Internal, "row secret-row"), 500, "went wrong on our side", "secret-row"},
		{"a wrapped cause stays inside", survey.Errorf(survey.Invalid, "not readable: %w", errors.New("x")), 400, "Not readable", "nothing"},
		{"a kind nobody knows is internal", &survey.Error{Kind: "odd", Message: "secret-kind"}, 500, "went wrong", "secret-kind"},
		{"an oversized body", &http.MaxBytesError{Limit: 1}, 413, "more was sent", "nothing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, _ := newBare(t, Options{}, route{http.MethodGet, "/fail/:token", anybody, func(echo.Context) error { return test.err }})
			res := send(s, httptest.NewRequest(http.MethodGet, "/fail/s3cr3t", nil))
			page := body(t, res)
			if res.StatusCode != test.status || !strings.Contains(strings.ToLower(page), strings.ToLower(test.says)) {
				t.Errorf("status %d, want %d with %q:\n%s", res.StatusCode, test.status, test.says, page)
			}
			if strings.Contains(page, test.hides) && test.hides != "nothing" {
				t.Errorf("the page tells %q", test.hides)
			}
			if got := res.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("cache-control %q", got)
			}
		})
	}
}

func TestAProgramGetsAnErrorAsJSON(t *testing.T) {
	s, _ := newBare(t, Options{})
	r := httptest.NewRequest(http.MethodGet, "/nowhere", nil)
	r.Header.Set("Accept", "application/json")
	res := send(s, r)
	var got struct {
		Error struct {
			Kind, Message string
			RequestID     string `json:"request_id"`
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 404 || got.Error.Kind != "not_found" || got.Error.RequestID != res.Header.Get("X-Request-Id") || got.Error.Message == "" {
		t.Errorf("%d %+v", res.StatusCode, got)
	}
}

func TestWrongMethodAndUnknownPathHavePages(t *testing.T) {
	s, _ := newBare(t, Options{})
	for _, test := range []struct {
		method, path string
		status       int
	}{{"POST", "/", 405}, {"DELETE", "/healthz", 405}, {"GET", "/absent", 404}, {"GET", "/static/app.css", 404}, {"GET", "/static/../web.go", 404}} {
		res := send(s, httptest.NewRequest(test.method, test.path, nil))
		if res.StatusCode != test.status || !strings.Contains(body(t, res), "<h1>") {
			t.Errorf("%s %s: %d, want %d and a page", test.method, test.path, res.StatusCode, test.status)
		}
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	s, _ := newBare(t, Options{})
	for _, path := range []string{"/", "/absent", "/healthz", static.URL("app.css")} {
		h := send(s, httptest.NewRequest(http.MethodGet, path, nil)).Header
		for name, want := range map[string]string{
			"Content-Security-Policy": contentPolicy, "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	reached := 0
	s, _ := newBare(t, Options{BaseURL: "https://survey.example.org"},
		route{http.MethodPost, "/take", anybody, func(c echo.Context) error { reached++; return c.NoContent(204) }})
	for _, test := range []struct {
		name, header, value string
		status              int
	}{
		{"same origin", "Sec-Fetch-Site", "same-origin", 204},
		{"another site", "Sec-Fetch-Site", "cross-site", 403},
		{"a sibling site", "Sec-Fetch-Site", "same-site", 403},
		{"a foreign origin", "Origin", "https://evil.example", 403},
		{"our own public address behind a proxy", "Origin", "https://survey.example.org", 204},
		{"no browser", "X-None", "x", 204},
	} {
		r := httptest.NewRequest(http.MethodPost, "/take", nil)
		r.Header.Set(test.header, test.value)
		if res := send(s, r); res.StatusCode != test.status {
			t.Errorf("%s: %d, want %d", test.name, res.StatusCode, test.status)
		}
	}
	if reached != 3 {
		t.Errorf("handler reached %d times, want 3", reached)
	}
}

func TestALargeBodyIsRefusedBeforeAndWhileReading(t *testing.T) {
	s, _ := newBare(t, Options{}, route{http.MethodPost, "/take", anybody, func(c echo.Context) error {
		if err := c.Request().ParseForm(); err != nil {
			return err
		}
		return c.NoContent(204)
	}})
	for name, length := range map[string]int64{"declared": MaxBodyBytes + 3, "undeclared": -1} {
		r := httptest.NewRequest(http.MethodPost, "/take", strings.NewReader("a="+strings.Repeat("x", MaxBodyBytes+1)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.ContentLength = length
		if res := send(s, r); res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s length: %d", name, res.StatusCode)
		}
	}
}

func TestTheLogHoldsTheRouteAndNeverTheToken(t *testing.T) {
	s, log := newBare(t, Options{}, route{http.MethodGet, "/r/:token", linkOwner, func(echo.Context) error { return survey.Errorf(survey.Closed, "closed") }})
	r := httptest.NewRequest(http.MethodGet, "/r/s3cr3tt0ken?name=Ada", nil)
	r.RemoteAddr = "203.0.113.9:1234"
	send(s, r)
	send(s, httptest.NewRequest(http.MethodGet, "/unknown/s3cr3tt0ken", nil))
	for _, secret := range []string{"s3cr3tt0ken", "Ada", "203.0.113.9"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	if !strings.Contains(log.String(), `"route":"/r/:token"`) || !strings.Contains(log.String(), `"status":410`) {
		t.Errorf("no request line:\n%s", log)
	}
}

func TestAPanicIsAnInternalErrorAndTellsOnlyItsType(t *testing.T) {
	s, log := newBare(t, Options{},
		route{http.MethodGet, "/a", anybody, func(echo.Context) error { panic("answer of Ada") }},
		route{http.MethodGet, "/b", anybody, func(echo.Context) error { var m map[string]int; m["x"] = 1; return nil }})
	for _, path := range []string{"/a", "/b"} {
		if res := send(s, httptest.NewRequest(http.MethodGet, path, nil)); res.StatusCode != 500 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if strings.Contains(log.String(), "Ada") || !strings.Contains(log.String(), "nil map") {
		t.Errorf("log:\n%s", log)
	}
}

func TestLinkOwnersPagesAreNeverKept(t *testing.T) {
	s, _ := newBare(t, Options{}, route{http.MethodGet, "/mine", linkOwner, func(c echo.Context) error { return c.NoContent(204) }})
	if got := send(s, httptest.NewRequest(http.MethodGet, "/mine", nil)).Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("cache-control %q", got)
	}
}

func TestAssetsAreCompressedAndKeptForEver(t *testing.T) {
	s, _ := newBare(t, Options{})
	plain, _ := static.ByName("app.css")
	for coding, want := range map[string]string{"": "", "gzip": "gzip", "br, gzip": "br", "gzip;q=0, br;q=0": "", "identity": ""} {
		r := httptest.NewRequest(http.MethodGet, static.URL("app.css"), nil)
		r.Header.Set("Accept-Encoding", coding)
		res := send(s, r)
		if got := res.Header.Get("Content-Encoding"); got != want || res.StatusCode != 200 {
			t.Errorf("%q: %d, coding %q, want %q", coding, res.StatusCode, got, want)
		}
		if !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%q: cache-control %q", coding, res.Header.Get("Cache-Control"))
		}
		if n := len(body(t, res)); want != "" && n*3 > len(plain.Body) {
			t.Errorf("%s: %d of %d bytes", want, n, len(plain.Body))
		}
	}
	r := httptest.NewRequest(http.MethodGet, static.URL("app.css"), nil)
	r.Header.Set("If-None-Match", `"`+plain.Hash+`"`)
	if res := send(s, r); res.StatusCode != http.StatusNotModified {
		t.Errorf("known etag: %d", res.StatusCode)
	}
}

func TestPagesAreCompressedWhereTheClientTakesIt(t *testing.T) {
	s, _ := newBare(t, Options{})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	res := send(s, r)
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal("not compressed")
	}
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	html, err := io.ReadAll(z)
	if err != nil || !bytes.Contains(html, []byte("<h1>")) {
		t.Errorf("%v: %.80s", err, html)
	}
}

func TestHeadAnswersAsGet(t *testing.T) {
	s, _ := newBare(t, Options{})
	if res := send(s, httptest.NewRequest(http.MethodHead, "/", nil)); res.StatusCode != 200 {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestReadinessFollowsWhatTheServerStandsOn(t *testing.T) {
	var broken error
	s, log := newBare(t, Options{Ready: func(context.Context) error { return broken }})
	if res := send(s, httptest.NewRequest(http.MethodGet, "/readyz", nil)); res.StatusCode != 200 {
		t.Errorf("ready: %d", res.StatusCode)
	}
	broken = errors.New("no route to database")
	if res := send(s, httptest.NewRequest(http.MethodGet, "/readyz", nil)); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("not ready: %d, retry after %q", res.StatusCode, res.Header.Get("Retry-After"))
	}
	if !strings.Contains(log.String(), "no route to database") {
		t.Error("the cause is not in the log")
	}
	if res := send(s, httptest.NewRequest(http.MethodGet, "/healthz", nil)); res.StatusCode != 200 {
		t.Errorf("health: %d", res.StatusCode)
	}
}

func TestABaseURLThatIsNoneIsRefused(t *testing.T) {
	if _, err := New(Options{BaseURL: "survey.example.org"}); err == nil {
		t.Error("no error")
	}
}

func TestTheServerHasLimits(t *testing.T) {
	s, _ := newBare(t, Options{})
	h := s.HTTPServer("127.0.0.1:0")
	if h.ReadHeaderTimeout == 0 || h.ReadTimeout == 0 || h.WriteTimeout == 0 || h.IdleTimeout == 0 || h.MaxHeaderBytes == 0 {
		t.Errorf("a limit is missing: %+v", h)
	}
}
