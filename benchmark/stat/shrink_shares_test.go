package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

type shrunkCase struct {
	Y, N                              []int
	Cuts                              []float64
	Mu, Theta, LogLik, VGAM, Binomial float64
	Organizations                     []struct {
		Y, N                   int
		Mean, SD, Lower, Upper float64
		Above                  []float64
		Plugin                 float64
		PluginLower            float64   `json:"plugin_lower"`
		PluginAbove            []float64 `json:"plugin_above"`
	}
}

type shrunkOracle struct {
	Rat   struct{ Y, N []int }
	Cases []shrunkCase
}

// R: testdata/r/shrink_shares.R, optim and VGAM, own grid twice as fine.
func TestShrinkSharesAgreesWithAGridTwiceAsFine(t *testing.T) {
	var oracle shrunkOracle
	readOracle(t, "shrink_shares", &oracle)
	for _, c := range oracle.Cases {
		fit, err := FitBetaBinomial(c.Y, c.N)
		if err != nil {
			t.Fatal(err)
		}
		wantNumber(t, "mu_ml", fit.MuML, c.Mu, 1e-3*c.Mu)
		wantNumber(t, "theta_ml", fit.ThetaML, c.Theta, 1e-3*c.Theta)
		wantNumber(t, "loglik_ml", fit.LogLikML, c.LogLik, 1e-6)
		wantNumber(t, "loglik of VGAM", fit.LogLikML, c.VGAM, 1e-4)
		wantNumber(t, "loglik_binomial", fit.LogLikBinomial, c.Binomial, 1e-9)
		for _, want := range c.Organizations {
			got, err := fit.Organization(want.Y, want.N, ShrinkOptions{Cuts: c.Cuts})
			if err != nil {
				t.Fatal(err)
			}
			wantNumber(t, "mean", got.PosteriorMean, want.Mean, 1e-4)
			wantNumber(t, "sd", got.SD, want.SD, 1e-4)
			wantInterval(t, "interval", got.CI, [2]float64{want.Lower, want.Upper}, 1e-4)
			wantNumber(t, "plugin mean", got.PosteriorMeanPlugin, want.Plugin, 1e-4)
			wantClose(t, "plugin lower", got.CIPlugin.Lower, want.PluginLower, 1e-4)
			for i := range c.Cuts {
				wantNumber(t, "P above", got.PAbove[i], want.Above[i], 1e-4)
				wantNumber(t, "P above, plug-in", got.PAbovePlugin[i], want.PluginAbove[i], 1e-3)
			}
		}
	}
}

// Published: BDA3, section 5.3: E(alpha) = 2.4, E(beta) = 14.3 on the grid
// log(alpha/beta) in [-2.3, -1.3], log(alpha+beta) in [1, 5].
func TestRatTumoursOfBDA3(t *testing.T) {
	var oracle shrunkOracle
	readOracle(t, "shrink_shares", &oracle)
	if len(oracle.Rat.Y) != 71 || len(oracle.Rat.N) != 71 {
		t.Fatalf("table 5.1 has 71 groups, not %d", len(oracle.Rat.Y))
	}
	var like betaLikelihood
	for j, y := range oracle.Rat.Y {
		like.count(y, oracle.Rat.N[j])
	}
	like.finish()
	top := like.at(.14, 1./16)
	var alpha, beta, total float64
	const size = 200
	for i := range size * size {
		ratio := math.Exp(-2.3 + (float64(i/size)+.5)/size)
		sum := math.Exp(1 + 4*(float64(i%size)+.5)/size)
		a := sum * ratio / (1 + ratio)
		b := sum - a
		w := math.Exp(like.at(a/sum, 1/sum)-top) * math.Pow(sum, -2.5) * a * b
		alpha, beta, total = alpha+w*a, beta+w*b, total+w
	}
	wantClose(t, "E(alpha)", alpha/total, 2.4, .05)
	wantClose(t, "E(beta)", beta/total, 14.3, .05)
	// The product's own grid over (mu, s) is not cut off at log(alpha+beta) = 5,
	// so its mean of alpha+beta may only be larger.
	fit, err := FitBetaBinomial(oracle.Rat.Y, oracle.Rat.N)
	if err != nil {
		t.Fatal(err)
	}
	var own, mass float64
	for _, r := range fit.rows {
		if m := 1 / r.theta; m < math.Exp(5) {
			own += r.mu * m
			mass += r.weight
		}
	}
	wantClose(t, "E(alpha) over (mu, s)", own/mass, alpha/total, .05)
}

