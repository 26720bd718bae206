package stat

import (
	"cmp"
	"fmt"
	"math"
)

// LinearTrend is the result of CochranArmitage.
type LinearTrend struct {
	Statistic Number   `json:"statistic"`
	P         Number   `json:"p_trend"`
	N         int      `json:"n"`
	Waves     int      `json:"waves"`
	Reasons   []Reason `json:"reasons"`
}

// CochranArmitage tests a linear trend of shares over three or more waves with
// scores s: T = sum s_h(x_h - n_h p), T^2/(p(1-p)(sum n_h s_h^2 - (sum n_h
// s_h)^2/N)), chi-squared with one degree of freedom. People in one organization
// resemble each other: use WaveSlope where organizations are known.
//
// Edge cases: no answers no_valid_answers; fewer than two waves with answers
// too_few_rows; everybody agrees, or nobody, zero_variance.
func CochranArmitage(x, n []int, scores []float64) (LinearTrend, error) {
	out := LinearTrend{Reasons: []Reason{}}
	if len(x) != len(n) || len(x) != len(scores) {
		return out, lengthMismatch("counts", len(x), "scores", len(scores))
	}
	var sumX, sumN int
	var ns, nss Sum
	for h := range x {
		if x[h] < 0 || x[h] > n[h] || math.IsNaN(scores[h]) || math.IsInf(scores[h], 0) {
			return out, &InputError{"invalid_value", h, 0, fmt.Sprintf("%d of %d at score %v", x[h], n[h], scores[h])}
		}
		if n[h] > 0 {
			out.Waves++
		}
		sumX += x[h]
		sumN += n[h]
		ns.Add(float64(n[h]) * scores[h])
		nss.Add(float64(n[h]) * scores[h] * scores[h])
	}
	out.N = sumN
	switch {
	case sumN == 0:
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	case out.Waves < 2:
		out.Reasons = []Reason{TooFewRows}
		return out, nil
	case sumX == 0 || sumX == sumN:
		out.Reasons = []Reason{ZeroVariance}
		return out, nil
	}
	p := float64(sumX) / float64(sumN)
	spread := nss.Value() - ns.Value()*ns.Value()/float64(sumN)
	if spread <= 1e-12*nss.Value() {
		out.Reasons = []Reason{ZeroVariance}
		return out, nil
	}
	var t Sum
	for h := range x {
		t.Add(scores[h] * (float64(x[h]) - float64(n[h])*p))
	}
	out.Statistic = Some(t.Value() * t.Value() / (p * (1 - p) * spread))
	out.P = Some(ChiSquareUpper(out.Statistic.Value, 1))
	return out, nil
}

// WaveCell are the answers of one organization in one wave.
type WaveCell struct {
	Organization int
	Wave         float64 // the wave's place in time, such as its year
	Summary      Summary
}

// Slope is the result of WaveSlope.
type Slope struct {
	Slope         Number    `json:"slope"`
	CI            *Interval `json:"slope_ci"`
	SE            Number    `json:"se_cr2"`
	DF            Number    `json:"df_satterthwaite"`
	P             Number    `json:"p_t"`
	Organizations int       `json:"organizations"`
	N             int       `json:"n"`
	Reasons       []Reason  `json:"reasons"`
}

// WaveSlope is the change per unit of time over three or more waves: ordinary
// least squares of the answers on the wave, CR2 variance clustered by
// organization with Satterthwaite degrees of freedom (Bell and McCaffrey 2002;
// Pustejovsky and Tipton 2018), computed from cells, not from rows.
//
// Edge cases: nobody no_valid_answers; one organization one_organization; all in
// one wave zero_variance; fewer than ten organizations few_organizations and no
// interval.
func WaveSlope(cells []WaveCell, conf float64) (Slope, error) {
	out := Slope{Reasons: []Reason{}}
	if err := checkConfidence(conf); err != nil {
		return out, err
	}
	fit, err := newSlopeFit(cells)
	if err != nil {
		return out, err
	}
	out.Organizations, out.N = len(fit.clusters), int(fit.n)
	switch {
	case fit.n == 0:
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	case fit.sxx <= 1e-12*fit.scale:
		out.Reasons = []Reason{ZeroVariance}
		return out, nil
	}
	slope := fit.sxy / fit.sxx
	out.Slope = Some(slope)
	if len(fit.clusters) == 1 {
		out.Reasons = []Reason{OneOrganization}
		return out, nil
	}
	se, df := fit.cr2(slope)
	out.SE, out.DF = Some(se), Some(df)
	switch {
	case se <= 1e-13*max(1, math.Abs(slope)) || !(df > 0):
		out.Reasons = []Reason{ZeroVariance}
	case len(fit.clusters) < minOrganizations:
		out.Reasons = []Reason{FewOrganizations}
	default:
		half := TCritical(conf, df) * se
		out.CI = &Interval{slope - half, slope + half}
		out.P = Some(TTwoSided(slope/se, df))
	}
	return out, nil
}

