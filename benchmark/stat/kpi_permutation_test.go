package stat

import (
	"math"
	"slices"
	"testing"
)

func TestMedianPermutationCountsAllArrangementsOfASmallTable(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7}
	chosen := []bool{false, false, false, false, true, true, true}
	got, err := PermuteMedians(x, chosen, PermutationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// Medians 6 and 2.5. By hand: of the 35 choices of three, only {5,6,7} (3.5),
	// {4,6,7} (6 - 2.5), {1,6,7} .. with median 6 and the mirror images with
	// median 2 reach a difference of 3.5.
	count := 0
	for a := range 7 {
		for b := a + 1; b < 7; b++ {
			for c := b + 1; c < 7; c++ {
				rest := slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return v == x[a] || v == x[b] || v == x[c] })
				if math.Abs(x[b]-(rest[1]+rest[2])/2) >= 3.5 {
					count++
				}
			}
		}
	}
	wantNumber(t, "difference", got.Difference, 3.5, 1e-15)
	wantNumber(t, "p", got.P, float64(count)/35, 1e-15)
	if !got.Exact || got.Replicates != 35 || got.Seed != nil {
		t.Errorf("%+v", got)
	}
}

func TestRandomArrangementsAgreeWithAllOfThem(t *testing.T) {
	s := NewStream(1, "medians", 0)
	x, chosen := make([]float64, 20), make([]bool, 20)
	for j := range x {
		x[j], chosen[j] = s.Normal(), j < 5
		if chosen[j] {
			x[j]++
		}
	}
	exact, err := PermuteMedians(x, chosen, PermutationOptions{}) // 15,504 arrangements
	if err != nil {
		t.Fatal(err)
	}
	values, side, _ := permutable(x, chosen)
	order := allItems(20)
	slices.SortFunc(order, func(a, b int) int {
		if values[a] < values[b] {
			return -1
		}
		return 1
	})
	in := make([]bool, 20)
	statistic := func(members []int) float64 {
		clear(in)
		for _, j := range members {
			in[j] = true
		}
		return medianOf(values, order, in, true, len(members)) - medianOf(values, order, in, false, 20-len(members))
	}
	bound := math.Abs(statistic(side)) - permutationSlip
	hits := randomHits(NewStream(2, "medians", 0), 20, 5, 20000, func(chosen []int) bool { return math.Abs(statistic(chosen)) >= bound })
	wantNumber(t, "p", exact.P, float64(hits)/20000, .01)
}

func TestMedianPermutationSaysWhyItCanNot(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name   string
		x      []float64
		chosen []bool
		reason Reason
	}{
		{"nothing", nil, nil, NoValidAnswers},
		{"nobody chosen", []float64{1, 2, 3}, make([]bool, 3), NoValidAnswers},
		{"chosen without value", []float64{nan, 2, 3}, []bool{true, false, false}, NoValidAnswers},
		{"two chosen", []float64{1, 2, 3, 4, 5}, []bool{true, true, false, false, false}, SmallTier},
		{"all equal", []float64{1, 1, 1, 1, 1, 1}, []bool{true, true, true, false, false, false}, ZeroVariance},
	}
	for _, test := range tests {
		got, err := PermuteMedians(test.x, test.chosen, PermutationOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got.P.Valid || !slices.Equal(got.Reasons, []Reason{test.reason}) {
			t.Errorf("%s: %+v", test.name, got)
		}
		wantNoNaN(t, test.name, got)
	}
	if _, err := PermuteMedians([]float64{math.Inf(1)}, []bool{true}, PermutationOptions{}); err == nil {
		t.Error("an infinite value was accepted")
	}
}
