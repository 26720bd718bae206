package web

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestAPersonIsErasedByReceiptOrAddress(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		f.invitePeople(f.Organization.ID, "a@example.org")
		receipt, err := f.server.Intake.Submit(t.Context(), f.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		p := f.as(survey.Administrator)
		erase := wavePath(f.Study, f.Wave, "/erase")
		p.post(erase, url.Values{"by": {"receipt"}, "value": {receipt.Code}}).mustBe(422, "nothing was erased")
		p.post(erase, url.Values{"by": {"receipt"}, "value": {"7KQM-2XWD-9RTD"}, "sure": {"yes"}}).mustBe(422, "")
		p.post(erase, url.Values{"by": {"email"}, "value": {"nobody@example.org"}, "sure": {"yes"}}).mustBe(422, "nothing was erased")
		p.follow(erase, url.Values{"by": {"receipt"}, "value": {receipt.Code}, "sure": {"yes"}}).mustBe(200, "Erased: 1 response")
		p.follow(erase, url.Values{"by": {"email"}, "value": {"a@example.org"}, "sure": {"yes"}}).mustBe(200, "1 set of contact data")
		p.post(erase, url.Values{"by": {"email"}, "value": {"a@example.org"}, "sure": {"yes"}}).mustBe(422, "nothing was erased")
	})
}

func TestWhoIsErasedLeavesTheResponseRateAndTheFolderOfMail(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		f.server.Outbox = mail.Folder{Path: t.TempDir()}
		f.invitePeople(f.Organization.ID, "a@example.org", "b@example.org", "c@example.org")
		if _, err := f.store.StartCampaign(t.Context(), survey.CampaignID(f.campaign())); err != nil {
			t.Fatal(err)
		}
		r := jobs.New(jobs.Options{Store: f.store, Sender: f.server.Outbox, From: mail.Address{Email: "study@example.org"}, BaseURL: "https://example.org", Now: f.server.Now})
		r.DoDuties(t.Context())
		f.work()
		f.now = f.now.Add(time.Minute)
		for r.SendMail(t.Context()) {
		}
		files, err := filepath.Glob(filepath.Join(f.server.Outbox.Path, "*.eml"))
		if err != nil || len(files) != 3 {
			t.Fatalf("%d files of mail, %v", len(files), err)
		}
		p := f.as(survey.Administrator)
		fieldwork, erase := wavePath(f.Study, f.Wave, "/fieldwork"), wavePath(f.Study, f.Wave, "/erase")
		p.get(fieldwork).mustBe(200, "0 of 3 invited people")
		p.follow(erase, url.Values{"by": {"email"}, "value": {"a@example.org"}, "sure": {"yes"}}).mustBe(200, "Erased: 1 set of contact data, 1 invitation, 1 file of mail.")
		if files, _ := filepath.Glob(filepath.Join(f.server.Outbox.Path, "*.eml")); len(files) != 2 {
			t.Errorf("%d files of mail are left", len(files))
		}
		p.get(fieldwork).mustBe(200, "0 of 2 invited people")
		f.server.Outbox = mail.Folder{} // another machine
		p.follow(erase, url.Values{"by": {"email"}, "value": {"b@example.org"}, "sure": {"yes"}}).mustBe(200, "1 mail had left before")
		p.get(wavePath(f.Study, f.Wave, "/roster")).mustBe(200, "1 person")
	})
}

func TestTheLinkOfSomebodyWhoWasErasedSaysNoMoreThanAnInventedOne(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		invitation, token := f.Invite(t, f.store, "p1")
		f.get("/r/"+token).mustBe(200, "")
		if _, err := f.store.EraseByInvitation(t.Context(), tester, f.Wave.ID, invitation.ID); err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(time.Minute)
		gone, invented := f.get("/r/"+token), f.get("/r/"+auth.NewToken())
		gone.mustBe(404, "No questionnaire opens by this link")
		gone.mustBe(404, "or what belonged to it was deleted")
		if textOf(gone.doc) != textOf(invented.doc) {
			t.Errorf("whoever guesses can tell them apart:\n%s\n%s", textOf(gone.doc), textOf(invented.doc))
		}
	})
}

func TestPeriodsOfRetentionAreSet(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.as(survey.Administrator)
	retention := studyPath(f.Study, "/retention")
	p.post(retention, url.Values{"identity": {"-1"}, "drafts": {"x"}, "responses": {"0"}}).mustBe(422, "2 fields need another look")
	p.follow(retention, url.Values{"identity": {"90"}, "drafts": {"30"}, "responses": {"0"}}).mustBe(200, "The periods are kept")
	if got := p.get(retention).value("identity"); got != "90" {
		t.Errorf("identity is kept %q days", got)
	}
}

func TestAWaveThatIsOverSaysAfterAnErasureWhatIsNeededThen(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.answerAlike(4)
	receipt, err := f.server.Intake.Submit(t.Context(), f.Submission(9))
	if err != nil {
		t.Fatal(err)
	}
	f.now = f.Wave.ClosesAt.Add(time.Hour)
	p := f.as(survey.Administrator)
	p.get("/waves/spring").mustBe(200, "1 organization")
	p.follow(wavePath(f.Study, f.Wave, "/erase"), url.Values{"by": {"receipt"}, "value": {receipt.Code}, "sure": {"yes"}}).mustBe(200, "Erased: 1 response")
	for _, path := range []string{"/waves/spring", "/waves/spring/organizations/" + f.Organization.Key} {
		a := p.get(path)
		if words := textOf(a.doc); strings.Contains(words, "wave is open") || strings.Contains(words, "final") || strings.Contains(words, "yet") {
			t.Errorf("%s: %s", path, words)
		}
	}
	p.get("/waves/spring").mustBe(200, "No results: 0 of 1 organization has enough answers. An organization is shown from 5 answers on.")
}
