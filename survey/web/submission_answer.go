package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
)

// unacceptable is a submission that the questionnaire does not take.
type unacceptable struct{ problems []survey.Problem }

func (e unacceptable) Error() string {
	return strconv.Itoa(len(e.problems)) + " problems in a submission, the first with code " + e.problems[0].Code
}

// failure tells a browser all of them, as it tells a program.
func (e unacceptable) failure() failure {
	f := failure{status: http.StatusUnprocessableEntity, kind: survey.Invalid, heading: "Please look at your answers again",
		message: "Nothing was kept, because some answers are missing or can not be taken as they are."}
	for _, p := range e.problems {
		f.advice = append(f.advice, p.Field+": "+p.Message)
	}
	return f
}

// refusal is a conflict that names the response that was there first.
type refusal struct {
	err     error
	receipt survey.Receipt
}

func (e refusal) Error() string { return e.err.Error() }

func (e refusal) Unwrap() error { return e.err }

// refusedTwice adds the first receipt to a conflict.
func refusedTwice(err error, receipt survey.Receipt) error {
	if survey.KindOf(err) == survey.Conflict && receipt.Code != "" {
		return refusal{err, receipt}
	}
	return err
}

// receiptJSON is what a program gets once its answers are durable.
type receiptJSON struct {
	Receipt     string            `json:"receipt"`
	ResponseID  survey.ResponseID `json:"response_id"`
	SubmittedAt time.Time         `json:"submitted_at"`
	Again       bool              `json:"again"`
}

func receiptOut(r survey.Receipt) *receiptJSON {
	return &receiptJSON{r.Code, r.ResponseID, r.SubmittedAt, r.Again}
}

// sendReceipt answers a program with the receipt and leads a browser to its page.
func (s *Server) sendReceipt(c echo.Context, r survey.Receipt, at string) error {
	if isBrowser(c.Request()) {
		return see(c, at)
	}
	status := http.StatusCreated
	if r.Again {
		status = http.StatusOK
	}
	b := make([]byte, 0, 160)
	b = append(b, `{"receipt":"`...)
	b = append(b, r.Code...) // letters, digits and hyphens, as the id
	b = append(b, `","response_id":"`...)
	b = append(b, r.ResponseID...)
	b = append(b, `","submitted_at":"`...)
	b = r.SubmittedAt.AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","again":`...)
	b = strconv.AppendBool(b, r.Again)
	b = append(b, "}\n"...)
	return c.Blob(status, echo.MIMEApplicationJSON, b)
}

// isBrowser says whether a page is wanted.
func isBrowser(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// toSubmissions says whether the request went to an address for programs, where
// JSON is the answer unless a page is asked for.
func toSubmissions(c echo.Context) bool { return strings.HasSuffix(c.Path(), "/responses") }
