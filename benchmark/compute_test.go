package benchmark

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

func TestAWaveOfOrdinaryOrganizationsIsClassified(t *testing.T) {
	b := ordinary(1).compute(t)
	if len(b.Practices) != 42 || len(b.Organizations) != 40 {
		t.Fatalf("%d practices, %d organizations", len(b.Practices), len(b.Organizations))
	}
	tiers := 0
	for _, o := range b.Organizations {
		if o.Classification.Tier != "" {
			tiers++
		}
	}
	if tiers < 30 {
		t.Errorf("only %d of 40 organizations have a tier", tiers)
	}
	for _, r := range b.Practices {
		if !r.WC.Shown() || !r.Rest.Shown() || r.All.CI == nil || !r.SplitHalf.Shown() || !r.LeaveOut.Shown() || !r.KPIDefined.Shown() {
			t.Errorf("%s: WC %s, rest %s, all %s, split half %s", r.Item, r.WC.Text(), r.Rest.Text(), r.All.Text(), r.SplitHalf.Text())
		}
		if r.Gap.P.Valid || r.KPIDefined.P.Valid || r.LeaveOut.P.Valid {
			t.Errorf("%s: a gap of a group chosen by these people shows a p-value", r.Item)
		}
		if !r.SplitHalf.P.Valid || !r.SplitHalf.PBH.Valid || r.SplitHalf.PBH.Value < r.SplitHalf.P.Value {
			t.Errorf("%s: split-half p %v, adjusted %v", r.Item, r.SplitHalf.P, r.SplitHalf.PBH)
		}
	}
}

// The gap of the columns is the same test whichever of the two it is measured
// against: WC - All = (1 - s)(WC - Rest), s the share of WC in the weight.
func TestTheGapToAllFollowsFromTheGapToRest(t *testing.T) {
	for seed := range uint64(3) {
		for _, r := range ordinary(seed).compute(t).Practices {
			if !r.WC.Shown() {
				continue
			}
			s := float64(*r.WC.Organizations) / float64(*r.All.Organizations)
			left, right := r.WC.Value.Value-r.All.Value.Value, (1-s)*(r.WC.Value.Value-r.Rest.Value.Value)
			if math.Abs(left-right) > 1e-12 || *r.WC.Organizations+*r.Rest.Organizations != *r.All.Organizations {
				t.Errorf("seed %d, %s: %v and %v", seed, r.Item, left, right)
			}
			if math.Abs(r.Gap.Value.Value-100*(r.WC.Value.Value-r.Rest.Value.Value)) > 1e-9 {
				t.Errorf("seed %d, %s: gap %v", seed, r.Item, r.Gap.Value.Value)
			}
		}
	}
}

// The columns that are shown and those that the circularity estimators choose
// are the same organizations.
func TestTheColumnsAreThoseOfTheCircularityEstimators(t *testing.T) {
	for seed := range uint64(2) {
		m := ordinary(seed)
		e, err := newEngine(context.Background(), m.snapshot(t), m.input())
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.circularity()
		if err != nil {
			t.Fatal(err)
		}
		for j, chosen := range c.Chosen {
			if chosen != slices.Contains(e.columns.wc, j) {
				t.Errorf("seed %d: %s is chosen %v", seed, e.units[j].Key, chosen)
			}
		}
		for k, item := range c.Items {
			if d := item.InSample.Value - (e.wc.pooled[k].Share.Value - e.rest.pooled[k].Share.Value); math.Abs(d) > 1e-12 {
				t.Errorf("seed %d, %s: gaps differ by %v", seed, e.items[k].field.Key, d)
			}
		}
	}
}

