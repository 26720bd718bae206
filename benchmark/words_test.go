package benchmark

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// sentences gathers everything a result says in words.
func (b *Benchmark) sentences() []string {
	return append(append([]string{b.Headline, b.WCCaption, b.Quality.Sentence, b.Matrix.Reason}, b.Story...), b.Caveats...)
}

func (r *OrganizationReport) sentences() []string {
	return append(append([]string{r.Headline, r.Reason, r.PeersCaption, r.Quality.Sentence, r.StrengthOrder, r.GapOrder, r.ListsNote, r.Incomparable}, r.Story...), r.Caveats...)
}

var forbidden = regexp.MustCompile(`(?i)\b(drives?|drivers?|driven|causes|caused|leads to|because of|results in|ranked? first|best in)\b`)

func TestSentencesNeverClaimACause(t *testing.T) {
	m := ordinary(1)
	said := m.compute(t).sentences()
	snapshot := m.snapshot(t)
	for _, o := range m.organizations[:12] {
		r, err := ComputeOrganization(t.Context(), snapshot, m.input(), o.Key)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, r.sentences()...)
	}
	for _, text := range said {
		if word := forbidden.FindString(text); word != "" {
			t.Errorf("%q in %q", word, text)
		}
		if strings.Contains(text, "%!") || strings.Contains(text, "1 organizations") || strings.Contains(text, "1 responses") || strings.Contains(text, "NaN") {
			t.Errorf("badly formed: %q", text)
		}
	}
}

func TestTheHeadlineIsTheFinding(t *testing.T) {
	b := ordinary(1).compute(t)
	p := b.Practices[0]
	for _, row := range b.Practices {
		if row.Item == OrganizationCriteria().HeadlineItem {
			p = row
		}
	}
	gap := FormatNumber(p.SplitHalf.Value.Value, 0)
	if want := "World-Class organizations are " + gap + " points ahead of the others on “Managers help the team to advance deals”. As the group was chosen, "; !strings.HasPrefix(b.Headline, want) {
		t.Errorf("headline %q, want the split-half gap: %q", b.Headline, want)
	}
	if strings.Contains(b.Headline, ".") && regexp.MustCompile(`\d\.\d`).MatchString(b.Headline) {
		t.Errorf("the headline mixes whole points with tenths, though World-Class has %d answers: %q", *p.WC.N, b.Headline)
	}
	if !strings.Contains(b.Story[1], "of all respondents") || !strings.Contains(b.Story[1], "2013 study") {
		t.Errorf("the published share is not beside the own one: %q", b.Story)
	}
	if !strings.Contains(b.Story[0], "half of the people choose") {
		t.Errorf("the split-half gap is not told first: %q", b.Story[0])
	}
	if !strings.HasPrefix(b.WCCaption, "World-Class: the 5 organizations most likely World-Class") || !strings.Contains(b.WCCaption, "provisional") {
		t.Errorf("caption %q", b.WCCaption)
	}
}

func TestARankIsNeverSaidWithoutItsInterval(t *testing.T) {
	m := ordinary(1)
	b := m.compute(t)
	for _, o := range b.Organizations {
		if o.Classification.Rank.Value.Valid && o.Classification.Rank.CI == nil {
			t.Errorf("%s has a bare rank", o.Key)
		}
	}
	small := recipe{seed: 2, organizations: 8, orgSD: 0.8, personSD: 0.5, size: sizeOf(30)}.make()
	for _, o := range small.compute(t).Organizations {
		if o.Classification.Rank.Value.Valid {
			t.Errorf("%s of eight organizations has a rank", o.Key)
		}
	}
}

