package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// readyLimit is how long a probe waits for the database.
	readyLimit = 2 * time.Second
	// nearly is how long it waits for what is nearly loaded.
	nearly = 200 * time.Millisecond
)

// readiness is the answer to the question whether requests should be sent here.
type readiness struct {
	Status  string          `json:"status"` // ready, loading, computing, unavailable, draining
	Reasons []string        `json:"reasons"`
	Waves   []waveReadiness `json:"waves,omitempty"`
	cause   error           // for the log
}

// healthz says that the process serves.
func (s *Server) healthz(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}

// readyz says whether requests should be sent here, and if not, why.
func (s *Server) readyz(c echo.Context) error {
	r := s.readiness(c.Request().Context())
	s.logProbe(c.Request().Context(), r)
	if r.Status == "ready" {
		return c.JSON(http.StatusOK, r)
	}
	c.Response().Header().Set("Retry-After", "1")
	return c.JSON(http.StatusServiceUnavailable, r)
}

// logProbe writes a line when the answer to probes changes.
func (s *Server) logProbe(ctx context.Context, r readiness) {
	now := strings.Join(append([]string{r.Status}, r.Reasons...), " ")
	if last := s.lastProbe.Swap(&now); last != nil && *last == now {
		return
	}
	level, cause := slog.LevelInfo, ""
	if r.Status != "ready" {
		level = slog.LevelWarn
	}
	if r.cause != nil {
		cause = r.cause.Error()
	}
	s.Log.LogAttrs(ctx, level, "readiness", slog.String("status", r.Status), slog.Any("reasons", r.Reasons), slog.String("cause", cause))
}

// Readiness answers as /readyz does, for another listener.
func (s *Server) Readiness() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r := s.readiness(request.Context())
		w.Header().Set("Content-Type", "application/json")
		if r.Status != "ready" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		// A probe that has gone away needs no answer.
		_ = json.NewEncoder(w).Encode(r)
	})
}

// readiness has a sentence for each reason.
func (s *Server) readiness(ctx context.Context) readiness {
	r := readiness{Status: "ready", Reasons: []string{}}
	refuse := func(status, reason string) { r.Status, r.Reasons = status, append(r.Reasons, reason) }
	waves, loaded := s.results.live.settled(ctx, nearly)
	r.Waves = waves
	for _, w := range waves {
		if w.State == "refused" {
			r.Reasons = append(r.Reasons, "Results of a wave are not shown: "+w.Reason)
		}
	}
	if !loaded {
		refuse(notReady(waves))
	}
	if s.Ready != nil {
		ctx, cancel := context.WithTimeout(ctx, readyLimit)
		defer cancel()
		if err := s.Ready(ctx); err != nil {
			r.cause = err
			refuse("unavailable", "The database does not answer as it should: "+describe(err).message)
		}
	}
	if s.draining.Load() {
		refuse("draining", "This process is ending; send requests to another.")
	}
	return r
}

// notReady says what the waves of the start wait for.
func notReady(waves []waveReadiness) (status, reason string) {
	computing := false
	for _, w := range waves {
		if w.State == "loading" || w.State == "failing" {
			return "loading", "The responses of the waves with results are being read."
		}
		computing = computing || w.State == "computing"
	}
	if computing {
		return "computing", "The responses have been read; the first figures of the waves with results are being computed."
	}
	return "loading", "The responses of the waves with results are being read."
}

// Drain has the probes say that this process is ending, while it still answers.
// Connections are given up one by one with their next answer, so that nobody
// sends a request into one that is being closed.
func (s *Server) Drain() { s.draining.Store(true) }

// WarmUp begins to load the waves with results. The service is not ready before
// they are loaded and their first figures are computed.
func (s *Server) WarmUp() { s.results.live.warmUp() }
