package stat

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
)

type agreementOracle struct {
	Org                              string
	N                                int
	Uniform, Slight, Moderate, Heavy float64
	Star                             float64
	ADMean                           float64 `json:"ad_mean"`
	ADMedian                         float64 `json:"ad_median"`
}

func (o agreementOracle) compare(t *testing.T, got AgreementResult) {
	t.Helper()
	name := "organization " + o.Org
	wantNumber(t, name+" rwgj_uniform", got.RwgjUniform, o.Uniform, 1e-9)
	wantNumber(t, name+" rwgj_slight_skew", got.RwgjSlight, o.Slight, 1e-9)
	wantNumber(t, name+" rwgj_moderate_skew", got.RwgjModerate, o.Moderate, 1e-9)
	wantNumber(t, name+" rwgj_heavy_skew", got.RwgjHeavy, o.Heavy, 1e-9)
	wantNumber(t, name+" rwg_star_j", got.RwgStarUniform, o.Star, 1e-9)
	wantNumber(t, name+" ad_mean", got.ADMean, o.ADMean, 1e-9)
	wantNumber(t, name+" ad_median", got.ADMedian, o.ADMedian, 1e-9)
	if got.N != o.N {
		t.Errorf("%s: n = %d, want %d", name, got.N, o.N)
	}
}

type agreementCase struct {
	Scale     int
	Org       []int32
	Columns   [][]*int8
	Result    []agreementOracle
	FirstItem []struct {
		Org string
		RWG float64
		AWG *float64
	} `json:"first_item"`
}

// answers turns null into Missing.
func (c agreementCase) answers() [][]int8 {
	columns := make([][]int8, len(c.Columns))
	for k, column := range c.Columns {
		for _, v := range column {
			if v == nil {
				columns[k] = append(columns[k], Missing)
				continue
			}
			columns[k] = append(columns[k], *v)
		}
	}
	return columns
}

