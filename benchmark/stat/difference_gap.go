package stat

import (
	"math"
	"slices"
)

// GapOptions are the choices of Gap. The zero value means 95% and equal weight
// for every answer.
type GapOptions struct {
	Conf      float64 // 0 stands for .95
	Weighting Weighting
	// SharedOrganizations is set where the groups are groups of people, so that
	// an organization may be in both (Gap sets it where one is). Welch's t and
	// the permutation over organizations do not hold then.
	SharedOrganizations bool
	Seed                uint64
}

// GapResult is the gap of one item between two columns, WC minus Rest, with the
// test that fits the weighting and the number of organizations. The fields in
// points are 100 times a difference of shares.
type GapResult struct {
	WC            ShareResult `json:"wc"`
	Rest          ShareResult `json:"rest"`
	All           Number      `json:"all"`
	Points        Number      `json:"gap_points"`
	VsAllPoints   Number      `json:"gap_vs_all_points"`
	CI            *Interval   `json:"gap_points_ci"`
	CIMethod      string      `json:"ci_method"`
	CINewcombe    *Interval   `json:"gap_ci_newcombe_nstar"`
	SE            Number      `json:"se_points"`
	DF            Number      `json:"df"`
	P             Number      `json:"p_value"`
	PMethod       string      `json:"p_method"`
	Seed          *uint64     `json:"seed"`
	Replicates    *int        `json:"replicates"`
	CohenH        Number      `json:"cohen_h"`
	Organizations int         `json:"organizations"`
	Conf          float64     `json:"conf"`
	Reasons       []Reason    `json:"reasons"`
}

// Gap compares the share of agreement in two groups, from 0/1 summaries of
// organization j at the same place in both (N = 0 where it is not in a group).
//
// Interval and p come from Welch's t on organization shares under
// EqualOrganization, from CR2 under EqualRespondent, and from linearization
// under Capped or when organizations of equal weight are shared. A share of 0 or 1, or a limit outside
// -100..100 points, is answered by Newcombe's hybrid on the columns' n_star and
// the permutation p instead; under 5 organizations in a group p is the
// permutation's, under 3 there is none (small_tier). Under 10 organizations in
// all there is no interval (few_organizations).
func Gap(wc, rest []Summary, opt GapOptions) (GapResult, error) {
	opt = opt.filled()
	one, two := Contribute(wc, opt.Weighting), Contribute(rest, opt.Weighting)
	first, err := ClusteredShare(one, ShareOptions{Conf: opt.Conf})
	if err != nil {
		return GapResult{}, err
	}
	second, err := ClusteredShare(two, ShareOptions{Conf: opt.Conf})
	if err != nil {
		return GapResult{}, err
	}
	g, err := GapOf(wc, rest, first, second, opt)
	if err != nil {
		return g, err
	}
	if all := linearize(merge(one, two), nil); all.n > 0 {
		g.All = Some(all.mean)
		if g.Points.Valid {
			g.VsAllPoints = Some(100 * (first.Share.Value - all.mean))
		}
	}
	return g, nil
}

func (o GapOptions) filled() GapOptions {
	if o.Conf == 0 {
		o.Conf = 0.95
	}
	if o.Weighting == "" {
		o.Weighting = EqualRespondent
	}
	return o
}

// GapOf is Gap of two groups of which the shares are known, as ClusteredShare
// gives them under the weighting. What concerns both groups together is left out.
func GapOf(wc, rest []Summary, one, two ShareResult, opt GapOptions) (GapResult, error) {
	opt = opt.filled()
	g := GapResult{Conf: opt.Conf, WC: one, Rest: two, Reasons: []Reason{}}
	if len(wc) != len(rest) {
		return g, lengthMismatch("organizations in WC", len(wc), "in Rest", len(rest))
	}
	for j := range wc {
		opt.SharedOrganizations = opt.SharedOrganizations || wc[j].N > 0 && rest[j].N > 0
		if wc[j].N > 0 || rest[j].N > 0 {
			g.Organizations++
		}
	}
	g.estimate()
	if !g.Points.Valid {
		g.Reasons = append(g.Reasons, NoValidAnswers)
		return g, nil
	}
	if err := g.test(wc, rest, opt); err != nil {
		return g, err
	}
	g.fallBack(wc, rest, opt)
	return g, nil
}

