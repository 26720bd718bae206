package stat

import (
	"fmt"
	"math"
	"slices"
)

// KPI is one KPI of all organizations; NaN where an organization has none.
// LowerIsBetter turns it round on the axis only.
type KPI struct {
	Values        []float64
	LowerIsBetter bool
	Order         []Placed // of the values, where it is known
}

// Axis is the second axis of the classification, made of results.
type Axis struct {
	// Scores are 0..100: the mean midrank percentile over an organization's
	// KPIs, missing with fewer than half of them.
	Scores []Number `json:"kpi_axis"`
	// Cut is the type-7 .75 quantile of the scores, to be frozen after the
	// first wave.
	Cut     Number   `json:"kpi_axis_cut"`
	Reasons []Reason `json:"reasons"`
}

// KPIAxis places organizations by their KPIs: per KPI the midrank percentile
// among the organizations that have it, turned round where lower is better, and
// the mean over at least half of the KPIs.
//
// Edge cases: no KPI, or none with a value, no_valid_answers (tiers stand
// without it); fewer than ten organizations few_organizations and no cut.
func KPIAxis(kpis []KPI) (*Axis, error) {
	out := &Axis{Reasons: []Reason{}}
	if len(kpis) == 0 {
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	}
	organizations := len(kpis[0].Values)
	totals, counts := make([]Sum, organizations), make([]int, organizations)
	for i, kpi := range kpis {
		if len(kpi.Values) != organizations {
			return nil, &InputError{"length_mismatch", -1, i, fmt.Sprintf("%d organizations, the first KPI has %d", len(kpi.Values), organizations)}
		}
	}
	percentiles := make([][]Number, len(kpis))
	inParallel(len(kpis), func(i int) {
		order := kpis[i].Order
		if order == nil {
			order = Order(kpis[i].Values)
		}
		percentiles[i] = midranks(order, organizations, kpis[i].LowerIsBetter)
	})
	for _, ranked := range percentiles {
		for j, p := range ranked {
			if p.Valid {
				totals[j].Add(p.Value)
				counts[j]++
			}
		}
	}
	out.Scores = make([]Number, organizations)
	var scores []float64
	for j, n := range counts {
		if n > 0 && 2*n >= len(kpis) {
			out.Scores[j] = Some(totals[j].Value() / float64(n))
			scores = append(scores, out.Scores[j].Value)
		}
	}
	switch {
	case len(scores) == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case len(scores) < minOrganizations:
		out.Reasons = []Reason{FewOrganizations}
	default:
		out.Cut = Quantile(scores, 0.75)
	}
	return out, nil
}

// ReportedKPIs are the reports of people about one KPI, per organization.
type ReportedKPIs struct {
	Reports       [][]float64
	LowerIsBetter bool
}

// AxisTop is the result of KPIAxisTop.
type AxisTop struct {
	P          []Number `json:"p_kpi_top"`
	Replicates int      `json:"replicates"`
	Seed       uint64   `json:"seed"`
	Reasons    []Reason `json:"reasons"`
}

// axisReplicates is the number of resamples of reporters.
const axisReplicates = 1000

// KPIAxisTop is the probability that an organization reaches the frozen cut of
// the axis: reporters are resampled within each organization, 1,000 times
// seeded, while KPIs from records stand as they are. P is missing where the
// organization has no score in more than half of the resamples.
func KPIAxisTop(reported []ReportedKPIs, records []KPI, cut float64, seed uint64) (*AxisTop, error) {
	out := &AxisTop{Replicates: axisReplicates, Seed: seed, Reasons: []Reason{}}
	organizations := 0
	switch {
	case len(reported) > 0:
		organizations = len(reported[0].Reports)
	case len(records) > 0:
		organizations = len(records[0].Values)
	}
	out.P = make([]Number, organizations)
	if organizations == 0 {
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	}
	for i, r := range reported {
		if len(r.Reports) != organizations {
			return nil, &InputError{"length_mismatch", -1, i, fmt.Sprintf("%d organizations, the first KPI has %d", len(r.Reports), organizations)}
		}
	}
	scores := make([][]Number, axisReplicates)
	failures := make([]error, axisReplicates)
	inParallel(axisReplicates, func(b int) {
		axis, err := KPIAxis(append(resampleReports(reported, NewStream(seed, "reporters", b)), records...))
		if failures[b] = err; err == nil {
			scores[b] = axis.Scores
		}
	})
	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}
	for j := range out.P {
		seen, top := 0, 0
		for _, s := range scores {
			if s != nil && s[j].Valid {
				seen++
				if s[j].Value >= cut {
					top++
				}
			}
		}
		if 2*seen > axisReplicates {
			out.P[j] = Some(float64(top) / float64(seen))
		}
	}
	return out, nil
}

