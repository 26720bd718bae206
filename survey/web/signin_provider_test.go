package web

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"golang.org/x/net/html"
)

// idp is a provider of identities, served over HTTP: the certified OpenID provider
// of zitadel/oidc with people of our own.
type idp struct {
	t      *testing.T
	field  *field
	server *httptest.Server
	people map[string]*storage.User
}

func (p *idp) GetUserByID(id string) *storage.User { return p.people[id] }

func (p *idp) GetUserByUsername(name string) *storage.User {
	for _, u := range p.people {
		if u.Username == name {
			return u
		}
	}
	return nil
}

func (p *idp) ExampleClientID() string { return "none" }

// newIDP serves the provider and lets people sign in there.
func newIDP(t *testing.T, domains ...string) *idp {
	t.Helper()
	p := &idp{t: t, field: newField(t, storetest.SQLite(t)), people: map[string]*storage.User{}}
	p.field.now = time.Now() // the provider goes by the clock of the machine
	var handler http.Handler
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(p.server.Close)
	client := storage.WebClient("salesbench", "secret", "http://example.com/sign-in/service/back")
	handler = exampleop.SetupServer(p.server.URL, storage.NewStorageWithClients(p, map[string]*storage.Client{"salesbench": client}), nil, false)
	p.field.server.SignIn = &SignInService{Name: "Example", Domains: domains, Provider: auth.NewProvider(auth.ProviderSettings{
		Issuer: p.server.URL, ClientID: "salesbench", ClientSecret: "secret", Now: func() time.Time { return p.field.now }})}
	return p
}

// has makes somebody known to the provider.
func (p *idp) has(id, email string, verified bool) {
	p.people[id] = &storage.User{ID: id, Username: id, Password: "there", FirstName: "Ada", LastName: "Lovelace", Email: email, EmailVerified: verified}
}

// at signs in at the provider and returns the address at which it sends the browser back.
func (p *idp) at(address, name string) string {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), p.server.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	form := p.page(browser.Get(address))
	form.Set("username", name)
	form.Set("password", "there")
	answer, err := browser.PostForm(p.server.URL+"/login/username", form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || back.Host != "example.com" {
		p.t.Fatalf("the provider answers %s to %q, %v", answer.Status, back, err)
	}
	return back.RequestURI()
}

