package web

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// The pages of a wave beside its own.
const (
	trustPart   = "trust"
	driversPart = "drivers"
)

// wavePartRoutes are the pages that look at a wave from another side.
func (s *Server) wavePartRoutes() []route {
	return []route{
		{http.MethodGet, "/waves/:wave/trust", linkOwner, s.trustResults},
		{http.MethodGet, "/waves/:wave/trust.json", linkOwner, s.trustResults},
		{http.MethodGet, "/waves/:wave/drivers", linkOwner, s.driverResults},
		{http.MethodGet, "/waves/:wave/drivers.json", linkOwner, s.driverResults},
		{http.MethodGet, "/waves/:wave/group", linkOwner, s.groupResults},
		{http.MethodGet, "/waves/:wave/group.json", linkOwner, s.groupResults},
		{http.MethodGet, "/waves/:wave/league.json", linkOwner, s.leagueResults},
		{http.MethodGet, "/waves/:wave/league.csv", linkOwner, s.leagueResults},
	}
}

// waveNav leads between the pages of a wave; current is the one being read.
func waveNav(w resultWave, current string) []templates.Link {
	link := func(text, part string) templates.Link {
		url := resultsPath(w.Key, "")
		if part != "" {
			url += "/" + part
		}
		return templates.Link{Text: text, URL: url, Current: part == current}
	}
	return []templates.Link{link("This wave", ""), link("Can it be trusted?", trustPart), link("What goes together", driversPart)}
}

// wavePart finds the wave of a page beside its own and the form that was asked
// for. Published shares have no answers to look at.
func (s *Server) wavePart(c echo.Context) (w resultWave, form string, err error) {
	if _, form, err = asked(c, path.Base(c.Request().URL.Path)); err != nil {
		return w, form, err
	}
	w, err = s.readablePart(c)
	return w, form, err
}

// readablePart finds the wave of a page beside its own, for readers of the whole
// wave. NotFound where it holds published shares.
func (s *Server) readablePart(c echo.Context) (resultWave, error) {
	w, _, err := s.readableWave(c, c.Param("wave"), "")
	if err != nil {
		return w, err
	}
	shares, err := s.results.aggregates(c.Request().Context(), w, "")
	if err == nil && shares != nil {
		err = survey.Errorf(survey.NotFound, "this wave holds published shares without single answers, so there is nothing to judge them by")
	}
	return w, err
}

// trustResults says whether the scores of a wave can be trusted.
func (s *Server) trustResults(c echo.Context) error {
	w, form, err := s.wavePart(c)
	if err != nil {
		return err
	}
	t, err := s.results.trust(c.Request().Context(), w)
	if err != nil {
		return s.notYet(c, w, form, err)
	}
	return s.sendKept(c, form, "", t.kept, func() (templates.Page, error) { return trustPage(t.wave(), t.value), nil })
}

// trust returns what may be believed of the wave.
func (r *resultSource) trust(ctx context.Context, w resultWave) (result[*benchmark.Trust], error) {
	return resultOf(ctx, r, w, "/"+trustPart, func(ctx context.Context, s *panel.Snapshot, in benchmark.Input) (*benchmark.Trust, error) {
		// While people answer, invitations used would say how many answers wait.
		if !s.Moving() {
			var err error
			if in.Fieldwork, err = r.fieldwork(ctx, w); err != nil {
				return nil, err
			}
		}
		return benchmark.ComputeTrust(ctx, s, in)
	})
}

// fieldwork counts the personal invitations of the wave and those that were used.
func (r *resultSource) fieldwork(ctx context.Context, w resultWave) (map[survey.OrganizationID]stat.Fieldwork, error) {
	invitations, err := r.store.Invitations(ctx, w.ID)
	if err != nil {
		return nil, err
	}
	counts := map[survey.OrganizationID]stat.Fieldwork{}
	for _, i := range invitations {
		f := counts[i.OrganizationID]
		f.Invited++
		if !i.UsedAt.IsZero() {
			f.Complete++
		}
		counts[i.OrganizationID] = f
	}
	return counts, nil
}

