package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"golang.org/x/net/html"
)

// field is an open wave behind a server.
type field struct {
	storetest.Fieldwork
	t      testing.TB
	store  *store.Store
	server *Server
	log    *bytes.Buffer
	now    time.Time
}

// newField serves a fresh store.
func newField(t *testing.T, config store.Config) *field {
	t.Helper()
	f := &field{t: t, now: storetest.Now}
	config.Clock = func() time.Time { return f.now }
	f.store = storetest.Open(t, config)
	f.Fieldwork = storetest.OpenWave(t, f.store)
	f.server, f.log = newBare(t, Options{Store: f.store, Submit: submitOne(f.store), Now: func() time.Time { return f.now }})
	return f
}

// submitOne sends a batch of one, as an idle intake does.
func submitOne(s *store.Store) func(context.Context, survey.Submission) (survey.Receipt, error) {
	return func(ctx context.Context, submission survey.Submission) (survey.Receipt, error) {
		outcomes, err := s.SubmitBatch(ctx, []survey.Submission{submission})
		if err != nil {
			return survey.Receipt{}, err
		}
		return outcomes[0].Receipt, outcomes[0].Err
	}
}

// answer is what the server sent, parsed.
type answer struct {
	t        testing.TB
	status   int
	header   http.Header
	location string
	text     string
	doc      *html.Node
}

