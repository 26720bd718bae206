package stat

import (
	"fmt"
	"math"
	"testing"
)

// relative is an absolute tolerance that grows and shrinks with the value.
func relative(want, tolerance float64) float64 { return tolerance * math.Abs(want) }

func TestDistributionsAgreeWithRInBothTails(t *testing.T) {
	var r struct {
		Beta      []struct{ A, B, P, X, Lower, Upper float64 }
		T         []struct{ T, DF, P float64 }
		TQuantile []struct{ P, DF, T float64 }       `json:"t_quantile"`
		F         []struct{ F, DF1, DF2, P float64 } `json:"f"`
		FQuantile []struct{ P, DF1, DF2, F float64 } `json:"f_quantile"`
		Normal    []struct{ P, Z float64 }
		ChiSquare []struct{ X, DF, P float64 } `json:"chi_square"`
	}
	readOracle(t, "distributions", &r)
	for _, c := range r.Beta {
		name := fmt.Sprintf("I_%g(%g, %g)", c.X, c.A, c.B)
		wantClose(t, name, BetaCDF(c.X, c.A, c.B), c.Lower, relative(c.Lower, 1e-10))
		if c.Upper > 1e-9 { // 1 - x has lost digits before the call below that
			wantClose(t, "1 - "+name, BetaUpper(c.X, c.A, c.B), c.Upper, relative(c.Upper, 1e-6)+1e-10*c.Upper)
		}
		wantClose(t, "quantile of "+name, BetaQuantile(c.P, c.A, c.B), c.X, relative(c.X, 1e-9))
	}
	for _, c := range r.T {
		wantClose(t, fmt.Sprintf("P(|T_%g| > %g)", c.DF, c.T), TTwoSided(c.T, c.DF), c.P, relative(c.P, 1e-10))
	}
	for _, c := range r.TQuantile {
		wantClose(t, fmt.Sprintf("t quantile %g, df %g", c.P, c.DF), TQuantile(c.P, c.DF), c.T, relative(c.T, 1e-10)+1e-14)
	}
	for _, c := range r.F {
		wantClose(t, fmt.Sprintf("P(F_%g,%g > %g)", c.DF1, c.DF2, c.F), FUpper(c.F, c.DF1, c.DF2), c.P, relative(c.P, 1e-10)+1e-300)
	}
	for _, c := range r.FQuantile {
		wantClose(t, fmt.Sprintf("F quantile %g, %g, %g", c.P, c.DF1, c.DF2), FQuantile(c.P, c.DF1, c.DF2), c.F, relative(c.F, 1e-10))
	}
	for _, c := range r.Normal {
		wantClose(t, fmt.Sprintf("normal quantile %g", c.P), NormalQuantile(c.P), c.Z, relative(c.Z, 1e-14))
		wantClose(t, fmt.Sprintf("Phi(%g)", c.Z), NormalCDF(c.Z), c.P, relative(c.P, 1e-11))
	}
	for _, c := range r.ChiSquare {
		wantClose(t, fmt.Sprintf("P(X_%g > %g)", c.DF, c.X), ChiSquareUpper(c.X, c.DF), c.P, relative(c.P, 1e-10))
	}
}

func TestQuantilesAgreeWithRTypes7And1(t *testing.T) {
	var r struct {
		Quantile struct{ X, P, Type7, Type1 []float64 }
	}
	readOracle(t, "distributions", &r)
	x := r.Quantile.X
	first := x[0]
	for i, p := range r.Quantile.P {
		wantNumber(t, fmt.Sprintf("type 7 at %g", p), Quantile(x, p), r.Quantile.Type7[i], 1e-14)
		wantNumber(t, fmt.Sprintf("type 1 at %g", p), QuantileStep(sorted(x), p), r.Quantile.Type1[i], 0)
	}
	if x[0] != first {
		t.Error("the caller's slice was sorted")
	}
	if Quantile(nil, 0.5).Valid || WeightedQuantile(nil, nil, 0.5).Valid || QuantileStep(nil, 0.5).Valid {
		t.Error("an empty slice has a quantile")
	}
	wantNumber(t, "quantile of one value", Quantile([]float64{3}, 0.9), 3, 0)
	wantNumber(t, "weighted median", WeightedQuantile([]float64{5, 1, 3}, []float64{1, 1, 5}, 0.5), 3, 0)
	wantNumber(t, "weighted median, weights of 0", WeightedQuantile([]float64{5, 1, 3}, []float64{1, 0, 0}, 0.5), 5, 0)
}

