package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

const aKey = "k-0123456789abcdefghij"

// whole is a complete submission of the built-in questionnaire.
func whole(key string) map[string]any {
	answers := map[string]any{"role": "manager"}
	for _, f := range survey.Builtin().Fields() {
		switch {
		case f.Key == "role":
		case f.Kind == survey.Likert:
			answers[f.Key] = 5
		case f.Kind == survey.SingleChoice:
			answers[f.Key] = f.Item.Options[0].Code
		}
	}
	return map[string]any{"key": key, "language": "en", "answers": answers}
}

// told is the answer to a program.
type told struct {
	status      int
	header      http.Header
	Receipt     string
	ResponseID  string `json:"response_id"`
	SubmittedAt string `json:"submitted_at"`
	Again       bool
	Error       struct{ Kind, Message string }
	Problems    []survey.Problem
}

// tell posts a document to the address for programs.
func (f *field) tell(link string, document any) told {
	f.t.Helper()
	body, err := json.Marshal(document)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.tellRaw(link, "application/json", string(body))
}

func (f *field) tellRaw(link, contentType, body string) told {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodPost, link+"/responses", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return f.tellRequest(r)
}

func (f *field) tellRequest(r *http.Request) told {
	f.t.Helper()
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	got := told{status: w.Code, header: w.Header()}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		f.t.Fatalf("%d %q: %v", w.Code, w.Body, err)
	}
	return got
}

func TestOnePostKeepsAWholeResponseOnceOnBothDatabases(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		open := "/o/" + f.openToken()
		first := f.tell(open, whole(aKey))
		if first.status != 201 || first.Receipt == "" || first.ResponseID == "" || first.SubmittedAt == "" || first.Again {
			t.Fatalf("%+v", first)
		}
		again := f.tell(open, whole(aKey))
		if again.status != 200 || !again.Again || again.Receipt != first.Receipt || again.ResponseID != first.ResponseID || again.SubmittedAt != first.SubmittedAt {
			t.Errorf("again: %+v, first %+v", again, first)
		}
		other := whole(aKey)
		other["answers"].(map[string]any)["role"] = "other"
		if got := f.tell(open, other); got.status != 409 || got.Receipt != first.Receipt || got.Error.Kind != "conflict" {
			t.Errorf("other answers: %+v", got)
		}
		kept, err := f.store.ResponseByKey(t.Context(), f.Wave.ID, aKey)
		if err != nil || kept.Response.Role != "manager" || kept.Response.OrganizationID != f.Organization.ID {
			t.Errorf("kept %+v, %v", kept, err)
		}
		f.now = f.Wave.ClosesAt
		if got := f.tell(open, whole(aKey)); got.status != 200 || got.Receipt != first.Receipt {
			t.Errorf("after the end: %+v", got)
		}
		if got := f.tell(open, whole(aKey+"x")); got.status != 410 || got.Error.Kind != "closed" {
			t.Errorf("a new one after the end: %+v", got)
		}
	})
}
