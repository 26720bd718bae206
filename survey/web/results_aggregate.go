package web

import (
	"slices"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/templates"
)

// aggregatePage turns a benchmark of published shares into its page: of all
// organizations, or of one of them.
func aggregatePage(w resultWave, b *benchmark.AggregateBenchmark, wide bool) (templates.AggregateResults, error) {
	path := resultsPath(w.Key, b.Organization)
	heading, name := b.Title, ""
	var organizations []templates.Link
	for _, o := range b.Names {
		if o.Key == b.Organization {
			name = chart.Plain(o.Name)
			heading = name
		}
		if wide {
			organizations = append(organizations, templates.Link{Text: chart.Plain(o.Name), URL: resultsPath(w.Key, o.Key), Current: o.Key == b.Organization})
		}
	}
	page := templates.AggregateResults{ResultsBase: templates.ResultsBase{
		Base:    pageBase(heading, aggregateNav(w, b, path, wide)...),
		Eyebrow: eyebrow("Benchmark of published shares", originWord(w.study.Origin)), Heading: heading, Headline: b.Headline,
		Origin: origin(b.Provenance), Caveats: b.Caveats, Provenance: provenance(b.Provenance, nil, nil, 0),
		KeyFigures: []templates.KeyFigure{{What: "Organizations", Figure: count(&b.OrganizationsN).Text, Note: "that published at least one share"}},
		Downloads:  []templates.Link{{Text: "All results as JSON", URL: path + "?format=json"}, {Text: "Measures as CSV", URL: path + "?format=csv"}},
	}, Organizations: organizations, Measures: aggregateTable("measure-table", "Share of positive answers, over organizations", b, name, false)}
	if name != "" {
		page.Eyebrow = eyebrow("Benchmark of published shares", b.Title)
	}
	if themes := aggregateTable("theme-table", "Themes: share of positive answers, over organizations", b, name, true); len(themes.Rows) > 0 {
		page.Themes = &themes
	}
	if len(b.Rows) == 0 {
		return page, nil
	}
	f, err := chart.AggregateGaps(b)
	page.Figure, err = figure(f, err, "Shares as their source published them; the source gives no counts, so there is no interval; rule "+b.Provenance.Rule)
	return page, err
}

func aggregateNav(w resultWave, b *benchmark.AggregateBenchmark, path string, wide bool) []templates.Link {
	var nav []templates.Link
	if wide || b.Organization == "" {
		nav = append(nav, templates.Link{Text: "All organizations", URL: resultsPath(w.Key, ""), Current: b.Organization == ""})
	}
	if b.Organization != "" {
		nav = append(nav, templates.Link{Text: "This organization", URL: path, Current: true})
	}
	return nav
}

// aggregateTable lists themes or single questions.
func aggregateTable(id, caption string, b *benchmark.AggregateBenchmark, name string, themes bool) templates.DataTable {
	head := []string{"Measure"}
	if name != "" {
		head = append(head, "This organization", "Percentile")
	}
	head = append(head, "Lower quartile", "Median organization", "Upper quartile", "Lowest to highest", "Organizations")
	published := slices.ContainsFunc(b.Rows, func(r benchmark.AggregateRow) bool { return r.Published.Valid })
	if published {
		head = append(head, "Published benchmark")
	}
	t := newTable(id, caption, head...)
	for _, r := range b.Rows {
		if r.Theme != themes {
			continue
		}
		var cells []templates.Cell
		if name != "" {
			own := t.cell(r.Own)
			own.Own = true
			cells = append(cells, own, t.cell(r.Percentile))
		}
		cells = append(cells, t.cell(r.Lower), t.cell(r.Median), t.cell(r.Upper), num(extent(r)), count(r.Median.Organizations))
		if published {
			cells = append(cells, num(share(r.Published)))
		}
		t.row(text(r.Label), cells...)
	}
	note := ""
	if published {
		note = "Published benchmark is the source's own figure for the median organization."
	}
	return t.done("The median organization is the benchmark, the upper quartile are the high performers.", note)
}

func extent(r benchmark.AggregateRow) string {
	if !r.Minimum.Valid || !r.Maximum.Valid {
		return benchmark.Dash
	}
	return share(r.Minimum) + " to " + share(r.Maximum)
}

func share(n stat.Number) string {
	if !n.Valid {
		return benchmark.Dash
	}
	return benchmark.FormatShare(n.Value, 0)
}