func TestTheQualitySentenceCountsInPlainWords(t *testing.T) {
	for name, c := range map[string]struct {
		uniform, straight, n int
		want                 string
	}{
		"half":          {2911, 4098, 5820, "About half of the 5,820 respondents (2,911, 50.0%) are straight-liners: one answer to every item. With runs through a page or half of the items it is 4,098 (70.4%)."},
		"one":           {1, 1, 300, "1 of the 300 respondents (0%) is a straight-liner: one answer to every item. Nobody was left out."},
		"runs alone":    {0, 11, 1959, "11 of the 1,959 respondents (0.6%) gave one answer all the way down a page, or through half of the items. Nobody was left out."},
		"nobody":        {0, 0, 300, "None of the 300 respondents gave one answer all the way down."},
		"few, nobody":   {0, 0, 40, "Under 10% of the 40 respondents gave one answer all the way down."},
		"few, all":      {12, 12, 12, "Over 90% of the 12 respondents gave one answer all the way down. Such rows inflate"},
		"few, runs":     {3, 12, 12, "Over 90% of the 12 respondents gave one answer all the way down. Such rows inflate"},
		"no respondent": {0, 0, 0, "There are no responses to judge."},
	} {
		if got := qualitySentence(c.uniform, c.straight, c.n); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSharesAreNamedOnlyWhereAPlainFractionIsNear(t *testing.T) {
	for p, want := range map[float64]string{0.33: "about a third", 0.36: "about a third", 0.37: "37%", 0.5: "about half", 0.27: "about a quarter", 0.24: "about a quarter", 0.02: "2%", 0.6: "60%"} {
		if got := shareWords(p, FormatNumber(100*p, 0)+"%"); got != want {
			t.Errorf("%v: %q, want %q", p, got, want)
		}
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	for _, r := range []stat.Reason{
		stat.NoValidAnswers, stat.OneOrganization, stat.FewOrganizations, stat.OneRespondent, stat.NoReplication, stat.ZeroVariance,
		stat.ZeroBetweenVariance, stat.ZeroWithinVariance, stat.NegativeEstimate, stat.BoundaryEstimate, stat.NoDetectableDifference,
		stat.InsufficientReliability, stat.FewEffectiveCases, stat.SmallTier, stat.SelectedOnItems, stat.UnitIsRespondent, stat.NoCounts,
		stat.TooFewItems, stat.TooFewRows, stat.SingularMatrix, stat.NotConverged, stat.Heywood, stat.OutOfDomain, stat.EmptyMarginCell,
		stat.TrimRakeConflict, stat.WordingChanged, stat.CutChanged, stat.PopulationChanged, stat.ProvisionalCut, stat.Suppressed, stat.Unanimous, stat.ManyOrganizations, stat.Pending, noColumn, fewInRole,
	} {
		if ReasonWords(r) == string(r) {
			t.Errorf("%s is a code, not words", r)
		}
	}
}

func TestANameInASentenceStaysInIt(t *testing.T) {
	for name, want := range map[string]string{
		"Plain & Co":                "Plain & Co",
		"two\nlines\tand a tab":     "two lines and a tab",
		"right\u202eleft\u0000":     "rightleft",
		"  ":                        "This organization",
		"</script><b>":              "</script><b>",
		strings.Repeat("long ", 40): strings.TrimSpace(strings.Repeat("long ", 16)[:79]) + "…",
	} {
		if got := inSentence(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestWhatNobodyOfAFewDidIsABound(t *testing.T) {
	m := recipe{seed: 3, organizations: 12, orgSD: 0.4, personSD: 0.8, size: sizeOf(20)}.make()
	r, err := ComputeOrganization(t.Context(), m.snapshot(t), m.input(), m.organizations[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]Estimate{"uniform": r.Quality.Uniform, "straight": r.Quality.StraightLine} {
		if e.Value.Valid || e.N != nil || e.Bound != "under 10%" {
			t.Errorf("%s: %+v, want the bound alone", name, e)
		}
	}
}

// TestAReverseStatementReadsAsItsFigureIsTurned keeps a high share of disagreement
// from standing beside words that say the opposite.
func TestAReverseStatementReadsAsItsFigureIsTurned(t *testing.T) {
	m := ordinary(1)
	b := m.compute(t)
	seen := 0
	for k, p := range b.Practices {
		if p.Reverse != strings.HasPrefix(p.Label, ReversePrefix) {
			t.Errorf("%s, reverse %t, is called %q", p.Item, p.Reverse, p.Label)
		}
		if b.RoleGaps[k].Label != p.Label || b.Distributions[k].Label != p.Label {
			t.Errorf("%s has several names: %q, %q, %q", p.Item, p.Label, b.RoleGaps[k].Label, b.Distributions[k].Label)
		}
		if p.Item == "price_giveaway" && !strings.HasPrefix(p.Label, "Not so: price cuts") {
			t.Errorf("%q does not say that the price cuts are not so", p.Label)
		}
		if p.Reverse {
			seen++
		}
	}
	if seen == 0 {
		t.Error("no statement is worded the other way round")
	}
	for _, row := range b.Tables()[0].Rows {
		if row[4] == "yes" && !strings.HasPrefix(row[1], ReversePrefix) {
			t.Errorf("the file calls a turned statement %q", row[1])
		}
	}
}

func TestAStrengthThatMayBeChanceIsNotCalledOne(t *testing.T) {
	chance := recipe{seed: 11, organizations: 14, personSD: 0.8, size: sizeOf(30)}.make()
	sure := ordinary(1)
	for name, c := range map[string]struct {
		m    made
		key  string
		want string
	}{
		"organizations that are all alike": {chance, "org-003", "Highest compared with others; may be chance"},
		"one far above the others":         {sure, "org-001", "Strengths, ahead of all others beyond doubt"},
	} {
		r, err := ComputeOrganization(t.Context(), c.m.snapshot(t), c.m.input(), c.key)
		if err != nil {
			t.Fatal(err)
		}
		if r.StrengthWords != c.want || !strings.HasPrefix(r.Story[0], c.want+":") {
			t.Errorf("%s: %q, and the story begins %q", name, r.StrengthWords, r.Story[0])
		}
		for _, p := range r.Strengths {
			if held := p.GapAll.PBH.Valid && p.GapAll.PBH.Value < 0.05; held != strings.HasPrefix(c.want, "Strengths") {
				t.Errorf("%s: %q holds after adjustment: %t", name, p.Label, held)
			}
		}
	}
}

func TestAWideGapIsNoChanceThoughItCanNotBeTested(t *testing.T) {
	m := ordinary(1)
	snapshot, wide := m.snapshot(t), 0
	for _, key := range []string{"org-002", "org-005", "org-009", "org-014", "org-020"} {
		r, err := ComputeOrganization(t.Context(), snapshot, m.input(), key)
		if err != nil {
			t.Fatal(err)
		}
		clear := len(r.Gaps) > 0
		for _, p := range r.Gaps {
			tested := p.GapWC.PBH.Valid && p.GapWC.PBH.Value < 0.05
			apart := !p.GapWC.PBH.Valid && p.Own.CI != nil && p.Own.CI.Upper < p.WC.Value.Value
			clear = clear && (tested || apart)
		}
		if clear {
			wide++
		}
		if said := r.GapWords == "Gaps that matter most"; said != clear {
			t.Errorf("%s: gaps are %q, beyond the own interval: %t", key, r.GapWords, clear)
		}
	}
	if wide == 0 {
		t.Error("no organization is far behind")
	}
}

func TestTooFewResponsesAreNotCalledDisagreement(t *testing.T) {
	m := recipe{seed: 4, organizations: 1, orgSD: 0.4, personSD: 0.8, size: sizeOf(12)}.make()
	for name, responses := range map[string]int{"none": 0, "one organization": 12} {
		few := m
		few.responses = m.responses[:responses]
		b := few.compute(t)
		said := strings.Join(b.sentences(), " ")
		for _, row := range b.Agreement {
			said += " " + row.Sentence
		}
		if strings.Contains(said, "do not agree more") || !strings.Contains(said, "ot enough responses") {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// TestAMissingColumnIsTheReasonAndNothingElse reads a wave without World-Class as
// the pages do: nobody withheld it, and there were answers.
func TestAMissingColumnIsTheReasonAndNothingElse(t *testing.T) {
	m := recipe{seed: 12, organizations: 14, orgSD: 0.3, personSD: 0.6, size: sizeOf(30)}.make()
	plain := m.input()
	plain.Criteria, plain.StudyStyle = nil, nil
	for name, in := range map[string]Input{"no criteria": plain, "nobody expected": m.input()} {
		b, err := Compute(t.Context(), m.snapshot(t), in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ComputeOrganization(t.Context(), m.snapshot(t), in, "org-003")
		if err != nil {
			t.Fatal(err)
		}
		if b.Practices[0].WC.Shown() || !b.Practices[0].All.Shown() {
			t.Fatalf("%s: the wave has a World-Class column or nothing at all", name)
		}
		for what, e := range map[string]Estimate{"share": b.Practices[0].WC, "gap": b.Practices[0].Gap, "split half": b.Practices[0].SplitHalf,
			"result": b.KPIs[0].WC, "area": b.Areas[0].WC, "time": b.Time[0].WC, "coach index": b.Coach.WC,
			"own gap": r.Practices[0].GapWC, "own effect": r.Practices[0].Effect, "beside the own share": r.Practices[0].WC} {
			if e.Why() != "there is no World-Class column in this wave" {
				t.Errorf("%s, %s: %q (%s)", name, what, e.Why(), e.Status)
			}
		}
	}
}

func TestWhereAllStatementsAreTheCriteriaNoneIsKey(t *testing.T) {
	m := recipe{seed: 13, organizations: 12, orgSD: 0.4, personSD: 0.8, size: sizeOf(30)}.make()
	inst, err := survey.ParseInstrument(m.inst.Canonical())
	if err != nil {
		t.Fatal(err)
	}
	m.inst = inst
	all := *OrganizationCriteria()
	all.Items, all.HeadlineItem = nil, ""
	for s := range inst.Sections {
		for i := range inst.Sections[s].Items {
			item := &inst.Sections[s].Items[i]
			item.KeyPractice = false
			if item.Kind == survey.Likert && !item.Reverse {
				all.Items = append(all.Items, item.Key)
			}
		}
	}
	in := m.input()
	in.Criteria, in.StudyStyle = &all, nil
	b, err := Compute(t.Context(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range b.Practices {
		if p.KeyPractice {
			t.Errorf("%s is called a key practice, though nobody marked any", p.Item)
		}
	}
}

func TestWhereRespondentsAndOrganizationsAreCountedTheWordsSayWhichIsWhich(t *testing.T) {
	m := recipe{seed: 1, organizations: 40, orgSD: 0.5, personSD: 0.8, excellent: 5, size: func(j int, _ *rand.Rand) int { return 20 + 60*(j%3) }}.make()
	b := m.compute(t)
	i := slices.IndexFunc(b.Practices, func(p PracticeRow) bool { return p.Item == OrganizationCriteria().HeadlineItem })
	all := b.Practices[i].All.Text()
	want := "each person counting the same; where each organization counts the same, as in the column All, it is " + all + "."
	if !strings.HasSuffix(b.Story[1], want) {
		t.Errorf("two shares of one statement, and the words are %q, want %q", b.Story[1], want)
	}
}

func TestTheRuleOfDoubtIsTheSameInListsAndWords(t *testing.T) {
	m := recipe{seed: 11, organizations: 14, personSD: 0.8, size: sizeOf(30)}.make()
	snapshot := m.snapshot(t)
	for _, o := range m.organizations {
		r, err := ComputeOrganization(t.Context(), snapshot, m.input(), o.Key)
		if err != nil {
			t.Fatal(err)
		}
		sure := slices.ContainsFunc(r.Practices, func(p OrganizationPractice) bool { return p.GapAll.BeyondDoubt() })
		if said := !strings.HasPrefix(r.Story[1], "On none of 42 practices"); said != sure {
			t.Errorf("%s: beyond doubt on some practice: %t, but %q", o.Key, sure, r.Story[1])
		}
		for _, p := range r.Strengths {
			if listed := strings.HasPrefix(r.StrengthWords, "Strengths, "); listed != p.GapAll.BeyondDoubt() {
				t.Errorf("%s: %q stands under %q, beyond doubt: %t", o.Key, p.Label, r.StrengthWords, !listed)
			}
		}
	}
}

func TestADifferenceIsBeyondDoubtByItsAdjustedPAndItsInterval(t *testing.T) {
	apart, zero := &stat.Interval{Lower: 3, Upper: 33}, &stat.Interval{Lower: -1, Upper: 30}
	for _, c := range []struct {
		name string
		e    Estimate
		want bool
	}{
		{"an interval apart that does not hold among many", Estimate{CI: apart, PBH: stat.Some(0.2)}, false},
		{"one that holds", Estimate{CI: apart, PBH: stat.Some(0.01)}, true},
		{"a p that holds over an interval with zero", Estimate{CI: zero, PBH: stat.Some(0.01)}, false},
		{"no test, an interval apart", Estimate{CI: apart}, true},
		{"no test, an interval with zero", Estimate{CI: zero}, false},
		{"neither", Estimate{}, false},
		{"withheld", Estimate{CI: apart, Status: Withheld}, false},
	} {
		c.e.Value = stat.Some(18)
		if got := c.e.BeyondDoubt(); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestWithNothingToCompareWithNoListSaysHowAnOrganizationStands(t *testing.T) {
	for n, want := range map[int]string{
		1: "There is nothing to compare with: no other organization of this wave can be shown.",
		3: "There is nothing to compare with: all organizations together are shown from 5 on, and only 3 can be shown.",
	} {
		r := recipe{seed: 5, organizations: n, orgSD: 0.4, personSD: 0.8, size: sizeOf(30)}.make().report(t, "org-000")
		if r.Incomparable != want || len(r.Strengths)+len(r.Gaps) > 0 || r.StrengthWords+r.GapWords != "" {
			t.Errorf("%d organizations: %q, %d strengths, %d gaps, %q, %q", n, r.Incomparable, len(r.Strengths), len(r.Gaps), r.StrengthWords, r.GapWords)
		}
		if len(r.Story) == 0 || r.Story[0] != want {
			t.Errorf("%d organizations: the story is %q", n, r.Story)
		}
	}
	if r := ordinary(1).report(t, "org-003"); r.Incomparable != "" {
		t.Errorf("40 organizations: %q", r.Incomparable)
	}
}

func TestListsSayWhatTheyAreSortedBy(t *testing.T) {
	m := ordinary(1)
	r := m.report(t, "org-003")
	if r.GapOrder != "Key practices by the distance from World-Class after allowing for chance (below), longest first." || r.StrengthOrder != "By the distance from all other organizations, longest first." {
		t.Errorf("gaps: %q, strengths: %q", r.GapOrder, r.StrengthOrder)
	}
	for i, g := range r.Gaps[1:] {
		if before := r.Gaps[i]; before.WC.Value.Value-before.Shrunk.Value.Value < g.WC.Value.Value-g.Shrunk.Value.Value {
			t.Errorf("%q stands above %q", before.Label, g.Label)
		}
	}
	if want := "For the order, the share of a key practice is first moved towards that of the others"; !strings.HasPrefix(r.ListsNote, want) ||
		!strings.HasSuffix(r.ListsNote, "Beyond doubt: p below .05, adjusted for 42 practices (Benjamini-Hochberg).") {
		t.Errorf("the note is %q", r.ListsNote)
	}
	few := recipe{seed: 2, organizations: 14, orgSD: 0.05, personSD: 0.8, size: sizeOf(30)}.make().report(t, "org-003")
	if len(few.Gaps) > 0 && !few.Gaps[0].WC.Value.Valid && !strings.Contains(few.GapOrder, "all organizations") {
		t.Errorf("without World-Class the gaps are by %q", few.GapOrder)
	}
}
