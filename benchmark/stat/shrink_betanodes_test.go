package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawnLeague draws answers of organizations whose shares vary around a level.
func drawnLeague(random *rand.Rand, organizations int, level, theta float64) (y, n []int) {
	y, n = make([]int, organizations), make([]int, organizations)
	for j := range y {
		p := min(max(level+random.NormFloat64()*math.Sqrt(theta*level*(1-level)/(1+theta)), .001), .999)
		n[j] = 1 + random.IntN(100)
		for range n[j] {
			if random.Float64() < p {
				y[j]++
			}
		}
	}
	return y, n
}

// unusual are the first organizations, and those of one mind or with few answers.
func unusual(y, n []int) (cases [][2]int) {
	for j := range y {
		if len(cases) < 3 || len(cases) < 10 && (y[j] == 0 || y[j] == n[j] || n[j] < 3) {
			cases = append(cases, [2]int{y[j], n[j]})
		}
	}
	return cases
}

// posterior is the density as points whose weights sum to 1.
func (f betaSurface) posterior(rows, columns int) []betaPoint {
	logs, top := f.density(rows, columns)
	points := make([]betaPoint, 0, len(logs))
	var total Sum
	for i, v := range logs {
		if v-top < keepDepth {
			continue
		}
		mu := midpoint(f.box.muLow, f.box.muHigh, i%columns, columns)
		s := midpoint(f.box.sLow, f.box.sHigh, i/columns, rows)
		w := math.Exp(v - top)
		points = append(points, betaPoint{mu: mu, theta: s * s, weight: w})
		total.Add(w)
	}
	for i := range points {
		points[i].weight /= total.Value()
	}
	return points
}

func TestFewNodesStandForTheWholePosteriorOfShares(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	compressed := 0
	for _, organizations := range []int{12, 40, 100, 300, 1000, 10000} {
		for _, theta := range []float64{0, .005, .05, 1} {
			for _, level := range []float64{.02, .6, .97} {
				y, n := drawnLeague(random, organizations, level, theta)
				fit, err := FitBetaBinomial(y, n)
				if err != nil {
					t.Fatal(err)
				}
				var like betaLikelihood
				for j := range y {
					like.count(y[j], n[j])
				}
				like.finish()
				box := like.box(new(BetaBinomial).maximumLikelihood(&like, float64(like.sumY)/float64(like.sumN)))
				if like.surface(box, smallS*smallMu).nodes(fit.rows) == nil {
					continue
				}
				compressed++
				close := 3e-8
				if slices.ContainsFunc(fit.points, func(q betaPoint) bool { return q.variance > 0 }) {
					close = 5e-5 // of organizations that are nearly alike
				}
				full := like.surface(box, 1<<20).posterior(96, 64)
				for _, c := range unusual(y, n) {
					got, err := fit.Organization(c[0], c[1], ShrinkOptions{Cuts: []float64{level}})
					if err != nil {
						t.Fatal(err)
					}
					name := fmt.Sprintf("%d organizations, theta %v, %d of %d", organizations, theta, c[0], c[1])
					all := newBetaMixture(full, c[0], c[1], got.PosteriorMean.Value, got.SD.Value)
					wantClose(t, name+": P below the lower limit", all.at(got.CI.Lower).below, .025, close)
					wantClose(t, name+": P below the upper limit", all.at(got.CI.Upper).below, .975, close)
					wantNumber(t, name+": P above", got.PAbove[0], betaMixtureAbove(full, c[0], c[1], level), close)
				}
			}
		}
	}
	if compressed < 24 {
		t.Errorf("only %d of 72 leagues have fewer nodes than the grid", compressed)
	}
}

// The interpolated likelihood against each point of it evaluated.
func TestTheSurfaceOfTheLikelihoodIsTheLikelihood(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, organizations := range []int{30, 100, 1000, 10000} {
		for _, theta := range []float64{.005, .05, 1} {
			for _, level := range []float64{.05, .5, .9} {
				var like betaLikelihood
				y, n := drawnLeague(random, organizations, level, theta)
				for j := range y {
					like.count(y[j], n[j])
				}
				like.finish()
				box := like.box(new(BetaBinomial).maximumLikelihood(&like, float64(like.sumY)/float64(like.sumN)))
				each, _ := betaSurface{like: &like, box: box}.density(16, 8)
				got, _ := like.surface(box, smallS*smallMu).density(16, 8)
				for i := range each {
					wantClose(t, fmt.Sprintf("%d organizations, theta %v, level %v", organizations, theta, level), got[i], each[i], 1e-8)
				}
			}
		}
	}
}

