package stat

import (
	"fmt"
	"slices"
	"testing"
)

type reliabilityOracle struct {
	Name          string
	Columns       [][]int
	Items         []int
	N             int
	Alpha         float64
	AlphaPairwise float64 `json:"alpha_pairwise"`
	AlphaStd      float64 `json:"alpha_std"`
	Feldt         [2]float64
	FeldtPsych    []float64 `json:"feldt_psych"`
	ItemTotal     []float64 `json:"item_total"`
	IfDeleted     []float64 `json:"if_deleted"`
	Mean, SD      []float64
	Loadings      []float64
	Omega, AVE    *float64
}

func (o reliabilityOracle) compare(t *testing.T, got ReliabilityResult) {
	t.Helper()
	wantNumber(t, o.Name+" alpha_listwise", got.Alpha, o.Alpha, 1e-9)
	wantNumber(t, o.Name+" alpha_pairwise", got.AlphaPairwise, o.AlphaPairwise, 1e-9)
	wantNumber(t, o.Name+" alpha_std_listwise", got.AlphaStd, o.AlphaStd, 1e-9)
	wantInterval(t, o.Name+" feldt", got.AlphaCI, o.Feldt, 1e-9)
	if o.FeldtPsych != nil {
		wantInterval(t, o.Name+" psych::alpha.ci", got.AlphaCI, [2]float64(o.FeldtPsych), 1e-9)
	}
	if got.N != o.N {
		t.Errorf("%s: n_listwise = %d, want %d", o.Name, got.N, o.N)
	}
	for i, item := range got.PerItem {
		name := fmt.Sprintf("%s, item %d ", o.Name, i+1)
		wantNumber(t, name+"mean", item.Mean, o.Mean[i], 1e-12)
		wantNumber(t, name+"sd", item.SD, o.SD[i], 1e-12)
		wantNumber(t, name+"item_total_corrected", item.ItemTotal, o.ItemTotal[i], 1e-9)
		if o.IfDeleted != nil {
			wantNumber(t, name+"alpha_if_deleted", item.AlphaIfDeleted, o.IfDeleted[i], 1e-9)
		}
		if o.Loadings != nil {
			wantNumber(t, name+"loading", item.Loading, o.Loadings[i], 1e-4)
		}
	}
	if o.Omega == nil {
		if got.Omega.Valid || !slices.Contains(got.OmegaReasons, TooFewItems) {
			t.Errorf("%s: omega %v, reasons %v", o.Name, got.Omega, got.OmegaReasons)
		}
		return
	}
	wantNumber(t, o.Name+" omega", got.Omega, *o.Omega, 1e-4)
	wantNumber(t, o.Name+" ave", got.AVE, *o.AVE, 1e-4)
}

func bytesOf(columns [][]int) [][]uint8 {
	out := make([][]uint8, len(columns))
	for k, column := range columns {
		for _, v := range column {
			out[k] = append(out[k], uint8(v))
		}
	}
	return out
}

func TestReliabilityAgreesWithPsychAndFactanal(t *testing.T) {
	var r struct{ Cases []reliabilityOracle }
	readOracle(t, "reliability", &r)
	for _, o := range r.Cases {
		got, err := Reliability(bytesOf(o.Columns), 0.95)
		if err != nil {
			t.Fatal(err)
		}
		o.compare(t, got)
	}
}

func TestReliabilityKeepsItsDigitsWhenItemsMoveOrScaleTurns(t *testing.T) {
	var r struct{ Cases []reliabilityOracle }
	readOracle(t, "reliability", &r)
	columns := bytesOf(r.Cases[0].Columns)
	want, _ := Reliability(columns, 0.95)
	for _, column := range columns {
		for i, v := range column {
			column[i] = 8 - v
		}
	}
	slices.Reverse(columns)
	got, _ := Reliability(columns, 0.95)
	wantNumber(t, "alpha", got.Alpha, want.Alpha.Value, 1e-12)
	wantNumber(t, "omega", got.Omega, want.Omega.Value, 1e-8)
	// The same from the variances alone.
	var variances, total []float64
	for i := range columns[0] {
		sum := 0.0
		for _, column := range columns {
			sum += float64(column[i])
		}
		total = append(total, sum)
	}
	for _, item := range got.PerItem {
		variances = append(variances, item.SD.Value*item.SD.Value)
	}
	short, err := Alpha(variances, variance(total), got.N, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "alpha from variances", short.Alpha, want.Alpha.Value, 1e-12)
}

