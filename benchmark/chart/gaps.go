package chart

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/salesbench/salesbench/benchmark"
)

// most rows that a gap chart shows; the page's table has all practices.
const mostRows = 14

// OrganizationGaps draws how far an organization is from World-Class on each key
// practice, widest gap first, with All for orientation.
func OrganizationGaps(r *benchmark.OrganizationReport) (Figure, error) {
	rows := keyPractices(r.Practices, func(p *benchmark.OrganizationPractice) bool { return p.KeyPractice })
	if !HasGaps(r.Practices) {
		return ownShares(rows)
	}
	rows = widestFirst(rows, func(p *benchmark.OrganizationPractice) benchmark.Estimate { return p.Behind() })
	title := organizationGapTitle(rows)
	rows = rows[:min(len(rows), mostRows)]
	for i := range rows {
		benchmark.Alike(&rows[i].Own, &rows[i].WC, &rows[i].All)
	}
	d := shareDots(benchmark.Own, benchmark.WorldClass, benchmark.All)
	d.noteHead = "Gap in points (95% interval)"
	for _, p := range rows {
		d.rows = append(d.rows, dotRow{label: p.Label, note: withRange(p.GapWC), brief: p.GapWC.Text(),
			marks: map[benchmark.Column]benchmark.Estimate{benchmark.Own: p.Own, benchmark.WorldClass: p.WC, benchmark.All: p.All}})
	}
	f := Figure{ID: "gaps", Title: title, Alt: d.alt("Widest gap first, agreement in this organization and in World-Class"),
		Table: Table{Caption: "Agreement by practice, widest gap to World-Class first",
			Head: []string{"Practice", "This organization", "World-Class", "All", "Gap to World-Class, points", "Gap to All, points"}}}
	for _, p := range rows {
		f.Table.Rows = append(f.Table.Rows, []string{p.Label, withRange(p.Own), withRange(p.WC),
			p.All.Text(), withRange(p.GapWC), withRange(p.GapAll)})
	}
	return f, d.drawIfAny(&f)
}

// HasGaps says whether there is a World-Class to be away from.
func HasGaps(practices []benchmark.OrganizationPractice) bool {
	return slices.ContainsFunc(practices, func(p benchmark.OrganizationPractice) bool { return p.WC.Shown() || p.GapWC.Shown() })
}

// ownShares draws the agreement in an organization, beside All where that is shown,
// where there is no World-Class to compare with.
func ownShares(rows []benchmark.OrganizationPractice) (Figure, error) {
	rows = widestFirst(rows, func(p *benchmark.OrganizationPractice) benchmark.Estimate { return p.Own })
	title := ownTitle(rows)
	rows = rows[:min(len(rows), mostRows)]
	columns, head := []benchmark.Column{benchmark.Own}, []string{"Practice", "This organization"}
	all := slices.ContainsFunc(rows, func(p benchmark.OrganizationPractice) bool { return p.All.Shown() })
	if all {
		columns, head = append(columns, benchmark.All), append(head, "All", "Gap to All, points")
	}
	d := shareDots(columns...)
	f := Figure{ID: "gaps", Title: title, Table: Table{Caption: "Agreement by practice, highest first", Head: head}}
	for _, p := range rows {
		d.rows = append(d.rows, dotRow{label: p.Label, marks: map[benchmark.Column]benchmark.Estimate{benchmark.Own: p.Own, benchmark.All: p.All}})
		cells := []string{p.Label, withRange(p.Own)}
		if all {
			cells = append(cells, p.All.Text(), withRange(p.GapAll))
		}
		f.Table.Rows = append(f.Table.Rows, cells)
	}
	f.Alt = d.alt("Agreement in this organization, highest first")
	return f, d.drawIfAny(&f)
}

