package web

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// A page of results has all organizations as long as a browser and a reader can
// take them in; of more it has the first, and the list has the rest.
const (
	organizationsPart = "organizations"
	mostOnPage        = 200
	firstOnPage       = 100
)

// onPage is how many of so many organizations stand on a page.
func onPage(total int) int {
	if total > mostOnPage {
		return firstOnPage
	}
	return total
}

// firstOrganizations are the organizations on the page of the wave, and the way to
// the others where there are more.
func firstOrganizations(w resultWave, b *benchmark.Benchmark) (templates.DataTable, *templates.Link) {
	rows := byStanding(b.Organizations)
	t := organizationTable(w, rows[:onPage(len(rows))], withStanding(b.Organizations))
	if onPage(len(rows)) == len(rows) {
		return t, nil
	}
	t.Caption = "The first " + thousands(firstOnPage) + " of " + thousands(len(rows)) + " organizations"
	return t, &templates.Link{Text: "All " + thousands(len(rows)) + " organizations, with a search", URL: resultsPath(w.Key, "") + "/" + organizationsPart}
}

// organizationList shows all organizations of a wave, a part at a time, or those
// whose name has what was looked for.
func (s *Server) organizationList(c echo.Context) error {
	_, form, err := asked(c, organizationsPart, "q", "page")
	if err != nil {
		return err
	}
	if form != asPage {
		return survey.Errorf(survey.Invalid, "the list of organizations is a page; the wave itself has them as JSON, and as CSV with format=csv&table=organizations")
	}
	w, err := s.readablePart(c)
	if err != nil {
		return err
	}
	b, err := s.results.benchmark(c.Request().Context(), w)
	if err != nil {
		return s.notYet(c, w, form, err)
	}
	return page(c, http.StatusOK, organizationListPage(c, b))
}

func organizationListPage(c echo.Context, of result[*benchmark.Benchmark]) templates.OrganizationList {
	w, b := of.wave(), of.value
	address := resultsPath(w.Key, "")
	title := "Organizations"
	p := templates.OrganizationList{ResultsBase: templates.ResultsBase{Base: pageBase(title+", "+b.Title, waveNav(w, organizationsPart)...),
		Eyebrow: eyebrow(b.Title, originWord(w.study.Origin)), Heading: title, Origin: origin(b.Provenance),
		Provenance: provenance(b.Provenance, b.Respondents, b.OrganizationsN, b.MinimumGroup),
		Downloads:  []templates.Link{{Text: "Organizations as CSV", URL: address + "?format=csv&table=organizations"}, {Text: "All results as JSON", URL: address + "?format=json"}}}}
	p.Styles = append(p.Styles, "staff.css")
	if words := waiting(b); words != "" {
		p.Empty = words
		return p
	}
	search, text := searched(c, "Name or short name")
	rows := of.kept.inOrder(b.Organizations)
	if text != "" {
		rows = slices.DeleteFunc(slices.Clone(rows), func(o *benchmark.OrganizationRow) bool {
			return !strings.Contains(strings.ToLower(o.Name), text) && !strings.Contains(o.Key, text)
		})
	}
	p.Search = search
	if len(rows) == 0 {
		p.Empty = "No organization has this in its name."
		return p
	}
	from, to, pager := paged(c, len(rows), listed)
	p.Table, p.Pager = organizationTable(w, rows[from:to], withStanding(b.Organizations)), pager
	return p
}

// inOrder sorts the organizations of the result once.
func (k *keptResult) inOrder(rows []benchmark.OrganizationRow) []*benchmark.OrganizationRow {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.standing == nil {
		k.standing = byStanding(rows)
	}
	return k.standing
}

// withStanding says whether any organization of the wave has an index.
func withStanding(rows []benchmark.OrganizationRow) bool {
	return slices.ContainsFunc(rows, func(o benchmark.OrganizationRow) bool { return o.Classification.Index.Shown() })
}

// organizationTable lists organizations; a rank never stands without its interval.
func organizationTable(w resultWave, rows []*benchmark.OrganizationRow, standing bool) templates.DataTable {
	if !standing {
		t := newTable("organization-table", "Organizations", "Organization", "Respondents")
		for _, o := range rows {
			t.row(w.organizationHeading(o), count(o.N))
		}
		return t.done("No tier is named in this wave.")
	}
	t := newTable("organization-table", "Organizations", "Organization", "Standing", "Probability of World-Class", "Index", "Rank between", "Respondents")
	hidden := false
	for _, o := range rows {
		if o.Status == benchmark.Withheld {
			hidden = true
			t.row(w.organizationHeading(o), templates.Cell{Text: "withheld", Num: true, Absent: true}, num(benchmark.Dash), num(benchmark.Dash), num(benchmark.Dash), count(o.N))
			continue
		}
		c := o.Classification
		rank := templates.Cell{Text: "not ranked", Num: true, Absent: true}
		if c.Rank.Shown() && c.Rank.CI != nil {
			rank = num(c.Rank.Range())
		}
		t.row(w.organizationHeading(o), standingCell(c), probability(c.PWC), t.cell(c.Index), rank, count(o.N))
	}
	note := ""
	if hidden {
		note = "Withheld: too few people answered in these organizations."
	}
	return t.done("World-Class is said from a probability of 90%, likely from 70%, undecided between 30% and 70%. A rank is an interval: 95% of the ranks the data allow.", note)
}

func (w resultWave) organizationHeading(o *benchmark.OrganizationRow) templates.Cell {
	return templates.Cell{Text: chart.Plain(o.Name), URL: resultsPath(w.Key, o.Key), Small: w.traits(*o)}
}

func standingCell(c benchmark.Classification) templates.Cell {
	standing := templates.Cell{Text: c.Call.Words(), Num: true}
	if c.Call == benchmark.CallUnlikely && c.Tier != "" {
		standing.Text = c.Tier.Words()
	} else if (c.Call == benchmark.CallLikely || c.Call == benchmark.CallUndecided) && c.Tier != "" {
		standing.Small = "else " + c.Tier.Words()
	}
	if c.Call == benchmark.CallInsufficient && len(c.Reasons) > 0 {
		standing.Small = c.Why()
	}
	return standing
}

// byStanding puts the likeliest World-Class first; the rank interval of each row
// says how little the order may mean.
func byStanding(rows []benchmark.OrganizationRow) []*benchmark.OrganizationRow {
	type placed struct {
		index float64
		at    int
	}
	places := make([]placed, len(rows))
	for i := range rows {
		places[i] = placed{math.Inf(-1), i}
		if o := &rows[i]; o.Status != benchmark.Withheld && o.Classification.Index.Shown() {
			places[i].index = o.Classification.Index.Value.Value
		}
	}
	slices.SortFunc(places, func(a, b placed) int { return cmp.Or(cmp.Compare(b.index, a.index), a.at-b.at) })
	sorted := make([]*benchmark.OrganizationRow, len(rows))
	for i, p := range places {
		sorted[i] = &rows[p.at]
	}
	return sorted
}
