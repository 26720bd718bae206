package stat

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"testing"
)

type profileOracle struct {
	X                      [][]uint8
	LogLik                 float64
	Shares                 []float64
	NPar                   int `json:"n_par"`
	BIC, Entropy           float64
	Y                      [][]float64
	Within, Silhouette     float64
	Sizes                  []int
	CH, Rand               float64
	Ward                   []int
	Agree, N               []int
	Intercept, Tau2, GLMER float64
}

func transpose[T any](rows [][]T) [][]T {
	columns := make([][]T, len(rows[0]))
	for k := range columns {
		for _, row := range rows {
			columns[k] = append(columns[k], row[k])
		}
	}
	return columns
}

// R: testdata/r/profiles.R, own EM.
func TestLatentClassesAgreeWithEMInR(t *testing.T) {
	var oracle profileOracle
	readOracle(t, "profiles", &oracle)
	got, err := LatentClasses(transpose(oracle.X), 3, ClassOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "loglik", got.LogLik, oracle.LogLik, 1e-4)
	wantNumber(t, "bic", got.BIC, oracle.BIC, 1e-3)
	wantNumber(t, "entropy", got.Entropy, oracle.Entropy, 1e-3)
	if got.NPar != oracle.NPar || got.N != 400 {
		t.Errorf("n_par %d, n %d", got.NPar, got.N)
	}
	for g, share := range oracle.Shares {
		wantClose(t, "share", got.Shares[g], share, 1e-3)
	}
	if got.StartsReachingMax < 5 {
		t.Errorf("%d of %d starts reach the maximum", got.StartsReachingMax, got.Starts)
	}
	wantNoNaN(t, "classes", got)
	encode := func() []byte {
		r, err := LatentClasses(transpose(oracle.X), 3, ClassOptions{Seed: 1, Starts: 6})
		if err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	many := encode()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !bytes.Equal(encode(), many) {
		t.Error("one core and several give different bytes")
	}
}

// One class is the product of the margins: the likelihood is known.
func TestOneClassHasTheLikelihoodOfTheMargins(t *testing.T) {
	var oracle profileOracle
	readOracle(t, "profiles", &oracle)
	columns := transpose(oracle.X)
	got, err := LatentClasses(columns, 1, ClassOptions{Starts: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for _, c := range columns {
		counts, n := map[uint8]float64{}, 0.0
		for _, x := range c {
			if x > 0 {
				counts[x]++
				n++
			}
		}
		for _, f := range counts {
			want += f * math.Log(f/n)
		}
	}
	wantNumber(t, "loglik", got.LogLik, want, 1e-8)
	if got.Entropy.Valid {
		t.Error("one class has an entropy")
	}
}

func TestLatentClassesSayWhyTheyAreMissing(t *testing.T) {
	many := slices.Repeat([]uint8{1, 2, 2}, 40)
	flat := slices.Repeat([]uint8{3}, 120)
	for _, test := range []struct {
		name    string
		columns [][]uint8
		reason  Reason
	}{
		{"no column", nil, NoValidAnswers},
		{"no answer", [][]uint8{make([]uint8, 9), make([]uint8, 9)}, NoValidAnswers},
		{"constant items", [][]uint8{flat, flat}, ZeroVariance},
		{"three rows", [][]uint8{{1, 2, 1}, {2, 1, 1}, {1, 2, 2}}, TooFewRows},
	} {
		got, err := LatentClasses(test.columns, 2, ClassOptions{Starts: 3})
		if err != nil || !slices.Equal(got.Reasons, []Reason{test.reason}) {
			t.Errorf("%s: %+v, %v", test.name, got.Reasons, err)
		}
		wantNoNaN(t, test.name, got)
	}
	named, err := LatentClasses([][]uint8{many, flat, many}, 2, ClassOptions{Starts: 3})
	if err != nil || !slices.Equal(named.ConstantItems, []int{1}) || len(named.Reasons) > 0 {
		t.Errorf("one constant item: %+v, %v", named, err)
	}
	if _, err := LatentClasses([][]uint8{{1}, {1, 2}}, 2, ClassOptions{}); err == nil {
		t.Error("columns of different length were accepted")
	}
	if _, err := LatentClasses(nil, 0, ClassOptions{}); err == nil {
		t.Error("no class was accepted")
	}
}

// R: testdata/r/profiles.R: kmeans, silhouette, hclust, adjustedRandIndex.
func TestKMeansAgreesWithR(t *testing.T) {
	var oracle profileOracle
	readOracle(t, "profiles", &oracle)
	got, err := KMeans(transpose(oracle.Y), 3, ClassOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "tot_withinss", got.TotWithinSS, oracle.Within, 1e-9)
	wantNumber(t, "silhouette", got.Silhouette, oracle.Silhouette, 1e-9)
	wantNumber(t, "calinski_harabasz", got.CalinskiHarabasz, oracle.CH, 1e-7)
	wantNumber(t, "adjusted rand", got.RandWard, oracle.Rand, 1e-9)
	if !slices.Equal(got.Sizes, oracle.Sizes) {
		t.Errorf("sizes %v, want %v", got.Sizes, oracle.Sizes)
	}
	points, _, err := standardize(transpose(oracle.Y), &Clusters{})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "Ward against hclust", AdjustedRand(wardClusters(points, 3), oracle.Ward), 1, 0)
	wantNoNaN(t, "clusters", got)
}

func TestKMeansSaysWhyItIsMissing(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		name    string
		columns [][]float64
		reason  Reason
	}{
		{"no column", nil, NoValidAnswers},
		{"no complete row", [][]float64{{nan, 1}, {1, nan}}, NoValidAnswers},
		{"two rows", [][]float64{{1, 2}}, TooFewRows},
		{"no variance", [][]float64{{1, 1, 1, 1}}, ZeroVariance},
	} {
		got, err := KMeans(test.columns, 2, ClassOptions{Starts: 2})
		if err != nil || !slices.Equal(got.Reasons, []Reason{test.reason}) {
			t.Errorf("%s: %v, %v", test.name, got.Reasons, err)
		}
		wantNoNaN(t, test.name, got)
	}
	twins, err := KMeans([][]float64{{1, 1, 1, 5, 5, 5, nan}}, 2, ClassOptions{Starts: 3})
	if err != nil || !slices.Equal(twins.Sizes, []int{3, 3}) || twins.Assigned[6] != -1 {
		t.Errorf("two values: %+v, %v", twins, err)
	}
	wantNumber(t, "silhouette of two values", twins.Silhouette, 1, 0)
	wantNoNaN(t, "two values", twins)
	if _, err := KMeans(nil, 1, ClassOptions{}); err == nil {
		t.Error("one cluster was accepted")
	}
	if AdjustedRand([]int{1}, []int{1}).Valid || AdjustedRand([]int{1, 1}, []int{2, 2}).Valid {
		t.Error("a Rand index of nothing")
	}
}

// R: testdata/r/profiles.R, lme4::glmer(nAGQ = 15).
func TestLogitInterceptAgreesWithGlmer(t *testing.T) {
	var oracle profileOracle
	readOracle(t, "profiles", &oracle)
	got, err := LogitRandomIntercept(oracle.Agree, oracle.N)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "intercept", got.Intercept, oracle.Intercept, 2e-3)
	wantNumber(t, "tau2", got.Tau2, oracle.Tau2, 2e-3)
	wantNumber(t, "loglik", got.LogLik, oracle.GLMER, 1e-4)
	wantNumber(t, "icc", got.ICCLatent, oracle.Tau2/(oracle.Tau2+math.Pi*math.Pi/3), 1e-3)
	wantNoNaN(t, "logit", got)
	for _, test := range []struct {
		name   string
		y, n   []int
		reason Reason
	}{
		{"nobody", []int{0}, []int{0}, NoValidAnswers},
		{"one organization", []int{3, 0}, []int{5, 0}, OneOrganization},
		{"one answer each", []int{0, 1}, []int{1, 1}, NoReplication},
		{"everybody", []int{4, 5}, []int{4, 5}, ZeroVariance},
		{"equal shares", []int{5, 5, 5}, []int{10, 10, 10}, BoundaryEstimate},
	} {
		got, err := LogitRandomIntercept(test.y, test.n)
		if err != nil || !slices.Equal(got.Reasons, []Reason{test.reason}) {
			t.Errorf("%s: %v, %v", test.name, got.Reasons, err)
		}
		wantNoNaN(t, test.name, got)
	}
	if _, err := LogitRandomIntercept([]int{2}, []int{1}); err == nil {
		t.Error("more agreements than answers were accepted")
	}
}

