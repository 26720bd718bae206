package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

var tester = survey.Actor{Name: "tester", Origin: "test"}

// person is somebody with an account and a browser.
type person struct {
	*field
	user    survey.User
	cookies map[string]string
}

// administrator is an administrator of the installation who is signed in.
func (f *field) administrator() *person {
	return f.signedIn(survey.User{Email: "root@example.org", Name: "Root", Administrator: true})
}

// as is somebody with the role in the study of the field, who is signed in.
func (f *field) as(role survey.StaffRole) *person {
	f.t.Helper()
	p := f.signedIn(survey.User{Email: string(role) + "@example.org", Name: "A " + string(role)})
	m := survey.Membership{UserID: p.user.ID, StudyID: f.Study.ID, Role: role}
	if role.Bound() {
		m.Organizations = []survey.OrganizationID{f.Organization.ID}
	}
	if err := f.store.PutMembership(f.t.Context(), tester, m); err != nil {
		f.t.Fatal(err)
	}
	return p
}

// signedIn makes the account and a session, without the price of a password.
func (f *field) signedIn(u survey.User) *person {
	f.t.Helper()
	made, err := f.store.CreateUser(f.t.Context(), tester, u)
	if err != nil {
		f.t.Fatal(err)
	}
	p := &person{field: f, user: made, cookies: map[string]string{}}
	p.session()
	return p
}

// session gives the person a fresh session.
func (p *person) session() {
	p.t.Helper()
	ctx, err := p.server.sessions.Load(p.t.Context(), "")
	if err != nil {
		p.t.Fatal(err)
	}
	p.server.sessions.Put(ctx, sessionUser, string(p.user.ID))
	token, _, err := p.server.sessions.Commit(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	p.cookies[sessionCookie] = token
}

func (p *person) get(path string) answer {
	p.t.Helper()
	return p.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (p *person) post(path string, form url.Values) answer {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(r)
}

// follow posts the form and opens the page that it leads to.
func (p *person) follow(path string, form url.Values) answer {
	p.t.Helper()
	a := p.post(path, form)
	if a.status != http.StatusSeeOther {
		p.t.Fatalf("POST %s: %d, want 303:\n%s", path, a.status, textOf(a.doc))
	}
	return p.get(a.location)
}

func (p *person) do(r *http.Request) answer {
	p.t.Helper()
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	a := p.field.do(r)
	for _, cookie := range (&http.Response{Header: a.header}).Cookies() {
		p.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(p.cookies, cookie.Name)
		}
	}
	return a
}

// TestPermissionsHoldOnEveryRouteForEveryRole tries every route with every role, with
// an account that has none, and without an account.
func TestPermissionsHoldOnEveryRouteForEveryRole(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	nobody := &person{field: f, cookies: map[string]string{}}
	people := map[string]*person{"nobody": nobody, "administrator of the installation": f.administrator(),
		"account without a role": f.signedIn(survey.User{Email: "stranger@example.org", Name: "Stranger"})}
	for _, role := range survey.StaffRoles() {
		people[string(role)] = f.as(role)
	}
	things := f.things(people["coordinator"])
	address := strings.NewReplacer(":study", f.Study.Key, ":wave", f.Wave.Key, ":org", f.Organization.Key, ":user", string(people["viewer"].user.ID),
		":token", "x", ":mark", "x", ":upload", things.upload, ":person", things.person, ":link", things.link, ":job", things.job, ":ticket", "x", ":document", f.Instrument.Hash(), ":campaign", f.campaign(), ":turn", "pause", ":kind", "invitation", ":language", "en", ":n", "1")
	if err := f.store.UseKey(t.Context(), storetest.Key); err != nil {
		t.Fatal(err)
	}
	ended := false
	for _, r := range f.server.routes() {
		for name, p := range people {
			if ended && name != "nobody" {
				p.session() // the route before may have ended it
			}
			path := address.Replace(r.path)
			if strings.Contains(path, "/:") {
				t.Fatalf("%s: the test knows no value for a parameter", path)
			}
			var a answer
			if r.method == http.MethodGet {
				a = p.get(path)
			} else {
				a = p.post(path, url.Values{})
			}
			got, want := verdict(a), expected(permissions[r.name()], name)
			if want == "an unknown link" && (a.status == http.StatusForbidden || a.status == http.StatusNotFound || a.location != "") {
				continue
			}
			if got != want {
				t.Errorf("%s as %s: %s (%d), the table says %s", r.name(), name, got, a.status, want)
			}
		}
		ended = r.method != http.MethodGet
	}
}

// verdict reads from an answer whether somebody was let through.
func verdict(a answer) string {
	switch {
	case a.status == http.StatusUnauthorized, strings.HasPrefix(a.location, "/sign-in?next="):
		return "sign in"
	case a.status == http.StatusForbidden, strings.Contains(a.text, "here is nothing for you at this address"):
		return "refused"
	}
	return "let through"
}

// expected is what the table says, read in another way than the server does.
func expected(p permission, name string) string {
	holds := func() bool {
		if name == "administrator of the installation" {
			return true
		}
		for _, role := range p.roles {
			if string(role) == name {
				return true
			}
		}
		return false
	}
	switch p.audience {
	case account, install, member:
		switch {
		case name == "nobody":
			return "sign in"
		case p.audience == account, p.audience == install && name == "administrator of the installation", p.audience == member && holds():
			return "let through"
		}
		return "refused"
	case byReader:
		if !holds() {
			return "refused"
		}
	case byLink:
		return "an unknown link"
	}
	return "let through"
}
