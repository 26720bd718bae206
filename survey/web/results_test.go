package web

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart/charttest"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"github.com/salesbench/salesbench/templates"
)

// table returns the cells of the table with the id, the heading of each row first.
func (a answer) table(id string) [][]string {
	a.t.Helper()
	captions := a.find("caption", "id", id)
	if len(captions) != 1 {
		a.t.Fatalf("%d tables with the caption %q", len(captions), id)
	}
	var rows [][]string
	for n := range captions[0].Parent.Descendants() {
		if n.Type != html.ElementNode || n.Data != "tr" || n.Parent.Data != "tbody" {
			continue
		}
		var cells []string
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && c.FirstChild != nil {
				cells = append(cells, strings.Fields(c.FirstChild.Data + " ")[:1]...)
			}
		}
		rows = append(rows, cells)
	}
	return rows
}

func (a answer) benchmark() *benchmark.Benchmark {
	a.t.Helper()
	var b benchmark.Benchmark
	if err := json.Unmarshal([]byte(a.text), &b); err != nil {
		a.t.Fatalf("%v in %.200s", err, a.text)
	}
	return &b
}

func TestTheWavePageShowsTheNumbersOfTheJSON(t *testing.T) {
	sample := route{http.MethodGet, "/sample/:wave", anybody, func(c echo.Context) error {
		_, form, err := asked(c, c.Param("wave"))
		if err != nil {
			return err
		}
		b := charttest.Wave()
		return sendResult(c, form, b, func() (templates.Page, error) {
			return wavePage(resultWave{Wave: survey.Wave{Key: "w"}, instrument: survey.Builtin()}, b)
		})
	}}
	f := &field{t: t}
	f.server, _ = newBare(t, Options{}, sample)
	page, b := f.get("/sample/w"), f.get("/sample/w.json").benchmark()
	if page.status != http.StatusOK || page.heading() != b.Title {
		t.Fatalf("%d with the heading %q, want the title %q", page.status, page.heading(), b.Title)
	}
	var shown [][]string
	for _, row := range page.table("practice-table") {
		if len(row) > 1 {
			shown = append(shown, row)
		}
	}
	if len(shown) != len(b.Practices) || len(shown) == 0 {
		t.Fatalf("%d practices on the page, %d in the JSON", len(shown), len(b.Practices))
	}
	byWord := map[string]int{}
	for _, row := range shown {
		byWord[strings.Join(row[1:4], " ")]++
	}
	for _, p := range b.Practices {
		figures := strings.Join([]string{first(p.WC), first(p.Rest), first(p.All)}, " ")
		if byWord[figures] == 0 {
			t.Errorf("%s: the figures %s of the JSON are in no row of the page", p.Label, figures)
		}
		byWord[figures]--
	}
	again := f.get("/sample/w.json")
	if again.text != f.get("/sample/w?format=json").text || again.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Error("the address ending in .json gives something else than format=json")
	}
}

// first is the first word of a figure, as the table reader above takes it.
func first(e benchmark.Estimate) string { return strings.Fields(e.Text())[0] }

func TestTheWavePageHasItsPartsAndItsScripts(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	page := f.get("/waves/spring")
	for _, id := range []string{"manager", "practices", "by-area", "answers", "organizations", "criteria", "results", "roles", "study-style", "sample", "caveats", "provenance", "downloads"} {
		if len(page.find("h2", "id", id)) != 1 {
			t.Errorf("the page has no part %q", id)
		}
	}
	for _, id := range []string{"manager-help", "manager-time", "gaps", "areas", "agreement"} {
		if len(page.find("figure", "id", id)) != 1 {
			t.Errorf("the page has no figure %q", id)
		}
	}
	for _, script := range page.find("script", "", "") {
		kind, _ := attribute(script, "type")
		source, _ := attribute(script, "src")
		if kind != "application/json" && !strings.HasPrefix(source, "/static/") {
			t.Errorf("a script that is neither data nor ours: type %q, src %q", kind, source)
		}
		if kind == "application/json" && !json.Valid([]byte(script.FirstChild.Data)) {
			t.Errorf("a data block that is no JSON: %.100s", script.FirstChild.Data)
		}
	}
	if got := page.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control of results is %q, want no-store", got)
	}
	for _, link := range page.find("a", "", "") {
		if href, _ := attribute(link, "href"); strings.HasPrefix(href, "#") && len(page.find("", "id", href[1:]))+len(page.find("h2", "id", href[1:]))+len(page.find("main", "id", href[1:])) == 0 {
			t.Errorf("the link %s leads nowhere", href)
		}
	}
}