func (f *field) get(path string) answer {
	f.t.Helper()
	return f.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (f *field) post(path string, form url.Values) answer {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return f.do(r)
}

func (f *field) do(r *http.Request) answer {
	f.t.Helper()
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	a := answer{t: f.t, status: w.Code, header: w.Header(), location: w.Header().Get("Location"), text: w.Body.String()}
	doc, err := html.Parse(strings.NewReader(a.text))
	if err != nil {
		f.t.Fatal(err)
	}
	a.doc = doc
	return a
}

// find returns the elements with the tag and the attribute value; an empty value matches any.
func (a answer) find(tag, key, value string) []*html.Node {
	var found []*html.Node
	for n := range a.doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != tag {
			continue
		}
		if got, has := attribute(n, key); key == "" || has && (value == "" || got == value || key == "class" && slices.Contains(strings.Fields(got), value)) {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (a answer) heading() string {
	a.t.Helper()
	all := a.find("h1", "", "")
	if len(all) != 1 {
		a.t.Fatalf("%d headings in %s", len(all), a.text)
	}
	return textOf(all[0])
}

func (a answer) value(name string) string {
	a.t.Helper()
	all := a.find("input", "name", name)
	if len(all) == 0 {
		a.t.Fatalf("no control %q in %s", name, a.text)
	}
	v, _ := attribute(all[0], "value")
	return v
}

// form is what a browser would send of the page unchanged.
func (a answer) form() url.Values {
	form := url.Values{}
	for _, n := range a.find("input", "name", "") {
		name, _ := attribute(n, "name")
		value, _ := attribute(n, "value")
		kind, _ := attribute(n, "type")
		_, checked := attribute(n, "checked")
		if (kind != "radio" && kind != "checkbox") || checked {
			form.Add(name, value)
		}
	}
	for _, n := range a.find("textarea", "name", "") {
		name, _ := attribute(n, "name")
		form.Add(name, textOf(n))
	}
	for _, n := range a.find("select", "name", "") {
		name, _ := attribute(n, "name")
		for option := range n.Descendants() {
			if _, selected := attribute(option, "selected"); selected {
				value, _ := attribute(option, "value")
				form.Set(name, value)
			}
		}
	}
	return form
}

func (a answer) mustSee(location string) string {
	a.t.Helper()
	if a.status != http.StatusSeeOther || !strings.HasSuffix(a.location, location) {
		a.t.Fatalf("%d to %q, want 303 to ...%s\n%s", a.status, a.location, location, a.text)
	}
	return a.location
}

func (a answer) mustBe(status int, words string) {
	a.t.Helper()
	if a.status != status || !strings.Contains(strings.ToLower(textOf(a.doc)), strings.ToLower(words)) {
		a.t.Fatalf("status %d, want %d with %q:\n%s", a.status, status, words, textOf(a.doc))
	}
}

// openToken makes an open link of the organization.
func (f *field) openToken() string {
	f.t.Helper()
	token := auth.NewToken()
	link := survey.OpenLink{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}
	if err := f.store.CreateOpenLink(f.t.Context(), link, auth.HashToken(token)); err != nil {
		f.t.Fatal(err)
	}
	return token
}

// invited makes an invitation and returns the address of its link.
func (f *field) invited() string {
	f.t.Helper()
	_, token := f.Invite(f.t, f.store, "")
	return "/r/" + token
}

// begin starts the questionnaire and chooses the role.
func (f *field) begin(link, role string) {
	f.t.Helper()
	f.post(link, url.Values{}).mustSee("/s/1")
	f.next(link, 1, url.Values{"role": {role}}).mustSee("/s/2")
}

// next opens a page, enters values and presses Next.
func (f *field) next(link string, n int, values url.Values) answer {
	f.t.Helper()
	return f.press(link, n, "next", values)
}

func (f *field) press(link string, n int, button string, values url.Values) answer {
	f.t.Helper()
	address := fmt.Sprintf("%s/s/%d", link, n)
	form := f.get(address).form()
	for key, value := range values {
		form[key] = value
	}
	form.Set("go", button)
	return f.post(address, form)
}

// complete is a valid answer to everything on a page.
func complete(page answer) url.Values {
	form := page.form()
	for _, n := range page.find("input", "type", "radio") {
		name, _ := attribute(n, "name")
		value, _ := attribute(n, "value")
		if value != "" && (form.Get(name) == "" || value == "6") {
			form.Set(name, value)
		}
	}
	return form
}

// fillAll answers every page and ends at the review.
func (f *field) fillAll(link string) answer {
	f.t.Helper()
	at := link + "/s/2"
	for range 20 {
		form := complete(f.get(at))
		form.Set("go", "next")
		a := f.post(at, form)
		if a.status != http.StatusSeeOther {
			f.t.Fatalf("%s: %d\n%s", at, a.status, textOf(a.doc))
		}
		if strings.HasSuffix(a.location, "/review") {
			return f.get(a.location)
		}
		at = a.location
	}
	f.t.Fatal("the questionnaire does not end")
	return answer{}
}

func TestAPersonalLinkLeadsFromConsentToReceiptOnBothDatabases(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		link := f.invited()
		consent := f.get(link)
		consent.mustBe(200, "fewer than 5 people")
		for _, words := range []string{"How we sell", "To learn.", "research@example.org", "Acme", "3 March 2026"} {
			if !strings.Contains(textOf(consent.doc), words) {
				t.Errorf("consent page lacks %q", words)
			}
		}
		f.begin(link, "manager")
		review := f.fillAll(link)
		review.mustBe(200, "Send my answers")
		receipt := f.get(f.post(link+"/submit", review.form()).mustSee("/receipt"))
		receipt.mustBe(200, "your answers have arrived")
		code := textOf(receipt.find("p", "class", "receipt-code")[0])
		if _, ok := auth.ParseReceiptCode(code); !ok {
			t.Errorf("receipt code %q", code)
		}
		// Every way back leads to the same receipt.
		f.post(link+"/submit", review.form()).mustSee("/receipt")
		f.get(link).mustSee("/receipt")
		f.get(link + "/s/3").mustSee(link)
		f.get(link + "/review").mustSee(link)
		f.get(link + "/submit").mustSee("/receipt")
		f.post(link, url.Values{}).mustSee(link)
		f.next(link, 3, url.Values{}).mustSee(link)
		if again := textOf(f.get(link+"/receipt").find("p", "class", "receipt-code")[0]); again != code {
			t.Errorf("receipt %q, then %q", code, again)
		}
	})
}

func TestAnOpenLinkMakesOneDraftPerPerson(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	open := "/o/" + f.openToken()
	first, second := f.get(open), f.get(open)
	if first.value("start") == second.value("start") {
		t.Fatal("two people get the same draft")
	}
	mine := f.post(open, first.form()).mustSee("")
	if again := f.post(open, first.form()).mustSee(""); again != mine {
		t.Errorf("a double click made two drafts: %s and %s", mine, again)
	}
	if other := f.post(open, second.form()).mustSee(""); other == mine {
		t.Error("the second person got the first one's draft")
	}
	page := f.get(f.get(mine).mustSee("/s/1"))
	page.mustBe(200, "Keep this link")
	if link := textOf(page.find("p", "id", "keep")[0]); !strings.HasSuffix(link, mine) {
		t.Errorf("keep %q, the draft is at %s", link, mine)
	}
	f.next(mine, 1, url.Values{"role": {"other"}}).mustSee("/s/2")
	review := f.fillAll(mine)
	f.get(f.post(mine+"/submit", review.form()).mustSee("/receipt")).mustBe(200, "have arrived")
	f.get(mine).mustSee("/receipt")
	// The consent page of the one who is done still leads to the same receipt.
	f.get(f.post(open, first.form()).mustSee(mine)).mustSee("/receipt")
}

func TestWordingFollowsTheRole(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	for role, words := range map[string]string{"salesperson": "deals of yours", "manager": "deals of your team", "executive": "deals of your organization", "other": "deals of your organization"} {
		link := f.invited()
		f.begin(link, role)
		f.get(link+"/s/2").mustBe(200, words)
	}
	link := f.invited()
	f.begin(link, "salesperson")
	form := f.next(link, 2, url.Values{"complex_sale": {"yes"}})
	form.mustSee("/s/3")
	if got := f.get(link + "/s/9"); len(got.find("fieldset", "data-sum", "")) != 0 {
		t.Error("a salesperson is asked how managers use their time")
	}
}

func TestAStatementReadsAsOneQuestion(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "salesperson")
	page := f.get(link + "/s/3")
	page.mustBe(200, "Page 3 of")
	groups := page.find("fieldset", "role", "radiogroup")
	if len(groups) != 7 {
		t.Fatalf("%d groups, want 7", len(groups))
	}
	for _, group := range groups {
		radios, legends := 0, 0
		for n := range group.Descendants() {
			if n.Data == "legend" {
				legends++
			}
			if kind, _ := attribute(n, "type"); n.Data == "input" && kind == "radio" {
				radios++
			}
		}
		if radios != 9 || legends != 1 {
			t.Errorf("%d radios, %d legends", radios, legends)
		}
	}
}