func TestQuantilesOfManyValuesAreThoseOfTheSortedOnes(t *testing.T) {
	stream := NewStream(5, "quantiles", 0)
	shapes := map[string]func(i int) float64{
		"normal":               func(int) float64 { return stream.Normal() },
		"few values":           func(int) float64 { return float64(stream.IntN(5)) },
		"all equal":            func(int) float64 { return 3 },
		"one far away":         func(i int) float64 { return stream.Float64() + 1e12*float64(i/4999) },
		"one infinite":         func(i int) float64 { return stream.Float64() + float64(i/4999)*math.Inf(1) },
		"as far as floats go":  func(int) float64 { return (stream.Float64() - .5) * math.MaxFloat64 },
		"hardly apart":         func(int) float64 { return 1 + float64(stream.IntN(3))*0x1p-52 },
		"smallest there are":   func(int) float64 { return float64(stream.IntN(9)) * math.SmallestNonzeroFloat64 },
		"signs of zero, mixed": func(i int) float64 { return math.Copysign(float64(stream.IntN(2)), float64(i%2)-.5) },
	}
	ps := []float64{0, .001, .3, .5, .7, .9, .9999, 1}
	for name, of := range shapes {
		x := make([]float64, 5000)
		for i := range x {
			x[i] = of(i)
		}
		got, s := Quantiles(x, ps...), sorted(x)
		for i, p := range ps {
			if want := QuantileSorted(s, p); got[i] != want && !(math.IsNaN(got[i].Value) && math.IsNaN(want.Value)) {
				t.Errorf("%s: quantile %v is %v, want %v", name, p, got[i], want)
			}
		}
	}
	if Quantiles(make([]float64, 5000), math.NaN(), -1, 2)[0].Valid {
		t.Error("there is a quantile at no probability")
	}
	few := make([]float64, 5000)
	few[17] = math.NaN()
	if got, want := Quantile(few, .5), QuantileSorted(sorted(few), .5); got != want {
		t.Errorf("with a NaN: %v, want %v", got, want)
	}
}

func TestSumKeepsDigitsThatPlainAdditionLoses(t *testing.T) {
	if got := Total([]float64{1e16, 1, -1e16, 1}); got != 2 {
		t.Errorf("total = %g, want 2", got)
	}
}

func TestDistributionsAtTheEndsOfTheirRange(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"I_0", BetaCDF(0, 2, 3), 0},
		{"I_1", BetaCDF(1, 2, 3), 1},
		{"1 - I_1", BetaUpper(1, 2, 3), 0},
		{"beta quantile 0", BetaQuantile(0, 2, 3), 0},
		{"beta quantile 1", BetaQuantile(1, 2, 3), 1},
		{"P(|T| > inf)", TTwoSided(math.Inf(1), 5), 0},
		{"P(|T| > 0)", TTwoSided(0, 5), 1},
		{"t median", TQuantile(0.5, 3), 0},
		{"t with infinite df is normal", TQuantile(0.975, math.Inf(1)), z95},
		{"critical value with infinite df", TCritical(0.95, math.Inf(1)), z95},
		{"P(F > 0)", FUpper(0, 3, 4), 1},
		{"P(F > inf)", FUpper(math.Inf(1), 3, 4), 0},
		{"P(X > 0)", ChiSquareUpper(0, 4), 1},
	} {
		wantClose(t, c.name, c.got, c.want, 1e-13)
	}
	// A quarter of all t on one degree of freedom lies above 1, a tenth above
	// 3.0777 (tan(0.4 pi)).
	wantClose(t, "Cauchy", TTwoSided(1, 1), 0.5, 1e-15)
	wantClose(t, "Cauchy critical value", TCritical(0.80, 1), math.Tan(0.4*math.Pi), 1e-12)
	// A tail that 1 - cdf can not see.
	if FUpper(1e4, 10, 200) <= 0 || NormalUpper(30) <= 0 {
		t.Error("a far tail is 0")
	}
}

func TestBetaQuantileInvertsBetaCDF(t *testing.T) {
	stream := NewStream(8, "beta", 0)
	for range 2000 {
		a, b := math.Exp(8*stream.Float64()-3), math.Exp(12*stream.Float64()-3)
		p := stream.Float64()
		x := BetaQuantile(p, a, b)
		if x < 1e-200 || x > 1-1e-9 {
			continue
		}
		wantClose(t, fmt.Sprintf("I at its quantile %g of (%g, %g)", p, a, b), BetaCDF(x, a, b), p, 1e-9)
	}
}
