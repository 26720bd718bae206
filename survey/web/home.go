package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/templates"
)

// home says what this is and leads to published results.
func (s *Server) home(c echo.Context) error {
	studies, err := s.publishedWaves(c.Request().Context())
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, templates.Home{Base: templates.Base{SkipNote: false}, Studies: studies})
}
