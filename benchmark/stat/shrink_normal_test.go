package stat

import (
	"math"
	"slices"
	"testing"
)

type shrinkCase struct {
	Y, S2, Cuts   []float64
	Organizations []struct {
		Mean, SD, Lower, Upper float64
		Above                  []float64
	}
	Mu, Tau  float64
	Tau2REML float64 `json:"tau2_reml"`
	MuREML   float64 `json:"mu_reml"`
	LogLik   float64
	Lambda   []float64
}

// R: testdata/r/shrink_normal.R, own grid twice as fine, optimize() for REML.
func TestShrinkNormalAgreesWithAGridTwiceAsFine(t *testing.T) {
	var oracle struct{ Cases []shrinkCase }
	readOracle(t, "shrink_normal", &oracle)
	for _, c := range oracle.Cases {
		s, err := ShrinkNormal(c.Y, c.S2, ShrinkOptions{Cuts: c.Cuts})
		if err != nil {
			t.Fatal(err)
		}
		wantNumber(t, "mu", s.Mu, c.Mu, 1e-5)
		wantNumber(t, "tau", s.Tau, c.Tau, 1e-3*c.Tau)
		wantNumber(t, "tau2_reml", s.Tau2REML, c.Tau2REML, 1e-3*c.Tau2REML+1e-12)
		wantNumber(t, "mu_reml", s.MuREML, c.MuREML, 1e-6)
		wantNumber(t, "loglik_reml", s.LogLikREML, c.LogLik, 1e-6)
		for j, want := range c.Organizations {
			got := s.PerOrganization[j]
			wantNumber(t, "posterior mean", got.PosteriorMean, want.Mean, 1e-3*want.SD)
			wantNumber(t, "posterior sd", got.SD, want.SD, 1e-3*want.SD)
			wantInterval(t, "interval", got.CI, [2]float64{want.Lower, want.Upper}, 2e-3*want.SD)
			wantNumber(t, "lambda", got.Lambda, c.Lambda[j], 1e-4)
			for i := range c.Cuts {
				wantNumber(t, "P above", got.PAbove[i], want.Above[i], 1e-3)
			}
		}
	}
}

func TestShrinkNormalOfOrderedOrganizationsChangesNoByte(t *testing.T) {
	y := []float64{.3, .5, .45, .62, .7, .41, .52, .38, .66, .59, .3}
	s2 := []float64{.004, .003, .004, .005, .002, .004, .003, .006, .004, .003, .004}
	a, err := ShrinkNormal(y, s2, ShrinkOptions{Cuts: []float64{.6}})
	if err != nil {
		t.Fatal(err)
	}
	y2, s22 := slices.Clone(y), slices.Clone(s2)
	slices.Reverse(y2)
	slices.Reverse(s22)
	b, err := ShrinkNormal(y2, s22, ShrinkOptions{Cuts: []float64{.6}})
	if err != nil {
		t.Fatal(err)
	}
	for j := range y {
		got := b.PerOrganization[len(y)-1-j]
		wantClose(t, "posterior mean", got.PosteriorMean.Value, a.PerOrganization[j].PosteriorMean.Value, 1e-13)
		wantClose(t, "P", got.PAbove[0].Value, a.PerOrganization[j].PAbove[0].Value, 1e-12)
	}
}

func TestShrinkNormalShiftsAndScalesWithItsScores(t *testing.T) {
	y := []float64{.3, .5, .45, .62, .7, .41, .52, .38, .66, .59}
	s2 := []float64{.004, .003, .004, .005, .002, .004, .003, .006, .004, .003}
	a, _ := ShrinkNormal(y, s2, ShrinkOptions{})
	scaledY, scaledS := slices.Clone(y), slices.Clone(s2)
	for j := range y {
		scaledY[j] = 7 + 100*y[j]
		scaledS[j] *= 10000
	}
	b, err := ShrinkNormal(scaledY, scaledS, ShrinkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for j := range y {
		wantNumber(t, "mean", b.PerOrganization[j].PosteriorMean, 7+100*a.PerOrganization[j].PosteriorMean.Value, 1e-9)
		wantClose(t, "upper", b.PerOrganization[j].CI.Upper, 7+100*a.PerOrganization[j].CI.Upper, 1e-7)
	}
}

func TestShrinkNormalSaysWhyItCanNot(t *testing.T) {
	nan := math.NaN()
	same := slices.Repeat([]float64{.4}, 12)
	some := slices.Repeat([]float64{.01}, 12)
	tests := []struct {
		name   string
		y, s2  []float64
		reason Reason
	}{
		{"nothing", nil, nil, NoValidAnswers},
		{"only organizations without answers", []float64{nan, nan}, []float64{nan, .1}, NoValidAnswers},
		{"one organization", []float64{.4, nan}, []float64{.1, nan}, OneOrganization},
		{"two organizations", []float64{.4, .5}, []float64{.1, .1}, FewOrganizations},
		{"equal scores", same, some, NoDetectableDifference},
		{"equal scores without error", same, make([]float64, 12), NoDetectableDifference},
		{"scores without error", []float64{.1, .2, .3, .4, .5, .6, .7, .8, .9, 1}, make([]float64, 10), ZeroWithinVariance},
	}
	for _, test := range tests {
		s, err := ShrinkNormal(test.y, test.s2, ShrinkOptions{Cuts: []float64{.5}})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if !slices.Contains(s.Reasons, test.reason) {
			t.Errorf("%s: reasons %v, want %s", test.name, s.Reasons, test.reason)
		}
		wantNoNaN(t, test.name, s)
	}
	for _, bad := range [][2][]float64{{{1}, {-1}}, {{1, 2}, {1}}, {{math.Inf(1)}, {1}}} {
		if _, err := ShrinkNormal(bad[0], bad[1], ShrinkOptions{}); err == nil {
			t.Errorf("scores %v with variances %v were accepted", bad[0], bad[1])
		}
	}
}

func TestScoresWithoutErrorStandAsTheyAre(t *testing.T) {
	y := []float64{.1, .2, .3, .4, .5, .6, .7, .8, .9, 1}
	s, err := ShrinkNormal(y, make([]float64, 10), ShrinkOptions{Cuts: []float64{.55}})
	if err != nil {
		t.Fatal(err)
	}
	for j, v := range y {
		wantNumber(t, "mean", s.PerOrganization[j].PosteriorMean, v, 1e-15)
		wantNumber(t, "P", s.PerOrganization[j].PAbove[0], map[bool]float64{true: 1, false: 0}[v > .55], 0)
	}
}

func BenchmarkShrinkNormalTenThousandOrganizations(b *testing.B) {
	stream := NewStream(1, "benchmark", 0)
	y, s2 := make([]float64, 10000), make([]float64, 10000)
	for j := range y {
		s2[j] = .09 / (15 + 60*stream.Float64())
		y[j] = .5 + .1*stream.Normal() + math.Sqrt(s2[j])*stream.Normal()
	}
	for b.Loop() {
		if _, err := ShrinkNormal(y, s2, ShrinkOptions{Cuts: []float64{.65, .55, .45}}); err != nil {
			b.Fatal(err)
		}
	}
}
