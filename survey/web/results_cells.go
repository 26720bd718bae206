package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/templates"
)

// table collects rows and, under them, why figures are missing: each reason once.
type table struct {
	templates.DataTable
	reasons []string
	turned  bool // holds a statement whose answers are turned
}

func newTable(id, caption string, head ...string) *table {
	t := &table{DataTable: templates.DataTable{ID: id, Caption: caption}}
	for i, text := range head {
		t.Head = append(t.Head, templates.HeadCell{Text: text, Num: i > 0})
	}
	return t
}

func (t *table) group(words string) {
	t.Rows = append(t.Rows, templates.DataRow{Group: words})
}

func (t *table) row(heading templates.Cell, cells ...templates.Cell) {
	t.turned = t.turned || strings.HasPrefix(heading.Text, benchmark.ReversePrefix)
	t.Rows = append(t.Rows, templates.DataRow{Heading: heading, Cells: cells})
}

// cell prints a figure. A missing one is a word or a dash whose reason stands
// under the table, and for screen readers in the cell.
func (t *table) cell(e benchmark.Estimate) templates.Cell {
	c := templates.Cell{Text: e.Text(), Num: true, Absent: !e.Shown()}
	if e.Shown() {
		c.Interval = e.Range()
		return c
	}
	if e.Bound == "" && e.Status != benchmark.Withheld {
		c.Why = e.Why()
		t.because(c.Why)
	}
	return c
}

// withN is a figure with the number of answers behind it.
func (t *table) withN(e benchmark.Estimate) templates.Cell {
	c := t.cell(e)
	if e.Shown() && e.N != nil {
		c.Small = "n\u00a0=\u00a0" + benchmark.FormatCount(*e.N)
	}
	return c
}

// like prints a figure that carries no n of its own with the decimals of another.
func (t *table) like(e, other benchmark.Estimate) templates.Cell {
	if e.N == nil && e.Shown() {
		e.N = other.N
	}
	return t.cell(e)
}

func (t *table) because(words string) {
	if words != "" && !slices.Contains(t.reasons, words) {
		t.reasons = append(t.reasons, words)
	}
}

// done returns the table with its notes.
func (t *table) done(notes ...string) templates.DataTable {
	for _, note := range notes {
		if note != "" {
			t.Notes = append(t.Notes, note)
		}
	}
	if t.turned {
		t.Notes = append(t.Notes, benchmark.ReverseWords)
	}
	for _, reason := range t.reasons {
		t.Notes = append(t.Notes, benchmark.Dash+" "+reason+".")
	}
	return t.DataTable
}

// text is a label, which may come from anybody.
func text(words string) templates.Cell { return templates.Cell{Text: chart.Plain(words)} }

func num(words string) templates.Cell {
	return templates.Cell{Text: words, Num: true, Absent: words == benchmark.Dash}
}

// count prints a number that may be withheld.
func count(n *int) templates.Cell {
	if n == nil {
		return templates.Cell{Text: "withheld", Num: true, Absent: true}
	}
	return templates.Cell{Text: benchmark.FormatCount(*n), Num: true}
}

// figure puts a chart and its table on a page.
func figure(f chart.Figure, err error, caption string) (*templates.ResultsFigure, error) {
	if err != nil {
		return nil, err
	}
	t := newTable(f.ID+"-table", f.Table.Caption, f.Table.Head...)
	for _, row := range f.Table.Rows {
		var cells []templates.Cell
		for _, cell := range row[1:] {
			cells = append(cells, templates.Cell{Text: chart.Plain(cell), Num: true})
		}
		t.row(text(row[0]), cells...)
	}
	page := &templates.ResultsFigure{ID: f.ID, Title: f.Title, Caption: caption, Alt: f.Alt, Table: t.done()}
	if f.Drawn() {
		page.Data = &templates.ChartData{Option: f.Option, Narrow: f.Narrow, Height: f.Height, NarrowHeight: f.NarrowHeight}
	}
	return page, nil
}

// caption says what stands behind a figure: n, organizations, interval, rule, cut.
func caption(p benchmark.Provenance, e benchmark.Estimate) string {
	var words string
	if e.N != nil {
		words = "n = " + benchmark.FormatCount(*e.N)
		if e.Organizations != nil && *e.Organizations > 1 {
			words += " in " + benchmark.FormatCount(*e.Organizations) + " organizations"
		}
		words += "; "
	}
	switch {
	case e.Cut != "":
		words += "agree = " + e.Cut + "; "
	case e.Unit == benchmark.UnitScale:
		words += "mean on the answer scale; "
	}
	if e.CI != nil {
		words += fmt.Sprintf("%s interval", benchmark.FormatShare(e.Conf, 0))
		if e.Organizations != nil && *e.Organizations > 1 {
			words += " clustered by organization"
		}
		words += "; "
	}
	if p.Rule != "" {
		words += "rule " + p.Rule + "; "
	}
	return words + p.Method
}

// captionOver is the caption of a figure whose rows have different numbers of answers.
func captionOver(p benchmark.Provenance, rows []benchmark.Estimate) string {
	words := caption(p, rows[0])
	if rows[0].N == nil {
		return words
	}
	low, high := *rows[0].N, *rows[0].N
	for _, e := range rows {
		if e.Shown() && e.N != nil {
			low, high = min(low, *e.N), max(high, *e.N)
		}
	}
	if low == high {
		return words
	}
	one := "n = " + benchmark.FormatCount(*rows[0].N)
	return "n = " + benchmark.FormatCount(low) + " to " + benchmark.FormatCount(high) + strings.TrimPrefix(words, one)
}

// probability prints the probability of a class.
func probability(p stat.Number) templates.Cell { return num(benchmark.FormatProbability(p)) }
