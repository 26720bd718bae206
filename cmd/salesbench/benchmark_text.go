package main

import (
	"io"
	"slices"

	"github.com/salesbench/salesbench/benchmark"
)

// printBenchmark prints the benchmark of a wave.
func printBenchmark(w io.Writer, b *benchmark.Benchmark) error {
	p := &printer{w: w}
	p.paragraphs(b.Title, b.Headline)
	p.paragraphs(b.Story...)
	p.line("\n%s respondents, %s organizations; groups of fewer than %d are withheld.",
		count(b.Respondents), count(b.OrganizationsN), b.MinimumGroup)

	var rows [][]string
	for _, r := range b.Practices {
		rows = append(rows, []string{mark(r.KeyPractice, r.Reverse) + r.Label, r.WC.Text(), r.Rest.Text(), r.All.Text(),
			withInterval(r.Gap), r.LeaveOut.Text(), withInterval(r.SplitHalf), count(r.All.N)})
	}
	p.table("Practices: share that agrees (* key practice, - not so: worded the other way round, share that disagrees)", []string{"practice", "WC", "rest", "all",
		"gap, points (in sample)", "leave item out", "split half", "n"}, rows)
	p.paragraphs(b.WCCaption)

	rows = nil
	for _, r := range b.Areas {
		rows = append(rows, []string{r.Title, r.WC.Text(), r.Rest.Text(), r.All.Text()})
	}
	p.table("Areas", []string{"area", "WC", "rest", "all"}, rows)
	p.organizations(b.Organizations)
	p.kpis(b.KPIs, false)
	p.time(b.Time, false)
	p.paragraphs("", b.Matrix.Reason, b.Quality.Sentence)
	p.caveats(b.Caveats, b.Provenance)
	return p.err
}

// printOrganization prints what one organization sees about itself.
func printOrganization(w io.Writer, r *benchmark.OrganizationReport) error {
	p := &printer{w: w}
	p.paragraphs(r.Title, r.Organization.Name, r.Headline)
	if r.Status == benchmark.Withheld {
		p.paragraphs(r.Reason)
		return p.err
	}
	p.paragraphs(r.Story...)
	p.line("\n%s respondents; groups of fewer than %d are withheld.", count(r.Organization.N), r.MinimumGroup)
	p.practices(r.StrengthWords, r.Strengths)
	p.practices(r.GapWords, r.Gaps)
	p.practices("All practices (* key practice, - not so: worded the other way round, share that disagrees)", r.Practices)
	p.paragraphs(r.PeersCaption)

	var rows [][]string
	for _, a := range r.Areas {
		rows = append(rows, []string{a.Title, a.Own.Text(), a.WC.Text(), a.All.Text()})
	}
	p.table("Areas", []string{"area", "own", "WC", "all"}, rows)
	p.kpis(r.KPIs, true)
	p.time(r.Time, true)
	p.paragraphs("", r.Quality.Sentence)
	p.caveats(r.Caveats, r.Provenance)
	return p.err
}

// printAggregates prints the benchmark of a source without single answers.
func printAggregates(w io.Writer, b *benchmark.AggregateBenchmark) error {
	p := &printer{w: w}
	p.paragraphs(b.Title, b.Headline)
	p.line("\n%d organizations", b.OrganizationsN)
	own := b.Organization != ""
	header := []string{"measure", "lower quartile", "median", "upper quartile"}
	published := slices.ContainsFunc(b.Rows, func(r benchmark.AggregateRow) bool { return r.Published.Valid })
	if published {
		header = append(header, "published")
	}
	if own {
		header = append(header, "own", "percentile")
	}
	var rows [][]string
	for _, r := range b.Rows {
		row := []string{r.Label, r.Lower.Text(), r.Median.Text(), r.Upper.Text()}
		if published {
			row = append(row, publishedText(r))
		}
		if own {
			row = append(row, r.Own.Text(), r.Percentile.Text())
		}
		rows = append(rows, row)
	}
	p.table("Share that agrees, over organizations", header, rows)
	p.caveats(b.Caveats, b.Provenance)
	return p.err
}

// publishedText is the source's own benchmark for a measure.
func publishedText(r benchmark.AggregateRow) string {
	if !r.Published.Valid {
		return benchmark.Dash
	}
	return benchmark.FormatValue(r.Published.Value, r.Median.Unit, 0)
}

func (p *printer) practices(title string, practices []benchmark.OrganizationPractice) {
	var rows [][]string
	for _, r := range practices {
		rows = append(rows, []string{mark(r.KeyPractice, r.Reverse) + r.Label, r.Own.Text(), r.WC.Text(), r.All.Text(),
			r.Peers.Text(), withInterval(r.GapWC), count(r.Own.N)})
	}
	p.table(title, []string{"practice", "own", "WC", "all", "peers", "gap to WC, points", "n"}, rows)
}

func (p *printer) organizations(organizations []benchmark.OrganizationRow) {
	var rows [][]string
	for _, r := range organizations {
		tier := string(r.Classification.Tier)
		if tier == "" {
			tier = "none"
		}
		if r.Status == benchmark.Withheld {
			tier = "withheld"
		}
		rows = append(rows, []string{r.Name, r.Key, count(r.N), words(tier), words(string(r.Classification.Call)),
			benchmark.FormatProbability(r.Classification.PWC), r.Classification.Index.Text()})
	}
	p.table("Organizations", []string{"name", "key", "n", "tier", "World-Class?", "P(World-Class)", "index"}, rows)
	p.paragraphs(benchmark.TierRule)
}

func (p *printer) kpis(kpis []benchmark.KPIRow, own bool) {
	var rows [][]string
	for _, r := range kpis {
		label := r.Label + " (" + r.Unit + ", " + r.Source + ")"
		if own {
			rows = append(rows, []string{label, r.Own.Text(), r.WC.Text(), r.All.Text()})
		} else {
			rows = append(rows, []string{label, r.WC.Text(), r.Rest.Text(), r.All.Text()})
		}
	}
	header := []string{"result", "WC", "rest", "all"}
	if own {
		header = []string{"result", "own", "WC", "all"}
	}
	p.table("Results: medians", header, rows)
}

func (p *printer) time(parts []benchmark.TimeRow, own bool) {
	var rows [][]string
	for _, r := range parts {
		row := []string{r.Label, r.WC.Text(), r.Rest.Text(), r.All.Text()}
		if own {
			row = []string{r.Label, r.Own.Text(), r.WC.Text(), r.All.Text()}
		}
		rows = append(rows, row)
	}
	header := []string{"part", "WC", "rest", "all"}
	if own {
		header = []string{"part", "own", "WC", "all"}
	}
	p.table("Managers' time as managers report it, percent", header, rows)
}

func (p *printer) caveats(caveats []string, from benchmark.Provenance) {
	p.line("")
	p.paragraphs(caveats...)
	p.line("study %s, wave %s (%s), instrument %s, criteria %s, %s, salesbench %s", plain(from.Study), plain(from.Wave),
		from.Origin, from.Instrument, from.Criteria, from.Method, from.Version)
	p.paragraphs(from.Attribution)
}

// mark shows key practices and reverse items in front of a label.
func mark(key, reverse bool) string {
	switch {
	case key:
		return "* "
	case reverse:
		return "- "
	}
	return "  "
}
