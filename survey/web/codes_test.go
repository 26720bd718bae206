package web

import (
	"bytes"
	"crypto/sha256"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"golang.org/x/net/html"
)

// goodHash is a hash of goodPassword that costs nothing to make or compare: what one of the
// service's own costs is tested where accounts choose their password.
const goodHash = "$argon2id$v=19$m=64,t=1,p=1$AFcwIcyhEjBkQdTG0YkpOg$lvDiJ/Sli4Qbmh3vwjDMYRaCU9SRem5mDNURNDt9xXk"

// withPassword is somebody with an account and the good password, who is signed in.
func (f *field) withPassword(u survey.User) *person {
	f.t.Helper()
	p := f.signedIn(u)
	if err := f.store.SetPassword(f.t.Context(), tester, store.PasswordChange{UserID: p.user.ID, Hash: goodHash, Keep: auth.HashToken("none")}); err != nil {
		f.t.Fatal(err)
	}
	p.session()
	return p
}

// code is what an authenticator shows now.
func (f *field) code(secret string) string {
	f.t.Helper()
	code, err := auth.FactorCode(secret, f.now.Unix()/30)
	if err != nil {
		f.t.Fatal(err)
	}
	return code
}

// codesOn sets an authenticator up and returns its secret and the recovery codes.
func (p *person) codesOn() (secret string, recovery []string) {
	p.t.Helper()
	a := p.get("/account/codes")
	a.mustBe(200, "Scan this")
	secret = strings.ReplaceAll(textOf(a.find("code", "", "")[0]), " ", "")
	a = p.post("/account/codes", url.Values{"code": {p.code(secret)}, "password": {goodPassword}})
	a.mustBe(200, "Codes are on")
	for _, n := range a.find("code", "", "") {
		recovery = append(recovery, textOf(n))
	}
	p.now = p.now.Add(time.Minute)
	return secret, recovery
}

func TestTheSecretOfAnAuthenticatorWaitsSealedWhileItIsSetUp(t *testing.T) {
	f := withMail(t, storetest.SQLite(t))
	p := f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	shown := func() string {
		return strings.ReplaceAll(textOf(p.get("/account/codes").find("code", "", "")[0]), " ", "")
	}
	secret := shown()
	n, err := f.store.SessionByToken(t.Context(), sha256.Sum256([]byte(p.cookies[sessionCookie])))
	if err != nil || len(n.Data) == 0 || bytes.Contains(n.Data, []byte(secret)) {
		t.Errorf("the session keeps the secret as it is: %q (%v)", n.Data, err)
	}
	if again := shown(); again != secret {
		t.Error("another secret is shown when the page is opened again")
	}
	p.codesOn()
}

// password gives the right password on a browser that nobody has signed in on.
func (p *person) password(email string) answer {
	p.t.Helper()
	return p.post("/sign-in?next=/account", url.Values{"email": {email}, "password": {goodPassword}})
}

func TestACodeIsAskedForAfterThePasswordAndCountsOnce(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	ada := f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	a := ada.get("/account/codes")
	if len(a.find("svg", "class", "qr")) != 1 {
		t.Error("no QR code")
	}
	secret := strings.ReplaceAll(textOf(a.find("code", "", "")[0]), " ", "")
	ada.post("/account/codes", url.Values{"code": {"000000"}, "password": {goodPassword}}).mustBe(422, "not the present code")
	ada.post("/account/codes", url.Values{"code": {f.code(secret)}, "password": {"wrong"}}).mustBe(422, "This is not your password")
	secret, _ = ada.codesOn()
	ada.get("/account").mustBe(200, "your authenticator is asked for")

	p := f.stranger()
	if a := p.password("ada@example.org"); a.location != "/sign-in/code" {
		t.Fatalf("after the password: %d to %q", a.status, a.location)
	}
	for _, path := range []string{"/account", "/studies", "/account/codes"} {
		if a := p.get(path); a.status != 303 || !strings.HasPrefix(a.location, "/sign-in?") {
			t.Errorf("%s before the code: %d to %q", path, a.status, a.location)
		}
	}
	p.get("/sign-in/code").mustBe(200, "One more step")
	p.post("/sign-in/code", url.Values{"code": {"123456"}}).mustBe(422, "not the present code")
	code := f.code(secret)
	before := p.cookies[sessionCookie]
	if a := p.post("/sign-in/code", url.Values{"code": {code[:3] + " " + code[3:]}}); a.location != "/account" {
		t.Fatalf("after the code: %d to %q\n%s", a.status, a.location, textOf(a.doc))
	}
	if p.cookies[sessionCookie] == before {
		t.Error("the session keeps its token")
	}
	p.get("/account").mustBe(200, "this browser")

	again := f.stranger()
	again.password("ada@example.org")
	again.post("/sign-in/code", url.Values{"code": {code}}).mustBe(422, "used already")
}

func TestAHalfSignInEndsWithItsTimeAndWithThePassword(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	ada := f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	secret, _ := ada.codesOn()
	p := f.stranger()
	p.password("ada@example.org")
	f.now = f.now.Add(halfLife)
	if a := p.post("/sign-in/code", url.Values{"code": {f.code(secret)}}); a.location != "/sign-in" {
		t.Errorf("after five minutes: %d to %q", a.status, a.location)
	}
	p.password("ada@example.org")
	hash, err := auth.HashPassword(otherPassword)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.store.SetPassword(t.Context(), tester, store.PasswordChange{UserID: ada.user.ID, Hash: hash}); err != nil {
		t.Fatal(err)
	}
	if a := p.post("/sign-in/code", url.Values{"code": {f.code(secret)}}); a.location != "/sign-in" {
		t.Errorf("after a new password: %d to %q", a.status, a.location)
	}
	if a := f.stranger().post("/sign-in/code", url.Values{"code": {f.code(secret)}}); a.location != "/sign-in" {
		t.Errorf("without a password: %d to %q", a.status, a.location)
	}
}

