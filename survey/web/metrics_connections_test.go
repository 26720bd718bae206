package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRefusedConnectionsAreCountedAndToldOnce(t *testing.T) {
	s, _ := newBare(t, Options{})
	var log lockedLog
	l := listen(t, s, &log, 100, 2)
	l.server.ReadTimeout, l.server.ReadHeaderTimeout = 0, 0
	s.metrics.registry.MustRegister(l.limits)
	l.start()
	for range 2 {
		l.dial() // and no request: neither is idle
	}
	for range 3 {
		if status := ask(l.dial()); status != 0 {
			t.Errorf("a connection too many is answered with %d", status)
		}
	}
	if n := log.count("connections are refused"); n != 1 {
		t.Errorf("the log says so %d times", n)
	}
	rec := httptest.NewRecorder()
	s.Metrics().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{"salesbench_connections 2\n", "salesbench_connections_refused_total 3\n"} {
		if !strings.Contains(rec.Body.String(), line) {
			t.Errorf("the metrics lack %q", line)
		}
	}
}
