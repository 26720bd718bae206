package stat

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"testing"
)

type driverOracle struct {
	X                                [][]float64
	Y                                []float64
	Org                              []int32
	LMG, Johnson, Beta, VIF, R, Last []float64
	R2                               float64
	R2Adjusted                       float64 `json:"r2_adjusted"`
	Levels                           struct {
		Within, Between      []float64
		SEWithin             []float64 `json:"se_within"`
		SEBetween            []float64 `json:"se_between"`
		Tau2, Sigma2, LogLik float64
	}
}

func (o driverOracle) columns() [][]float64 {
	columns := make([][]float64, len(o.X[0]))
	for k := range columns {
		for _, row := range o.X {
			columns[k] = append(columns[k], row[k])
		}
	}
	return columns
}

// R: testdata/r/drivers.R, lm over all subsets and eigen.
func TestDriversAgreeWithAllSubsetsInR(t *testing.T) {
	var oracle driverOracle
	readOracle(t, "drivers", &oracle)
	got, err := WhatGoesTogether(oracle.Y, oracle.columns(), DriverOptions{Organization: oracle.Org, Seed: 1, Replicates: 200})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "r2", got.R2, oracle.R2, 1e-10)
	wantNumber(t, "r2_adjusted", got.R2Adjusted, oracle.R2Adjusted, 1e-10)
	var lmg, johnson, pratt float64
	for i, d := range got.Predictors {
		wantNumber(t, "lmg", d.LMG, oracle.LMG[i], 1e-10)
		wantNumber(t, "johnson", d.Johnson, oracle.Johnson[i], 1e-10)
		wantNumber(t, "beta", d.Beta, oracle.Beta[i], 1e-10)
		wantNumber(t, "vif", d.VIF, oracle.VIF[i], 1e-9)
		wantNumber(t, "r", d.R, oracle.R[i], 1e-10)
		wantNumber(t, "last", d.Last, oracle.Last[i], 1e-10)
		if d.LMGShareCI == nil || d.LMGShareCI.Lower > d.LMGShare.Value || d.LMGShareCI.Upper < d.LMGShare.Value {
			t.Errorf("interval %v around %v", d.LMGShareCI, d.LMGShare)
		}
		lmg, johnson, pratt = lmg+d.LMG.Value, johnson+d.Johnson.Value, pratt+d.Pratt.Value
	}
	wantClose(t, "sum of LMG", lmg, oracle.R2, 1e-10)
	wantClose(t, "sum of Johnson", johnson, oracle.R2, 1e-10)
	wantClose(t, "sum of Pratt", pratt, oracle.R2, 1e-10)
	wantNoNaN(t, "drivers", got)
}

// R: testdata/r/drivers.R, lme4::lmer.
func TestWithinAndBetweenSlopesAgreeWithLmer(t *testing.T) {
	var oracle driverOracle
	readOracle(t, "drivers", &oracle)
	got, err := WithinAndBetween(oracle.Y, oracle.columns()[:2], oracle.Org)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "loglik", got.LogLik, oracle.Levels.LogLik, 1e-4)
	wantNumber(t, "tau2", got.Tau2, oracle.Levels.Tau2, 1e-3*oracle.Levels.Tau2)
	wantNumber(t, "sigma2", got.Sigma2, oracle.Levels.Sigma2, 1e-3*oracle.Levels.Sigma2)
	for k := range 2 {
		wantNumber(t, "within", got.Within[k], oracle.Levels.Within[k], 1e-4)
		wantNumber(t, "between", got.Between[k], oracle.Levels.Between[k], 1e-4)
		wantNumber(t, "se within", got.SEWithin[k], oracle.Levels.SEWithin[k], 1e-4)
		wantNumber(t, "se between", got.SEBetween[k], oracle.Levels.SEBetween[k], 1e-4)
	}
	wantNoNaN(t, "levels", got)
}

func TestDriverWeightsDoNotDependOnTheUnitOfThePredictors(t *testing.T) {
	var oracle driverOracle
	readOracle(t, "drivers", &oracle)
	columns := oracle.columns()
	a, _ := WhatGoesTogether(oracle.Y, columns, DriverOptions{Replicates: -1})
	for k := range columns {
		for i := range columns[k] {
			columns[k][i] = 1e6 + float64(k+1)*columns[k][i]
		}
	}
	b, err := WhatGoesTogether(oracle.Y, columns, DriverOptions{Replicates: -1})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range b.Predictors {
		wantNumber(t, "lmg", d.LMG, a.Predictors[i].LMG.Value, 1e-8)
		wantNumber(t, "johnson", d.Johnson, a.Predictors[i].Johnson.Value, 1e-8)
	}
}