// GapOfColumns is GapOf under EqualOrganization of two groups that share no
// organization. It takes what the shares know of their organizations, and asks
// for the organizations one by one only where that is not enough.
func GapOfColumns(one, two ShareResult, organizations func() (wc, rest []Summary), opt GapOptions) (GapResult, error) {
	if one.N > 0 && two.N > 0 && !(one.Alike() && two.Alike()) {
		wc, rest := organizations()
		return GapOf(wc, rest, one, two, opt)
	}
	opt = opt.filled()
	g := GapResult{Conf: opt.Conf, WC: one, Rest: two, Organizations: one.Organizations + two.Organizations, Reasons: []Reason{}}
	g.estimate()
	if !g.Points.Valid {
		g.Reasons = append(g.Reasons, NoValidAnswers)
		return g, nil
	}
	w, err := welch(one.alike, two.alike, opt.Conf)
	if err != nil {
		return g, err
	}
	g.take(welchTest(w))
	if g.extreme() || g.needsPermutation() {
		wc, rest := organizations()
		g.fallBack(wc, rest, opt)
	}
	return g, nil
}

// estimate fills the gap itself and what needs no variance between the groups.
func (g *GapResult) estimate() {
	if !g.WC.Share.Valid || !g.Rest.Share.Valid {
		return
	}
	p1, p2 := g.WC.Share.Value, g.Rest.Share.Value
	g.Points = Some(100 * (p1 - p2))
	g.CohenH = CohenH(p1, p2)
	if g.WC.NStar.Valid && g.Rest.NStar.Valid {
		g.CINewcombe = points(NewcombeHybrid(p1, g.WC.NStar.Value, p2, g.Rest.NStar.Value, g.Conf))
	}
}

// merge adds the contributions of both groups per organization.
func merge(one, two []Contribution) []Contribution {
	all := make([]Contribution, len(one))
	for j := range one {
		all[j] = Contribution{one[j].N + two[j].N, one[j].W + two[j].W, one[j].WY + two[j].WY, one[j].W2 + two[j].W2}
	}
	return all
}

func points(i *Interval) *Interval {
	if i == nil {
		return nil
	}
	return &Interval{100 * i.Lower, 100 * i.Upper}
}

// test runs the contrast that belongs to the weighting.
func (g *GapResult) test(wc, rest []Summary, opt GapOptions) error {
	switch {
	case opt.Weighting == EqualOrganization && !opt.SharedOrganizations:
		w, err := Welch(meansOf(wc), meansOf(rest), opt.Conf)
		if err != nil {
			return err
		}
		g.take(welchTest(w))
	case opt.Weighting == EqualRespondent:
		c, err := ClusterContrast(wc, rest, opt.Conf)
		if err != nil {
			return err
		}
		g.take(contrast{c.SECR2, c.DF, c.P, c.CI, c.Reasons, "cr2_satterthwaite"})
	default:
		c, err := WeightedContrast(Contribute(wc, opt.Weighting), Contribute(rest, opt.Weighting), opt.Conf)
		if err != nil {
			return err
		}
		g.take(contrast{c.SE, c.DF, c.P, c.CI, c.Reasons, "linearized_t"})
	}
	return nil
}

// contrast is what every test of a difference gives.
type contrast struct {
	se, df, p Number
	ci        *Interval
	reasons   []Reason
	method    string
}

func welchTest(w WelchResult) contrast {
	return contrast{w.SE, w.DF, w.P, w.CI, w.Reasons, "welch_t"}
}

// take fills the result of the test in.
func (g *GapResult) take(c contrast) {
	if c.se.Valid {
		g.SE = Some(100 * c.se.Value)
	}
	g.DF, g.P, g.CI, g.Reasons = c.df, c.p, points(c.ci), c.reasons
	g.CIMethod, g.PMethod = c.method, c.method
}

func meansOf(summaries []Summary) []float64 {
	means := make([]float64, 0, len(summaries))
	for _, s := range summaries {
		if s.N > 0 {
			means = append(means, s.Mean)
		}
	}
	return means
}

// fallBack replaces an interval that the t distribution can not give, and the p
// that goes with it.
func (g *GapResult) fallBack(wc, rest []Summary, opt GapOptions) {
	extreme := g.extreme()
	if extreme && g.CINewcombe != nil && g.Organizations >= minOrganizations {
		g.CI, g.CIMethod = g.CINewcombe, "newcombe_nstar"
	}
	if opt.SharedOrganizations || !(extreme || g.needsPermutation()) {
		return
	}
	permuted := PermutationTest(Contribute(wc, opt.Weighting), Contribute(rest, opt.Weighting), opt.Seed)
	g.P, g.PMethod = permuted.P, "permutation"
	g.Seed, g.Replicates = permuted.Seed, &permuted.Replicates
	if !g.P.Valid {
		g.PMethod, g.Replicates = "", nil
	} else if g.CI != nil { // both no longer need the variance that was not there
		g.Reasons = slices.DeleteFunc(g.Reasons, func(r Reason) bool { return r == ZeroVariance })
	}
	if g.smaller() < smallTier && !slices.Contains(g.Reasons, SmallTier) {
		g.Reasons = append(g.Reasons, SmallTier)
	}
}

