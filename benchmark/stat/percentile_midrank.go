package stat

import (
	"cmp"
	"slices"
)

// PercentileMidrank is the percentile of every score among all of them:
// 100 (#below + .5 #equal)/J, the organization itself among the equals. With
// excludeSelf it is 100 (#below + .5 #other equals)/(J-1). Missing scores stay
// missing and are not counted; with a single score all are missing (reason
// one_organization).
func PercentileMidrank(scores []Number, excludeSelf bool) ([]Number, []Reason) {
	percentiles := make([]Number, len(scores))
	type scored struct {
		value float64
		at    int
	}
	order := make([]scored, 0, len(scores))
	for i, s := range scores {
		if s.Valid {
			order = append(order, scored{s.Value, i})
		}
	}
	switch len(order) {
	case 0:
		return percentiles, []Reason{NoValidAnswers}
	case 1:
		return percentiles, []Reason{OneOrganization}
	}
	slices.SortFunc(order, func(a, b scored) int { return cmp.Compare(a.value, b.value) })
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && order[to].value == order[from].value {
			to++
		}
		equal, base := float64(to-from), float64(len(order))
		if excludeSelf {
			equal, base = equal-1, base-1
		}
		for _, o := range order[from:to] {
			percentiles[o.at] = Some(100 * (float64(from) + float64(equal/2)) / base)
		}
		from = to
	}
	return percentiles, []Reason{}
}

// PercentileAmong is the midrank percentile of one score among others that do
// not contain it; missing when there are none.
func PercentileAmong(score float64, others []float64) Number {
	if len(others) == 0 {
		return Number{}
	}
	below, equal := 0, 0
	for _, o := range others {
		switch {
		case o < score:
			below++
		case o == score:
			equal++
		}
	}
	return Some(100 * (float64(below) + float64(float64(equal)/2)) / float64(len(others)))
}
