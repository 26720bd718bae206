package web

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/words"
)

// Limits of one request beside those of the server.
const (
	MaxURLBytes   = 4 << 10
	MaxFormFields = 2000 // far above any questionnaire
	MaxNameBytes  = 300
	MaxFieldBytes = 64 << 10
	MaxStaffBytes = 1 << 20 // of a form of somebody with an account: what is too long is told beside its field
)

// The headers of every answer. The values are shared, never changed: setting
// them costs no memory.
var (
	headerPolicy      = []string{contentPolicy}
	headerReferrer    = []string{"same-origin"}
	headerSniff       = []string{"nosniff"}
	headerOpener      = []string{"same-origin"}
	headerResource    = []string{"same-origin"}
	headerNoStore     = []string{"no-store"}
	headerPermissions = []string{"camera=(), geolocation=(), microphone=()"}
)

// guard sets the headers and refuses what no handler should see.
func (s *Server) guard(c echo.Context, next echo.HandlerFunc) error {
	r := c.Request()
	h := c.Response().Header()
	h["Content-Security-Policy"] = headerPolicy
	h["Referrer-Policy"] = headerReferrer
	h["X-Content-Type-Options"] = headerSniff
	h["Cross-Origin-Resource-Policy"] = headerResource
	h["Permissions-Policy"] = headerPermissions
	if c.Scheme() == "https" { // browsers ignore it elsewhere, and complain
		h["Cross-Origin-Opener-Policy"] = headerOpener
	}
	if len(r.RequestURI) > MaxURLBytes {
		return longAddress
	}
	if err := s.checkBody(c, r); err != nil {
		return err
	}
	if strings.Contains(c.Path(), ":token") {
		return s.watchGuesses(c, next)
	}
	return next(c)
}

// checkBody keeps other sites from sending forms in a visitor's name, and stops
// a body at its limit: what reads it gets an error.
func (s *Server) checkBody(c echo.Context, r *http.Request) error {
	if r.Method == http.MethodGet && r.ContentLength == 0 {
		return nil
	}
	if err := s.protection.Check(r); err != nil {
		return explained{kind: survey.Forbidden}
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		// A small body must not become a large one here.
		c.Response().Header().Set("Accept-Encoding", "identity")
		return packedBody
	}
	limit := permissions[r.Method+" "+c.Path()].mostBytes()
	if r.ContentLength > limit {
		return tooLarge()
	}
	if r.ContentLength != 0 {
		r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
	}
	return nil
}

func tooLarge() error {
	return explained{kind: survey.TooLarge}
}

// checkForm refuses a body that is no form a page could have sent, before it is
// taken apart.
func checkForm(body []byte) error {
	if err := checkFields(body); err != nil {
		return err
	}
	for len(body) > 0 {
		var pair []byte
		pair, body, _ = bytes.Cut(body, []byte{'&'})
		name, value, _ := bytes.Cut(pair, []byte{'='})
		if len(name) > MaxNameBytes || len(value) > MaxFieldBytes {
			return survey.Errorf(survey.TooLarge, "one field of the form is longer than %d kilobytes; please shorten the longest text", MaxFieldBytes>>10)
		}
	}
	return nil
}

// checkFields refuses a body with more fields than any page has.
func checkFields(body []byte) error {
	if bytes.Count(body, []byte{'&'}) >= MaxFormFields {
		return survey.Errorf(survey.TooLarge, "the form has more than %d fields, which no page has", MaxFormFields)
	}
	return nil
}

// refused is an error that has its own words and no kind.
type refused struct{ words failure }

func (e refused) Error() string { return e.words.in(words.Embedded().English()).sentence() }

func (e refused) failure() failure { return e.words }

var (
	longAddress = refused{failure{status: http.StatusRequestURITooLong, kind: survey.TooLarge, says: "long_address"}}
	unfinished  = refused{failure{status: http.StatusRequestTimeout, kind: "timeout", says: "unfinished"}}
	packedBody  = refused{failure{status: http.StatusUnsupportedMediaType, kind: "unsupported", says: "unsupported", detail: "compressed"}}
)
