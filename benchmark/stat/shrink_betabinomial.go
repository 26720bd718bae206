package stat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Range of theta = 1/M over which the beta-binomial likelihood is maximized;
// the full Bayes grid of s = sqrt(theta) ends at the same place.
const (
	thetaLow  = 1e-9
	thetaHigh = 10.0
)

// BetaBinomial is a fitted model of one share over organizations:
// y_j | th_j ~ Binomial(n_j, th_j), th_j ~ Beta(mu M, (1-mu) M), theta = 1/M,
// rho = 1/(M+1).
type BetaBinomial struct {
	Organizations  int      `json:"organizations"`
	LeftOut        int      `json:"left_out"`
	MuML           Number   `json:"mu_ml"`
	MML            Number   `json:"m_ml"`
	ThetaML        Number   `json:"theta_ml"`
	RhoML          Number   `json:"rho_ml"`
	LogLikML       Number   `json:"loglik_ml"`
	LogLikBinomial Number   `json:"loglik_binomial"`
	Reasons        []Reason `json:"reasons"`

	rows   []betaRow   // posterior of (mu, theta) summed along mu, weights sum to 1
	points []betaPoint // few that stand for all of it, for distribution functions
}

// betaRow holds the sums of w, w mu and w mu^2 over the points of one theta.
type betaRow struct{ theta, weight, mu, muSquared float64 }

// betaPoint is one point of the posterior, at which mu still has a variance where it
// stands for several.
type betaPoint struct{ mu, theta, weight, variance float64 }

// FitBetaBinomial fits the model to y[j] agreements among n[j] answers by
// maximum likelihood and by full Bayes over (mu, s = M^(-1/2)) with a uniform
// prior on both (the prior (alpha+beta)^(-5/2) of BDA3, section 5.3; s ends at
// sqrt(10)). The likelihood is summed over log(mu + i theta), never taken from
// differences of log-beta functions, in which for large M all digits cancel.
// Organizations without answers are left out and counted.
//
// Edge cases: no answers no_valid_answers; one organization one_organization;
// one answer in each no_replication; everybody agrees, or nobody,
// no_detectable_difference with mu at the end of its range; theta -> 0 as good
// within 1e-9 boundary_estimate and no_detectable_difference; fewer than ten
// few_organizations.
func FitBetaBinomial(y, n []int) (*BetaBinomial, error) {
	if len(y) != len(n) {
		return nil, lengthMismatch("y", len(y), "n", len(n))
	}
	fit := &BetaBinomial{Reasons: []Reason{}}
	var like betaLikelihood
	for j := range y {
		if n[j] < 0 || y[j] < 0 || y[j] > n[j] {
			return nil, &InputError{"invalid_value", j, 0, fmt.Sprintf("%d agreements among %d answers", y[j], n[j])}
		}
		if n[j] == 0 {
			fit.LeftOut++
			continue
		}
		fit.Organizations++
		like.count(y[j], n[j])
	}
	if reason := like.unusable(fit.Organizations); reason != "" {
		fit.Reasons = []Reason{reason}
		return fit, nil
	}
	if fit.Organizations < minOrganizations {
		fit.Reasons = append(fit.Reasons, FewOrganizations)
	}
	like.finish()
	p := float64(like.sumY) / float64(like.sumN)
	fit.MuML = Some(p)
	if p == 0 || p == 1 {
		fit.Reasons = append(fit.Reasons, BoundaryEstimate, NoDetectableDifference)
		fit.ThetaML, fit.RhoML, fit.LogLikML, fit.LogLikBinomial = Some(0), Some(0), Some(0), Some(0)
		return fit, nil
	}
	fit.posterior(&like, like.box(fit.maximumLikelihood(&like, p)))
	return fit, nil
}

// posterior fills in what means and distribution functions are mixed from.
func (fit *BetaBinomial) posterior(like *betaLikelihood, box betaBox) {
	rows, columns := betaGrid, betaGrid
	if fit.Organizations >= manyForGrid {
		rows, columns = smallS, smallMu
	}
	surface := like.surface(box, rows*columns)
	fit.rows = surface.posteriorRows(rows, columns)
	if fit.points = surface.nodes(fit.rows); fit.points == nil {
		if rows < betaGrid {
			fit.rows = surface.posteriorRows(betaGrid, betaGrid)
		}
		fit.points = dropRim(surface.nodesOfFew(fit.rows))
	}
}

