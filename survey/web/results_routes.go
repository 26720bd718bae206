package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

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
		{http.MethodGet, "/waves/:wave/organizations", linkOwner, s.organizationList},
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
// A parameter that is neither usual nor among the page's others is refused: whoever
// sets criteria=strict must not believe that the figures are those.
func asked(c echo.Context, key string, others ...string) (name, form string, err error) {
	for parameter := range c.QueryParams() {
		if parameter != "format" && parameter != "table" && !slices.Contains(others, parameter) {
			return key, "", survey.Errorf(survey.Invalid, "these results have no parameter %q; there are %s", parameter,
				strings.Join(append([]string{"format (html, json or csv)", "table"}, others...), ", "))
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
		return s.notYet(c, w, form, err)
	}
	return s.sendKept(c, form, "", b.kept, func() (templates.Page, error) { return wavePage(b.wave(), b.value) })
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
		return s.notYet(c, w, form, err)
	}
	return s.sendKept(c, form, reader(wide), r.kept, func() (templates.Page, error) { return organizationPage(r.wave(), r.value, wide) })
}

// reader names the kind of reader of an organization's page.
func reader(wide bool) string {
	if wide {
		return "wave"
	}
	return "organization"
}