// byHand is a wave of ten organizations of 20 people: 2, 4, .. 20 of them agree
// with p0; half agree with p1; nobody answers p3.
func byHand(t testing.TB) made {
	m := made{inst: smallStudy(4)}
	for j := range 10 {
		o := survey.Organization{ID: survey.OrganizationID(fmt.Sprint("id", j)), Key: fmt.Sprintf("o%02d", j), Name: fmt.Sprint("Name ", j), Industry: "x"}
		m.organizations = append(m.organizations, o)
		for i := range 20 {
			first := 3
			if i < 2*(j+1) {
				first = 6 + i%2
			}
			m.responses = append(m.responses, person(m.inst, o.ID, len(m.responses), "salesperson", first, 1+6*(i%2), 1+(3*i+j)%7, 0))
		}
	}
	return m
}

func near(t *testing.T, what string, got stat.Number, want float64) {
	t.Helper()
	if !got.Valid || math.Abs(got.Value-want) > 5e-5 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestSharesEqualThoseComputedByHand(t *testing.T) {
	m := byHand(t)
	in := m.small()
	in.Criteria = nil
	b, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	p0, p1, p3 := b.Practices[0], b.Practices[1], b.Practices[3]
	near(t, "mean of the organizations' shares", p0.All.Value, 0.55)
	near(t, "median organization", p0.Median.Value, 0.55)
	near(t, "upper quartile, type 7", p0.Upper.Value, 0.775)
	near(t, "no organization differs", p1.All.Value, 0.5)
	if *p0.All.N != 200 || *p0.All.Organizations != 10 || *p0.All.NAsked != 200 {
		t.Errorf("n %d, organizations %d, asked %d", *p0.All.N, *p0.All.Organizations, *p0.All.NAsked)
	}
	// v = J/(J-1) sum (p_j - p)^2 / J^2 = 10/9 * .825/100, n_eff = .2475/v = 27,
	// n* = 27 (z/t_9)^2 = 20.268; Wilson on .55 and n*: .54203 +/- .19874.
	if p0.All.CI == nil || math.Abs(p0.All.CI.Lower-0.34329) > 1e-5 || math.Abs(p0.All.CI.Upper-0.74078) > 1e-5 {
		t.Errorf("interval %v", p0.All.CI)
	}
	near(t, "n_eff", p0.All.NEff, 27)
	if p3.All.Status != NotComputed || p3.All.Reasons[0] != stat.NoValidAnswers || p3.All.N != nil {
		t.Errorf("nobody answered: %+v", p3.All)
	}
	near(t, "area: mean of three answered of four", b.Areas[0].All.Value, areaByHand(m))
}

// areaByHand is the mean over organizations of the people's means of p0 to p2.
func areaByHand(m made) float64 {
	total := 0.0
	for _, r := range m.responses {
		total += float64(r.Answers[1].Code+r.Answers[2].Code+r.Answers[3].Code) / 3
	}
	return total / float64(len(m.responses))
}

func TestAnOrganizationsOwnFiguresEqualThoseComputedByHand(t *testing.T) {
	m := byHand(t)
	in := m.small()
	in.Criteria = nil
	r, err := ComputeOrganization(context.Background(), m.snapshot(t), in, "o04")
	if err != nil {
		t.Fatal(err)
	}
	p := r.Practices[0]
	near(t, "own share, 10 of 20", p.Own.Value, 0.5)
	if math.Abs(p.Own.CI.Lower-0.29930) > 5e-5 || math.Abs(p.Own.CI.Upper-0.70070) > 5e-5 {
		t.Errorf("Wilson interval of 10 of 20: %v", p.Own.CI)
	}
	near(t, "all others minus own, (5.5-.5)/9 - .5", p.GapAll.Value, 100*(5.0/9-0.5))
	near(t, "peers are the nine others of the industry", p.Peers.Value, 5.0/9)
	if !strings.Contains(r.PeersCaption, "9 other organizations in the same industry") {
		t.Errorf("caption %q", r.PeersCaption)
	}
	if r.Distributions[0].Boxes != true || len(r.Distributions[0].Points) != 3 {
		t.Errorf("20 people show %d points", len(r.Distributions[0].Points))
	}
	near(t, "box of agreement", r.Distributions[0].Points[2].Value, 0.5)
}

func TestTheSameAnswersInAnyOrderGiveTheSameBytes(t *testing.T) {
	m := recipe{seed: 5, organizations: 14, orgSD: 0.8, personSD: 0.5, size: func(j int, _ *rand.Rand) int { return 15 + j }}.make()
	first := encoded(t, m)
	random := rand.New(rand.NewPCG(1, 1))
	shuffled := made{m.inst, slices.Clone(m.organizations), slices.Clone(m.responses)}
	random.Shuffle(len(shuffled.responses), func(a, b int) {
		shuffled.responses[a], shuffled.responses[b] = shuffled.responses[b], shuffled.responses[a]
	})
	random.Shuffle(len(shuffled.organizations), func(a, b int) {
		shuffled.organizations[a], shuffled.organizations[b] = shuffled.organizations[b], shuffled.organizations[a]
	})
	if !bytes.Equal(first, encoded(t, shuffled)) {
		t.Error("another order gives other bytes")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !bytes.Equal(first, encoded(t, m)) {
		t.Error("one core gives other bytes")
	}
}

func encoded(t *testing.T, m made) []byte {
	t.Helper()
	data, err := json.Marshal(m.compute(t))
	if err != nil {
		t.Fatal(err)
	}
	report, err := json.Marshal(m.report(t, "org-003"))
	if err != nil {
		t.Fatal(err)
	}
	return append(data, report...)
}

// wellFormed walks a result: no NaN, a reason for every figure that is missing,
// nothing but words in one that is withheld.
func wellFormed(t *testing.T, name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			wellFormed(t, name, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			wellFormed(t, fmt.Sprintf("%s[%d]", name, i), v.Index(i))
		}
	case reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			t.Errorf("%s is %v", name, f)
		}
	case reflect.Struct:
		if e, ok := v.Interface().(Estimate); ok {
			checkEstimate(t, name, e)
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				wellFormed(t, name+"."+f.Name, v.Field(i))
			}
		}
	}
}