func TestASmallOrganizationIsWithheldEverywhere(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	page := f.get("/waves/spring/organizations/" + smallOrganization)
	if page.status != http.StatusOK || !strings.Contains(page.text, "Nothing can be shown") {
		t.Fatalf("%d: %.300s", page.status, page.text)
	}
	if len(page.find("figure", "", "")) != 0 || len(page.find("table", "", "")) != 0 {
		t.Error("the page of a small organization has tables or figures")
	}
	var r benchmark.OrganizationReport
	if err := json.Unmarshal([]byte(f.get("/waves/spring/organizations/"+smallOrganization+".json").text), &r); err != nil {
		t.Fatal(err)
	}
	if r.Status != benchmark.Withheld || r.Organization.N != nil || len(r.Practices) != 0 {
		t.Errorf("the JSON of a small organization says more than that it is withheld: %+v", r)
	}
	for _, row := range f.get("/waves/spring").table("organization-table") {
		if row[0] == "Small" && strings.Join(row[1:2], "") != "withheld" {
			t.Errorf("the table of organizations shows the small one: %v", row)
		}
	}
	for _, o := range f.get("/waves/spring.json").benchmark().Organizations {
		if o.Key == smallOrganization && (o.N != nil || o.Status != benchmark.Withheld || o.Classification.PWC.Valid) {
			t.Errorf("the JSON of the wave shows the small organization: %+v", o)
		}
	}
}

func TestAHostileNameIsHarmlessOnPageAndInFiles(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	for _, path := range []string{"/waves/spring", "/waves/spring/organizations/org-00"} {
		page := f.get(path)
		if page.status != http.StatusOK {
			t.Fatalf("%s: %d", path, page.status)
		}
		for _, script := range page.find("script", "", "") {
			if kind, _ := attribute(script, "type"); script.FirstChild != nil && kind != "application/json" {
				t.Errorf("%s: the name became a script: %s", path, script.FirstChild.Data)
			}
		}
		if len(page.find("img", "", "")) != 0 {
			t.Errorf("%s: the name became a picture", path)
		}
		if strings.ContainsAny(page.text, "\u202e\x00") {
			t.Errorf("%s: the name can turn the direction of what follows", path)
		}
	}
	res := f.get("/waves/spring?format=csv&table=organizations")
	rows, err := csv.NewReader(strings.NewReader(res.text)).ReadAll()
	if err != nil || len(rows) < resultOrganizations {
		t.Fatalf("%d rows of organizations: %v", len(rows), err)
	}
	formula := regexp.MustCompile(`^[=+@\t\r]|^-[^0-9]`)
	for _, row := range rows {
		for _, cell := range row {
			if formula.MatchString(cell) {
				t.Errorf("a spreadsheet would run %q", cell)
			}
		}
	}
	if got := res.header.Get("Content-Disposition"); got != `attachment; filename="spring-organizations.csv"` {
		t.Errorf("Content-Disposition is %q", got)
	}
}

func TestAFormOrTableThatDoesNotExistIsSaidInWords(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	for path, status := range map[string]int{
		"/waves/spring?format=xml":           http.StatusBadRequest,
		"/waves/spring?criteria=strict":      http.StatusBadRequest,
		"/waves/nowhere":                     http.StatusNotFound,
		"/waves/spring/organizations/nobody": http.StatusNotFound,
	} {
		if a := f.get(path); a.status != status || a.heading() == "" {
			t.Errorf("%s: %d, want %d", path, a.status, status)
		}
	}
	if a := f.get("/waves/spring?format=csv&table=other"); a.status != http.StatusNotFound || !strings.Contains(a.text, "There is no table") {
		t.Errorf("a table that does not exist: %d %s", a.status, a.text)
	}
}

func TestWithoutALinkNobodyLearnsWhetherAWaveExists(t *testing.T) {
	f := newResults(t, false, storetest.SQLite(t))
	other := f.link("")
	if err := f.store.RevokeResultLink(t.Context(), auth.HashToken(other)); err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, path := range []string{"/waves/spring", "/waves/nowhere", "/waves/spring/organizations/org-01",
		"/waves/spring/organizations/nobody", "/waves/nowhere/organizations/org-01",
		"/results/" + auth.NewToken(), "/results/" + other, "/results/short", "/results/spring?key=wrong", "/results/spring/org/org-01?key=" + auth.NewToken()} {
		a := f.get(path)
		if a.status != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", path, a.status)
		}
		if len(a.header.Values("Set-Cookie")) != 0 {
			t.Errorf("%s leaves a cookie", path)
		}
		if want == "" {
			want = a.text
		}
		if a.text != want {
			t.Errorf("%s answers with other words than /waves/spring, which tells what exists", path)
		}
	}
}