// page reads the hidden values of the page at which the provider asks who somebody is.
func (p *idp) page(answer *http.Response, err error) url.Values {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	doc, err := html.Parse(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	form := url.Values{}
	for n := range doc.Descendants() {
		if kind, _ := attribute(n, "type"); n.Data == "input" && kind == "hidden" {
			name, _ := attribute(n, "name")
			value, _ := attribute(n, "value")
			form.Set(name, value)
		}
	}
	if form.Get("id") == "" {
		p.t.Fatalf("the provider shows no sign-in (%s): %s", answer.Status, textOf(doc))
	}
	return form
}

// begin presses the button and returns the address at the provider.
func (p *idp) begin(browser *person) string {
	p.t.Helper()
	a := browser.get("/sign-in/service?next=/account")
	if a.status != 303 || !strings.HasPrefix(a.location, p.server.URL) {
		p.t.Fatalf("the button leads to %d %q\n%s", a.status, a.location, textOf(a.doc))
	}
	return a.location
}

// signIn is the whole way of a browser.
func (p *idp) signIn(browser *person, name string) answer {
	p.t.Helper()
	return browser.get(p.at(p.begin(browser), name))
}

func TestSigningInAtAProviderBindsTheAccountOfTheVerifiedAddress(t *testing.T) {
	p := newIDP(t)
	f := p.field
	ada := f.signedIn(survey.User{Email: "ada@example.org", Name: "Ada"})
	p.has("1", "ada@example.org", true)
	browser := f.stranger()
	browser.get("/sign-in").mustBe(200, "Sign in with Example")
	if a := p.signIn(browser, "1"); a.location != "/account" {
		t.Fatalf("after the provider: %d to %q\n%s", a.status, a.location, textOf(a.doc))
	}
	browser.get("/account").mustBe(200, "ada@example.org")

	p.people["1"].Email = "ada@elsewhere.example" // it is still the same person there
	again := f.stranger()
	p.signIn(again, "1")
	again.get("/account").mustBe(200, "ada@example.org")

	f.signedIn(survey.User{Email: "new@example.org", Name: "New"})
	people := f.administrator().get("/users")
	people.mustBe(200, "Adaada@example.orgby roles in studiesExampleactive")
	people.mustBe(200, "Newnew@example.orgby roles in studies–has not signed in yet")

	p.has("2", "ada@example.org", true) // the address was given to somebody else
	p.signIn(f.stranger(), "2").mustBe(403, "belongs to somebody else")
	entries, err := f.store.AuditEntries(t.Context(), store.AuditPage{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	bound := 0
	for _, e := range entries {
		if e.Action == "user.bind" && e.Actor.UserID == ada.user.ID {
			bound++
		}
	}
	if bound != 1 {
		t.Errorf("%d bindings in the audit log", bound)
	}
}

func TestAnAccountIsMadeOnlyForVerifiedAddressesOfNamedDomains(t *testing.T) {
	p := newIDP(t, "example.org")
	p.has("1", "ada@example.org", true)
	p.has("2", "eve@example.org", false)
	p.has("3", "eve@evil.example", true)
	p.has("4", "eve@example.org.evil.example", true)
	p.has("5", "", true)
	p.signIn(p.field.stranger(), "2").mustBe(403, "has not verified your e-mail address")
	p.signIn(p.field.stranger(), "3").mustBe(403, "no account for your address")
	p.signIn(p.field.stranger(), "4").mustBe(403, "no account for your address")
	p.signIn(p.field.stranger(), "5").mustBe(403, "has not verified your e-mail address")
	browser := p.field.stranger()
	if a := p.signIn(browser, "1"); a.location != "/account" {
		t.Fatalf("%d to %q\n%s", a.status, a.location, textOf(a.doc))
	}
	browser.get("/account").mustBe(200, "Ada Lovelace")
	browser.get("/users").mustBe(404, "nothing for you")
}

func TestAnUnverifiedAddressAndADisabledAccountOpenNothing(t *testing.T) {
	p := newIDP(t)
	f := p.field
	root := f.administrator()
	ada := f.signedIn(survey.User{Email: "ada@example.org", Name: "Ada"})
	p.has("1", "ada@example.org", false)
	browser := f.stranger()
	p.signIn(browser, "1").mustBe(403, "has not verified")
	if a := browser.get("/account"); a.status != 303 {
		t.Errorf("the account page answers %d", a.status)
	}
	p.people["1"].EmailVerified = true
	p.signIn(f.stranger(), "1").mustBe(303, "")
	ada.user.DisabledAt = f.now
	if err := f.store.ChangeUser(t.Context(), survey.Actor{UserID: root.user.ID, Name: root.user.Email}, ada.user); err != nil {
		t.Fatal(err)
	}
	p.signIn(f.stranger(), "1").mustBe(403, "is disabled")
}

func TestWhatTheBrowserBringsBackCountsOnceAndOnlyWhereItWasBegun(t *testing.T) {
	p := newIDP(t)
	f := p.field
	f.signedIn(survey.User{Email: "ada@example.org", Name: "Ada"})
	p.has("1", "ada@example.org", true)

	browser := f.stranger()
	back := p.at(p.begin(browser), "1")
	f.stranger().get(back).mustBe(403, "not begun on this browser")
	browser.get(back).mustBe(303, "")
	browser.get(back).mustBe(403, "used already")

	address, err := url.Parse(p.begin(browser))
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	if query.Get("code_challenge_method") != "S256" || query.Get("state") == "" {
		t.Errorf("asked for with %v", query)
	}
	query.Set("nonce", "another")
	address.RawQuery = query.Encode()
	browser.get(p.at(address.String(), "1")).mustBe(403, "does not belong to this sign-in")

	stolen, err := url.Parse(p.at(p.begin(browser), "1"))
	if err != nil {
		t.Fatal(err)
	}
	thief := f.stranger()
	own, err := url.Parse(p.begin(thief))
	if err != nil {
		t.Fatal(err)
	}
	thief.get("/sign-in/service/back?"+url.Values{"state": {own.Query().Get("state")}, "code": {stolen.Query().Get("code")}}.Encode()).mustBe(403, "did not confirm this sign-in")

	p.begin(browser)
	browser.get("/sign-in/service/back?state=wrong&code=x").mustBe(403, "not begun on this browser")
	own, err = url.Parse(p.begin(browser))
	if err != nil {
		t.Fatal(err)
	}
	browser.get("/sign-in/service/back?error=access_denied&state="+own.Query().Get("state")).mustBe(403, "stopped the sign-in at Example")
	back = p.at(p.begin(browser), "1")
	f.now = f.now.Add(handshakeLife)
	browser.get(back).mustBe(403, "longer than ten minutes")
}

func TestAnExpiredTokenSignsNobodyIn(t *testing.T) {
	p := newIDP(t)
	p.field.signedIn(survey.User{Email: "ada@example.org", Name: "Ada"})
	p.has("1", "ada@example.org", true)
	p.field.now = time.Now().Add(3 * time.Hour)
	p.signIn(p.field.stranger(), "1").mustBe(403, "too old")
}

func TestAProviderThatIsDownLeavesThePassword(t *testing.T) {
	p := newIDP(t)
	f := p.field
	f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	p.server.Close()
	browser := f.stranger()
	a := browser.get("/sign-in/service")
	a.mustBe(503, "does not answer")
	if strings.Contains(a.text, "127.0.0.1") {
		t.Error("the page tells what the network said")
	}
	if a := browser.password("ada@example.org"); a.location != "/account" {
		t.Errorf("by password: %d to %q", a.status, a.location)
	}
}

func TestACodeIsAskedForAfterAProvider(t *testing.T) {
	p := newIDP(t)
	f := p.field
	ada := f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	secret, _ := ada.codesOn()
	p.has("1", "ada@example.org", true)
	browser := f.stranger()
	if a := p.signIn(browser, "1"); a.location != "/sign-in/code" {
		t.Fatalf("after the provider: %d to %q", a.status, a.location)
	}
	if a := browser.post("/sign-in/code", url.Values{"code": {f.code(secret)}}); a.location != "/account" {
		t.Errorf("after the code: %d to %q", a.status, a.location)
	}
}

func TestWithoutAProviderThereIsNoSuchWay(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.get("/sign-in/service").mustBe(404, "no sign-in service")
	f.get("/sign-in/service/back?code=x&state=y").mustBe(404, "no sign-in service")
	if a := f.get("/sign-in"); strings.Contains(a.text, "/sign-in/service") {
		t.Error("the page offers what there is not")
	}
}

func TestAnAccountThatSignsInAtAProviderLearnsItsTimeZoneOnce(t *testing.T) {
	p := newIDP(t, "example.org")
	f := p.field
	f.administrator()
	p.has("1", "ada@example.org", true)
	in := func(zone string) survey.User {
		browser := f.stranger()
		browser.get(p.at(browser.get("/sign-in/service?zone="+url.QueryEscape(zone)).location, "1"))
		user, err := f.store.UserByEmail(t.Context(), "ada@example.org")
		if err != nil {
			t.Fatal(err)
		}
		return user
	}
	for _, step := range []struct{ offered, kept string }{{"Mars/Olympus", ""}, {"../../etc/passwd", ""}, {"", ""}, {"Europe/Berlin", "Europe/Berlin"}, {"Asia/Tokyo", "Europe/Berlin"}} {
		if user := in(step.offered); user.Zone != step.kept {
			t.Errorf("after %q the zone is %q, not %q", step.offered, user.Zone, step.kept)
		}
	}
}