func checkEstimate(t *testing.T, name string, e Estimate) {
	if e.Reasons == nil || e.Notes == nil {
		t.Errorf("%s: reasons or notes are null", name)
	}
	switch {
	case e.Status == Withheld && (e.Value.Valid || e.CI != nil || e.N != nil || e.P.Valid || e.NEff.Valid || e.Quartiles != nil || len(e.Reasons) != 1):
		t.Errorf("%s is withheld and says %+v", name, e)
	case (e.Status == OK || e.Status == Limited) != e.Value.Valid:
		t.Errorf("%s: status %s, value %v", name, e.Status, e.Value)
	case e.Status == Limited && len(e.Reasons) == 0:
		t.Errorf("%s is limited without a reason", name)
	case e.Status == "":
		t.Errorf("%s has no status", name)
	}
	if e.CI != nil && !(e.CI.Lower <= e.CI.Upper) {
		t.Errorf("%s: interval %v", name, *e.CI)
	}
}

func TestPoorWavesAreAnsweredInWords(t *testing.T) {
	few := recipe{seed: 2, organizations: 6, orgSD: 0.5, personSD: 0.5, size: sizeOf(20)}
	waves := map[string]made{
		"nobody answered":        {inst: survey.Builtin(), organizations: few.make().organizations},
		"no organization at all": {inst: survey.Builtin()},
		"one organization":       recipe{seed: 2, organizations: 1, size: sizeOf(30)}.make(),
		"six organizations":      few.make(),
		"one person each":        recipe{seed: 2, organizations: 30, size: sizeOf(1)}.make(),
		"everybody says don't know": few.make().with(func(a *survey.Answer, f survey.Field) {
			if f.Kind == survey.Likert {
				*a = survey.Answer{State: survey.DontKnow}
			}
		}),
		"nothing was shown": few.make().with(func(a *survey.Answer, _ survey.Field) { *a = survey.Answer{} }),
		"everybody gives the same answer": recipe{seed: 2, organizations: 12, size: sizeOf(20)}.make().with(func(a *survey.Answer, f survey.Field) {
			if f.Kind == survey.Likert {
				*a = survey.Answer{State: survey.Valid, Code: 6}
			}
		}),
		"people agree within and not between": recipe{seed: 2, organizations: 14, personSD: 1, size: sizeOf(30)}.make(),
	}
	for name, m := range waves {
		t.Run(name, func(t *testing.T) {
			b := m.compute(t)
			wellFormed(t, "benchmark", reflect.ValueOf(b))
			if b.Headline == "" || len(b.Caveats) == 0 || b.WCCaption == "" || b.Quality.Sentence == "" || b.Matrix.Reason == "" {
				t.Errorf("headline %q, caption %q, quality %q, matrix %q", b.Headline, b.WCCaption, b.Quality.Sentence, b.Matrix.Reason)
			}
			for _, o := range b.Organizations {
				if o.Classification.Tier != "" || o.Classification.PWC.Valid {
					t.Errorf("%s has the tier %s", o.Key, o.Classification.Tier)
				}
			}
			for _, o := range b.Organizations[:min(2, len(b.Organizations))] {
				wellFormed(t, o.Key, reflect.ValueOf(m.report(t, o.Key)))
			}
		})
	}
}

