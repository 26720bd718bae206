package stat

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// shareCell is one cell of the grid of the coverage of Wilson's interval.
type shareCell struct {
	icc, p              float64
	each, organizations int
}

func shareCells() []shareCell {
	if !longForm() {
		return []shareCell{{0, .3, 5, 30}, {.05, .7, 20, 30}, {.15, .3, 100, 30}, {.30, .7, 20, 100}, {.05, .95, 20, 100}, {.30, .05, 5, 30}}
	}
	var cells []shareCell
	for _, icc := range []float64{0, .05, .15, .30} {
		for _, each := range []int{5, 20, 100} {
			for _, organizations := range []int{30, 100} {
				for _, p := range []float64{.05, .3, .7, .95} {
					cells = append(cells, shareCell{icc, p, each, organizations})
				}
			}
		}
	}
	return cells
}

func simulateShareCoverage(t *testing.T) {
	n := replicates(300, 4000)
	for _, c := range shareCells() {
		var clustered, naive, warned counter
		name := fmt.Sprintf("ICC %.2g, n_j %d, J %d, p %.2g", c.icc, c.each, c.organizations, c.p)
		simulate("share "+name, n, func(s *Stream) {
			sim := simulateShares(s, equalSizes(c.organizations, c.each), c.p, c.icc)
			summaries, err := ShareSummaries(sim.n, sim.y)
			if err != nil {
				t.Error(err)
				return
			}
			r, err := ClusteredShare(Contribute(summaries, EqualRespondent), ShareOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			clustered.add(indicator(inside(r.CI, c.p)), 1)
			naive.add(indicator(inside(Wilson(r.Share.Value, float64(r.N), .95), c.p)), 1)
			warned.add(indicator(slices.Contains(r.Reasons, FewEffectiveCases)), 1)
		})
		deff := 1 + float64(c.each-1)*c.icc
		enough := float64(c.organizations*c.each)*min(c.p, 1-c.p)/deff >= 15
		hold(t, band{"share, " + name, "coverage of Wilson on n_star", .925, .975, !enough}, clustered.share(), n, proportionSlack(.95, n))
		if !enough {
			hold(t, band{"share, " + name, "marked few_effective_cases", 0, 1, true}, warned.share(), n, 0)
		}
		if c.icc == .15 && c.each == 100 {
			hold(t, band{"share, " + name, "coverage of naive Wilson", 0, .5, false}, naive.share(), n, proportionSlack(.5, n))
		}
	}
}

func simulateIndexCoverage(t *testing.T) {
	n := replicates(40, 1000)
	const within = .3 // standard deviation of a respondent's own share
	for _, organizations := range []int{10, 30, 100} {
		for _, lambda := range []float64{.35, .6, .85} {
			s2 := within * within / 20
			tau := math.Sqrt(s2 * lambda / (1 - lambda))
			var full, plugin counter
			name := fmt.Sprintf("J %d, lambda %.2g", organizations, lambda)
			simulate("index "+name, n, func(s *Stream) {
				truth, y, variances := make([]float64, organizations), make([]float64, organizations), make([]float64, organizations)
				for j := range y {
					truth[j] = .5 + tau*s.Normal()
					y[j], variances[j] = truth[j]+math.Sqrt(s2)*s.Normal(), s2
				}
				r, err := ShrinkNormal(y, variances, ShrinkOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				for j, o := range r.PerOrganization {
					full.add(indicator(inside(o.CI, truth[j])), 1)
					plugin.add(indicator(inside(o.CIPlugin, truth[j])), 1)
				}
			})
			hold(t, band{"shrunk index, " + name, "average coverage, full Bayes", .92, .975, false}, full.share(), n, .03)
			hold(t, band{"shrunk index, " + name, "average coverage, plug-in", 0, 1, true}, plugin.share(), n, 0)
		}
	}
}

func simulateShrunkShareCoverage(t *testing.T) {
	n := replicates(4, 1000)
	for _, organizations := range []int{10, 30, 100} {
		for _, lambda := range []float64{.35, .6, .85} {
			if !longForm() && organizations == 100 {
				continue
			}
			icc := lambda / (lambda + 20*(1-lambda)) // lambda = n icc/(1 + (n-1) icc) at n = 20
			var full, plugin counter
			name := fmt.Sprintf("J %d, lambda %.2g", organizations, lambda)
			simulate("shares "+name, n, func(s *Stream) {
				sim := simulateShares(s, equalSizes(organizations, 20), .6, icc)
				r, err := ShrinkShares(sim.y, sim.n, ShrinkOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				for j, o := range r.PerOrganization {
					full.add(indicator(inside(o.CI, sim.truth[j])), indicator(o.CI != nil))
					plugin.add(indicator(inside(o.CIPlugin, sim.truth[j])), 1)
				}
			})
			hold(t, band{"shrunk share, " + name, "average coverage, full Bayes", .92, .975, false}, full.share(), n, .07)
			hold(t, band{"shrunk share, " + name, "average coverage, plug-in (none at the boundary)", 0, 1, true}, plugin.share(), n, 0)
		}
	}
}

func simulateTierProbability(t *testing.T) {
	n := replicates(60, 1000)
	for _, organizations := range []int{30, 100} {
		const s2 = .09 / 60
		tau := .08
		cut := .5 + tau*NormalQuantile(.9)
		var sure, middle counter
		name := fmt.Sprintf("J %d, n_j 60", organizations)
		simulate("tier "+name, n, func(s *Stream) {
			truth, y, variances := make([]float64, organizations), make([]float64, organizations), make([]float64, organizations)
			for j := range y {
				truth[j] = .5 + tau*s.Normal()
				y[j], variances[j] = truth[j]+math.Sqrt(s2)*s.Normal(), s2
			}
			r, err := ShrinkNormal(y, variances, ShrinkOptions{Cuts: []float64{cut, cut - tau, cut - 2*tau}})
			if err != nil {
				t.Error(err)
				return
			}
			for j, o := range r.PerOrganization {
				if o.Lambda.Value < tierMinReliability {
					continue
				}
				switch p := o.PAbove[0].Value; {
				case p >= callCertain:
					sure.add(indicator(truth[j] > cut), 1)
				case p >= callUnlikely && p <= callLikely:
					middle.add(indicator(truth[j] > cut), 1)
				}
			}
		})
		hold(t, band{"P(tier), " + name, "truly above the cut of those with P >= .90", .90, 1, false}, sure.share(), n, .03)
		hold(t, band{"P(tier), " + name, "truly above the cut of those with P .30 to .70", .33, .60, false}, middle.share(), n, .05)
	}
}

func simulateRankCoverage(t *testing.T) {
	n := replicates(40, 1000)
	for _, organizations := range []int{20, 60} {
		var covered counter
		name := fmt.Sprintf("J %d, lambda about .7", organizations)
		simulate("rank "+name, n, func(s *Stream) {
			truth, y, variances := make([]float64, organizations), make([]float64, organizations), make([]float64, organizations)
			for j := range y {
				variances[j] = .09 / float64(15+s.IntN(50))
				truth[j] = .5 + .08*s.Normal()
				y[j] = truth[j] + math.Sqrt(variances[j])*s.Normal()
			}
			r, err := Ranks(y, variances, RankOptions{Seed: s.Uint64(), Draws: 2000})
			if err != nil {
				t.Error(err)
				return
			}
			for j, o := range r.PerOrganization {
				rank := 1.0
				for _, other := range truth {
					rank += indicator(other > truth[j])
				}
				covered.add(indicator(inside(o.CI, rank)), 1)
			}
		})
		hold(t, band{"ranks, " + name, "true rank inside its interval", .94, 1, false}, covered.share(), n, .02)
	}
}
