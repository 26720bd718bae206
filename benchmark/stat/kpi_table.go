package stat

import (
	"math"
	"slices"
)

// minReporters is the number of reporters an organization needs for a reported
// KPI.
const minReporters = 3

// ReportedKPI is the value of an organization from what its people reported:
// the median of at least three reports. NaN reports are missing. Fewer reports
// insufficient_reliability, none no_valid_answers.
func ReportedKPI(reports []float64) (Number, []Reason) {
	valid := slices.DeleteFunc(slices.Clone(reports), math.IsNaN)
	switch {
	case len(valid) == 0:
		return Number{}, []Reason{NoValidAnswers}
	case len(valid) < minReporters:
		return Number{}, []Reason{InsufficientReliability}
	}
	return Median(valid), []Reason{}
}

// RatioOfSums is the rate of a group, such as a win rate won/(won+lost): the sum
// of numerators over the sum of denominators, never the mean of ratios. Pairs
// with a NaN are left out; out_of_domain where the denominators sum to 0.
func RatioOfSums(numerators, denominators []float64) (Number, []Reason, error) {
	if len(numerators) != len(denominators) {
		return Number{}, nil, lengthMismatch("numerators", len(numerators), "denominators", len(denominators))
	}
	var above, below Sum
	n := 0
	for i := range numerators {
		if !math.IsNaN(numerators[i]) && !math.IsNaN(denominators[i]) {
			above.Add(numerators[i])
			below.Add(denominators[i])
			n++
		}
	}
	switch {
	case n == 0:
		return Number{}, []Reason{NoValidAnswers}, nil
	case below.Value() <= 0:
		return Number{}, []Reason{OutOfDomain}, nil
	}
	return Some(above.Value() / below.Value()), []Reason{}, nil
}

// Winsorize replaces values beyond the type-7 quantiles low and 1-low by those
// quantiles. NaN stays NaN. Used for means only; medians need no such care.
func Winsorize(x []float64, low float64) []float64 {
	q := Quantiles(slices.DeleteFunc(slices.Clone(x), math.IsNaN), low, 1-low)
	out := slices.Clone(x)
	for i, v := range out {
		if !math.IsNaN(v) {
			out[i] = min(max(v, q[0].Value), q[1].Value)
		}
	}
	return out
}

// KPIColumn summarizes one KPI over the organizations of a tier.
type KPIColumn struct {
	Organizations int    `json:"organizations"`
	Median        Number `json:"median"`
	Q1            Number `json:"q1"`
	Q3            Number `json:"q3"`
	IQR           Number `json:"iqr"`
	// MeanWinsorized is the mean after winsorizing the whole KPI at 1 and 99%.
	MeanWinsorized Number   `json:"mean_winsorized"`
	Reasons        []Reason `json:"reasons"`
}

// KPIComparison is one row of the table of KPIs by tier.
type KPIComparison struct {
	WorldClass KPIColumn `json:"wc"`
	Rest       KPIColumn `json:"rest"`
	All        KPIColumn `json:"all"`
	// Difference is that of the medians, in the unit of the KPI (points for
	// rates); Relative is 100(WC/Rest - 1), for levels only.
	Difference      Number            `json:"difference"`
	RelativePercent Number            `json:"relative_percent"`
	Test            MedianPermutation `json:"test"`
	Reasons         []Reason          `json:"reasons"`
}

// KPIKind says whether a relative difference makes sense.
type KPIKind string

// Levels (revenue, deal size) may be compared in per cent, rates (growth, win
// rate) in points only.
const (
	KPILevel KPIKind = "level"
	KPIRate  KPIKind = "rate"
)

// CompareKPI compares a KPI of World-Class organizations with the others, by
// medians, with a permutation test over organizations. NaN values are left out;
// nothing is imputed.
//
// Edge cases: a column without value no_valid_answers; a relative difference
// over a base of 0 or less out_of_domain; small tiers as PermuteMedians.
func CompareKPI(values []float64, worldClass []bool, kind KPIKind, options PermutationOptions) (*KPIComparison, error) {
	test, err := PermuteMedians(values, worldClass, options)
	if err != nil {
		return nil, err
	}
	out := KPIColumns(values, worldClass, kind)
	out.Test = test
	return out, nil
}

// KPIColumns is CompareKPI without the test.
func KPIColumns(values []float64, worldClass []bool, kind KPIKind) *KPIComparison {
	return KPIColumnsInOrder(Order(values), worldClass, kind)
}

// winsorized is the part at either end that a mean is protected from.
const winsorized = 0.01

// compare fills the difference of the medians.
func (out *KPIComparison) compare(kind KPIKind) {
	if !out.WorldClass.Median.Valid || !out.Rest.Median.Valid {
		out.Reasons = []Reason{NoValidAnswers}
		return
	}
	wc, rest := out.WorldClass.Median.Value, out.Rest.Median.Value
	out.Difference = Some(wc - rest)
	if kind == KPILevel {
		if rest > 0 {
			out.RelativePercent = Some(100 * (wc/rest - 1))
		} else {
			out.Reasons = append(out.Reasons, OutOfDomain)
		}
	}
}
