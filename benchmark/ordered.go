package benchmark

import (
	"cmp"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Every item and every scale has figures of single organizations of which only
// quantiles are shown. They are kept in ascending order from one edition to the
// next, so that the answers of a few people move a few values and nothing is
// sorted again. Where rows are weighted there are none.

// agreementFigures are the figures of an organization's agreement on a scale.
var agreementFigures = [...]func(a agreementTally) stat.Number{
	func(a agreementTally) stat.Number { return a.uniform },
	func(a agreementTally) stat.Number { return a.slight },
	func(a agreementTally) stat.Number { return a.adMean },
}

// orderedFigure returns the figure of an organization that stands at a place:
// the share of an item first, then the agreement on a scale.
func (f *frame) orderedFigure(at int) func(t *tally) stat.Number {
	if at < len(f.plan.items) {
		return func(t *tally) stat.Number {
			c := t.items[at]
			if c.valid == 0 || int(c.valid) < f.gate.minimum {
				return stat.Number{}
			}
			return stat.Some(float64(c.agree) / float64(c.valid))
		}
	}
	at -= len(f.plan.items)
	figure, s := agreementFigures[at%len(agreementFigures)], at/len(agreementFigures)
	return func(t *tally) stat.Number { return figure(t.agreement[s]) }
}

// agreementOrder are the figures of all organizations on a scale in order.
func (f *frame) agreementOrder(s, figure int) []float64 {
	return f.orders[len(f.plan.items)+s*len(agreementFigures)+figure]
}

// gatherOrders puts the figures of all organizations in order.
func (f *frame) gatherOrders() {
	f.orders = make([][]float64, len(f.plan.items)+len(f.plan.scales)*len(agreementFigures))
	_ = eachOf(len(f.orders), func(at int) error { // which does not fail
		figure := f.orderedFigure(at)
		if f.before != nil {
			f.orders[at] = reordered(f.before.orders[at], f.figuresOf(f.before.tallies, figure), f.figuresOf(f.tally, figure), cmp.Compare[float64])
			return nil
		}
		all := make([]float64, 0, len(f.tally))
		for _, t := range f.tally {
			if v := figure(t); v.Valid {
				all = append(all, v.Value)
			}
		}
		slices.Sort(all)
		f.orders[at] = all
		return nil
	})
}

// figuresOf are the figures of the organizations that were counted anew.
func (f *frame) figuresOf(tallies []*tally, figure func(t *tally) stat.Number) []float64 {
	var values []float64
	for _, j := range f.changed {
		if v := figure(tallies[j]); v.Valid {
			values = append(values, v.Value)
		}
	}
	return values
}

// reordered takes values out of an ascending slice and puts others in. The slice
// is not changed.
func reordered[T comparable](x, out, in []T, compare func(a, b T) int) []T {
	slices.SortFunc(out, compare)
	slices.SortFunc(in, compare)
	if slices.Equal(out, in) {
		return x
	}
	next := make([]T, 0, len(x)-len(out)+len(in))
	for len(out) > 0 || len(in) > 0 {
		if len(out) > 0 && (len(in) == 0 || compare(out[0], in[0]) <= 0) {
			at, _ := slices.BinarySearchFunc(x, out[0], compare)
			next, x, out = append(next, x[:at]...), x[at+1:], out[1:]
			continue
		}
		at, _ := slices.BinarySearchFunc(x, in[0], compare)
		next, x, in = append(append(next, x[:at]...), in[0]), x[at:], in[1:]
	}
	return append(next, x...)
}
