package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// newGroups is a field with two regions of enough organizations.
func newGroups(t *testing.T, open bool) *field {
	t.Helper()
	f := newResults(t, open, storetest.SQLite(t))
	for i := range 6 {
		o := survey.Organization{StudyID: f.Study.ID, Key: fmt.Sprintf("org-%02d", i), Name: fmt.Sprintf("Organization %d", i), Industry: "software", Region: "east_asia"}
		if _, err := f.store.PutOrganization(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestAGroupIsShownAsPageJSONAndCSV(t *testing.T) {
	f := newGroups(t, true)
	address := "/waves/spring/group?region=east_asia"
	page, b := f.get(address), decoded[benchmark.GroupBenchmark](f.get("/waves/spring/group.json?region=east_asia"))
	if page.status != http.StatusOK || !strings.Contains(page.text, b.Words) {
		t.Fatalf("%d, and the page does not say %q", page.status, b.Words)
	}
	if b.Organizations != 6 || b.Covered != 6 || b.Provenance.Filter != `region=["east_asia"]` {
		t.Errorf("%d of %d organizations, filter %q", b.Covered, b.Organizations, b.Provenance.Filter)
	}
	rows, shown := page.table("group-table"), 0
	for k, p := range b.Practices {
		if len(rows) <= k || rows[k][1] != first(p.Group) || rows[k][2] != first(p.All) {
			t.Fatalf("%s: the page shows %v, the JSON has %s and %s", p.Label, rows[k], first(p.Group), first(p.All))
		}
		if p.Group.Shown() {
			shown++
		}
	}
	if shown == 0 {
		t.Error("no figure of the group is shown")
	}
	csv := f.get(address + "&format=csv")
	if location := "/waves/spring/group?format=csv&region=east_asia"; csv.status != http.StatusSeeOther || csv.location != location {
		t.Errorf("%d to %s, want the one spelling %s", csv.status, csv.location, location)
	}
	if csv = f.get(csv.location); csv.status != http.StatusOK || strings.Count(csv.text, "\n") != len(b.Practices)+1 {
		t.Errorf("%d with %d lines of %d practices", csv.status, strings.Count(csv.text, "\n"), len(b.Practices))
	}
	if tag := page.header.Get("ETag"); tag == "" || tag == f.get("/waves/spring/group?region=europe").header.Get("ETag") {
		t.Errorf("two groups have the ETag %s", tag)
	}
}

func TestAGroupOfPeopleWithAnAnswerIsAskedForByItsForm(t *testing.T) {
	f := newGroups(t, true)
	options := f.get("/waves/spring").find("select", "name", "answer")
	if len(options) != 1 {
		t.Fatalf("%d lists of answers, want one", len(options))
	}
	answer := benchmark.GroupAnswer(benchmark.GroupQuestions(f.Instrument)[0].Item, 0)
	query := url.Values{"answer": {answer}}.Encode()
	if a := f.get("/waves/spring/group?role=&region=&" + query); a.location != "/waves/spring/group?"+query {
		t.Errorf("the form leads to %q with %d", a.location, a.status)
	}
	page, b := f.get("/waves/spring/group?"+query), decoded[benchmark.GroupBenchmark](f.get("/waves/spring/group.json?"+query))
	if page.status != http.StatusOK || !strings.Contains(page.text, b.Words) || b.Group.Answer != answer || b.Provenance.Filter != fmt.Sprintf("answer=%q", answer) {
		t.Errorf("%d, %q, %+v, filter %q", page.status, b.Words, b.Group, b.Provenance.Filter)
	}
	if chosen := page.find("option", "value", answer); len(chosen) != 1 {
		t.Errorf("%d options of the form are the answer", len(chosen))
	}
}

func TestTheFormOfGroupsLeadsToTheOneSpelling(t *testing.T) {
	f := newGroups(t, true)
	for path, want := range map[string]string{
		"/waves/spring/group?role=&region=europe&region=east_asia&region=europe": "/waves/spring/group?region=east_asia&region=europe",
		"/waves/spring/group?role=manager&region=":                               "/waves/spring/group?role=manager",
		"/waves/spring/group?region=europe&role=manager":                         "/waves/spring/group?region=europe&role=manager",
		"/waves/spring/group":               "/waves/spring",
		"/waves/spring/group?role=&region=": "/waves/spring",
	} {
		a := f.get(path)
		if path == want && a.status == http.StatusOK {
			continue
		}
		if a.status != http.StatusSeeOther || a.location != want {
			t.Errorf("%s leads to %s with %d, want %s", path, a.location, a.status, want)
		}
	}
	page := f.get("/waves/spring")
	if forms := page.find("form", "action", "/waves/spring/group"); len(forms) != 1 {
		t.Fatalf("%d forms of groups", len(forms))
	}
	if len(page.find("input", "value", "east_asia")) != 1 || len(page.find("input", "value", "manager")) != 1 {
		t.Error("the form does not offer what there is")
	}
	checked := f.get("/waves/spring/group?region=europe").find("input", "checked", "")
	if len(checked) != 2 {
		t.Errorf("%d choices are marked, want all roles and one region", len(checked))
	}
}

func TestAGroupThatIsNotMeantIsRefused(t *testing.T) {
	f := newGroups(t, true)
	for path, status := range map[string]int{
		"/waves/spring/group?criteria=strict":                          http.StatusBadRequest,
		"/waves/spring/group?role=ceo":                                 http.StatusBadRequest,
		"/waves/spring/group?role=manager&role=executive":              http.StatusBadRequest,
		"/waves/spring/group?region=atlantis":                          http.StatusBadRequest,
		"/waves/spring/group?answer=tenure":                            http.StatusBadRequest,
		"/waves/spring/group?answer=coaching_time:7":                   http.StatusBadRequest,
		"/waves/spring/group?answer=tenure:%00":                        http.StatusBadRequest,
		"/waves/spring/group?answer=a&answer=b":                        http.StatusBadRequest,
		"/waves/spring/group?role=manager&answer=complex_sale:yes":     http.StatusBadRequest,
		"/waves/spring/group?region=%00":                               http.StatusBadRequest,
		"/waves/spring/group?" + strings.Repeat("&region=europe", 300): http.StatusRequestURITooLong,
		"/waves/spring/group?" + strings.Repeat("&size=a", 201):        http.StatusBadRequest,
		"/waves/nowhere/group?region=europe":                           http.StatusNotFound,
		"/waves/spring/group?region=europe&format=xml":                 http.StatusBadRequest,
	} {
		if a := f.get(path); a.status != status {
			t.Errorf("%.80s: %d, want %d", path, a.status, status)
		}
	}
}

func TestGroupsAreForReadersOfTheWholeWave(t *testing.T) {
	f := newGroups(t, false)
	o, err := f.store.OrganizationByKey(t.Context(), f.Study.ID, "org-01")
	if err != nil {
		t.Fatal(err)
	}
	const path = "/waves/spring/group?region=europe"
	if a := f.get(path); a.status != http.StatusForbidden {
		t.Errorf("a stranger gets %d", a.status)
	}
	if _, cookie := f.follow("/results/" + f.link(o.ID)); f.getWith(cookie, path).status != http.StatusForbidden {
		t.Error("a reader of one organization gets a group")
	}
	if _, cookie := f.follow("/results/" + f.link("")); f.getWith(cookie, path).status != http.StatusOK {
		t.Error("a reader of the wave gets no group")
	}
}

func TestAnOpenWaveShowsNoGroupAndSaysWhy(t *testing.T) {
	f := newGroups(t, true)
	f.now = f.Wave.ClosesAt.Add(-1)
	b := decoded[benchmark.GroupBenchmark](f.get("/waves/spring/group.json?region=europe"))
	if len(b.Practices) != 0 || !strings.Contains(b.Reason, "closed") {
		t.Errorf("%d practices, %q", len(b.Practices), b.Reason)
	}
}
