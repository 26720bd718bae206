package analysis

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// Method names the version of the statistical methods; every result carries it.
const Method = "methods/1"

// Options are the choices of an analysis.
type Options struct {
	File        string
	Version     string
	Top         int    // how many of the highest scale points count as agreement; 0 means 2
	Seed        uint64 // of all random results; 0: it follows from the data
	Replicates  int    // of the cluster bootstrap of gaps; 0 means none
	Splits      int    // of the split-half column; 0 means 200, fewer where rows are many
	ClosedForms bool   // leave out what draws random numbers: split half, ranks
	Criteria    *Criteria
	Step        func(done int) // called after each of the Steps
}

// Steps is how often Options.Step is called.
const Steps = 8

// Criteria names the key practices that make the index, and cuts that were
// frozen elsewhere. Without criteria all items count and the cuts are made from
// the file itself.
type Criteria struct {
	Name  string
	Items []string
	Cuts  *stat.TierCuts
}

// Analysis is everything that is said about one file. Text, JSON and page are
// made from it. A figure that could not be computed is null, its reasons say why.
type Analysis struct {
	Method        string      `json:"method"`
	Version       string      `json:"version"`
	File          string      `json:"file"`
	Settings      Settings    `json:"settings"`
	Sample        Sample      `json:"sample"`
	Items         []Item      `json:"items"`
	Scale         Scale       `json:"scale"`
	Aggregation   Aggregation `json:"aggregation"`
	Organizations []Group     `json:"organizations"`
	Tiers         Tiers       `json:"tiers"`
	Gaps          GapTable    `json:"gaps"`
	RoleGaps      []RoleGap   `json:"role_gaps"`
	Drivers       *Drivers    `json:"drivers"`
	Quality       Quality     `json:"quality"`
	Warnings      []string    `json:"warnings"`
}

// Settings are the choices that the figures depend on.
type Settings struct {
	Group      []string `json:"group"`
	Minimum    int      `json:"scale_min"`
	Maximum    int      `json:"scale_max"`
	Points     int      `json:"scale_points"`
	Top        int      `json:"top"`
	Cut        string   `json:"cut"`
	Reverse    []string `json:"reverse"`
	Role       string   `json:"role,omitempty"`
	Outcome    string   `json:"outcome,omitempty"`
	Weight     string   `json:"weight,omitempty"`
	Criteria   string   `json:"criteria,omitempty"`
	Conf       float64  `json:"conf"`
	Seed       uint64   `json:"seed"`
	Replicates int      `json:"replicates"`
}

// Sample counts what was read.
type Sample struct {
	Respondents   int `json:"n"`
	Organizations int `json:"organizations"`
	Items         int `json:"items"`
	NoGroup       int `json:"rows_without_group"`
	MissingCells  int `json:"missing_cells"`
}

// Analyze computes everything from a table. Same table and options, same bytes,
// on any number of cores.
func Analyze(ctx context.Context, t *Table, o Options) (*Analysis, error) {
	if o.Top == 0 {
		o.Top = 2
	}
	if o.Top < 1 || o.Top >= t.Columns.Points() {
		return nil, survey.Errorf(survey.Invalid, "--top %d does not fit a scale of %d points; it must be 1 to %d", o.Top, t.Columns.Points(), t.Columns.Points()-1)
	}
	if o.Step == nil {
		o.Step = func(int) {}
	}
	if o.Splits == 0 {
		o.Splits = splits(t.Rows)
	}
	key, err := t.keyItems(o.Criteria)
	if err != nil {
		return nil, err
	}
	t = t.arranged()
	c := count(t, key, o.Top)
	if o.Seed == 0 {
		o.Seed = c.seed(t)
	}
	a := &Analysis{Method: Method, Version: o.Version, File: o.File, Settings: settings(t, o), Warnings: []string{}}
	a.Sample = Sample{t.Rows, len(t.Organizations), len(t.Items), t.NoGroup, t.MissingCells}
	if err := a.fill(ctx, t, c, o); err != nil {
		return nil, err
	}
	a.warn(t)
	return a, nil
}

// keyItems are the positions of the items that make the index.
func (t *Table) keyItems(criteria *Criteria) ([]int, error) {
	var key []int
	if criteria == nil {
		for k := range t.Items {
			key = append(key, k)
		}
		return key, nil
	}
	for _, name := range criteria.Items {
		at := slices.Index(t.Items, name)
		if at < 0 {
			return nil, survey.Errorf(survey.Invalid, "criteria %s name the item %q, which is not among --items", criteria.Name, name)
		}
		key = append(key, at)
	}
	return key, nil
}