// gateWords are the answers of the gate as a table says them.
var gateWords = map[string]string{
	string(stat.Supported): "yes", string(stat.LimitedGate): "with care", string(stat.NotSupported): "no",
}

func trustPage(w resultWave, t *benchmark.Trust) templates.TrustResults {
	const title = "Can these scores be trusted?"
	address := resultsPath(w.Key, "") + "/" + trustPart
	page := templates.TrustResults{
		ResultsBase: templates.ResultsBase{
			Base: pageBase(title+" "+t.Title, waveNav(w, trustPart)...), Eyebrow: eyebrow(t.Title, originWord(w.study.Origin)), Heading: title,
			Headline: t.Headline, Story: t.Story, Origin: origin(t.Provenance), Caveats: t.Caveats,
			Provenance: provenance(t.Provenance, t.Respondents, t.OrganizationsN, t.MinimumGroup),
			Downloads: []templates.Link{{Text: "All of this as JSON", URL: address + "?format=json"}, {Text: "Scales as CSV", URL: address + "?format=csv"},
				{Text: "Items as CSV", URL: address + "?format=csv&table=items"}, {Text: "Organizations as CSV", URL: address + "?format=csv&table=organizations"}},
		},
		RobustReason: t.RobustReason, Response: t.Response.Sentence,
	}
	if len(t.Scales) == 0 || *t.OrganizationsN == 0 {
		return page
	}
	page.Verdicts, page.Organizations, page.Inside = verdictTable(t), withinTable(w, t), insideSentence(t)
	page.Reliability, page.WeakItems, page.Worth = reliabilityTable(t), weakTable(t), worthTable(t)
	page.Flags, page.Robust, page.Silence = flagTable(t), robustTable(t), silenceTable(t)
	if len(t.Caveats) > 0 {
		page.Source, page.Caveats = strings.TrimPrefix(t.Caveats[0], "One source. "), t.Caveats[1:]
	}
	page.Contents = []templates.Link{{Text: "Comparing", URL: "#compare"}, {Text: "Inside organizations", URL: "#inside"}, {Text: "Statements", URL: "#reliability"},
		{Text: "Worth", URL: "#worth"}, {Text: "Care", URL: "#careless"}, {Text: "Silence", URL: "#silence"}, {Text: "One source", URL: "#source"}, {Text: "Limits", URL: "#caveats"}}
	return page
}

// verdictTable says for each scale whether organizations can be compared on it.
func verdictTable(t *benchmark.Trust) templates.DataTable {
	table := newTable("verdict-table", "May organizations be compared?", "Area", "Compare?", "ICC(1)", "ICC(2)", "Agreement inside, uniform", "Agreement inside, slight skew")
	for _, s := range t.Scales {
		a := s.Agreement
		verdict := num(gateWords[a.Aggregation])
		if verdict.Text == "" {
			verdict = templates.Cell{Text: benchmark.Dash, Num: true, Absent: true}
		}
		heading := text(s.Title)
		if a.Aggregation != string(stat.Supported) {
			heading.Small = a.Sentence
		}
		table.row(heading, verdict, table.cell(a.ICC1), table.cell(a.ICC2), table.cell(a.RwgjUniform), table.cell(a.RwgjSlight))
	}
	return table.done("Agreement inside: the median organization, 1 where everybody answers alike, 0 where answers are as far apart as by chance. Small numbers: 95% interval.")
}

