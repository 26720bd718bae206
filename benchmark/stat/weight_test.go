package stat

import (
	"math"
	"slices"
	"testing"
)

// R: testdata/r/weights.R, survey::rake and survey::postStratify.
func TestRakingAgreesWithSurvey(t *testing.T) {
	var oracle struct {
		Role, Size     []int32
		Base           []float64
		RoleTarget     []float64 `json:"role_target"`
		SizeTarget     []float64 `json:"size_target"`
		Raked          []float64
		PostStratified []float64
		DeffKish       float64 `json:"deff_kish"`
		NEff           float64 `json:"n_eff"`
	}
	readOracle(t, "weights", &oracle)
	role := Margin{"role", oracle.Role, oracle.RoleTarget}
	size := Margin{"size", oracle.Size, oracle.SizeTarget}
	got, err := Rake(oracle.Base, []Margin{role, size}, TrimNone)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range oracle.Raked {
		wantClose(t, "raked weight", got.Weights[i], want, 1e-9)
	}
	wantNumber(t, "deff_kish_weight", got.DeffKish, oracle.DeffKish, 1e-9)
	wantNumber(t, "n_eff_kish", got.NEffKish, oracle.NEff, 1e-7)
	for h, want := range oracle.SizeTarget {
		wantClose(t, "achieved", got.Achieved[1][h], want, 1e-9)
	}
	post, err := PostStratify(oracle.Base, role)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range oracle.PostStratified {
		wantClose(t, "post-stratified weight", post.Weights[i], want, 1e-9)
	}
	wantNoNaN(t, "weights", got)
}

func TestRakingToTheMarginsAsTheyAreChangesNothing(t *testing.T) {
	category := []int32{0, 0, 1, 1, 1, 2}
	got, err := Rake(nil, []Margin{{"x", category, []float64{2, 3, 1}}}, TrimBounds)
	if err != nil || got.Rounds != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, w := range got.Weights {
		wantClose(t, "weight", w, 1, 1e-12)
	}
}

func TestTrimmingKeepsItsBoundsAndSaysWhenMarginsSuffer(t *testing.T) {
	category := slices.Concat(slices.Repeat([]int32{0}, 95), slices.Repeat([]int32{1}, 5))
	got, err := Rake(nil, []Margin{{"x", category, []float64{.5, .5}}}, TrimBounds)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Reasons, []Reason{TrimRakeConflict}) || slices.Max(got.Weights) > 3 {
		t.Errorf("reasons %v, largest weight %v", got.Reasons, slices.Max(got.Weights))
	}
	mild := slices.Concat(slices.Repeat([]int32{0}, 80), slices.Repeat([]int32{1}, 20))
	fine, err := Rake(nil, []Margin{{"x", mild, []float64{.6, .4}}}, TrimBounds)
	if err != nil || len(fine.Reasons) > 0 {
		t.Errorf("%+v, %v", fine.Reasons, err)
	}
	wantClose(t, "weight", fine.Weights[99], 2, 1e-9)
}

func TestRakingRefusesWhatItCanNotMeet(t *testing.T) {
	empty, err := Rake(nil, []Margin{{"role", []int32{0, 0}, []float64{.5, .5}}}, TrimNone)
	if err != nil || !slices.Equal(empty.Reasons, []Reason{EmptyMarginCell}) || *empty.EmptyCell != "role[1]" || empty.Weights != nil {
		t.Errorf("%+v, %v", empty, err)
	}
	// Everybody of size 0 has role 0, so the targets contradict each other.
	impossible, err := Rake(nil, []Margin{{"role", []int32{0, 0, 1}, []float64{.2, .8}}, {"size", []int32{0, 0, 1}, []float64{.7, .3}}}, TrimNone)
	if err != nil || !slices.Equal(impossible.Reasons, []Reason{NotConverged}) || impossible.Weights != nil {
		t.Errorf("%+v, %v", impossible, err)
	}
	nobody, err := Rake(nil, nil, TrimNone)
	if err != nil || !slices.Equal(nobody.Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("%+v, %v", nobody, err)
	}
	unknown, err := Rake(nil, []Margin{{"role", []int32{0, 1, -1}, []float64{.5, .5}}}, TrimNone)
	if err != nil || len(unknown.Reasons) > 0 || math.Abs(unknown.Weights[2]-1) > 1e-12 {
		t.Errorf("unknown category: %+v, %v", unknown, err)
	}
	for _, result := range []*Weighted{empty, impossible, nobody} {
		wantNoNaN(t, "refused", result)
	}
	bad := []struct {
		base    []float64
		margins []Margin
	}{
		{[]float64{-1}, []Margin{{"x", []int32{0}, []float64{1}}}},
		{[]float64{0}, []Margin{{"x", []int32{0}, []float64{1}}}},
		{[]float64{1, 1}, []Margin{{"x", []int32{0}, []float64{1}}}},
		{nil, []Margin{{"x", []int32{1}, []float64{1}}}},
		{nil, []Margin{{"x", []int32{0}, []float64{0}}}},
		{nil, []Margin{{"x", []int32{0}, []float64{math.NaN()}}}},
	}
	for _, test := range bad {
		if _, err := Rake(test.base, test.margins, TrimNone); err == nil {
			t.Errorf("%+v was accepted", test)
		}
	}
	if deff, n := kishWeights([]float64{0, 0}); deff.Valid || n.Valid {
		t.Error("a design effect of no weights")
	}
}
