package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// asked gets a page as a browser with these languages.
func (f *field) asked(path, accept string) answer {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", accept)
	return f.do(r)
}

// spoken is language and direction of the page.
func (a answer) spoken() string {
	a.t.Helper()
	page := a.find("html", "", "")[0]
	lang, _ := attribute(page, "lang")
	dir, _ := attribute(page, "dir")
	return lang + " " + dir
}

func TestTheConsentPageFollowsTheBrowserAndThenTheReader(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link, open := f.invited(), "/o/"+f.openToken()
	for _, path := range []string{link, open} {
		for _, test := range []struct{ query, accept, want string }{
			{"", "", "en ltr"}, {"", "de-CH,de;q=0.9", "de ltr"}, {"", "ar", "ar rtl"}, {"", "ja", "en ltr"},
			{"?lang=fr", "de", "fr ltr"}, {"?lang=xx", "es", "es ltr"}, {"?lang=%00", "de", "de ltr"}, {"?lang=", "de", "de ltr"},
		} {
			page := f.asked(path+test.query, test.accept)
			if got := page.spoken(); got != test.want || page.status != http.StatusOK {
				t.Errorf("%s with %q: %s, want %s", test.query, test.accept, got, test.want)
			}
			if vary := page.header.Get("Vary"); !strings.Contains(vary, "Accept-Language") {
				t.Errorf("vary %q", vary)
			}
			if language := page.value("language"); language != test.want[:2] {
				t.Errorf("the form begins in %q, the page is in %s", language, test.want)
			}
			if links := page.find("a", "hreflang", ""); len(links) != 5 {
				t.Errorf("%d languages can be chosen", len(links))
			}
			if len(page.header["Set-Cookie"]) > 0 {
				t.Error("a cookie is set")
			}
		}
	}
}

func TestTheLanguageOfTheDraftIsThatOfItsPages(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.post(link, url.Values{"language": {"de"}}).mustSee("/s/1")
	f.next(link, 1, url.Values{"role": {"manager"}}).mustSee("/s/2")
	for _, page := range []string{"/s/2", "/saved", "/review"} {
		if got := f.asked(link+page, "fr").spoken(); got != "de ltr" {
			t.Errorf("%s is in %s", page, got)
		}
	}
	f.post(link+"/language", url.Values{"language": {"ar"}, "page": {"review"}}).mustSee("/review")
	if got := f.get(link + "/review").spoken(); got != "ar rtl" {
		t.Errorf("the review is in %s", got)
	}
	for _, form := range []url.Values{{"language": {"xx"}, "page": {"review"}}, {"language": {"de"}, "page": {"//evil.example"}}, {}} {
		f.post(link+"/language", form).mustBe(http.StatusBadRequest, "")
	}
	if got := f.get(link + "/review").spoken(); got != "ar rtl" {
		t.Errorf("after refusals the review is in %s", got)
	}
	f.post(link+"/submit", f.fillAll(link).form()).mustSee("/receipt")
	for query, want := range map[string]string{"": "ar rtl", "?lang=de": "de ltr", "?lang=xx": "ar rtl"} {
		if got := f.asked(link+"/receipt"+query, "fr").spoken(); got != want {
			t.Errorf("the receipt with %q is in %s, want %s", query, got, want)
		}
	}
	kept, err := f.store.ResponseByInvitation(t.Context(), f.Wave.ID, f.invitationOf(link))
	if err != nil || kept.Response.Language != "ar" {
		t.Errorf("the response is in %q (%v)", kept.Response.Language, err)
	}
}

func TestAnotherLanguageKeepsThePageAndWhatStandsOnIt(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) { checkSwitch(t, newField(t, config)) })
}

func checkSwitch(t *testing.T, f *field) {
	link := f.invited()
	f.begin(link, "manager")
	entered := url.Values{"decision_makers": {"6"}, "cycle_months": {"2,5"}}
	f.press(link, 2, "language-de", entered).mustSee("/s/2")
	page := f.get(link + "/s/2")
	if page.spoken() != "de ltr" || page.value("decision_makers") != "6" || page.value("cycle_months") != "2,5" {
		t.Errorf("%s with %v", page.spoken(), page.form())
	}
	f.press(link, 2, "language-en", nil).mustSee("/s/2")
	if got := f.get(link + "/s/2").value("cycle_months"); got != "2.5" {
		t.Errorf("in English the number is %q", got)
	}
	f.press(link, 2, "language-xx", nil).mustSee("/s/2")
	if got := f.get(link + "/s/2").spoken(); got != "en ltr" {
		t.Errorf("a language that is not offered leads to %s", got)
	}
	draft, err := f.store.DraftByInvitation(t.Context(), f.invitationOf(link))
	if err != nil {
		t.Fatal(err)
	}
	field, _ := f.Instrument.FieldByKey("cycle_months")
	if got := draft.Answers[field.Index]; got != (survey.Answer{State: survey.Valid, Number: 2.5}) {
		t.Errorf("kept is %+v", got)
	}
}

func TestErrorsAreToldInTheLanguageOfTheReader(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.post(link, url.Values{"language": {"es"}}).mustSee("/s/1")
	if got := f.asked(link+"/s/99", "fr").spoken(); got != "es ltr" {
		t.Errorf("an error of the journey is in %s", got)
	}
	if got := f.asked("/o/unknown", "ar-EG").spoken(); got != "ar rtl" {
		t.Errorf("an unknown link is told in %s", got)
	}
	if got := f.asked("/results/none", "de").spoken(); got != "en ltr" {
		t.Errorf("staff read %s", got)
	}
	r := httptest.NewRequest(http.MethodPost, link+"/responses", strings.NewReader("{}"))
	r.Header.Set("Accept-Language", "de")
	if a := f.do(r); strings.Contains(a.text, "gelesen") {
		t.Errorf("a program is told %s", a.text)
	}
}
