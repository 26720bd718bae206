package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

const (
	goodPassword  = "four plain words here"
	otherPassword = "another four plain words"
)

// stranger is a browser that nobody has signed in on.
func (f *field) stranger() *person { return &person{field: f, cookies: map[string]string{}} }

func (f *field) ticket(n store.Ticket) string {
	f.t.Helper()
	token := auth.NewToken()
	n.ExpiresAt = f.now.Add(time.Hour)
	if err := f.store.CreateTicket(f.t.Context(), n, auth.HashToken(token)); err != nil {
		f.t.Fatal(err)
	}
	return token
}

func TestTheFirstAccountIsMadeOnceAndSignsInAndOut(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		p := f.stranger()
		link := "/setup/" + f.ticket(store.Ticket{Purpose: store.SetUp})
		p.get(link).mustBe(200, "Welcome to salesbench")
		p.post(link, url.Values{"name": {""}, "email": {"nonsense"}, "new-password": {"short"}}).mustBe(422, "3 fields need another look")
		a := p.follow(link, url.Values{"name": {"Ada"}, "email": {"Ada@Example.org"}, "new-password": {goodPassword}})
		a.mustBe(200, "Your account is made")
		p.get(link).mustBe(404, "used already")
		p.get("/account").mustBe(200, "ada@example.org")

		p.follow("/sign-out", nil).mustBe(200, "Sign in")
		if a := p.get("/account"); a.location != "/sign-in?next=%2Faccount" {
			t.Errorf("after signing out the account page answers %d to %q", a.status, a.location)
		}
		p.post("/sign-in", url.Values{"email": {"ada@example.org"}, "password": {"wrong"}}).mustBe(422, "do not fit together")
		p.post("/sign-in", url.Values{"email": {"nobody@example.org"}, "password": {goodPassword}}).mustBe(422, "do not fit together")
		if a := p.post("/sign-in?next=/account", url.Values{"email": {"ADA@example.org "}, "password": {goodPassword}}); a.location != "/account" {
			t.Errorf("after signing in: %d to %q", a.status, a.location)
		}
	})
}

