package stat

import (
	"math"
	"slices"
	"testing"
)

func TestDifferencesOfTwoSharesAgreeWithR(t *testing.T) {
	var r struct {
		Proportions []struct {
			X1, N1, X2, N2 int
			Newcombe, MN   [2]float64
			Z2             float64
			PZ             float64     `json:"p_z"`
			PFisher        float64     `json:"p_fisher"`
			H              float64     `json:"cohens_h"`
			Odds           float64     `json:"odds_ratio"`
			OddsCI         [2]float64  `json:"odds_ci"`
			Risk           *float64    `json:"risk_ratio"`
			RiskCI         *[2]float64 `json:"risk_ci"`
		}
	}
	readOracle(t, "differences", &r)
	for _, c := range r.Proportions {
		p1, p2 := float64(c.X1)/float64(c.N1), float64(c.X2)/float64(c.N2)
		wantInterval(t, "newcombe", NewcombeHybrid(p1, float64(c.N1), p2, float64(c.N2), 0.95), c.Newcombe, 1e-9)
		wantInterval(t, "miettinen-nurminen", MiettinenNurminen(c.X1, c.N1, c.X2, c.N2, 0.95), c.MN, 1e-9)
		z, p := PooledZ(c.X1, c.N1, c.X2, c.N2)
		wantNumber(t, "pooled z squared", Some(z.Value*z.Value), c.Z2, 1e-9)
		wantNumber(t, "pooled z p", p, c.PZ, 1e-12)
		wantNumber(t, "fisher", FisherExact(c.X1, c.N1, c.X2, c.N2), c.PFisher, 1e-11)
		wantNumber(t, "h", CohenH(p1, p2), c.H, 1e-12)
		odds, err := OddsRatio(c.X1, c.N1, c.X2, c.N2, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		wantNumber(t, "odds ratio", odds.Ratio, c.Odds, relative(c.Odds, 1e-11))
		wantInterval(t, "odds ratio ci", odds.CI, c.OddsCI, relative(c.OddsCI[1], 1e-11))
		if c.Risk != nil {
			risk, _ := RiskRatio(c.X1, c.N1, c.X2, c.N2, 0.95)
			wantNumber(t, "risk ratio", risk.Ratio, *c.Risk, relative(*c.Risk, 1e-11))
			wantInterval(t, "risk ratio ci", risk.CI, *c.RiskCI, relative(c.RiskCI[1], 1e-11))
		}
	}
}

func TestDifferencesGiveThePublishedIntervals(t *testing.T) {
	// Newcombe 1998b, 56/70 - 48/80.
	wantInterval(t, "hybrid", NewcombeHybrid(0.8, 70, 0.6, 80, 0.95), [2]float64{0.0524, 0.3339}, 5e-5)
	wantInterval(t, "score", MiettinenNurminen(56, 70, 48, 80, 0.95), [2]float64{0.0528, 0.3382}, 5e-5)
	back := MiettinenNurminen(48, 80, 56, 70, 0.95)
	wantClose(t, "score interval mirrors", -back.Upper, MiettinenNurminen(56, 70, 48, 80, 0.95).Lower, 1e-9)
}

func TestDifferencesAtTheEdgesStayInRange(t *testing.T) {
	for _, c := range [][4]int{{0, 5, 5, 5}, {5, 5, 0, 5}, {0, 5, 0, 7}, {5, 5, 7, 7}, {1, 1, 0, 1}, {0, 1, 0, 1}} {
		for name, i := range map[string]*Interval{
			"score":  MiettinenNurminen(c[0], c[1], c[2], c[3], 0.95),
			"hybrid": NewcombeHybrid(float64(c[0])/float64(c[1]), float64(c[1]), float64(c[2])/float64(c[3]), float64(c[3]), 0.95),
		} {
			d := float64(c[0])/float64(c[1]) - float64(c[2])/float64(c[3])
			if i == nil || !(-1 <= i.Lower && i.Lower <= d && d <= i.Upper && i.Upper <= 1) {
				t.Errorf("%s of %v: %v around %g", name, c, i, d)
			}
		}
	}
	if MiettinenNurminen(0, 0, 1, 2, 0.95) != nil || NewcombeHybrid(0.5, 0, 0.5, 3, 0.95) != nil || FisherExact(0, 0, 1, 2).Valid {
		t.Error("an empty sample was compared")
	}
	if z, p := PooledZ(5, 5, 7, 7); z.Valid || p.Valid {
		t.Error("pooled z without variance")
	}
	if r, _ := RiskRatio(3, 5, 0, 5, 0.95); r.Ratio.Valid || !slices.Contains(r.Reasons, OutOfDomain) {
		t.Errorf("risk ratio on base 0: %v", r)
	}
	if r, _ := OddsRatio(3, 5, 0, 5, 0.95); !slices.Contains(r.Notes, NoteHalfAdded) {
		t.Errorf("odds ratio with an empty cell: notes %v", r.Notes)
	}
}

func TestEffectSizesAgreeWithR(t *testing.T) {
	var r struct {
		Effects struct {
			X, Y        []int
			D, G, Cliff float64
			DCI         [2]float64 `json:"d_ci"`
			GCI         [2]float64 `json:"g_ci"`
			CliffSE     float64    `json:"cliff_se"`
			CliffCI     [2]float64 `json:"cliff_ci"`
		}
	}
	readOracle(t, "differences", &r)
	e := r.Effects
	got, err := StandardizedDifference(SummaryFromCounts(e.X), SummaryFromCounts(e.Y), 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "d", got.CohenD, e.D, 1e-9)
	wantNumber(t, "g", got.HedgesG, e.G, 1e-9)
	wantInterval(t, "d interval", got.CohenDCI, e.DCI, 1e-4)
	wantInterval(t, "g interval", got.HedgesCI, e.GCI, 1e-4)
	cliff, err := CliffDelta(e.X, e.Y, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "cliff", cliff.Delta, e.Cliff, 1e-9)
	wantNumber(t, "cliff se", cliff.SE, e.CliffSE, 1e-9)
	wantInterval(t, "cliff interval", cliff.CI, e.CliffCI, 1e-9)
	wantNumber(t, "a12", cliff.A12, (e.Cliff+1)/2, 1e-9)
	slices.Reverse(e.X)
	slices.Reverse(e.Y)
	if mirrored, _ := CliffDelta(e.X, e.Y, 0.95); math.Abs(mirrored.Delta.Value+e.Cliff) > 1e-12 {
		t.Errorf("reversed scale: %v, want %g", mirrored.Delta, -e.Cliff)
	}
}

func TestEffectSizesAnswerDegenerateGroupsWithReasons(t *testing.T) {
	for _, c := range []struct {
		one, two []int
		effect   Reason
		cliff    Reason
	}{
		{[]int{0, 0, 0}, []int{1, 2, 0}, NoValidAnswers, NoValidAnswers},
		{[]int{1, 0, 0}, []int{0, 1, 0}, OneRespondent, OneRespondent},
		{[]int{4, 0, 0}, []int{0, 0, 5}, ZeroVariance, ZeroVariance},
		{[]int{4, 0, 0}, []int{5, 0, 0}, ZeroVariance, ZeroVariance},
	} {
		e, err := StandardizedDifference(SummaryFromCounts(c.one), SummaryFromCounts(c.two), 0.95)
		if err != nil || !slices.Contains(e.Reasons, c.effect) || e.CohenD.Valid {
			t.Errorf("%v against %v: %v, %v", c.one, c.two, e, err)
		}
		d, err := CliffDelta(c.one, c.two, 0.95)
		if err != nil || !slices.Contains(d.Reasons, c.cliff) || d.CI != nil {
			t.Errorf("%v against %v: %v, %v", c.one, c.two, d, err)
		}
	}
}

func TestAdjustedPValuesAgreeWithR(t *testing.T) {
	var r struct {
		Multiple struct{ Published, P, BH, Holm, Bonferroni []float64 }
	}
	readOracle(t, "differences", &r)
	p := []Number{{}}
	for _, v := range r.Multiple.P {
		p = append(p, Some(v))
	}
	bh, holm, bonferroni := BenjaminiHochberg(p), Holm(p), Bonferroni(p)
	if bh[0].Valid || holm[0].Valid {
		t.Error("a missing p was adjusted")
	}
	for i := range r.Multiple.P {
		wantNumber(t, "bh", bh[i+1], r.Multiple.BH[i], 1e-15)
		wantNumber(t, "holm", holm[i+1], r.Multiple.Holm[i], 1e-15)
		wantNumber(t, "bonferroni", bonferroni[i+1], r.Multiple.Bonferroni[i], 1e-15)
	}
	if len(BenjaminiHochberg(nil)) != 0 {
		t.Error("no p-values gave some")
	}
}

func TestBenjaminiHochbergRejectsFourOfTheirFifteen(t *testing.T) {
	var r struct{ Multiple struct{ Published []float64 } }
	readOracle(t, "differences", &r)
	var p []Number
	for _, v := range r.Multiple.Published {
		p = append(p, Some(v))
	}
	count := func(adjusted []Number) (rejected int) {
		for _, v := range adjusted {
			if v.Value <= 0.05 {
				rejected++
			}
		}
		return rejected
	}
	if bh, bonferroni := count(BenjaminiHochberg(p)), count(Bonferroni(p)); bh != 4 || bonferroni != 3 {
		t.Errorf("BH rejects %d, Bonferroni %d; the paper says 4 and 3", bh, bonferroni)
	}
}

func TestPairedDifferencesAgreeWithR(t *testing.T) {
	var r struct {
		Paired struct {
			D           []float64
			Mean        float64
			CI          [2]float64
			PT          float64 `json:"p_t"`
			PSignedRank float64 `json:"p_signed_rank"`
		}
	}
	readOracle(t, "differences", &r)
	got, err := PairedDifferences(r.Paired.D, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "mean", got.Mean, r.Paired.Mean, 1e-12)
	wantInterval(t, "ci", got.CI, r.Paired.CI, 1e-9)
	wantNumber(t, "p_t", got.PT, r.Paired.PT, 1e-9)
	wantNumber(t, "p_signed_rank", got.PSignedRank, r.Paired.PSignedRank, 1e-9)
}

func TestExactPermutationAgreesWithCoin(t *testing.T) {
	var r struct {
		Permutation struct {
			A, B []float64
			P    float64
		}
	}
	readOracle(t, "differences", &r)
	contribute := func(x []float64) (c []Contribution) {
		for _, v := range x {
			c = append(c, Contribution{N: 1, W: 1, WY: v, W2: 1})
		}
		return c
	}
	a, b := contribute(r.Permutation.A), contribute(r.Permutation.B)
	got := PermutationTest(a, b, 1)
	if !got.Exact || got.Replicates != 495 {
		t.Errorf("12 choose 4 arrangements: exact %v, %d replicates", got.Exact, got.Replicates)
	}
	wantNumber(t, "p", got.P, r.Permutation.P, 1e-12)
	// The drawn test comes near the exact one, and is the same for the same seed.
	d := newDealing(append(slices.Clone(a), b...))
	draw := func() float64 {
		return float64(1+d.countDrawn(4, math.Abs(got.Difference.Value)-1e-12, NewStream(9, "permutation", 0))) / (permutationDraws + 1)
	}
	wantClose(t, "drawn p", draw(), r.Permutation.P, 0.01)
	if draw() != draw() {
		t.Error("the same seed gave two p-values")
	}
	if small := PermutationTest(a[:2], b, 1); small.P.Valid || !slices.Contains(small.Reasons, SmallTier) {
		t.Errorf("two organizations were tested: %v", small)
	}
	if empty := PermutationTest(nil, b, 1); !slices.Contains(empty.Reasons, NoValidAnswers) {
		t.Errorf("nobody against somebody: %v", empty)
	}
}

func TestPercentilesAreMidranks(t *testing.T) {
	scores := []Number{Some(3), {}, Some(1), Some(3), Some(7), Some(3)}
	got, _ := PercentileMidrank(scores, false)
	for i, want := range []float64{50, -1, 10, 50, 90, 50} {
		if want < 0 {
			if got[i].Valid {
				t.Errorf("a missing score has percentile %v", got[i])
			}
			continue
		}
		wantNumber(t, "percentile", got[i], want, 1e-12)
	}
	self, _ := PercentileMidrank(scores, true)
	wantNumber(t, "without self", self[4], 100, 1e-12)
	wantNumber(t, "equal without self", self[0], 50, 1e-12)
	wantNumber(t, "among others", PercentileAmong(3, []float64{1, 3, 7, 3}), 50, 1e-12)
	if one, reasons := PercentileMidrank([]Number{Some(1)}, false); one[0].Valid || reasons[0] != OneOrganization {
		t.Errorf("percentile of one: %v, %v", one, reasons)
	}
}
