package stat

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

// The decomposition of the textbook, in two passes over everybody.
func TestTheAnalysisOfVarianceByRunsIsThatOfAllOrganizations(t *testing.T) {
	stream := NewStream(3, "runs", 0)
	for _, organizations := range []int{1, 63, 64, 65, 1000} {
		summaries := make([]Summary, organizations)
		var n, sum, ssb, ssw, sizes float64
		for j := range summaries {
			if j%7 != 3 {
				summaries[j] = Summary{N: 1 + stream.IntN(90), Mean: 5 + .2*stream.Normal(), SS: 30 * stream.Float64()}
			}
			n, sum = n+float64(summaries[j].N), sum+float64(summaries[j].N)*summaries[j].Mean
		}
		for _, s := range summaries {
			ssb += float64(s.N) * (s.Mean - sum/n) * (s.Mean - sum/n)
			ssw, sizes = ssw+s.SS, sizes+float64(s.N*s.N)
		}
		a := analyse(summaries)
		wantClose(t, "mean", a.mean, sum/n, 1e-13)
		wantClose(t, "between", a.ssb, ssb, 1e-11*(1+ssb))
		wantClose(t, "within", a.ssw, ssw, 1e-11*ssw)
		if organizations > 1 {
			wantClose(t, "n0", a.n0, (n-sizes/n)/float64(a.organizations-1), 1e-11*n)
		}
	}
}

func TestWhatIsKeptOfRunsChangesNoDigit(t *testing.T) {
	stream := NewStream(4, "runs", 0)
	const organizations, roles = 200, 3
	table, index, summaries := NewICCTable(organizations), NewIndexTable(organizations, roles), make([]Summary, organizations)
	cells := drawnCells(stream, organizations, roles)
	for j := range cells {
		copy(index.Cells(j), cells[j])
	}
	for range 50 {
		for range stream.IntN(4) {
			j := stream.IntN(organizations)
			summaries[j] = Summary{N: stream.IntN(30), Mean: stream.Float64(), SS: stream.Float64()}
			table.Set(j, summaries[j])
			cells[j][stream.IntN(roles)].Add(stream.Float64())
			copy(index.Cells(j), cells[j])
			index.Changed(j)
		}
		got, _ := table.ICC(.95)
		if want, _ := ICC(summaries, .95); !reflect.DeepEqual(got, want) {
			t.Fatalf("ICC %+v, want %+v", got, want)
		}
		kept, _ := index.Scores([]float64{.5, .3, .2})
		if anew, _ := tableOf(cells, roles).Scores([]float64{.5, .3, .2}); !sameFloats(kept.Y, anew.Y) || !sameFloats(kept.S2, anew.S2) {
			t.Fatal("the scores are other ones")
		}
	}
}

// The weight of a respondent as methods have it: mix_r n_j/n_jr, clipped.
func TestWhatARoleWeighsIsWhatItsRespondentsWeigh(t *testing.T) {
	stream := NewStream(5, "weights", 0)
	for range 20000 {
		mix, roles := []float64{stream.Float64(), .5 * stream.Float64(), float64(stream.IntN(2)) * stream.Float64()}, make([]Moments, 3)
		var n, present float64
		for r := range roles {
			for range stream.IntN(3) * stream.IntN(20) {
				roles[r].Add(stream.Float64())
			}
			n += float64(roles[r].N)
			if roles[r].N > 0 {
				present += mix[r]
			}
		}
		var weight, squares, total float64
		for r, m := range roles {
			a := 1.0
			if present > 0 {
				a = mix[r] / present * n / float64(m.N)
			}
			if a = min(max(a, roleWeightLow), roleWeightHigh); m.N > 0 {
				weight, squares, total = weight+a*float64(m.N), squares+a*a*float64(m.N), total+a*m.Sum
			}
		}
		var score roleScore
		if score.weigh(roles, mix); n > 0 {
			wantClose(t, "index", score.index, total/weight, 1e-14)
			wantClose(t, "people", score.nStar, weight*weight/squares, 1e-13*n)
		}
	}
}

func TestOrganizationsWithoutAScoreChangeNothingForTheOthers(t *testing.T) {
	y, s2 := drawnScores(1500, .8)
	before := slices.Clone(y)
	all, err := FitNormal(y, s2)
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	some, err := FitNormal(append([]float64{nan}, append(slices.Clone(y), nan)...), append([]float64{.1}, append(slices.Clone(s2), nan)...))
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsNaN(some.Mean(0)) || !math.IsNaN(some.Mean(1501)) {
		t.Error("nobody has a mean")
	}
	eligible := slices.Repeat([]bool{true}, 1502)
	cuts := all.MakeCuts(eligible)
	if got := some.MakeCuts(eligible); !reflect.DeepEqual(got, cuts) {
		t.Errorf("cuts %+v, want %+v", got, cuts)
	}
	one, other := all.Stand(cuts.Cuts, eligible), some.Stand(cuts.Cuts, eligible)
	for j := range y {
		p, own := one.P(j)
		q, its := other.P(j + 1)
		if all.Mean(j) != some.Mean(j+1) || one.Tier(j) != other.Tier(j+1) || one.Call(j) != other.Call(j+1) || p != q || own != its {
			t.Fatalf("organization %d: %v %v, with others %v %v", j, all.Mean(j), p, some.Mean(j+1), q)
		}
	}
	if other.Tier(0) != "" || other.Call(0) != CallInsufficient || !slices.Equal(y, before) {
		t.Error("a tier without a score, or scores that were changed")
	}
}

func TestWhoSurelyStandsSomewhereStandsThereByTheWholeMixture(t *testing.T) {
	for _, organizations := range []int{12, 60, 400, 3000, 20000} {
		for _, lambda := range []float64{.3, .75, .97} {
			y, s2 := drawnScores(organizations, lambda)
			for j := 0; j < organizations; j += 50 {
				y[j] += .4 // far out
			}
			model, err := FitNormal(y, s2)
			if err != nil {
				t.Fatal(err)
			}
			cuts := [3]float64{.13, .05, -.06}
			exact, sure, many := newStandingWork(model.fit), newSureWork(model.fit, cuts), 0
			for j := range y {
				want := exact.slowly(j, &cuts)
				var got [3]float64
				off := sure.above(model.fit.deviation(j), s2[j], &got)
				for c := range cuts {
					if math.Abs(got[c]-want[c]) > off {
						t.Fatalf("%d organizations, reliability %v: %v above cut %d, want %v within %v", organizations, lambda, got[c], c, want[c], off)
					}
				}
				place, ok := sure.place(model.fit.deviation(j), s2[j])
				if best := (standingPlace{int8(bestOf(&want)), int8(callOf(want[0]))}); ok && place != best {
					t.Fatalf("%d organizations, reliability %v: place %v of %v, want %v", organizations, lambda, place, want, best)
				}
				many += one(ok)
			}
			if organizations == 20000 && lambda > tierMinReliability && many < organizations*4/5 {
				t.Errorf("reliability %v: only %d are sure", lambda, many)
			}
		}
	}
}