func (fit *BetaBinomial) maximumLikelihood(like *betaLikelihood, p float64) betaPeak {
	binomial := like.choose + float64(like.sumY)*math.Log(p) + float64(like.sumN-like.sumY)*math.Log1p(-p)
	fit.LogLikBinomial = Some(binomial)
	peak := like.maximize(p)
	if binomial >= peak.logLik-1e-9 {
		fit.Reasons = append(fit.Reasons, BoundaryEstimate, NoDetectableDifference)
		fit.ThetaML, fit.RhoML, fit.LogLikML = Some(0), Some(0), Some(binomial)
		return peak
	}
	if peak.theta > 0.999*thetaHigh {
		fit.Reasons = append(fit.Reasons, BoundaryEstimate)
	}
	fit.MuML, fit.ThetaML, fit.LogLikML = Some(peak.mu), Some(peak.theta), Some(peak.logLik)
	fit.MML, fit.RhoML = Some(1/peak.theta), Some(peak.theta/(1+peak.theta))
	return peak
}

// betaLikelihood holds the counts the likelihood needs: how many organizations
// have more than i agreements, more than i disagreements, more than i answers.
// An evaluation costs as many terms as the largest organization has answers,
// however many organizations there are.
type betaLikelihood struct {
	agree, other, all []int
	sumY, sumN        int
	choose            float64
	runs              [3][]betaRun
	factorials        []float64 // their logarithms
}

// betaRun is a stretch of i over which the number of organizations is constant.
type betaRun struct {
	from, to int
	count    float64
}

func (l *betaLikelihood) count(y, n int) {
	l.agree = tally(l.agree, y)
	l.other = tally(l.other, n-y)
	l.all = tally(l.all, n)
	l.sumY += y
	l.sumN += n
	l.choose += l.logFactorial(n) - l.logFactorial(y) - l.logFactorial(n-y)
}

