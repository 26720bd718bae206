package web

import (
	"context"
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/templates"
)

// driverResults says what goes together with the results of a wave.
func (s *Server) driverResults(c echo.Context) error {
	w, form, err := s.wavePart(c)
	if err != nil {
		return err
	}
	d, err := s.results.drivers(c.Request().Context(), w)
	if err != nil {
		return s.notYet(c, w, form, err)
	}
	return s.sendKept(c, form, "", d.kept, func() (templates.Page, error) { return driverPage(d.wave(), d.value) })
}

func (r *resultSource) drivers(ctx context.Context, w resultWave) (result[*benchmark.Drivers], error) {
	return resultOf(ctx, r, w, "/"+driversPart, benchmark.ComputeDrivers)
}

func driverPage(w resultWave, d *benchmark.Drivers) (templates.DriverResults, error) {
	const title = "What goes together with results"
	address := resultsPath(w.Key, "") + "/" + driversPart
	page := templates.DriverResults{
		ResultsBase: templates.ResultsBase{
			Base: pageBase(title+" "+d.Title, waveNav(w, driversPart)...), Eyebrow: eyebrow(d.Title, originWord(w.study.Origin)), Heading: title,
			Headline: d.Headline, Story: d.Story, Origin: origin(d.Provenance), Caveats: d.Caveats,
			Provenance: provenance(d.Provenance, d.Respondents, d.OrganizationsN, d.MinimumGroup),
			Downloads: []templates.Link{{Text: "All of this as JSON", URL: address + "?format=json"}, {Text: "Weighed practices as CSV", URL: address + "?format=csv"},
				{Text: "One practice at a time as CSV", URL: address + "?format=csv&table=one_at_a_time"}},
		},
		Reason: d.Reason,
	}
	for i, o := range d.Outcomes {
		view, err := outcomeView(o, i == 0)
		if err != nil {
			return page, err
		}
		page.Outcomes = append(page.Outcomes, view)
		page.Contents = append(page.Contents, templates.Link{Text: chart.Plain(o.Label), URL: "#" + view.ID})
	}
	return page, nil
}

func outcomeView(o benchmark.DriverOutcome, first bool) (templates.OutcomeView, error) {
	view := templates.OutcomeView{ID: "result-" + o.Key, Title: chart.Plain(o.Label), Words: outcomeWords(o), Single: singleTable(o), Open: o.Level == "" && first}
	if o.Level == "" {
		return view, nil
	}
	shares := shareTable(o)
	view.Shares = &shares
	f, err := chart.PriorityMap(o)
	view.Map, err = figure(f, err, thousands(o.Organizations)+" organizations; box: 95% interval of both figures; hollow: unstable, changes its quarter in more than a fifth of the draws; numbers: rows of the table below")
	return view, err
}

// outcomeWords say what stands behind a result, and why less is shown than could be.
func outcomeWords(o benchmark.DriverOutcome) string {
	words := o.Reason
	if o.Level != "" && o.R2.Shown() {
		words = sentences(words, fmt.Sprintf("The %d %s together go with %s%% of the differences between %s organizations (%s%% after allowing for their number).",
			len(o.Rows), o.Level, benchmark.FormatNumber(100*o.R2.Value.Value, 0), thousands(o.Organizations), benchmark.FormatNumber(100*o.R2Adjusted.Value.Value, 0)))
	}
	if o.Direction == "lower" {
		words = sentences(words, "Lower is better here; the result is turned, so that a positive link is a good one.")
	}
	return sentences(words, "Results "+kpiSource(o.Source)+".")
}

// sentences joins what is said.
func sentences(list ...string) string {
	joined := ""
	for _, s := range list {
		if s != "" && joined != "" {
			joined += " "
		}
		joined += s
	}
	return joined
}

func shareTable(o benchmark.DriverOutcome) templates.DataTable {
	t := newTable("shares-"+o.Key, chart.Plain(o.Label)+": importance, agreement and link, with 95% intervals", chart.LevelWord(o.Level, true), "Importance", "LMG", "r", "VIF", "Agreement", "Quarter of the map")
	for i, r := range o.Rows {
		quarter := templates.Cell{Text: chart.QuadrantWords(r.Quadrant)}
		if quarter.Text == "" {
			quarter = templates.Cell{Text: benchmark.Dash, Absent: true}
		}
		if r.Unstable {
			quarter.Text += " (unstable)"
		}
		heading := text(r.Label)
		heading.Text = strconv.Itoa(i+1) + ". " + heading.Text
		t.row(heading, t.cell(r.Johnson), t.cell(r.LMG), t.cell(r.R), t.cell(r.VIF), t.cell(r.Share), quarter)
	}
	t.Head[6].Num = false
	return t.done(fmt.Sprintf("More important: a share above the mean of all %d %s; more agreed: above their mean agreement. A quarter is a place on the map and no test: one stands out beyond doubt where the whole interval of its importance lies above the mean.", len(o.Rows), o.Level))
}

func singleTable(o benchmark.DriverOutcome) templates.DataTable {
	t := newTable("single-"+o.Key, chart.Plain(o.Label)+": correlation with each practice by itself, over organizations", "Practice", "r", "p, adjusted", "Organizations")
	for _, r := range o.Single {
		organizations := templates.Cell{Text: benchmark.Dash, Num: true, Absent: true}
		if r.R.Shown() {
			organizations = count(r.R.Organizations)
		}
		t.row(text(r.Label), t.cell(r.R), num(benchmark.FormatP(r.R.PBH)), organizations)
	}
	return t.done()
}