func TestAgreementAgreesWithMultilevel(t *testing.T) {
	var r struct{ Cases []agreementCase }
	readOracle(t, "agreement", &r)
	for _, c := range r.Cases {
		columns := c.answers()
		counts, err := AgreementCounts(columns, c.Org, c.Scale, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range c.Result {
			j, _ := strconv.Atoi(o.Org)
			o.compare(t, Agreement(counts[j]))
		}
		first, _ := AgreementCounts(columns[:1], c.Org, c.Scale, true)
		for _, o := range c.FirstItem {
			j, _ := strconv.Atoi(o.Org)
			got := Agreement(first[j])
			wantNumber(t, fmt.Sprintf("rwg of organization %d", j), got.RwgjUniform, o.RWG, 1e-9)
			if o.AWG == nil {
				if got.AWG.Valid || !slices.Contains(got.Reasons, OutOfDomain) {
					t.Errorf("awg of organization %d = %v outside its domain", j, got.AWG)
				}
				continue
			}
			wantNumber(t, fmt.Sprintf("awg of organization %d", j), got.AWG, *o.AWG, 1e-9)
		}
	}
}

func TestAgreementOnTheCourseEvaluationsAgreesWithMultilevel(t *testing.T) {
	var r struct {
		Turkiye struct {
			Counts [][][]int
			Result []agreementOracle
		}
	}
	readOracle(t, "agreement", &r)
	table := AgreementOf(r.Turkiye.Counts)
	var uniform []float64
	for _, o := range r.Turkiye.Result {
		j, _ := strconv.Atoi(o.Org)
		o.compare(t, table.PerOrganization[j])
		uniform = append(uniform, o.Uniform)
	}
	wantNumber(t, "median", table.RwgjUniform.Median, Median(uniform).Value, 1e-9)
	wantNumber(t, "maximum", table.RwgjUniform.Max, slices.Max(uniform), 1e-9)
	if table.RwgjUniform.Organizations != 14 || table.SetToZero != 0 {
		t.Errorf("%d organizations, %d set to 0", table.RwgjUniform.Organizations, table.SetToZero)
	}
}

func TestAgreementAnswersDegenerateOrganizationsWithReasons(t *testing.T) {
	nobody := Agreement([][]int{{0, 0, 0, 0, 0}})
	if !slices.Contains(nobody.Reasons, NoValidAnswers) || nobody.RwgjUniform.Valid {
		t.Errorf("nobody: %+v", nobody)
	}
	alone := Agreement([][]int{{0, 1, 0, 0, 0}, {0, 0, 1, 0, 0}})
	if !slices.Contains(alone.Reasons, OneRespondent) || alone.RwgjUniform.Valid {
		t.Errorf("one respondent: %+v", alone)
	}
	equal := Agreement([][]int{{0, 0, 0, 0, 6}, {0, 6, 0, 0, 0}})
	wantNumber(t, "rwgj when all answers are equal", equal.RwgjUniform, 1, 0)
	wantNumber(t, "ad when all answers are equal", equal.ADMean, 0, 0)
	wantNumber(t, "awg when all answers are equal", equal.AWG, 1, 0)
	split := Agreement([][]int{{5, 0, 0, 0, 5}})
	wantNumber(t, "rwg of a divided organization", split.RwgjUniform, 0, 0)
	if split.SetToZero != 4 || split.RwgStarUniform.Value >= 0 {
		t.Errorf("divided organization: %d set to 0, rwg_star %v", split.SetToZero, split.RwgStarUniform)
	}
	if !equal.ADAgrees || split.ADAgrees {
		t.Errorf("ad_agrees: all equal %v, divided %v", equal.ADAgrees, split.ADAgrees)
	}
	six := Agreement([][]int{{1, 2, 3, 2, 1, 0}})
	if !six.RwgjUniform.Valid || six.RwgjSlight.Valid {
		t.Errorf("a 6-point scale has no tabled skew: %+v", six)
	}
	if none := Agreement(nil); !slices.Contains(none.Reasons, NoValidAnswers) {
		t.Errorf("no items: %+v", none)
	}
}

func TestAgreementOnARecodedScaleIsTheSame(t *testing.T) {
	counts := [][]int{{1, 4, 2, 5, 9, 3, 1}, {0, 2, 2, 8, 9, 4, 0}, {3, 3, 3, 3, 3, 5, 5}}
	want := Agreement(counts)
	for _, item := range counts {
		slices.Reverse(item)
	}
	got := Agreement(counts)
	wantNumber(t, "rwgj", got.RwgjUniform, want.RwgjUniform.Value, 1e-12)
	wantNumber(t, "ad_mean", got.ADMean, want.ADMean.Value, 1e-12)
	wantNumber(t, "awg", got.AWG, want.AWG.Value, 1e-12)
}

func TestUniformRandomAnswersShowNoAgreement(t *testing.T) {
	stream := NewStream(5, "agreement", 0)
	var stars []float64
	zero := 0
	for range 400 {
		counts := make([][]int, 6)
		for k := range counts {
			counts[k] = make([]int, 7)
			for range 20 {
				counts[k][stream.IntN(7)]++
			}
		}
		r := Agreement(counts)
		stars = append(stars, r.RwgStarUniform.Value)
		if r.RwgStarUniform.Value < 0 {
			zero++
		}
	}
	if mean := average(stars); math.Abs(mean) > 0.02 || zero < 120 {
		t.Errorf("mean rwg_star_j %.3f, %d of 400 below 0", mean, zero)
	}
}

func TestAggregationGateNeedsDifferencesAndAgreement(t *testing.T) {
	above, across := &Interval{0.01, 0.2}, &Interval{-0.01, 0.2}
	for _, c := range []struct {
		icc             *Interval
		uniform, slight Number
		want            Aggregation
	}{
		{above, Some(0.7), Some(0.5), Supported},
		{above, Some(0.69), Some(0.5), LimitedGate},
		{above, Some(0.9), Some(0.49), LimitedGate},
		{above, Some(0.9), Number{}, LimitedGate},
		{across, Some(0.95), Some(0.9), NotSupported},
		{nil, Some(0.95), Some(0.9), NotSupported},
	} {
		if got := AggregationGate(c.icc, c.uniform, c.slight); got != c.want {
			t.Errorf("%v, %v, %v: %s, want %s", c.icc, c.uniform, c.slight, got, c.want)
		}
	}
	for rwg, want := range map[float64]string{0.3: "lack", 0.31: "weak", 0.7: "moderate", 0.9: "strong", 0.91: "very_strong"} {
		if got := AgreementBand(rwg); got != want {
			t.Errorf("band of %g = %s, want %s", rwg, got, want)
		}
	}
}

func TestAgreementCountsRefuseBrokenTables(t *testing.T) {
	if _, err := AgreementCounts([][]int8{{1, 2}, {1}}, []int32{0, 0}, 5, true); err == nil {
		t.Error("columns of different length were accepted")
	}
	if _, err := AgreementCounts([][]int8{{1, 6}}, []int32{0, 0}, 5, true); err == nil {
		t.Error("a 6 on a scale of 5 points was accepted")
	}
	available, _ := AgreementCounts([][]int8{{1, 2}, {Missing, 3}}, []int32{0, 0}, 5, false)
	listwise, _ := AgreementCounts([][]int8{{1, 2}, {Missing, 3}}, []int32{0, 0}, 5, true)
	if available[0][0][0] != 1 || listwise[0][0][0] != 0 || listwise[0][1][2] != 1 {
		t.Errorf("available %v, listwise %v", available, listwise)
	}
}

func TestRandomGroupsComeNearMultilevel(t *testing.T) {
	var r struct {
		Random struct {
			Org                 []int32
			X                   []int8
			Z, Real, Random, SD float64
		}
	}
	readOracle(t, "agreement", &r)
	o := r.Random
	got, err := RandomGroupZ(o.X, o.Org, 30000, 42)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "variance within organizations", got.RealVariance, o.Real, 1e-9)
	wantNumber(t, "variance within random groups", got.RandomVariance, o.Random, relative(o.Random, 0.01))
	wantNumber(t, "sd of it", got.RandomSD, o.SD, relative(o.SD, 0.03))
	wantNumber(t, "z", got.Z, o.Z, relative(o.Z, 0.05))
	again, _ := RandomGroupZ(o.X, o.Org, 30000, 42)
	if again.Z != got.Z {
		t.Errorf("the same seed gave %v and %v", got.Z, again.Z)
	}
	if alone, _ := RandomGroupZ([]int8{1, 2, 3}, []int32{0, 1, 1}, 0, 1); !slices.Contains(alone.Reasons, OneOrganization) {
		t.Errorf("one organization of two people: %+v", alone)
	}
}
