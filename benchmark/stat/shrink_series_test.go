package stat

import (
	"fmt"
	"math"
	"testing"
)

func TestTheSeriesOfTheLikelihoodIsTheSumOverAllOrganizations(t *testing.T) {
	for _, organizations := range []int{260, 3000, 20000} {
		for _, lambda := range []float64{.02, .6, .99} {
			p := newNormalPosterior(drawnScores(organizations, lambda))
			if p.series == nil {
				t.Fatalf("%d organizations have no series", organizations)
			}
			for _, share := range []float64{-1, -.6, -.01, 0, .3, 1} {
				t2 := p.series.around + float64(share*seriesReach*p.series.least)
				if t2 <= 0 {
					continue
				}
				tau, what := math.Sqrt(t2), fmt.Sprintf("%d organizations, reliability %v, %v of the reach: ", organizations, lambda, share)
				got, want := p.series.at(tau), p.at(tau)
				wantClose(t, what+"log density", got.weight, want.weight, 1e-13*math.Abs(want.weight)+1e-10)
				wantClose(t, what+"mean", got.mean, want.mean, 1e-12*math.Sqrt(want.variance))
				wantClose(t, what+"variance", got.variance, want.variance, 1e-13*want.variance)
				scale := float64(organizations) / (p.series.least)
				wantClose(t, what+"slope", p.series.slope(t2), p.slope(t2), 1e-13*scale)
			}
		}
	}
}

func TestTheSeriesIsNotAskedBeyondItsReach(t *testing.T) {
	p := newNormalPosterior(drawnScores(3000, .6))
	for _, c := range []struct {
		t2   float64
		want bool
	}{
		{p.series.around, true}, {p.series.around + .999*seriesReach*p.series.least, true}, {p.series.around - .999*seriesReach*p.series.least, true},
		{p.series.around + 1.001*seriesReach*p.series.least, false}, {0, false}, {math.Inf(1), false}, {math.NaN(), false},
	} {
		if got := p.series.reaches(c.t2); got != c.want {
			t.Errorf("reaches(%v) = %v", c.t2, got)
		}
	}
	var none *likelihoodSeries
	if none.reaches(1) {
		t.Error("no series reaches somewhere")
	}
}

// Whether organizations of one variance are put together or not is a matter of time
// alone.
func TestOrganizationsOfOneVarianceMayStandAlone(t *testing.T) {
	y, s2 := drawnScores(3000, .6)
	for j := range s2 {
		s2[j] = math.Ceil(s2[j]*1e5) * 1e-5 // about a thousand variances
	}
	together := newNormalPosterior(append([]float64{}, y...), append([]float64{}, s2...))
	if together.groups == nil {
		t.Fatal("the variances are too many to be put together")
	}
	alone := *together
	alone.groups, alone.series = nil, nil
	for _, tau := range []float64{0, .05, .1, .3} {
		got, want := alone.at(tau), together.at(tau)
		wantClose(t, "log density", got.weight, want.weight, 1e-9)
		wantClose(t, "mean", got.mean, want.mean, 1e-14)
		wantClose(t, "slope", alone.slope(tau*tau), together.slope(tau*tau), 1e-10*3000/.001)
	}
}
