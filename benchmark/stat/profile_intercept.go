package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// hermiteNodes is the number of nodes of the adaptive quadrature.
const hermiteNodes = 15

// LogitIntercept is the result of LogitRandomIntercept.
type LogitIntercept struct {
	Intercept Number `json:"logit_intercept"`
	Tau2      Number `json:"tau2_logit"`
	// ICCLatent is tau2/(tau2 + pi^2/3); MedianOddsRatio exp(sqrt(2 tau2) .6745):
	// how much the odds differ between two organizations drawn at random.
	ICCLatent       Number   `json:"icc_latent"`
	MedianOddsRatio Number   `json:"median_odds_ratio"`
	LogLik          Number   `json:"loglik"`
	Organizations   int      `json:"organizations"`
	N               int      `json:"n"`
	Nodes           int      `json:"quadrature_nodes"`
	Reasons         []Reason `json:"reasons"`
}

// LogitRandomIntercept fits logit P(agree) = b + u_j, u_j ~ N(0, tau2), to y[j]
// agreements among n[j] answers by maximum likelihood, the integral over u_j by
// adaptive Gauss-Hermite quadrature with 15 nodes around its mode. The log
// likelihood is that of single answers (without binomial coefficients).
//
// Edge cases: no answers no_valid_answers; one organization one_organization;
// one answer each no_replication; everybody agrees, or nobody, zero_variance;
// tau2 estimated as 0 boundary_estimate.
func LogitRandomIntercept(y, n []int) (*LogitIntercept, error) {
	if len(y) != len(n) {
		return nil, lengthMismatch("y", len(y), "n", len(n))
	}
	out := &LogitIntercept{Nodes: hermiteNodes, Reasons: []Reason{}}
	fit, err := newLogitFit(y, n)
	if err != nil {
		return nil, err
	}
	agree, most := 0, 0
	for _, c := range fit.cells {
		out.Organizations += int(c.count)
		out.N += int(c.count) * c.n
		agree += int(c.count) * c.y
		most = max(most, c.n)
	}
	switch {
	case out.N == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case out.Organizations == 1:
		out.Reasons = []Reason{OneOrganization}
	case most == 1:
		out.Reasons = []Reason{NoReplication}
	case agree == 0 || agree == out.N:
		out.Reasons = []Reason{ZeroVariance}
	}
	if len(out.Reasons) > 0 {
		return out, nil
	}
	p := float64(agree) / float64(out.N)
	start := math.Log(p / (1 - p))
	intercept, tau := start, 0.0
	best := float64(agree)*math.Log(p) + float64(out.N-agree)*math.Log1p(-p)
	if b, t, l := fit.maximize(start); l > best+1e-7 {
		intercept, tau, best = b, t, l
	} else {
		out.Reasons = append(out.Reasons, BoundaryEstimate)
	}
	t2 := tau * tau
	out.Intercept, out.Tau2, out.LogLik = Some(intercept), Some(t2), Some(best)
	out.ICCLatent = Some(t2 / (t2 + math.Pi*math.Pi/3))
	out.MedianOddsRatio = Some(math.Exp(math.Sqrt(2*t2) * NormalQuantile(.75)))
	return out, nil
}

// logitCell counts the organizations with the same y and n.
type logitCell struct {
	y, n  int
	count float64
}

type logitFit struct {
	cells          []logitCell
	nodes, weights []float64
}

func newLogitFit(y, n []int) (*logitFit, error) {
	f := &logitFit{nodes: make([]float64, hermiteNodes), weights: make([]float64, hermiteNodes)}
	quad.Hermite{}.FixedLocations(f.nodes, f.weights, math.Inf(-1), math.Inf(1))
	at := map[[2]int]int{}
	for j := range y {
		if n[j] < 0 || y[j] < 0 || y[j] > n[j] {
			return nil, &InputError{"invalid_value", j, 0, fmt.Sprintf("%d agreements among %d answers", y[j], n[j])}
		}
		if n[j] == 0 {
			continue
		}
		key := [2]int{y[j], n[j]}
		i, seen := at[key]
		if !seen {
			i = len(f.cells)
			at[key] = i
			f.cells = append(f.cells, logitCell{y[j], n[j], 0})
		}
		f.cells[i].count++
	}
	return f, nil
}

// maximize profiles the intercept out and searches tau, then compares nothing:
// the caller holds tau = 0 against it.
func (f *logitFit) maximize(start float64) (intercept, tau, logLik float64) {
	inner := func(tau float64) (float64, float64) {
		b := minimizeBrent(func(b float64) float64 { return -f.logLik(b, tau) }, start-3-3*tau, start+3+3*tau, 1e-9)
		return b, f.logLik(b, tau)
	}
	logTau := minimizeBrent(func(v float64) float64 { _, l := inner(math.Exp(v)); return -l }, math.Log(1e-3), math.Log(8), 1e-8)
	tau = math.Exp(logTau)
	intercept, logLik = inner(tau)
	return intercept, tau, logLik
}

func (f *logitFit) logLik(b, tau float64) float64 {
	var total Sum
	for _, c := range f.cells {
		total.Add(c.count * f.integral(c, b, tau))
	}
	return total.Value()
}

// integral is the log of the integral of an organization's likelihood over its
// effect u = tau v, nodes centred at the mode of the integrand and scaled by its
// curvature there.
func (f *logitFit) integral(c logitCell, b, tau float64) float64 {
	y, n := float64(c.y), float64(c.n)
	log := func(v float64) float64 {
		eta := b + float64(tau*v)
		return float64(y*eta) - n*softplus(eta) - float64(0.5*v*v)
	}
	mode, curve := 0.0, 0.0
	for range 50 {
		p := 1 / (1 + math.Exp(-(b + tau*mode)))
		slope := tau*(y-n*p) - mode
		curve = tau*tau*n*p*(1-p) + 1
		step := slope / curve
		mode += min(max(step, -2), 2)
		if math.Abs(step) < 1e-10 {
			break
		}
	}
	scale := math.Sqrt2 / math.Sqrt(curve)
	top := log(mode)
	var sum float64
	for i, x := range f.nodes {
		sum += f.weights[i] * math.Exp(float64(x*x)+log(mode+float64(scale*x))-top)
	}
	return top + math.Log(sum*scale) - 0.5*math.Log(2*math.Pi)
}

// softplus is log(1 + e^x) without overflow.
func softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}
