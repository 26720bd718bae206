package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/analysis"
	"github.com/salesbench/salesbench/benchmark/stat"
)

// printAnalysis prints an analysis as the appendix of a paper would have it.
func printAnalysis(p *printer, a *analysis.Analysis) error {
	s := a.Settings
	p.line("Analysis of %s", a.File)
	p.paragraphs(fmt.Sprintf("%s respondents in %s organizations (%s), %d items on a scale of %d to %d; agreement is %s. Intervals are %.0f%%, clustered by organization. %s, seed %d, version %s.",
		benchmark.FormatCount(a.Sample.Respondents), benchmark.FormatCount(a.Sample.Organizations), strings.Join(s.Group, ", "), a.Sample.Items,
		s.Minimum, s.Maximum, s.Cut, 100*s.Conf, a.Method, s.Seed, a.Version))
	for _, warning := range a.Warnings {
		p.paragraphs("! " + warning)
	}
	p.analysisItems(a)
	p.analysisScale(a)
	p.analysisAggregation(a)
	p.analysisGroups(a)
	p.analysisGaps(a)
	p.analysisDrivers(a)
	p.analysisQuality(a)
	return p.err
}

func (p *printer) analysisItems(a *analysis.Analysis) {
	var rows, spread [][]string
	header := []string{"item"}
	for v := a.Settings.Minimum; v <= a.Settings.Maximum; v++ {
		header = append(header, strconv.Itoa(v))
	}
	for _, item := range a.Items {
		rows = append(rows, []string{item.Item, strconv.Itoa(item.N), strconv.Itoa(item.NMissing), digits(item.Mean, 2), interval(item.MeanCI, 2), digits(item.SD, 2),
			percent(item.Share), percentInterval(item.ShareCI), digits(item.DeffN, 2), digits(item.NEff, 0), digits(item.ICC1, 3), because(item.Reasons)})
		row := []string{item.Item}
		for _, share := range item.Shares {
			row = append(row, percent(share))
		}
		spread = append(spread, append(row, percent(item.Bottom), percent(item.Net)))
	}
	p.table("Items", []string{"item", "n", "missing", "mean", "interval", "sd", "agree", "interval", "deff", "n eff", "ICC(1)", "notes"}, rows)
	p.table("Distribution of answers (reverse items as recoded)", append(header, "bottom box", "net"), spread)
}

func (p *printer) analysisScale(a *analysis.Analysis) {
	s := a.Scale
	p.table("Reliability of all items as one scale, complete rows", []string{"measure", "value", "interval"}, [][]string{
		{"alpha", digits(s.Alpha, 3), interval(s.AlphaCI, 3)},
		{"alpha, pairwise", digits(s.AlphaPairwise, 3), ""},
		{"alpha, standardized", digits(s.AlphaStd, 3), ""},
		{"omega, one factor", digits(s.Omega, 3) + because(s.OmegaReasons), ""},
		{"average variance extracted", digits(s.AVE, 3), ""},
		{"complete rows", strconv.Itoa(s.N), ""},
	})
	var rows [][]string
	for _, item := range s.Items {
		rows = append(rows, []string{item.Item, digits(item.ItemTotal, 3), digits(item.AlphaIfDeleted, 3), digits(item.Loading, 3)})
	}
	p.table("Items in the scale", []string{"item", "item-total (corrected)", "alpha if deleted", "loading"}, rows)
}

