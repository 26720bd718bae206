package stat

import "math"

// ShrunkShare is the posterior of one organization's share. Fields _plugin take
// the maximum likelihood estimates as if they were known.
type ShrunkShare struct {
	PosteriorMean       Number    `json:"share_posterior_mean"`
	SD                  Number    `json:"share_sd"`
	CI                  *Interval `json:"share_ci"`
	PAbove              []Number  `json:"p_above"`
	PosteriorMeanPlugin Number    `json:"share_posterior_mean_plugin"`
	CIPlugin            *Interval `json:"share_ci_plugin"`
	PAbovePlugin        []Number  `json:"p_above_plugin"`
	Reasons             []Reason  `json:"reasons"`
}

// ShrunkShares is the result of ShrinkShares.
type ShrunkShares struct {
	Model           *BetaBinomial `json:"model"`
	Conf            float64       `json:"conf"`
	PerOrganization []ShrunkShare `json:"per_organization"`
}

// ShrinkShares fits the beta-binomial model to one share and shrinks all
// organizations. Where only a few organizations of many are wanted, fit once
// with FitBetaBinomial and ask Organization for those.
func ShrinkShares(y, n []int, options ShrinkOptions) (*ShrunkShares, error) {
	fit, err := FitBetaBinomial(y, n)
	if err != nil {
		return nil, err
	}
	if options.Conf == 0 {
		options.Conf = 0.95
	}
	if err := checkConfidence(options.Conf); err != nil {
		return nil, err
	}
	out := &ShrunkShares{fit, options.Conf, make([]ShrunkShare, len(y))}
	type key struct{ y, n int }
	at := make(map[key]int, len(y))
	var distinct []key
	for j := range y {
		k := key{y[j], n[j]}
		if _, seen := at[k]; !seen {
			at[k] = len(distinct)
			distinct = append(distinct, k)
		}
	}
	shrunk := make([]ShrunkShare, len(distinct))
	inParallel(len(distinct), func(i int) {
		shrunk[i] = fit.organization(distinct[i].y, distinct[i].n, options)
	})
	for j := range y {
		out.PerOrganization[j] = shrunk[at[key{y[j], n[j]}]]
	}
	return out, nil
}

// Organization returns the posterior share of an organization with y agreements
// among n answers, which should be one of those the model was fitted to. Means
// and standard deviations are sums over the grid, probabilities over its nodes; limits
// are the roots of the mixture's distribution function, so nothing is random.
func (fit *BetaBinomial) Organization(y, n int, options ShrinkOptions) (ShrunkShare, error) {
	if n < 0 || y < 0 || y > n {
		return ShrunkShare{}, &InputError{"invalid_value", -1, -1, "more agreements than answers"}
	}
	if options.Conf == 0 {
		options.Conf = 0.95
	}
	if err := checkConfidence(options.Conf); err != nil {
		return ShrunkShare{}, err
	}
	return fit.organization(y, n, options), nil
}

func (fit *BetaBinomial) organization(y, n int, options ShrinkOptions) ShrunkShare {
	out := ShrunkShare{Reasons: []Reason{}}
	if n == 0 {
		out.Reasons = []Reason{NoValidAnswers}
		return out
	}
	out.Reasons = append(out.Reasons, fit.Reasons...)
	if !fit.plausible() {
		if fit.MuML.Valid { // everybody agrees, or nobody
			out.PosteriorMean, out.PosteriorMeanPlugin = fit.MuML, fit.MuML
		}
		return out
	}
	few := fit.Organizations < minOrganizations
	mean, sd := betaMoments(fit.rows, y, n)
	out.PosteriorMean, out.SD = Some(mean), Some(sd)
	if !few {
		tail, shares := (1-options.Conf)/2, newBetaMixture(fit.points, y, n, mean, sd)
		out.CI = &Interval{shares.quantile(tail), shares.quantile(1 - tail)}
		out.PAbove = make([]Number, len(options.Cuts))
		for c, cut := range options.Cuts {
			out.PAbove[c] = Some(betaMixtureAbove(fit.points, y, n, cut))
		}
	}
	fit.plugin(y, n, &out, options)
	return out
}

func (fit *BetaBinomial) plugin(y, n int, out *ShrunkShare, options ShrinkOptions) {
	mu, theta := fit.MuML.Value, fit.ThetaML.Value
	out.PosteriorMeanPlugin = Some((mu + theta*float64(y)) / (1 + theta*float64(n)))
	if theta == 0 || fit.Organizations < minOrganizations || options.FullOnly {
		return
	}
	a, b := mu/theta+float64(y), (1-mu)/theta+float64(n-y)
	tail := (1 - options.Conf) / 2
	out.CIPlugin = &Interval{BetaQuantile(tail, a, b), BetaQuantile(1-tail, a, b)}
	out.PAbovePlugin = make([]Number, len(options.Cuts))
	for c, cut := range options.Cuts {
		out.PAbovePlugin[c] = Some(betaAbove(cut, a, b))
	}
}

// betaAbove is P(th > cut), also for cuts outside the range of a share.
func betaAbove(cut, a, b float64) float64 {
	switch {
	case cut <= 0:
		return 1
	case cut >= 1:
		return 0
	}
	return BetaUpper(cut, a, b)
}

// betaMoments sums over the grid: with m = (mu + theta y) / (1 + theta n) the share of
// a point has mean m and variance m (1 - m) c, c = theta / (1 + theta (n + 1)).
func betaMoments(rows []betaRow, y, n int) (mean, sd float64) {
	var first, second Sum
	for _, r := range rows {
		shift, scale := r.theta*float64(y), 1/(1+r.theta*float64(n))
		m := (r.mu + float64(shift*r.weight)) * scale
		mSquared := (r.muSquared + float64(2*shift*r.mu) + float64(shift*shift*r.weight)) * scale * scale
		c := r.theta / (1 + r.theta*float64(n+1))
		first.Add(m)
		second.Add(float64(c*m) + float64((1-c)*mSquared))
	}
	mean = first.Value()
	return mean, math.Sqrt(max(second.Value()-mean*mean, 0))
}

func betaMixtureAbove(points []betaPoint, y, n int, cut float64) float64 {
	var p float64
	for _, q := range points {
		share := q.shareOf(y, n)
		p += float64(share.weight * betaAbove(cut, share.a, share.b))
	}
	return min(p, 1)
}