func TestALinkToTheWaveOpensEverythingInIt(t *testing.T) {
	f := newResults(t, false, storetest.SQLite(t))
	token := f.link("")
	for _, path := range []string{"/results/" + token, "/results/" + strings.ToUpper(token), "/results/spring?key=" + token} {
		a, cookie := f.follow(path)
		if a.status != http.StatusSeeOther || a.location != "/waves/spring" {
			t.Errorf("%s: %d to %q, want a redirect to the wave", path, a.status, a.location)
		}
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/waves" || cookie.Secure {
			t.Errorf("the cookie over plain HTTP is %v", cookie)
		}
		for _, page := range []string{"/waves/spring", "/waves/spring.json", "/waves/spring/organizations/org-01"} {
			if got := f.getWith(cookie, page); got.status != http.StatusOK {
				t.Errorf("%s with the cookie of %s: %d", page, path, got.status)
			}
		}
	}
	_, cookie := f.follow("/results/" + token)
	if err := f.store.RevokeResultLink(t.Context(), auth.HashToken(token)); err != nil {
		t.Fatal(err)
	}
	if got := f.getWith(cookie, "/waves/spring"); got.status != http.StatusForbidden {
		t.Errorf("after the link was revoked: %d, want 403", got.status)
	}
}

func TestALinkToOneOrganizationOpensNothingElse(t *testing.T) {
	f := newResults(t, false, storetest.SQLite(t))
	o, err := f.store.OrganizationByKey(t.Context(), f.Study.ID, "org-01")
	if err != nil {
		t.Fatal(err)
	}
	a, cookie := f.follow("/results/" + f.link(o.ID))
	if a.location != "/waves/spring/organizations/org-01" {
		t.Errorf("the link leads to %q", a.location)
	}
	for path, status := range map[string]int{
		"/waves/spring/organizations/org-01": http.StatusOK, "/waves/spring/organizations/org-01.csv": http.StatusOK,
		"/waves/spring": http.StatusForbidden, "/waves/spring.json": http.StatusForbidden,
		"/waves/spring/organizations/org-02": http.StatusForbidden, "/waves/spring/organizations/nobody": http.StatusForbidden,
	} {
		if got := f.getWith(cookie, path); got.status != status {
			t.Errorf("%s: %d, want %d", path, got.status, status)
		}
	}
	page := f.getWith(cookie, "/waves/spring/organizations/org-01")
	for _, link := range page.find("a", "", "") {
		if href, _ := attribute(link, "href"); href == "/waves/spring" {
			t.Error("the page links to the wave, which this reader may not see")
		}
	}
}

func TestTheCookieIsForHTTPSWhereTheServiceIs(t *testing.T) {
	f := newResults(t, false, storetest.SQLite(t))
	secure, _ := newBare(t, Options{Store: f.store, Now: f.server.Now, BaseURL: "https://survey.example.org"})
	f.server = secure
	if _, cookie := f.follow("/results/" + f.link("")); !cookie.Secure {
		t.Errorf("the cookie of an https service is %v, want it secure", cookie)
	}
}

func TestNewResponsesReachTheResultsOnBothDatabases(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newResults(t, true, config)
		before := f.get("/waves/spring.json").benchmark()
		if f.get("/waves/spring.json").text != f.get("/waves/spring.json").text {
			t.Error("the same edition gave two answers")
		}
		// Another replica has the same store and keeps nothing else in common.
		replica, _ := newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true, Version: "test"})
		f.fill("late", "Latecomers", 2, 12)
		after := f.get("/waves/spring.json").benchmark()
		if *after.Respondents != *before.Respondents+12 || after.Provenance.Edition == before.Provenance.Edition {
			t.Errorf("%d respondents of edition %s after %d of edition %s, want 12 more", *after.Respondents, after.Provenance.Edition,
				*before.Respondents, before.Provenance.Edition)
		}
		first := f.server
		f.server = replica
		if other := f.get("/waves/spring.json").benchmark(); *other.Respondents != *after.Respondents || other.Provenance.Edition != after.Provenance.Edition {
			t.Errorf("another replica shows edition %s, the first %s", other.Provenance.Edition, after.Provenance.Edition)
		}
		f.server = first
	})
}

func TestARenamedOrganizationIsRenamedOnThePages(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	if got := f.get("/waves/spring/organizations/org-05").heading(); got != "Organization 5" {
		t.Fatalf("the heading is %q", got)
	}
	f.get("/waves/spring")
	if _, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "org-05", Name: "New Name"}); err != nil {
		t.Fatal(err)
	}
	if got := f.get("/waves/spring/organizations/org-05").heading(); got != "New Name" {
		t.Errorf("the heading is still %q", got)
	}
	if !strings.Contains(f.get("/waves/spring").text, ">New Name</a>") {
		t.Error("the table of the wave still has the old name")
	}
}

