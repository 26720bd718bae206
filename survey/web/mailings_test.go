package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"golang.org/x/net/html"
)

// invitePeople puts people of an organization on the roster of the wave.
func (f *field) invitePeople(organization survey.OrganizationID, emails ...string) {
	f.t.Helper()
	rows := make([]store.RosterRow, len(emails))
	for i, email := range emails {
		rows[i] = store.RosterRow{OrganizationID: organization, Email: email, Name: "Person " + email}
	}
	plan, err := f.store.PlanRoster(f.t.Context(), f.Wave.ID, rows)
	if err == nil {
		err = f.store.ApplyRoster(f.t.Context(), plan, func(int) {})
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

func newMailField(t *testing.T, config store.Config) *field {
	t.Helper()
	f := newField(t, config)
	if err := f.store.UseKey(t.Context(), auth.NewKey()); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestASendingIsPlannedStartedPausedAndCancelled(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		f.invitePeople(f.Organization.ID, "a@example.org", "b@example.org")
		p := f.as(survey.Researcher)
		mailings := wavePath(f.Study, f.Wave, "/mailings")
		p.get(mailings).mustBe(200, "Nothing was sent yet")
		p.post(mailings+"/new", url.Values{"kind": {"invitation"}, "rate": {"0"}, "begins": {"soon"}}).mustBe(422, "2 fields need another look")
		a := p.post(mailings+"/new", url.Values{"kind": {"invitation"}, "rate": {"60"}})
		page := p.get(a.location)
		page.mustBe(200, "2 messages if it began now. Nothing leaves before it is started.")
		f.server.MailFrom = mail.Address{Email: "study@example.org"}
		ask := p.get(a.location + "/start")
		ask.mustBe(200, "Send 2 invitations now?")
		ask.mustBe(200, "How we sell <study@example.org>")
		ask.mustBe(200, "all of the study, 1")
		ask.mustBe(200, "60 a minute")
		ask.mustBe(200, "nobody gets them") // no mail server is set up
		p.get(a.location + "/pause").mustSee(a.location)
		p.follow(a.location+"/start", nil).mustBe(200, "The sending has started")
		p.post(a.location+"/start", nil)
		p.follow(a.location+"/pause", nil).mustBe(200, "The sending pauses")
		p.follow(a.location+"/resume", nil).mustBe(200, "goes on")
		p.get(a.location+"/cancel").mustBe(200, "can not be started again")
		p.get(a.location + "/start").mustSee(a.location)
		p.follow(a.location+"/cancel", nil).mustBe(200, "is cancelled")
		p.post(a.location+"/resume", nil).mustBe(409, "")
		p.post(a.location+"/dance", nil).mustBe(404, "nothing for you")
		if strings.Contains(p.get(a.location).text, "a@example.org") {
			t.Error("a researcher reads addresses of invited people")
		}
	})
}

func TestThePlanOfAReminderCountsWhomItWouldReach(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		f.invitePeople(f.Organization.ID, "a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org", "f@example.org")
		people, err := f.store.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{})
		if err != nil {
			t.Fatal(err)
		}
		one := f.Submission(1)
		one.InvitationID = people[0].InvitationID
		if _, err := f.server.Intake.Submit(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		if err := f.store.OptOutAddress(t.Context(), people[1].Email, f.Study.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := f.store.PutBounces(t.Context(), []store.Bounce{{Email: people[2].Email}}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.store.EraseByInvitation(t.Context(), tester, f.Wave.ID, people[3].InvitationID); err != nil {
			t.Fatal(err)
		}
		p := f.as(survey.Researcher)
		mailings := wavePath(f.Study, f.Wave, "/mailings")
		plan := p.post(mailings+"/new", url.Values{"kind": {"reminder"}, "rate": {"60"}})
		p.get(plan.location).mustBe(200, "2 messages if it began now; nothing to 3 more: 1 has answered, 1 wants no mail, 1 could not be reached before.")
		p.get(plan.location+"/start").mustBe(200, "Send 2 reminders now?")
		list := p.get(mailings).find("td", "data-label", "To come")
		if len(list) != 1 || textOf(list[0]) != "2" {
			t.Errorf("the list of sendings says that %v messages are to come", list)
		}
	})
}

func TestAReminderWithinADayOfTheLastMailAsksASecondTime(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		f.invitePeople(f.Organization.ID, "a@example.org")
		p, mailings := f.as(survey.Researcher), wavePath(f.Study, f.Wave, "/mailings")
		early := p.post(mailings+"/new", url.Values{"kind": {"reminder"}, "rate": {"60"}})
		p.get(early.location).mustBe(200, "none yet")
		f.Campaign(t, f.store, survey.InvitationMail, 6000)
		mails, err := f.store.ClaimMail(t.Context(), store.Claim{Limit: 1, Lease: time.Minute, Ahead: time.Second})
		if err != nil || len(mails) != 1 {
			t.Fatalf("%d messages, %v", len(mails), err)
		}
		if err := f.store.HoldMail(t.Context(), mails[0], time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := f.store.EndMail(t.Context(), mails[0], store.MailOutcome{Status: survey.MailSent}); err != nil {
			t.Fatal(err)
		}
		late := p.post(mailings+"/new", url.Values{"kind": {"reminder"}, "rate": {"60"}})
		p.get(early.location).mustBe(200, "Last mail to these people")
		p.get(early.location+"/start").mustBe(200, "the last mail to them left less than a day ago")
		p.post(early.location+"/start", nil).mustBe(422, "Nothing was sent.")
		p.follow(early.location+"/start", url.Values{"again": {"yes"}}).mustBe(200, "The sending has started")
		f.now = f.now.Add(25 * time.Hour)
		p = f.administrator()
		if a := p.get(late.location + "/start"); a.status != 200 || strings.Contains(a.text, "less than a day ago") {
			t.Errorf("a day later the page still asks: %d", a.status)
		}
	})
}

