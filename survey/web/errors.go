package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// failure is what a person or a program is told. Pages of respondents have their
// words from the catalogue, others have them here, in English.
type failure struct {
	status int
	kind   survey.ErrorKind
	says   string    // names its messages: failure_SAYS, failure_SAYS_message, failure_SAYS_advice_1 ...
	detail string    // names another message in the place of failure_SAYS_message
	when   time.Time // stands in that message

	heading string
	message string // of the error itself
	advice  []string

	retryAfter string // in seconds; empty: it is of no use
}

// failures is the one table from kinds to statuses.
var failures = map[survey.ErrorKind]failure{
	survey.Invalid:     {status: http.StatusBadRequest, says: "invalid"},
	survey.NotFound:    {status: http.StatusNotFound, says: "not_found"},
	survey.Conflict:    {status: http.StatusConflict, says: "conflict"},
	survey.Closed:      {status: http.StatusGone, says: "closed"},
	survey.Forbidden:   {status: http.StatusForbidden, says: "forbidden"},
	survey.TooLarge:    {status: http.StatusRequestEntityTooLarge, says: "too_large"},
	survey.Unavailable: {status: http.StatusServiceUnavailable, says: "unavailable", retryAfter: "3"},
	survey.Internal:    {status: http.StatusInternalServerError, says: "internal"},
}

// The requests that no handler sees.
var (
	wrongMethod = failure{status: http.StatusMethodNotAllowed, kind: "wrong_method", says: "wrong_method"}
	unsupported = failure{status: http.StatusUnsupportedMediaType, kind: "unsupported", says: "unsupported"}
)

// explained is an error of the respondent's journey whose sentence is in the catalogue.
type explained struct {
	kind   survey.ErrorKind
	detail string
	when   time.Time
}

func (e explained) Error() string { return e.failure().in(words.Embedded().English()).sentence() }

// Unwrap gives the error its kind.
func (e explained) Unwrap() error { return &survey.Error{Kind: e.kind} }

func (e explained) failure() failure {
	f := failures[e.kind]
	f.kind, f.detail, f.when = e.kind, e.detail, e.when
	return f
}

// notOpenYet is the error of a wave that is planned.
type notOpenYet struct{ opens time.Time }

func (e notOpenYet) Error() string { return "the wave has not opened yet" }

func (e notOpenYet) failure() failure {
	return failure{status: http.StatusForbidden, kind: survey.Closed, says: "not_open", when: e.opens}
}

// describe finds the words for an error. The text of an internal error stays here.
func describe(err error) failure {
	var oversized *http.MaxBytesError
	if errors.As(err, &oversized) {
		err = tooLarge()
	}
	var own interface{ failure() failure }
	if errors.As(err, &own) {
		return own.failure()
	}
	var echoed *echo.HTTPError
	var classified *survey.Error
	if !errors.As(err, &classified) && errors.As(err, &echoed) {
		switch echoed.Code {
		case http.StatusNotFound:
			return byKind(survey.NotFound, "")
		case http.StatusMethodNotAllowed:
			return wrongMethod
		case http.StatusUnsupportedMediaType:
			return unsupported
		case http.StatusBadRequest:
			return byKind(survey.Invalid, "")
		}
	}
	if classified == nil {
		return byKind(survey.Internal, "")
	}
	return byKind(classified.Kind, classified.Message)
}

// byKind takes the table's words, and the error's own sentence where a person may see it.
func byKind(kind survey.ErrorKind, message string) failure {
	f, ok := failures[kind]
	if !ok {
		f, kind, message = failures[survey.Internal], survey.Internal, ""
	}
	f.kind = kind
	switch {
	case message == "" || kind == survey.Internal:
	case strings.HasPrefix(message, unknownWords):
		f.detail = "unknown_link"
	default:
		f.message = sentence(message)
	}
	return f
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") && !strings.HasSuffix(s, "!") {
		s += "."
	}
	return s
}

