package stat

import (
	"cmp"
	"math"
	"slices"
)

// REMLResult is the random intercept model x_ij = mu + u_j + e_ij.
type REMLResult struct {
	Tau2          Number   `json:"tau2_reml"`
	Sigma2        Number   `json:"sigma2_reml"`
	Mu            Number   `json:"mu_reml"`
	LogLik        Number   `json:"loglik_reml"`
	ICC1          Number   `json:"icc1_reml"`
	Lambda        []Number `json:"lambda"`
	LambdaMean    Number   `json:"lambda_mean"`
	N             int      `json:"n"`
	Organizations int      `json:"organizations"`
	Reasons       []Reason `json:"reasons"`
}

// RandomIntercept fits one random intercept per organization by restricted
// maximum likelihood, or by maximum likelihood where ml is set (the result
// keeps its field names; the caller names the method). The profile likelihood
// in psi = tau2/sigma2 is maximized by Brent's method on log psi and compared
// with psi = 0.
//
// lambda_j = tau2/(tau2 + sigma2/n_j) is the reliability of organization j's
// mean, in the caller's order and missing where it has no answer.
//
// One organization: one_organization. Everybody alone: no_replication. No
// variance at all: zero_variance. No variance within: tau2 is the variance of
// the means, sigma2 0, lambda 1, zero_within_variance. tau2 at 0:
// boundary_estimate.
func RandomIntercept(summaries []Summary, ml bool) REMLResult {
	r := REMLResult{Reasons: []Reason{}}
	a := analyse(summaries)
	r.N, r.Organizations = a.n, a.organizations
	switch {
	case a.n == 0:
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r
	case a.organizations < 2:
		r.Reasons = append(r.Reasons, OneOrganization)
		return r
	case a.n == a.organizations:
		r.Reasons = append(r.Reasons, NoReplication)
		return r
	case a.ssw == 0 && a.ssb == 0:
		r.Reasons = append(r.Reasons, ZeroVariance)
		return r
	case a.ssw == 0:
		r.withoutWithin(summaries)
		return r
	}
	p := profile{sizes: groupBySize(summaries), ssw: a.ssw, n: float64(a.n), ml: ml}
	at := p.maximum()
	r.Sigma2, r.Tau2 = Some(at.sigma2), Some(at.psi*at.sigma2)
	r.Mu, r.LogLik = Some(at.mu), Some(at.logLik)
	r.ICC1 = Some(at.psi / (1 + at.psi))
	if at.psi == 0 {
		r.Reasons = append(r.Reasons, BoundaryEstimate)
	}
	r.reliabilities(summaries, at.psi)
	return r
}

// withoutWithin answers data in which everybody in an organization agrees: the
// likelihood has no maximum, the variance of the means is what is left.
func (r *REMLResult) withoutWithin(summaries []Summary) {
	var means []float64
	for _, s := range summaries {
		if s.N > 0 {
			means = append(means, s.Mean)
		}
	}
	r.Tau2, r.Sigma2, r.ICC1, r.Mu = Some(variance(means)), Some(0), Some(1), Some(average(means))
	r.Reasons = append(r.Reasons, ZeroWithinVariance)
	r.reliabilities(summaries, math.Inf(1))
}

func (r *REMLResult) reliabilities(summaries []Summary, psi float64) {
	r.Lambda = make([]Number, len(summaries))
	var total Sum
	for j, s := range summaries {
		if s.N == 0 {
			continue
		}
		lambda := 1.0
		if !math.IsInf(psi, 1) {
			spread := float64(float64(s.N) * psi)
			lambda = spread / (1 + spread)
		}
		r.Lambda[j] = Some(lambda)
		total.Add(lambda)
	}
	r.LambdaMean = Some(total.Value() / float64(r.Organizations))
}

// profile is the likelihood with mu and sigma2 profiled out. It needs of the
// organizations of one size only their number, the mean of their means and the
// sum of squares around it, so that a table of 10,000 organizations costs no
// more than its distinct sizes.
type profile struct {
	sizes  []sameSize
	ssw, n float64
	ml     bool
}

// sameSize is all organizations with n answers each.
type sameSize struct {
	n     float64
	means Summary
}

func groupBySize(summaries []Summary) []sameSize {
	ordered := present(summaries)
	slices.SortStableFunc(ordered, func(a, b Summary) int { return cmp.Compare(a.N, b.N) })
	var groups []sameSize
	for from := 0; from < len(ordered); {
		to := from
		var means []float64
		for ; to < len(ordered) && ordered[to].N == ordered[from].N; to++ {
			means = append(means, ordered[to].Mean)
		}
		mean := average(means)
		groups = append(groups, sameSize{float64(ordered[from].N), Summary{N: len(means), Mean: mean, SS: sumSquares(means, mean)}})
		from = to
	}
	return groups
}

type profilePoint struct{ psi, mu, sigma2, logLik float64 }

// at evaluates the profile likelihood at psi.
func (p profile) at(psi float64) profilePoint {
	var weights, weighted, logs, rss Sum
	for _, s := range p.sizes {
		spread := float64(s.n * psi)
		g := float64(s.means.N) * s.n / (1 + spread)
		weights.Add(g)
		weighted.Add(float64(g * s.means.Mean))
		logs.Add(float64(s.means.N) * math.Log1p(spread))
	}
	mu := weighted.Value() / weights.Value()
	rss.Add(p.ssw)
	for _, s := range p.sizes {
		d := s.means.Mean - mu
		rss.Add(s.n / (1 + float64(s.n*psi)) * (s.means.SS + float64(float64(s.means.N)*d*d)))
	}
	df, last := p.n-1, math.Log(weights.Value())
	if p.ml {
		df, last = p.n, 0
	}
	sigma2 := rss.Value() / df
	return profilePoint{psi, mu, sigma2, -0.5 * (float64(df*(math.Log(2*math.Pi*sigma2)+1)) + logs.Value() + last)}
}

// maximum searches log psi over a range that holds every ICC from 1e-9 to
// 1 - 1e-9, refines the best of a coarse grid, and compares with psi = 0.
func (p profile) maximum() profilePoint {
	const low, high, steps = -21.0, 21.0, 42
	best, bestU := p.at(0), math.Inf(-1)
	for i := 0; i <= steps; i++ {
		u := low + (high-low)*float64(i)/steps
		if c := p.at(math.Exp(u)); c.logLik > best.logLik {
			best, bestU = c, u
		}
	}
	start, end := bestU-1, bestU+1
	if math.IsInf(bestU, -1) {
		start, end = low-2, low+2
	}
	u := minimizeBrent(func(u float64) float64 { return -p.at(math.Exp(u)).logLik }, start, end, 1e-10)
	if c := p.at(math.Exp(u)); c.logLik > best.logLik {
		best = c
	}
	return best
}
