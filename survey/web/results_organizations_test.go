package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart/charttest"
	"github.com/salesbench/salesbench/survey"
)

// manyOrganizations is a result of so many organizations, with names that stand in
// no order.
func manyOrganizations(n int) *benchmark.Benchmark {
	b := charttest.Wave()
	one := b.Organizations[0]
	b.Organizations = nil
	for i := range n {
		o := one
		o.Key, o.Name = fmt.Sprintf("o%d", i), fmt.Sprintf("Company %d", i*7919%n)
		o.Classification.Index.Value.Value = float64(i*31%n) / float64(n)
		b.Organizations = append(b.Organizations, o)
	}
	return b
}

// organizationLinks are the organizations that the page leads to, in its order.
func (a answer) organizationLinks() []string {
	var names []string
	for _, found := range regexp.MustCompile(`href="/waves/w/organizations/[^"]+">([^<]+)</a>`).FindAllStringSubmatch(a.text, -1) {
		names = append(names, found[1])
	}
	return names
}

// servesOrganizations serves the page and the list of a wave of so many organizations.
func servesOrganizations(t *testing.T, n int) *field {
	w, b := resultWave{Wave: survey.Wave{Key: "w"}, instrument: survey.Builtin()}, manyOrganizations(n)
	f, kept := &field{t: t}, &keptResult{wave: w}
	f.server, _ = newBare(t, Options{}, route{http.MethodGet, "/sample", anybody, func(c echo.Context) error {
		p, err := wavePage(w, b)
		if err != nil {
			return err
		}
		return page(c, http.StatusOK, p)
	}}, route{http.MethodGet, "/sample/list", anybody, func(c echo.Context) error {
		return page(c, http.StatusOK, organizationListPage(c, result[*benchmark.Benchmark]{b, kept}))
	}})
	return f
}

func TestAPageOfManyOrganizationsHasTheFirstAndLeadsToAll(t *testing.T) {
	f := servesOrganizations(t, 1250)
	wave := f.get("/sample")
	rows := wave.organizationLinks()
	if len(rows) != firstOnPage || !strings.Contains(wave.text, "The first 100 of 1,250 organizations") || !strings.Contains(wave.text, `href="/waves/w/organizations">All 1,250 organizations`) {
		t.Fatalf("%d organizations on the page, without a way to the others", len(rows))
	}
	var listed []string
	for n := range 13 {
		part := f.get(fmt.Sprintf("/sample/list?page=%d", n+1))
		listed = append(listed, part.organizationLinks()...)
		if next := strings.Contains(part.text, `rel="next"`); next != (n < 12) {
			t.Errorf("part %d leads on: %t", n+1, next)
		}
	}
	if len(listed) != 1250 || !slices.Equal(listed[:firstOnPage], rows) {
		t.Errorf("the parts have %d organizations, or begin with others than the page", len(listed))
	}
	slices.Sort(listed)
	if n := len(slices.Compact(listed)); n != 1250 {
		t.Errorf("%d different organizations", n)
	}
	few := servesOrganizations(t, mostOnPage).get("/sample")
	if n := len(few.organizationLinks()); n != mostOnPage || strings.Contains(few.text, "organizations, with a search") {
		t.Errorf("of %d organizations %d stand on the page", mostOnPage, n)
	}
}

func TestTheListOfOrganizationsIsSearchedByName(t *testing.T) {
	f := servesOrganizations(t, 1250)
	found := f.get("/sample/list?q=cOMPANY+124")
	rows := found.organizationLinks()
	if len(rows) != 11 { // 124 and 1240 to 1249
		t.Errorf("%d are found: %v", len(rows), rows)
	}
	for _, row := range rows {
		if !strings.HasPrefix(row, "Company 124") {
			t.Errorf("found %q", row)
		}
	}
	if byKey := f.get("/sample/list?q=o124").organizationLinks(); len(byKey) != 11 {
		t.Errorf("%d are found by their short name", len(byKey))
	}
	if none := f.get("/sample/list?q=%3Cscript%3Enobody"); none.status != http.StatusOK || !strings.Contains(none.text, "No organization has this in its name") || strings.Contains(none.text, "<script>nobody") {
		t.Errorf("nothing found: %d %.300s", none.status, none.text)
	}
	for _, page := range []string{"0", "-3", "99999999999999999999", "x", "14"} {
		if got := f.get("/sample/list?page=" + page); got.status != http.StatusOK || len(got.organizationLinks()) == 0 {
			t.Errorf("page %s: %d without organizations", page, got.status)
		}
	}
}

func TestTheListOfOrganizationsRefusesWhatItDoesNotKnow(t *testing.T) {
	f := newShown(t)
	if page := f.get("/waves/spring/organizations"); page.status != http.StatusOK || len(page.table("organization-table")) == 0 {
		t.Errorf("the list: %d", page.status)
	}
	if got := f.get("/waves/spring/organizations/"); got.status != http.StatusPermanentRedirect || got.location != "../organizations" {
		t.Errorf("with a slash at its end: %d to %q", got.status, got.location)
	}
	for path, status := range map[string]int{"/waves/spring/organizations?sort=name": http.StatusBadRequest, "/waves/spring/organizations?format=csv": http.StatusBadRequest,
		"/waves/nowhere/organizations": http.StatusNotFound} {
		if got := f.get(path); got.status != status {
			t.Errorf("%s: %d, want %d", path, got.status, status)
		}
	}
}

func TestAgreementInsideOfManyOrganizationsIsShownInPart(t *testing.T) {
	n := 0
	trust := &benchmark.Trust{Scales: []benchmark.TrustScale{{Title: "Area"}}, OrganizationsN: &n}
	for i := range 1250 {
		trust.Organizations = append(trust.Organizations, benchmark.TrustOrganization{Key: fmt.Sprintf("o%d", i), Name: fmt.Sprintf("Company %d", i)})
	}
	table := withinTable(resultWave{Wave: survey.Wave{Key: "w"}}, trust)
	if len(table.Rows) != firstOnPage || !strings.Contains(table.Caption, "the first 100 of 1,250 organizations") || !slices.ContainsFunc(table.Notes, func(note string) bool { return strings.Contains(note, "as CSV") }) {
		t.Errorf("%d rows, %q, %q", len(table.Rows), table.Caption, table.Notes)
	}
	trust.Organizations = trust.Organizations[:mostOnPage]
	if table = withinTable(resultWave{}, trust); len(table.Rows) != mostOnPage || strings.Contains(table.Caption, "first") {
		t.Errorf("%d rows, %q", len(table.Rows), table.Caption)
	}
}

func TestALargeFormIsKeptPackedAndSentUnpackedToWhoeverAsksForThat(t *testing.T) {
	words := strings.Repeat("many answers of many people. ", mostUnpacked/20)
	var made *rendition
	f := &field{t: t}
	f.server, _ = newBare(t, Options{}, route{http.MethodGet, "/sample", anybody, func(c echo.Context) error {
		var err error
		if made, err = render(c, asJSON, plainResult(words), nil); err != nil {
			return err
		}
		return made.send(c)
	}})
	got := f.get("/sample")
	if want := `"` + words + `"` + "\n"; got.text != want || got.status != http.StatusOK {
		t.Errorf("%d, %d bytes, want %d", got.status, len(got.text), len(want))
	}
	if made.body != nil || len(made.packed) == 0 || len(made.packed) > mostUnpacked/100 {
		t.Errorf("%d bytes are kept, and %d packed", len(made.body), len(made.packed))
	}
}

// plainResult is a result without tables.
type plainResult string

func (plainResult) Tables() []benchmark.Table { return nil }
