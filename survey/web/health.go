package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
)

// healthz says that the process serves.
func (s *Server) healthz(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}

// readyz says that what the process stands on serves too.
func (s *Server) readyz(c echo.Context) error {
	if s.Ready == nil {
		return c.String(http.StatusOK, "ready\n")
	}
	if err := s.Ready(c.Request().Context()); err != nil {
		return survey.Errorf(survey.Unavailable, "not ready: %w", err)
	}
	return c.String(http.StatusOK, "ready\n")
}
