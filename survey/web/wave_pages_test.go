package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// send posts a form with a file.
func (p *person) send(path, name, content string, form url.Values) answer {
	p.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for key, values := range form {
		if err := w.WriteField(key, values[0]); err != nil {
			p.t.Fatal(err)
		}
	}
	if name != "" {
		file, err := w.CreateFormFile("file", name)
		if err == nil {
			_, err = file.Write([]byte(content))
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return p.do(r)
}

func TestAStudyAndItsWavesAreMadeInTheBrowser(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		root := f.administrator()
		root.post("/studies/new", url.Values{"title": {"Ours"}, "key": {"Not Good"}}).mustBe(422, "3 fields need another look")
		root.post("/studies/new", url.Values{"title": {"Ours"}, "purpose": {"To learn."}, "contact": {"us"}, "key": {f.Study.Key}}).mustBe(422, "already")
		root.follow("/studies/new", url.Values{"title": {"Ours"}, "purpose": {"To learn."}, "contact": {"us"}, "key": {"ours"}}).mustBe(200, "The study is made")

		form := root.get("/studies/ours/waves/new").form()
		form.Set("title", "Autumn")
		form.Set("key", "autumn")
		form.Set("opens", "2026-03-03T09:00")
		form.Set("closes", "2026-03-02T09:00")
		form.Set("minimum", "3")
		root.post("/studies/ours/waves/new", form).mustBe(422, "2 fields need another look")
		form.Set("closes", "2026-04-03T09:00")
		form.Set("opens", "2026-01-03T09:00")
		root.post("/studies/ours/waves/new", form).mustBe(422, "would open and be sealed at once")
		form.Set("opens", "2026-03-03T09:00")
		form.Set("minimum", "7")
		form.Set("zone", "Europe/Berlin")
		form.Set("wave-zone", "Nowhere")
		root.post("/studies/ours/waves/new", form).mustBe(422, "is not known")
		form.Set("wave-zone", "Asia/Tokyo")
		root.follow("/studies/ours/waves/new", form).mustBe(200, "3 Mar 2026, 08:00 UTC")
		form.Set("zone", "Mars/Olympus")
		form.Set("key", "another")
		root.post("/studies/ours/waves/new", form).mustBe(422, "is not known")

		settings := root.get("/studies/ours/waves/autumn/settings").form()
		ask := root.get("/studies/ours/waves/autumn/open")
		ask.mustBe(200, "can not be changed by anybody any more")
		ask.mustBe(200, "7 people; no figure is shown for fewer")
		ask.mustBe(200, "Nobody could answer yet")
		if len(ask.find("button", "class", "primary")) > 0 {
			t.Error("opening the wave is what the page wants most")
		}
		root.follow("/studies/ours/waves/autumn/open", nil).mustBe(200, "The wave is open")

		if a := root.get("/studies/ours/waves/autumn/settings"); a.status != http.StatusSeeOther {
			t.Errorf("the settings of an open wave: %d", a.status)
		}
		settings.Set("minimum", "5")
		root.post("/studies/ours/waves/autumn/settings", settings).mustBe(422, "sealed")
		extend, end := "/studies/ours/waves/autumn/extend", "/studies/ours/waves/autumn/close"
		root.post(extend, url.Values{"until": {"2026-03-05T09:00"}, "sure": {"yes"}}).mustBe(422, "to let it end sooner, close it early")
		root.post(extend, url.Values{"until": {"2026-05-05T09:00"}}).mustBe(422, "please say that you are sure")
		root.follow(extend, url.Values{"until": {"2026-05-05T09:00"}, "reason": {"Holidays"}, "sure": {"yes"}}).mustBe(200, "Holidays")
		unsure := root.post(end, url.Values{"why": {"Enough"}})
		unsure.mustBe(422, "please say that you are sure")
		if unsure.value("sure-end") != "yes" || unsure.value("why") != "Enough" {
			t.Error("the form that comes back can not be sent with its box ticked")
		}
		root.follow(end, url.Values{"why": {"Enough"}, "sure-end": {"yes"}}).mustBe(200, "closed early")

		entries, err := f.store.AuditEntries(t.Context(), store.AuditPage{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, e := range entries {
			actions = append(actions, e.Action)
			if e.Action != "user.create" && e.Actor.Name != "root@example.org" {
				t.Errorf("%s is said to be done by %q", e.Action, e.Actor.Name)
			}
		}
		if got := strings.Join(actions, " "); got != "wave.close wave.extend wave.open wave.create study.create user.create" {
			t.Errorf("the audit log tells %s", got)
		}
	})
}

func TestThePurposeIsReadInTheLanguageOfThePageAndStaysAsSealed(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p, settings := f.as(survey.Administrator), studyPath(f.Study, "/settings")
	form := p.get(settings).form()
	form.Set("purpose-ar", strings.Repeat("ن", 4001))
	p.post(settings, form).mustBe(422, "at most 4,000 are taken")
	form.Set("purpose-ar", "لنتعلم.")
	form.Set("purpose", "To sell.")
	p.follow(settings, form).mustBe(200, "Saved")
	if got := p.get(settings).form().Get("purpose-ar"); strings.TrimSpace(got) != "لنتعلم." {
		t.Errorf("the settings have %q", got)
	}
	planned, err := f.store.PutWave(t.Context(), survey.Wave{StudyID: f.Study.ID, Key: "later", Title: "Later", InstrumentHash: f.Wave.InstrumentHash, OpensAt: f.now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	p.get(wavePath(f.Study, planned, "/open")).mustBe(200, "words of its own in Arabic")
	consent := func(language string) string {
		a := f.get("/o/" + f.openToken() + "?lang=" + language)
		return textOf(a.find("p", "class", "lead")[0])
	}
	if got := consent("ar"); got != "To learn." {
		t.Errorf("people who answer an open wave read the new purpose %q", got)
	}
	f.Wave, f.now = planned, planned.OpensAt
	for language, want := range map[string]string{"ar": "لنتعلم.", "de": "To sell.", "en": "To sell."} {
		if got := consent(language); got != want {
			t.Errorf("in %s the purpose is %q", language, got)
		}
	}
}

func TestEachMoveOfTheEndIsToldAsWhatItIs(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p, at := f.as(survey.Researcher), wavePath(f.Study, f.Wave, "")
	typed := func(days int) string { return f.Wave.ClosesAt.AddDate(0, 0, days).Format(typedLayout) }
	if _, err := f.store.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}, auth.HashToken("draft")); err != nil {
		t.Fatal(err)
	}
	ask := p.get(at + "/end")
	ask.mustBe(200, "1, who have to send before the end")
	ask.mustBe(200, "nobody can answer any more, also those who have begun and not sent")
	if strings.Contains(ask.text, "time for late answers") {
		t.Error("a wave that takes no late answers speaks of them")
	}
	p.follow(at+"/extend", url.Values{"until": {typed(2)}, "sure": {"yes"}}).mustBe(200, "The wave is extended. It ends on")
	p.follow(at+"/close", url.Values{"at": {typed(1)}, "sure-end": {"yes"}}).mustBe(200, "The wave ends earlier: on")
	ask.mustBe(200, "hold its results first")
	if _, err := f.store.HoldWave(t.Context(), tester, f.Wave.ID); err != nil {
		t.Fatal(err)
	}
	p.get(at+"/end").mustBe(200, "For a week it can be extended again")
	p.follow(at+"/close", url.Values{"sure-end": {"yes"}}).mustBe(200, "The wave is closed.")
	p.get(at+"/end").mustBe(200, "the wave can be opened again")
	p.follow(at+"/extend", url.Values{"until": {typed(3)}, "sure": {"yes"}}).mustBe(200, "The wave is open again. It ends on")

	p.follow(at+"/close", url.Values{"sure-end": {"yes"}}).mustBe(200, "The wave is closed.")
	if _, err := f.store.ReleaseWave(t.Context(), tester, f.Wave.ID); err != nil {
		t.Fatal(err)
	}
	final := p.get(at + "/end")
	if final.mustBe(200, "closed for good: its results are final"); len(final.find("form", "action", at+"/extend")) > 0 {
		t.Error("a wave with final results can be extended by a form")
	}
	p.post(at+"/extend", url.Values{"until": {typed(5)}, "sure": {"yes"}}).mustBe(422, "its results are final")

	late, err := f.store.PutWave(t.Context(), survey.Wave{StudyID: f.Study.ID, Key: "late", Title: "Late", InstrumentHash: f.Wave.InstrumentHash, OpensAt: f.now.Add(-time.Hour), LateHours: 12})
	if err != nil {
		t.Fatal(err)
	}
	at = wavePath(f.Study, late, "")
	ask = p.get(at + "/end")
	ask.mustBe(200, "answers begun before are taken for 12 more hours")
	if ask.mustBe(200, "there is nothing to extend"); len(ask.find("form", "action", at+"/extend")) > 0 {
		t.Error("a wave without an end can be extended by a form")
	}
	p.follow(at+"/close", url.Values{"at": {typed(1)}, "sure-end": {"yes"}}).mustBe(200, "The wave has an end now: it closes on")
	p.follow(at+"/close", url.Values{"sure-end": {"yes"}}).mustBe(200, "Closed: only answers that were begun before are still taken, until")
}

func TestADocumentIsCheckedPreviewedAndPublished(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.as(survey.Researcher)
	documents := "/studies/" + f.Study.Key + "/documents"
	kind := url.Values{"kind": {"instrument"}}
	p.send(documents, "", "", kind).mustBe(422, "Please choose a file")
	p.send(documents, "x.json", strings.Repeat("x", largestDocument+1), kind).mustBe(422, "larger than")
	broken := p.send(documents, "broken.json", "{\n  \"key\": 3,\n", kind)
	p.get(broken.location).mustBe(200, "1 mistake to mend")
	p.post(broken.location+"/publish", nil).mustBe(422, "has mistakes")

	text := strings.Replace(string(survey.BuiltinDocument()), `"key": "`+survey.Builtin().Key+`"`, `"key": "own"`, 1)
	mended := p.send(broken.location, "own.json", text, nil)
	if mended.status != http.StatusSeeOther {
		t.Fatalf("%d: %s", mended.status, textOf(mended.doc))
	}
	p.get(mended.location).mustBe(200, "Publish for good")
	draft := mended.location[strings.LastIndex(mended.location, "/")+1:]
	frame := p.get("/studies/" + f.Study.Key + "/preview/" + draft + "?role=manager&width=desktop")
	frame.mustBe(200, "Manager")
	if !strings.Contains(frame.header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Error("the preview may not show its frame")
	}
	sheet := p.get("/studies/" + f.Study.Key + "/preview/" + draft + "/page?role=manager")
	sheet.mustBe(200, "I help my sellers to move their deals forward")
	if strings.Contains(f.get("/sign-in").header.Get("Content-Security-Policy"), "frame-src") {
		t.Error("another page may have frames")
	}
	p.follow(mended.location+"/publish", nil).mustBe(200, "The document is published")
	p.get(documents).mustBe(200, "own")
	builtin := url.QueryEscape(survey.Builtin().Hash())
	p.get("/studies/"+f.Study.Key+"/diff?from="+builtin+"&to="+builtin).mustBe(200, "are the same")
	p.get("/studies/"+f.Study.Key+"/diff?from="+builtin+"&to=nothing").mustBe(404, "does not exist")
	p.get(mended.location).mustBe(404, "does not exist")
	form := p.get("/studies/" + f.Study.Key + "/waves/new")
	if !strings.Contains(form.text, "own, version ") {
		t.Error("a published questionnaire can not be chosen for a wave")
	}
}

func TestAMomentIsReadInTheZoneOfTheForm(t *testing.T) {
	for _, test := range []struct{ text, zone, want string }{
		{"2026-07-01T09:00", "", "2026-07-01T09:00:00Z"}, {"2026-07-01T09:00", "America/New_York", "2026-07-01T13:00:00Z"},
		{"2026-01-01T09:00", "America/New_York", "2026-01-01T14:00:00Z"}, {"2026-01-01", "UTC", "2026-01-01T00:00:00Z"},
		{"tomorrow", "UTC", ""}, {"2026-01-01T09:00", "../../etc/passwd", ""},
	} {
		at, err := typedMoment(url.Values{"at": {test.text}, "zone": {test.zone}}, "at")
		if got := at.Format(time.RFC3339); (err == nil) != (test.want != "") || err == nil && got != test.want {
			t.Errorf("%q in %q: %s, %v", test.text, test.zone, got, err)
		}
	}
}

func TestATextThatIsFarTooLongDoesNotLoseTheForm(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.administrator()
	form := url.Values{"title": {"A title to keep"}, "purpose": {strings.Repeat("long ", 20_000)}, "contact": {"ada@example.org"}, "key": {"kept"}}
	a := p.post("/studies/new", form)
	a.mustBe(422, "This has 99,999 characters, and at most 4,000 are taken")
	if a.value("title") != "A title to keep" || a.value("key") != "kept" || len(textOf(a.find("textarea", "name", "purpose")[0])) < 90_000 {
		t.Error("the form that comes back has lost what was typed")
	}
	p.post("/studies/sales/settings", form).mustBe(422, "at most 4,000 are taken")
}

func TestAWaveWithoutEnoughAnswersSaysWhatIsNeededAndNothingElse(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.as(survey.Viewer)
	for answers, so := range map[int]string{0: "", 3: "0 of 1 organization has enough answers"} {
		f.answerAlike(answers)
		a := p.get("/waves/spring")
		a.mustBe(200, so)
		a.mustBe(200, "No results yet: ")
		a.mustBe(200, ". An organization is shown from 10 answers on until the results are final, and from 5 then.")
		if len(a.find("table", "", "")) != 0 || len(a.find("h2", "", "")) != 0 {
			t.Errorf("after %d answers there is more on the page: %s", answers, textOf(a.doc))
		}
	}
}
