package web

import (
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
			heading, name = o.Name, o.Name
		}
		if wide {
			organizations = append(organizations, templates.Link{Text: o.Name, URL: resultsPath(w.Key, o.Key), Current: o.Key == b.Organization})
		}
	}
	page := templates.AggregateResults{ResultsBase: templates.ResultsBase{
		Base:    pageBase(heading, aggregateNav(w, b, path, wide)...),
		Eyebrow: eyebrow("Benchmark of published shares", w.study.Title, originWord(w.study.Origin)), Heading: heading, Headline: b.Headline,
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
	t := newTable(id, caption, append(head, "Lower quartile", "Median organization", "Upper quartile", "Lowest to highest", "Published benchmark", "Organizations")...)
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
		t.row(text(r.Label), append(cells, t.cell(r.Lower), t.cell(r.Median), t.cell(r.Upper), num(extent(r)),
			num(share(r.Published)), count(r.Median.Organizations))...)
	}
	return t.done("The median organization is the benchmark, the upper quartile are the high performers. Published benchmark: the source's own row, computed here anew as the median.")
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