func TestProblemsAreSaidBesideTheFieldAndNothingTypedIsLost(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	tests := []struct {
		name   string
		page   int
		typed  url.Values
		field  string
		says   string
		keeps  map[string]string // control -> what stands in it
		stored map[string]string // saved although the page had problems
	}{
		{"a required answer is missing", 2, url.Values{"decision_makers": {"7"}}, "complex_sale", "choose one", map[string]string{"decision_makers": "7"}, map[string]string{"decision_makers": "7"}},
		{"a number is none", 2, url.Values{"complex_sale": {"no"}, "decision_makers": {"several"}}, "decision_makers", "not a number", map[string]string{"decision_makers": "several"}, map[string]string{"complex_sale": "no"}},
		{"a share above its limit", 10, url.Values{"sellers_at_quota": {"101"}, "win_rate": {"40"}}, "sellers_at_quota", "", map[string]string{"sellers_at_quota": "101"}, map[string]string{"win_rate": "40"}},
		{"shares that do not add up", 9, url.Values{"time_coaching": {"30"}, "time_selling": {"60"}}, "time_allocation", "adds up to 90", map[string]string{"time_coaching": "30", "time_selling": "60"}, map[string]string{"time_coaching": "30"}},
		{"a number and don't know", 2, url.Values{"complex_sale": {"yes"}, "decision_makers": {"5", "dk"}}, "decision_makers", "two different", map[string]string{"decision_makers": "5"}, nil},
		{"an option nobody offered", 2, url.Values{"complex_sale": {"<script>"}}, "complex_sale", "not one of the answers", nil, nil},
		{"markup in an open answer comes back as text", 11, url.Values{"greatest_risk": {"</textarea><script>alert(1)</script>" + strings.Repeat("x", 2000)}}, "greatest_risk", "at most 2000", map[string]string{}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f.t = t
			a := f.next(link, test.page, test.typed)
			a.mustBe(http.StatusUnprocessableEntity, test.says)
			summary := a.find("div", "id", "problems")
			if len(summary) != 1 {
				t.Fatal("no summary of problems")
			}
			if len(a.find("a", "href", "#q-"+test.field)) != 1 || len(a.find("p", "id", "p-"+test.field)) != 1 {
				t.Errorf("no link to, or no words at, %s:\n%s", test.field, a.text)
			}
			if !describes(a, "p-"+test.field) {
				t.Errorf("nothing is described by the problem of %s", test.field)
			}
			for name, want := range test.keeps {
				if got := a.value(name); got != want {
					t.Errorf("%s holds %q, typed was %q", name, got, want)
				}
			}
			saved := f.get(fmt.Sprintf("%s/s/%d", link, test.page)).form()
			for name, want := range test.stored {
				if saved.Get(name) != want {
					t.Errorf("%s is saved as %q, want %q", name, saved.Get(name), want)
				}
			}
			if len(a.find("script", "", "")) != 1 {
				t.Error("typed markup became an element")
			}
		})
	}
}