func tally(counts []int, at int) []int {
	for len(counts) <= at {
		counts = append(counts, 0)
	}
	counts[at]++
	return counts
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// mostFactorials is how many logarithms of factorials are kept: organizations ask for
// the same ones again and again.
const mostFactorials = 4096

func (l *betaLikelihood) logFactorial(n int) float64 {
	if n >= mostFactorials {
		v, _ := math.Lgamma(float64(n + 1))
		return v
	}
	for len(l.factorials) <= n {
		v, _ := math.Lgamma(float64(len(l.factorials) + 1))
		l.factorials = append(l.factorials, v)
	}
	return l.factorials[n]
}

func (l *betaLikelihood) unusable(organizations int) Reason {
	switch {
	case organizations == 0:
		return NoValidAnswers
	case organizations == 1:
		return OneOrganization
	case len(l.all) <= 2:
		return NoReplication
	}
	return ""
}

// finish turns counts at a value into runs of counts above a value.
func (l *betaLikelihood) finish() {
	for side, counts := range [][]int{l.agree, l.other, l.all} {
		total := 0
		for _, c := range counts {
			total += c
		}
		from := 0
		for at, c := range counts {
			if c == 0 {
				continue
			}
			if at > from {
				l.runs[side] = append(l.runs[side], betaRun{from, at, float64(total)})
			}
			from = at
			total -= c
		}
	}
}

// sumLogs is the sum over i of count(i) log(base + i theta). Terms of a run are
// multiplied and their logarithm is taken once; the tail of a long run is summed
// in closed form.
func sumLogs(runs []betaRun, base, theta float64) float64 {
	var total float64
	for _, run := range runs {
		direct, logs := run.to, 0.0
		if tail := max(run.from, tailFrom); run.to-tail > tailFrom {
			direct, logs = tail, tailLogs(tail, run.to, base, theta)
		}
		product := 1.0
		for i := run.from; i < direct; i++ {
			product *= base + float64(float64(i)*theta)
			if product < 1e-200 || product > 1e200 {
				logs += math.Log(product)
				product = 1
			}
		}
		total += float64(run.count * (logs + math.Log(product)))
	}
	return total
}

// tailFrom is the i from which on the closed form is good to 1e-12.
const tailFrom = 50

// tailLogs is the sum of log(base + i theta) for i from a to b-1 by the formula
// of Euler and Maclaurin. The integral is written as length times logarithm plus
// a small rest, so that nothing cancels when theta is tiny.
func tailLogs(a, b int, base, theta float64) float64 {
	u, v := base+float64(float64(a)*theta), base+float64(float64(b)*theta)
	length := float64(b - a)
	r := float64(length*theta) / u
	integral := length * (math.Log(u) + meanLog(r))
	x, y := theta/u, theta/v
	third := y*y*y - x*x*x
	fifth := y*y*y*y*y - x*x*x*x*x
	return integral - math.Log1p(r)/2 + (y-x)/12 - third/360 + fifth/1260
}

// meanLog is the mean of log(1 + t) for t in (0, r): ((1+r) log(1+r) - r)/r.
func meanLog(r float64) float64 {
	if r > 0.01 {
		return ((1+r)*math.Log1p(r) - r) / r
	}
	total, power := 0.0, r
	for k := 1.0; k < 9; k++ {
		total += power / (k * (k + 1))
		power *= -r
	}
	return total
}

func (l *betaLikelihood) at(mu, theta float64) float64 {
	return l.choose + sumLogs(l.runs[0], mu, theta) + sumLogs(l.runs[1], 1-mu, theta) - sumLogs(l.runs[2], 1, theta)
}

// slopes returns the first and second derivative by mu of one side's sum. The tail
// of a long run is summed in closed form.
func slopes(runs []betaRun, base, theta float64) (first, second float64) {
	for _, run := range runs {
		direct := run.to
		if tail := max(run.from, tailFrom); run.to-tail > tailFrom {
			direct = tail
			one, two := tailSlopes(tail, run.to, base, theta)
			first += float64(run.count * one)
			second -= float64(run.count * two)
		}
		for i := run.from; i < direct; i++ {
			r := 1 / (base + float64(float64(i)*theta))
			first += float64(run.count * r)
			second -= float64(run.count * r * r)
		}
	}
	return first, second
}

// tailSlopes are the sums of 1/(base + i theta) and of its square for i from a to
// b-1, by the formula of Euler and Maclaurin.
func tailSlopes(a, b int, base, theta float64) (one, two float64) {
	u, v := base+float64(float64(a)*theta), base+float64(float64(b)*theta)
	length := float64(b - a)
	p, q := 1/u, 1/v
	mean := p // of 1/x from u to v
	if r := float64(length*theta) / u; r > 0 {
		mean = p * math.Log1p(r) / r
	}
	one = length*mean + (p-q)/2 + theta*(p*p-q*q)/12 - theta*theta*theta*(p*p*p*p-q*q*q*q)/120
	two = length*p*q + (p*p-q*q)/2 + theta*(p*p*p-q*q*q)/6 - theta*theta*theta*(p*p*p*p*p-q*q*q*q*q)/30
	return one, two
}

// bestMu maximizes over mu at fixed theta, where the likelihood is concave, by
// Newton steps in logit mu kept inside a bracket.
func (l *betaLikelihood) bestMu(start, theta float64) float64 {
	mu, low, high := start, 0.0, 1.0
	for range 100 {
		a1, a2 := slopes(l.runs[0], mu, theta)
		b1, b2 := slopes(l.runs[1], 1-mu, theta)
		slope, curve := a1-b1, a2+b2
		if slope > 0 {
			low = mu
		} else {
			high = mu
		}
		v := mu * (1 - mu)
		bent := curve*v + slope*(1-2*mu)
		next := mu - slope/curve
		if bent < 0 {
			next = 1 / (1 + (1-mu)/mu*math.Exp(slope/bent))
		}
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		if math.Abs(next-mu) <= 1e-13*mu {
			return next
		}
		mu = next
	}
	return mu
}

// maximize scans log theta for the best place, then refines it; mu is profiled
// out.
func (l *betaLikelihood) maximize(p float64) betaPeak {
	const steps = 46
	low, high := math.Log(thetaLow), math.Log(thetaHigh)
	step := (high - low) / steps
	profile := func(logTheta float64) float64 {
		t := math.Exp(logTheta)
		return l.at(l.bestMu(p, t), t)
	}
	peak := betaPeak{scan: make([]float64, steps+1), low: low, step: step}
	at := 0
	for i := range peak.scan {
		if peak.scan[i] = profile(low + float64(i)*step); peak.scan[i] > peak.scan[at] {
			at = i
		}
	}
	center := low + float64(at)*step
	found := minimizeBrent(func(x float64) float64 { return -profile(x) }, max(low, center-step), min(high, center+step), 1e-9)
	if edge := min(high, center+step); profile(edge) > profile(found) {
		found = edge
	}
	peak.theta = math.Exp(found)
	peak.mu = l.bestMu(p, peak.theta)
	peak.logLik = l.at(peak.mu, peak.theta)
	return peak
}

// plausible says that a fit has a posterior to shrink with.
func (fit *BetaBinomial) plausible() bool { return len(fit.rows) > 0 }

// rimWeight is the posterior weight of the rim of the grid that is left out of
// distribution functions: a third of the points, and no digit that is shown.
const rimWeight = 1e-5

func dropRim(points []betaPoint) []betaPoint {
	slices.SortStableFunc(points, func(a, b betaPoint) int { return cmp.Compare(b.weight, a.weight) })
	kept := 0.0
	for i, q := range points {
		if kept += q.weight; kept >= 1-rimWeight {
			points = points[:i+1]
			break
		}
	}
	for i := range points {
		points[i].weight /= kept
	}
	return slices.Clip(points)
}