// slopeFit holds the sums of a regression on the wave, centred at the means so
// that X'X is diagonal.
type slopeFit struct {
	n, sxx, sxy, scale float64
	clusters           []slopeCluster
}

// slopeCluster are one organization's G = X'X (n, sum x, sum x^2) and X'y.
type slopeCluster struct{ n, x, xx, y, xy float64 }

func newSlopeFit(cells []WaveCell) (*slopeFit, error) {
	fit := &slopeFit{}
	var sumX, sumY Sum
	for i, c := range cells {
		if math.IsNaN(c.Wave) || math.IsInf(c.Wave, 0) || c.Organization < 0 {
			return nil, &InputError{"invalid_value", i, 0, "wave or organization"}
		}
		n := float64(c.Summary.N)
		fit.n += n
		sumX.Add(n * c.Wave)
		sumY.Add(n * c.Summary.Mean)
	}
	if fit.n == 0 {
		return fit, nil
	}
	meanX, meanY := sumX.Value()/fit.n, sumY.Value()/fit.n
	at := map[int]int{}
	for _, c := range cells {
		if c.Summary.N == 0 {
			continue
		}
		j, seen := at[c.Organization]
		if !seen {
			j = len(fit.clusters)
			at[c.Organization] = j
			fit.clusters = append(fit.clusters, slopeCluster{})
		}
		n, x, y := float64(c.Summary.N), c.Wave-meanX, c.Summary.Mean-meanY
		g := &fit.clusters[j]
		g.n += n
		g.x += n * x
		g.xx += n * x * x
		g.y += n * y
		g.xy += n * x * y
		fit.sxx += n * x * x
		fit.sxy += n * x * y
		fit.scale += n * c.Wave * c.Wave
	}
	return fit, nil
}

// cr2 works in the two dimensions of the design: the adjustment (I - H_jj)^-1/2
// acts on X_j as (I - M G_j)^-1/2, M = (X'X)^-1. In the coordinates z = M^1/2 x
// everything is symmetric.
func (f *slopeFit) cr2(slope float64) (se, df float64) {
	a, b := 1/math.Sqrt(f.n), 1/math.Sqrt(f.sxx) // M^1/2 is diagonal
	var squares, trace, traceSquares Sum
	var cross [3]float64 // sum of u u'
	for _, g := range f.clusters {
		// B = M^1/2 G M^1/2
		b11, b12, b22 := a*a*g.n, a*b*g.x, b*b*g.xx
		_, r12, r22 := inverseRoot(1-b11, -b12, 1-b22)
		// score in z: M^1/2 X'e, centred data, so e = y - slope x.
		s1 := a * (g.y - slope*g.x)
		s2 := b * (g.xy - slope*g.xx)
		// c' M^1/2 R s for the slope: second row of R times b.
		adjusted := b * (r12*s1 + r22*s2)
		squares.Add(adjusted * adjusted)
		// h = R b e2; P_jj = h'Bh - h'B B h, P_jl = -h_j'B_j B_l h_l.
		h1, h2 := b*r12, b*r22
		u1, u2 := b11*h1+b12*h2, b12*h1+b22*h2
		own := h1*u1 + h2*u2
		uu := u1*u1 + u2*u2
		trace.Add(own - uu)
		traceSquares.Add(own*own - 2*own*uu)
		cross[0] += u1 * u1
		cross[1] += u1 * u2
		cross[2] += u2 * u2
	}
	traceSquares.Add(cross[0]*cross[0] + 2*cross[1]*cross[1] + cross[2]*cross[2])
	return math.Sqrt(squares.Value()), trace.Value() * trace.Value() / traceSquares.Value()
}