// describes says whether a control or group refers to the id.
func describes(a answer, id string) bool {
	for n := range a.doc.Descendants() {
		if ids, has := attribute(n, "aria-describedby"); has && slices.Contains(strings.Fields(ids), id) {
			return true
		}
	}
	return false
}

func TestAnUnusualNumberIsAskedOnceMore(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "executive")
	item := f.Instrument.ItemByKey("quota_attainment")
	if !item.AskAgain {
		t.Fatal("quota_attainment is not asked again")
	}
	again := f.next(link, 10, url.Values{"quota_attainment": {"320"}})
	again.mustBe(http.StatusUnprocessableEntity, "Yes, 320 is right")
	f.next(link, 10, url.Values{"quota_attainment": {"320"}, "confirm_quota_attainment": {"320"}}).mustSee("/s/11")
	if got := f.get(link + "/s/10").value("quota_attainment"); got != "320" {
		t.Errorf("saved %q", got)
	}
}

func TestBackAndStopSaveWithoutAskingForWhatIsMissing(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	f.press(link, 3, "back", url.Values{"problems_first": {"6"}}).mustSee("/s/2")
	f.press(link, 4, "stop", url.Values{"deal_plan": {"na"}}).mustSee("/saved")
	f.press(link, 9, "back", url.Values{"time_coaching": {"30"}}).mustSee("/s/8")
	if got := f.get(link + "/s/3").form().Get("problems_first"); got != "6" {
		t.Errorf("saved by Back: %q", got)
	}
	if got := f.get(link + "/s/4").form().Get("deal_plan"); got != "na" {
		t.Errorf("saved by Stop: %q", got)
	}
	if got := f.get(link + "/s/9").form().Get("time_coaching"); got != "30" {
		t.Errorf("unfinished shares: %q", got)
	}
	f.press(link, 2, "back", url.Values{"complex_sale": {"no"}, "decision_makers": {"many"}}).mustBe(422, "not a number")
	saved := f.get(link + "/saved")
	saved.mustBe(200, "You have answered 5 of")
	if !strings.Contains(textOf(saved.doc), link) {
		t.Error("the page does not say the link")
	}
}

func TestResumeLandsAtTheFirstUnfinishedPage(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.post(link, url.Values{}).mustSee("/s/1")
	f.get(link + "/s/5").mustSee("/s/1")
	f.next(link, 1, url.Values{"role": {"manager"}}).mustSee("/s/2")
	f.get(link).mustSee("/s/2")
	f.next(link, 2, url.Values{"complex_sale": {"yes"}}).mustSee("/s/3")
	f.get(link).mustSee("/s/3")
	form := complete(f.get(link + "/s/4"))
	f.next(link, 4, form)
	f.get(link).mustSee("/s/3")
	review := f.fillAll(link)
	review.mustBe(200, "complete")
	f.get(link).mustSee("/review")
}

func TestTheReviewNamesWhatIsMissingAndNothingIncompleteIsTaken(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	review := f.get(link + "/review")
	review.mustBe(200, "questions need an answer")
	if len(review.find("button", "", "")) != 0 {
		t.Error("incomplete answers can be sent")
	}
	target, _ := attribute(review.find("div", "id", "problems")[0].LastChild.PrevSibling.FirstChild.FirstChild, "href")
	if !strings.HasSuffix(target, "/s/2#q-complex_sale") {
		t.Errorf("the first link leads to %q", target)
	}
	complete := f.fillAll(link).form()
	f.press(link, 3, "stop", url.Values{"problems_first": {""}}).mustSee("/saved")
	stale := f.post(link+"/submit", complete)
	stale.mustBe(http.StatusConflict, "changed in another tab")
	forced := url.Values{"key": complete["key"]}
	draft, err := f.store.DraftByInvitation(t.Context(), f.invitationOf(link))
	if err != nil {
		t.Fatal(err)
	}
	v := &visit{place: place{instrument: f.Instrument}, draft: draft}
	_, digest, err := v.final()
	if err != nil {
		t.Fatal(err)
	}
	forced.Set("digest", fmt.Sprintf("%x", digest))
	f.post(link+"/submit", forced).mustBe(http.StatusUnprocessableEntity, "One question needs an answer")
}

