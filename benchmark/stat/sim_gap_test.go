package stat

import (
	"fmt"
	"math"
	"testing"
)

// splitSummaries deals the first organizations to WC, the others to Rest, with
// an empty place for each in the other group.
func splitSummaries(all []Summary, wc int) (one, two []Summary) {
	one, two = make([]Summary, len(all)), make([]Summary, len(all))
	copy(one, all[:wc])
	copy(two[wc:], all[wc:])
	return one, two
}

func rejects(p Number) float64 { return indicator(p.Valid && p.Value < .05) }

func simulateGapLevel(t *testing.T) {
	n := replicates(500, 4000)
	for _, c := range []struct{ wc, organizations int }{{5, 30}, {10, 100}, {30, 100}} {
		for _, equal := range []bool{true, false} {
			var cr2, welch, naive counter
			name := fmt.Sprintf("%d WC of %d, equal n_j %v", c.wc, c.organizations, equal)
			simulate("gap "+name, n, func(s *Stream) {
				sizes := equalSizes(c.organizations, 20)
				if !equal {
					sizes = unequalSizes(s, c.organizations, 20)
				}
				sim := simulateShares(s, sizes, .5, .1)
				summaries, err := ShareSummaries(sim.n, sim.y)
				if err != nil {
					t.Error(err)
					return
				}
				one, two := splitSummaries(summaries, c.wc)
				contrast, err := ClusterContrast(one, two, .95)
				if err != nil {
					t.Error(err)
					return
				}
				shares := meansOf(summaries)
				plain, err := Welch(shares[:c.wc], shares[c.wc:], .95)
				if err != nil {
					t.Error(err)
					return
				}
				x1, n1, x2, n2 := pooledCounts(sim, c.wc)
				_, p := PooledZ(x1, n1, x2, n2)
				cr2.add(rejects(contrast.P), 1)
				welch.add(rejects(plain.P), 1)
				naive.add(rejects(p), 1)
			})
			slack := proportionSlack(.05, n)
			hold(t, band{"gap without truth, " + name, "CR2 rejects at .05", .035, .07, false}, cr2.share(), n, slack)
			hold(t, band{"gap without truth, " + name, "Welch rejects at .05", .035, .07, false}, welch.share(), n, slack)
			hold(t, band{"gap without truth, " + name, "naive pooled z rejects", .20, 1, false}, naive.share(), n, slack)
		}
	}
}

func pooledCounts(sim simulatedShares, wc int) (x1, n1, x2, n2 int) {
	for j := range sim.y {
		if j < wc {
			x1, n1 = x1+sim.y[j], n1+sim.n[j]
		} else {
			x2, n2 = x2+sim.y[j], n2+sim.n[j]
		}
	}
	return x1, n1, x2, n2
}

func simulatePermutationLevel(t *testing.T) {
	n := replicates(300, 4000)
	var means, medians counter
	simulate("permutation", n, func(s *Stream) {
		sim := simulateShares(s, equalSizes(30, 20), .5, .1)
		summaries, err := ShareSummaries(sim.n, sim.y)
		if err != nil {
			t.Error(err)
			return
		}
		one, two := splitSummaries(summaries, 3)
		r := PermutationTest(Contribute(one, EqualOrganization), Contribute(two, EqualOrganization), 1)
		means.add(rejects(r.P), 1)
		chosen := make([]bool, 30)
		chosen[0], chosen[1], chosen[2] = true, true, true
		m, err := PermuteMedians(meansOf(summaries), chosen, PermutationOptions{})
		if err != nil {
			t.Error(err)
			return
		}
		medians.add(rejects(m.P), 1)
	})
	hold(t, band{"permutation, 3 WC of 30", "rejects at .05 (means)", 0, .06, false}, means.share(), n, proportionSlack(.05, n))
	hold(t, band{"permutation, 3 WC of 30", "rejects at .05 (medians)", 0, .06, false}, medians.share(), n, proportionSlack(.05, n))
}

// circularRun are the gaps in points of many waves, averaged over the items.
type circularRun struct {
	inSample, leave, split, circular, chosenTruth []float64
	tier, tierLeave                               []float64
}