// inverseRoot is the symmetric inverse square root of a 2 x 2 matrix; directions
// without eigenvalue (an organization that alone carries them) are dropped.
func inverseRoot(m11, m12, m22 float64) (r11, r12, r22 float64) {
	middle, half := (m11+m22)/2, math.Hypot((m11-m22)/2, m12)
	angle := 0.5 * math.Atan2(2*m12, m11-m22)
	c, s := math.Cos(angle), math.Sin(angle)
	root := func(v float64) float64 {
		if v < 1e-10 {
			return 0
		}
		return 1 / math.Sqrt(v)
	}
	first, second := root(middle+half), root(middle-half)
	return first*c*c + second*s*s, (first - second) * c * s, first*s*s + second*c*c
}

// MonotoneTrend is the result of MannKendall.
type MonotoneTrend struct {
	S    Number `json:"mann_kendall_s"`
	TauB Number `json:"tau_b"`
	Z    Number `json:"z"`
	P    Number `json:"p_mann_kendall"`
	// TheilSen is the median slope over all pairs, per unit of time.
	TheilSen Number   `json:"theil_sen_slope"`
	N        int      `json:"n"`
	Reasons  []Reason `json:"reasons"`
}

// MannKendall tests a long series (8 or more waves) for a monotone trend, with
// correction for ties and continuity, and gives the Theil-Sen slope. Times must
// ascend strictly; NaN values are left out.
//
// Edge cases: no value no_valid_answers; fewer than three too_few_rows; all tied
// zero_variance, slope 0 and no p.
func MannKendall(times, values []float64) (MonotoneTrend, error) {
	out := MonotoneTrend{Reasons: []Reason{}}
	if len(times) != len(values) {
		return out, lengthMismatch("times", len(times), "values", len(values))
	}
	var t, y []float64
	for i := range times {
		if math.IsNaN(times[i]) || i > 0 && !(times[i] > times[i-1]) || math.IsInf(values[i], 0) {
			return out, &InputError{"invalid_value", i, 0, "times must ascend"}
		}
		if !math.IsNaN(values[i]) {
			t, y = append(t, times[i]), append(y, values[i])
		}
	}
	out.N = len(y)
	switch {
	case len(y) == 0:
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	case len(y) < 3:
		out.Reasons = []Reason{TooFewRows}
		return out, nil
	}
	s := 0
	slopes := make([]float64, 0, len(y)*(len(y)-1)/2)
	for i := range y {
		for j := range i {
			s += cmp.Compare(y[i], y[j])
			slopes = append(slopes, (y[i]-y[j])/(t[i]-t[j]))
		}
	}
	out.S, out.TheilSen = Some(float64(s)), Median(slopes)
	n := float64(len(y))
	variance, tied := n*(n-1)*(2*n+5), 0.0
	for _, c := range tieSizes(y) {
		variance -= c * (c - 1) * (2*c + 5)
		tied += c * (c - 1) / 2
	}
	variance /= 18
	if variance <= 0 {
		out.Reasons = []Reason{ZeroVariance}
		return out, nil
	}
	pairs := n * (n - 1) / 2
	out.TauB = Some(float64(s) / math.Sqrt(pairs*(pairs-tied)))
	out.Z = Some(float64(s-cmp.Compare(s, 0)) / math.Sqrt(variance))
	out.P = Some(NormalTwoSided(out.Z.Value))
	return out, nil
}

// tieSizes counts how often each value that occurs more than once occurs.
func tieSizes(x []float64) []float64 {
	ordered := sorted(x)
	var sizes []float64
	for from := 0; from < len(ordered); {
		to := from + 1
		for to < len(ordered) && ordered[to] == ordered[from] {
			to++
		}
		if to-from > 1 {
			sizes = append(sizes, float64(to-from))
		}
		from = to
	}
	return sizes
}