func TestShareModelOfHugeOrganizationsKeepsItsDigits(t *testing.T) {
	y, n := make([]int, 40), make([]int, 40)
	for j := range y {
		n[j] = 20000
		y[j] = 12000 + 10*(j%5) - 20
	}
	fit, err := FitBetaBinomial(y, n)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(fit.Reasons, []Reason{BoundaryEstimate, NoDetectableDifference}) {
		t.Errorf("under-dispersed shares: %v, theta %v", fit.Reasons, fit.ThetaML)
	}
	wantNumber(t, "loglik", fit.LogLikML, fit.LogLikBinomial.Value, 0)
	got, err := fit.Organization(y[0], n[0], ShrinkOptions{Cuts: []float64{.6}})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "mean", got.PosteriorMean, .6, .001)
	wantNumber(t, "plugin mean", got.PosteriorMeanPlugin, .6, 1e-12)
	wantNoNaN(t, "share", got)
}

// Two routes: the closed form of a long tail against the sum of its terms.
func TestTailOfALongRunAgreesWithItsTerms(t *testing.T) {
	for _, theta := range []float64{1e-9, 1e-5, .001, .05, 1, 10} {
		for _, base := range []float64{1e-6, .03, .5, 1} {
			for _, to := range []int{101, 150, 3000, 40000} {
				var want Sum
				for i := range to {
					want.Add(math.Log(base + float64(i)*theta))
				}
				got := sumLogs([]betaRun{{0, to, 1}}, base, theta)
				wantClose(t, "sum of logarithms", got, want.Value(), 1e-10*max(1, math.Abs(want.Value())))
			}
		}
	}
}

func TestShrinkSharesSaysWhyItCanNot(t *testing.T) {
	same := func(v int) []int { return slices.Repeat([]int{v}, 12) }
	mixed := []int{0, 20, 0, 20, 20, 0, 0, 20, 0, 20, 20, 0}
	tests := []struct {
		name   string
		y, n   []int
		reason Reason
	}{
		{"nothing", nil, nil, NoValidAnswers},
		{"no answers", []int{0, 0}, []int{0, 0}, NoValidAnswers},
		{"one organization", []int{3, 0}, []int{5, 0}, OneOrganization},
		{"one answer each", []int{0, 1, 1}, []int{1, 1, 1}, NoReplication},
		{"two organizations", []int{3, 9}, []int{10, 10}, FewOrganizations},
		{"everybody", same(20), same(20), NoDetectableDifference},
		{"nobody", same(0), same(20), NoDetectableDifference},
		{"equal shares", same(10), same(20), BoundaryEstimate},
		{"organizations of one mind each", mixed, same(20), BoundaryEstimate},
	}
	for _, test := range tests {
		s, err := ShrinkShares(test.y, test.n, ShrinkOptions{Cuts: []float64{-1, 0, .5, 1}})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if !slices.Contains(s.Model.Reasons, test.reason) {
			t.Errorf("%s: %v, want %s", test.name, s.Model.Reasons, test.reason)
		}
		wantNoNaN(t, test.name, s)
	}
	for _, bad := range [][2][]int{{{2}, {1}}, {{-1}, {1}}, {{1}, {}}} {
		if _, err := ShrinkShares(bad[0], bad[1], ShrinkOptions{}); err == nil {
			t.Errorf("%v of %v was accepted", bad[0], bad[1])
		}
	}
}

