package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"golang.org/x/net/html"
)

// field is an open wave behind a server.
type field struct {
	storetest.Fieldwork
	t      testing.TB
	store  *store.Store
	server *Server
	log    *bytes.Buffer
	now    time.Time
}

// newField serves a fresh store.
func newField(t testing.TB, config store.Config, settings ...storetest.Setting) *field {
	t.Helper()
	f := &field{t: t, now: storetest.Now}
	config.Clock = func() time.Time { return f.now }
	f.store = storetest.Open(t, config)
	f.Fieldwork = storetest.OpenWave(t, f.store, settings...)
	f.server, f.log = newBare(t, Options{Store: f.store, Intake: newIntake(t, f.store), Now: func() time.Time { return f.now }})
	return f
}

// newFieldAt is newField on SQLite for a fuzz test.
func newFieldAt(t testing.TB) *field {
	t.Helper()
	f := &field{t: t, now: storetest.Now, store: storetest.Open(t, storetest.SQLite(t))}
	f.Fieldwork = storetest.OpenWave(t, f.store)
	f.server, f.log = newBare(t, Options{Store: f.store, Intake: newIntake(t, f.store), Now: func() time.Time { return f.now }})
	return f
}

// newIntake starts an intake that ends with the test.
func newIntake(t testing.TB, s *store.Store) *intake.Intake {
	t.Helper()
	in := intake.New(s, intake.Options{})
	t.Cleanup(func() {
		if err := in.Drain(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return in
}

// answer is what the server sent, parsed.
type answer struct {
	t        testing.TB
	status   int
	header   http.Header
	location string
	text     string
	doc      *html.Node
}

func (f *field) get(path string) answer {
	f.t.Helper()
	return f.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (f *field) post(path string, form url.Values) answer {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return f.do(r)
}

func (f *field) do(r *http.Request) answer {
	f.t.Helper()
	if err := f.server.results.live.catchUp(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	a := answer{t: f.t, status: w.Code, header: w.Header(), location: w.Header().Get("Location"), text: w.Body.String()}
	doc, err := html.Parse(strings.NewReader(a.text))
	if err != nil {
		f.t.Fatal(err)
	}
	a.doc = doc
	return a
}

// find returns the elements with the tag and the attribute value; an empty value matches any.
func (a answer) find(tag, key, value string) []*html.Node {
	var found []*html.Node
	for n := range a.doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != tag {
			continue
		}
		if got, has := attribute(n, key); key == "" || has && (value == "" || got == value || key == "class" && slices.Contains(strings.Fields(got), value)) {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (a answer) heading() string {
	a.t.Helper()
	all := a.find("h1", "", "")
	if len(all) != 1 {
		a.t.Fatalf("%d headings in %s", len(all), a.text)
	}
	return textOf(all[0])
}

func (a answer) value(name string) string {
	a.t.Helper()
	all := a.find("input", "name", name)
	if len(all) == 0 {
		a.t.Fatalf("no control %q in %s", name, a.text)
	}
	v, _ := attribute(all[0], "value")
	return v
}

// form is what a browser would send of the page unchanged.
func (a answer) form() url.Values {
	form := url.Values{}
	for _, n := range a.find("input", "name", "") {
		name, _ := attribute(n, "name")
		value, _ := attribute(n, "value")
		kind, _ := attribute(n, "type")
		_, checked := attribute(n, "checked")
		if (kind != "radio" && kind != "checkbox") || checked {
			form.Add(name, value)
		}
	}
	for _, n := range a.find("textarea", "name", "") {
		name, _ := attribute(n, "name")
		form.Add(name, textOf(n))
	}
	for _, n := range a.find("select", "name", "") {
		name, _ := attribute(n, "name")
		for option := range n.Descendants() {
			if _, selected := attribute(option, "selected"); selected {
				value, _ := attribute(option, "value")
				form.Set(name, value)
			}
		}
	}
	return form
}

func (a answer) mustSee(location string) string {
	a.t.Helper()
	path, _, _ := strings.Cut(a.location, "?")
	if a.status != http.StatusSeeOther || !strings.HasSuffix(path, location) {
		a.t.Fatalf("%d to %q, want 303 to ...%s\n%s", a.status, a.location, location, a.text)
	}
	return a.location
}

// linkIn is the link of the respondent whose page this is.
func linkIn(location string) string { return strings.Join(strings.Split(location, "/")[:3], "/") }

func (a answer) mustBe(status int, words string) {
	a.t.Helper()
	if a.status != status || !strings.Contains(strings.ToLower(textOf(a.doc)), strings.ToLower(words)) {
		a.t.Fatalf("status %d, want %d with %q:\n%s", a.status, status, words, textOf(a.doc))
	}
}

// openToken makes an open link of the organization.
func (f *field) openToken() string {
	f.t.Helper()
	token := auth.NewToken()
	link := survey.OpenLink{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}
	if err := f.store.CreateOpenLink(f.t.Context(), link, auth.HashToken(token)); err != nil {
		f.t.Fatal(err)
	}
	return token
}

// invited makes an invitation and returns the address of its link.
func (f *field) invited() string {
	f.t.Helper()
	_, token := f.Invite(f.t, f.store, "")
	return "/r/" + token
}

// begin starts the questionnaire and chooses the role.
func (f *field) begin(link, role string) {
	f.t.Helper()
	f.post(link, url.Values{}).mustSee("/s/1")
	f.next(link, 1, url.Values{"role": {role}}).mustSee("/s/2")
}

// next opens a page, enters values and presses Next.
func (f *field) next(link string, n int, values url.Values) answer {
	f.t.Helper()
	return f.press(link, n, "next", values)
}

func (f *field) press(link string, n int, button string, values url.Values) answer {
	f.t.Helper()
	address := fmt.Sprintf("%s/s/%d", link, n)
	form := f.get(address).form()
	for key, value := range values {
		form[key] = value
	}
	form.Set("go", button)
	return f.post(address, form)
}

// complete is a valid answer to everything on a page.
func complete(page answer) url.Values {
	form := page.form()
	for _, n := range page.find("input", "type", "radio") {
		name, _ := attribute(n, "name")
		value, _ := attribute(n, "value")
		if value != "" && (form.Get(name) == "" || value == "6") {
			form.Set(name, value)
		}
	}
	return form
}

// fillAll answers every page and ends at the review.
func (f *field) fillAll(link string) answer {
	f.t.Helper()
	at := link + "/s/2"
	for range 20 {
		form := complete(f.get(at))
		form.Set("go", "next")
		a := f.post(at, form)
		if a.status != http.StatusSeeOther {
			f.t.Fatalf("%s: %d\n%s", at, a.status, textOf(a.doc))
		}
		if strings.Contains(a.location, "/review") {
			return f.get(a.location)
		}
		at = a.location
	}
	f.t.Fatal("the questionnaire does not end")
	return answer{}
}