// extreme says whether the t distribution can not give the interval: a share is
// 0 or 1, or a limit lies outside -100..100 points.
func (g *GapResult) extreme() bool {
	end := func(p float64) bool { return p == 0 || p == 1 }
	return end(g.WC.Share.Value) || end(g.Rest.Share.Value) || g.CI != nil && (g.CI.Lower < -100 || g.CI.Upper > 100)
}

// needsPermutation says whether p has to be the permutation's.
func (g *GapResult) needsPermutation() bool { return g.smaller() < smallTier || !g.P.Valid }

func (g *GapResult) smaller() int { return min(g.WC.Organizations, g.Rest.Organizations) }

// OneVersusResult is one organization against a benchmark it is no part of.
type OneVersusResult struct {
	Points      Number    `json:"gap_points"`
	VsAllPoints Number    `json:"gap_vs_all_points"`
	CI          *Interval `json:"gap_points_ci"`
	CINewcombe  *Interval `json:"gap_ci_newcombe_nstar"`
	SE          Number    `json:"se_points"`
	DF          Number    `json:"df"`
	P           Number    `json:"p_t"`
	Own         Number    `json:"own"`
	Benchmark   Number    `json:"benchmark"`
	Conf        float64   `json:"conf"`
	Reasons     []Reason  `json:"reasons"`
}

// OneVersusBenchmark compares x of n answers of one organization with the share
// of the other organizations: d = p_j - p_(-j), se^2 = p~(1-p~)/n + v_(-j) with
// p~ = (x+1)/(n+2) and v linearized by organization, t with the benchmark's
// degrees of freedom. gap_vs_all_points is the same gap against a benchmark
// that contains the organization, (1-s)(p_j - p_(-j)) with s its share of the
// weight (own, under the weighting of the others); the test is the same.
//
// Nobody answered on either side: no_valid_answers. Benchmark of one
// organization: one_organization; under 10: few_organizations, no interval.
func OneVersusBenchmark(x, n int, own float64, others []Contribution, conf float64) (OneVersusResult, error) {
	b, err := ClusteredShare(others, ShareOptions{Conf: conf})
	if err != nil {
		return OneVersusResult{Conf: conf, Reasons: []Reason{}}, err
	}
	r := OneVersusShare(x, n, b, conf)
	if weight := linearize(others, nil).weight; r.Points.Valid && own > 0 {
		r.VsAllPoints = Some(r.Points.Value * weight / (weight + own))
	}
	return r, nil
}

// OneVersusShare is OneVersusBenchmark against a share that is known; it leaves
// gap_vs_all_points out.
func OneVersusShare(x, n int, b ShareResult, conf float64) OneVersusResult {
	r := OneVersusResult{Conf: conf, Reasons: []Reason{}}
	r.Benchmark = b.Share
	if validCount(x, n) {
		r.Own = Some(float64(x) / float64(n))
	}
	if !r.Own.Valid || !r.Benchmark.Valid {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r
	}
	d := r.Own.Value - r.Benchmark.Value
	r.Points = Some(100 * d)
	if !b.SE.Valid {
		r.Reasons = append(r.Reasons, b.Reasons...)
		return r
	}
	p := float64(x+1) / float64(n+2)
	se := math.Sqrt(float64(p*(1-p)/float64(n)) + float64(b.SE.Value*b.SE.Value))
	r.SE, r.DF = Some(100*se), b.DF
	if b.Organizations < minOrganizations {
		r.Reasons = append(r.Reasons, FewOrganizations)
		return r
	}
	half := float64(TCritical(conf, r.DF.Value) * se)
	r.CI = &Interval{100 * math.Max(-1, d-half), 100 * math.Min(1, d+half)}
	r.P = Some(TTwoSided(d/se, r.DF.Value))
	if b.NStar.Valid {
		r.CINewcombe = points(NewcombeHybrid(r.Own.Value, float64(n), r.Benchmark.Value, b.NStar.Value, conf))
	}
	return r
}
