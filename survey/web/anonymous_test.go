package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func anonymous(_ *store.Store, wave *survey.Wave) { wave.Mode = survey.Anonymous }

func receiptCode(t *testing.T, a answer) string {
	t.Helper()
	codes := a.find("p", "class", "receipt-code")
	if len(codes) != 1 {
		t.Fatalf("%d receipts on %s", len(codes), textOf(a.doc))
	}
	return textOf(codes[0])
}

func TestAnAnonymousLinkShowsItsReceiptOnceAndToWhoeverBringsTheKey(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config, anonymous)
		open := "/o/" + f.openToken()
		fromOpen := linkIn(f.post(open, url.Values{"start": {f.get(open).value("start")}}).location)
		f.post(fromOpen, url.Values{})
		personal := f.invited()
		f.post(personal, url.Values{}).mustSee("/s/1")
		for name, link := range map[string]string{"personal": personal, "open": fromOpen} {
			f.next(link, 1, url.Values{"role": {"manager"}}).mustSee("/s/2")
			review := f.fillAll(link)
			form := review.form()
			if form.Get("key") == f.get(link+"/review").value("key") {
				t.Errorf("%s: the key of the form is not drawn anew", name)
			}
			receipt := f.post(link+"/submit", form)
			receipt.mustBe(200, "have arrived")
			if len(receipt.find("li", "class", "card")) == 0 {
				t.Errorf("%s: the own answers do not stand beside published figures", name)
			}
			code := receiptCode(t, receipt)
			if strings.Contains(receipt.text, form.Get("key")) || strings.Contains(receipt.text, link) {
				t.Errorf("%s: the receipt names the key or the link", name)
			}
			for range 2 { // the first answer was lost
				if again := receiptCode(t, f.post(link+"/submit", form)); again != code {
					t.Errorf("%s: the receipt is %s, then %s", name, code, again)
				}
			}
			form.Set("key", strings.Repeat("a", len(form.Get("key"))))
			f.post(link+"/submit", form).mustBe(410, "have arrived")
			f.post(link+"/submit", url.Values{}).mustBe(410, "have arrived")
			f.get(link).mustSee("/receipt")
			f.get(link+"/receipt").mustBe(410, "nothing connects them")
			if found := f.get(link+"/receipt").find("p", "class", "receipt-code"); len(found) > 0 {
				t.Errorf("%s: a used link shows a receipt", name)
			}
			f.get(link + "/s/3").mustSee(link)
			f.post(link, url.Values{}).mustSee(link)
		}
		if log := f.log.String(); strings.Contains(log, strings.TrimPrefix(personal, "/r/")) {
			t.Error("the log names a link")
		}
	})
}

func TestAProgramGetsOneReceiptForOneKeyInAnAnonymousWave(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config, anonymous)
		link := f.invited()
		first := f.tell(link, whole(aKey))
		again := f.tell(link, whole(aKey))
		if first.status != 201 || again.status != 200 || !again.Again || again.Receipt != first.Receipt || again.SubmittedAt != first.SubmittedAt {
			t.Fatalf("%+v, then %+v", first, again)
		}
		for name, got := range map[string]told{"another key": f.tell(link, whole("another-"+aKey)), "another link": f.tell(f.invited(), whole(aKey))} {
			if got.status != 409 || got.Receipt != "" {
				t.Errorf("%s: %+v", name, got)
			}
		}
		open := "/o/" + f.openToken()
		draft := linkIn(f.post(open, url.Values{"start": {f.get(open).value("start")}}).location)
		sent := f.tell(draft, whole("draft-"+aKey))
		lost := f.tell(draft, whole("draft-"+aKey))
		if sent.status != 201 || lost.status != 200 || lost.Receipt != sent.Receipt {
			t.Errorf("the link of a draft: %+v, then %+v", sent, lost)
		}
		if other := f.tell(draft, whole("other-"+aKey)); other.status != 409 || other.Receipt != "" {
			t.Errorf("the link of a draft with another key: %+v", other)
		}
	})
}

func TestResultsOfAnAnonymousWaveComeWhenItIsOver(t *testing.T) {
	f := newField(t, storetest.SQLite(t), anonymous, judged(t))
	f.server, f.log = newBare(t, Options{Store: f.store, Intake: newIntake(t, f.store), Now: f.server.Now, OpenResults: true, Version: "test"})
	for range 12 {
		if got := f.tell(f.invited(), whole("k-"+f.openToken())); got.status != 201 {
			t.Fatalf("%+v", got)
		}
	}
	f.get("/waves/spring").mustBe(403, "is anonymous: its answers and results are shown after 3 March 2026")
	f.now = f.Wave.ClosesAt
	if page := f.get("/waves/spring.json"); page.status != 200 || !strings.Contains(page.text, `"edition":"12-`) {
		t.Errorf("%d %.300s", page.status, page.text)
	}
}

func TestTheFirstPageSaysTheModeTheSealAndTheRuleForLateAnswers(t *testing.T) {
	late := func(_ *store.Store, w *survey.Wave) { w.LateHours = 6 }
	for name, c := range map[string]struct {
		settings   []storetest.Setting
		says, not  string
		saysOfLate string
	}{
		"confidential": {nil, "The link connects them with the list", "is anonymous", "After 3 March 2026, 09:00 UTC drafts can no longer be sent"},
		"anonymous":    {[]storetest.Setting{anonymous, late}, "This survey is anonymous: once they are sent, nothing connects them", "The link connects", "begun before that can be sent until 3 March 2026, 15:00 UTC"},
	} {
		f := newField(t, storetest.SQLite(t), c.settings...)
		link := f.invited()
		page := f.get(link)
		for _, words := range []string{c.says, c.saysOfLate, f.Wave.Seal, "fewer than 5 people"} {
			if !strings.Contains(textOf(page.doc), words) {
				t.Errorf("%s: the page lacks %q: %s", name, words, textOf(page.doc))
			}
		}
		if strings.Contains(textOf(page.doc), c.not) {
			t.Errorf("%s: the page says %q", name, c.not)
		}
		if open := f.get("/o/" + f.openToken()); !strings.Contains(textOf(open.doc), f.Wave.Seal) || strings.Contains(textOf(open.doc), "is anonymous") != (name == "anonymous") {
			t.Errorf("%s, open link: %s", name, textOf(open.doc))
		}
		f.begin(link, "manager")
		f.now = f.Wave.ClosesAt.Add(5 * time.Hour)
		if a := f.get(link + "/s/2"); (a.status == 200) != (f.Wave.LateHours > 0) {
			t.Errorf("%s: five hours after the close the draft is answered %d", name, a.status)
		}
		f.get("/o/"+f.openToken()).mustBe(410, "closed")
	}
}
