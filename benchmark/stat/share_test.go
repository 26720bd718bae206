package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestIntervalsOfAPlainShareAgreeWithR(t *testing.T) {
	var r struct {
		Plain []struct {
			X, N                                         int
			Wilson, Wilson90, Clopper, Agresti, Jeffreys [2]float64
		}
	}
	readOracle(t, "shares", &r)
	for _, c := range r.Plain {
		wantInterval(t, "wilson", WilsonCount(c.X, c.N, 0.95), c.Wilson, 1e-9)
		wantInterval(t, "wilson 90%", WilsonCount(c.X, c.N, 0.90), c.Wilson90, 1e-9)
		wantInterval(t, "clopper-pearson", ClopperPearson(c.X, c.N, 0.95), c.Clopper, 1e-9)
		wantInterval(t, "agresti-coull", AgrestiCoull(c.X, c.N, 0.95), c.Agresti, 1e-9)
		wantInterval(t, "jeffreys", Jeffreys(c.X, c.N, 0.95), c.Jeffreys, 1e-9)
	}
}

func TestWilsonGivesThePublishedIntervals(t *testing.T) {
	// Newcombe 1998a, table I.
	wantInterval(t, "81 of 263", WilsonCount(81, 263, 0.95), [2]float64{0.2553, 0.3662}, 5e-5)
	wantInterval(t, "0 of 20", WilsonCount(0, 20, 0.95), [2]float64{0, 0.1611}, 5e-5)
	wantInterval(t, "1 of 29", WilsonCount(1, 29, 0.95), [2]float64{0.0061, 0.1718}, 5e-5)
}

// shareOracle is the common shape of the clustered cases of shares.json.
type shareOracle struct {
	Name        string
	Share, SE   float64
	DeffN       float64 `json:"deff_n"`
	DeffReplace float64 `json:"deff_replace"`
	NEffRaw     float64 `json:"n_eff_raw"`
	NStar       float64 `json:"n_star"`
	CI, Logit   [2]float64
	DF          float64
	N           int
}

func (o shareOracle) compare(t *testing.T, got ShareResult) {
	t.Helper()
	wantNumber(t, o.Name+" share", got.Share, o.Share, 1e-12)
	wantNumber(t, o.Name+" se", got.SE, o.SE, 1e-12)
	wantNumber(t, o.Name+" deff_n", got.DeffN, o.DeffN, 1e-9)
	wantNumber(t, o.Name+" deff_replace", got.DeffReplace, o.DeffReplace, 1e-9)
	wantNumber(t, o.Name+" n_eff_raw", got.NEffRaw, o.NEffRaw, 1e-8)
	wantNumber(t, o.Name+" n_star", got.NStar, o.NStar, 1e-8)
	wantNumber(t, o.Name+" df", got.DF, o.DF, 0)
	wantInterval(t, o.Name+" ci", got.CI, o.CI, 1e-9)
	if got.N != o.N {
		t.Errorf("%s n = %d, want %d", o.Name, got.N, o.N)
	}
}

func TestClusteredShareAgreesWithSurvey(t *testing.T) {
	var r struct {
		Rows struct {
			Org     []int32
			Y       []float64
			W       []float64
			Stratum []int32
		}
		Cases []shareOracle
	}
	readOracle(t, "shares", &r)
	y, org := make([]int8, len(r.Rows.Y)), r.Rows.Org
	strata := make([]int32, slices.Max(org)+1)
	for i, v := range r.Rows.Y {
		y[i] = int8(v)
		strata[org[i]] = r.Rows.Stratum[i]
	}
	weighted, err := ContributeRows(r.Rows.Y, r.Rows.W, org)
	if err != nil {
		t.Fatal(err)
	}
	route := map[string]func() (ShareResult, error){
		"equal_respondent":    func() (ShareResult, error) { return Share(y, org, EqualRespondent, ShareOptions{}) },
		"equal_organization":  func() (ShareResult, error) { return Share(y, org, EqualOrganization, ShareOptions{}) },
		"capped":              func() (ShareResult, error) { return Share(y, org, Capped, ShareOptions{}) },
		"weighted":            func() (ShareResult, error) { return ClusteredShare(weighted, ShareOptions{}) },
		"stratified":          func() (ShareResult, error) { return Share(y, org, EqualRespondent, ShareOptions{Strata: strata}) },
		"stratified_weighted": func() (ShareResult, error) { return ClusteredShare(weighted, ShareOptions{Strata: strata}) },
	}
	for _, c := range r.Cases {
		got, err := route[c.Name]()
		if err != nil {
			t.Fatal(err)
		}
		c.compare(t, got)
		wantInterval(t, c.Name+" logit", LogitT(got.Share.Value, got.SE.Value, got.DF.Value, 0.95), c.Logit, 1e-9)
	}
}