// withinTable lists organizations with the verdict on each scale.
func withinTable(w resultWave, t *benchmark.Trust) templates.DataTable {
	head := []string{"Organization"}
	for _, s := range t.Scales {
		head = append(head, s.Title)
	}
	caption := "May the mean stand for the organization? Agreement under two assumptions"
	shown, note := t.Organizations[:onPage(len(t.Organizations))], ""
	if len(shown) < len(t.Organizations) {
		caption += ": the first " + thousands(len(shown)) + " of " + thousands(len(t.Organizations)) + " organizations"
		note = "The file “Organizations as CSV” has all of them, and the page of each organization says it for itself."
	}
	table := newTable("within-table", caption, append(head, "Respondents")...)
	hidden := ""
	for _, o := range shown {
		heading := templates.Cell{Text: chart.Plain(o.Name), URL: resultsPath(w.Key, o.Key)}
		var cells []templates.Cell
		for i := range t.Scales {
			cell := templates.Cell{Text: "withheld", Num: true, Absent: true}
			if i < len(o.Scales) {
				cell = scaleCell(o.Scales[i])
			}
			if cell.Text == "withheld" {
				hidden = "Withheld: too few people answered all statements of the area, or all of a few gave the same answers."
			}
			cells = append(cells, cell)
		}
		table.row(heading, append(cells, count(o.N))...)
	}
	return table.done("yes: the people agree and the area tells organizations apart; with care: they agree in part; no: no score is shown for the organization. Small numbers: agreement, uniform and slight skew.", hidden, note)
}

// insideSentence counts the organizations by what may be said of them.
func insideSentence(t *benchmark.Trust) string {
	all, some, none := 0, 0, 0
	for _, o := range t.Organizations {
		yes, no := 0, 0
		for _, s := range o.Scales {
			switch s.Aggregation {
			case string(stat.Supported):
				yes++
			case string(stat.NotSupported):
				no++
			}
		}
		switch {
		case len(o.Scales) == 0:
		case yes == len(o.Scales):
			all++
		case no > 0:
			none++
		default:
			some++
		}
	}
	words := fmt.Sprintf("In %s of %s organizations the people share a view on every area", thousands(all), thousands(all+some+none))
	if some > 0 {
		words += ", in " + thousands(some) + " on some areas only in part"
	}
	if none > 0 {
		words += "; in " + thousands(none) + " no view is shared on one area or more, so that the spread of the answers stands in the place of a score"
	}
	return words + "."
}

func scaleCell(s benchmark.OrganizationScale) templates.Cell {
	if s.RwgjUniform.Status == benchmark.Withheld {
		return templates.Cell{Text: "withheld", Num: true, Absent: true}
	}
	c := templates.Cell{Text: gateWords[s.Aggregation], Num: true}
	if c.Text == "" {
		return templates.Cell{Text: benchmark.Dash, Num: true, Absent: true, Why: s.RwgjUniform.Why()}
	}
	c.Interval = s.RwgjUniform.Text() + ", " + s.RwgjSlight.Text()
	return c
}

func reliabilityTable(t *benchmark.Trust) templates.DataTable {
	table := newTable("reliability-table", "How far the answers hang together", "Area", "Statements", "Alpha", "Omega", "Alpha without flagged", "Complete answers")
	for _, s := range t.Scales {
		table.row(text(s.Title), num(benchmark.FormatCount(s.Items)), table.cell(s.Alpha), table.cell(s.Omega), table.cell(s.AlphaWithout), completeRows(s.Alpha))
	}
	return table.done("Usual bar: .70. Small numbers: 95% interval.")
}

func completeRows(e benchmark.Estimate) templates.Cell {
	if !e.Shown() {
		return templates.Cell{Text: benchmark.Dash, Num: true, Absent: true}
	}
	return count(e.N)
}

// weakTable names the statements that hurt their area.
func weakTable(t *benchmark.Trust) templates.DataTable {
	table := newTable("weak-table", "Statements that weaken their area", "Statement", "With the others (r)", "Alpha without it", "Why")
	for _, s := range t.Scales {
		open := false
		for _, item := range s.PerItem {
			if !item.Hurts {
				continue
			}
			if !open {
				table.group(chart.Plain(s.Title))
				open = true
			}
			table.row(text(item.Label), table.cell(item.ItemTotal), table.cell(item.AlphaIfDeleted), templates.Cell{Text: item.Why})
		}
	}
	table.Head[3].Num = false
	return table.done()
}

