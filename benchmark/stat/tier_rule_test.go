package stat

import (
	"math"
	"slices"
	"testing"
)

type ruleOracle struct {
	Y         [][]int8
	Org       []int32
	Within    [][]float64
	Shares    [][]float64
	Posterior [][]float64
	P         []float64
	SplitHalf []float64 `json:"split_half"`
	SplitSE   []float64 `json:"split_se"`
}

// R: testdata/r/rules.R, matrices and 40,000 draws.
func TestRuleOnSeveralPracticesAgreesWithR(t *testing.T) {
	var oracle ruleOracle
	readOracle(t, "rules", &oracle)
	within, shares, n, err := WithinCovariance(oracle.Y, oracle.Org, 15)
	if err != nil {
		t.Fatal(err)
	}
	for a, row := range oracle.Within {
		for b, want := range row {
			wantClose(t, "within covariance", within[a*4+b], want, 1e-12)
		}
	}
	got, err := TierByRule(RuleInput{Shares: shares, N: n, Within: within, AtLeast: 3, Cut: .6, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range oracle.P {
		wantNumber(t, "p_rule", got.P[j], want, .015)
		for k := range shares[j] {
			wantClose(t, "share", shares[j][k], oracle.Shares[j][k], 1e-12)
			wantClose(t, "posterior mean", got.PosteriorMeans[j][k], oracle.Posterior[j][k], 1e-6)
		}
	}
	wantNoNaN(t, "rule", got)
}

// R: testdata/r/rules.R, own script with 4,000 splits.
func TestSplitHalfAgreesWithR(t *testing.T) {
	var oracle ruleOracle
	readOracle(t, "rules", &oracle)
	a, err := PackAgree(oracle.Y, oracle.Org, nil, 15)
	if err != nil {
		t.Fatal(err)
	}
	const splits = 4000
	got, err := SplitHalf(a, CircularOptions{Key: allItems(4), WorldClass: 3, Splits: splits, Resamples: 50, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range oracle.SplitHalf {
		wantNumber(t, "split-half gap", got.Items[k].Gap, want, 4*math.Sqrt2*oracle.SplitSE[k])
	}
}

func TestRulesSayWhyTheyAreMissing(t *testing.T) {
	many := func(j, n int, p float64) (shares [][]float64, sizes []int) {
		for range j {
			shares, sizes = append(shares, []float64{p}), append(sizes, n)
		}
		return shares, sizes
	}
	for _, test := range []struct {
		name          string
		organizations int
		n             int
		reason        Reason
	}{
		{"nobody", 3, 0, NoValidAnswers},
		{"one organization", 1, 9, OneOrganization},
		{"one respondent each", 12, 1, NoReplication},
		{"nine organizations", 9, 9, FewOrganizations},
		{"equal shares", 12, 9, NoDetectableDifference},
	} {
		shares, sizes := many(test.organizations, test.n, .5)
		got, err := TierByRule(RuleInput{Shares: shares, N: sizes, Within: []float64{.25}, AtLeast: 1, Cut: .4, Draws: 50})
		if err != nil || !slices.Equal(got.Reasons, []Reason{test.reason}) {
			t.Errorf("%s: %v, %v", test.name, got.Reasons, err)
		}
		wantNoNaN(t, test.name, got)
		if test.reason == NoDetectableDifference {
			wantNumber(t, "p of all at the mean", got.P[0], 1, 0)
		}
	}
	for _, bad := range []RuleInput{
		{Shares: [][]float64{{.5}}, N: []int{1, 2}},
		{Shares: [][]float64{{.5}}, N: []int{-1}},
		{Shares: [][]float64{{1.5}}, N: []int{3}, Within: []float64{1}},
		{Shares: [][]float64{{.5}}, N: []int{3}, Within: []float64{1, 2}},
	} {
		if _, err := TierByRule(bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	if within, _, _, err := WithinCovariance([][]int8{{1, 0, -1}}, []int32{0, 1, 1}, 2); within != nil || err != nil {
		t.Errorf("covariance of single rows: %v, %v", within, err)
	}
	if _, _, _, err := WithinCovariance([][]int8{{1}}, []int32{3}, 2); err == nil {
		t.Error("an organization outside the table was accepted")
	}
}
