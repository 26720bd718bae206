package stat

import (
	"fmt"
	"math"
)

// Limits of raking and trimming.
const (
	rakeTolerance  = 1e-10
	rakeRounds     = 1000
	trimRounds     = 20
	trimConflict   = 0.01
	trimLow        = 0.3
	trimHigh       = 3.0
	trimMedianTime = 5.0
)

// Margin is one variable to weight to: a category per respondent (negative:
// unknown, the respondent keeps its place on this margin) and the target of
// every category, as counts or shares.
type Margin struct {
	Name     string
	Category []int32
	Target   []float64
}

// TrimRule says how weights are cut after they are scaled to mean 1.
type TrimRule string

// The rules: none, to [.3, 3], or to 5 times the median weight.
const (
	TrimNone    TrimRule = ""
	TrimBounds  TrimRule = "bounds_0.3_3"
	TrimMedian5 TrimRule = "median_x5"
)

// Weighted is the result of Rake and PostStratify.
type Weighted struct {
	Weights    []float64 `json:"weights"`
	DeffKish   Number    `json:"deff_kish_weight"`
	NEffKish   Number    `json:"n_eff_kish"`
	MaxOverMin Number    `json:"max_over_min"`
	// Achieved holds, per margin, the weighted share of each category.
	Achieved [][]float64 `json:"achieved"`
	// MaxError is the largest relative error of a margin.
	MaxError  Number   `json:"max_relative_error"`
	Rounds    int      `json:"rounds"`
	EmptyCell *string  `json:"empty_cell"`
	Reasons   []Reason `json:"reasons"`
}

// Rake multiplies base weights (nil: 1) by target/current, margin after margin,
// until the largest relative error of a margin is under 1e-10 (at most 1,000
// rounds), then scales them to mean 1. With a trim rule weights are clipped and
// raked again, up to 20 times (survey::trimWeights spreads the excess instead: a
// different variant). Targets of a margin are taken as shares.
//
// Edge cases: nobody no_valid_answers; a category with a target but without
// respondents empty_margin_cell, refused and named, so that it can be collapsed;
// no convergence not_converged (weights null); margins off by more than 1% after
// trimming trim_rake_conflict, with the weights. Respondents in a category with
// target 0 get weight 0.
func Rake(base []float64, margins []Margin, trim TrimRule) (*Weighted, error) {
	weights, err := startWeights(base, margins)
	if err != nil {
		return nil, err
	}
	out := &Weighted{Reasons: []Reason{}}
	if len(weights) == 0 {
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	}
	if cell := emptyCell(weights, margins); cell != "" {
		out.EmptyCell, out.Reasons = &cell, []Reason{EmptyMarginCell}
		return out, nil
	}
	rounds, converged := rakeRoundsOf(weights, margins)
	out.Rounds = rounds
	if !converged {
		out.Reasons = []Reason{NotConverged}
		return out, nil
	}
	scaleToMean(weights)
	for round := 0; trim != TrimNone && round < trimRounds && clip(weights, trim); round++ {
		more, _ := rakeRoundsOf(weights, margins)
		out.Rounds += more
		scaleToMean(weights)
	}
	if trim != TrimNone {
		clip(weights, trim) // the bounds have the last word, not the mean of 1
	}
	out.describe(weights, margins)
	if out.MaxError.Value > trimConflict {
		out.Reasons = append(out.Reasons, TrimRakeConflict)
	}
	return out, nil
}

// PostStratify weights to the targets of the cells of one variable in one step:
// w N_h / Nhat_h, scaled to mean 1.
func PostStratify(base []float64, cells Margin) (*Weighted, error) {
	return Rake(base, []Margin{cells}, TrimNone)
}

func startWeights(base []float64, margins []Margin) ([]float64, error) {
	n := len(base)
	if base == nil && len(margins) > 0 {
		n = len(margins[0].Category)
	}
	for m, margin := range margins {
		if len(margin.Category) != n {
			return nil, &InputError{"length_mismatch", -1, m, fmt.Sprintf("margin %s has %d respondents, not %d", margin.Name, len(margin.Category), n)}
		}
		if err := margin.check(m); err != nil {
			return nil, err
		}
	}
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1
	}
	if base != nil && n > 0 {
		if err := CheckWeights(base); err != nil {
			return nil, err
		}
		copy(weights, base)
	}
	return weights, nil
}