func worthTable(t *benchmark.Trust) templates.DataTable {
	table := newTable("worth-table", "What clustered answers are worth, and how many are needed", "Area", "Design effect", "Independent answers", "Respondents needed for .70", "Organizations that have them")
	for _, s := range t.Scales {
		reached := table.cell(s.Reached)
		if s.Reached.Shown() && s.Reached.Organizations != nil {
			reached.Text = thousands(int(math.Round(s.Reached.Value.Value))) + " of " + thousands(*s.Reached.Organizations)
		}
		table.row(text(s.Title), table.cell(s.Deff), table.people(s.NEff, math.Round), table.people(s.Needed, math.Ceil), reached)
	}
	return table.done("The answers of this wave, divided by the design effect, are as exact as this many answers of people who have nothing to do with each other.")
}

// people prints a number of people in whole ones.
func (t *table) people(e benchmark.Estimate, whole func(float64) float64) templates.Cell {
	c := t.cell(e)
	if e.Shown() {
		c.Text = benchmark.FormatCount(int(whole(e.Value.Value)))
	}
	return c
}

func flagTable(t *benchmark.Trust) templates.DataTable {
	table := newTable("flag-table", "Share of respondents by flag", "Flag", "Share")
	for _, f := range t.Flags {
		c := table.cell(f.Value)
		c.Interval = ""
		table.row(text(f.Label), c)
	}
	return table.done()
}

func robustTable(t *benchmark.Trust) templates.DataTable {
	table := newTable("robust-table", "With and without flagged respondents", "Practice", "All", "All, without", "Change, points",
		"World-Class minus Rest", "The same, without", "Change, points")
	for _, r := range t.WithoutFlagged {
		table.row(text(r.Label), bare(table.cell(r.All)), bare(table.cell(r.AllWithout)), tenths(table, r.AllChange),
			table.cell(r.Gap), table.cell(r.GapWithout), tenths(table, r.GapChange))
	}
	return table.done()
}

// bare leaves the interval of a figure to the page of the wave.
func bare(c templates.Cell) templates.Cell {
	c.Interval = ""
	return c
}

// tenths prints a small difference with one decimal.
func tenths(t *table, e benchmark.Estimate) templates.Cell {
	c := t.cell(e)
	if e.Shown() {
		c.Text = benchmark.FormatPoints(e.Value.Value, 1000)
	}
	return c
}

func silenceTable(t *benchmark.Trust) templates.DataTable {
	table := newTable("silence-table", "Statements without a valid answer, most often first", "Statement", "No valid answer", "Don't know", "Not applicable", "Skipped or refused", "Asked")
	for _, r := range t.Silence {
		table.row(text(r.Label), table.cell(r.Nonresponse), table.cell(r.DontKnow), table.cell(r.NotApplied), table.cell(r.Skipped), completeRows(r.Nonresponse))
	}
	return table.done()
}

// insteadOfScores shows how the answers spread in the areas on which the
// organization has no score, and says why.
func insteadOfScores(r *benchmark.OrganizationReport) (*templates.ResultsFigure, []templates.Fact, error) {
	var spread []benchmark.Distribution
	var why []templates.Fact
	for _, a := range r.Areas {
		if a.Spread == nil {
			continue
		}
		spread = append(spread, *a.Spread)
		why = append(why, templates.Fact{Name: chart.Plain(a.Title), Words: a.Reason})
	}
	if len(spread) == 0 {
		return nil, nil, nil
	}
	f, err := chart.Agreement(spread)
	f.ID, f.Title = "no-score-spread", "The answers of this organization, in the place of a score"
	page, err := figure(f, err, "All answers to the statements of an area, each statement counting alike; "+r.Provenance.Method)
	return page, why, err
}
