package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestTwoTabsDoNotUndoEachOther(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root := f.administrator()
	study := "/studies/" + f.Study.Key
	first, second := root.get(study+"/settings").form(), root.get(study+"/settings").form()
	first.Set("title", "New title")
	root.post(study+"/settings", first).mustSee(study)
	second.Set("contact", "new@example.org")
	root.post(study+"/settings", second).mustSee(study) // it has left the title alone
	kept, err := f.store.StudyByKey(t.Context(), f.Study.Key)
	if err != nil || kept.Title != "New title" || kept.Contact != "new@example.org" {
		t.Fatalf("%+v, %v", kept, err)
	}
	second.Set("title", "Another title") // still with the marks of the form that was opened first
	a := root.post(study+"/settings", second)
	a.mustBe(http.StatusUnprocessableEntity, "it is “New title” now. Saving again puts what stands here in its place.")
	if a.value("title") != "Another title" {
		t.Errorf("the form has forgotten what was typed: %q", a.value("title"))
	}
	root.post(study+"/settings", a.form()).mustSee(study)
	if kept, err := f.store.StudyByKey(t.Context(), f.Study.Key); err != nil || kept.Title != "Another title" {
		t.Errorf("%+v, %v", kept, err)
	}
	root.post(study+"/settings", url.Values{"title": {"By a program"}, "purpose": {"p"}, "contact": {"c"}}).mustSee(study)
}

func TestTwoTabsOfAWaveKeepMomentsAndChoices(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root := f.administrator()
	if err := f.store.SetZone(t.Context(), root.user.ID, "America/New_York"); err != nil {
		t.Fatal(err)
	}
	study := "/studies/" + f.Study.Key
	wave := url.Values{"title": {"Next"}, "instrument": {builtinName}, "criteria": {"none"}, "opens": {"2027-03-01T08:00"}, "closes": {"2027-04-01T08:00"}, "late": {"0"}, "minimum": {"10"}, "mode": {"confidential"}, "wave-zone": {"UTC"}, "zone": {"America/New_York"}}
	root.post(study+"/waves/new", wave).mustSee("/waves/next")
	at := study + "/waves/next/settings"
	first, second := root.get(at).form(), root.get(at).form()
	first.Set("opens", "2027-03-02T09:30")
	first.Set("mode", "anonymous")
	root.post(at, first).mustSee("/waves/next")
	second.Set("title", "Renamed")
	root.post(at, second).mustSee("/waves/next")
	kept, err := f.store.WaveByKey(t.Context(), "next")
	if err != nil || kept.Title != "Renamed" || kept.Mode != survey.Anonymous || kept.OpensAt.Format(typedLayout) != "2027-03-02T14:30" || kept.ClosesAt.Format(typedLayout) != "2027-04-01T12:00" {
		t.Fatalf("%+v, %v", kept, err)
	}
	second.Set("opens", "2027-03-03T09:30")
	a := root.post(at, second)
	a.mustBe(http.StatusUnprocessableEntity, "it is “2027-03-02T14:30 UTC” now")
	if a.value("opens") != "2027-03-03T09:30" {
		t.Errorf("the form has forgotten what was typed: %q", a.value("opens"))
	}
}

func TestTwoTabsOfOtherForms(t *testing.T) {
	f := newFieldworkField(t)
	root := f.administrator()
	eve := f.signedIn(survey.User{Email: "eve@example.org", Name: "Eve"}).user
	base := "/studies/" + f.Study.Key
	for at, change := range map[string]struct{ name, first, second string }{
		"/users/" + string(eve.ID):                                  {"name", "Eva", "Evelyn"},
		base + "/organizations/" + f.Organization.Key:               {"industry", "it", "retail"},
		base + "/retention":                                         {"identity", "30", "60"},
		base + "/waves/" + f.Wave.Key + "/mail-texts/invitation/en": {"subject", "Come", "Please come"},
	} {
		first, second := root.get(at).form(), root.get(at).form()
		for _, form := range []url.Values{first, second} {
			if form.Get("was") == "" {
				t.Fatalf("%s does not say what it was opened with", at)
			}
			form.Del("drop") // of another form on the page
		}
		first.Set(change.name, change.first)
		if a := root.post(at, first); a.status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", at, a.status, textOf(a.doc))
		}
		second.Set(change.name, change.second)
		a := root.post(at, second)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(textOf(a.doc), "it is “"+change.first+"” now") || a.value(change.name) != change.second {
			t.Errorf("%s: %d %s", at, a.status, textOf(a.doc))
		}
	}
}