func (f *field) invitationOf(link string) survey.InvitationID {
	f.t.Helper()
	invitation, err := f.store.InvitationByToken(f.t.Context(), auth.HashToken(strings.TrimPrefix(link, "/r/")))
	if err != nil {
		f.t.Fatal(err)
	}
	return invitation.ID
}

func TestTwoTabsOnDifferentPagesBothKeepTheirAnswers(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	tabA, tabB := f.get(link+"/s/3").form(), f.get(link+"/s/4").form()
	tabA.Set("problems_first", "7")
	tabB.Set("deal_plan", "2")
	tabA.Set("go", "stop")
	tabB.Set("go", "stop")
	f.post(link+"/s/3", tabA).mustSee("/saved")
	f.post(link+"/s/4", tabB).mustSee("/saved")
	if a, b := f.get(link+"/s/3").form().Get("problems_first"), f.get(link+"/s/4").form().Get("deal_plan"); a != "7" || b != "2" {
		t.Errorf("kept %q and %q", a, b)
	}
}

func TestTwoTabsOnOnePageShowBothAnswersBeforeOneIsLost(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	tabA, tabB := f.get(link+"/s/3").form(), f.get(link+"/s/3").form()
	tabA.Set("problems_first", "7")
	tabB.Set("problems_first", "2")
	tabB.Set("value_message", "3")
	tabA.Set("go", "stop")
	tabB.Set("go", "stop")
	f.post(link+"/s/3", tabA).mustSee("/saved")
	conflict := f.post(link+"/s/3", tabB)
	conflict.mustBe(http.StatusConflict, "Saved from elsewhere: 7 Strongly agree")
	if form := conflict.form(); form.Get("problems_first") != "2" || form.Get("value_message") != "3" {
		t.Errorf("what was entered is gone: %v", form)
	}
	if got := f.get(link + "/s/3").form().Get("problems_first"); got != "7" {
		t.Errorf("the other tab's answer was overwritten by %q", got)
	}
	insist := conflict.form()
	insist.Set("go", "stop")
	f.post(link+"/s/3", insist).mustSee("/saved")
	if got := f.get(link + "/s/3").form().Get("problems_first"); got != "2" {
		t.Errorf("after confirming: %q", got)
	}
}

func TestARetryAfterADroppedConnectionIsNoConflict(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	form := complete(f.get(link + "/s/3"))
	form.Set("go", "next")
	for range 3 {
		f.post(link+"/s/3", form).mustSee("/s/4")
	}
}