func (p *printer) analysisAggregation(a *analysis.Analysis) {
	g := a.Aggregation
	p.table("May the mean be called a property of the organization?", []string{"measure", "value", "interval"}, [][]string{
		{"ICC(1), n0", digits(g.ICC1, 4), interval(g.ICC1CI, 4)},
		{"ICC(1), mean n", digits(g.ICC1MeanN, 4), ""},
		{"ICC(1), REML", digits(g.ICC1REML, 4), ""},
		{"ICC(2)", digits(g.ICC2, 4), interval(g.ICC2CI, 4)},
		{"F", fmt.Sprintf("%s on %d and %d, p %s", digits(g.F, 2), g.DF1, g.DF2, benchmark.FormatP(g.PF)), ""},
		{"respondents needed for .70", digits(g.Needed, 0), ""},
	})
	row := func(name string, s stat.IndexSummary) []string {
		return []string{name, digits(s.Min, 2), digits(s.Q1, 2), digits(s.Median, 2), digits(s.Mean, 2), digits(s.Q3, 2), digits(s.Max, 2), percent(s.ShareStrong)}
	}
	p.table("Agreement inside organizations, complete rows", []string{"index", "min", "q1", "median", "mean", "q3", "max", ">= .70"}, [][]string{
		row("rwg(j), uniform null", g.Uniform), row("rwg(j), slight skew", g.SlightSkew), row("r*wg(j), uniform", g.Star), row("average deviation", g.ADMean), row("awg", g.AWG),
	})
	switch g.Gate {
	case stat.Supported:
		p.paragraphs("Organizations differ and people inside them agree: the mean may be called a property of the organization.")
	case stat.NotSupported:
		p.paragraphs("Not supported: organizations can not be told apart on this scale. The mean is an average of answers, no common view is shown, and no tier is named.")
	default:
		p.paragraphs("Limited: organizations differ, but people inside them do not agree closely. Read a mean together with its distribution.")
	}
}

// printedGroups is how many organizations the text shows; JSON has them all.
const printedGroups = 100

func (p *printer) analysisGroups(a *analysis.Analysis) {
	var rows [][]string
	for _, g := range a.Organizations[:min(printedGroups, len(a.Organizations))] {
		tier := "-"
		if g.Tier != nil {
			tier = words(string(*g.Tier))
		}
		rows = append(rows, []string{plain(g.Organization), strconv.Itoa(g.N), percent(g.Share), percent(g.Shrunk), percentInterval(g.ShrunkCI), digits(g.Lambda, 2),
			tier, words(string(g.Call)), percent(g.PWorldClass), rankRange(g.RankCI), digits(g.Agreement.Uniform, 2), digits(g.Agreement.ADMean, 2)})
	}
	p.table("Organizations: mean share of items agreed with", []string{"organization", "n", "raw", "shrunken", "interval", "reliability", "tier", "World-Class?", "P(World-Class)", "rank, interval", "rwg(j)", "AD"}, rows)
	if more := len(a.Organizations) - printedGroups; more > 0 {
		p.line("and %s more; --json prints them all", benchmark.FormatCount(more))
	}
	t := a.Tiers
	if t.Cuts != nil {
		p.paragraphs(fmt.Sprintf("Cuts: World-Class %s, High-Performing %s, Average %s%s. Expected number of World-Class organizations %s %s. Rank intervals are %s places wide on average. "+benchmark.TierRule,
			percent(stat.Some(t.Cuts.WorldClass)), percent(stat.Some(t.Cuts.HighPerforming)), percent(stat.Some(t.Cuts.Average)), because(t.Reasons), digits(t.Expected, 1), interval(t.ExpectedCI, 0), digits(t.RankWidth, 1)))
	} else {
		p.paragraphs("No tiers" + because(t.Reasons) + ".")
	}
}

func (p *printer) analysisGaps(a *analysis.Analysis) {
	var rows [][]string
	for _, g := range a.Gaps.Items {
		rows = append(rows, []string{g.Item, percent(g.WC), percent(g.Rest), percent(g.All), digits(g.Points, 1), interval(g.PointsCI, 1), interval(g.BootCI, 1), digits(g.CohenH, 2),
			digits(g.LeaveOut, 1), digits(g.Split, 1), interval(g.SplitCI, 1), benchmark.FormatP(g.SplitP), benchmark.FormatP(g.SplitBH), percent(g.Circular)})
	}
	title := fmt.Sprintf("The %s most likely World-Class (WC) and the rest, gaps in points", plural(a.Gaps.WorldClass, "organization"))
	if a.Gaps.Column == "top_tenth" {
		title = fmt.Sprintf("The top tenth of organizations (%d, no World-Class tier can be named) and the rest, gaps in points", a.Gaps.WorldClass)
	}
	p.table(title, []string{"item", "WC", "rest", "all", "gap in sample", "interval", "bootstrap", "h", "item left out", "split half", "interval", "p", "p adj.", "circular"}, rows)
	if len(rows) > 0 {
		p.paragraphs(a.Gaps.Explanation)
	}
}

