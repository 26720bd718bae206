package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// advisedAsStaff fails where a page speaks to somebody with an account as to a respondent,
// or leads nowhere.
func (a answer) advisedAsStaff(leadsTo string) {
	a.t.Helper()
	words := textOf(a.doc)
	for _, wrong := range []string{"your link", "invitation", "whoever sent it", "in one piece"} {
		if strings.Contains(words, wrong) {
			a.t.Errorf("the page says %q: %s", wrong, words)
		}
	}
	for _, link := range a.find("a", "class", "button") {
		if href, _ := attribute(link, "href"); href == leadsTo {
			return
		}
	}
	a.t.Errorf("nothing leads to %s: %s", leadsTo, a.text)
}

func TestFailuresOfStaffSayWhatIsNeededAndLeadOn(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root, viewer, executive := f.administrator(), f.as(survey.Viewer), f.as(survey.Executive)
	ada := f.as(survey.Administrator).user
	study := "/studies/" + f.Study.Key
	wave := study + "/waves/" + f.Wave.Key
	a := viewer.get(wave + "/settings")
	a.mustBe(http.StatusForbidden, "This page is for the role of administrator or researcher; you are viewer in this study.")
	a.mustBe(http.StatusForbidden, "Roles in this study are given by "+ada.Name+".")
	a.advisedAsStaff(wave)
	a = viewer.post(study+"/members", url.Values{"email": {"x@example.org"}})
	a.mustBe(http.StatusForbidden, "This page is for the role of administrator; you are viewer")
	a.advisedAsStaff(study)
	for path, leadsTo := range map[string]string{"/studies/none": "/studies", wave + "/nonsense": "/studies", study + "/waves/none": study, "/users/none": "/studies", "/audit/none": "/studies"} {
		a := root.get(path)
		a.mustBe(http.StatusNotFound, "")
		a.advisedAsStaff(leadsTo)
	}
	a = root.post(wave+"/open", nil)
	a.mustBe(http.StatusConflict, "The wave has opened already.")
	a.advisedAsStaff(wave)
	executive.get("/users").advisedAsStaff("/studies")
	f.stranger().get("/studies/nonsense/at/all").advisedAsStaff("/sign-in")
	a = executive.get("/waves/" + f.Wave.Key)
	a.mustBe(http.StatusForbidden, "executives those of their own organizations")
	a = root.send(study+"/documents", "ours.json", strings.Repeat(" ", MaxUploadBytes+1), url.Values{"kind": {"instrument"}})
	a.mustBe(http.StatusRequestEntityTooLarge, "shorten")
	a.advisedAsStaff("/studies")
	if a := f.get("/r/none"); !strings.Contains(textOf(a.doc), "invitation") {
		t.Errorf("a respondent is advised as staff: %s", textOf(a.doc))
	}
}

func TestAFormThatIsSentAfterTheSessionHasEndedIsNotLost(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root := f.administrator()
	typed := url.Values{"title": {"Ours"}, "purpose": {"Two\nlines, <b> and \"signs\""}, "contact": {"us@example.org"}}
	gone := f.stranger()
	a := gone.post("/studies/new", typed)
	a.mustBe(http.StatusUnauthorized, "Your session has ended, so nothing was changed.")
	a.mustBe(http.StatusUnauthorized, "in a new tab")
	for name := range typed {
		if a.value(name) != typed.Get(name) {
			t.Errorf("%s comes back as %q", name, a.value(name))
		}
	}
	root.post("/studies/new", a.form()).mustSee("/studies/ours")
	study, err := f.store.StudyByKey(t.Context(), "ours")
	if err != nil || study.Purpose != strings.TrimSpace(typed.Get("purpose")) {
		t.Errorf("%+v, %v", study, err)
	}
	for path, secret := range map[string]url.Values{"/account/password": {"password": {"old secret words"}, "new-password": {"new secret words"}}, "/account/codes/off": {"code": {"123456"}}} {
		a := gone.post(path, secret)
		a.mustBe(http.StatusUnauthorized, "sign in")
		if strings.Contains(a.text, "secret") || strings.Contains(a.text, "123456") {
			t.Errorf("%s: the page holds what must not stand in one", path)
		}
		a.advisedAsStaff("/sign-in")
	}
}

func TestAFormThatTheServiceCanNotTakeNowIsNotLost(t *testing.T) {
	f := newField(t, storetest.SQLite(t)) // its service has no key
	root := f.administrator()
	a := root.post(rosterAt+"/new", url.Values{"place": {teamChoice(f.Organization.ID, "")}, "email": {"grace@example.org"}})
	a.mustBe(http.StatusServiceUnavailable, "no key of the installation")
	if a.value("email") != "grace@example.org" || strings.Contains(textOf(a.doc), "few seconds") {
		t.Errorf("the page is %s", a.text)
	}
	if err := f.store.UseKey(t.Context(), storetest.Key); err != nil {
		t.Fatal(err)
	}
	root.post(rosterAt+"/new", a.form()).mustSee("/roster")
	if people, err := f.store.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Limit: 9}); err != nil || len(people) != 1 {
		t.Errorf("%d people, %v", len(people), err)
	}
}

func TestTextsThatAreFarTooLongComeBackWithWhatIsWrongBesideThem(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root := f.administrator()
	study := "/studies/" + f.Study.Key
	long := strings.Repeat("x", 300<<10)
	wave := url.Values{"title": {long}, "instrument": {builtinName}, "criteria": {"none"}, "opens": {"2027-03-01T08:00"}, "late": {"0"}, "minimum": {"10"}, "mode": {"confidential"}, "wave-zone": {"UTC"}, "key": {"autumn"}}
	if _, err := f.store.PutWave(t.Context(), survey.Wave{StudyID: f.Study.ID, Key: "next", Title: "Next", InstrumentHash: f.Instrument.Hash(), OpensAt: f.now.AddDate(0, 0, 9)}); err != nil {
		t.Fatal(err)
	}
	for path, form := range map[string]url.Values{
		"/studies/new":                      {"title": {"Ours"}, "contact": {"us"}, "purpose": {long}},
		study + "/settings":                 {"title": {long}, "contact": {"us"}, "purpose": {"To learn."}},
		study + "/waves/new":                wave,
		study + "/waves/next/targets":       {"all": {long}},
		study + "/organizations/acme/teams": {"teams": {long}},
		study + "/waves/" + f.Wave.Key + "/mail-texts/invitation/en": {"subject": {"Come"}, "body": {long}},
	} {
		a := root.post(path, form)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, long) || len(a.find("p", "class", "problem")) == 0 {
			t.Errorf("%s: status %d, the text comes back: %v, %d problems", path, a.status, strings.Contains(a.text, long), len(a.find("p", "class", "problem")))
		}
		if len(a.text) > 2*len(long)+200_000 {
			t.Errorf("%s: the page has %d bytes", path, len(a.text))
		}
	}
	a := root.post("/studies/new", url.Values{"purpose": {strings.Repeat("x", MaxStaffBytes)}})
	a.mustBe(http.StatusRequestEntityTooLarge, "shorten the longest text")
	a.advisedAsStaff("/studies")
}
