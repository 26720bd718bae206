package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// tabular is a result that comes as tables too.
type tabular interface {
	Tables() []benchmark.Table
}

// rendition is a result in one of its forms, ready to be sent.
type rendition struct {
	contentType string
	file        string // name under which a browser keeps it; empty: it is shown
	body        []byte // nil where it is large: then it is unpacked for the few who ask for it
	packed      []byte // gzip; nil where that saves nothing
}

// mostUnpacked is the size up to which a form is kept unpacked as well.
const mostUnpacked = 4 << 20

// sendResult sends one result in the form that was asked for.
func sendResult(c echo.Context, form string, result tabular, make func() (templates.Page, error)) error {
	made, err := render(c, form, result, make)
	if err != nil {
		return err
	}
	return made.send(c)
}

// sendKept is sendResult for a kept result: each form of it is made once. variant
// tells pages apart that are made for different readers.
func (s *Server) sendKept(c echo.Context, form, variant string, kept *keptResult, make func() (templates.Page, error)) error {
	value, ok := kept.value.(tabular)
	if !ok {
		return survey.Errorf(survey.Internal, "a result without tables")
	}
	tag, err := kept.tag(s.Version, form, variant, c.QueryParam("table"))
	if err != nil {
		return err
	}
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		c.Response().Header().Set("ETag", tag)
		return c.NoContent(http.StatusNotModified)
	}
	made, err := kept.form(tag, func() (*rendition, error) { return render(c, form, value, make) })
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", tag)
	return made.send(c)
}

// tag names a form of the result by the edition that is shown in it. What is
// withheld has no part in it: from the difference of two numbers, or from a name
// that changes while the page does not, people could be counted who may not be.
func (k *keptResult) tag(parts ...string) (string, error) {
	var p benchmark.Provenance
	switch v := k.value.(type) {
	case *benchmark.Benchmark:
		p = v.Provenance
	case *benchmark.OrganizationReport:
		p = v.Provenance
	case *benchmark.Trust:
		p = v.Provenance
	case *benchmark.Drivers:
		p = v.Provenance
	case *benchmark.GroupBenchmark:
		p = v.Provenance
	case *benchmark.League:
		p = v.Provenance()
	default:
		return "", survey.Errorf(survey.Internal, "a %T, which names no edition", k.value)
	}
	h := sha256.New()
	// Writing to a hash does not fail.
	_, _ = fmt.Fprintf(h, "%q %q %08x %q", p.Edition+p.Filter, p.Drawn, k.terms, parts)
	return `W/"` + p.Edition + "." + hex.EncodeToString(h.Sum(nil)[:12]) + `"`, nil
}

// matches says whether the client has one of these already.
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		if candidate = strings.TrimSpace(candidate); candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}

// form returns what was made under the name, or makes it once.
func (k *keptResult) form(name string, make func() (*rendition, error)) (*rendition, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if made := k.forms[name]; made != nil {
		return made, nil
	}
	made, err := make()
	if err == nil {
		k.forms[name] = made
	}
	return made, err
}

// render makes a form of a result.
func render(c echo.Context, form string, result tabular, make func() (templates.Page, error)) (*rendition, error) {
	var made *rendition
	var err error
	switch form {
	case asJSON:
		made, err = renderJSON(result)
	case asCSV:
		made, err = renderCSV(c, result.Tables())
	default:
		made, err = renderPage(make)
	}
	if err == nil && len(made.body) >= compressFrom {
		made.packed, err = gzipped(made.body)
		if err == nil && len(made.body) > mostUnpacked {
			made.body = nil
		}
	}
	return made, err
}

func renderPage(make func() (templates.Page, error)) (*rendition, error) {
	p, err := make()
	if err != nil {
		return nil, err
	}
	html, err := templates.Render(p)
	return &rendition{contentType: "text/html; charset=utf-8", body: html}, err
}

func renderJSON(result any) (*rendition, error) {
	var out bytes.Buffer
	err := json.NewEncoder(&out).Encode(result)
	return &rendition{contentType: "application/json; charset=utf-8", body: out.Bytes()}, err
}

// resultFile names a table after the wave, or the organization in it, and what it holds.
func resultFile(c echo.Context, table string) string {
	name := ""
	for _, of := range []string{"wave", "org"} {
		if key := strings.TrimSuffix(c.Param(of), "."+asCSV); key != "" {
			name += key + "-"
		}
	}
	return name + table + "." + asCSV
}

// renderCSV makes the table that was asked for, else the first.
func renderCSV(c echo.Context, tables []benchmark.Table) (*rendition, error) {
	wanted := c.QueryParam("table")
	var names []string
	for _, t := range tables {
		names = append(names, t.Name)
		if wanted != "" && t.Name != wanted {
			continue
		}
		var out bytes.Buffer
		err := t.WriteCSV(&out)
		return &rendition{contentType: "text/csv; charset=utf-8", file: resultFile(c, t.Name), body: out.Bytes()}, err
	}
	return nil, survey.Errorf(survey.NotFound, "there is no table %q; there are %s", wanted, strings.Join(names, ", "))
}

func (r *rendition) send(c echo.Context) error {
	h := c.Response().Header()
	h.Add("Vary", "Accept-Encoding")
	if r.file != "" {
		h.Set("Content-Disposition", `attachment; filename="`+r.file+`"`)
	}
	if r.packed != nil && accepts(c.Request(), "gzip") {
		h.Set("Content-Encoding", "gzip")
		return c.Blob(http.StatusOK, r.contentType, r.packed)
	}
	if r.body == nil && r.packed != nil {
		unpacked, err := gzip.NewReader(bytes.NewReader(r.packed))
		if err != nil {
			return err
		}
		return c.Stream(http.StatusOK, r.contentType, unpacked)
	}
	return c.Blob(http.StatusOK, r.contentType, r.body)
}

// lookAgain is how many seconds a reader of a page that is not ready is given.
const lookAgain = "2"

// notYet answers where a result could not be had: with a page that tells how far
// it has come and looks again by itself, and to a program with a code.
func (s *Server) notYet(c echo.Context, w resultWave, form string, err error) error {
	var wait loading
	if !errors.As(err, &wait) {
		return s.refused(c, form, err)
	}
	if form != asPage || wantsJSON(c.Request()) {
		c.Response().Header().Set("Retry-After", lookAgain)
		return s.answerProgram(c, wait.failure())
	}
	f := wait.failure()
	c.Response().Header().Set("Refresh", lookAgain)
	return page(c, http.StatusOK, templates.ResultsLoading{Base: pageBase(f.heading), Eyebrow: waveName(w.study, w.Wave), Heading: f.heading,
		Words: f.message, Percent: min(wait.percent, 100), Computing: wait.percent >= 100})
}

// refused is an error that a program which asked for a file gets as JSON.
func (s *Server) refused(c echo.Context, form string, err error) error {
	if f := describe(err); form != asPage && f.status == http.StatusServiceUnavailable {
		s.logFailure(c, f, err)
		c.Response().Header().Set("Retry-After", "30")
		return s.answerProgram(c, f)
	}
	return err
}

// answerProgram answers with the code of what is wrong.
func (s *Server) answerProgram(c echo.Context, f failure) error {
	return c.JSON(f.status, map[string]errorJSON{"error": {f.kind, f.message, requestIDOf(c)}})
}