func (p *printer) analysisDrivers(a *analysis.Analysis) {
	if a.Drivers == nil {
		return
	}
	p.driverTable(a.Drivers)
}

func (p *printer) analysisQuality(a *analysis.Analysis) {
	q := a.Quality
	p.table("How carefully people answered", []string{"measure", "value"}, [][]string{
		{"respondents judged", strconv.Itoa(q.Judged)},
		{"long runs of one answer", fmt.Sprintf("%d (%s)", q.StraightLine, percent(q.Share))},
		{"one answer throughout", strconv.Itoa(q.SameThroughout)},
		{"longest run, mean", digits(q.LongstringMean, 1)},
		{"variability within a person, mean sd", digits(q.IRVMean, 2)},
		{"completeness, mean", percent(q.Completeness)},
		{"alpha without long runs", digits(q.AlphaWithout, 3)},
		{"ICC(1) without long runs", digits(q.ICC1Without, 4)},
		{"share agreed with, all and without long runs", percent(q.TopShareAll) + " / " + percent(q.TopShareWithout)},
	})
}

// digits prints a figure, or a dash where there is none.
func digits(n stat.Number, decimals int) string {
	if !n.Valid {
		return "-"
	}
	return benchmark.FormatNumber(n.Value, decimals)
}

func percent(n stat.Number) string {
	if !n.Valid {
		return "-"
	}
	return benchmark.FormatNumber(100*n.Value, 1) + "%"
}

func interval(ci *stat.Interval, decimals int) string {
	if ci == nil {
		return "-"
	}
	return benchmark.FormatNumber(ci.Lower, decimals) + " to " + benchmark.FormatNumber(ci.Upper, decimals)
}

func percentInterval(ci *stat.Interval) string {
	if ci == nil {
		return "-"
	}
	return benchmark.FormatNumber(100*ci.Lower, 0) + " to " + benchmark.FormatNumber(100*ci.Upper, 0) + "%"
}

func rankRange(ci *stat.Interval) string {
	if ci == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f to %.0f", math.Round(ci.Lower), math.Round(ci.Upper))
}

// because puts reasons into words, in brackets.
func because(reasons []stat.Reason) string {
	if len(reasons) == 0 {
		return ""
	}
	texts := make([]string, len(reasons))
	for i, r := range reasons {
		texts[i] = words(string(r))
	}
	return " (" + strings.Join(texts, ", ") + ")"
}

// driverTable prints what goes together with the outcome.
func (p *printer) driverTable(d *analysis.Drivers) {
	level := func(name string, l analysis.DriverLevel) {
		var rows [][]string
		for _, x := range l.Predictors {
			rows = append(rows, []string{x.Item, digits(x.R, 3), digits(x.Beta, 3), percent(x.LMGShare), percentInterval(x.LMGShareCI),
				percent(x.JohnsonShare), percentInterval(x.JohnsonShareCI), digits(x.VIF, 1), words(string(x.Quadrant)), strings.Join(x.Notes, ", ")})
		}
		title := fmt.Sprintf("Goes together with %s: %s, n %d, R2 %s%s", d.Outcome, name, l.N, digits(l.R2, 3), because(l.Reasons))
		p.table(title, []string{"item", "r", "beta", "LMG share", "interval", "Johnson share", "interval", "VIF", "on the map", "notes"}, rows)
	}
	level("respondents", d.Respondents)
	if d.Organizations != nil {
		level("organizations", *d.Organizations)
	}
	p.paragraphs("Goes together with: no figure here shows a cause. Outcome and items come from the same people.")
}
