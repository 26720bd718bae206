package stat

import (
	"reflect"
	"testing"
)

// Two routes: the values one by one, and their summary.
func TestTheMeanOfASummaryHasTheBitsOfThatOfItsValues(t *testing.T) {
	stream := NewStream(11, "mean", 0)
	for n := range 60 {
		values, weight := make([]float64, n), make([]Contribution, n)
		for i := range values {
			values[i] = 1 + 6*stream.Float64()
			if n%7 == 6 {
				values[i] = 4
			}
			weight[i] = Contribution{N: 1, W: 1, WY: values[i], W2: 1}
		}
		summary := Summary{}
		if summaries, err := ValueSummaries(values, make([]int32, n)); err != nil {
			t.Fatal(err)
		} else if n > 0 {
			summary = summaries[0]
		}
		want, err := WeightedMean(weight, nil, .95)
		if err != nil {
			t.Fatal(err)
		}
		got, err := SummaryMean(summary, .95)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d values: %+v, want %+v", n, got, want)
		}
	}
	if _, err := SummaryMean(Summary{N: 3}, 1.5); err == nil {
		t.Error("a confidence of 1.5 was accepted")
	}
}