func TestPriorityMapMarksUnstablePoints(t *testing.T) {
	s := NewStream(1, "map", 0)
	const organizations, p = 60, 4
	x, y := make([][]float64, p), make([]float64, organizations)
	performance := make([][]Contribution, p)
	for k := range x {
		x[k] = make([]float64, organizations)
		for j := range x[k] {
			x[k][j] = s.Normal()
			// Shares .2, .8, .5, .5: the last two lie on the cut line.
			share := []float64{.2, .8, .5, .5}[k] + .1*float64(j>>(k%3)%2) - .05
			performance[k] = append(performance[k], Contribution{N: 20, W: 1, WY: share})
		}
	}
	for j := range y {
		y[j] = x[0][j] + x[1][j] + .4*s.Normal()
	}
	encode := func() (*Drivers, []byte) {
		got, err := WhatGoesTogether(y, x, DriverOptions{OrganizationLevel: true, Performance: performance, Seed: 5, Replicates: 400})
		if err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		return got, out
	}
	got, many := encode()
	if got.Predictors[0].Quadrant != WorkOnIt || got.Predictors[1].Quadrant != KeepItUp {
		t.Errorf("quadrants %s, %s", got.Predictors[0].Quadrant, got.Predictors[1].Quadrant)
	}
	for k, d := range got.Predictors {
		unstable := slices.Contains(d.Notes, "unstable")
		if k < 2 && (unstable || d.Stability.Value < .95) || k >= 2 && !unstable {
			t.Errorf("predictor %d: stability %v, notes %v", k, d.Stability, d.Notes)
		}
	}
	wantNoNaN(t, "map", got)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if _, one := encode(); !bytes.Equal(one, many) {
		t.Error("one core and several give different bytes")
	}
}

func TestDriversSayWhyTheyAreMissing(t *testing.T) {
	s := NewStream(1, "degenerate drivers", 0)
	noise := func(n int) []float64 { return first(n, s.Normal) }
	y, a, b := noise(40), noise(40), noise(40)
	double := make([]float64, 40)
	for i := range double {
		double[i] = a[i] + b[i]
	}
	flat := make([]float64, 40)
	missing := slices.Repeat([]float64{math.NaN()}, 40)
	tests := []struct {
		name    string
		y       []float64
		x       [][]float64
		options DriverOptions
		reason  Reason
		set     []int
	}{
		{"no predictor", y, nil, DriverOptions{}, NoValidAnswers, nil},
		{"no outcome", missing, [][]float64{a}, DriverOptions{}, NoValidAnswers, nil},
		{"three rows", y[:3], [][]float64{a[:3], b[:3]}, DriverOptions{}, TooFewRows, nil},
		{"constant outcome", flat, [][]float64{a, b}, DriverOptions{}, ZeroVariance, nil},
		{"constant predictor", y, [][]float64{a, flat, b}, DriverOptions{}, SingularMatrix, []int{1}},
		{"sum of two others", y, [][]float64{a, b, double}, DriverOptions{}, SingularMatrix, []int{0, 1, 2}},
		{"few organizations for their predictors", y, [][]float64{a, b, noise(40), noise(40), noise(40), noise(40), noise(40), noise(40), noise(40)}, DriverOptions{OrganizationLevel: true}, FewOrganizations, nil},
		{"three clusters", y, [][]float64{a, b}, DriverOptions{Organization: make([]int32, 40)}, FewOrganizations, nil},
	}
	for _, test := range tests {
		got, err := WhatGoesTogether(test.y, test.x, test.options)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Reasons, []Reason{test.reason}) || !slices.Equal(got.Singular, test.set) {
			t.Errorf("%s: %v, set %v", test.name, got.Reasons, got.Singular)
		}
		wantNoNaN(t, test.name, got)
	}
	for _, bad := range []DriverOptions{{Organization: []int32{1}}, {Performance: [][]Contribution{}}, {Conf: 2}} {
		if _, err := WhatGoesTogether(y, [][]float64{a}, bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	if _, err := WhatGoesTogether(y, [][]float64{a[:3]}, DriverOptions{}); err == nil {
		t.Error("a short predictor was accepted")
	}
	org := make([]int32, 40)
	levels := func(name string, org []int32, x [][]float64, reason Reason) {
		t.Helper()
		got, err := WithinAndBetween(y, x, org)
		if err != nil || !slices.Equal(got.Reasons, []Reason{reason}) {
			t.Errorf("%s: %v, %v", name, got.Reasons, err)
		}
		wantNoNaN(t, name, got)
	}
	levels("one organization", org, [][]float64{a}, OneOrganization)
	for i := range org {
		org[i] = int32(i)
	}
	levels("one row each", org, [][]float64{a}, NoReplication)
	for i := range org {
		org[i] = int32(i / 4)
	}
	levels("constant predictor", org, [][]float64{flat}, SingularMatrix)
	levels("no predictor", org, nil, NoValidAnswers)
}
