package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// withMail is a field whose mail leaves.
func withMail(t *testing.T, config store.Config) *field {
	t.Helper()
	f := newField(t, config)
	f.server.MailBase = "https://survey.example.org/"
	if err := f.store.UseKey(t.Context(), storetest.Key); err != nil {
		t.Fatal(err)
	}
	return f
}

// singleMails takes what waits in the outbox, as a replica would that sends it.
func (f *field) singleMails() []store.SingleMail {
	f.t.Helper()
	runner := jobs.New(jobs.Options{Store: f.store, Now: func() time.Time { return f.now }, Handlers: map[string]jobs.Handler{ForgottenJob: f.server.MailForgotten}})
	for runner.DoJob(f.t.Context()) {
	}
	claimed, err := f.store.ClaimMail(f.t.Context(), store.Claim{Limit: 100, Lease: time.Minute})
	if err != nil {
		f.t.Fatal(err)
	}
	var mails []store.SingleMail
	for _, m := range claimed {
		if m.Single != nil {
			mails = append(mails, *m.Single)
		}
	}
	return mails
}

// askedFor checks how many mails for a forgotten password wait in the database, none of
// which shows for whom it is.
func (f *field) askedFor(want int) {
	f.t.Helper()
	jobs, err := f.store.JobsOf(f.t.Context(), ForgottenJob)
	if err != nil {
		f.t.Fatal(err)
	}
	waiting := 0
	for _, j := range jobs {
		if j.Status == survey.JobWaiting {
			waiting++
		} else if j.Parameters != "" {
			f.t.Errorf("what was asked for is kept: %q", j.Parameters)
		}
		if len(j.Parameters) > 0 && !strings.HasPrefix(j.Parameters, "sealed:") || strings.Contains(j.Parameters, "example.org") {
			f.t.Errorf("the job shows for whom it is: %q", j.Parameters)
		}
	}
	if waiting != want {
		f.t.Errorf("%d mails wait, expected %d", waiting, want)
	}
}

var passwordLink = regexp.MustCompile(`https://survey\.example\.org(/password/[a-z2-7]+)`)

func TestAForgottenPasswordIsReplacedByAMailThatCountsOnceForAnHour(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := withMail(t, config)
		f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
		p := f.stranger()
		p.get("/sign-in").mustBe(200, "Forgotten password?")
		p.get("/forgotten").mustBe(200, "You get a mail")
		p.post("/forgotten", url.Values{"email": {"nonsense"}}).mustBe(422, "not an e-mail address")

		r := httptest.NewRequest(http.MethodPost, "/forgotten", strings.NewReader("email=ADA%40example.org"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Host = "evil.example" // whoever asks does not choose where the link leads
		known := p.do(r)
		known.mustBe(200, "If there is an account for ada@example.org")
		unknown := p.post("/forgotten", url.Values{"email": {"eve@example.org"}})
		if a, b := strings.ReplaceAll(known.text, "ada@", "x@"), strings.ReplaceAll(unknown.text, "eve@", "x@"); a != b || known.status != unknown.status {
			t.Error("the answer tells who has an account")
		}
		f.askedFor(2) // durable before anything was looked up, and the same for both
		mails := f.singleMails()
		f.askedFor(0)
		if len(mails) != 1 || mails[0].Email != "ada@example.org" {
			t.Fatalf("mails %+v", mails)
		}
		found := passwordLink.FindStringSubmatch(mails[0].Body)
		if found == nil {
			t.Fatalf("no link in %q", mails[0].Body)
		}
		p.follow(found[1], url.Values{"new-password": {otherPassword}}).mustBe(200, "Sign in")
		p.get(found[1]).mustBe(404, "used already")

		f.now = f.now.Add(2 * time.Hour)
		p.post("/forgotten", url.Values{"email": {"ada@example.org"}})
		mails = f.singleMails()
		if len(mails) != 1 {
			t.Fatalf("mails %+v", mails)
		}
		f.now = f.now.Add(forgottenLife)
		p.get(passwordLink.FindStringSubmatch(mails[0].Body)[1]).mustBe(404, "expired")
	})
}

func TestMailsForForgottenPasswordsAreFew(t *testing.T) {
	f := withMail(t, storetest.SQLite(t))
	f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	p := f.stranger()
	for range mailsToAccount + 2 {
		p.post("/forgotten", url.Values{"email": {"ada@example.org"}}).mustBe(200, "If there is an account")
	}
	if mails := f.singleMails(); len(mails) != mailsToAccount {
		t.Errorf("%d mails to one account", len(mails))
	}
	for range mailsFromAddress {
		p.post("/forgotten", url.Values{"email": {"eve@example.org"}})
	}
	p.post("/forgotten", url.Values{"email": {"eve@example.org"}}).mustBe(429, "Too many attempts")
}

func TestADisabledAccountGetsNoMailAndWithoutMailThereIsNoSuchPage(t *testing.T) {
	f := withMail(t, storetest.SQLite(t))
	f.administrator()
	ada := f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	ada.user.DisabledAt = f.now
	if err := f.store.ChangeUser(t.Context(), tester, ada.user); err != nil {
		t.Fatal(err)
	}
	f.stranger().post("/forgotten", url.Values{"email": {"ada@example.org"}}).mustBe(200, "If there is an account")
	if mails := f.singleMails(); len(mails) != 0 {
		t.Errorf("mails %+v", mails)
	}
	f.server.MailBase = ""
	f.stranger().get("/forgotten").mustBe(404, "sends no mail")
	f.stranger().post("/forgotten", url.Values{"email": {"ada@example.org"}}).mustBe(404, "sends no mail")
}

func TestANewAccountIsWelcomedByMail(t *testing.T) {
	f := withMail(t, storetest.SQLite(t))
	root := f.administrator()
	root.post("/users/new", url.Values{"name": {"Eve\r\nBcc: all"}, "email": {"eve@example.org"}}).mustBe(422, "control character")
	root.follow("/users/new", url.Values{"name": {"Eve"}, "email": {"eve@example.org"}}).mustBe(200, "on its way to eve@example.org")
	mails := f.singleMails()
	if len(mails) != 1 || mails[0].Subject != "Your account" || !strings.Contains(mails[0].Body, "Hello Eve,") {
		t.Fatalf("mails %+v", mails)
	}
	f.stranger().get(passwordLink.FindStringSubmatch(mails[0].Body)[1]).mustBe(200, "Welcome: choose a password")
}
