package stat

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"testing"
)

// R: testdata/r/ranks.R, expected ranks from the matrix of P(th_i > th_j).
func TestRanksAgreeWithTheMatrixOfProbabilities(t *testing.T) {
	var oracle struct{ Y, S2, Expected, Lower, Upper, Decile, Quarter []float64 }
	readOracle(t, "ranks", &oracle)
	r, err := Ranks(oracle.Y, oracle.S2, RankOptions{Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for j, got := range r.PerOrganization {
		wantNumber(t, "expected_rank", got.ExpectedRank, oracle.Expected[j], 0.2)
		wantInterval(t, "rank_ci", got.CI, [2]float64{oracle.Lower[j], oracle.Upper[j]}, 1)
		wantNumber(t, "p_top_decile", got.PTopDecile, oracle.Decile[j], 0.015)
		wantNumber(t, "p_top_quarter", got.PTopQuarter, oracle.Quarter[j], 0.015)
		sum += got.ExpectedRank.Value
	}
	wantClose(t, "sum of expected ranks", sum, 30*31/2, 1e-9)
}

func TestRanksDoNotDependOnTheNumberOfCores(t *testing.T) {
	y, s2 := make([]float64, 25), make([]float64, 25)
	for j := range y {
		y[j], s2[j] = float64(j*j%11)/20, 0.002+0.0001*float64(j)
	}
	encode := func() []byte {
		r, err := Ranks(y, s2, RankOptions{Seed: 9, Draws: 1000})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	many := encode()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one := encode(); !bytes.Equal(one, many) {
		t.Error("one core and several give different ranks")
	}
}

func TestRankerSharesRanksOfEqualValuesAndOrdersSigns(t *testing.T) {
	x := []float64{-2, 3, 0.5, 3, -0.25, 0, 0.5, 0.5}
	got := make([]int, len(x))
	newRanker(len(x)).rank(x, func(j, doubled int) { got[j] = doubled })
	want := []int{14, 1, 6, 1, 12, 10, 6, 6}
	if !slices.Equal(got, want) {
		t.Errorf("doubled ranks %v, want %v", got, want)
	}
}

func TestRanksAreWithheldWhereTheyCanNotBeKnown(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name   string
		n      int
		reason Reason
	}{{"none", 0, NoValidAnswers}, {"one", 1, OneOrganization}, {"nine", 9, FewOrganizations}}
	for _, test := range tests {
		y, s2 := []float64{nan}, []float64{nan}
		for j := range test.n {
			y, s2 = append(y, float64(j)), append(s2, 1)
		}
		r, err := Ranks(y, s2, RankOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.Reasons, []Reason{test.reason}) || r.PerOrganization[0].CI != nil {
			t.Errorf("%s: %v with %v", test.name, r.Reasons, r.PerOrganization)
		}
		wantNoNaN(t, test.name, r)
	}
	flat, err := Ranks(slices.Repeat([]float64{.5}, 20), slices.Repeat([]float64{.01}, 20), RankOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "expected rank without any difference", flat.PerOrganization[3].ExpectedRank, 10.5, 0.2)
	exact, err := Ranks([]float64{1, 2, 3, 4, 5, 5, 7, 8, 9, 10}, make([]float64, 10), RankOptions{Seed: 1, Draws: 50})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "shared rank", exact.PerOrganization[4].ExpectedRank, 5.5, 0)
	wantInterval(t, "certain rank", exact.PerOrganization[0].CI, [2]float64{10, 10}, 0)
}

func BenchmarkRanksThousandOrganizations(b *testing.B) {
	stream := NewStream(1, "benchmark", 0)
	y, s2 := make([]float64, 1000), make([]float64, 1000)
	for j := range y {
		y[j], s2[j] = .5+.1*stream.Normal(), .003
	}
	for b.Loop() {
		if _, err := Ranks(y, s2, RankOptions{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestASummaryOfRanksIsThatOfTheSortedDraws(t *testing.T) {
	stream := NewStream(1, "test", 0)
	for _, organizations := range []int{10, 127, 128, 129, 1000, 40_000} {
		parts := make([]int, organizations*2/rankPart+1)
		for _, draws := range []int{1, 2, 39, 40, 41, 400} {
			ranks := make([]uint32, draws)
			for b := range ranks {
				ranks[b] = uint32(min(float64(2*organizations-2), math.Abs(stream.Normal())*float64(organizations)))
			}
			got := summarizeRanks(ranks, parts, organizations, 0.95)
			slices.Sort(ranks)
			at := func(p float64) float64 { return 1 + float64(ranks[int(math.Ceil(p*float64(draws)-1e-9))-1])/2 }
			within := func(k int) float64 {
				n, _ := slices.BinarySearch(ranks, uint32(2*k-1))
				return float64(n) / float64(draws)
			}
			if got.CI.Lower != at(.025) || got.CI.Upper != at(.975) {
				t.Errorf("%d draws of %d: %v, want %v to %v", draws, organizations, got.CI, at(.025), at(.975))
			}
			wantNumber(t, "top decile", got.PTopDecile, within((organizations+9)/10), 0)
			wantNumber(t, "top quarter", got.PTopQuarter, within((organizations+3)/4), 0)
		}
	}
}

func TestRanksOfManyOrganizationsAreDrawnLessOften(t *testing.T) {
	y := make([]float64, fewRanked+1)
	for j := range y {
		y[j] = float64(j%97) / 97
	}
	many, err := Ranks(y, slices.Repeat([]float64{.001}, len(y)), RankOptions{Seed: 3, Draws: 12})
	if err != nil {
		t.Fatal(err)
	}
	var sum Sum
	for _, o := range many.PerOrganization {
		sum.Add(o.ExpectedRank.Value)
	}
	n := float64(len(y))
	wantClose(t, "sum of expected ranks", sum.Value(), n*(n+1)/2, 1e-6*n*n)
	best, worst := many.PerOrganization[96], many.PerOrganization[0]
	if best.CI.Upper >= worst.CI.Lower || worst.CI.Upper > n || best.CI.Lower < 1 {
		t.Errorf("the best stands at %v, the worst at %v", best.CI, worst.CI)
	}
	if _, err := Ranks(make([]float64, MostRanked+1), slices.Repeat([]float64{1}, MostRanked+1), RankOptions{}); err == nil {
		t.Error("more organizations than can be ranked are taken")
	}
}

func TestRankerHoldsThePositionOfEachOfManyOrganizations(t *testing.T) {
	const n = 70_000
	x := make([]float64, n)
	for j := range x {
		x[j] = -float64(j * 7919 % n)
	}
	newRanker(n).rank(x, func(j, doubled int) {
		if want := 2 * (j * 7919 % n); doubled != want {
			t.Fatalf("organization %d: %d, want %d", j, doubled, want)
		}
	})
}
