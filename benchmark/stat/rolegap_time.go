package stat

import (
	"fmt"
	"math"
)

// TimeShare is the part of the managers' time that goes to one activity.
type TimeShare struct {
	Mean Number    `json:"mean"`
	CI   *Interval `json:"mean_ci"`
}

// TimeResult is the managers' time as one composition.
type TimeResult struct {
	Parts         []TimeShare `json:"parts"`
	N             int         `json:"n"`
	Organizations int         `json:"organizations"`
	Reasons       []Reason    `json:"reasons"`
}

// ManagerTime is the mean composition of the managers' time: parts[k][i] is
// what manager i gives to activity k, in percent. Arithmetic means sum to 100;
// intervals are t, clustered by organization. Forms with a missing part (NaN)
// are left out; a form that does not sum to 100 or has a negative part is an
// invalid_value. Reasons as for Mean.
func ManagerTime(parts [][]float64, org []int32, conf float64) (TimeResult, error) {
	use, err := wholeForms(parts, len(org))
	if err != nil {
		return TimeResult{Reasons: []Reason{}}, err
	}
	var contributions [][]Contribution
	for _, part := range parts {
		values := make([]float64, len(part))
		for i, v := range part {
			values[i] = v
			if !use[i] {
				values[i] = math.NaN()
			}
		}
		one, err := ContributeRows(values, nil, org)
		if err != nil {
			return TimeResult{Reasons: []Reason{}}, err
		}
		contributions = append(contributions, one)
	}
	return ManagerTimeOf(contributions, conf)
}

// ManagerTimeOf is ManagerTime of what organizations add to each part: the
// complete forms, every manager counting alike.
func ManagerTimeOf(parts [][]Contribution, conf float64) (TimeResult, error) {
	r := TimeResult{Reasons: []Reason{}}
	for _, contributions := range parts {
		m, err := WeightedMean(contributions, nil, conf)
		if err != nil {
			return r, err
		}
		r.Parts = append(r.Parts, TimeShare{m.Mean, m.CI})
		r.N, r.Organizations, r.Reasons = m.N, m.Organizations, m.Reasons
	}
	if len(parts) == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
	}
	return r, nil
}

// wholeForms marks the complete forms and refuses those that do not sum to 100.
func wholeForms(parts [][]float64, n int) ([]bool, error) {
	use := make([]bool, n)
	for i := range use {
		var total Sum
		use[i] = true
		for k, part := range parts {
			if len(part) != n {
				return nil, lengthMismatch("values", len(part), "organizations", n)
			}
			if part[i] < 0 {
				return nil, &InputError{Code: "invalid_value", Row: i, Column: k, Detail: fmt.Sprintf("%g percent of the time", part[i])}
			}
			use[i] = use[i] && !math.IsNaN(part[i])
			total.Add(part[i])
		}
		if use[i] && !(math.Abs(total.Value()-100) <= 1e-6) {
			return nil, &InputError{Code: "invalid_value", Row: i, Column: -1, Detail: fmt.Sprintf("the parts of the time sum to %g, not 100", total.Value())}
		}
	}
	return use, nil
}

// CoachResult says whether managers coach or account for the forecast.
type CoachResult struct {
	LogRatio      Number    `json:"coach_log_ratio"`
	LogRatioCI    *Interval `json:"coach_log_ratio_ci"`
	Ratio         Number    `json:"coach_ratio"`
	RatioCI       *Interval `json:"coach_ratio_ci"`
	N             int       `json:"n"`
	Organizations int       `json:"organizations"`
	Reasons       []Reason  `json:"reasons"`
}

// CoachOrForecast is log((coaching + resources + .5)/(forecasting + admin +
// .5)) per manager, averaged per organization, then over organizations with a t
// interval, and transformed back: a ratio above 1 means that more time goes to
// coaching. enabling is coaching plus resources, accounting forecasting plus
// admin, both in percent; NaN is missing. Reasons as for PairedDifferences.
func CoachOrForecast(enabling, accounting []float64, org []int32, conf float64) (CoachResult, error) {
	logs, err := CoachLogs(enabling, accounting)
	if err != nil {
		return CoachResult{Reasons: []Reason{}}, err
	}
	summaries, err := ValueSummaries(logs, org)
	if err != nil {
		return CoachResult{Reasons: []Reason{}}, err
	}
	return CoachOf(summaries, conf)
}

// CoachLogs are the log ratios of the managers; NaN where one is missing.
func CoachLogs(enabling, accounting []float64) ([]float64, error) {
	if len(enabling) != len(accounting) {
		return nil, lengthMismatch("coaching times", len(enabling), "forecasting times", len(accounting))
	}
	logs := make([]float64, len(enabling))
	for i := range logs {
		if enabling[i] < 0 || accounting[i] < 0 {
			return nil, &InputError{Code: "invalid_value", Row: i, Column: 0, Detail: "negative time"}
		}
		logs[i] = math.Log((enabling[i] + 0.5) / (accounting[i] + 0.5))
	}
	return logs, nil
}

// CoachOf is CoachOrForecast of the log ratios summarized by organization.
func CoachOf(summaries []Summary, conf float64) (CoachResult, error) {
	r := CoachResult{Reasons: []Reason{}}
	p, err := pairedMean(meansOf(summaries), conf)
	if err != nil {
		return r, err
	}
	r.N, r.Organizations = pooledSummary(summaries).N, p.Organizations
	r.LogRatio, r.LogRatioCI, r.Reasons = p.Mean, p.CI, p.Reasons
	if p.Mean.Valid {
		r.Ratio = Some(math.Exp(p.Mean.Value))
	}
	if p.CI != nil {
		r.RatioCI = &Interval{math.Exp(p.CI.Lower), math.Exp(p.CI.Upper)}
	}
	return r, nil
}