// answerError is the only place that turns an error into an answer, and the
// only one that logs it.
func (s *Server) answerError(err error, c echo.Context) {
	f := describe(err)
	s.logFailure(c, f, err)
	if ofStaff(c) {
		f = f.forStaff()
	}
	if c.Response().Committed {
		return
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if f.retryAfter != "" {
		c.Response().Header().Set("Retry-After", f.retryAfter)
	}
	if wantsJSON(c.Request()) || wantsData(c.Request()) || toSubmissions(c) && !isBrowser(c.Request()) {
		l := s.listener(c)
		if toSubmissions(c) { // programs read English
			l = s.Words.English()
		}
		err = c.JSON(f.status, answerJSON(f.in(l), f.kind, err, requestIDOf(c)))
	} else {
		err = s.failurePage(c, f)
	}
	if err != nil {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelDebug, "answer not sent", slog.String("id", requestIDOf(c)))
	}
}

// refusedJSON is what a program is told that asked for something in vain.
type refusedJSON struct {
	Error        errorJSON        `json:"error"`
	Problems     []survey.Problem `json:"problems,omitempty"` // of a submission, by field
	*receiptJSON                  // of the response that was there first
}

func answerJSON(said spokenFailure, kind survey.ErrorKind, err error, requestID string) refusedJSON {
	answer := refusedJSON{Error: errorJSON{kind, said.sentence(), requestID}}
	var not unacceptable
	if errors.As(err, &not) {
		answer.Problems = not.problems
	}
	var earlier refusal
	if errors.As(err, &earlier) {
		answer.receiptJSON = receiptOut(earlier.receipt)
	}
	return answer
}

type errorJSON struct {
	Kind      survey.ErrorKind `json:"kind"`
	Message   string           `json:"message"`
	RequestID string           `json:"request_id"`
}

func (s *Server) logFailure(c echo.Context, f failure, err error) {
	ctx := c.Request().Context()
	level := slog.LevelDebug
	if f.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil || c.Response().Committed && cutOff(err) {
		level = slog.LevelDebug // the client went away
	}
	s.Log.LogAttrs(ctx, level, "request failed", slog.String("id", requestIDOf(c)),
		slog.String("route", c.Path()), slog.String("kind", string(f.kind)), slog.String("error", err.Error()))
}

// cutOff says whether a connection was closed from the other side.
func cutOff(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

func (s *Server) failurePage(c echo.Context, f failure) error {
	said := f.in(s.listener(c))
	html, err := s.renderFailure(c, f, said)
	if err != nil {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelError, "error page", slog.String("error", err.Error()))
		return c.HTMLBlob(http.StatusInternalServerError, s.lastResort[said.words])
	}
	return c.HTMLBlob(f.status, html)
}

// renderFailure prefers the page that keeps what was typed.
func (s *Server) renderFailure(c echo.Context, f failure, said spokenFailure) ([]byte, error) {
	if ofStaff(c) {
		return templates.Render(s.staffFailurePage(c, f))
	}
	page := said.page()
	if f.status >= http.StatusInternalServerError {
		page.RequestID = requestIDOf(c)
	}
	if again, ok := againPage(c, said); ok {
		return templates.Render(again)
	}
	return templates.Render(page)
}

// prepareLastResort renders the plain 500 page while nothing is wrong yet.
func (s *Server) prepareLastResort() error {
	s.lastResort = make(map[*words.Language][]byte)
	for _, l := range s.Words.Languages() {
		html, err := templates.Render(failures[survey.Internal].in(l).page())
		if err != nil {
			return err
		}
		s.lastResort[l] = html
	}
	return nil
}

// wantsData says whether the address itself asks for a result as data. What went
// wrong with it is told as data too, whatever the client says that it accepts.
func wantsData(r *http.Request) bool {
	for _, form := range []string{asJSON, asCSV} {
		if r.URL.Query().Get("format") == form || strings.HasPrefix(r.URL.Path, "/waves/") && strings.HasSuffix(r.URL.Path, "."+form) {
			return true
		}
	}
	return false
}

// wantsJSON says whether the client asked for JSON and not for a page.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}
