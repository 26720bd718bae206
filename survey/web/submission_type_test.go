package web

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func TestASubmissionOfAnotherTypeOrCharsetIsToldWhatIsTaken(t *testing.T) {
	for given, taken := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, `application/json; charset="UTF-8"`: true,
		"application/x-www-form-urlencoded; charset=us-ascii": true, "Application/JSON": true,
		"application/json; charset=iso-8859-1": false, "application/x-www-form-urlencoded; charset=utf-16": false, "text/plain": false, "": false,
	} {
		request := httptest.NewRequest("POST", "/o/x/responses", nil)
		request.Header.Set("Content-Type", given)
		_, _, err := readSubmission(request, survey.Builtin(), []byte("{}"))
		var other refused
		if got := errors.As(err, &other); got == taken {
			t.Errorf("%q: %v", given, err)
		} else if f := other.failure(); got && (f.status != 415 || !strings.Contains(f.message, "application/json") || !strings.Contains(f.message, "application/x-www-form-urlencoded")) {
			t.Errorf("%q is refused with %+v", given, f)
		}
	}
}