// with changes every answer of a wave but those that tell the role.
func (m made) with(change func(*survey.Answer, survey.Field)) made {
	for i := range m.responses {
		for _, f := range m.inst.Fields() {
			if f.Key != "role" {
				change(&m.responses[i].Answers[f.Index], f)
			}
		}
	}
	return m
}

func TestARichWaveIsWellFormed(t *testing.T) {
	m := ordinary(2)
	wellFormed(t, "benchmark", reflect.ValueOf(m.compute(t)))
	wellFormed(t, "report", reflect.ValueOf(m.report(t, "org-001")))
}

// A tier that has nothing to do with an item shows no gap on it: the negative
// control of the methods paper.
func TestATierUnrelatedToAnItemShowsNoGapOnIt(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 4))
	m := made{inst: smallStudy(4)}
	for j := range 60 {
		o := survey.Organization{ID: survey.OrganizationID(fmt.Sprint("id", j)), Key: fmt.Sprintf("o%02d", j), Name: "N"}
		m.organizations = append(m.organizations, o)
		level := 4 + 1.2*random.NormFloat64()
		for range 40 {
			tier := min(7, max(1, int(math.Round(level+random.NormFloat64()))))
			m.responses = append(m.responses, person(m.inst, o.ID, len(m.responses), "salesperson", tier, 1+random.IntN(7), 1+random.IntN(7), 1+random.IntN(7)))
		}
	}
	in := m.small()
	in.Criteria = smallCriteria("p0")
	b, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	if p := b.Practices[0].SplitHalf; !p.Shown() || p.CI.Lower < 10 {
		t.Errorf("the item that makes the tier has the gap %s (%s)", p.Text(), p.Range())
	}
	for _, r := range b.Practices[1:] {
		if g := r.SplitHalf; !g.Shown() || g.CI.Lower > 0 || g.CI.Upper < 0 || math.Abs(g.Value.Value) > 5 {
			t.Errorf("%s: split-half gap %s (%s)", r.Item, g.Text(), g.Range())
		}
		if g := r.Gap; math.Abs(g.Value.Value) > 6 {
			t.Errorf("%s: gap %s", r.Item, g.Text())
		}
	}
}

func TestResponsesOfAnUnknownOrganizationAreAnError(t *testing.T) {
	m := ordinary(1)
	in := m.input()
	in.Organizations = in.Organizations[1:]
	if _, err := Compute(context.Background(), m.snapshot(t), in); err == nil {
		t.Error("responses vanished")
	}
}