func TestTheScriptSavesInBetweenWithoutSkippingWhatNobodySaw(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	page := f.get(link + "/s/10")
	form := page.form()
	form.Set("go", "save")
	form.Set("win_rate", "4x")
	form.Set("forecast_error", "12,5")
	first := f.post(link+"/s/10", form)
	seen := strings.Trim(strings.Split(first.text, ":")[1], "\"}\n")
	if first.status != 200 || seen == form.Get("seen") || len(seen) != 16 {
		t.Fatalf("%d %s", first.status, first.text)
	}
	saved := f.get(link + "/s/10").form()
	if saved.Get("forecast_error") != "12.5" || saved.Get("win_rate") != "" || saved.Get("seen") != seen {
		t.Errorf("saved %v, seen %s", saved, seen)
	}
	// The page has been touched, not left: it is still where a resume leads.
	draft, err := f.store.DraftByInvitation(t.Context(), f.invitationOf(link))
	if err != nil {
		t.Fatal(err)
	}
	if field, _ := f.Instrument.FieldByKey("quota_attainment"); draft.Answers[field.Index].State != survey.NotShown {
		t.Errorf("an untouched question became %s", draft.Answers[field.Index].State)
	}
	// A number that is being changed keeps its last valid value meanwhile.
	form.Set("seen", seen)
	form.Set("forecast_error", "12,5 %%")
	if a := f.post(link+"/s/10", form); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if got := f.get(link + "/s/10").form().Get("forecast_error"); got != "12.5" {
		t.Errorf("saved %q", got)
	}
	// From a stale page it is refused, and says so as JSON.
	form.Set("seen", strings.Repeat("0", 16))
	form.Set("forecast_error", "3")
	r := httptest.NewRequest(http.MethodPost, link+"/s/10", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	if a := f.do(r); a.status != http.StatusConflict || !strings.Contains(a.text, `"kind":"conflict"`) {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestTimeOnPagesAddsUpAndALongPauseDoesNot(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	for _, wait := range []time.Duration{20 * time.Second, 10 * time.Second, 3 * time.Hour} {
		form := f.get(link + "/s/3").form()
		f.now = f.now.Add(wait)
		form.Set("go", "back")
		f.post(link+"/s/3", form).mustSee("/s/2")
	}
	draft, err := f.store.DraftByInvitation(t.Context(), f.invitationOf(link))
	if err != nil {
		t.Fatal(err)
	}
	if got := draft.Seconds[2]; got != 30 {
		t.Errorf("%v seconds, want 30", got)
	}
}

func TestWrongLinksAndWavesHaveTheirStatus(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link, open := f.invited(), "/o/"+f.openToken()
	unknown := auth.NewToken()
	for _, path := range []string{"/r/" + unknown, "/o/" + unknown, "/r/x", "/o/%00", "/r/" + strings.Repeat("a", 500), "/r/" + unknown + "/s/1",
		"/r/" + unknown + "/receipt", "/o/" + unknown + "/qr", open[:len(open)-1], link + "/s/99", link + "/nowhere"} {
		if strings.HasSuffix(path, "/s/99") {
			f.begin(link, "manager")
		}
		if a := f.get(path); a.status != http.StatusNotFound || a.heading() == "" {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	for _, n := range []string{"0", "-1", "abc", "1e3"} {
		f.get(link+"/s/"+n).mustBe(404, "no such page")
	}
	f.do(httptest.NewRequest(http.MethodPut, link, nil)).mustBe(405, "kind of request")
	f.post("/r/"+unknown, url.Values{}).mustBe(404, "not known")
	f.now = f.Wave.ClosesAt
	for _, a := range []answer{f.get(link), f.get(link + "/s/2"), f.get(open), f.post(open, url.Values{"start": {unknown}}), f.post(link+"/s/2", url.Values{}), f.post(link+"/submit", url.Values{})} {
		a.mustBe(http.StatusGone, "closed on 3 March 2026")
	}
	f.now = f.Wave.OpensAt.Add(-time.Hour)
	f.get(f.invited()).mustBe(http.StatusForbidden, "opens on 2 March 2026")
}

func TestDamagedBodiesAreRefusedWithTheirStatus(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link, open := f.invited(), "/o/"+f.openToken()
	f.begin(link, "manager")
	urlencoded := "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name, path, kind, body string
		status                 int
	}{
		{"broken escape", link + "/s/2", urlencoded, "complex_sale=%zz", 400},
		{"a semicolon as separator", link + "/s/2", urlencoded, "a=1;b=2", 400},
		{"too large", link + "/s/2", urlencoded, "greatest_risk=" + strings.Repeat("x", MaxBodyBytes), 413},
		{"another kind of body", link + "/s/2", "application/json", `{"complex_sale":"yes"}`, 415},
		{"no kind of body", link + "/s/2", "", "complex_sale=yes", 415},
		{"a start without its key", open, urlencoded, "", 400},
		{"a start with a key of somebody's choice", open, urlencoded, "start=me", 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.t = t
			r := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.kind)
			if a := f.do(r); a.status != test.status {
				t.Errorf("%d, want %d", a.status, test.status)
			}
		})
	}
	// What stands in the address does not count as an answer.
	r := httptest.NewRequest(http.MethodPost, link+"/s/2?complex_sale=yes", strings.NewReader("go=next"))
	r.Header.Set("Content-Type", urlencoded)
	f.t = t
	f.do(r).mustBe(422, "choose one")
}

func TestABusyIntakeKeepsTheDraftAndARetrySucceeds(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	review := f.fillAll(link)
	take := f.server.Submit
	f.server.Submit = func(context.Context, survey.Submission) (survey.Receipt, error) {
		return survey.Receipt{}, survey.Errorf(survey.Unavailable, "too many answers arrive at once; please try again in a moment")
	}
	busy := f.post(link+"/submit", review.form())
	busy.mustBe(http.StatusServiceUnavailable, "nothing is counted twice")
	if busy.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	f.server.Submit = take
	f.post(link+"/submit", review.form()).mustSee("/receipt")
}

func TestASubmissionWhoseAnswerWasLostGivesItsReceipt(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	review := f.fillAll(link)
	take := f.server.Submit
	f.server.Submit = func(ctx context.Context, submission survey.Submission) (survey.Receipt, error) {
		if _, err := take(ctx, submission); err != nil {
			t.Fatal(err)
		}
		return survey.Receipt{}, survey.Errorf(survey.Unavailable, "the connection broke")
	}
	f.post(link+"/submit", review.form()).mustBe(503, "try again")
	f.server.Submit = take
	f.post(link+"/submit", review.form()).mustSee("/receipt")
	f.get(link+"/receipt").mustBe(200, "have arrived")
}

func TestTheReceiptShowsOwnAnswersBesidePublishedFigures(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	f.fillAll(link)
	f.next(link, 3, url.Values{"problems_first": {"2"}})
	f.post(link+"/submit", f.get(link+"/review").form()).mustSee("/receipt")
	words := textOf(f.get(link + "/receipt").doc)
	for _, want := range []string{
		"You: 2 Disagree",
		"2014: 93% of respondents in the World-Class group of that study agreed.",
		"2014: 48% of all respondents agreed.",
		"2013: about 33% of all respondents agreed.",
		"2013: 34% of respondents outside that group agreed.",
	} {
		if !strings.Contains(words, want) {
			t.Errorf("the page lacks %q:\n%s", want, words)
		}
	}
}

func TestHostileNamesStayText(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	organization := f.Organization
	organization.Name = `</script><script>alert("x")</script>`
	if _, err := f.store.PutOrganization(t.Context(), organization); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{f.invited(), "/o/" + f.openToken(), "/o/" + f.openToken() + "/qr"} {
		page := f.get(path)
		page.mustBe(200, organization.Name)
		if strings.Contains(page.text, "<script>alert") {
			t.Errorf("%s: raw name", path)
		}
	}
}

func TestThePosterHoldsTheLinkAsACode(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	token := f.openToken()
	page := f.get("/o/" + token + "/qr")
	page.mustBe(200, "/o/"+token)
	svg := page.find("svg", "class", "qr")
	if len(svg) != 1 {
		t.Fatal("no code")
	}
	box, _ := attribute(svg[0], "viewbox")
	if box == "" {
		box, _ = attribute(svg[0], "viewBox")
	}
	if size, err := strconv.Atoi(strings.Fields(box)[2]); err != nil || size < 29 {
		t.Errorf("box %q", box)
	}
}

func TestNothingOfARespondentReachesTheLog(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	f.next(link, 11, url.Values{"greatest_risk": {"our secret weakness"}})
	f.next(link, 2, url.Values{"decision_makers": {"secret number"}})
	f.post(link+"/submit", url.Values{"key": {"x"}})
	for _, secret := range []string{strings.TrimPrefix(link, "/r/"), "secret", "Acme"} {
		if strings.Contains(f.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// weight is what goes over the wire.
func (f *field) weight(path string) int {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		f.t.Fatalf("%s: %d", path, w.Code)
	}
	return w.Body.Len()
}

func TestRespondentPagesAreSmallAndNeverKept(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "executive")
	assets := 0
	for _, path := range []string{"app.css", "respond.js", "mark.svg"} {
		assets += f.weight(static.URL(path))
	}
	for n := 1; n <= 11; n++ {
		path := fmt.Sprintf("%s/s/%d", link, n)
		if total := f.weight(path) + assets; total > 30<<10 {
			t.Errorf("page %d weighs %d bytes with its assets", n, total)
		}
		if got := f.get(path).header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("page %d: cache-control %q", n, got)
		}
	}
}
