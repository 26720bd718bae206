package benchmark

import (
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
)

func TestNumbersAreRoundedHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{0.5, 0, "1"}, {-0.5, 0, "−1"}, {2.5, 0, "3"}, {-2.4, 0, "−2"}, {1.005, 2, "1.01"}, {0.285 * 100, 0, "29"},
		{-0.04, 1, "0.0"}, {52.952, 0, "53"}, {58.495, 0, "58"}, {52.952 - 58.495, 0, "−6"}, {0, 0, "0"}, {1e15, 0, "1000000000000000"},
	} {
		if got := FormatNumber(c.v, c.decimals); got != c.want {
			t.Errorf("%v with %d decimals: %s, want %s", c.v, c.decimals, got, c.want)
		}
	}
}

func TestSharesAreRoundedFromCounts(t *testing.T) {
	for _, c := range []struct {
		x, n int
		want string
	}{
		{57, 200, "29%"}, {1, 8, "13%"}, {0, 20, "0%"}, {20, 20, "100%"}, {2911, 5820, "50.0%"}, {1, 3000, "0.0%"}, {3, 2000, "0.2%"}, {999, 1000, "99.9%"}, {1, 0, "–"},
	} {
		if got := FormatCountShare(c.x, c.n); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.x, c.n, got, c.want)
		}
		if c.n > 0 {
			if got := FormatShare(float64(c.x)/float64(c.n), c.n); got != c.want {
				t.Errorf("share %d of %d: %s, want %s", c.x, c.n, got, c.want)
			}
		}
	}
}

func TestProbabilitiesAreNeverCertainByRounding(t *testing.T) {
	for v, want := range map[float64]string{0.999: "over 99%", 1: "100%", 0.004: "under 1%", 0: "0%", 0.5: "50%", 0.99: "99%"} {
		if got := FormatProbability(stat.Some(v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	for v, want := range map[float64]string{0.0004: "< .001", 0.0005: "< .001", 0.001: ".001", 0.04999: ".050", 0.5: ".500", 1: "1.000"} {
		if got := FormatP(stat.Some(v)); got != want {
			t.Errorf("p %v: %s, want %s", v, got, want)
		}
	}
	if FormatP(stat.Number{}) != Dash || FormatProbability(stat.Number{}) != Dash {
		t.Error("a missing number")
	}
}

func TestFiguresPrintTheirUnit(t *testing.T) {
	interval := &stat.Interval{Lower: -3.2, Upper: 12.6}
	for _, c := range []struct {
		e            Estimate
		text, spread string
	}{
		{Estimate{Status: OK, Value: stat.Some(4.7), Unit: UnitPoints, CI: interval}, "+5", "−3 to +13"},
		{Estimate{Status: OK, Value: stat.Some(0.3), Unit: UnitProportion, N: ptr(10), CI: &stat.Interval{Lower: 0.1, Upper: 0.6}}, "30%", "10 to 60%"},
		{Estimate{Status: OK, Value: stat.Some(0.3), Unit: UnitProportion, N: ptr(1200), CI: &stat.Interval{Lower: 0.27, Upper: 0.33}}, "30.0%", "27.0 to 33.0%"},
		{Estimate{Status: Withheld, Bound: "over 90%", Unit: UnitProportion}, "over 90%", ""},
		{Estimate{Status: Withheld, Unit: UnitProportion}, "withheld", ""},
		{Estimate{Status: NotComputed, Unit: UnitProportion}, Dash, ""},
		{Estimate{Status: OK, Value: stat.Some(5.25), Unit: UnitScale}, "5.3", ""},
		{Estimate{Status: OK, Value: stat.Some(59.5), Unit: UnitPercent}, "59.5%", ""},
		{Estimate{Status: OK, Value: stat.Some(104), Unit: UnitPercent}, "104%", ""},
	} {
		if got := c.e.Text(); got != c.text {
			t.Errorf("%+v: %s, want %s", c.e, got, c.text)
		}
		if got := c.e.Range(); got != c.spread {
			t.Errorf("%+v: range %s, want %s", c.e, got, c.spread)
		}
	}
}

func TestCountsGetCommas(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -4321: "-4,321", -432: "-432"} {
		if got := FormatCount(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestFiguresBesideEachOtherHaveTheSameDecimals(t *testing.T) {
	share := func(p float64, n int) Estimate {
		return Estimate{Stat: "top2_share", Unit: UnitProportion, Value: stat.Some(p), Status: OK}.withN(n, 10)
	}
	for name, c := range map[string]struct {
		a, b         Estimate
		wantA, wantB string
	}{
		"few and many": {share(0.8712, 400), share(0.2464, 1180), "87%", "25%"},
		"many":         {share(0.8712, 1400), share(0.2464, 1180), "87.1%", "24.6%"},
		"one withheld": {Estimate{Status: Withheld}, share(0.2464, 1180), "withheld", "24.6%"},
	} {
		if a, b := pair(c.a, c.b); a != c.wantA || b != c.wantB {
			t.Errorf("%s: %s and %s, want %s and %s", name, a, b, c.wantA, c.wantB)
		}
	}
	many := share(0.5, 2000)
	pair(share(0.5, 20), many)
	if *many.N != 2000 {
		t.Errorf("the figure itself now has n = %d", *many.N)
	}
}