func TestReliabilityAnswersDegenerateScalesWithReasons(t *testing.T) {
	for _, c := range []struct {
		name    string
		columns [][]uint8
		reason  Reason
		omega   Reason
	}{
		{"no items", nil, TooFewItems, ""},
		{"one item", [][]uint8{{1, 2, 3}}, TooFewItems, TooFewItems},
		{"nobody", [][]uint8{{0, 0}, {0, 1}}, NoValidAnswers, ""},
		{"one row", [][]uint8{{4}, {5}}, TooFewRows, ""},
		{"all answers equal", [][]uint8{{4, 4, 4}, {4, 4, 4}, {4, 4, 4}}, ZeroVariance, TooFewItems},
		{"answers cancel", [][]uint8{{1, 2, 3, 4}, {4, 3, 2, 1}}, ZeroVariance, TooFewItems},
		{"items against each other", [][]uint8{{1, 2, 3, 4, 4}, {4, 3, 2, 1, 2}, {3, 3, 1, 2, 2}}, NegativeEstimate, ""},
		{"the same item three times", [][]uint8{{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}}, "", SingularMatrix},
	} {
		got, err := Reliability(c.columns, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if c.reason != "" && !slices.Contains(got.Reasons, c.reason) {
			t.Errorf("%s: reasons %v, want %s", c.name, got.Reasons, c.reason)
		}
		if c.omega != "" && !slices.Contains(got.OmegaReasons, c.omega) {
			t.Errorf("%s: reasons of omega %v, want %s", c.name, got.OmegaReasons, c.omega)
		}
	}
	constant, _ := Reliability([][]uint8{{1, 2, 3, 4, 2}, {2, 2, 3, 4, 1}, {4, 4, 4, 4, 4}}, 0.95)
	if !slices.Equal(constant.NoVariance, []int{2}) || !constant.Alpha.Valid || constant.PerItem[2].ItemTotal.Valid {
		t.Errorf("a constant item: %+v", constant)
	}
	if _, err := Reliability([][]uint8{{1, 2}, {1}}, 0.95); err == nil {
		t.Error("columns of different length were accepted")
	}
	if _, err := Reliability(nil, 0); err == nil {
		t.Error("a confidence of 0 was accepted")
	}
}

func TestOneFactorNamesWhatItCanNotFit(t *testing.T) {
	heywood := []float64{1, 0.9, 0.8, 0.9, 1, 0.5, 0.8, 0.5, 1} // the first loading would be 1.2
	if f := OneFactor(heywood, 3); !slices.Contains(f.Reasons, Heywood) || f.Omega.Valid {
		t.Errorf("heywood case: %+v", f)
	}
	if f := OneFactor([]float64{1, 0.5, 0.5, 1}, 2); !slices.Contains(f.Reasons, TooFewItems) {
		t.Errorf("two items: %+v", f)
	}
	exact := OneFactor([]float64{1, 0.48, 0.56, 0.48, 1, 0.42, 0.56, 0.42, 1}, 3)
	for i, want := range []float64{0.8, 0.6, 0.7} {
		wantClose(t, "loading of an exact model", exact.Loadings[i], want, 1e-6)
	}
}

func TestOneFactorOnHostileDataEitherFitsOrSaysWhyNot(t *testing.T) {
	stream := NewStream(4, "factor", 0)
	fitted := 0
	for trial := range 400 {
		k, n := 3+stream.IntN(8), 4+stream.IntN(60)
		columns := make([][]uint8, k)
		for item := range columns {
			columns[item] = make([]uint8, n)
		}
		for i := range n {
			mood, straight := stream.IntN(5), stream.IntN(4) == 0
			for item := range columns {
				answer := mood
				if !straight {
					answer = (mood*item + stream.IntN(5)) % 5
				}
				columns[item][i] = uint8(answer + 1)
			}
		}
		got, err := Reliability(columns, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Omega.Valid {
			if len(got.OmegaReasons) == 0 {
				t.Fatalf("trial %d: no omega and no reason", trial)
			}
			continue
		}
		fitted++
		cor, kept := correlations(values(CrossProducts(columns, true).Covariance()), k)
		f := OneFactor(cor, len(kept))
		// At the maximum the model reproduces the variances.
		for i, l := range f.Loadings {
			wantClose(t, "variance of an item", l*l+f.Uniqueness[i], 1, 1e-4)
		}
		if got.Omega.Value < 0 || got.Omega.Value > 1 {
			t.Errorf("trial %d: omega %v", trial, got.Omega)
		}
	}
	if fitted < 100 {
		t.Errorf("only %d of 400 models could be fitted", fitted)
	}
}
