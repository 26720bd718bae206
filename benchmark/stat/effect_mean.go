package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// EffectResult is a standardized difference of two means.
type EffectResult struct {
	CohenD   Number    `json:"cohen_d"`
	CohenDCI *Interval `json:"cohen_d_ci"`
	HedgesG  Number    `json:"hedges_g"`
	HedgesCI *Interval `json:"hedges_g_ci"`
	PooledSD Number    `json:"sd_pooled"`
	DF       int       `json:"df"`
	Reasons  []Reason  `json:"reasons"`
}

// StandardizedDifference is Cohen's d with the pooled standard deviation and
// Hedges' g = d exp(lgamma(m/2) - .5 log(m/2) - lgamma((m-1)/2)), m = n1+n2-2.
// The interval of d puts the observed t at the tails of noncentral t
// distributions; that of g is the same times the correction. It ignores
// clustering.
//
// An empty group: no_valid_answers. No degrees of freedom: one_respondent. No
// variance: zero_variance.
func StandardizedDifference(one, two Summary, conf float64) (EffectResult, error) {
	r := EffectResult{Reasons: []Reason{}, DF: max(0, one.N+two.N-2)}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	switch {
	case one.N == 0 || two.N == 0:
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	case r.DF == 0:
		r.Reasons = append(r.Reasons, OneRespondent)
		return r, nil
	}
	m, n1, n2 := float64(r.DF), float64(one.N), float64(two.N)
	sd := math.Sqrt((one.SS + two.SS) / m)
	if !(sd > 1e-12*math.Max(math.Abs(one.Mean), math.Abs(two.Mean))) {
		r.Reasons = append(r.Reasons, ZeroVariance)
		return r, nil
	}
	d := (one.Mean - two.Mean) / sd
	a, _ := math.Lgamma(m / 2)
	b, _ := math.Lgamma((m - 1) / 2)
	correction := 1.0
	if r.DF > 1 {
		correction = math.Exp(a - float64(0.5*math.Log(m/2)) - b)
	}
	r.PooledSD, r.CohenD = Some(sd), Some(d)
	scale := math.Sqrt(1/n1 + 1/n2)
	limits := noncentrality(d/scale, m, (1-conf)/2)
	r.CohenDCI = &Interval{limits.Lower * scale, limits.Upper * scale}
	if r.DF > 1 {
		r.HedgesG = Some(d * correction)
		r.HedgesCI = &Interval{r.CohenDCI.Lower * correction, r.CohenDCI.Upper * correction}
	}
	return r, nil
}

// noncentrality gives the noncentrality parameters at which the observed t is
// the upper and the lower tail quantile.
func noncentrality(t, df, tail float64) Interval {
	cdf := func(ncp float64) float64 { return distuv.NoncentralT{Nu: df, Mu: ncp}.CDF(t) }
	reach := 6 + float64(math.Abs(t)/2)
	lower := findRoot(func(ncp float64) float64 { return cdf(ncp) - (1 - tail) }, t-reach, t+1, 1e-8)
	upper := findRoot(func(ncp float64) float64 { return cdf(ncp) - tail }, t-1, t+reach, 1e-8)
	return Interval{lower, upper}
}

// CliffResult is an ordinal effect size.
type CliffResult struct {
	Delta   Number    `json:"cliff_delta"`
	CI      *Interval `json:"cliff_delta_ci"`
	SE      Number    `json:"se"`
	A12     Number    `json:"a12"`
	N1      int       `json:"n_1"`
	N2      int       `json:"n_2"`
	Reasons []Reason  `json:"reasons"`
}

// CliffDelta is P(x > y) - P(x < y) from the number of answers per scale point
// of two groups (Cliff 1993), with his unbiased variance and the asymmetric
// interval (d - d^3 +/- z s sqrt((1-d^2)^2 + z^2 s^2))/(1 - d^2 + z^2 s^2);
// a12 = (d+1)/2. It ignores clustering.
//
// An empty group: no_valid_answers. A group of one: one_respondent, no
// interval. No overlap at all: zero_variance, no interval.
func CliffDelta(one, two []int, conf float64) (CliffResult, error) {
	r := CliffResult{Reasons: []Reason{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	if len(one) != len(two) {
		return r, lengthMismatch("scale points in group 1", len(one), "in group 2", len(two))
	}
	for k := range one {
		r.N1 += one[k]
		r.N2 += two[k]
	}
	if r.N1 == 0 || r.N2 == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	}
	n1, n2 := float64(r.N1), float64(r.N2)
	rows, columns := dominance(one, two), dominance(two, one)
	var total Sum
	for k, c := range one {
		total.Add(float64(c) * rows[k])
	}
	d := total.Value() / (n1 * n2)
	r.Delta, r.A12 = Some(d), Some((d+1)/2)
	if r.N1 < 2 || r.N2 < 2 {
		r.Reasons = append(r.Reasons, OneRespondent)
		return r, nil
	}
	var byRow, byColumn, cells Sum
	for k := range one {
		a, b := rows[k]/n2-d, -columns[k]/n1-d
		byRow.Add(float64(one[k]) * a * a)
		byColumn.Add(float64(two[k]) * b * b)
		for l := range two {
			e := sign(k-l) - d
			cells.Add(float64(one[k]) * float64(two[l]) * e * e)
		}
	}
	v := (float64(n2*n2*byRow.Value()) + float64(n1*n1*byColumn.Value()) - cells.Value()) / (n1 * n2 * (n1 - 1) * (n2 - 1))
	r.interval(d, math.Max(0, v), normalCritical(conf))
	return r, nil
}

// dominance[k] is the number of answers of others below scale point k minus
// those above.
func dominance(own, others []int) []float64 {
	total := 0
	for _, c := range others {
		total += c
	}
	d := make([]float64, len(own))
	below := 0
	for k, c := range others {
		d[k] = float64(below - (total - below - c))
		below += c
	}
	return d
}

func (r *CliffResult) interval(d, v, z float64) {
	s := math.Sqrt(v)
	r.SE = Some(s)
	square, spread := float64(d*d), float64(z*z*v)
	bottom := 1 - square + spread
	if v == 0 || bottom <= 0 {
		r.Reasons = append(r.Reasons, ZeroVariance)
		return
	}
	half := float64(z * s * math.Sqrt(float64((1-square)*(1-square))+spread))
	centre := d - float64(square*d)
	r.CI = &Interval{math.Max(-1, (centre-half)/bottom), math.Min(1, (centre+half)/bottom)}
}

func sign(v int) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}
