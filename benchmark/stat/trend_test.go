package stat

import (
	"math"
	"slices"
	"testing"
)

type trendOracle struct {
	Cells []struct {
		Org  int
		Wave float64
		N, X int
	}
	Slope, SE, DF, P float64
	Two              struct{ Change, SE float64 }
	Same             struct{ Change, Lower, Upper, P float64 }
	McNemar          struct{ Statistic, P float64 }
	McNemarExact     float64 `json:"mcnemar_exact"`
	Trend            struct{ Statistic, P float64 }
	Kendall          struct {
		Times, Values    []float64
		Tau, Z, P, Slope float64
	}
}

// R: testdata/r/trends.R, clubSandwich, svyglm, t.test, mcnemar.test,
// prop.trend.test, cor.test.
func TestTrendsAgreeWithR(t *testing.T) {
	var oracle trendOracle
	readOracle(t, "trends", &oracle)
	var cells []WaveCell
	first, second := make([]Contribution, 24), make([]Contribution, 24)
	for _, c := range oracle.Cells {
		summary := SummaryFromSums(c.N, int64(c.X), int64(c.X))
		cells = append(cells, WaveCell{c.Org, c.Wave, summary})
		contribution := Contribute([]Summary{summary}, EqualRespondent)[0]
		switch c.Wave {
		case 2020:
			first[c.Org-1] = contribution
		case 2021:
			second[c.Org-1] = contribution
		}
	}
	slope, err := WaveSlope(cells, .95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "slope", slope.Slope, oracle.Slope, 1e-11)
	wantNumber(t, "se_cr2", slope.SE, oracle.SE, 1e-11)
	wantNumber(t, "df", slope.DF, oracle.DF, 1e-8)
	wantNumber(t, "p", slope.P, oracle.P, 1e-9)
	two, err := TwoWaves(first, second, .95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "change", two.All.Difference, oracle.Two.Change, 1e-9)
	wantNumber(t, "se", two.All.SE, oracle.Two.SE, 1e-9)
	wantNumber(t, "same organizations", two.SameOrganizations.Mean, oracle.Same.Change, 1e-12)
	wantInterval(t, "same organizations", two.SameOrganizations.CI, [2]float64{oracle.Same.Lower, oracle.Same.Upper}, 1e-9)
	wantNumber(t, "same organizations p", two.SameOrganizations.PT, oracle.Same.P, 1e-9)
	mcnemar, err := McNemar(31, 14)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "mcnemar", mcnemar.Statistic, oracle.McNemar.Statistic, 1e-12)
	wantNumber(t, "mcnemar p", mcnemar.P, oracle.McNemar.P, 1e-9)
	exact, _ := McNemar(4, 11)
	wantNumber(t, "exact p", exact.P, oracle.McNemarExact, 1e-12)
	trend, err := CochranArmitage([]int{40, 52, 61, 49}, []int{110, 120, 125, 90}, []float64{0, 1, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "trend", trend.Statistic, oracle.Trend.Statistic, 1e-9)
	wantNumber(t, "trend p", trend.P, oracle.Trend.P, 1e-9)
	kendall, err := MannKendall(oracle.Kendall.Times, oracle.Kendall.Values)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "tau", kendall.TauB, oracle.Kendall.Tau, 1e-12)
	wantNumber(t, "z", kendall.Z, oracle.Kendall.Z, 1e-12)
	wantNumber(t, "p", kendall.P, oracle.Kendall.P, 1e-12)
	wantNumber(t, "slope", kendall.TheilSen, oracle.Kendall.Slope, 1e-12)
}

// With two waves the slope over the waves is the CR2 contrast of section 8.
func TestSlopeOverTwoWavesIsTheContrastOfTheTwo(t *testing.T) {
	var oracle trendOracle
	readOracle(t, "trends", &oracle)
	var cells []WaveCell
	one, two := make([]Summary, 24), make([]Summary, 24)
	for _, c := range oracle.Cells {
		summary := SummaryFromSums(c.N, int64(c.X), int64(c.X))
		switch c.Wave {
		case 2020:
			two[c.Org-1] = summary
		case 2021:
			one[c.Org-1] = summary
		default:
			continue
		}
		cells = append(cells, WaveCell{c.Org, c.Wave, summary})
	}
	slope, err := WaveSlope(cells, .95)
	if err != nil {
		t.Fatal(err)
	}
	contrast, err := ClusterContrast(one, two, .95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "slope", slope.Slope, contrast.Difference.Value, 1e-11)
	wantNumber(t, "se", slope.SE, contrast.SECR2.Value, 1e-11)
}

// Methods, section 19: 4.9% of 1,100 after 6.0% of 1,200 is z = -1.16.
func TestFallOfTheWorldClassShareIsNoProvenFall(t *testing.T) {
	z, p := PooledZ(54, 1100, 72, 1200)
	wantNumber(t, "z", z, -1.16, .015) // 54 of 1,100 is 4.91%
	if p.Value < .2 {
		t.Errorf("p = %v", p)
	}
}

