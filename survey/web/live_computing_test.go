package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestAServiceIsNotReadyWhileTheFirstFiguresAreBeingComputed(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		c := newCluster(t, config)
		c.replica(testPace).submit(0, 20)
		r := c.replica(testPace)
		l := r.server.results.live
		p := l.panelOf(c.Wave.ID)
		r.until("/waves/spring.json", "loaded", people(10))
		panels := []*livePanel{p}
		w := &warming{}
		w.panels.Store(&panels)
		w.listed.Store(true)
		l.mu.Lock()
		l.warming = w
		l.mu.Unlock()
		if got := r.get("/readyz"); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"status":"computing"`) || !strings.Contains(got.body, `"state":"computing"`) {
			t.Errorf("while computing: %d %s", got.status, got.body)
		}
		// Its figures can not be made: that is for its readers, the others are served.
		view := *p.view.Load()
		view.state, view.wave.ID, view.input.Organizations = "broken", "none", nil
		p.view.Store(&view)
		p.computeFirst(t.Context(), make(chan struct{}, 1))
		if got := r.get("/readyz"); got.status != http.StatusOK {
			t.Errorf("a wave that fails keeps the service from being ready: %d %s", got.status, got.body)
		}
		if !strings.Contains(r.log.String(), "first figures") {
			t.Errorf("the log: %s", r.log.String())
		}
	})
}

func TestTheProgressPageDoesNotSayThatAllIsDoneWhileFiguresAreComputed(t *testing.T) {
	var s *Server
	s, _ = newBare(t, Options{}, route{http.MethodGet, "/progress", anybody, func(c echo.Context) error {
		return s.notYet(c, resultWave{}, asPage, loading{percent: 100})
	}})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/progress", nil))
	if body := w.Body.String(); strings.Contains(body, "100%") || strings.Contains(body, "value=") || !strings.Contains(body, "figures are being computed") {
		t.Errorf("%s", body)
	}
}
