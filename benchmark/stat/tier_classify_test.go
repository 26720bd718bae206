package stat

import (
	"math"
	"slices"
	"testing"
)

// R: testdata/r/tiers.R, by the discrete Fourier transform.
func TestPoissonBinomialAgreesWithTheFourierRoute(t *testing.T) {
	var oracle struct {
		PoissonBinomial []struct {
			P, PMF       []float64
			Lower, Upper float64
		} `json:"poisson_binomial"`
		Means, Cuts, Low []float64
		LowCuts          []float64 `json:"low_cuts"`
	}
	readOracle(t, "tiers", &oracle)
	for _, c := range oracle.PoissonBinomial {
		ci, err := PoissonBinomialInterval(c.P, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		wantInterval(t, "interval", ci, [2]float64{c.Lower, c.Upper}, 0)
		mass, least := poissonBinomial(c.P)
		for k, want := range c.PMF {
			got := 0.0
			if at := k - int(least); at >= 0 && at < len(mass) {
				got = mass[at]
			}
			wantClose(t, "mass", got, want, 1e-12)
		}
	}
	cuts := MakeTierCuts(append(oracle.Means, math.NaN()))
	wantClose(t, "c1", cuts.Cuts.WorldClass, oracle.Cuts[0], 1e-15)
	wantClose(t, "c2", cuts.Cuts.HighPerforming, oracle.Cuts[1], 1e-15)
	wantClose(t, "c3", cuts.Cuts.Average, oracle.Cuts[2], 1e-15)
	low := MakeTierCuts(oracle.Low)
	if !low.FloorUsed || low.Cuts.WorldClass != 0.5 || low.Cuts.HighPerforming != oracle.LowCuts[1] {
		t.Errorf("cuts under the floor: %+v", low)
	}
}

func TestTierCutsSayWhenTheyAreProvisional(t *testing.T) {
	for n, want := range map[int][]Reason{0: {InsufficientReliability}, 9: {FewOrganizations}, 10: {ProvisionalCut}, 29: {ProvisionalCut}, 30: nil} {
		got := MakeTierCuts(slices.Repeat([]float64{.6}, n))
		if !slices.Equal(got.Reasons, want) || (got.Cuts == nil) != (n < 10) {
			t.Errorf("%d organizations: %v", n, got)
		}
	}
}

func above(p1, p2, p3 float64) []Number { return []Number{Some(p1), Some(p2), Some(p3)} }

func TestTierIsTheMostProbableExceptThatATitleNeedsNinety(t *testing.T) {
	tests := []struct {
		name  string
		above []Number
		tier  Tier
		call  Call
	}{
		{"certain", above(.95, .99, 1), WorldClass, CallWorldClass},
		{"exactly ninety", above(.90, 1, 1), WorldClass, CallWorldClass},
		{"most probable but likely only", above(.85, .95, 1), HighPerforming, CallLikely},
		{"likely from seventy", above(.70, .8, 1), AverageTier, CallLikely},
		{"undecided", above(.30, .75, 1), HighPerforming, CallUndecided},
		{"tie goes to the lower tier", above(0, .4, .8), AverageTier, CallUnlikely},
		{"bottom", above(0, .1, .3), UnderPerforming, CallUnlikely},
	}
	for _, test := range tests {
		organizations := slices.Repeat([]TierInput{{N: 20, Lambda: Some(.8), PAbove: test.above}}, 10)
		got := Classify(organizations).PerOrganization[0]
		if got.Tier == nil || *got.Tier != test.tier || got.Call != test.call {
			t.Errorf("%s: %v %v", test.name, *got.Tier, got.Call)
		}
		sum := got.PWorldClass.Value + got.PHighPerforming.Value + got.PAverage.Value + got.PUnderPerforming.Value
		wantClose(t, test.name+": sum of P", sum, 1, 1e-12)
	}
}

func TestClassifyKeepsItsGates(t *testing.T) {
	good := TierInput{N: 15, Lambda: Some(.7), PAbove: above(.5, .6, .7)}
	gated := []TierInput{
		{N: 14, Lambda: Some(.9), PAbove: good.PAbove},
		{N: 50, Lambda: Some(.699), PAbove: good.PAbove},
		{N: 50, Lambda: Some(.9), PAbove: good.PAbove, NoTier: true},
		{N: 50, Lambda: Some(.9)},
		{},
	}
	got := Classify(append(slices.Repeat([]TierInput{good}, 10), gated...))
	if got.Eligible != 10 {
		t.Errorf("eligible %d, want 10", got.Eligible)
	}
	wantNumber(t, "expected_world_class", got.ExpectedWorldClass, 5, 1e-12)
	wantNumber(t, "classification_accuracy", got.Accuracy, .5, 1e-12)
	wantInterval(t, "expected_world_class_ci", got.ExpectedWorldClassCI, [2]float64{2, 8}, 0)
	for _, o := range got.PerOrganization[10:] {
		if o.Call != CallInsufficient || o.Tier != nil || o.PWorldClass.Valid || len(o.Reasons) != 1 {
			t.Errorf("gated organization has %+v", o)
		}
	}
	wantNoNaN(t, "classified", got)
	few := Classify(slices.Repeat([]TierInput{good}, 9))
	if !slices.Equal(few.Reasons, []Reason{FewOrganizations}) || few.PerOrganization[0].Tier != nil {
		t.Errorf("nine organizations: %+v", few)
	}
	if none := Classify(gated); !slices.Equal(none.Reasons, []Reason{InsufficientReliability}) {
		t.Errorf("nobody eligible: %v", none.Reasons)
	}
	if empty := Classify(nil); !slices.Equal(empty.Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("no organization: %v", empty.Reasons)
	}
}

func TestTopOrganizationsBreakTiesByTheirOrder(t *testing.T) {
	scores := []float64{.5, .9, math.NaN(), .5, .9, .5}
	if got := TopOrganizations(scores, 3); !slices.Equal(got, []bool{true, true, false, false, true, false}) {
		t.Errorf("top 3: %v", got)
	}
	if got := TopOrganizations(scores, 99); !slices.Equal(got, []bool{true, true, false, true, true, true}) {
		t.Errorf("more than there are: %v", got)
	}
	marked, cut := QuantileRaw([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, math.NaN()})
	wantNumber(t, "cut", cut, 10, 0)
	if !marked[9] || !marked[10] || marked[8] || marked[11] {
		t.Errorf("quantile_raw marks %v", marked)
	}
	if _, cut := QuantileRaw(nil); cut.Valid {
		t.Error("a cut of nothing")
	}
}

// The tier is reckoned without a branch; this is the rule as it is written.
func TestTheTierIsThatOfTheRuleInItsPlainForm(t *testing.T) {
	plain := func(p [4]float64) int {
		best := 3
		for i := 2; i >= 0; i-- {
			if p[i] > p[best] && (i > 0 || p[0] >= callCertain) {
				best = i
			}
		}
		return best
	}
	stream := NewStream(8, "tiers", 0)
	for range 100000 {
		above := [3]float64{stream.Float64(), stream.Float64(), stream.Float64()}
		if stream.IntN(2) == 0 { // ties, and the limits of calls
			for i := range above {
				above[i] = float64(stream.IntN(11)) / 10
			}
		}
		slices.Sort(above[:])
		if stream.IntN(9) == 0 {
			above[1] = max(above[0]-1e-16, 0) // rounding
		}
		p, best := tierOf(above)
		if best != plain(p) {
			t.Fatalf("above the cuts %v: tier %d, want %d", above, best, plain(p))
		}
		want := 3
		for i, least := range []float64{callUnlikely, callLikely, callCertain} {
			if p[0] >= least {
				want = 2 - i
			}
		}
		if got := callOf(p[0]); got != want {
			t.Fatalf("call %d of %v, want %d", got, p[0], want)
		}
	}
}