func TestClusteredShareOfTheCourseEvaluationsAgreesWithSurvey(t *testing.T) {
	var r struct {
		Turkiye []struct {
			shareOracle
			Counts [][2]int
		}
	}
	readOracle(t, "shares", &r)
	for _, c := range r.Turkiye {
		var n, x []int
		for _, pair := range c.Counts {
			n, x = append(n, pair[0]), append(x, pair[1])
		}
		summaries, err := ShareSummaries(n, x)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ClusteredShare(Contribute(summaries, EqualRespondent), ShareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c.compare(t, got)
	}
}

// someAnswers is a reproducible table of 0/1 answers with some missing.
func someAnswers(rows, organizations int) (y []int8, org []int32) {
	random := rand.New(rand.NewPCG(7, 11))
	for range rows {
		j := random.IntN(organizations)
		y = append(y, int8(random.IntN(3))-1)
		org = append(org, int32(j))
	}
	return y, org
}

func TestShareIsTheSameByTwoRoutes(t *testing.T) {
	y, org := someAnswers(900, 30)
	want, err := Share(y, org, EqualRespondent, ShareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// Weights of 1 change nothing.
	values, ones := make([]float64, len(y)), make([]float64, len(y))
	for i, v := range y {
		values[i], ones[i] = float64(v), 1
		if v < 0 {
			values[i] = math.NaN()
		}
	}
	weighted, err := ContributeRows(values, ones, org)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ClusteredShare(weighted, ShareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "n_star with weights of 1", got.NStar, want.NStar.Value, 1e-9)
	// Rows in another order change no digit.
	slices.Reverse(y)
	slices.Reverse(org)
	if got, _ := Share(y, org, EqualRespondent, ShareOptions{}); *got.CI != *want.CI {
		t.Errorf("reversed rows: %v, want %v", got.CI, want.CI)
	}
	// Every row twice inside its organization leaves the clustered variance alone.
	if got, _ := Share(append(y, y...), append(org, org...), EqualRespondent, ShareOptions{}); math.Abs(got.CI.Lower-want.CI.Lower) > 1e-12 {
		t.Errorf("doubled rows: %v, want %v", got.CI, want.CI)
	}
	// Disagreement is the mirror image of agreement.
	flipped := make([]int8, len(y))
	for i, v := range y {
		flipped[i] = v
		if v >= 0 {
			flipped[i] = 1 - v
		}
	}
	mirror, _ := Share(flipped, org, EqualRespondent, ShareOptions{})
	wantClose(t, "mirrored lower limit", mirror.CI.Lower, 1-want.CI.Upper, 1e-12)
}

func TestShareOfEqualOrganizationsIsTheMeanOfTheirShares(t *testing.T) {
	summaries, err := ShareSummaries([]int{4, 10, 100, 7, 9, 3, 5, 6, 8, 20}, []int{1, 5, 99, 0, 3, 3, 2, 2, 2, 2})
	if err != nil {
		t.Fatal(err)
	}
	var shares []float64
	for _, s := range summaries {
		shares = append(shares, s.Mean)
	}
	got, err := ClusteredShare(Contribute(summaries, EqualOrganization), ShareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "share", got.Share, average(shares), 1e-15)
	wantNumber(t, "se", got.SE, math.Sqrt(variance(shares)/10), 1e-15)
}

func TestShareAnswersDegenerateTablesWithReasons(t *testing.T) {
	repeat := func(v int, times int) []int { return slices.Repeat([]int{v}, times) }
	cases := []struct {
		name   string
		n, x   []int
		opt    ShareOptions
		reason Reason
		value  bool
		ci     bool
	}{
		{"nothing at all", nil, nil, ShareOptions{}, NoValidAnswers, false, false},
		{"all missing", []int{0, 0}, []int{0, 0}, ShareOptions{}, NoValidAnswers, false, false},
		{"one organization", []int{50}, []int{20}, ShareOptions{}, OneOrganization, true, false},
		{"nine organizations", repeat(50, 9), repeat(20, 9), ShareOptions{}, FewOrganizations, true, false},
		{"ten equal organizations", repeat(50, 10), repeat(20, 10), ShareOptions{}, "", true, true},
		{"everybody agrees", repeat(50, 12), repeat(50, 12), ShareOptions{}, FewEffectiveCases, true, true},
		{"nobody agrees", repeat(50, 12), repeat(0, 12), ShareOptions{DeffPool: Some(3)}, FewEffectiveCases, true, true},
		{"one respondent each", repeat(1, 12), []int{0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0}, ShareOptions{}, FewEffectiveCases, true, true},
		{"own page", []int{200}, []int{90}, ShareOptions{PlainN: true}, "", true, true},
		{"own page, nobody answered", []int{0}, []int{0}, ShareOptions{PlainN: true}, NoValidAnswers, false, false},
		{"own page, census", []int{200}, []int{90}, ShareOptions{PlainN: true, Population: 200}, "", true, true},
	}
	for _, c := range cases {
		summaries, err := ShareSummaries(c.n, c.x)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ClusteredShare(Contribute(summaries, EqualRespondent), c.opt)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got.Share.Valid != c.value || (got.CI != nil) != c.ci {
			t.Errorf("%s: share %v, interval %v", c.name, got.Share, got.CI)
		}
		if c.reason != "" && !slices.Contains(got.Reasons, c.reason) || c.reason == "" && len(got.Reasons) > 0 {
			t.Errorf("%s: reasons %v, want %q", c.name, got.Reasons, c.reason)
		}
	}
}

func TestUnanimousShareRestsOnThePooledDesignEffect(t *testing.T) {
	summaries, _ := ShareSummaries(slices.Repeat([]int{50}, 12), slices.Repeat([]int{50}, 12))
	contributions := Contribute(summaries, EqualRespondent)
	z, q := normalCritical(0.95), TCritical(0.95, 11)
	for _, c := range []struct {
		pool Number
		deff float64
	}{{Some(2.5), 2.5}, {Some(0.4), 1}, {Number{}, 1 + 49*0.10}} {
		got, err := ClusteredShare(contributions, ShareOptions{DeffPool: c.pool})
		if err != nil {
			t.Fatal(err)
		}
		wantNumber(t, "n_star", got.NStar, 600/c.deff*(z/q)*(z/q), 1e-9)
		if got.DeffN.Valid || got.NEffRaw.Valid || !slices.Contains(got.Notes, NoteZeroBetweenVariance) {
			t.Errorf("deff %v, n_eff_raw %v, notes %v", got.DeffN, got.NEffRaw, got.Notes)
		}
	}
}

func TestIntervalOfAShareCanBeChosen(t *testing.T) {
	summaries, err := ShareSummaries(slices.Repeat([]int{20}, 12), []int{3, 5, 9, 12, 4, 8, 8, 7, 10, 2, 11, 6})
	if err != nil {
		t.Fatal(err)
	}
	contributions := Contribute(summaries, EqualRespondent)
	for method, want := range map[string]*Interval{
		WilsonN: WilsonCount(85, 240, 0.95), AgrestiCoullMethod: AgrestiCoull(85, 240, 0.95),
		JeffreysMethod: Jeffreys(85, 240, 0.95), ClopperMethod: ClopperPearson(85, 240, 0.95),
	} {
		got, err := ClusteredShare(contributions, ShareOptions{Method: method})
		if err != nil || got.CIMethod != method {
			t.Fatalf("%s: %s, %v", method, got.CIMethod, err)
		}
		wantInterval(t, method, got.CI, [2]float64{want.Lower, want.Upper}, 1e-15)
	}
	if _, err := ClusteredShare(contributions, ShareOptions{Method: "wald"}); err == nil {
		t.Error("a Wald interval was given")
	}
	if _, err := ClusteredShare(Contribute(summaries, EqualOrganization), ShareOptions{Method: JeffreysMethod}); err == nil {
		t.Error("weighted answers got Jeffreys's interval")
	}
	nobody, _ := ShareSummaries(slices.Repeat([]int{20}, 12), make([]int, 12))
	got, err := ClusteredShare(Contribute(nobody, EqualRespondent), ShareOptions{Method: LogitTMethod})
	if err != nil || got.CIMethod != WilsonNeffT || got.CI == nil {
		t.Errorf("logit of 0: %s, %v, %v", got.CIMethod, got.CI, err)
	}
}

func TestOwnPageShrinksTheIntervalByTheFinitePopulation(t *testing.T) {
	contributions := Contribute([]Summary{SummaryFromSums(80, 30, 30)}, EqualRespondent)
	got, err := ClusteredShare(contributions, ShareOptions{PlainN: true, Population: 120})
	if err != nil {
		t.Fatal(err)
	}
	// The variance shrinks by (N-n)/(N-1), so the cases grow by its inverse.
	want := Wilson(0.375, 80*119.0/40, 0.95)
	wantInterval(t, "interval", got.CI, [2]float64{want.Lower, want.Upper}, 1e-15)
	wantNumber(t, "n_eff", got.NEff, 80, 1e-12)
	census, _ := ClusteredShare(contributions, ShareOptions{PlainN: true, Population: 80})
	wantInterval(t, "interval of a census", census.CI, [2]float64{0.375, 0.375}, 0)
	plain, _ := ClusteredShare(contributions, ShareOptions{PlainN: true})
	wide := WilsonCount(30, 80, 0.95)
	wantInterval(t, "interval without a population", plain.CI, [2]float64{wide.Lower, wide.Upper}, 1e-15)
}

func TestShareRefusesBrokenInput(t *testing.T) {
	good := Contribute([]Summary{{N: 3, Mean: 0.5}}, EqualRespondent)
	_, length := Share([]int8{1}, nil, EqualRespondent, ShareOptions{})
	_, value := Share([]int8{2}, []int32{0}, EqualRespondent, ShareOptions{})
	_, sparse := Share([]int8{1}, []int32{1 << 30}, EqualRespondent, ShareOptions{})
	_, conf := ClusteredShare(good, ShareOptions{Conf: 1})
	_, strata := ClusteredShare(good, ShareOptions{Strata: []int32{0, 1}})
	_, negative := ClusteredShare(good, ShareOptions{Strata: []int32{-1}})
	_, above := ClusteredShare([]Contribution{{N: 1, W: 1, WY: 2}}, ShareOptions{})
	_, counts := ShareSummaries([]int{1}, []int{2})
	_, zero := ContributeRows([]float64{1}, []float64{0}, []int32{0})
	_, nan := ContributeRows([]float64{1}, []float64{math.NaN()}, []int32{0})
	for code, errs := range map[string][]error{
		"length_mismatch":    {length, strata},
		"invalid_value":      {value, sparse, above, counts, negative},
		"invalid_confidence": {conf},
		"invalid_weight":     {zero, nan},
	} {
		for i, err := range errs {
			if wrong, ok := err.(*InputError); !ok || wrong.Code != code {
				t.Errorf("%s, case %d: got %v", code, i, err)
			}
		}
	}
}

func FuzzClusteredShareStaysInRange(f *testing.F) {
	f.Add([]byte{3, 1, 4, 4, 10, 0, 1, 1, 2, 0, 9, 5, 20, 7, 4, 4, 5, 1, 8, 8, 6, 6}, uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, weighting uint8) {
		var n, x []int
		for i := 0; i+1 < len(data); i += 2 {
			n = append(n, int(data[i]))
			x = append(x, min(int(data[i+1]), int(data[i])))
		}
		summaries, err := ShareSummaries(n, x)
		if err != nil {
			t.Fatal(err)
		}
		which := []Weighting{EqualRespondent, EqualOrganization, Capped}[weighting%3]
		got, err := ClusteredShare(Contribute(summaries, which), ShareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !got.Share.Valid && got.N > 0 {
			t.Fatal("answers without a share")
		}
		if p := got.Share.Value; got.CI != nil && !(0 <= got.CI.Lower && got.CI.Lower <= p && p <= got.CI.Upper && got.CI.Upper <= 1) {
			t.Fatalf("share %g outside its interval %v", p, *got.CI)
		}
		if got.CI == nil && len(got.Reasons) == 0 {
			t.Fatal("no interval and no reason")
		}
	})
}
