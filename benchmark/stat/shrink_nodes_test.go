package stat

import (
	"math"
	"testing"
)

// drawnScores draws scores of organizations with a mean reliability.
func drawnScores(organizations int, lambda float64) (y, s2 []float64) {
	stream := NewStream(uint64(organizations), "nodes", 0)
	y, s2 = make([]float64, organizations), make([]float64, organizations)
	for j := range y {
		s2[j] = .01 * (1 - lambda) / lambda * (.5 + stream.Float64())
		y[j] = .5 + .1*stream.Normal() + math.Sqrt(s2[j])*stream.Normal()
	}
	return y, s2
}

func TestAFewNodesStandForTheWholeGrid(t *testing.T) {
	options, compressed := ShrinkOptions{Conf: .95, Cuts: []float64{.65, .5, .4}}, 0
	for _, organizations := range []int{10, 30, 100, 300, 1000, 3000, 10000} {
		for _, lambda := range []float64{.2, .6, .95} {
			nodes := newNormalPosterior(drawnScores(organizations, lambda))
			grid := *nodes
			grid.nodes = grid.grid
			if len(nodes.nodes) < len(grid.grid) {
				compressed++
			}
			few, all := newMixture(len(nodes.nodes)), newMixture(len(grid.grid))
			for j := 0; j < organizations; j += 1 + organizations/200 {
				got, want := nodes.organization(j, few, options), grid.organization(j, all, options)
				sd := want.SD.Value
				wantClose(t, "mean", got.PosteriorMean.Value, want.PosteriorMean.Value, 1e-8*sd)
				wantClose(t, "sd", got.SD.Value, sd, 1e-7*sd)
				wantInterval(t, "interval", got.CI, [2]float64{want.CI.Lower, want.CI.Upper}, 1e-7*sd)
				for c := range options.Cuts {
					wantNumber(t, "P above", got.PAbove[c], want.PAbove[c].Value, 1e-8)
				}
			}
		}
	}
	if compressed < 8 {
		t.Errorf("only %d of 21 leagues need fewer nodes than the grid has points", compressed)
	}
}

// Abramowitz and Stegun, table 25.4: the nodes of Gauss and Legendre for three
// points, here those of many equal weights.
func TestTheNodesOfEqualWeightsAreThoseOfLegendre(t *testing.T) {
	x, weights := make([]float64, 20000), make([]float64, 20000)
	for i := range x {
		x[i], weights[i] = (float64(i)+.5)/10000-1, 1./20000
	}
	at, shares := gaussNodes(x, weights, 3)
	for i, want := range [3][2]float64{{-.774596669241483, 5. / 18}, {0, 8. / 18}, {.774596669241483, 5. / 18}} {
		wantClose(t, "node", at[i], want[0], 1e-7)
		wantClose(t, "weight", shares[i], want[1], 1e-7)
	}
}

func TestOnlyPointsThatWouldBeDroppedAreNotEvaluated(t *testing.T) {
	p := newNormalPosterior(drawnScores(3000, .6))
	step := 3 * p.sd() / gridPoints
	wantClose(t, "step", step, 3*math.Sqrt(variance(p.y))/gridPoints, 1e-13)
	best, found := math.Inf(-1), 0
	for i := range gridPoints {
		best = max(best, p.at((float64(i)+.5)*step).weight)
	}
	for i := range gridPoints {
		if p.at((float64(i)+.5)*step).weight > best+math.Log(gridDrop) {
			if got := p.grid[found].tau; got != (float64(i)+.5)*step {
				t.Fatalf("point %d of the grid is %v", i, got)
			}
			found++
		}
	}
	if found != len(p.grid) {
		t.Errorf("%d points, want %d", len(p.grid), found)
	}
}

func TestTheRestrictedMaximumIsWhereTheSlopeIsNought(t *testing.T) {
	for _, organizations := range []int{12, 500, 4000} {
		p := newNormalPosterior(drawnScores(organizations, .6))
		at := p.at(math.Sqrt(p.tau2REML)).weight
		for _, beside := range []float64{1 - 1e-4, 1 + 1e-4} {
			if p.at(math.Sqrt(p.tau2REML*beside)).weight > at {
				t.Errorf("%d organizations: more likely at %v tau^2", organizations, beside)
			}
		}
		difference := (p.at(math.Sqrt(p.tau2REML*1.001)).weight - p.at(math.Sqrt(p.tau2REML*.999)).weight) / (.002 * p.tau2REML)
		steep := (p.slope(p.tau2REML*1.001) - p.slope(p.tau2REML*.999)) / 2
		if math.Abs(difference) > .01*math.Abs(steep) || math.Abs(p.slope(p.tau2REML)) > 1e-6*math.Abs(steep) {
			t.Errorf("%d organizations: slope %v, by differences %v", organizations, p.slope(p.tau2REML), difference)
		}
	}
}
