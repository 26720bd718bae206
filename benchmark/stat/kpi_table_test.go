package stat

import (
	"math"
	"slices"
	"testing"
)

// orNaN turns the nulls of a reference file into NaN.
func orNaN(x []*float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.NaN()
		if v != nil {
			out[i] = *v
		}
	}
	return out
}

// R: testdata/r/kpi.R, quantile(type = 7) and rank().
func TestKPITableAndAxisAgreeWithR(t *testing.T) {
	var oracle struct {
		X, D, R []*float64
		WC      []bool
		Columns struct{ WC, Rest, All []float64 }
		Axis    []*float64
		Cut     float64
	}
	readOracle(t, "kpi", &oracle)
	got, err := CompareKPI(orNaN(oracle.X), oracle.WC, KPILevel, PermutationOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string]struct {
		got  KPIColumn
		want []float64
	}{"wc": {got.WorldClass, oracle.Columns.WC}, "rest": {got.Rest, oracle.Columns.Rest}, "all": {got.All, oracle.Columns.All}} {
		wantNumber(t, name+" q1", pair.got.Q1, pair.want[0], 1e-12)
		wantNumber(t, name+" median", pair.got.Median, pair.want[1], 1e-12)
		wantNumber(t, name+" q3", pair.got.Q3, pair.want[2], 1e-12)
		wantNumber(t, name+" mean", pair.got.MeanWinsorized, pair.want[3], 1e-12)
		if float64(pair.got.Organizations) != pair.want[4] {
			t.Errorf("%s: %d organizations", name, pair.got.Organizations)
		}
	}
	wantNumber(t, "relative", got.RelativePercent, 100*(oracle.Columns.WC[1]/oracle.Columns.Rest[1]-1), 1e-12)
	wantNoNaN(t, "comparison", got)
	axis, err := KPIAxis([]KPI{{Values: orNaN(oracle.X)}, {Values: orNaN(oracle.D), LowerIsBetter: true}, {Values: orNaN(oracle.R)}})
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range oracle.Axis {
		wantMaybe(t, "axis", j, axis.Scores[j], want, 1e-12)
	}
	wantNumber(t, "cut", axis.Cut, oracle.Cut, 1e-12)
	wantNoNaN(t, "axis", axis)
}

func TestKPIsSayWhyTheyAreMissing(t *testing.T) {
	nan := math.NaN()
	three := []bool{true, true, true, false, false, false}
	rate, err := CompareKPI([]float64{1, 2, 3, -1, -2, -3}, three, KPIRate, PermutationOptions{})
	if err != nil || rate.RelativePercent.Valid || rate.Difference.Value != 4 || len(rate.Reasons) > 0 {
		t.Errorf("rate: %+v, %v", rate, err)
	}
	base, _ := CompareKPI([]float64{1, 2, 3, -1, -2, -3}, three, KPILevel, PermutationOptions{})
	if !slices.Equal(base.Reasons, []Reason{OutOfDomain}) || base.RelativePercent.Valid {
		t.Errorf("base below 0: %+v", base)
	}
	empty, _ := CompareKPI([]float64{nan, nan, nan, 1, 2, 3}, three, KPILevel, PermutationOptions{})
	if !slices.Equal(empty.Reasons, []Reason{NoValidAnswers}) || empty.Difference.Valid {
		t.Errorf("nothing in the column: %+v", empty)
	}
	wantNoNaN(t, "empty", empty)
	for n, want := range map[int][]Reason{0: {NoValidAnswers}, 2: {InsufficientReliability}, 3: {}} {
		if value, reasons := ReportedKPI(append(slices.Repeat([]float64{5}, n), nan)); !slices.Equal(reasons, want) || value.Valid != (n == 3) {
			t.Errorf("%d reporters: %v %v", n, value, reasons)
		}
	}
	rateOf, _, _ := RatioOfSums([]float64{3, 1, nan}, []float64{4, 6, 9})
	wantNumber(t, "win rate", rateOf, .4, 1e-15)
	if _, reasons, _ := RatioOfSums([]float64{0}, []float64{0}); !slices.Equal(reasons, []Reason{OutOfDomain}) {
		t.Errorf("no deal closed: %v", reasons)
	}
	if _, _, err := RatioOfSums([]float64{0}, nil); err == nil {
		t.Error("different lengths were accepted")
	}
	none, _ := KPIAxis(nil)
	few, _ := KPIAxis([]KPI{{Values: []float64{1, 2}}})
	nothing, _ := KPIAxis([]KPI{{Values: []float64{nan, nan}}})
	if !slices.Equal(none.Reasons, []Reason{NoValidAnswers}) || !slices.Equal(few.Reasons, []Reason{FewOrganizations}) || !slices.Equal(nothing.Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("%v %v %v", none.Reasons, few.Reasons, nothing.Reasons)
	}
}

func TestProbabilityOfTheTopFollowsTheReporters(t *testing.T) {
	const organizations = 12
	reports := make([][]float64, organizations)
	s := NewStream(1, "reports", 0)
	for j := range reports {
		for range 9 {
			reports[j] = append(reports[j], float64(10*j)+s.Normal())
		}
	}
	reports[4] = reports[4][:2]
	got, err := KPIAxisTop([]ReportedKPIs{{Reports: reports}}, nil, 75, 3)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "best", got.P[11], 1, 0)
	wantNumber(t, "worst", got.P[0], 0, 0)
	if got.P[4].Valid {
		t.Error("two reporters got a probability")
	}
	again, _ := KPIAxisTop([]ReportedKPIs{{Reports: reports}}, nil, 75, 3)
	if !slices.Equal(got.P, again.P) {
		t.Error("same seed, other numbers")
	}
	if none, _ := KPIAxisTop(nil, nil, 75, 3); !slices.Equal(none.Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("nothing: %v", none.Reasons)
	}
}

func TestSplitInformantRemovesWhatOnePersonTellsTwice(t *testing.T) {
	s := NewStream(1, "informant data", 0)
	var org []int32
	var practice, own, shared []float64
	for j := range 60 {
		effect := s.Normal()
		for range 20 {
			mood := 3 * s.Normal()
			org = append(org, int32(j))
			practice = append(practice, mood+s.Normal())
			own = append(own, mood+s.Normal())
			shared = append(shared, 2*effect+s.Normal())
		}
	}
	mood, err := SplitInformant(org, practice, own, 1)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "mood only", mood.R, 0, .3)
	same, _ := SplitInformant(org, shared, shared, 1)
	if !(same.R.Value > .9) {
		t.Errorf("a real difference gives %v", same.R)
	}
	for reason, organizations := range map[Reason]int{NoValidAnswers: 0, OneOrganization: 1, FewOrganizations: 2} {
		n := 20 * organizations
		got, err := SplitInformant(org[:n], practice[:n], own[:n], 1)
		if err != nil || !slices.Equal(got.Reasons, []Reason{reason}) {
			t.Errorf("%d organizations: %v, %v", organizations, got.Reasons, err)
		}
	}
	flat, _ := SplitInformant(org, make([]float64, len(org)), own, 1)
	if !slices.Equal(flat.Reasons, []Reason{ZeroVariance}) {
		t.Errorf("no variance: %v", flat.Reasons)
	}
}