func TestCriteriaThatDoNotFitTheInstrumentAreRefused(t *testing.T) {
	m := byHand(t)
	in := m.small()
	in.Criteria = OrganizationCriteria()
	_, err := Compute(context.Background(), m.snapshot(t), in)
	if survey.KindOf(err) != survey.Invalid || !strings.Contains(err.Error(), "problems_first") {
		t.Errorf("error %v", err)
	}
}

func TestACanceledRequestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m := byHand(t)
	if _, err := Compute(ctx, m.snapshot(t), m.small()); err == nil {
		t.Error("computed for nobody")
	}
}

func TestTheRespondentViewIsNotAboutOrganizations(t *testing.T) {
	m := ordinary(1)
	in := m.input()
	in.Criteria = StudyStyleCriteria()
	b, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	if b.StudyStyle == nil || !b.StudyStyle.Share.Shown() || b.Practices[0].WC.Weighting != string(stat.EqualRespondent) {
		t.Errorf("study style %+v", b.StudyStyle)
	}
	shown := 0
	for _, r := range b.Practices {
		if r.SplitHalf.Reasons[0] != stat.UnitIsRespondent || r.Gap.P.Valid || r.WC.Shown() != r.Rest.Shown() || r.WC.Shown() != r.Gap.Shown() {
			t.Errorf("%s: WC %s, rest %s, gap %s, split half %v", r.Item, r.WC.Text(), r.Rest.Text(), r.Gap.Text(), r.SplitHalf.Reasons)
		}
		if r.WC.Shown() {
			shown++
		}
	}
	if shown == 0 {
		t.Error("no practice is shown")
	}
	for _, o := range b.Organizations {
		if o.Classification.Tier != "" {
			t.Errorf("%s has a tier", o.Key)
		}
	}
	if b.ExpectedWC.Reasons[0] != stat.UnitIsRespondent {
		t.Errorf("expected %+v", b.ExpectedWC)
	}
}

func TestWeightsOfOneChangeNothingAndOthersCount(t *testing.T) {
	m := byHand(t)
	in := m.small()
	in.Criteria = nil
	plain, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.responses {
		m.responses[i].Weight = 2
	}
	double, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	for k := range plain.Practices[:3] {
		a, b := plain.Practices[k].All, double.Practices[k].All
		if math.Abs(a.Value.Value-b.Value.Value) > 1e-12 || (a.CI == nil) != (b.CI == nil) || a.CI != nil && math.Abs(a.CI.Lower-b.CI.Lower) > 1e-9 {
			t.Errorf("item %d: %v %v and %v %v", k, a.Value, a.CI, b.Value, b.CI)
		}
	}
	for i := range m.responses {
		m.responses[i].Weight = 1
		if m.responses[i].Answers[1].Code >= 6 {
			m.responses[i].Weight = 3
		}
	}
	heavy, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for j := range 10 {
		x := 0.1 * float64(j+1)
		want += 3 * x / (3*x + 1 - x) / 10
	}
	near(t, "weighted share", heavy.Practices[0].All.Value, want)
}

func BenchmarkCompute(b *testing.B) {
	m := ordinary(1)
	in := m.input()
	for b.Loop() {
		b.StopTimer()
		snapshot := m.snapshot(b)
		b.StartTimer()
		if _, err := Compute(b.Context(), snapshot, in); err != nil {
			b.Fatal(err)
		}
	}
}

// The first page of an organization in an edition pays for what all share.
func BenchmarkFirstOrganization(b *testing.B) {
	m := ordinary(1)
	in := m.input()
	for b.Loop() {
		b.StopTimer()
		snapshot := m.snapshot(b)
		b.StartTimer()
		if _, err := ComputeOrganization(b.Context(), snapshot, in, "org-003"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNextOrganization(b *testing.B) {
	m := ordinary(1)
	snapshot, in := m.snapshot(b), m.input()
	if _, err := ComputeOrganization(b.Context(), snapshot, in, "org-002"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ComputeOrganization(b.Context(), snapshot, in, "org-003"); err != nil {
			b.Fatal(err)
		}
	}
}
