package stat

import (
	"fmt"
	"math"
	"slices"
)

// minOrganizations is the number of organizations under which no interval, no
// tier and no rank is given.
const minOrganizations = 10

// ShrinkOptions asks for more than the posterior means.
type ShrinkOptions struct {
	// Conf is the confidence of the intervals; 0 means .95.
	Conf float64
	// Cuts are the values for which P(th_j > cut) is wanted.
	Cuts []float64
	// FullOnly leaves the plug-in versions of interval and P out.
	FullOnly bool
}

// Shrunk is the result of ShrinkNormal.
type Shrunk struct {
	// Organizations counts those with a score, LeftOut those without.
	Organizations int    `json:"organizations"`
	LeftOut       int    `json:"left_out"`
	Mu            Number `json:"mu_posterior_mean"`
	Tau           Number `json:"tau_posterior_mean"`
	MuREML        Number `json:"mu_reml"`
	Tau2REML      Number `json:"tau2_reml"`
	LogLikREML    Number `json:"loglik_reml"`
	// LambdaMean is the mean reliability of the scores.
	LambdaMean      Number               `json:"lambda_mean"`
	Conf            float64              `json:"conf"`
	Cuts            []float64            `json:"cuts"`
	PerOrganization []ShrunkOrganization `json:"per_organization"`
	Reasons         []Reason             `json:"reasons"`
}

// ShrunkOrganization is one organization's posterior. Fields _plugin take the
// restricted maximum likelihood tau^2 as if it were known: their intervals are
// too narrow when organizations are few or scores unreliable.
type ShrunkOrganization struct {
	PosteriorMean       Number    `json:"index_posterior_mean"`
	SD                  Number    `json:"index_sd"`
	CI                  *Interval `json:"index_ci"`
	PAbove              []Number  `json:"p_above"`
	Lambda              Number    `json:"lambda"`
	PosteriorMeanPlugin Number    `json:"index_posterior_mean_plugin"`
	SDPlugin            Number    `json:"index_sd_plugin"`
	CIPlugin            *Interval `json:"index_ci_plugin"`
	PAbovePlugin        []Number  `json:"p_above_plugin"`
	Reasons             []Reason  `json:"reasons"`
}

// ShrinkNormal shrinks the scores y of organizations with known sampling
// variances s2 towards their common mean, by full Bayes over a grid of tau:
// y_j | th_j ~ N(th_j, s2_j), th_j ~ N(mu, tau^2), flat priors on mu and tau
// (Gelman et al., BDA3, section 5.4; 400 midpoints of tau on (0, 3 sd(y)]).
// Quantiles are roots of the mixture's distribution function, so nothing is
// random. The plug-in version (Morris 1983) stands beside it.
//
// Points of tau whose density is under 1e-9 of the best are left out. From 256
// distinct variances on most of them are not even evaluated: 64 groups of variances,
// each taken at its least or largest so that the density can only grow, bound it
// from above. What is evaluated takes every variance as it is.
//
// A NaN score or variance marks an organization without answers: it is left
// out and counted. Lambda is tau2_reml/(tau2_reml + s2_j).
//
// Edge cases: no score at all no_valid_answers; one one_organization; under ten
// few_organizations (means and standard deviations, but no interval and no P);
// all scores equal, or tau^2 estimated as 0, no_detectable_difference (in the
// second case the full Bayes means still differ a little); all variances 0
// zero_within_variance, the scores stand as they are.
func ShrinkNormal(y, s2 []float64, options ShrinkOptions) (*Shrunk, error) {
	m, err := FitNormal(y, s2)
	if err != nil {
		return nil, err
	}
	return m.Shrink(options)
}

// NormalModel is the model of ShrinkNormal fitted to the scores of organizations.
// It is not changed once fitted.
type NormalModel struct {
	scores  int
	present []int            // organizations with a score; nil: all of them
	fit     *normalPosterior // nil with fewer than two of them
}