// WaveGaps draws World-Class beside Rest on each key practice. The gap on the
// right is the split-half gap where there is one: it is not made by the choice
// of the group.
func WaveGaps(b *benchmark.Benchmark) (Figure, error) {
	rows := keyPractices(b.Practices, func(p *benchmark.PracticeRow) bool { return p.KeyPractice })
	if !slices.ContainsFunc(rows, func(p benchmark.PracticeRow) bool { return p.WC.Shown() }) {
		return waveShares(rows)
	}
	slices.SortStableFunc(rows, func(a, b benchmark.PracticeRow) int { return byGap(HeadlineGap(a), HeadlineGap(b)) })
	title := waveGapTitle(rows)
	rows = rows[:min(len(rows), mostRows)]
	for i := range rows {
		benchmark.Alike(&rows[i].WC, &rows[i].Rest, &rows[i].All)
	}
	d := shareDots(benchmark.WorldClass, benchmark.Rest, benchmark.All)
	d.noteHead = "Split-half gap, points"
	for _, p := range rows {
		gap := HeadlineGap(p)
		d.rows = append(d.rows, dotRow{label: p.Label, note: withRange(gap), brief: gap.Text(),
			marks: map[benchmark.Column]benchmark.Estimate{benchmark.WorldClass: p.WC, benchmark.Rest: p.Rest, benchmark.All: p.All}})
	}
	f := Figure{ID: "gaps", Title: title, Alt: d.alt("Widest gap first, agreement in World-Class and Rest"),
		Table: Table{Caption: "Agreement by practice, widest gap first",
			Head: []string{"Practice", "World-Class", "Rest", "All", "Gap as chosen, points", "Split-half gap, points"}}}
	for _, p := range rows {
		f.Table.Rows = append(f.Table.Rows, []string{p.Label, withRange(p.WC), withRange(p.Rest),
			p.All.Text(), withRange(p.Gap), withRange(p.SplitHalf)})
	}
	return f, d.drawIfAny(&f)
}

// waveShares draws the agreement of all where no organization can be set apart as
// World-Class.
func waveShares(practices []benchmark.PracticeRow) (Figure, error) {
	rows := practices
	slices.SortStableFunc(rows, func(a, b benchmark.PracticeRow) int { return byGap(a.All, b.All) })
	d := shareDots(benchmark.All)
	f := Figure{ID: "gaps", Title: shareTitle(rows), Table: Table{Caption: "Agreement by statement, highest first", Head: []string{"Statement", "All"}}}
	for _, p := range rows {
		d.rows = append(d.rows, dotRow{label: p.Label, marks: map[benchmark.Column]benchmark.Estimate{benchmark.All: p.All}})
		f.Table.Rows = append(f.Table.Rows, []string{p.Label, withRange(p.All)})
	}
	f.Alt = d.alt("Agreement, highest first")
	return f, d.drawIfAny(&f)
}

// AggregateGaps draws the median organization and the upper quartile of a source
// without single answers, with the own organization where the result is for one.
func AggregateGaps(b *benchmark.AggregateBenchmark) (Figure, error) {
	rows := slices.Clone(b.Rows)
	if slices.ContainsFunc(rows, func(r benchmark.AggregateRow) bool { return r.Theme }) {
		rows = slices.DeleteFunc(rows, func(r benchmark.AggregateRow) bool { return !r.Theme })
	}
	rows = rows[:min(len(rows), mostRows)]
	columns := []benchmark.Column{benchmark.Median, benchmark.Upper}
	if b.Organization != "" {
		columns = []benchmark.Column{benchmark.Own, benchmark.Upper, benchmark.Median}
	}
	d := shareDots(columns...)
	head := []string{"Measure"}
	if b.Organization != "" {
		d.noteHead = "Percentile"
		head = append(head, "This organization", "Percentile")
	}
	f := Figure{ID: "gaps", Table: Table{Caption: "Share of positive answers by measure",
		Head: append(head, "Lower quartile", "Median organization", "Upper quartile")}}
	for _, r := range rows {
		d.rows = append(d.rows, dotRow{label: r.Label, note: r.Percentile.Text(), brief: r.Percentile.Text(),
			marks: map[benchmark.Column]benchmark.Estimate{benchmark.Own: r.Own, benchmark.Median: r.Median, benchmark.Upper: r.Upper}})
		cells := []string{r.Label}
		if b.Organization != "" {
			cells = append(cells, r.Own.Text(), r.Percentile.Text())
		} else {
			d.rows[len(d.rows)-1].note, d.rows[len(d.rows)-1].brief = "", ""
		}
		f.Table.Rows = append(f.Table.Rows, append(cells, r.Lower.Text(), r.Median.Text(), r.Upper.Text()))
	}
	f.Title, f.Alt = aggregateTitle(b, rows), d.alt("Share of positive answers")
	return f, d.drawIfAny(&f)
}

