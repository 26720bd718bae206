package web

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"golang.org/x/net/html"
)

const hostileRisk = "Too few “good” people </dd><script>alert(1)</script>\nالعربية"

// answered fills in the questionnaire, with an open answer, and returns what sending
// the review leads to.
func (f *field) answered(link, language string) answer {
	f.t.Helper()
	f.post(link, url.Values{"language": {language}})
	f.next(link, 1, url.Values{"role": {"manager"}}).mustSee("/s/2")
	f.fillAll(link)
	f.next(link, 9, url.Values{"time_coaching": {"60"}, "time_selling": {"40"}})
	f.next(link, 11, url.Values{"greatest_risk": {hostileRisk}})
	return f.post(link+"/submit", f.get(link+"/review").form())
}

// openDraft begins a draft by an open link.
func (f *field) openDraft(open, language string) string {
	f.t.Helper()
	return linkIn(f.post(open, url.Values{"start": {f.get(open).value("start")}, "language": {language}}).location)
}

// offers are the addresses of files that a page offers, as links or for its form.
func offers(a answer) []string {
	var found []string
	for _, n := range append(a.find("a", "href", ""), a.find("button", "formaction", "")...) {
		for _, key := range []string{"href", "formaction"} {
			if at, _ := attribute(n, key); strings.HasPrefix(at, "./answers.") {
				found = append(found, strings.TrimPrefix(at, "."))
			}
		}
	}
	return found
}

// ownFile reads the file of data.
func ownFile(t *testing.T, a answer) ownJSON {
	t.Helper()
	var own ownJSON
	if err := json.Unmarshal([]byte(a.text), &own); err != nil || a.status != 200 {
		t.Fatalf("%d %v: %.300s", a.status, err, a.text)
	}
	return own
}

// values are the answers of the file as a program hands them in.
func (o ownJSON) values() map[string]any {
	values := make(map[string]any)
	for _, section := range o.Sections {
		for _, a := range section.Answers {
			switch {
			case a.Missing != "" && a.Missing != "skipped":
				values[a.Key] = a.Missing
			case a.Value != nil:
				values[a.Key] = a.Value
			}
			for _, part := range a.Parts {
				values[part.Key] = part.Value
			}
		}
	}
	return values
}

func TestRespondentsTakeTheirAnswersAlongForAnHour(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		link := f.invited()
		f.get(link + "/answers.html").mustSee(link)
		f.post(link, url.Values{}).mustSee("/s/1")
		f.get(link + "/answers.json").mustSee(link)
		link = f.invited()
		f.answered(link, "en").mustSee("/receipt")
		receipt := f.get(link + "/receipt")
		receipt.mustBe(200, "Take your answers along")
		found := offers(receipt)
		if len(found) != 2 {
			t.Fatalf("the receipt offers %v", found)
		}
		kept, err := f.store.ResponseByInvitation(t.Context(), f.Wave.ID, f.invitationOf(link))
		if err != nil {
			t.Fatal(err)
		}

		page := f.get(link + found[0])
		page.mustBe(200, "Your answers")
		if got := page.header.Get("Content-Disposition"); got != `attachment; filename="answers-spring.html"` || page.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the page comes with %v", page.header)
		}
		checkOwnPage(t, f, page, kept)

		own := ownFile(t, f.get(link+found[1]))
		if own.Receipt != kept.Receipt.Code || own.SubmittedAt == nil || !own.SubmittedAt.Equal(kept.Receipt.SubmittedAt) || own.Role != "manager" || own.Hash != f.Instrument.Hash() {
			t.Errorf("the data begin with %+v", own)
		}
		// What was taken along can be handed in again, and is the same.
		again := f.invited()
		if got := f.tell(again, map[string]any{"key": aKey, "answers": own.values()}); got.status != 201 {
			t.Fatalf("%+v", got)
		}
		copied, err := f.store.ResponseByInvitation(t.Context(), f.Wave.ID, f.invitationOf(again))
		if err != nil || !reflect.DeepEqual(copied.Response.Answers, kept.Response.Answers) {
			t.Errorf("handed in again: %v\n%v\n%v", err, copied.Response.Answers, kept.Response.Answers)
		}

		f.post(link+found[0], url.Values{}).mustSee(link)
		f.now = f.now.Add(comparedFor + time.Second)
		for _, at := range found {
			late := f.get(link + at)
			late.mustBe(410, "Your link showed them for one hour")
			if strings.Contains(late.text, "Too few") || late.header.Get("Content-Disposition") != "" {
				t.Errorf("after the hour: %s", late.text)
			}
		}
		if got := offers(f.get(link + "/receipt")); len(got) > 0 {
			t.Errorf("after the hour the receipt offers %v", got)
		}
	})
}