// FitNormal fits the model of ShrinkNormal. The scores belong to the model from then
// on and must not be changed.
func FitNormal(y, s2 []float64) (*NormalModel, error) {
	m := &NormalModel{scores: len(y)}
	if len(y) > 1 && allPresent(y, s2) {
		m.fit = newNormalPosterior(y, s2)
		return m, nil
	}
	var err error
	if m.present, err = presentScores(y, s2); err == nil && len(m.present) > 1 {
		m.fit = newNormalPosterior(pick(y, m.present), pick(s2, m.present))
	}
	return m, err
}

// allPresent says that every organization has a score with which a model can do.
func allPresent(y, s2 []float64) bool {
	if len(y) != len(s2) {
		return false
	}
	for j, v := range s2 {
		if !(v >= 0 && v <= math.MaxFloat64) || y[j]-y[j] != 0 {
			return false
		}
	}
	return true
}

// count is the number of organizations in the fit, and organization says which one
// is the i-th of them.
func (m *NormalModel) count() int {
	if m.fit == nil {
		return 0
	}
	return len(m.fit.y)
}

func (m *NormalModel) organization(i int) int {
	if m.present == nil {
		return i
	}
	return m.present[i]
}

// place is where the fit has organization j, or -1 where that has no score.
func (m *NormalModel) place(j int) int {
	if m.fit == nil {
		return -1
	}
	if m.present == nil {
		return j
	}
	if i, found := slices.BinarySearch(m.present, j); found {
		return i
	}
	return -1
}

// Mean is the posterior mean of organization j, as Shrink gives it; NaN without a
// score, and where there is one score alone.
func (m *NormalModel) Mean(j int) float64 {
	if i := m.place(j); i >= 0 {
		return m.fit.mean(i)
	}
	return math.NaN()
}

// Shrink is ShrinkNormal of the fitted model.
func (m *NormalModel) Shrink(options ShrinkOptions) (*Shrunk, error) {
	if options.Conf == 0 {
		options.Conf = 0.95
	}
	if err := checkConfidence(options.Conf); err != nil {
		return nil, err
	}
	present, p := m.present, m.fit
	if present == nil {
		present = make([]int, m.scores)
		for j := range present {
			present[j] = j
		}
	}
	result := &Shrunk{
		Organizations: len(present), LeftOut: m.scores - len(present), Conf: options.Conf,
		Cuts: append([]float64{}, options.Cuts...), PerOrganization: make([]ShrunkOrganization, m.scores), Reasons: []Reason{},
	}
	next := 0 // of the present ones, which are described below
	for j := range result.PerOrganization {
		if next < len(present) && present[next] == j {
			next++
			continue
		}
		result.PerOrganization[j].Reasons = []Reason{NoValidAnswers}
	}
	if p == nil {
		reason := NoValidAnswers
		if len(present) == 1 {
			reason = OneOrganization
			result.PerOrganization[present[0]].Reasons = []Reason{OneOrganization}
		}
		result.Reasons = []Reason{reason}
		return result, nil
	}
	if len(present) < minOrganizations {
		result.Reasons = append(result.Reasons, FewOrganizations)
	}
	result.Reasons = append(result.Reasons, p.reasons...)
	result.describe(p)
	inBlocks(len(present), 64, func(from, to int) {
		scratch := newMixture(len(p.nodes))
		intervals, above := make([]Interval, to-from), make([]Number, (to-from)*len(options.Cuts))
		for i := from; i < to; i++ {
			p.mix(i, scratch)
			memory := posteriorMemory{&intervals[i-from], above[(i-from)*len(options.Cuts):][:len(options.Cuts):len(options.Cuts)]}
			p.describe(&result.PerOrganization[present[i]], i, scratch, memory, options)
		}
	})
	var lambda Sum
	for _, j := range present {
		lambda.Add(result.PerOrganization[j].Lambda.Value)
	}
	result.LambdaMean = Some(lambda.Value() / float64(len(present)))
	return result, nil
}

