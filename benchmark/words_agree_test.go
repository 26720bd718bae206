package benchmark

import (
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
)

func TestWhatIsPrintedAlikeKeepsItsNumberOfAnswers(t *testing.T) {
	few, many := Estimate{Unit: UnitProportion, Value: stat.Some(0.784), Status: OK}.withN(245, 0), Estimate{Unit: UnitProportion, Value: stat.Some(0.277), Status: OK}.withN(1276, 0)
	Alike(&few, &many)
	if many.Text() != "28%" || *many.N != 1276 {
		t.Errorf("%s of %d, want 28%% of 1,276", many.Text(), *many.N)
	}
}

func TestTheReasonForNoTierSaysWhichOfTheTwoItIs(t *testing.T) {
	for name, c := range map[string]struct {
		n      int
		lambda float64
		reason stat.Reason
		want   string
	}{
		"few":                {12, 0.81, stat.InsufficientReliability, "fewer than 15 respondents whose answers count"},
		"unlike":             {20, 0.61, stat.InsufficientReliability, "answers too unlike each other for a reliable score (reliability 0.61, a tier needs 0.70)"},
		"both":               {12, 0.61, stat.InsufficientReliability, "fewer than 15 respondents whose answers count, and answers too unlike"},
		"neither":            {40, 0.9, stat.InsufficientReliability, "too few respondents, or answers too unlike each other"},
		"few organizations":  {12, 0.61, stat.FewOrganizations, "fewer than 10 organizations"},
		"nothing to explain": {40, 0.9, "", ""},
	} {
		class := Classification{Lambda: stat.Some(c.lambda), IndexRaw: Estimate{}.withN(c.n, 0)}
		if c.reason != "" {
			class.Reasons = []stat.Reason{c.reason}
		}
		if got := class.Why(); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestWordsSayTheRuleBehindTheirNumber reads sentences whose figures another place
// of the page counts by another rule.
func TestWordsSayTheRuleBehindTheirNumber(t *testing.T) {
	b := ordinary(1).compute(t)
	for _, want := range []string{"of them with a probability of 90% or more."} {
		if !strings.Contains(b.WCCaption, want) || strings.Contains(b.WCCaption, "certain") {
			t.Errorf("the caption is %q, want %q", b.WCCaption, want)
		}
	}
	roles := ""
	for _, sentence := range b.Story {
		if strings.Contains(sentence, "managers agree") {
			roles = sentence
		}
	}
	if !strings.Contains(roles, "beyond doubt") {
		t.Errorf("the sentence about roles is %q", roles)
	}
	trust := strings.Join(ordinary(1).trust(t).Story, " ")
	if !strings.Contains(trust, "A tier asks for more: 15 respondents") {
		t.Errorf("nothing tells a reliable mean from a tier: %s", trust)
	}
}

func TestARoleWithTooFewAnswersEverywhereIsNotCalledUnanswered(t *testing.T) {
	b := ordinary(1).compute(t)
	for _, row := range b.RoleGaps {
		if e := row.Executive; e.Status == NotComputed && (len(e.Reasons) != 1 || e.Reasons[0] != fewInRole) {
			t.Fatalf("executives of %q: %v", row.Label, e.Reasons)
		}
	}
	if why := (Estimate{Status: NotComputed, Reasons: []stat.Reason{fewInRole}}).Why(); why != "no organization has 5 answers in this role beside 5 of salespeople and of managers" {
		t.Error(why)
	}
}

func TestImportedAnswersAreShownFromTheSmallestGroupOn(t *testing.T) {
	m := recipe{seed: 6, organizations: 1, orgSD: 0.5, personSD: 0.7, size: sizeOf(8)}.make()
	for name, c := range map[string]struct {
		base int
		want string
	}{
		"imported":    {8, "is shown from 10 answers on. Those imported from before the wave count at once"},
		"given in it": {0, "is shown from 20 answers on until the results are final, and from 10 then."},
	} {
		steps, in, live := m.opened(t, c.base)
		if err := steps.Add(live); err != nil {
			t.Fatal(err)
		}
		r, _ := organizationJSON(t, steps, in, m.organizations[0].Key)
		if r.Status != Withheld || !strings.Contains(r.Reason, c.want) {
			t.Errorf("%s: %q", name, r.Reason)
		}
	}
}

// TestWhoIsListedAsBehindIsBehindInWhatIsPrinted goes through the organizations of a
// wave, the World-Class ones among them, whose column holds their own answers.
func TestWhoIsListedAsBehindIsBehindInWhatIsPrinted(t *testing.T) {
	m := ordinary(1)
	snapshot := m.snapshot(t)
	for _, key := range []string{"org-000", "org-001", "org-002", "org-003", "org-004", "org-009"} {
		r, err := ComputeOrganization(t.Context(), snapshot, m.input(), key)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range r.Gaps {
			if p.WC.Shown() && (!p.GapWC.Shown() || p.GapWC.Value.Value <= 0) {
				t.Errorf("%s is listed as behind on %q: gap %s", key, p.Label, p.GapWC.Text())
			}
		}
		for _, p := range r.Strengths {
			if p.GapAll.Shown() && p.GapAll.Value.Value >= 0 {
				t.Errorf("%s is listed as ahead on %q: gap %s", key, p.Label, p.GapAll.Text())
			}
		}
		alone := r.Practices[0].WC.Shown() && !r.Practices[0].GapWC.Shown()
		if alone && (len(r.Gaps) > 0 || !strings.Contains(r.GapOrder, "belongs to the World-Class column itself") || strings.Contains(r.Headline, "furthest behind")) {
			t.Errorf("%s can not be compared with World-Class: %d gaps, %q, %q", key, len(r.Gaps), r.GapOrder, r.Headline)
		}
		if strings.Contains(r.Headline, "furthest behind") && !strings.Contains(r.Headline, "Of the 12 key practices") {
			t.Errorf("%s: %q does not say among which practices", key, r.Headline)
		}
	}
}

func TestTheOrderOfGapsIsThatOfTheList(t *testing.T) {
	for _, key := range []string{"org-003", "org-009", "org-014"} {
		r := ordinary(1).report(t, key)
		for i := range r.Gaps[min(1, len(r.Gaps)):] {
			if before, after := r.Gaps[i].Behind(), r.Gaps[i+1].Behind(); before.Value.Value < after.Value.Value {
				t.Errorf("%s: %q stands above %q", key, r.Gaps[i].Label, r.Gaps[i+1].Label)
			}
		}
	}
}

func TestTheHeadlineAndTheChartOfAPlainWaveSpeakOfTheSamePractices(t *testing.T) {
	in := ordinary(1).input()
	in.Criteria, in.StudyStyle = nil, nil
	b, err := Compute(t.Context(), ordinary(1).snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.Headline, "Of the 12 key practices, agreement runs from ") {
		t.Errorf("the headline is %q", b.Headline)
	}
	for _, p := range b.Practices {
		if !p.KeyPractice && strings.Contains(b.Headline, p.Label) {
			t.Errorf("%q is no key practice: %q", p.Label, b.Headline)
		}
	}
}

func TestNothingIsSaidOfOtherDifferencesWhereThereAreNone(t *testing.T) {
	o := ownReport{view: &view{engine: &engine{frame: &frame{gate: gate{5}}}}}
	gap := func(value, p float64) OrganizationPractice {
		var practice OrganizationPractice
		practice.GapAll = Estimate{Value: stat.Some(value), PBH: stat.Some(p), base: base{kind: baseGroup, respondents: 20}}
		return practice
	}
	r := &OrganizationReport{Practices: []OrganizationPractice{gap(-.4, .001), gap(.3, .002)}}
	if got := o.clearSentence(r); got != "Beside all other organizations together it is beyond doubt higher on 1 and lower on 1 of 2 practices." {
		t.Errorf("all beyond doubt: %q", got)
	}
	r.Practices = append(r.Practices, gap(.01, .8))
	if got := o.clearSentence(r); !strings.HasSuffix(got, "1 of 3 practices; the other differences may be chance.") {
		t.Errorf("one may be chance: %q", got)
	}
}
