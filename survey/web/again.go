package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/templates"
)

// againPage carries what somebody typed through an answer that could not take
// it: all of the form in hidden fields, with a button that sends it once more.
// Without a form to carry there is no such page.
func againPage(c echo.Context, f spokenFailure) (templates.Page, bool) {
	r := c.Request()
	worthIt := f.status >= http.StatusInternalServerError || f.status == http.StatusTooManyRequests
	if r.Method != http.MethodPost || !worthIt || !strings.Contains(c.Path(), ":token") {
		return nil, false
	}
	form, err := readForm(c)
	if err != nil {
		return nil, false // half a form must not be sent as a whole one
	}
	p := templates.Again{Base: f.base(), Status: f.status, Heading: f.heading, Message: f.sentence(), Wait: f.wait, Action: r.URL.RequestURI()}
	p.Scripts = []string{"respond.js"}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			p.Fields = append(p.Fields, templates.HiddenField{Name: name, Value: value})
		}
	}
	return p, true
}