// TestAnOpenWaveOfPeopleGrowsInStepsOfTheMinimumGroup keeps two looks at an open
// wave from differing by a handful of people of one organization, whose answers
// the difference would tell.
func TestAnOpenWaveOfPeopleGrowsInStepsOfTheMinimumGroup(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	f.Study.Origin = survey.Fieldwork
	if _, err := f.store.PutStudy(t.Context(), f.Study); err != nil {
		t.Fatal(err)
	}
	f.fill("org-01", "Organization 1", 2, 9)
	f.now = f.Wave.OpensAt.Add(1)
	looks := func() string {
		return f.get("/waves/spring.json").text + f.get("/waves/spring/organizations/org-01.json").text + f.get("/waves/spring/trust.json").text
	}
	people := func() int {
		b := f.get("/waves/spring.json").benchmark()
		if b.Respondents == nil {
			return 0
		}
		return *b.Respondents
	}
	opened, n := looks(), people()
	f.fill("org-02", "Organization 2", 2, 5)
	f.fill("org-03", "Organization 3", 2, 4)
	if got := looks(); got != opened {
		t.Errorf("what is shown changed with 9 more responses, 5 and 4 to an organization")
	}
	f.fill("org-02", "Organization 2", 2, 1)
	if got := people(); got != n+10 {
		t.Errorf("%d people after a whole step of an organization, want %d", got, n+10)
	}
	f.now = f.Wave.ClosesAt.Add(1)
	if got, want := people(), (resultOrganizations*resultRespondents)+9+5+4+1; got != want {
		t.Errorf("%d people in the closed wave, want all %d", got, want)
	}
	f.now = f.Wave.OpensAt.Add(1)
	if got := people(); got != n+10 {
		t.Errorf("%d people after the wave was opened again, want %d", got, n+10)
	}
}

func TestTheHomePageDoesNotTellHowManyAreWithheld(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	page := f.get("/").text
	if !strings.Contains(page, "answers of people") || strings.Contains(page, "200") || strings.Contains(page, "responses") {
		t.Errorf("the home page gives a number of responses: %.2000s", page)
	}
}

func TestPublishedSharesHaveAPageOfTheirOwn(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.server, _ = newBare(t, Options{Store: f.store, OpenResults: true})
	var ids []survey.OrganizationID
	for _, key := range []string{"a", "b", "c", "d"} {
		o, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: key, Name: "Ministry " + key})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, o.ID)
	}
	shares := func(yield func(survey.Aggregate, error) bool) {
		for i, id := range ids {
			if !yield(survey.Aggregate{WaveID: f.Wave.ID, OrganizationID: id, Measure: "coaching_time", Share: 0.5 + float64(i)/10}, nil) {
				return
			}
		}
	}
	if _, err := f.store.ImportAggregates(t.Context(), f.Wave.ID, shares, nil); err != nil {
		t.Fatal(err)
	}
	page := f.get("/waves/spring")
	if page.status != http.StatusOK || len(page.find("figure", "id", "gaps")) != 1 {
		t.Fatalf("%d: %.300s", page.status, page.text)
	}
	if rows := page.table("measure-table"); len(rows) != 1 || rows[0][2] != "65%" {
		t.Errorf("the table is %v, want the median 65%%", rows)
	}
	own := f.get("/waves/spring/organizations/d")
	if rows := own.table("measure-table"); own.heading() != "Ministry d" || len(rows) != 1 || rows[0][1] != "80%" {
		t.Errorf("%s: %v, want the own share 80%%", own.heading(), rows)
	}
	if a := f.get("/waves/spring/organizations/acme"); a.status != http.StatusOK {
		t.Errorf("an organization without shares: %d", a.status)
	}
}

// TestANearlyEmptyTableOfRolesIsASentence keeps a table of withheld cells from a page.
func TestANearlyEmptyTableOfRolesIsASentence(t *testing.T) {
	share := func() benchmark.Estimate { return charttest.Share(benchmark.All, 0.5, 40, 1) }
	rows := make([]benchmark.RoleGapRow, 42)
	for i := range rows {
		rows[i] = benchmark.RoleGapRow{Salesperson: share(), Manager: charttest.Suppressed(), Executive: charttest.Suppressed()}
	}
	rows[0].Manager, rows[1].Manager = share(), share()
	if table, reason := roleTable(rows); table != nil || !strings.HasPrefix(reason, "Withheld for 40 of 42 practices") {
		t.Errorf("a table of %v rows, %q", table, reason)
	}
	for i := range 20 {
		rows[i].Manager = share()
	}
	if table, reason := roleTable(rows); table == nil || reason != "" {
		t.Errorf("no table where 20 of 42 practices can be compared: %q", reason)
	}
}
