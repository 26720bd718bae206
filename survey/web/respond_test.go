package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

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
	mine := linkIn(f.post(open, first.form()).mustSee("/s/1"))
	if again := linkIn(f.post(open, first.form()).mustSee("/s/1")); again != mine {
		t.Errorf("a double click made two drafts: %s and %s", mine, again)
	}
	if other := linkIn(f.post(open, second.form()).mustSee("/s/1")); other == mine {
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
	if len(review.find("form", "data-once", "")) != 0 {
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
	v := &visit{place: placeOf(&store.Place{Instrument: f.Instrument}), draft: draft}
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
	f.post("/r/"+unknown, url.Values{}).mustBe(404, "No questionnaire opens by this link")
	f.now = f.Wave.ClosesAt
	for _, a := range []answer{f.get(link), f.get(link + "/s/2"), f.get(open), f.post(open, url.Values{"start": {unknown}}), f.post(link+"/s/2", url.Values{}), f.post(link+"/submit", url.Values{})} {
		a.mustBe(http.StatusGone, "closed on 3 March 2026")
	}
	f.now = f.Wave.OpensAt.Add(-time.Hour)
	early, none := f.invited(), url.Values{"start": {unknown}}
	for _, a := range []answer{f.get(early), f.post(early, none), f.get(open), f.post(open, none)} {
		a.mustBe(http.StatusForbidden, "Not open yet This questionnaire opens on 2 March 2026")
	}
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

// intakeThat submits in its own way.
type intakeThat struct {
	Intake
	submit func(context.Context, survey.Submission) (survey.Receipt, error)
}

func (i intakeThat) Submit(ctx context.Context, submission survey.Submission) (survey.Receipt, error) {
	return i.submit(ctx, submission)
}

func TestABusyIntakeKeepsTheDraftAndARetrySucceeds(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	review := f.fillAll(link)
	take := f.server.Intake
	f.server.Intake = intakeThat{take, func(context.Context, survey.Submission) (survey.Receipt, error) {
		return survey.Receipt{}, survey.Errorf(survey.Unavailable, "too many answers arrive at once; please try again in a moment")
	}}
	busy := f.post(link+"/submit", review.form())
	busy.mustBe(http.StatusServiceUnavailable, "nothing is counted twice")
	if busy.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	f.server.Intake = take
	f.post(link+"/submit", review.form()).mustSee("/receipt")
}

func TestASubmissionWhoseAnswerWasLostGivesItsReceipt(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	review := f.fillAll(link)
	take := f.server.Intake
	f.server.Intake = intakeThat{take, func(ctx context.Context, submission survey.Submission) (survey.Receipt, error) {
		if _, err := take.Submit(ctx, submission); err != nil {
			t.Fatal(err)
		}
		return survey.Receipt{}, survey.Errorf(survey.Unavailable, "the connection broke")
	}}
	f.post(link+"/submit", review.form()).mustBe(503, "try again")
	f.server.Intake = take
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
	f.now = f.now.Add(61 * time.Minute)
	later := f.get(link + "/receipt")
	later.mustBe(200, "have arrived")
	if words := textOf(later.doc); strings.Contains(words, "You: ") {
		t.Errorf("an hour later whoever has the link reads the answers:\n%s", words)
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