// HeadlineGap is the gap that may stand in a headline: split-half, or the gap as
// the group was chosen where nothing better can be computed.
func HeadlineGap(p benchmark.PracticeRow) benchmark.Estimate {
	if p.SplitHalf.Shown() {
		return p.SplitHalf
	}
	return p.Gap
}

// shareDots is a chart of shares from 0 to 100%.
func shareDots(columns ...benchmark.Column) dots {
	return dots{columns: columns, names: columnNames, max: 100, scale: 100, axis: "fn:" + sayPercent, say: benchmark.Estimate.Text}
}

var columnNames = map[benchmark.Column]string{
	benchmark.WorldClass: "World-Class", benchmark.Rest: "Rest", benchmark.All: "All", benchmark.Own: "This organization",
	benchmark.Peers: "Peers", benchmark.Median: "Median organization", benchmark.Upper: "Upper quartile",
}

// drawIfAny draws unless every value is withheld or missing.
func (d dots) drawIfAny(f *Figure) error {
	if !slices.ContainsFunc(d.columns, d.drawn) {
		return nil
	}
	return d.draw(f)
}

// alt reads the first rows aloud; the table has the rest.
func (d dots) alt(lead string) string {
	const read = 4
	var parts []string
	for _, r := range d.rows[:min(len(d.rows), read)] {
		part := clean(r.label) + " " + r.marks[d.columns[0]].Text()
		if len(d.columns) > 1 {
			part += " v " + r.marks[d.columns[1]].Text()
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "There is nothing to draw."
	}
	end := "."
	if rest := len(d.rows) - read; rest > 0 {
		end = fmt.Sprintf("; the table has %d more.", rest)
	}
	return lead + ": " + sentenceList(parts) + end
}

// keyPractices keeps the key practices, or all where none is marked.
func keyPractices[T any](rows []T, key func(*T) bool) []T {
	var at []int // rows are large
	for i := range rows {
		if key(&rows[i]) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return slices.Clone(rows)
	}
	kept := make([]T, len(at))
	for i, row := range at {
		kept[i] = rows[row]
	}
	return kept
}

// widestFirst orders rows by a figure of each. They are large, so their places are
// sorted.
func widestFirst[T any](rows []T, of func(*T) benchmark.Estimate) []T {
	figures, places, ordered := make([]benchmark.Estimate, len(rows)), make([]int, len(rows)), make([]T, len(rows))
	for i := range rows {
		figures[i], places[i] = of(&rows[i]), i
	}
	slices.SortStableFunc(places, func(a, b int) int { return byGap(figures[a], figures[b]) })
	for i, at := range places {
		ordered[i] = rows[at]
	}
	return ordered
}

// byGap orders the widest gap first and what is not shown last.
func byGap(a, b benchmark.Estimate) int {
	if a.Shown() != b.Shown() {
		if a.Shown() {
			return -1
		}
		return 1
	}
	if !a.Shown() {
		return 0
	}
	return cmp.Compare(b.Value.Value, a.Value.Value)
}