// checkOwnPage compares the file with what is stored.
func checkOwnPage(t *testing.T, f *field, page answer, kept store.Kept) {
	t.Helper()
	if got := page.find("script", "", ""); len(got) > 0 {
		t.Error("text became a script")
	}
	for _, n := range append(page.find("link", "", ""), page.find("a", "", "")...) {
		t.Errorf("the file leads away: <%s>", n.Data)
	}
	said := map[string]string{}
	for _, n := range page.find("dt", "", "") {
		key := ""
		for d := range n.Descendants() {
			if d.Type == html.ElementNode && d.Data == "code" {
				key = textOf(d)
			}
		}
		said[key] = textOf(n.NextSibling)
	}
	shown := 0
	for _, s := range f.Instrument.Path(kept.Response.Role, kept.Response.Answers) {
		shown += len(s.Items)
	}
	if len(said) != shown {
		t.Errorf("the file has %d questions, %d were asked", len(said), shown)
	}
	for key, want := range map[string]string{"role": "Sales manager", "problems_first": "6 Agree", "time_allocation": "60% ", "greatest_risk": strings.Join(strings.Fields(hostileRisk), " ")} {
		if !strings.Contains(said[key], strings.TrimSpace(want)) {
			t.Errorf("%s reads %q, want %q", key, said[key], want)
		}
	}
	if text := textOf(page.doc); !strings.Contains(text, kept.Receipt.Code) {
		t.Errorf("the receipt %s is missing: %.300s", kept.Receipt.Code, text)
	}
}

func TestTheFileOfOwnAnswersIsInTheLanguageOfTheRespondent(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.answered(link, "ar").mustSee("/receipt")
	for tag, want := range map[string]string{"": "rtl إجاباتك", "ar": "rtl إجاباتك", "de": "ltr Ihre Antworten", "xx": "rtl إجاباتك"} {
		page := f.get(link + "/answers.html?lang=" + tag)
		dir, _ := attribute(page.find("html", "", "")[0], "dir")
		if got := dir + " " + page.heading(); got != want {
			t.Errorf("asked for %q: %s", tag, got)
		}
	}
	if got := offers(f.get(link + "/receipt?lang=fr")); len(got) != 2 || got[0] != "/answers.html?lang=fr" {
		t.Errorf("the French receipt offers %v", got)
	}
	if own := ownFile(t, f.get(link+"/answers.json?lang=de")); own.Language != "de" || own.Sections[0].Title == "" {
		t.Errorf("%+v", own)
	}
	french := f.get(link + "/answers.html?lang=fr")
	f.now = f.now.Add(2 * comparedFor)
	french.mustBe(200, "Vos réponses")
	r := f.get(link + "/answers.html?lang=de")
	r.mustBe(410, "")
}

func TestAnOpenLinkGivesTheAnswersOfItsOwnDraftOnly(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	open := "/o/" + f.openToken()
	draft := f.openDraft(open, "en")
	f.answered(draft, "en").mustSee("/receipt")
	f.now = f.now.Add(2 * comparedFor)
	if own := ownFile(t, f.get(draft+"/answers.json")); own.Role != "manager" {
		t.Errorf("%+v", own)
	}
	for _, path := range []string{open + "/answers.html", open + "/answers.json", "/r/" + strings.TrimPrefix(open, "/o/") + "/answers.json", "/r/" + strings.Repeat("a", 32) + "/answers.html", "/r/x/answers.json"} {
		if a := f.get(path); a.status != 404 || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestAnAnonymousReceiptCarriesTheAnswersItself(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config, anonymous)
		open := "/o/" + f.openToken()
		fromOpen := f.openDraft(open, "de")
		personal := f.invited()
		for name, link := range map[string]string{"personal": personal, "open": fromOpen} {
			receipt := f.answered(link, "de")
			receipt.mustBe(200, "Nehmen Sie Ihre Antworten mit")
			found, form := offers(receipt), receipt.form()
			if len(found) != 2 {
				t.Fatalf("%s: the receipt offers %v", name, found)
			}
			page := f.post(link+found[0], form)
			page.mustBe(200, "Ihre Antworten")
			own := ownFile(t, f.post(link+found[1], form))
			if own.SubmittedAt != nil || own.Receipt != receiptCode(t, receipt) || own.Language != "de" || own.values()["greatest_risk"] != hostileRisk {
				t.Errorf("%s: the data are %+v", name, own)
			}
			if strings.Contains(page.text, "2026") {
				t.Errorf("%s: the file of an anonymous wave has a time: %s", name, textOf(page.doc))
			}
			f.get(link+found[0]).mustBe(410, "Diese Umfrage ist anonym")
			f.get(link+found[1]).mustBe(410, "")
			for key, wrong := range map[string]string{"receipt": "7KQM-2XWD-9RTD", "closed": "9", "numbers": "[]", "texts": `{"greatest_risk":`} {
				bad := url.Values{}
				for k, v := range form {
					bad[k] = v
				}
				bad.Set(key, wrong)
				if a := f.post(link+found[0], bad); a.status != 400 || a.header.Get("Content-Disposition") != "" {
					t.Errorf("%s: a wrong %s is answered %d", name, key, a.status)
				}
			}
			f.post(link+found[0], url.Values{}).mustBe(400, "")
		}
		other := f.invited()
		f.post(other+"/answers.html", url.Values{}).mustSee(other) // nothing was sent by it
	})
}

func TestASharedTabletGivesNoFiles(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := kioskPath(f.openToken())
	p := f.tablet()
	p.beginOnTablet(link)
	review := p.fillOnTablet(link)
	end := p.get(p.post(link+"/submit", review.form()).location)
	if got := offers(end); len(got) > 0 {
		t.Errorf("the tablet offers %v", got)
	}
	for _, path := range []string{"/answers.html", "/answers.json"} {
		if a := p.get(link + path); a.status != 404 {
			t.Errorf("%s is answered %d", path, a.status)
		}
	}
}