func TestAgreementAndDisagreementAreMirrorImages(t *testing.T) {
	n := []int{10, 20, 15, 30, 12, 25, 18, 22, 40, 16}
	y := []int{3, 9, 10, 12, 2, 20, 9, 5, 21, 8}
	other := make([]int, len(y))
	for j := range y {
		other[j] = n[j] - y[j]
	}
	a, err := ShrinkShares(y, n, ShrinkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := ShrinkShares(other, n, ShrinkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for j := range y {
		wantNumber(t, "mean", b.PerOrganization[j].PosteriorMean, 1-a.PerOrganization[j].PosteriorMean.Value, 1e-8)
		wantClose(t, "limit", b.PerOrganization[j].CI.Lower, 1-a.PerOrganization[j].CI.Upper, 1e-6)
	}
}

func betaBenchmarkData(organizations int) (y, n []int) {
	s := NewStream(1, "benchmark", organizations)
	y, n = make([]int, organizations), make([]int, organizations)
	for j := range y {
		n[j] = 15 + s.IntN(60)
		p := s.Beta(6, 4)
		for range n[j] {
			if s.Float64() < p {
				y[j]++
			}
		}
	}
	return y, n
}

func TestTheSmallGridHasTheMeansOfTheFullOne(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, organizations := range []int{30, 100, 1000} {
		for _, theta := range []float64{0, .002, .02, .1, .5, 2} {
			var like betaLikelihood
			y, n := make([]int, organizations), make([]int, organizations)
			level := .05 + .9*random.Float64()
			for j := range y {
				p := min(max(level+random.NormFloat64()*math.Sqrt(theta*level*(1-level)/(1+theta)), .001), .999)
				n[j] = 5 + random.IntN(100)
				for range n[j] {
					if random.Float64() < p {
						y[j]++
					}
				}
				like.count(y[j], n[j])
			}
			like.finish()
			box := like.box(new(BetaBinomial).maximumLikelihood(&like, float64(like.sumY)/float64(like.sumN)))
			full, small := betaSurface{like: &like, box: box}.posteriorRows(betaGrid, betaGrid), like.surface(box, smallS*smallMu).posteriorRows(smallS, smallMu)
			for j := range 10 {
				mean, sd := betaMoments(full, y[j], n[j])
				gotMean, gotSD := betaMoments(small, y[j], n[j])
				if math.Abs(gotMean-mean) > 1e-6*sd || math.Abs(gotSD-sd) > 1e-6*sd {
					t.Errorf("%d organizations, theta %v: mean %v and %v, sd %v and %v", organizations, theta, gotMean, mean, gotSD, sd)
				}
			}
		}
	}
}

func BenchmarkFitBetaBinomialHundredOrganizations(b *testing.B) {
	y, n := betaBenchmarkData(100)
	for b.Loop() {
		if _, err := FitBetaBinomial(y, n); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFitBetaBinomialTenThousandOrganizations(b *testing.B) {
	y, n := betaBenchmarkData(10000)
	for b.Loop() {
		if _, err := FitBetaBinomial(y, n); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkShareOfOneOrganization(b *testing.B) {
	y, n := betaBenchmarkData(100)
	fit, err := FitBetaBinomial(y, n)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		fit.organization(y[0], n[0], ShrinkOptions{Conf: .95, Cuts: []float64{.6}})
	}
}

// Organizations that are alike: the spread of shares may be nought.
func BenchmarkShareOfOneOfManyAlike(b *testing.B) {
	y, n := drawnLeague(rand.New(rand.NewPCG(1, 2)), 10000, .6, 0)
	fit, err := FitBetaBinomial(y, n)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		fit.organization(y[0], n[0], ShrinkOptions{Conf: .95, FullOnly: true})
	}
}