// Two routes: the closed form of a long tail against the sum of its terms.
func TestSlopesOfALongRunAgreeWithTheirTerms(t *testing.T) {
	for _, theta := range []float64{1e-12, 1e-9, 1e-5, .001, .05, 1, 10} {
		for _, base := range []float64{1e-6, .03, .5, 1} {
			for _, to := range []int{101, 150, 3000, 40000} {
				var one, two Sum
				for i := range to {
					r := 1 / (base + float64(i)*theta)
					one.Add(r)
					two.Add(r * r)
				}
				first, second := slopes([]betaRun{{0, to, 1}}, base, theta)
				wantClose(t, "first derivative", first, one.Value(), relative(one.Value(), 1e-12))
				wantClose(t, "second derivative", second, -two.Value(), relative(two.Value(), 1e-12))
			}
		}
	}
}

// Quantiles of mixtures of one: the way of mixtures against that of one distribution.
func TestTheQuantileOfAMixtureOfOneIsThatOfTheBetaDistribution(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		a, b := math.Exp(14*random.Float64()-3), math.Exp(14*random.Float64()-3)
		mean := a / (a + b)
		sd := math.Sqrt(mean * (1 - mean) / (a + b + 1))
		m := betaMixture{[]betaPart{{a, b, 1}}, mean, sd}
		for _, p := range []float64{.005, .025, .5, .95, .9999} {
			want := BetaQuantile(p, a, b)
			wantClose(t, fmt.Sprintf("quantile %v of beta(%v, %v)", p, a, b), m.quantile(p), want, 1e-6*sd+1e-11)
		}
	}
}

func TestQuantilesOfSharesThatAreKnownExactly(t *testing.T) {
	for _, m := range []betaMixture{
		{[]betaPart{{3e15, 2e15, 1}}, .6, 0},
		{[]betaPart{{3e15, 2e15, 1}}, .6, 1e-8},
		{[]betaPart{{6e7, 4e7, .5}, {6.001e7, 4e7, .5}}, .6, 1e-4},
	} {
		for _, p := range []float64{.025, .975} {
			wantClose(t, fmt.Sprintf("quantile %v of %v", p, m), m.quantile(p), .6, 3e-4)
		}
	}
}

// Two routes: the expansion for large a and b, and the continued fraction.
func TestTheExpansionForLargeParametersIsTheDistributionFunction(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for range 4000 {
		a, b := largeBeta*math.Exp(10*random.Float64()), largeBeta*math.Exp(10*random.Float64())
		mean := a / (a + b)
		x := mean + (10*random.Float64()-5)*math.Sqrt(mean*(1-mean)/(a+b+1))
		got, _ := betaLower(x, 1-x, a, b)
		wantClose(t, fmt.Sprintf("I_%v(%v, %v)", x, a, b), got, BetaCDF(x, a, b), 5e-9)
	}
	for x, want := range map[float64]float64{1e-9: 0, .4: 0, .5: .5, .6: 1, 1 - 1e-9: 1} {
		lower, _ := betaLower(x, 1-x, 1e6, 1e6)
		wantClose(t, fmt.Sprintf("I_%v(1e6, 1e6)", x), lower, want, 1e-12)
	}
}

// In few organizations with shares near 0 or 1 neither mu nor s is known well: a grid of
// 32 times 16 was off by a standard deviation there.
func TestSharesOfFewOrganizationsAgreeWithAFineGrid(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, organizations := range []int{10, 15, 29, 60} {
		for _, theta := range []float64{0, .01, .2, 1} {
			for _, level := range []float64{.02, .15, .97} {
				y, n := drawnLeague(random, organizations, level, theta)
				fit, err := FitBetaBinomial(y, n)
				if err != nil || !fit.plausible() {
					t.Fatal(fit.Reasons, err)
				}
				var like betaLikelihood
				for j := range y {
					like.count(y[j], n[j])
				}
				like.finish()
				box := like.box(new(BetaBinomial).maximumLikelihood(&like, float64(like.sumY)/float64(like.sumN)))
				full := like.surface(box, 1<<20).posterior(betaGrid, betaGrid)
				for _, c := range unusual(y, n)[:3] {
					got, err := fit.Organization(c[0], c[1], ShrinkOptions{Cuts: []float64{level}})
					if err != nil {
						t.Fatal(err)
					}
					name := fmt.Sprintf("%d organizations, level %v, theta %v, %d of %d", organizations, level, theta, c[0], c[1])
					all := newBetaMixture(full, c[0], c[1], got.PosteriorMean.Value, got.SD.Value)
					wantInterval(t, name+": interval", got.CI, [2]float64{all.quantile(.025), all.quantile(.975)}, 4e-3*got.SD.Value)
					wantNumber(t, name+": P above", got.PAbove[0], betaMixtureAbove(full, c[0], c[1], level), 5e-4)
				}
			}
		}
	}
}