func runCircular(t *testing.T, task string, n int, w wave) circularRun {
	run := circularRun{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
	for b := range n {
		data := w.simulate(NewStream(simulationSeed, task, b))
		a, err := PackAgree(data.columns, data.org, nil, len(w.sizes))
		if err != nil {
			t.Fatal(err)
		}
		c, err := Circularity(a, CircularOptions{Key: allItems(w.items), WorldClass: len(w.sizes) / 10, Seed: uint64(b), Splits: 40, Resamples: -1})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range c.Items {
			run.inSample[b] += 100 * item.InSample.Value / float64(w.items)
			run.leave[b] += 100 * item.LeaveItemOut.Value / float64(w.items)
			run.split[b] += 100 * item.SplitHalf.Value / float64(w.items)
		}
		run.circular[b] = CircularShare(Some(run.inSample[b]), Some(run.split[b])).Value
		run.chosenTruth[b] = 100 * trueGap(w, data.effect, c.Chosen)
		run.tier[b], run.tierLeave[b] = tierGaps(t, data)
	}
	return run
}

// trueGap is the difference of the true shares of the chosen organizations and
// the others, persons integrated out.
func trueGap(w wave, effect []float64, chosen []bool) float64 {
	var sides [2][]float64
	for j, e := range effect {
		side := 1
		if chosen[j] {
			side = 0
		}
		sides[side] = append(sides[side], meanLogistic(w.base+e, w.personSD))
	}
	return average(sides[0]) - average(sides[1])
}

// meanLogistic is the mean of the logistic function over a normal person effect.
func meanLogistic(center, sd float64) float64 {
	const points = 400
	total := 0.0
	for i := range points {
		z := NormalQuantile((float64(i) + .5) / points)
		total += 1 / (1 + math.Exp(-center-sd*z))
	}
	return total / points
}

// tierGaps are the gaps of a tier of respondents: mean >= .7 of 0/1 answers.
func tierGaps(t *testing.T, data answers) (inSample, leave float64) {
	columns := make([][]int8, len(data.columns))
	for k, c := range data.columns {
		columns[k] = make([]int8, len(c))
		for i, y := range c {
			columns[k][i] = y + 1 // 1 no, 2 yes, 0 missing
		}
	}
	r, err := RespondentGaps(columns, 2, 1.7)
	if err != nil {
		t.Fatal(err)
	}
	for k := range columns {
		inSample += 100 * r.InSample[k].Value / float64(len(columns))
		leave += 100 * r.LeaveItemOut[k].Value / float64(len(columns))
	}
	return inSample, leave
}

// monteCarloSE is the standard error of a mean over replicates.
func monteCarloSE(x []float64) float64 { return math.Sqrt(variance(x) / float64(len(x))) }

func holdNearZero(t *testing.T, truth, what string, x []float64) {
	t.Helper()
	limit := 3 * monteCarloSE(x)
	hold(t, band{truth, what + " (3 Monte Carlo se)", -limit, limit, false}, average(x), len(x), 0)
}

func noiseWave() wave { return wave{sizes: equalSizes(100, 30), items: 12, base: 0} }

func simulatePureNoise(t *testing.T) {
	run := runCircular(t, "noise", replicates(20, 400), noiseWave())
	const truth = "pure noise"
	n := len(run.inSample)
	hold(t, band{truth, "in_sample gap, points", 4, 6, false}, average(run.inSample), n, .3)
	holdNearZero(t, truth, "leave_item_out gap, points", run.leave)
	holdNearZero(t, truth, "split_half gap, points", run.split)
	hold(t, band{truth, "circular_share of the mean gaps", .9, 1.1, false}, 1-average(run.split)/average(run.inSample), n, .1)
}

func simulateMood(t *testing.T) {
	w := noiseWave()
	w.personSD = 1.5
	run := runCircular(t, "mood", replicates(20, 400), w)
	const truth = "general mood, no organization effect"
	n := len(run.inSample)
	hold(t, band{truth, "in_sample gap, points", 8, 12, false}, average(run.inSample), n, .5)
	hold(t, band{truth, "leave_item_out gap, points", 6, 100, false}, average(run.leave), n, .3)
	holdNearZero(t, truth, "split_half gap, points", run.split)
	hold(t, band{truth, "respondent tier: leave_item_out gap, points", 40, 100, false}, average(run.tierLeave), n, .5)
	hold(t, band{truth, "respondent tier: in_sample gap, points", 0, 0, true}, average(run.tier), n, 0)
}

func simulateRealDifference(t *testing.T) {
	w := noiseWave()
	w.personSD, w.organizationSD = 1.5, .6
	run := runCircular(t, "real", replicates(20, 400), w)
	const truth = "real difference between organizations"
	n := len(run.inSample)
	trueGap := average(run.chosenTruth)
	hold(t, band{truth, "split_half / true gap of the chosen", .75, 1, false}, average(run.split)/trueGap, n, .05)
	hold(t, band{truth, "in_sample / true gap of the chosen", 1.15, 10, false}, average(run.inSample)/trueGap, n, .05)
}

func simulateRandomTier(t *testing.T) {
	n := replicates(60, 1000)
	var rejected counter
	simulate("random tier", n, func(s *Stream) {
		w := noiseWave()
		w.personSD, w.organizationSD = 1.5, .6
		data := w.simulate(s)
		a, err := PackAgree(data.columns, data.org, nil, len(w.sizes))
		if err != nil {
			t.Error(err)
			return
		}
		order := allItems(len(w.sizes))
		s.Permute(order)
		for _, counts := range a.Counts()[:1] {
			summaries, err := ShareSummaries(counts.Valid, counts.Agree)
			if err != nil {
				t.Error(err)
				return
			}
			one, two := make([]Summary, len(order)), make([]Summary, len(order))
			for place, j := range order {
				if place < 10 {
					one[j] = summaries[j]
				} else {
					two[j] = summaries[j]
				}
			}
			contrast, err := ClusterContrast(one, two, .95)
			if err != nil {
				t.Error(err)
				return
			}
			rejected.add(rejects(contrast.P), 1)
		}
	})
	hold(t, band{"randomly assigned tier, 10 of 100", "gap rejected at .05", .03, .07, false}, rejected.share(), n, proportionSlack(.05, n))
}

func simulateFalseDiscoveries(t *testing.T) {
	n := replicates(1000, 10000)
	shares := make([]float64, n)
	inParallel(n, func(b int) {
		s := NewStream(simulationSeed, "discoveries", b)
		p := make([]Number, 50)
		for k := range p {
			z := s.Normal()
			if k < 10 {
				z += 3
			}
			p[k] = Some(NormalTwoSided(z))
		}
		var wrong, found float64
		for k, q := range BenjaminiHochberg(p) {
			if q.Value <= .05 {
				found++
				wrong += indicator(k >= 10)
			}
		}
		if found > 0 {
			shares[b] = wrong / found
		}
	})
	hold(t, band{"50 items, 10 with a true gap", "mean false discovery share, BH q = .05", 0, .055, false}, average(shares), n, 3*monteCarloSE(shares))
}
