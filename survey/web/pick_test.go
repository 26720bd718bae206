package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// manyOrganizations adds so many to the study of the field.
func (f *field) manyOrganizations(n int) []survey.Organization {
	f.t.Helper()
	list := make([]survey.Organization, n)
	for i := range list {
		list[i] = survey.Organization{Key: fmt.Sprintf("org-%d", i+1), Name: fmt.Sprintf("Organization %d", i+1)}
	}
	made, err := f.store.PutOrganizations(f.t.Context(), f.Study.ID, list)
	if err != nil {
		f.t.Fatal(err)
	}
	return made
}

// shown are the labels of boxes that are in sight, and how many boxes are ticked.
func (a answer) shown() (labels []string, ticked int) {
	for _, label := range a.find("label", "class", "option") {
		for box := range label.Descendants() {
			if name, _ := attribute(box, "name"); name != "organization" {
				continue
			}
			if _, away := attribute(label, "hidden"); !away {
				labels = append(labels, textOf(label))
			}
			if _, checked := attribute(box, "checked"); checked {
				ticked++
			}
		}
	}
	return labels, ticked
}

// TestAThousandOrganizationsCanBeSearchedAndTickedWithoutScripts does by form alone what
// a browser with scripts does at once.
func TestAThousandOrganizationsCanBeSearchedAndTickedWithoutScripts(t *testing.T) {
	f := newFieldworkField(t)
	f.manyOrganizations(1000)
	p := f.administrator()
	coordinator := f.signedIn(survey.User{Email: "carla@example.org", Name: "Carla"})
	at := "/studies/sales/members"
	form := url.Values{"email": {"carla@example.org"}, "role": {"coordinator"}}
	ask := func(change func(url.Values)) answer {
		change(form)
		a := p.post(at, form)
		a.mustBe(200, "Give this role")
		form = a.form()
		form.Del("pick")
		if form.Get("email") != "carla@example.org" || form.Get("role") != "coordinator" {
			t.Fatalf("the form forgets what was typed: %v", form.Get("email"))
		}
		return a
	}
	first := p.get(at)
	first.mustBe(200, "0 of 1,001 ticked")
	if strings.Contains(textOf(first.doc), "Organizations (optional)") {
		t.Error("organizations are said to be optional")
	}
	found := ask(func(form url.Values) { form.Set("organization-q", "organization 99"); form.Set("organization-was", "") }) // Enter in the box
	if labels, ticked := found.shown(); len(labels) != 11 || ticked != 0 {
		t.Errorf("found %q", labels)
	}
	ask(func(form url.Values) { form.Set("pick", "all:organization") }).mustBe(200, "11 of 1,001 ticked, 11 shown")
	other := ask(func(form url.Values) { form.Set("organization-q", "acme"); form.Set("pick", "find:organization") })
	if labels, ticked := other.shown(); len(labels) != 12 || ticked != 11 {
		t.Errorf("what was ticked is out of sight: %d ticked, in sight %q", ticked, labels)
	}
	ask(func(form url.Values) { form.Set("pick", "none:organization") }).mustBe(200, "0 of 1,001 ticked, 1 shown")
	ask(func(form url.Values) { form.Set("organization-q", ""); form.Set("pick", "all:organization") }).mustBe(200, "1,001 of 1,001 ticked")
	p.follow(at, form).mustBe(200, "Carla is coordinator now")
	p.get(at).mustBe(200, "and 996 more")
	members, err := f.store.Members(t.Context(), f.Study.ID)
	if err != nil || len(members) != 1 || len(members[0].Organizations) != 1001 {
		t.Fatalf("%d members, %v", len(members), err)
	}
	mailing := wavePath(f.Study, f.Wave, "/mailings/new")
	coordinator.get(mailing).mustBe(200, "1,001 of 1,001 ticked")
	narrowed := coordinator.post(mailing, url.Values{"kind": {"reminder"}, "rate": {"60"}, "organization-q": {"organization 7"}, "pick": {"find:organization"}})
	narrowed.mustBe(200, "0 of 1,001 ticked, 111 shown")
	if narrowed.value("rate") != "60" {
		t.Error("the form of a sending forgets what was typed")
	}
}

