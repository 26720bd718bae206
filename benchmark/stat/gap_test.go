package stat

import (
	"math"
	"slices"
	"testing"
)

// gapOracle is gaps.json.
type gapOracle struct {
	N, X  []int
	WC    []bool
	Cases []struct {
		Weighting Weighting
		Points    float64
		VsAll     float64 `json:"vs_all"`
		Newcombe  [2]float64
		CI        [2]float64
		P, DF     float64
	}
	One struct {
		X, N              int
		Points, SE, DF, P float64
	}
	Role struct {
		NM, NS, XM, XS []int
		Mean           float64
		CI             [2]float64
		PT             float64 `json:"p_t"`
		PSignedRank    float64 `json:"p_signed_rank"`
		Organizations  int
		Positive       float64
	}
	Coach struct {
		Org                  []int32
		Enabling, Accounting []float64
		LogRatio             float64 `json:"log_ratio"`
		CI                   [2]float64
	}
	Time []struct {
		Mean float64
		CI   [2]float64
	}
}

// columns splits the organizations into WC and Rest, each in its own place.
func (o gapOracle) columns(t *testing.T) (wc, rest []Summary) {
	t.Helper()
	all, err := ShareSummaries(o.N, o.X)
	if err != nil {
		t.Fatal(err)
	}
	wc, rest = make([]Summary, len(all)), make([]Summary, len(all))
	for j, s := range all {
		if o.WC[j] {
			wc[j] = s
		} else {
			rest[j] = s
		}
	}
	return wc, rest
}

func TestGapAgreesWithRUnderEveryWeighting(t *testing.T) {
	var r gapOracle
	readOracle(t, "gaps", &r)
	wc, rest := r.columns(t)
	for _, c := range r.Cases {
		got, err := Gap(wc, rest, GapOptions{Weighting: c.Weighting})
		if err != nil {
			t.Fatal(err)
		}
		name := string(c.Weighting)
		wantNumber(t, name+" gap", got.Points, c.Points, 1e-9)
		wantNumber(t, name+" gap against all", got.VsAllPoints, c.VsAll, 1e-9)
		wantInterval(t, name+" newcombe", got.CINewcombe, c.Newcombe, 1e-7)
		wantInterval(t, name+" interval", got.CI, c.CI, 1e-7)
		wantNumber(t, name+" df", got.DF, c.DF, 1e-9)
		wantNumber(t, name+" p", got.P, c.P, 1e-9)
		if c.Weighting == EqualOrganization { // WC - All = (1-s)(WC - Rest)
			wantNumber(t, "identity of the columns", got.VsAllPoints, (1-8.0/40)*got.Points.Value, 1e-12)
		}
		if got.Organizations != 40 || len(got.Reasons) > 0 {
			t.Errorf("%s: %d organizations, reasons %v", name, got.Organizations, got.Reasons)
		}
	}
}

func TestOneOrganizationAgainstABenchmarkWithoutItAgreesWithR(t *testing.T) {
	var r gapOracle
	readOracle(t, "gaps", &r)
	_, rest := r.columns(t)
	got, err := OneVersusBenchmark(r.One.X, r.One.N, 1, Contribute(rest, EqualOrganization), 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "gap", got.Points, r.One.Points, 1e-9)
	wantNumber(t, "se", got.SE, r.One.SE, 1e-9)
	wantNumber(t, "df", got.DF, r.One.DF, 0)
	wantNumber(t, "p", got.P, r.One.P, 1e-9)
	// With the organization inside, the benchmark moves towards it.
	rest[0] = SummaryFromSums(r.One.N, int64(r.One.X), int64(r.One.X))
	inside, _ := ClusteredShare(Contribute(rest, EqualOrganization), ShareOptions{})
	wantNumber(t, "gap against all", got.VsAllPoints, 100*(got.Own.Value-inside.Share.Value), 1e-9)
}

