package stat

import (
	"math"
	"sort"
)

// BenjaminiHochberg adjusts the p-values of one family so that rejecting those
// at or below q keeps the expected share of false discoveries at q (1995): for
// sorted p, adj_(i) = min over l >= i of min(1, m p_(l)/l). A missing p stays
// missing and is not counted in m.
func BenjaminiHochberg(p []Number) []Number {
	return adjust(p, func(order []int, adjusted []Number) {
		m := float64(len(order))
		smallest := 1.0
		for i := len(order) - 1; i >= 0; i-- {
			smallest = math.Min(smallest, m*p[order[i]].Value/float64(i+1))
			adjusted[order[i]] = Some(smallest)
		}
	})
}

// Holm adjusts the p-values of one family so that the chance of any false
// rejection stays below the level (1979): adj_(i) = max over l <= i of min(1,
// (m-l+1) p_(l)). A missing p stays missing and is not counted in m.
func Holm(p []Number) []Number {
	return adjust(p, func(order []int, adjusted []Number) {
		largest := 0.0
		for i, at := range order {
			largest = math.Max(largest, math.Min(1, float64(len(order)-i)*p[at].Value))
			adjusted[at] = Some(largest)
		}
	})
}

// Bonferroni multiplies each p-value by their number; for comparison.
func Bonferroni(p []Number) []Number {
	return adjust(p, func(order []int, adjusted []Number) {
		for _, at := range order {
			adjusted[at] = Some(math.Min(1, float64(len(order))*p[at].Value))
		}
	})
}

// adjust sorts the valid p-values and lets fill write the adjusted ones.
func adjust(p []Number, fill func(order []int, adjusted []Number)) []Number {
	adjusted := make([]Number, len(p))
	order := make([]int, 0, len(p))
	for i, v := range p {
		if v.Valid {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return p[order[a]].Value < p[order[b]].Value })
	fill(order, adjusted)
	return adjusted
}
