package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestTheFieldworkSaysWhichGroupsWillBeLargeEnough(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		f.invitePeople(f.Organization.ID, "a@example.org", "b@example.org", "c@example.org")
		page := wavePath(f.Study, f.Wave, "/fieldwork")
		a := f.as(survey.Researcher).get(page)
		a.mustBe(200, "0 of 1 organization has enough answers for the final results")
		a.mustBe(200, "out of reach")
		if strings.Contains(a.text, "a@example.org") {
			t.Error("the fieldwork tells addresses")
		}
	})
}

func TestTheFieldworkSaysWhatIsShownNowAndWhatAtTheEnd(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config, func(_ *store.Store, w *survey.Wave) { w.MinimumGroup = 5 })
		page, p := wavePath(f.Study, f.Wave, "/fieldwork"), f.as(survey.Researcher)
		f.answerAlike(9)
		a := p.get(page)
		a.mustBe(200, "1 of 1 organization has enough answers for the final results")
		a.mustBe(200, "Until the results are final 0 organizations are shown, from 10 answers on")
		a.mustBe(200, "an organization is shown from 10 answers on, because answers enter in steps of 5")
		if strings.Contains(a.text, "shown now") {
			t.Error("nine answers are said to be shown")
		}
		if got := f.as(survey.Viewer).get(wavePath(f.Study, f.Wave, "")); !strings.Contains(got.text, "from 10 answers on, and from 5 when they are final") {
			t.Errorf("a viewer reads:\n%s", textOf(got.doc))
		}
		one := f.Submission(100)
		if _, err := f.server.Intake.Submit(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		p.get(page).mustBe(200, "shown now")
		f.now = f.Wave.ClosesAt.Add(time.Second)
		a = p.get(page)
		a.mustBe(200, "show organizations with 5 answers or more")
		if strings.Contains(a.text, "steps of 5") || strings.Contains(a.text, "shown now") {
			t.Error("after the end there are two numbers still")
		}
	})
}

func TestTheFieldworkOfAnAnonymousWaveShowsNothingBeforeTheEnd(t *testing.T) {
	f := newField(t, storetest.SQLite(t), func(_ *store.Store, w *survey.Wave) { w.Mode = survey.Anonymous })
	a := f.as(survey.Researcher).get(wavePath(f.Study, f.Wave, "/fieldwork"))
	a.mustBe(200, "Nothing is shown before, since the wave is anonymous")
	if strings.Contains(a.text, "Until the results are final") {
		t.Error("a number is named from which an anonymous wave would be shown")
	}
}

func TestACoordinatorSeesTheFieldworkOfTheOwnOrganizations(t *testing.T) {
	f := newMailField(t, storetest.SQLite(t))
	other, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "other", Name: "Somebody Else"})
	if err != nil {
		t.Fatal(err)
	}
	f.invitePeople(other.ID, "c@example.org")
	page := wavePath(f.Study, f.Wave, "/fieldwork")
	a := f.as(survey.Coordinator).get(page)
	if a.mustBe(200, f.Organization.Name); strings.Contains(a.text, "Somebody Else") || strings.Contains(a.text, "1 invited") {
		t.Error("a coordinator sees another organization")
	}
	f.as(survey.Researcher).get(page+"?q=somebody").mustBe(200, "Somebody Else")
}

func TestTargetsAreSetUntilTheWaveOpens(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.as(survey.Researcher)
	planned, err := f.store.PutWave(t.Context(), survey.Wave{StudyID: f.Study.ID, Key: "later", Title: "Later", InstrumentHash: f.Wave.InstrumentHash, OpensAt: f.now.Add(time.Hour), MinimumGroup: 5})
	if err != nil {
		t.Fatal(err)
	}
	targets := wavePath(f.Study, planned, "/targets")
	p.post(targets, url.Values{"all": {"many"}}).mustBe(422, "One field needs another look")
	p.follow(targets, url.Values{"all": {"200"}, "role-manager": {"20"}, "organization-" + string(f.Organization.ID): {"30"}}).mustBe(200, "The targets are kept")
	if got := p.get(targets).value("role-manager"); got != "20" {
		t.Errorf("the target of managers is %q", got)
	}
	p.post(wavePath(f.Study, f.Wave, "/targets"), url.Values{"all": {"200"}}).mustBe(422, "")
}

func TestTheLinkOfSomebodyWhoHasBegunIsNotPrinted(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		f.invitePeople(f.Organization.ID, "a@example.org", "b@example.org")
		p := f.as(survey.Coordinator)
		sheets := wavePath(f.Study, f.Wave, "/roster/sheets")
		links := linksOn(p.get(sheets))
		if len(links) != 2 {
			t.Fatalf("%d links are printed", len(links))
		}
		f.begin("/r/"+links[0], "manager")
		if left := linksOn(p.get(sheets)); len(left) != 1 || left[0] != links[1] {
			t.Errorf("after one has begun %d links are printed", len(left))
		}
		people, err := f.store.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range people {
			a := p.get(wavePath(f.Study, f.Wave, "/roster/people/"+string(one.InvitationID)))
			if offered := strings.Contains(a.text, "Print the personal link"); offered == (one.Token == links[0]) || offered == strings.Contains(a.text, "not printed any more") {
				t.Errorf("the link of %s is offered: %v", one.Email, offered)
			}
		}
	})
}

// linksOn finds the tokens of personal links on a page.
func linksOn(a answer) []string {
	var tokens []string
	for _, m := range regexp.MustCompile(`/r/([a-z2-7]{32})`).FindAllStringSubmatch(a.text, -1) {
		tokens = append(tokens, m[1])
	}
	return tokens
}

func TestAnExecutiveIsLedToTheOwnResults(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	page := f.as(survey.Executive).get(wavePath(f.Study, f.Wave, ""))
	if page.mustBe(200, "Results of "+f.Organization.Name); !strings.Contains(page.text, resultsPath(f.Wave.Key, f.Organization.Key)) {
		t.Error("no link to the results of the own organization")
	}
}