func (m Margin) check(column int) error {
	var total float64
	for h, t := range m.Target {
		if !(t >= 0) || math.IsInf(t, 0) {
			return &InputError{"invalid_weight", h, column, fmt.Sprintf("target %v of margin %s", t, m.Name)}
		}
		total += t
	}
	if total == 0 {
		return &InputError{"invalid_weight", -1, column, "targets of margin " + m.Name + " are all zero"}
	}
	for i, h := range m.Category {
		if int(h) >= len(m.Target) {
			return &InputError{"invalid_value", i, column, fmt.Sprintf("category %d of %d in margin %s", h, len(m.Target), m.Name)}
		}
	}
	return nil
}

// totals sums the weights per category; unknown categories are left out.
func (m Margin) totals(weights []float64) []float64 {
	sums := make([]Sum, len(m.Target))
	for i, h := range m.Category {
		if h >= 0 {
			sums[h].Add(weights[i])
		}
	}
	totals := make([]float64, len(sums))
	for h := range sums {
		totals[h] = sums[h].Value()
	}
	return totals
}

func emptyCell(weights []float64, margins []Margin) string {
	for _, m := range margins {
		for h, total := range m.totals(weights) {
			if m.Target[h] > 0 && total == 0 {
				return fmt.Sprintf("%s[%d]", m.Name, h)
			}
		}
	}
	return ""
}

// rakeRoundsOf rakes in place and reports whether all margins fit in the end.
func rakeRoundsOf(weights []float64, margins []Margin) (rounds int, converged bool) {
	for rounds = 1; rounds <= rakeRounds; rounds++ {
		for _, m := range margins {
			m.fit(weights)
		}
		if marginError(weights, margins) < rakeTolerance {
			return rounds, true
		}
	}
	return rakeRounds, len(margins) == 0
}

// fit multiplies the weights of one margin by target share / current share.
func (m Margin) fit(weights []float64) {
	totals := m.totals(weights)
	factor := Total(totals) / Total(m.Target)
	for h, t := range m.Target {
		if totals[h] > 0 {
			totals[h] = t * factor / totals[h]
		}
	}
	for i, h := range m.Category {
		if h >= 0 {
			weights[i] *= totals[h]
		}
	}
}

// marginError is the largest |current/target - 1| over all cells of shares.
func marginError(weights []float64, margins []Margin) float64 {
	worst := 0.0
	for _, m := range margins {
		totals := m.totals(weights)
		all, targets := Total(totals), Total(m.Target)
		for h, t := range m.Target {
			if t > 0 {
				worst = max(worst, math.Abs(totals[h]/all/(t/targets)-1))
			}
		}
	}
	return worst
}

func scaleToMean(weights []float64) {
	mean := average(weights)
	for i := range weights {
		weights[i] /= mean
	}
}

// clip cuts weights to the bounds of a rule and reports whether any was outside.
func clip(weights []float64, trim TrimRule) bool {
	low, high := trimLow, trimHigh
	if trim == TrimMedian5 {
		low, high = 0, trimMedianTime*Median(weights).Value
	}
	cut := false
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if c := min(max(w, low), high); math.Abs(c-w) > 1e-9*w {
			weights[i], cut = c, true
		}
	}
	return cut
}

func (out *Weighted) describe(weights []float64, margins []Margin) {
	out.Weights = weights
	out.DeffKish, out.NEffKish = kishWeights(weights)
	low, high := math.Inf(1), 0.0
	for _, w := range weights {
		if w > 0 {
			low, high = min(low, w), max(high, w)
		}
	}
	out.MaxOverMin = Some(high / low)
	for _, m := range margins {
		totals := m.totals(weights)
		all := Total(totals)
		for h := range totals {
			totals[h] /= all
		}
		out.Achieved = append(out.Achieved, totals)
	}
	out.MaxError = Some(marginError(weights, margins))
}

// kishWeights are Kish's design effect of weighting, n sum w^2 / W^2 over the
// respondents with a weight, and the effective number of cases W^2 / sum w^2.
// Missing without weights above 0.
func kishWeights(weights []float64) (deff, nEff Number) {
	var total, squares Sum
	n := 0
	for _, w := range weights {
		if w > 0 {
			n++
			total.Add(w)
			squares.Add(w * w)
		}
	}
	if n == 0 {
		return Number{}, Number{}
	}
	nEff = Some(total.Value() * total.Value() / squares.Value())
	return Some(float64(n) / nEff.Value), nEff
}
