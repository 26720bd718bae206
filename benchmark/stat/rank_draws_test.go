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
