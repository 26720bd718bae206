package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
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

func TestAWholeResponseByAPersonalLinkUsesItUpAndEndsItsDraft(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		link := f.invited()
		f.begin(link, "manager")
		first := f.tell(link, whole(aKey))
		if first.status != 201 {
			t.Fatalf("%+v", first)
		}
		if _, err := f.store.DraftByInvitation(t.Context(), f.invitationOf(link)); survey.KindOf(err) != survey.NotFound {
			t.Errorf("the draft is still there: %v", err)
		}
		f.get(link).mustSee("/receipt")
		if again := f.tell(link, whole(aKey)); again.status != 200 || again.Receipt != first.Receipt {
			t.Errorf("the same key: %+v", again)
		}
		if other := f.tell(link, whole(aKey+"-another")); other.status != 409 || other.Receipt != first.Receipt {
			t.Errorf("another key on a used link: %+v", other)
		}
		if unknown := f.tell("/r/"+strings.Repeat("a", 32), whole(aKey)); unknown.status != 404 {
			t.Errorf("an unknown link: %+v", unknown)
		}
	})
}

func TestAWholeResponseFinishesTheDraftOfAnOpenLinkOnce(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	open := "/o/" + f.openToken()
	mine := linkIn(f.post(open, f.get(open).form()).mustSee("/s/1"))
	first := f.tell(mine, whole(aKey))
	if first.status != 201 {
		t.Fatalf("%+v", first)
	}
	if again := f.tell(mine, whole(aKey+"-another")); again.status != 200 || again.Receipt != first.Receipt {
		t.Errorf("the same answers: %+v", again)
	}
	other := whole(aKey)
	other["answers"].(map[string]any)["role"] = "other"
	if got := f.tell(mine, other); got.status != 409 || got.Receipt != first.Receipt {
		t.Errorf("other answers: %+v", got)
	}
	f.get(mine).mustSee("/receipt")
}

func TestAWholeResponseIsRefusedWithItsFieldsAndSentences(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	open := "/o/" + f.openToken()
	for name, test := range map[string]struct {
		body, field, code string
		status            int
	}{
		"no JSON":            {`{"key":`, "", "", 400},
		"something after it": {`{"key":"` + aKey + `"} {}`, "", "", 400},
		"no key":             {`{"answers":{}}`, "key", survey.ProblemRequired, 422},
		"a short key":        {`{"key":"short","answers":{}}`, "key", survey.ProblemKey, 422},
		"an unknown field":   {`{"key":"` + aKey + `","aswers":{}}`, "aswers", survey.ProblemUnknownField, 422},
		"an unknown item":    {`{"key":"` + aKey + `","answers":{"rol":"manager"}}`, "rol", survey.ProblemUnknownItem, 422},
		"an item twice":      {`{"key":"` + aKey + `","answers":{"role":"manager","role":"other"}}`, "role", survey.ProblemTwice, 422},
		"a list":             {`{"key":"` + aKey + `","answers":{"role":["manager"]}}`, "role", survey.ProblemWrongType, 422},
		"no role":            {`{"key":"` + aKey + `","answers":{}}`, "role", survey.ProblemRequired, 422},
		"an unknown option":  {`{"key":"` + aKey + `","answers":{"role":"king"}}`, "role", survey.ProblemUnknownOption, 422},
		"another language":   {`{"key":"` + aKey + `","language":"xx","answers":{}}`, "language", survey.ProblemLanguage, 422},
	} {
		got := f.tellRaw(open, "application/json", test.body)
		if got.status != test.status || got.Error.Message == "" || got.Receipt != "" {
			t.Errorf("%s: %+v", name, got)
		}
		if test.field == "" {
			continue
		}
		found := false
		for _, p := range got.Problems {
			found = found || p.Field == test.field && p.Code == test.code && p.Message != ""
		}
		if !found {
			t.Errorf("%s: %+v", name, got.Problems)
		}
	}
}

func TestTwoHeadersThatDifferAreRefused(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	document := whole("")
	delete(document, "key")
	body, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	open := "/o/" + f.openToken()
	for _, test := range []struct {
		header map[string][]string
		status int
	}{
		{map[string][]string{"Idempotency-Key": {aKey, aKey + "-another"}}, 422},
		{map[string][]string{"Content-Type": {"application/json", "text/plain"}}, 415},
		{map[string][]string{"Content-Type": {"text/plain", "application/json"}}, 415},
		{map[string][]string{"Idempotency-Key": {aKey, `"` + aKey + `"`}, "Content-Type": {"application/json", "application/json"}}, 201},
	} {
		r := httptest.NewRequest(http.MethodPost, open+"/responses", bytes.NewReader(body))
		r.Header = http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {aKey}}
		for name, values := range test.header {
			r.Header[name] = values
		}
		if got := f.tellRequest(r); got.status != test.status {
			t.Errorf("%v: %+v", test.header, got)
		}
	}
}

func TestABrowserIsLedToAReceiptAndReadsProblemsOnAPage(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	open := "/o/" + f.openToken()
	values := url.Values{"key": {aKey}}
	for key, v := range whole("")["answers"].(map[string]any) {
		values.Set(key, fmt.Sprint(v))
	}
	send := func(values url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, open+"/responses", strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "text/html,application/xhtml+xml")
		w := httptest.NewRecorder()
		f.server.ServeHTTP(w, r)
		return w
	}
	taken := send(values)
	if taken.Code != 303 {
		t.Fatalf("%d %s", taken.Code, taken.Body)
	}
	f.get(taken.Header().Get("Location")).mustBe(200, "have arrived")
	values.Set("key", aKey+"-another")
	values.Set("role", "king")
	if refused := send(values); refused.Code != 422 || !strings.Contains(refused.Body.String(), "role: ") || !strings.Contains(refused.Header().Get("Content-Type"), "text/html") {
		t.Errorf("%d %s", refused.Code, refused.Body)
	}
	if got := f.get(open + "/receipt?key=" + aKey + "-unknown"); got.status != 404 {
		t.Errorf("a receipt nobody has: %d", got.status)
	}
	if got := f.tell(f.invited(), whole(aKey+"-invited")); got.status != 201 {
		t.Errorf("an invited person's response: %+v", got)
	}
	if got := f.get(open + "/receipt?key=" + aKey + "-invited"); got.status != 404 {
		t.Errorf("the receipt of an invited person by the open link: %d", got.status)
	}
}
