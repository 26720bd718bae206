package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// failure is what a person or a program is told.
type failure struct {
	status  int
	kind    survey.ErrorKind
	heading string
	message string
	advice  []string

	retryAfter string // in seconds; empty: it is of no use
}

// failures is the one table from kinds to statuses and words.
var failures = map[survey.ErrorKind]failure{
	survey.Invalid: {status: http.StatusBadRequest, heading: "This could not be read",
		message: "What was sent is not something this page understands.",
		advice:  []string{"Go back and try again.", "If it happens again, open your link anew: what was saved is still there."}},
	survey.NotFound: {status: http.StatusNotFound, heading: "There is nothing at this address",
		message: "The link may have been cut off when it was copied, or it was withdrawn.",
		advice:  []string{"Open the link from your invitation again, complete and in one piece.", "If it still does not work, ask whoever sent it."}},
	survey.Conflict: {status: http.StatusConflict, heading: "This was changed in the meantime",
		message: "Something else was saved here before, for instance in a second tab.",
		advice:  []string{"Open your link again to see what is saved now."}},
	survey.Closed: {status: http.StatusGone, heading: "This questionnaire is closed",
		message: "Answers are no longer taken."},
	survey.Forbidden: {status: http.StatusForbidden, heading: "This is not allowed from here",
		message: "The request did not come from a page of this site.",
		advice:  []string{"Open your link again, complete and in one piece."}},
	survey.TooLarge: {status: http.StatusRequestEntityTooLarge, heading: "That is too much at once",
		message: "More was sent than a page of answers can hold.",
		advice:  []string{"Go back, shorten the longest text and send it again. What was saved before is still there."}},
	survey.Unavailable: {status: http.StatusServiceUnavailable, retryAfter: "3", heading: "Please try again in a moment",
		message: "The service is busy or can not reach its database. What you have saved is safe.",
		advice:  []string{"Wait a few seconds and reload the page. If you were sending answers, send them again: nothing is counted twice."}},
	survey.Internal: {status: http.StatusInternalServerError, heading: "Something went wrong on our side",
		message: "The fault was noted. What you have saved is safe.",
		advice:  []string{"Go back and try again. If it keeps happening, tell the contact named in your invitation."}},
}

// The requests that no handler sees.
var (
	wrongMethod = failure{status: http.StatusMethodNotAllowed, kind: "wrong_method", heading: "That does not work at this address",
		message: "This address does not take this kind of request.", advice: []string{"Open your link again and use the buttons on the page."}}
	unsupported = failure{status: http.StatusUnsupportedMediaType, kind: "unsupported", heading: "This could not be read",
		message: "Answers are taken as an ordinary form only."}
)

// notOpenYet is the error of a wave that is planned.
type notOpenYet struct{ opens time.Time }

func (e notOpenYet) Error() string { return "the wave has not opened yet" }

func (e notOpenYet) failure() failure {
	return failure{status: http.StatusForbidden, kind: survey.Closed, heading: "Not open yet",
		message: "This questionnaire opens on " + day(e.opens) + ".", advice: []string{"Please come back then with the same link."}}
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
	if message != "" && kind != survey.Internal {
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
	if c.Response().Committed {
		return
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if f.retryAfter != "" {
		c.Response().Header().Set("Retry-After", f.retryAfter)
	}
	if wantsJSON(c.Request()) || wantsData(c.Request()) || toSubmissions(c) && !isBrowser(c.Request()) {
		err = c.JSON(f.status, answerJSON(f, err, requestIDOf(c)))
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

func answerJSON(f failure, err error, requestID string) refusedJSON {
	answer := refusedJSON{Error: errorJSON{f.kind, f.message, requestID}}
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
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		level = slog.LevelDebug // the client went away
	}
	s.Log.LogAttrs(ctx, level, "request failed", slog.String("id", requestIDOf(c)),
		slog.String("route", c.Path()), slog.String("kind", string(f.kind)), slog.String("error", err.Error()))
}

func (s *Server) failurePage(c echo.Context, f failure) error {
	page := templates.Failure{
		Base:   templates.Base{Title: f.heading, Private: true, SkipNote: true},
		Status: f.status, Heading: f.heading, Message: f.message, Advice: f.advice,
	}
	if f.status >= http.StatusInternalServerError {
		page.RequestID = requestIDOf(c)
	}
	html, err := renderFailure(c, f, page)
	if err != nil {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelError, "error page", slog.String("error", err.Error()))
		return c.HTMLBlob(http.StatusInternalServerError, s.lastResort)
	}
	return c.HTMLBlob(f.status, html)
}

// renderFailure prefers the page that keeps what was typed.
func renderFailure(c echo.Context, f failure, page templates.Page) ([]byte, error) {
	if again, ok := againPage(c, f); ok {
		return templates.Render(again)
	}
	return templates.Render(page)
}

// prepareLastResort renders the plain 500 page while nothing is wrong yet.
func (s *Server) prepareLastResort() error {
	f := failures[survey.Internal]
	html, err := templates.Render(templates.Failure{Base: templates.Base{Title: f.heading, Private: true, SkipNote: true},
		Status: f.status, Heading: f.heading, Message: f.message, Advice: f.advice})
	s.lastResort = html
	return err
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