func resampleReports(reported []ReportedKPIs, stream *Stream) []KPI {
	kpis := make([]KPI, len(reported))
	for i, r := range reported {
		kpis[i] = KPI{Values: make([]float64, len(r.Reports)), LowerIsBetter: r.LowerIsBetter}
		for j, reports := range r.Reports {
			valid := slices.DeleteFunc(slices.Clone(reports), math.IsNaN)
			drawn := make([]float64, len(valid))
			for d := range drawn {
				drawn[d] = valid[stream.IntN(len(valid))]
			}
			value, _ := ReportedKPI(drawn)
			kpis[i].Values[j] = value.Or(math.NaN())
		}
	}
	return kpis
}

// InformantSplit is the result of SplitInformant.
type InformantSplit struct {
	R             Number   `json:"split_informant_r"`
	Organizations int      `json:"organizations"`
	Splits        int      `json:"splits"`
	Seed          uint64   `json:"seed"`
	Reasons       []Reason `json:"reasons"`
}

// informantSplits is the number of random splits of SplitInformant.
const informantSplits = 200

// SplitInformant correlates practices and results over organizations without
// the same people telling both: the people of every organization with at least
// four of them are split at random, the mean practice score of one half meets
// the median KPI of the other half (both ways), and the correlation is averaged
// over 200 seeded splits. practice and kpi hold one value per respondent, NaN
// where missing.
//
// Edge cases: nobody no_valid_answers; fewer than three usable organizations
// one_organization or few_organizations; no variance zero_variance.
func SplitInformant(org []int32, practice, kpi []float64, seed uint64) (*InformantSplit, error) {
	if len(org) != len(practice) || len(org) != len(kpi) {
		return nil, lengthMismatch("organizations", len(org), "practices or KPIs", max(len(practice), len(kpi)))
	}
	groups, err := groupRows(org)
	if err != nil {
		return nil, err
	}
	groups = slices.DeleteFunc(groups, func(rows []int) bool { return len(rows) < minSplit })
	out := &InformantSplit{Organizations: len(groups), Splits: informantSplits, Seed: seed, Reasons: []Reason{}}
	switch len(groups) {
	case 0:
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	case 1:
		out.Reasons = []Reason{OneOrganization}
		return out, nil
	case 2:
		out.Reasons = []Reason{FewOrganizations}
		return out, nil
	}
	found := make([]Number, informantSplits)
	inParallel(informantSplits, func(s int) {
		found[s] = splitCorrelation(groups, practice, kpi, NewStream(seed, "informant", s))
	})
	var total Sum
	n := 0
	for _, r := range found {
		if r.Valid {
			total.Add(r.Value)
			n++
		}
	}
	if n == 0 {
		out.Reasons = append(out.Reasons, ZeroVariance)
		return out, nil
	}
	out.R = Some(total.Value() / float64(n))
	return out, nil
}

// groupRows lists the rows of every organization, in their order.
func groupRows(org []int32) ([][]int, error) {
	var groups [][]int
	for i, j := range org {
		if j < 0 {
			return nil, &InputError{"invalid_value", i, 0, fmt.Sprintf("organization %d", j)}
		}
		for len(groups) <= int(j) {
			groups = append(groups, nil)
		}
		groups[j] = append(groups[j], i)
	}
	return groups, nil
}

func splitCorrelation(groups [][]int, practice, kpi []float64, stream *Stream) Number {
	var total float64
	n := 0
	var sides [2][2][]float64 // direction, practice or KPI
	for _, rows := range groups {
		order := slices.Clone(rows)
		stream.Permute(order)
		halves := [2][]int{order[:len(order)/2], order[len(order)/2:]}
		for d := range 2 {
			told := presentValues(practice, halves[d])
			result := presentValues(kpi, halves[1-d])
			if len(told) > 0 && len(result) > 0 {
				sides[d][0] = append(sides[d][0], average(told))
				sides[d][1] = append(sides[d][1], Median(result).Value)
			}
		}
	}
	for _, s := range sides {
		if r := correlate(s[0], s[1]); r.Valid {
			total += r.Value
			n++
		}
	}
	if n == 0 {
		return Number{}
	}
	return Some(total / float64(n))
}

func presentValues(x []float64, rows []int) []float64 {
	out := make([]float64, 0, len(rows))
	for _, i := range rows {
		if !math.IsNaN(x[i]) {
			out = append(out, x[i])
		}
	}
	return out
}