func TestPartsOfAChangeAddUp(t *testing.T) {
	got, err := DecomposeChange([]Composition{{30, .5, 20, .6}, {50, .2, 60, .3}, {20, .9, 20, .8}})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "change", got.Change, (.2*.6+.6*.3+.2*.8)-(.3*.5+.5*.2+.2*.9), 1e-15)
	wantClose(t, "sum", got.Mix.Value+got.Rate.Value, got.Change.Value, 1e-15)
	gone, err := DecomposeChange([]Composition{{50, .5, 100, .5}, {50, .9, 0, 0}})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "a class that went is mix", gone.Mix, -.2, 1e-15)
	wantNumber(t, "rate", gone.Rate, 0, 1e-15)
	if empty, _ := DecomposeChange([]Composition{{0, 0, 1, .5}}); !slices.Equal(empty.Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("empty wave: %v", empty.Reasons)
	}
	if _, err := DecomposeChange([]Composition{{-1, 0, 1, 0}}); err == nil {
		t.Error("a negative weight was accepted")
	}
}

func TestTrendsSayWhyTheyAreMissing(t *testing.T) {
	want := func(name string, got []Reason, reason Reason) {
		t.Helper()
		if !slices.Equal(got, []Reason{reason}) {
			t.Errorf("%s: %v, want %s", name, got, reason)
		}
	}
	nan := math.NaN()
	none, _ := MannKendall(nil, nil)
	want("nothing", none.Reasons, NoValidAnswers)
	two, _ := MannKendall([]float64{1, 2, 3}, []float64{1, nan, 2})
	want("two values", two.Reasons, TooFewRows)
	tied, _ := MannKendall([]float64{1, 2, 3, 4}, []float64{5, 5, 5, 5})
	want("all tied", tied.Reasons, ZeroVariance)
	wantNumber(t, "slope of ties", tied.TheilSen, 0, 0)
	wantNoNaN(t, "tied", tied)
	if _, err := MannKendall([]float64{2, 1}, []float64{1, 1}); err == nil {
		t.Error("times that fall were accepted")
	}
	for name, test := range map[string]struct {
		x, n   []int
		reason Reason
	}{
		"nobody":    {[]int{0, 0}, []int{0, 0}, NoValidAnswers},
		"one wave":  {[]int{3, 0}, []int{5, 0}, TooFewRows},
		"everybody": {[]int{3, 4}, []int{3, 4}, ZeroVariance},
	} {
		got, err := CochranArmitage(test.x, test.n, []float64{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		want(name, got.Reasons, test.reason)
	}
	same, _ := CochranArmitage([]int{1, 2}, []int{5, 5}, []float64{3, 3})
	want("same score", same.Reasons, ZeroVariance)
	nobody, _ := WaveSlope(nil, .95)
	want("nobody", nobody.Reasons, NoValidAnswers)
	cell := func(j int, wave, mean float64) WaveCell { return WaveCell{j, wave, Summary{N: 5, Mean: mean, SS: 1}} }
	flat, _ := WaveSlope([]WaveCell{cell(0, 2020, .3), cell(1, 2020, .4)}, .95)
	want("one wave", flat.Reasons, ZeroVariance)
	alone, _ := WaveSlope([]WaveCell{cell(0, 2020, .3), cell(0, 2021, .4)}, .95)
	want("one organization", alone.Reasons, OneOrganization)
	few, _ := WaveSlope([]WaveCell{cell(0, 2020, .3), cell(1, 2021, .4), cell(1, 2020, .1), cell(0, 2021, .2)}, .95)
	want("two organizations", few.Reasons, FewOrganizations)
	wantNoNaN(t, "few", few)
	zero, _ := McNemar(0, 0)
	wantNumber(t, "nobody changed", zero.P, 1, 0)
	if _, err := McNemar(-1, 0); err == nil {
		t.Error("a negative count was accepted")
	}
	changes, err := OrganizationChanges([]WaveCounts{{3, 10, 5, 10}, {0, 0, 1, 2}}, .95)
	if err != nil {
		t.Fatal(err)
	}
	want("absent wave", changes[1].Reasons, NoValidAnswers)
	wantNumber(t, "change", changes[0].Change, .2, 1e-15)
	wantNoNaN(t, "changes", changes)
	if breaks := TrendBreaks(WaveKey{"1", "6-7", "all"}, WaveKey{"2", "5-7", "all"}); !slices.Equal(breaks, []Reason{WordingChanged, CutChanged}) {
		t.Errorf("breaks %v", breaks)
	}
	if breaks := TrendBreaks(WaveKey{Population: "a"}, WaveKey{Population: "b"}); !slices.Equal(breaks, []Reason{PopulationChanged}) {
		t.Errorf("breaks %v", breaks)
	}
}

func TestChangesOfManyOrganizationsAreShrunk(t *testing.T) {
	var counts []WaveCounts
	for j := range 20 {
		counts = append(counts, WaveCounts{10 + j%3, 30, 12 + (j*7)%9, 30})
	}
	got, err := OrganizationChanges(counts, .95)
	if err != nil {
		t.Fatal(err)
	}
	var raw, shrunk []float64
	for _, c := range got {
		raw, shrunk = append(raw, c.Change.Value), append(shrunk, c.Shrunk.Value)
	}
	if !(variance(shrunk) < variance(raw)) || got[0].ShrunkCI == nil {
		t.Errorf("spread %v after %v", variance(shrunk), variance(raw))
	}
}