func (a *Analysis) fill(ctx context.Context, t *Table, c *counts, o Options) error {
	var r *ranking
	for done, step := range []func() error{
		func() (err error) { a.Items, err = describeItems(t, c, o.Top); return },
		func() (err error) { a.Scale, err = describeScale(t); return },
		func() (err error) { a.Aggregation, err = describeAggregation(t, c); return },
		func() (err error) { a.Organizations, a.Tiers, r, err = classify(t, c, &a.Aggregation, o); return },
		func() (err error) { a.Gaps, err = compare(t, c, r, o); return },
		func() (err error) { a.RoleGaps, err = compareRoles(t, o); return },
		func() (err error) { a.Drivers, err = relate(t, c, o); return },
		func() (err error) { a.Quality, err = judge(t, c); return },
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := step(); err != nil {
			return err
		}
		o.Step(done + 1)
	}
	return nil
}

// splits keeps the work of the split-half column within bounds: with many rows
// the halves differ little from split to split.
func splits(rows int) int {
	const work = 20_000_000
	return max(20, min(200, work/max(1, rows)))
}

func settings(t *Table, o Options) Settings {
	c := t.Columns
	s := Settings{
		Group: c.Group, Minimum: c.Min, Maximum: c.Max, Points: c.Points(), Top: o.Top, Reverse: []string{},
		Role: c.Role, Outcome: c.Outcome, Weight: c.Weight, Conf: confidence, Seed: o.Seed, Replicates: o.Replicates,
	}
	s.Reverse = append(s.Reverse, c.Reverse...)
	if o.Criteria != nil {
		s.Criteria = o.Criteria.Name
	}
	s.Cut = fmt.Sprintf("%d-%d of %d", c.Max-o.Top+1, c.Max, c.Points())
	if o.Top == 1 {
		s.Cut = fmt.Sprintf("%d of %d", c.Max, c.Points())
	}
	return s
}

// warn says in words what a reader must know before believing a figure.
func (a *Analysis) warn(t *Table) {
	say := func(format string, args ...any) { a.Warnings = append(a.Warnings, fmt.Sprintf(format, args...)) }
	if t.NoGroup > 0 {
		say("%s left out: %s no organization.", plural(t.NoGroup, "row is", "rows are"), plural2(t.NoGroup, "it names", "they name"))
	}
	switch n := len(t.Organizations); {
	case n == 1:
		say("There is one organization only: nothing can be said about differences between organizations, and no interval that allows for them.")
	case n < 10:
		say("There are %d organizations, fewer than 10: shares are shown without interval, and no tier is named.", n)
	}
	alone := 0
	for _, g := range a.Organizations {
		if g.N == 1 {
			alone++
		}
	}
	if alone > 0 {
		say("%s of one respondent only: no agreement can be computed there.", plural(alone, "organization consists", "organizations consist"))
	}
	for _, name := range a.Scale.NoVariance {
		say("Everybody gave the same answer to %s: it says nothing about differences.", name)
	}
	for _, item := range a.Items {
		if item.N == 0 {
			say("Nobody answered %s.", item.Item)
		}
	}
	if t.Weight != nil {
		say("Weights enter item means and shares; reliability, agreement, tiers and gaps are unweighted.")
	}
	if a.Quality.Sentence != "" {
		a.Warnings = append(a.Warnings, a.Quality.Sentence)
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func plural2(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// words says what straight-lining means for the scores.
func (q Quality) words() string {
	if q.StraightLine == 0 {
		return ""
	}
	share := 100 * q.Share.Or(0)
	if share < 1 {
		return ""
	}
	return fmt.Sprintf("%.0f%% of the respondents (%d of %d) gave one answer to long runs of items; %d gave the same answer throughout. "+
		"Such straight-lining raises alpha and agreement: compare the figures with and without them.", math.Round(share), q.StraightLine, q.Judged, q.SameThroughout)
}

// filter keeps the rows marked.
func (t *Table) filter(keep []bool) *Table {
	out := &Table{Columns: t.Columns, Items: t.Items, Reversed: t.Reversed, Organizations: t.Organizations, Roles: t.Roles, Answers: make([][]uint8, len(t.Answers))}
	inParallel(len(t.Answers), func(k int) {
		column := make([]uint8, 0, t.Rows)
		for i, v := range t.Answers[k] {
			if keep[i] {
				column = append(column, v)
			}
		}
		out.Answers[k] = column
	})
	for i, j := range t.Org {
		if keep[i] {
			out.Org = append(out.Org, j)
			out.Rows++
		}
	}
	for _, column := range out.Answers {
		for _, v := range column {
			if v == 0 {
				out.MissingCells++
			}
		}
	}
	return out
}

func nanWhereNegative(x []float64) []float64 {
	out := slices.Clone(x)
	for i, v := range out {
		if v < 0 {
			out[i] = math.NaN()
		}
	}
	return out
}
