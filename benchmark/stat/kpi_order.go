package stat

import (
	"cmp"
	"math"
	"slices"
)

// Placed is the value of the organization at a place.
type Placed struct {
	Value float64
	At    int32
}

// ComparePlaced orders by value, equal ones by place.
func ComparePlaced(a, b Placed) int {
	return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.At, b.At))
}

// Order puts values in ascending order; NaN are left out.
func Order(values []float64) []Placed {
	order := make([]Placed, 0, len(values))
	for j, v := range values {
		if !math.IsNaN(v) {
			order = append(order, Placed{v, int32(j)})
		}
	}
	slices.SortFunc(order, ComparePlaced)
	return order
}

// midranks are the midrank percentiles 0..100 among the values in order, of n
// organizations; turned round where lower is better. A single value stands in the
// middle.
func midranks(order []Placed, n int, lowerIsBetter bool) []Number {
	percentiles := make([]Number, n)
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && order[to].Value == order[from].Value {
			to++
		}
		below := from
		if lowerIsBetter {
			below = len(order) - to
		}
		place := Some(100 * (float64(below) + float64(float64(to-from)/2)) / float64(len(order)))
		for _, o := range order[from:to] {
			percentiles[o.At] = place
		}
		from = to
	}
	return percentiles
}

// KPIColumnsInOrder is KPIColumns of values that are in order, as Order puts them.
// Means are of the values in that order.
func KPIColumnsInOrder(order []Placed, worldClass []bool, kind KPIKind) *KPIComparison {
	all := make([]float64, len(order))
	sides := [2][]float64{make([]float64, 0, len(order)), make([]float64, 0, len(order))}
	for i, o := range order {
		all[i] = o.Value
		side := 1
		if worldClass[o.At] {
			side = 0
		}
		sides[side] = append(sides[side], o.Value)
	}
	low, high := QuantileSorted(all, winsorized), QuantileSorted(all, 1-winsorized)
	out := &KPIComparison{
		WorldClass: columnInOrder(sides[0], low.Value, high.Value), Rest: columnInOrder(sides[1], low.Value, high.Value),
		All: columnInOrder(all, low.Value, high.Value), Reasons: []Reason{},
	}
	out.compare(kind)
	return out
}

// columnInOrder summarizes values in ascending order; for the mean they are
// limited to low and high.
func columnInOrder(x []float64, low, high float64) KPIColumn {
	column := KPIColumn{Organizations: len(x), Reasons: []Reason{}}
	if len(x) == 0 {
		column.Reasons = []Reason{NoValidAnswers}
		return column
	}
	column.Q1, column.Median, column.Q3 = QuantileSorted(x, 0.25), QuantileSorted(x, 0.5), QuantileSorted(x, 0.75)
	column.IQR = Some(column.Q3.Value - column.Q1.Value)
	var total Sum
	for _, v := range x {
		total.Add(min(max(v, low), high))
	}
	column.MeanWinsorized = Some(total.Value() / float64(len(x)))
	return column
}