// presentScores lists the organizations that have a score and refuses input
// that no model can answer.
func presentScores(y, s2 []float64) ([]int, error) {
	if len(y) != len(s2) {
		return nil, &InputError{"length_mismatch", -1, -1, fmt.Sprintf("%d scores, %d variances", len(y), len(s2))}
	}
	present := make([]int, 0, len(y))
	for j := range y {
		switch {
		case math.IsNaN(y[j]) || math.IsNaN(s2[j]):
		case math.IsInf(y[j], 0):
			return nil, &InputError{"invalid_value", j, 0, "score is infinite"}
		case s2[j] < 0 || math.IsInf(s2[j], 0):
			return nil, &InputError{"invalid_value", j, 1, "variance is negative or infinite"}
		default:
			present = append(present, j)
		}
	}
	return present, nil
}

func pick(x []float64, at []int) []float64 {
	out := make([]float64, len(at))
	for i, j := range at {
		out[i] = x[j]
	}
	return out
}

func (s *Shrunk) describe(p *normalPosterior) {
	var mu, tau float64
	for _, q := range p.grid {
		mu += float64(q.weight * q.mean)
		tau += float64(q.weight * q.tau)
	}
	s.Mu = Some(p.center + mu)
	s.Tau = Some(tau)
	s.MuREML = Some(p.muREML)
	s.Tau2REML = Some(p.tau2REML)
	s.LogLikREML = Some(p.logREML)
}

// mix makes the mixture of the conditional posteriors of organization j.
func (p *normalPosterior) mix(j int, mix *mixture) {
	for i := range p.nodes {
		m, v := p.given(j, &p.nodes[i])
		mix.set(i, p.nodes[i].weight, m, v)
	}
}

// posteriorMemory is where what an organization's posterior points to lies.
type posteriorMemory struct {
	interval *Interval
	above    []Number // one for each cut
}

// organization describes the posterior of organization j.
func (p *normalPosterior) organization(j int, mix *mixture, options ShrinkOptions) ShrunkOrganization {
	var out ShrunkOrganization
	p.mix(j, mix)
	p.describe(&out, j, mix, posteriorMemory{&Interval{}, make([]Number, len(options.Cuts))}, options)
	return out
}

// describe describes the posterior of organization j, which is mix.
func (p *normalPosterior) describe(out *ShrunkOrganization, j int, mix *mixture, memory posteriorMemory, options ShrinkOptions) {
	mean, sd := mix.moments()
	few := len(p.y) < minOrganizations
	*out = ShrunkOrganization{PosteriorMean: Some(p.center + mean), SD: Some(sd), Reasons: []Reason{}}
	if few {
		out.Reasons = []Reason{FewOrganizations}
	} else {
		tail := (1 - options.Conf) / 2
		z := normalCritical(options.Conf)
		out.CI, out.PAbove = memory.interval, memory.above
		*out.CI = Interval{p.center + mix.quantile(tail, -z, mean, sd), p.center + mix.quantile(1-tail, z, mean, sd)}
		for c, cut := range options.Cuts {
			out.PAbove[c] = Some(mix.above(cut - p.center))
		}
	}
	p.plugin(j, out, options)
}

// lambda is the reliability of the score of organization j.
func (p *normalPosterior) lambda(j int) float64 {
	if p.tau2REML > 0 {
		return p.tau2REML / (p.tau2REML + p.s2[j])
	}
	return 0
}

