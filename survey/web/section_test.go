package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

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

func TestNobodyIsToldHowLongItIsBeforeTheRoleIsKnown(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.post(link, f.get(link).form())
	first := f.get(link + "/s/1")
	if text := textOf(first.doc); !strings.Contains(text, "Page 1") || strings.Contains(text, "Page 1 of") || len(first.find("progress", "", "")) > 0 {
		t.Errorf("a total is shown that the role decides on: %s", text)
	}
	if text := textOf(first.doc); !regexp.MustCompile(`about \d+ to \d+ minutes left`).MatchString(text) {
		t.Errorf("no span of minutes: %s", text)
	}
	f.press(link, 1, "stop", url.Values{}).mustSee("/saved")
	if text := textOf(f.get(link + "/saved").doc); !strings.Contains(text, "Your answers are a draft") || strings.Contains(text, "questions") {
		t.Errorf("%s", text)
	}
	f.next(link, 1, url.Values{"role": {"manager"}})
	f.get(link+"/s/2").mustBe(200, "Page 2 of 1")
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
	// The same holds for what is stored in another form than it was typed in.
	for n, typed := range map[int]url.Values{
		9:  {"coaching_minutes": {" 45 "}, "time_coaching": {"33,3"}, "time_selling": {"33.3"}, "time_admin": {"33,4"}},
		10: {"win_rate": {"12,5"}}, 11: {"greatest_risk": {"two\r\nlines "}},
	} {
		form := f.get(fmt.Sprintf("%s/s/%d", link, n)).form()
		for key, value := range typed {
			form[key] = value
		}
		form.Set("go", "stop")
		for range 2 {
			f.post(fmt.Sprintf("%s/s/%d", link, n), form).mustSee("/saved")
		}
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

// FuzzAPostedPageNeverBreaks sends whatever can be sent as a form: the answer is
// a page or a redirect, and what is saved can be shown and reviewed again.
func FuzzAPostedPageNeverBreaks(f *testing.F) {
	f.Add(uint8(2), "complex_sale=yes&decision_makers=5&go=next")
	f.Add(uint8(3), "problems_first=8&value_message=dk&value_message=3&go=back")
	f.Add(uint8(9), "time_coaching=1e308&time_selling=-1&time_other=NaN&go=save")
	f.Add(uint8(9), "time_allocation=dk&time_coaching=99999&go=stop")
	f.Add(uint8(10), "quota_attainment=320&confirm_quota_attainment=3,2e2&seen=x")
	f.Add(uint8(11), "greatest_risk=%00%FF%C3%28&industry=isic_z&shown_at=-9223372036854775808")
	f.Add(uint8(1), "role=manager&role=other&go=next")
	fl := newFieldAt(f)
	link := fl.invited()
	fl.begin(link, "manager")
	f.Fuzz(func(t *testing.T, n uint8, body string) {
		fl.t = t
		r := httptest.NewRequest(http.MethodPost, fmt.Sprintf("%s/s/%d", link, 1+int(n)%11), strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if a := fl.do(r); a.status >= 500 {
			t.Errorf("status %d", a.status)
		}
		if a := fl.get(link + "/review"); a.status != http.StatusOK {
			t.Errorf("the review answers %d", a.status)
		}
	})
}

func TestDontKnowIsOfferedInTheReviewOnlyWhereItIsAnAnswer(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	f.get(link+"/review").mustBe(200, "“Don’t know” is an answer too. All other answers are saved.")
	f.fillAll(link)
	shares := f.get(link + "/s/9").form()
	if len(shares["part.time_coaching"])+len(shares["time_coaching"]) == 0 {
		t.Fatalf("no shares on page 9: %v", shares)
	}
	for name := range shares {
		if strings.HasSuffix(name, "time_coaching") {
			shares.Set(name, "90")
		}
	}
	shares.Set("go", "save")
	f.post(link+"/s/9", shares)
	review := f.get(link + "/review")
	review.mustBe(200, "One question needs an answer")
	review.mustBe(200, "All other answers are saved.")
	if strings.Contains(review.text, "Don’t know") {
		t.Error("shares that must add up to 100 % are said to have “Don’t know” as an answer")
	}
}