func TestRoleGapAndManagerTimeAgreeWithR(t *testing.T) {
	var r gapOracle
	readOracle(t, "gaps", &r)
	managers, err := ShareSummaries(r.Role.NM, r.Role.XM)
	if err != nil {
		t.Fatal(err)
	}
	sellers, _ := ShareSummaries(r.Role.NS, r.Role.XS)
	role, err := RoleGap(managers, sellers, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "role gap", role.Points, r.Role.Mean, 1e-9)
	wantInterval(t, "role gap interval", role.CI, r.Role.CI, 1e-9)
	wantNumber(t, "p_t", role.PT, r.Role.PT, 1e-9)
	wantNumber(t, "p_signed_rank", role.PSignedRank, r.Role.PSignedRank, 1e-9)
	wantNumber(t, "share positive", role.SharePositive, r.Role.Positive, 1e-12)
	if role.Organizations != r.Role.Organizations {
		t.Errorf("%d organizations, want %d", role.Organizations, r.Role.Organizations)
	}
	coach, err := CoachOrForecast(r.Coach.Enabling, r.Coach.Accounting, r.Coach.Org, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "log ratio", coach.LogRatio, r.Coach.LogRatio, 1e-9)
	wantInterval(t, "log ratio interval", coach.LogRatioCI, r.Coach.CI, 1e-9)
	wantNumber(t, "ratio", coach.Ratio, math.Exp(r.Coach.LogRatio), 1e-9)
	other := make([]float64, len(r.Coach.Org))
	for i := range other {
		other[i] = 100 - r.Coach.Enabling[i] - r.Coach.Accounting[i]
	}
	times, err := ManagerTime([][]float64{r.Coach.Enabling, r.Coach.Accounting, other}, r.Coach.Org, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for k, want := range r.Time {
		wantNumber(t, "time", times.Parts[k].Mean, want.Mean, 1e-9)
		wantInterval(t, "time interval", times.Parts[k].CI, want.CI, 1e-9)
		sum += times.Parts[k].Mean.Value
	}
	wantClose(t, "sum of the parts", sum, 100, 1e-9)
}

// gapTable makes WC and Rest from the number of organizations and their counts.
func gapTable(wcOrganizations, wcAgree, restOrganizations, restAgree, n int) (wc, rest []Summary) {
	wc = make([]Summary, wcOrganizations+restOrganizations)
	rest = make([]Summary, len(wc))
	for j := range wc {
		if j < wcOrganizations {
			x := min(n, wcAgree+j%2)
			wc[j] = SummaryFromSums(n, int64(x), int64(x))
			continue
		}
		x := restAgree + j%3
		rest[j] = SummaryFromSums(n, int64(x), int64(x))
	}
	return wc, rest
}

func TestGapChoosesTheTestThatTheTableCanBear(t *testing.T) {
	for _, c := range []struct {
		name             string
		wc, agree, rest  int
		shared           bool
		ciMethod, method string
		reasons          []Reason
		p                bool
	}{
		{"ten against thirty", 10, 14, 30, false, "welch_t", "welch_t", nil, true},
		{"everybody agrees in WC", 10, 20, 30, false, "newcombe_nstar", "permutation", nil, true},
		{"four organizations in WC", 4, 14, 30, false, "welch_t", "permutation", []Reason{SmallTier}, true},
		{"two organizations in WC", 2, 14, 30, false, "welch_t", "", []Reason{SmallTier}, false},
		{"four against four", 4, 14, 4, false, "", "permutation", []Reason{FewOrganizations, SmallTier}, true},
		{"groups of people", 10, 14, 30, true, "cr2_satterthwaite", "cr2_satterthwaite", nil, true},
	} {
		wc, rest := gapTable(c.wc, c.agree, c.rest, 6, 20)
		opt := GapOptions{Weighting: EqualOrganization, Seed: 3}
		if c.shared {
			opt.Weighting, opt.SharedOrganizations = EqualRespondent, true
		}
		got, err := Gap(wc, rest, opt)
		if err != nil {
			t.Fatal(err)
		}
		if got.PMethod != c.method || got.P.Valid != c.p || c.ciMethod != "" && got.CIMethod != c.ciMethod {
			t.Errorf("%s: interval by %s, p %v by %q", c.name, got.CIMethod, got.P, got.PMethod)
		}
		if (got.CI != nil) != (c.ciMethod != "") || !slices.Equal(got.Reasons, c.reasons) && len(got.Reasons)+len(c.reasons) > 0 {
			t.Errorf("%s: interval %v, reasons %v", c.name, got.CI, got.Reasons)
		}
		if got.CINewcombe == nil {
			t.Errorf("%s: no Newcombe interval", c.name)
		}
		if c.ciMethod == "newcombe_nstar" && *got.CI != *got.CINewcombe {
			t.Errorf("%s: interval %v is not Newcombe's %v", c.name, *got.CI, *got.CINewcombe)
		}
		if got.CI != nil && (got.CI.Lower < -100 || got.CI.Upper > 100) {
			t.Errorf("%s: interval %v leaves the scale", c.name, *got.CI)
		}
	}
}

func TestGapOfGroupsThatShareOrganizationsIsNoWelchTest(t *testing.T) {
	wc, rest := gapTable(12, 14, 20, 6, 20)
	rest[0] = SummaryFromSums(5, 2, 2)
	for weighting, method := range map[Weighting]string{EqualOrganization: "linearized_t", EqualRespondent: "cr2_satterthwaite", Capped: "linearized_t"} {
		got, err := Gap(wc, rest, GapOptions{Weighting: weighting})
		if err != nil || got.CIMethod != method || got.PMethod != method {
			t.Errorf("%s: interval by %s, p by %s, %v", weighting, got.CIMethod, got.PMethod, err)
		}
	}
}

func TestGapAnswersDegenerateTablesWithReasons(t *testing.T) {
	wc, rest := gapTable(10, 14, 30, 6, 20)
	none := make([]Summary, len(wc))
	for name, pair := range map[string][2][]Summary{"no WC": {none, rest}, "no Rest": {wc, none}, "nobody": {nil, nil}} {
		got, err := Gap(pair[0], pair[1], GapOptions{})
		if err != nil || got.Points.Valid || !slices.Contains(got.Reasons, NoValidAnswers) {
			t.Errorf("%s: %v, %v", name, got.Reasons, err)
		}
	}
	one := slices.Clone(none)
	one[0] = wc[0]
	got, err := Gap(one, rest, GapOptions{})
	if err != nil || !got.Points.Valid || got.P.Valid || !slices.Contains(got.Reasons, OneOrganization) {
		t.Errorf("one organization in WC: %+v, %v", got.Reasons, err)
	}
	if _, err := Gap(wc, rest[:3], GapOptions{}); err == nil {
		t.Error("columns of different length were accepted")
	}
	versus, err := OneVersusBenchmark(0, 0, 1, Contribute(rest, EqualOrganization), 0.95)
	if err != nil || versus.Points.Valid || !slices.Contains(versus.Reasons, NoValidAnswers) {
		t.Errorf("nobody in the organization: %+v, %v", versus, err)
	}
	versus, _ = OneVersusBenchmark(5, 10, 1, Contribute(rest[:14], EqualOrganization), 0.95)
	if !versus.Points.Valid || versus.CI != nil || !slices.Contains(versus.Reasons, FewOrganizations) {
		t.Errorf("a benchmark of four organizations: %+v", versus)
	}
}

func TestRoleGapAnswersDegenerateTablesWithReasons(t *testing.T) {
	twelve := slices.Repeat([]Summary{SummaryFromSums(10, 4, 4)}, 12)
	for _, c := range []struct {
		name              string
		managers, sellers []Summary
		reason            Reason
	}{
		{"no managers", make([]Summary, 12), twelve, NoValidAnswers},
		{"one organization", twelve[:1], twelve[:1], OneOrganization},
		{"nine organizations", twelve[:9], twelve[:9], FewOrganizations},
		{"everywhere the same gap", twelve, twelve, ZeroVariance},
	} {
		got, err := RoleGap(c.managers, c.sellers, 0.95)
		if err != nil || !slices.Contains(got.Reasons, c.reason) || got.PT.Valid {
			t.Errorf("%s: reasons %v, p %v, %v", c.name, got.Reasons, got.PT, err)
		}
	}
	if _, err := RoleGap(twelve, nil, 0.95); err == nil {
		t.Error("roles of different length were accepted")
	}
	if p := SignedRankP([]float64{0, 0}); p.Valid {
		t.Errorf("signed rank of zeros: %v", p)
	}
}

func TestManagerTimeRefusesFormsThatDoNotSumTo100(t *testing.T) {
	org := []int32{0, 0}
	_, short := ManagerTime([][]float64{{60, 50}, {40, 40}}, org, 0.95)
	_, negative := ManagerTime([][]float64{{60, 110}, {40, -10}}, org, 0.95)
	_, coach := CoachOrForecast([]float64{-1}, []float64{3}, []int32{0}, 0.95)
	for i, err := range []error{short, negative, coach} {
		if wrong, ok := err.(*InputError); !ok || wrong.Code != "invalid_value" || wrong.Row < 0 {
			t.Errorf("case %d: %v", i, err)
		}
	}
	hole, err := ManagerTime([][]float64{{60, math.NaN()}, {40, 40}}, org, 0.95)
	if err != nil || hole.N != 1 {
		t.Errorf("a form with a hole: n %d, %v", hole.N, err)
	}
}

func TestDistributionAddsUp(t *testing.T) {
	d := Spread([]int{1, 0, 2, 3, 4}, 4, 2, 15, 5)
	wantNumber(t, "top", d.Top, 0.7, 1e-15)
	wantNumber(t, "bottom", d.Bottom, 0.1, 1e-15)
	wantNumber(t, "net", d.Net, 0.6, 1e-15)
	wantNumber(t, "median", d.Median, 4, 0)
	wantNumber(t, "don't know", d.DontKnow, 5.0/15, 1e-15)
	wantNumber(t, "median of an even number", Spread([]int{0, 1, 1, 0, 0}, 4, 2, 2, 0).Median, 2.5, 0)
	nobody := Spread([]int{0, 0, 0}, 3, 1, 4, 4)
	if nobody.Top.Valid || !slices.Contains(nobody.Reasons, NoValidAnswers) || nobody.DontKnow.Value != 1 {
		t.Errorf("everybody says don't know: %+v", nobody)
	}
	// The net score by organization is the difference of the clustered shares.
	counts := [][]int{{1, 0, 2, 3, 4}, {3, 3, 1, 0, 1}, {0, 0, 1, 2, 9}}
	var net, top, bottom []Summary
	for _, c := range counts {
		net = append(net, NetSummary(c, 4, 2))
		n := c[0] + c[1] + c[2] + c[3] + c[4]
		top = append(top, SummaryFromSums(n, int64(c[3]+c[4]), int64(c[3]+c[4])))
		bottom = append(bottom, SummaryFromSums(n, int64(c[0]+c[1]), int64(c[0]+c[1])))
	}
	score, _ := WeightedMean(Contribute(net, EqualOrganization), nil, 0.95)
	above, _ := ClusteredShare(Contribute(top, EqualOrganization), ShareOptions{})
	below, _ := ClusteredShare(Contribute(bottom, EqualOrganization), ShareOptions{})
	wantNumber(t, "net score", score.Mean, above.Share.Value-below.Share.Value, 1e-15)
}

func TestPercentagesAreRoundedFromIntegers(t *testing.T) {
	for _, c := range []struct{ x, n, want int }{{57, 200, 29}, {1, 200, 1}, {0, 7, 0}, {7, 7, 100}, {285, 1000, 29}} {
		if got := RoundPercent(c.x, c.n); got != c.want {
			t.Errorf("%d of %d = %d%%, want %d%%", c.x, c.n, got, c.want)
		}
	}
}

func TestDifferencesAreRoundedOnceFromUnroundedFigures(t *testing.T) {
	// Civil Service People Survey guide: 52.952 and 58.495 are shown as 53 and
	// 58, their difference as -6.
	a, b := 52.952, 58.495
	if Round(a, 0) != 53 || Round(b, 0) != 58 || Round(a-b, 0) != -6 {
		t.Errorf("shown %g, %g, difference %g", Round(a, 0), Round(b, 0), Round(a-b, 0))
	}
	if Round(-2.5, 0) != -3 || Round(0.25, 1) != 0.3 {
		t.Errorf("half is not rounded away from zero: %g, %g", Round(-2.5, 0), Round(0.25, 1))
	}
}