func TestSomebodyWithoutAnAccountGetsItWithTheRole(t *testing.T) {
	f := newFieldworkField(t)
	p, at := f.administrator(), "/studies/sales/members"
	form := url.Values{"email": {"New@example.org"}, "role": {"executive"}}
	p.post(at, form).mustBe(422, "There is no account for this address yet: give the person's name, and one is made.")
	form.Set("name", "Nora New")
	p.post(at, form).mustBe(422, "choose at least one") // before an account is made
	form.Set("email", "not an address")
	p.post(at, form).mustBe(422, "This is not an e-mail address")
	form.Set("email", "New@example.org")
	if _, err := f.store.UserByEmail(t.Context(), "new@example.org"); survey.KindOf(err) != survey.NotFound {
		t.Fatalf("an account without a role was made: %v", err)
	}
	form.Set("organization", string(f.Organization.ID))
	f.as(survey.Administrator).post(at, form).mustBe(422, "Ask an administrator of the installation")
	a := p.post(at, form)
	a.mustBe(200, "Nora New is executive now.")
	a.mustBe(200, "/password/")
	user, err := f.store.UserByEmail(t.Context(), "new@example.org")
	if err != nil {
		t.Fatal(err)
	}
	members, err := f.store.Members(t.Context(), f.Study.ID)
	if err != nil || !slices.ContainsFunc(members, func(m survey.Membership) bool { return m.UserID == user.ID && m.For(f.Organization.ID) }) {
		t.Errorf("%+v, %v", members, err)
	}
	form.Set("role", "viewer")
	form.Del("organization")
	form.Set("name", "Somebody Else")
	p.follow(at, form).mustBe(200, "Nora New is viewer now.") // who has an account keeps its name
	p.post(at, url.Values{"email": {"root@example.org"}, "role": {"executive"}}).mustBe(422, "organization")
}

func TestTargetsOfAThousandOrganizationsArePasted(t *testing.T) {
	f := newFieldworkField(t)
	f.manyOrganizations(1000)
	planned, err := f.store.PutWave(t.Context(), survey.Wave{StudyID: f.Study.ID, Key: "later", Title: "Later", InstrumentHash: f.Wave.InstrumentHash, OpensAt: f.now.Add(time.Hour), MinimumGroup: 5})
	if err != nil {
		t.Fatal(err)
	}
	p := f.as(survey.Researcher)
	at := wavePath(f.Study, planned, "/targets")
	form := p.get(at).form()
	if lines := strings.Count(form.Get("organizations"), ","); lines != 1001 {
		t.Fatalf("%d organizations are listed", lines)
	}
	wrong := p.post(at, url.Values{"organizations": {"acme, 5\nnobody\t7\norg-1; many\nacme,6\norg-2,0"}})
	for _, words := range []string{`line 2: "nobody" is not the short name`, `line 3: "many" is not a number from 1 to`, `line 4: "acme" stands in line 1 already`, `line 5: "0" is not a number`} {
		wrong.mustBe(422, words)
	}
	if got := wrong.form().Get("organizations"); !strings.Contains(got, "org-1; many") {
		t.Errorf("what was typed is lost: %q", got)
	}
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, "org-%d\t%d\r\n", i+1, i+1)
	}
	p.follow(at, url.Values{"all": {"5000"}, "organizations": {lines.String()}}).mustBe(200, "targets are kept")
	targets, err := f.store.Targets(t.Context(), planned.ID)
	if err != nil || len(targets) != 1001 {
		t.Fatalf("%d targets, %v", len(targets), err)
	}
	kept := p.get(at)
	if got := kept.find("textarea", "name", "organizations"); len(got) != 1 || !strings.Contains(textOf(got[0]), "org-1000, 1000") || !strings.Contains(textOf(got[0]), "acme, org") {
		t.Error("the box does not show the targets that are kept")
	}
}
