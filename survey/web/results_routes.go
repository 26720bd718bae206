package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// resultsRoutes are the pages that show results. Each answers as a page, as JSON
// (?format=json or an address that ends in .json) and as CSV, from one result.
func (s *Server) resultsRoutes() []route {
	return append([]route{
		{http.MethodGet, "/method", anybody, method},
		{http.MethodGet, "/results/:token", linkOwner, s.openLinkToResults},
		{http.MethodGet, "/results/:token/org/:org", linkOwner, s.openLinkToResults},
		{http.MethodGet, "/waves/:wave", linkOwner, s.waveResults},
		{http.MethodGet, "/waves/:wave/organizations/:org", linkOwner, s.organizationResults},
	}, s.wavePartRoutes()...)
}

// The forms in which a result is sent.
const (
	asPage = "html"
	asJSON = "json"
	asCSV  = "csv"
)

// asked splits the form that was asked for from the key that the address ends with.
// An unknown parameter is refused: whoever sets criteria=strict must not believe
// that the figures are those.
func asked(c echo.Context, key string) (name, form string, err error) {
	for parameter := range c.QueryParams() {
		if parameter != "format" && parameter != "table" {
			return key, "", survey.Errorf(survey.Invalid, "results have no parameter %q; there are format (html, json or csv) and table", parameter)
		}
	}
	for _, ending := range []string{asJSON, asCSV} {
		if name, found := strings.CutSuffix(key, "."+ending); found {
			return name, ending, nil
		}
	}
	switch form = c.QueryParam("format"); form {
	case "":
		return key, asPage, nil
	case asPage, asJSON, asCSV:
		return key, form, nil
	}
	return key, "", survey.Errorf(survey.Invalid, "results come as html, json or csv, not as %q", form)
}

func method(c echo.Context) error {
	return page(c, http.StatusOK, templates.MethodPage{Base: templates.Base{Title: "How to read the results", Wide: true, SkipNote: true,
		Styles: []string{"results.css"}}})
}

// waveResults shows a wave.
func (s *Server) waveResults(c echo.Context) error {
	key, form, err := asked(c, c.Param("wave"))
	if err != nil {
		return err
	}
	w, _, err := s.readableWave(c, key, "")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	shares, err := s.results.aggregates(ctx, w, "")
	if err != nil {
		return err
	}
	if shares != nil {
		return sendResult(c, form, shares, func() (templates.Page, error) { return aggregatePage(w, shares, true) })
	}
	b, err := s.results.benchmark(ctx, w)
	if err != nil {
		return err
	}
	return sendResult(c, form, b, func() (templates.Page, error) { return wavePage(w, b) })
}

// organizationResults shows one organization of a wave.
func (s *Server) organizationResults(c echo.Context) error {
	key, form, err := asked(c, c.Param("org"))
	if err != nil {
		return err
	}
	w, wide, err := s.readableWave(c, c.Param("wave"), key)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	shares, err := s.results.aggregates(ctx, w, key)
	if err != nil {
		return err
	}
	if shares != nil {
		return sendResult(c, form, shares, func() (templates.Page, error) { return aggregatePage(w, shares, wide) })
	}
	r, err := s.results.organization(ctx, w, key)
	if err != nil {
		return err
	}
	return sendResult(c, form, r, func() (templates.Page, error) { return organizationPage(w, r, wide) })
}

// tabular is a result that comes as tables too.
type tabular interface {
	Tables() []benchmark.Table
}

// sendResult sends one result in the form that was asked for.
func sendResult(c echo.Context, form string, result tabular, make func() (templates.Page, error)) error {
	switch form {
	case asJSON:
		return sendJSON(c, result)
	case asCSV:
		return sendCSV(c, result.Tables())
	}
	p, err := make()
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, p)
}

func sendJSON(c echo.Context, result any) error {
	body, err := json.Marshal(result)
	if err != nil {
		return err
	}
	return blob(c, http.StatusOK, "application/json; charset=utf-8", append(body, '\n'))
}

// sendCSV sends the table that was asked for, else the first.
func sendCSV(c echo.Context, tables []benchmark.Table) error {
	wanted := c.QueryParam("table")
	var names []string
	for _, t := range tables {
		names = append(names, t.Name)
		if wanted != "" && t.Name != wanted {
			continue
		}
		var out bytes.Buffer
		if err := t.WriteCSV(&out); err != nil {
			return err
		}
		c.Response().Header().Set("Content-Disposition", `attachment; filename="`+t.Name+`.csv"`)
		return blob(c, http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
	}
	return survey.Errorf(survey.NotFound, "there is no table %q; there are %s", wanted, strings.Join(names, ", "))
}
