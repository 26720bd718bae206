package benchmark

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

func (m made) trust(t testing.TB) *Trust {
	t.Helper()
	return m.trustWith(t, m.input())
}

func (m made) trustWith(t testing.TB, in Input) *Trust {
	t.Helper()
	trust, err := ComputeTrust(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(trust)
	if err != nil || strings.Contains(string(body), "NaN") {
		t.Fatalf("%v in %.200s", err, body)
	}
	return trust
}

// carelessly makes every tenth person answer 6 to every item as it is worded.
func (m made) carelessly() (made, []survey.Response) {
	var careful []survey.Response
	for i := range m.responses {
		if i%10 != 0 {
			careful = append(careful, m.responses[i])
			continue
		}
		for _, f := range m.inst.Fields() {
			if f.Kind == survey.Likert {
				m.responses[i].Answers[f.Index] = survey.Answer{State: survey.Valid, Code: 6}
			}
		}
	}
	return m, careful
}

func TestWhereOrganizationsDifferTheirScoresCanBeCompared(t *testing.T) {
	trust := ordinary(3).trust(t)
	if trust.Headline != "Yes: organizations can be compared on all 6 areas." {
		t.Error(trust.Headline)
	}
	if len(trust.Scales) != 7 || trust.Scales[0].Key != "key_practices" || trust.Scales[0].Items != 12 {
		t.Fatalf("%d scales, the first %q with %d items", len(trust.Scales), trust.Scales[0].Key, trust.Scales[0].Items)
	}
	for _, s := range trust.Scales {
		if !s.Alpha.Shown() || s.Alpha.CI == nil || s.Alpha.CIMethod != "organization_bootstrap_percentile" || !s.Omega.Shown() || s.Omega.CI == nil {
			t.Errorf("%s: alpha %+v, omega %+v", s.Key, s.Alpha, s.Omega)
		}
		if len(s.PerItem) != s.Items {
			t.Errorf("%s: %d items analysed of %d", s.Key, len(s.PerItem), s.Items)
		}
		if d := s.NEff.Value.Value * s.Deff.Value.Value; math.Abs(d/float64(*trust.Respondents)-1) > 0.06 {
			t.Errorf("%s: n_eff times deff is %v of %d respondents", s.Key, d, *trust.Respondents)
		}
	}
}

func TestWithoutAnyEffectOfOrganizationsNothingIsCompared(t *testing.T) {
	m := recipe{seed: 4, organizations: 24, size: sizeOf(40), personSD: 0.8}.make()
	trust := m.trust(t)
	if !strings.HasPrefix(trust.Headline, "Not for comparing organizations") {
		t.Error(trust.Headline)
	}
	r, err := ComputeOrganization(context.Background(), m.snapshot(t), m.input(), m.organizations[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	replaced := 0
	for _, a := range r.Areas {
		if a.Aggregation != string(stat.NotSupported) {
			continue
		}
		replaced++
		if a.Own.Shown() || a.Reason == "" || a.Spread == nil || a.All.Status == Withheld {
			t.Errorf("%s: own %+v, reason %q, spread %v", a.Key, a.Own, a.Reason, a.Spread)
			continue
		}
		sum := 0.0
		for _, p := range a.Spread.Points {
			sum += p.Value.Value
		}
		if math.Abs(sum-1) > 1e-9 || len(a.Spread.Points) != 7 {
			t.Errorf("%s: %d parts that add up to %v", a.Key, len(a.Spread.Points), sum)
		}
	}
	if replaced == 0 {
		t.Error("no area has lost its score")
	}
}

func TestAnItemThatRunsAgainstItsAreaIsNamed(t *testing.T) {
	m := recipe{seed: 5, organizations: 12, size: sizeOf(20), orgSD: 0.5, personSD: 0.8}.make()
	var at survey.Field
	for _, f := range m.inst.Fields() {
		if f.Kind == survey.Likert && !f.Item.Reverse {
			at = f
			break
		}
	}
	for i := range m.responses {
		m.responses[i].Answers[at.Index] = survey.Answer{State: survey.Valid, Code: 1 + i%7}
	}
	for _, s := range m.trust(t).Scales {
		for _, item := range s.PerItem {
			weak := strings.HasPrefix(item.Why, "goes with the others")
			if item.Hurts != (item.Why != "") || weak != (item.Item == at.Key) {
				t.Errorf("%s in %s: hurts %v, %q", item.Item, s.Key, item.Hurts, item.Why)
			}
		}
	}
}

func TestWithoutFlaggedIsTheWaveWithoutThesePeople(t *testing.T) {
	m, careful := ordinary(6).carelessly()
	trust := m.trust(t)
	if len(trust.WithoutFlagged) != 12 {
		t.Fatalf("%d rows: %s", len(trust.WithoutFlagged), trust.RobustReason)
	}
	rest := made{inst: m.inst, organizations: m.organizations, responses: careful}
	want := map[string]float64{}
	for _, p := range rest.compute(t).Practices {
		want[p.Item] = p.All.Value.Value
	}
	for _, r := range trust.WithoutFlagged {
		if d := r.AllWithout.Value.Value - want[r.Item]; math.Abs(d) > 0.01 {
			t.Errorf("%s: %v without flagged, %v in the wave without them", r.Item, r.AllWithout.Value.Value, want[r.Item])
		}
		if d := r.AllChange.Value.Value - 100*(r.AllWithout.Value.Value-r.All.Value.Value); math.Abs(d) > 1e-9 {
			t.Errorf("%s: the change is off by %v", r.Item, d)
		}
		if d := r.GapChange.Value.Value - (r.GapWithout.Value.Value - r.Gap.Value.Value); math.Abs(d) > 1e-9 {
			t.Errorf("%s: the change of the gap is off by %v", r.Item, d)
		}
	}
	for _, s := range trust.Scales {
		if !s.AlphaWithout.Shown() || s.AlphaWithout.Value.Value == s.Alpha.Value.Value {
			t.Errorf("%s: alpha %v, without flagged %v", s.Key, s.Alpha.Text(), s.AlphaWithout.Text())
		}
	}
}

func TestTheDifferenceOfAHandfulIsWithheld(t *testing.T) {
	m := ordinary(7)
	for i := range 4 {
		for _, f := range m.inst.Fields() {
			if f.Kind == survey.Likert {
				m.responses[i*100].Answers[f.Index] = survey.Answer{State: survey.Valid, Code: 6}
			}
		}
	}
	trust := m.trust(t)
	if len(trust.WithoutFlagged) != 0 || !strings.Contains(trust.RobustReason, "withheld") {
		t.Errorf("%d rows, %q", len(trust.WithoutFlagged), trust.RobustReason)
	}
	for _, s := range trust.Scales {
		if s.AlphaWithout.Status != Withheld {
			t.Errorf("%s: alpha without flagged is %s", s.Key, s.AlphaWithout.Text())
		}
	}
}

func TestInvitationsOfSmallOrganizationsAreNotCounted(t *testing.T) {
	m := recipe{seed: 8, organizations: 13, orgSD: 0.5, personSD: 0.8, size: sizeOf(20)}.make()
	small := m.organizations[12]
	m.responses = m.responses[:12*20+4]
	in := m.input()
	in.Fieldwork = map[survey.OrganizationID]stat.Fieldwork{}
	for j, o := range m.organizations {
		in.Fieldwork[o.ID] = stat.Fieldwork{Invited: 30 + j, Complete: 20}
	}
	in.Fieldwork[small.ID] = stat.Fieldwork{Invited: 7, Complete: 4}
	trust := m.trustWith(t, in)
	if *trust.Response.Invited != 12*30+66 || *trust.Response.Answered != 240 || *trust.Response.Other != 0 {
		t.Errorf("%d of %d, %d others", *trust.Response.Answered, *trust.Response.Invited, *trust.Response.Other)
	}
	if got := trust.Response.Rate.Value.Value; math.Abs(got-240.0/426) > 1e-12 {
		t.Errorf("rate %v", got)
	}
	for _, o := range trust.Organizations {
		if withheld := o.Key == small.Key; withheld != (o.Status == Withheld) || withheld != (o.N == nil) || withheld != (len(o.Scales) == 0) {
			t.Errorf("%s: %s with %d scales", o.Key, o.Status, len(o.Scales))
		}
	}
	in.Fieldwork = nil
	if r := m.trustWith(t, in).Response; r.Invited != nil || r.Rate.Shown() || !strings.Contains(r.Sentence, "not known") {
		t.Errorf("%+v", r)
	}
}

func TestDegenerateWavesAreJudgedInWords(t *testing.T) {
	one := recipe{seed: 9, organizations: 1, size: sizeOf(25), personSD: 0.8}.make()
	few := recipe{seed: 9, organizations: 6, size: sizeOf(25), orgSD: 0.5, personSD: 0.8}.make()
	alike := recipe{seed: 9, organizations: 12, size: sizeOf(12)}.make()
	for i := range alike.responses {
		for _, f := range alike.inst.Fields() {
			if f.Kind == survey.Likert {
				alike.responses[i].Answers[f.Index] = survey.Answer{State: survey.Valid, Code: 4}
			}
		}
	}
	silent := recipe{seed: 9, organizations: 12, size: sizeOf(12)}.make()
	for i := range silent.responses {
		for _, f := range silent.inst.Fields() {
			if f.Kind == survey.Likert {
				silent.responses[i].Answers[f.Index] = survey.Answer{State: survey.DontKnow}
			}
		}
	}
	for name, c := range map[string]struct {
		wave made
		want string
	}{
		"one organization":   {one, "only one organization"},
		"six organizations":  {few, "6 are too few"},
		"nobody":             {made{inst: survey.Builtin(), organizations: one.organizations}, "Not yet"},
		"everybody alike":    {alike, "Not for comparing"},
		"everybody is quiet": {silent, "Not for comparing"},
	} {
		t.Run(name, func(t *testing.T) {
			if trust := c.wave.trust(t); !strings.Contains(trust.Headline, c.want) {
				t.Errorf("%q does not say %q", trust.Headline, c.want)
			}
		})
	}
}

func TestEveryGapHasTheSizeOfItsEffect(t *testing.T) {
	m := ordinary(2)
	b := m.compute(t)
	shown := 0
	for _, p := range b.Practices {
		if p.Gap.Shown() != p.Effect.Shown() {
			t.Errorf("%s: gap %s, effect %s", p.Item, p.Gap.Text(), p.Effect.Text())
		}
		if !p.Effect.Shown() {
			continue
		}
		shown++
		want := 2*math.Asin(math.Sqrt(p.WC.Value.Value)) - 2*math.Asin(math.Sqrt(p.Rest.Value.Value))
		if math.Abs(p.Effect.Value.Value-want) > 1e-12 || !p.SplitHalf.PBH.Valid {
			t.Errorf("%s: h %v, want %v; adjusted p %v", p.Item, p.Effect.Value.Value, want, p.SplitHalf.PBH)
		}
	}
	if shown == 0 {
		t.Error("no effect is shown")
	}
	r, err := ComputeOrganization(context.Background(), m.snapshot(t), m.input(), m.organizations[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Practices {
		if p.GapWC.Shown() && p.Own.Shown() && (!p.Effect.Shown() || p.Effect.Value.Value*p.GapWC.Value.Value < 0) {
			t.Errorf("%s: gap %s, effect %s", p.Item, p.GapWC.Text(), p.Effect.Text())
		}
	}
}
