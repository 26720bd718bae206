package benchmark

import (
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// columns says which organizations of the frame stand in which column. All is
// WC and Rest together, so that WC - All = (1 - s)(WC - Rest) holds.
type columns struct {
	wc, rest, all []int
	expected      stat.Number // sum of P(World-Class)
	certain       int         // organizations in wc with P >= .90
	widened       bool        // wc holds more than expected, because fewer may not be shown
	few           int         // organizations that would be in wc, too few to be shown
	reason        stat.Reason // why there is no WC column
}

// everybody is the column of all organizations of the frame.
func (f *frame) everybody() []int {
	all := make([]int, len(f.units))
	for j := range all {
		all[j] = j
	}
	return all
}

// columnsOf fills the columns from a classification: World-Class are the
// organizations with the highest posterior means, as many as are expected to be
// World-Class. Fewer than five may not be shown. Where more than half of five are
// expected, the column takes the next ones in and says so; else there is none.
func (f *frame) columnsOf(c *classified) columns {
	cols := columns{all: f.everybody()}
	if c == nil {
		cols.reason = stat.NoValidAnswers
		return cols
	}
	cols.expected, cols.reason = c.expected, c.reason
	k := f.columnSize(c, &cols)
	top := stat.TopOrganizations(c.rankScores(), k)
	for _, j := range cols.all {
		if !top[j] {
			cols.rest = append(cols.rest, j)
			continue
		}
		cols.wc = append(cols.wc, j)
		if p := c.tiers[j].PWorldClass; p.Valid && p.Value >= certainWorldClass {
			cols.certain++
		}
	}
	if len(cols.wc) == 0 && cols.reason == "" {
		cols.reason = stat.NoValidAnswers
	}
	return cols
}

// columnSize is the number of organizations in the World-Class column.
func (f *frame) columnSize(c *classified, cols *columns) int {
	k := 0
	if c.expected.Valid {
		k = int(math.Round(c.expected.Value))
	}
	if f.in.Criteria.Column == ColumnCertain {
		k = c.certain
	}
	switch {
	case k <= 0 || k >= benchmarkMinimum:
		return max(k, 0)
	case 2*k > benchmarkMinimum:
		cols.widened = true
		return benchmarkMinimum
	}
	cols.few, cols.reason = k, stat.Suppressed
	return 0
}

// certainWorldClass is the probability from which an organization is called
// World-Class.
const certainWorldClass = 0.90

// without leaves one organization out of a column.
func without(column []int, j int) []int {
	return slices.DeleteFunc(slices.Clone(column), func(o int) bool { return o == j })
}

// columnShares are the shares of all items in one column, each by itself and with
// a common pool of design effects for items that have none of their own.
type columnShares struct {
	members       []int
	sums          []columnSums
	alone, pooled []stat.ShareResult
	base          []base
}

// columnOf is what is known of a column, or of another group of organizations,
// beside its share of an item.
type columnOf struct {
	base                     base
	members, asked, dontKnow int
}

// of is what is known of the column for an item.
func (c *columnShares) of(k int) columnOf {
	return columnOf{c.base[k], len(c.members), c.sums[k].asked, c.sums[k].dontKnow}
}

// shareTable computes the shares of all items in one column.
func (f *frame) shareTable(members []int) (columnShares, error) {
	c := columnShares{members: members, sums: f.sumsOf(members), alone: make([]stat.ShareResult, len(f.items)), base: make([]base, len(f.items))}
	one := stat.ShareOptions{Conf: confidence}
	err := eachOf(len(f.items), func(k int) error {
		var err error
		if f.weighted {
			c.alone[k], c.base[k], err = f.shareOfMembers(k, members, one)
		} else {
			c.alone[k], c.base[k], err = equalShareOf(c.sums[k].share, one)
		}
		return err
	})
	if err != nil {
		return c, err
	}
	var effects []float64
	for _, r := range c.alone {
		if r.DeffN.Valid && r.DeffN.Value > 0 {
			effects = append(effects, r.DeffN.Value)
		}
	}
	c.pooled = slices.Clone(c.alone)
	pool := stat.Median(effects)
	for k := range f.items {
		if pool.Valid && slices.Contains(c.alone[k].Notes, stat.NoteZeroBetweenVariance) {
			c.pooled[k], _, err = f.shareOfMembers(k, members, stat.ShareOptions{Conf: confidence, DeffPool: pool})
			if err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// membersOf takes the elements of a column; all of them are not copied.
func (f *frame) membersOf(x []stat.Contribution, members []int) []stat.Contribution {
	if len(members) == len(x) {
		return x
	}
	return pick(x, members)
}

// complement hides a column whose neighbour is hidden: All is always shown, and
// All minus one of the two is the other.
func (g gate) complement(wc, rest *Estimate) {
	hiddenWC, hiddenRest := !g.open(*wc), !g.open(*rest)
	if hiddenWC != hiddenRest && wc.Value.Valid && rest.Value.Valid {
		wc.base.hidden = wc.base.hidden || hiddenRest
		rest.base.hidden = rest.base.hidden || hiddenWC
	}
}

// open says whether the value of a figure will be seen.
func (g gate) open(e Estimate) bool {
	if e.base.unanimous && e.N != nil && *e.N < unanimousBelow {
		return false
	}
	return e.Value.Valid && g.passes(e.base)
}