func TestACoordinatorSendsToTheOwnOrganizationsOnly(t *testing.T) {
	f := newMailField(t, storetest.SQLite(t))
	other, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "other", Name: "Other"})
	if err != nil {
		t.Fatal(err)
	}
	f.invitePeople(other.ID, "c@example.org")
	coordinator, researcher := f.as(survey.Coordinator), f.as(survey.Researcher)
	mailings := wavePath(f.Study, f.Wave, "/mailings")
	coordinator.post(mailings+"/new", url.Values{"kind": {"invitation"}, "rate": {"60"}}).mustBe(422, "among your organizations")
	coordinator.post(mailings+"/new", url.Values{"kind": {"invitation"}, "rate": {"60"}, "organization": {string(other.ID)}}).mustBe(422, "among your organizations")
	own := coordinator.post(mailings+"/new", url.Values{"kind": {"invitation"}, "rate": {"60"}, "organization": {string(f.Organization.ID)}})
	coordinator.get(own.location).mustBe(200, "0 messages if it began now")
	everybody := researcher.post(mailings+"/new", url.Values{"kind": {"invitation"}, "rate": {"60"}})
	coordinator.get(everybody.location).mustBe(404, "nothing for you")
	coordinator.post(everybody.location+"/start", nil).mustBe(404, "nothing for you")
	if strings.Contains(coordinator.get(mailings).text, everybody.location) {
		t.Error("a coordinator is shown a sending to all")
	}
	researcher.follow(everybody.location+"/start", nil).mustBe(200, "The sending has started")
	coordinator.get(mailings).mustBe(200, "The study itself has sent to your organizations too: “Invitation”, begun")
}

func TestTheTextOfAMailIsCheckedKeptAndShown(t *testing.T) {
	f := newMailField(t, storetest.SQLite(t))
	p := f.as(survey.Researcher)
	text := wavePath(f.Study, f.Wave, "/mail-texts/invitation/de")
	form := p.get(text).form()
	form.Set("body", "Hallo {nobody}, hier: {link}")
	p.post(text, form).mustBe(422, "means nothing here")
	if got := p.get(text).heading(); got != "Invitation in German" {
		t.Errorf("the page is called %q", got)
	}
	form.Set("go", "look")
	p.post(text, form).mustBe(422, "means nothing here")
	form.Set("body", "{greeting}\n\nnoch nicht behalten: {link}\n\nKeine Mails: {optout}\n")
	look := p.post(text, form)
	look.mustBe(200, "Guten Tag Ada Example, noch nicht behalten")
	if again := look.form(); !strings.Contains(again.Get("body"), "{greeting} noch nicht behalten") {
		t.Errorf("what was typed is lost: %v", again)
	}
	if strings.Contains(p.get(text+"/preview").text, "noch nicht behalten") {
		t.Error("a preview was kept")
	}
	form.Del("go")
	form.Set("body", "Hallo {name}, hier: {link}\n\nKeine Mails: {optout}\n<script>alert(1)</script>")
	p.follow(text, form).mustBe(200, "The text is kept")
	preview := p.get(text + "/preview")
	preview.mustBe(200, "Hallo Ada Example")
	if strings.Contains(preview.text, "<script>alert") {
		t.Error("the preview runs what stands in a mail")
	}
	p.follow(text, url.Values{"drop": {"yes"}}).mustBe(200, "is used again")
	if a := p.get(wavePath(f.Study, f.Wave, "/mail-texts/password/de")); a.status != http.StatusNotFound {
		t.Errorf("a text that is no wave's: %d", a.status)
	}
}

func TestTheTextOfAMailIsTypedInTheDirectionOfItsLanguage(t *testing.T) {
	f := newMailField(t, storetest.SQLite(t))
	p := f.as(survey.Researcher)
	for language, want := range map[string]string{"ar": "rtl", "de": "ltr"} {
		path := wavePath(f.Study, f.Wave, "/mail-texts/reminder/"+language)
		a := p.get(path)
		form := a.form()
		form.Set("go", "look")
		look := p.post(path, form)
		for what, found := range map[string][]*html.Node{"the text": a.find("textarea", "name", "body"), "the subject": a.find("input", "name", "subject"),
			"the text below a preview": look.find("textarea", "name", "body"), "the preview": look.find("div", "class", "letter")} {
			if len(found) != 1 {
				t.Fatalf("%s: %d of %s", language, len(found), what)
			}
			direction, _ := attribute(found[0], "dir")
			if tag, _ := attribute(found[0], "lang"); direction != want || tag != language {
				t.Errorf("%s in %s runs %s as %s", what, language, direction, tag)
			}
		}
	}
}

// campaign plans a sending to the organization of the field and returns its id.
func (f *field) campaign() string {
	f.t.Helper()
	campaign, err := f.store.PlanCampaign(f.t.Context(), survey.Campaign{WaveID: f.Wave.ID, Kind: survey.InvitationMail, Organizations: []survey.OrganizationID{f.Organization.ID}})
	if err != nil {
		f.t.Fatal(err)
	}
	return string(campaign.ID)
}
