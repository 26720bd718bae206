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
// among n answers, which should be one of those the model was fitted to. Means,
// standard deviations and probabilities are sums over the grid; limits are the
// roots of the mixture's distribution function, so nothing is random.
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
	mean, sd := betaMoments(fit.points, y, n)
	out.PosteriorMean, out.SD = Some(mean), Some(sd)
	if !few {
		tail := (1 - options.Conf) / 2
		over := func(x float64) float64 { return betaMixtureAbove(fit.coarse, y, n, x) }
		out.CI = &Interval{
			betaMixtureQuantile(over, tail, mean, sd),
			betaMixtureQuantile(over, 1-tail, mean, sd),
		}
		out.PAbove = make([]Number, len(options.Cuts))
		for c, cut := range options.Cuts {
			out.PAbove[c] = Some(betaMixtureAbove(fit.coarse, y, n, cut))
		}
	}
	fit.plugin(y, n, &out, options)
	return out
}

func (fit *BetaBinomial) plugin(y, n int, out *ShrunkShare, options ShrinkOptions) {
	mu, theta := fit.MuML.Value, fit.ThetaML.Value
	out.PosteriorMeanPlugin = Some((mu + theta*float64(y)) / (1 + theta*float64(n)))
	if theta == 0 || fit.Organizations < minOrganizations {
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

func betaMoments(points []betaPoint, y, n int) (mean, sd float64) {
	var first, second Sum
	for _, q := range points {
		m := (q.mu + q.theta*float64(y)) / (1 + q.theta*float64(n))
		v := m * (1 - m) * q.theta / (1 + q.theta*float64(n+1))
		first.Add(q.weight * m)
		second.Add(q.weight * (v + float64(m*m)))
	}
	mean = first.Value()
	return mean, math.Sqrt(max(second.Value()-mean*mean, 0))
}

func betaMixtureAbove(points []betaPoint, y, n int, cut float64) float64 {
	var p float64
	for _, q := range points {
		a, b := q.mu/q.theta+float64(y), (1-q.mu)/q.theta+float64(n-y)
		p += float64(q.weight * betaAbove(cut, a, b))
	}
	return min(p, 1)
}

// betaMixtureQuantile finds the share with posterior probability p below it,
// above(x) being that over x:
// false position (Illinois variant) inside a bracket that is widened from the
// mean in steps of the standard deviation.
func betaMixtureQuantile(above func(x float64) float64, p, mean, sd float64) float64 {
	off := func(x float64) float64 { return 1 - above(x) - p }
	start := mean + float64(sd*NormalQuantile(p))
	low, high := max(start-sd/4, mean*1e-6), min(start+sd/4, 1-(1-mean)*1e-6)
	low, high = min(low, mean), max(high, mean)
	fLow, fHigh := off(low), off(high)
	for fLow > 0 && low > 1e-300 {
		high, fHigh = low, fLow
		low = max(low-sd/2, low/4)
		fLow = off(low)
	}
	for fHigh < 0 && high < 1-1e-15 {
		low, fLow = high, fHigh
		high = min(high+sd/2, 1-(1-high)/4)
		fHigh = off(high)
	}
	last := 0.0
	for range 60 {
		x := (low*fHigh - high*fLow) / (fHigh - fLow)
		if !(x > low && x < high) {
			x = (low + high) / 2
		}
		f := off(x)
		if math.Abs(f) < 1e-7 || high-low < 1e-10 {
			return x
		}
		if f > 0 {
			high, fHigh = x, f
			if last > 0 {
				fLow /= 2
			}
		} else {
			low, fLow = x, f
			if last < 0 {
				fHigh /= 2
			}
		}
		last = f
	}
	return (low + high) / 2
}