func TestSigningInLeadsOnlyToPagesOfThisSite(t *testing.T) {
	for next, want := range map[string]string{"": "/studies", "/waves/demo?x=1": "/waves/demo?x=1", "//evil.example": "/studies", "https://evil.example": "/studies",
		"/\\evil.example": "/studies", "/a\r\nSet-Cookie: x": "/studies", "javascript:alert(1)": "/studies"} {
		if got := nextOf(next); got != want {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
}

func TestGuessingPasswordsBecomesSlowAndOneRightPasswordStartsAnew(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	ada, err := f.store.CreateUser(t.Context(), tester, survey.User{Email: "ada@example.org", Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	p := f.stranger()
	link := "/password/" + f.ticket(store.Ticket{Purpose: store.Welcome, UserID: ada.ID})
	p.get(link).mustBe(200, "Welcome: choose a password")
	chosen := p.follow(link, url.Values{"new-password": {goodPassword}})
	chosen.mustBe(200, "Your password is set. Sign in.")
	if got := chosen.value("email"); got != "ada@example.org" {
		t.Errorf("the sign-in after a new password knows the address %q", got)
	}
	if again := p.get("/sign-in"); strings.Contains(again.text, "is set") || again.value("email") != "" {
		t.Error("the sign-in tells of the new password, or the address, a second time")
	}
	attempt := func(password string) answer {
		return p.post("/sign-in", url.Values{"email": {"ada@example.org"}, "password": {password}})
	}
	for range freeAttemptsOfAccount {
		attempt("wrong").mustBe(422, "do not fit")
	}
	a := attempt(goodPassword)
	a.mustBe(429, "Too many attempts")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	f.now = f.now.Add(3 * time.Second)
	if a := attempt(goodPassword); a.location != "/studies" {
		t.Fatalf("after waiting: %d", a.status)
	}
	attempt("wrong").mustBe(422, "do not fit")
}

func TestSigningOutEverywhereAndANewPasswordEndOtherSessions(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.signedIn(survey.User{Email: "ada@example.org", Name: "Ada"})
	link := "/password/" + f.ticket(store.Ticket{Purpose: store.Welcome, UserID: p.user.ID})
	f.stranger().follow(link, url.Values{"new-password": {goodPassword}})
	if p.get("/account").status == 200 {
		t.Error("a session outlives a new password by link")
	}
	p.session()
	other := &person{field: f, user: p.user, cookies: map[string]string{}}
	other.session()
	p.post("/account/password", url.Values{"password": {"wrong"}, "new-password": {otherPassword}}).mustBe(422, "This is not your password")
	p.follow("/account/password", url.Values{"password": {goodPassword}, "new-password": {otherPassword}}).mustBe(200, "The password is changed")
	if other.get("/account").status == 200 {
		t.Error("another session outlives the change of the password")
	}
	other.session()
	p.follow("/account/sign-out", nil).mustBe(200, "Sign in")
	if other.get("/account").status == 200 {
		t.Error("another session outlives signing out everywhere")
	}
}

func TestADisabledAccountIsOutAtOnce(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root, ada := f.administrator(), f.as(survey.Viewer)
	ada.get("/studies").mustBe(200, f.Study.Title)
	page := root.get("/users/" + string(ada.user.ID))
	form := page.form()
	form.Set("disabled", "yes")
	root.follow("/users/"+string(ada.user.ID), form).mustBe(200, "Saved")
	ada.session()
	if a := ada.get("/studies"); a.status != 303 {
		t.Errorf("a disabled account gets %d", a.status)
	}
	form = root.get("/users/" + string(root.user.ID)).form()
	form.Set("disabled", "yes")
	root.post("/users/"+string(root.user.ID), form).mustBe(422, "last administrator")
}

func TestAnAdministratorAddsPeopleAndGivesRoles(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root := f.administrator()
	a := root.post("/users/new", url.Values{"name": {"Eve"}, "email": {"eve@example.org"}})
	a.mustBe(200, "Give this link to Eve")
	root.post("/users/new", url.Values{"name": {"Eve"}, "email": {"eve@example.org"}}).mustBe(422, "has an account already")
	members := "/studies/" + f.Study.Key + "/members"
	root.post(members, url.Values{"email": {"who@example.org"}, "role": {"viewer"}}).mustBe(422, "There is no account for this address")
	root.post(members, url.Values{"email": {"eve@example.org"}, "role": {"executive"}}).mustBe(422, "choose at least one")
	root.follow(members, url.Values{"email": {"eve@example.org"}, "role": {"executive"}, "organization": {string(f.Organization.ID)}}).mustBe(200, "Eve is executive now")
	eve, err := f.store.UserByEmail(t.Context(), "eve@example.org")
	if err != nil {
		t.Fatal(err)
	}
	root.follow(members+"/remove", url.Values{"user": {string(eve.ID)}}).mustBe(200, "Nobody has a role")
}

func TestStaffPagesNeverShowSecretsInTheLog(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.signedIn(survey.User{Email: "ada@example.org", Name: "Ada"})
	p.post("/sign-in", url.Values{"email": {"ada@example.org"}, "password": {goodPassword}})
	p.get("/setup/" + auth.NewToken())
	for _, secret := range []string{goodPassword, "ada@example.org", p.cookies[sessionCookie]} {
		if strings.Contains(f.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestAPasswordThatManyHaveIsRefusedAtTheSetUp(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	setUp := "/setup/" + f.ticket(store.Ticket{Purpose: store.SetUp})
	for _, password := range []string{"password1234", "Augusta-King-1", "augusta@example.org"} {
		a := f.stranger().post(setUp, url.Values{"name": {"Augusta King"}, "email": {"augusta@example.org"}, "new-password": {password}})
		a.mustBe(http.StatusUnprocessableEntity, "take four words that nobody expects beside each other")
	}
}