func TestGuessingCodesIsLimitedThoughThePasswordIsKnown(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	ada := f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	secret, _ := ada.codesOn()
	p := f.stranger()
	p.password("ada@example.org")
	for range freeAttemptsOfAccount {
		p.post("/sign-in/code", url.Values{"code": {"123456"}})
	}
	p.post("/sign-in/code", url.Values{"code": {f.code(secret)}}).mustBe(429, "Too many attempts")
	p.password("ada@example.org").mustBe(429, "Too many attempts")
}

func TestARecoveryCodeReplacesACodeOnce(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	ada := f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	secret, recovery := ada.codesOn()
	if len(recovery) != 10 {
		t.Fatalf("recovery codes %v", recovery)
	}
	p := f.stranger()
	p.password("ada@example.org")
	p.get("/sign-in/code?recovery=1").mustBe(200, "Recovery code")
	p.post("/sign-in/code", url.Values{"code": {"nonsense"}, "recovery": {"1"}}).mustBe(422, "four groups")
	p.follow("/sign-in/code", url.Values{"code": {strings.ToUpper(recovery[0])}, "recovery": {"1"}}).mustBe(200, "9 are left")
	again := f.stranger()
	again.password("ada@example.org")
	again.post("/sign-in/code", url.Values{"code": {recovery[0]}, "recovery": {"1"}}).mustBe(422, "none of your recovery codes")

	ada.post("/account/codes/recovery", url.Values{"code": {"123456"}}).mustBe(422, "not the present code")
	ada.post("/account/codes/recovery", url.Values{"code": {f.code(secret)}}).mustBe(200, "New recovery codes")
	again.post("/sign-in/code", url.Values{"code": {recovery[1]}, "recovery": {"1"}}).mustBe(422, "none of your recovery codes")
}

func TestCodesAreTurnedOffByTheOwnerWithBothAndByAnAdministrator(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root := f.administrator()
	ada := f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	secret, recovery := ada.codesOn()
	ada.post("/account/codes/off", url.Values{"code-off": {f.code(secret)}, "password": {"wrong"}}).mustBe(422, "not your password")
	ada.post("/account/codes/off", url.Values{"code-off": {"123456"}, "password": {goodPassword}}).mustBe(422, "not the present code")
	ada.follow("/account/codes/off", url.Values{"code-off": {recovery[0]}, "password": {goodPassword}}).mustBe(200, "Codes are off")

	secret, _ = ada.codesOn()
	root.get("/users/"+string(ada.user.ID)).mustBe(200, "Turn codes off for Ada")
	root.follow("/users/"+string(ada.user.ID)+"/codes-off", nil).mustBe(200, "No code is asked of Ada")
	if a := f.stranger().password("ada@example.org"); a.location != "/account" {
		t.Errorf("without codes: %d to %q", a.status, a.location)
	}
	log, err := f.store.AuditEntries(t.Context(), store.AuditPage{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var took bool
	for _, e := range log {
		took = took || e.Action == "user.second_factor" && e.Detail == "off" && e.Actor.Name == "root@example.org"
		for _, secret := range append(recovery, secret, goodPassword) {
			if strings.Contains(e.Object+e.Detail, secret) {
				t.Errorf("the audit log holds a secret: %+v", e)
			}
		}
	}
	if !took {
		t.Error("the audit log does not say who turned codes off")
	}
	if strings.Contains(f.log.String(), secret) {
		t.Error("the log holds the secret")
	}
}

func TestOneSessionIsEndedAndOnlyAnOwnOne(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	ada, eve := f.signedIn(survey.User{Email: "ada@example.org", Name: "Ada"}), f.signedIn(survey.User{Email: "eve@example.org", Name: "Eve"})
	other := &person{field: f, user: ada.user, cookies: map[string]string{}}
	other.session()
	names := func(p *person) (here, elsewhere []string) {
		for _, row := range p.get("/account").find("tr", "", "") {
			for n := range row.Descendants() {
				if name, _ := attribute(n, "name"); n.Type == html.ElementNode && name == "session" {
					value, _ := attribute(n, "value")
					if strings.Contains(textOf(row), "this browser") {
						here = append(here, value)
					} else {
						elsewhere = append(elsewhere, value)
					}
				}
			}
		}
		return here, elsewhere
	}
	here, elsewhere := names(ada)
	if len(here) != 1 || len(elsewhere) != 1 {
		t.Fatalf("sessions here %v, elsewhere %v", here, elsewhere)
	}
	eve.post("/account/sessions/end", url.Values{"session": elsewhere}).mustBe(404, "ended already")
	eve.post("/account/sessions/end", url.Values{"session": {"zz"}}).mustBe(400, "no session is named")
	ada.follow("/account/sessions/end", url.Values{"session": elsewhere}).mustBe(200, "That session has ended")
	if other.get("/account").status == 200 {
		t.Error("the ended session goes on")
	}
	if a := ada.post("/account/sessions/end", url.Values{"session": here}); a.location != "/sign-in" {
		t.Errorf("ending the own session: %d to %q", a.status, a.location)
	}
}