func (p *normalPosterior) plugin(j int, out *ShrunkOrganization, options ShrinkOptions) {
	lambda := p.lambda(j)
	mean := p.muREML + float64(lambda*(p.y[j]-p.muREML))
	sd := math.Sqrt(p.tau2REML * (1 - lambda))
	out.Lambda = Some(lambda)
	out.PosteriorMeanPlugin = Some(mean)
	if p.tau2REML == 0 {
		out.Reasons = append(out.Reasons, NoDetectableDifference)
		return
	}
	out.SDPlugin = Some(sd)
	if len(p.y) < minOrganizations || options.FullOnly {
		return
	}
	z := normalCritical(options.Conf)
	out.CIPlugin = &Interval{mean - float64(z*sd), mean + float64(z*sd)}
	out.PAbovePlugin = make([]Number, len(options.Cuts))
	for c, cut := range options.Cuts {
		out.PAbovePlugin[c] = Some(normalAbove(cut, mean, sd))
	}
}

// normalAbove is P(X > cut); a distribution without spread sits at its mean.
func normalAbove(cut, mean, sd float64) float64 {
	if sd > 0 {
		return NormalUpper((cut - mean) / sd)
	}
	if mean > cut {
		return 1
	}
	return 0
}

// mixture is a mixture of normal distributions, reused from organization to
// organization.
type mixture struct {
	weight, mean, sd []float64
	precision        []float64 // 1/sd, infinite where sd is 0
	nodes            []tableNode
}

func newMixture(n int) *mixture {
	memory := make([]float64, 4*n)
	return &mixture{memory[:n:n], memory[n : 2*n : 2*n], memory[2*n : 3*n : 3*n], memory[3*n:], normalTable()}
}

// set places one component.
func (m *mixture) set(i int, weight, mean, variance float64) {
	sd := math.Sqrt(variance)
	m.weight[i], m.mean[i], m.sd[i], m.precision[i] = weight, mean, sd, 1/sd
}

func (m *mixture) moments() (mean, sd float64) {
	for i, w := range m.weight {
		mean += float64(w * m.mean[i])
	}
	var v float64
	for i, w := range m.weight {
		d := m.mean[i] - mean
		v += float64(w * (float64(m.sd[i]*m.sd[i]) + float64(d*d)))
	}
	return mean, math.Sqrt(v)
}

// above is P(X > cut); a component without spread sits at its mean.
func (m *mixture) above(cut float64) float64 {
	var p float64
	if n := len(m.weight); n <= mostNodes {
		var z [mostNodes]float64
		for i := range n {
			z[i] = (m.mean[i] - cut) * m.precision[i]
		}
		if p, ok := quickNormals(m.nodes, m.weight, z[:n]); ok {
			return min(p, 1)
		}
	}
	means, sds, precisions := m.mean[:len(m.weight)], m.sd[:len(m.weight)], m.precision[:len(m.weight)]
	for i, w := range m.weight {
		switch d := means[i] - cut; {
		case sds[i] > 0:
			p += float64(w * quickNormal(m.nodes, d*precisions[i]))
		case d > 0:
			p += w
		}
	}
	return min(p, 1)
}

// quantile inverts the distribution function, given its moments, by Newton steps that fall back to
// bisection whenever they would leave the bracket. Newton's error is squared by
// every step, so after one of 1e-5 sd what remains is about 1e-10 sd. normal is
// the same quantile of the standard normal distribution.
func (m *mixture) quantile(p, normal, mean, sd float64) float64 {
	if sd == 0 {
		return mean
	}
	x := mean + float64(sd*normal)
	low, high := mean-40*sd, mean+40*sd
	for range 200 {
		below, density := m.belowAndDensity(x)
		if below < p {
			low = x
		} else {
			high = x
		}
		next := x - (below-p)/density
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		if math.Abs(next-x) <= 1e-5*sd || next == x {
			return next
		}
		x = next
	}
	return x
}

func (m *mixture) belowAndDensity(x float64) (below, density float64) {
	for i, w := range m.weight {
		if m.sd[i] == 0 {
			if m.mean[i] <= x {
				below += w
			}
			continue
		}
		b, d := quickNormalBoth(m.nodes, (x-m.mean[i])*m.precision[i])
		below += float64(w * b)
		density += float64(w * float64(d*m.precision[i]))
	}
	return below, density
}