func TestResponseStylesTellYeaSayersApart(t *testing.T) {
	// Group 0 clicks 5 on everything, group 1 answers by content; item 1 is
	// reversed and recoded: a click of 5 became 1.
	columns := [][]uint8{{5, 5, 4, 5, 0}, {1, 1, 4, 5, 0}}
	got, err := ResponseStyles(columns, []bool{false, true}, []int32{0, 0, 1, 1, 2}, 5, 4)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "acquiescence of yea-sayers", got[0].Acquiescence, 1, 0)
	wantNumber(t, "acquiescence of others", got[1].Acquiescence, .5, 0)
	wantNumber(t, "ends", got[1].EndShare, .5, 0)
	wantNumber(t, "middle", got[0].MiddleShare, 0, 0)
	if !slices.Equal(got[2].Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("no answer: %v", got[2].Reasons)
	}
	wantNoNaN(t, "styles", got)
	plain, _ := ResponseStyles(columns[:1], []bool{false}, make([]int32, 5), 6, 5)
	if plain[0].Acquiescence.Valid || plain[0].MiddleShare.Valid {
		t.Errorf("without reversed items and middle: %+v", plain[0])
	}
	for _, bad := range []func() error{
		func() error { _, err := ResponseStyles(columns, nil, nil, 5, 4); return err },
		func() error {
			_, err := ResponseStyles(columns, []bool{false, true}, []int32{0}, 5, 4)
			return err
		},
		func() error {
			_, err := ResponseStyles(columns, []bool{false, true}, make([]int32, 5), 4, 4)
			return err
		},
		func() error {
			_, err := ResponseStyles(columns, []bool{false, true}, []int32{-1, 0, 0, 0, 0}, 5, 4)
			return err
		},
	} {
		if bad() == nil {
			t.Error("broken input was accepted")
		}
	}
}
