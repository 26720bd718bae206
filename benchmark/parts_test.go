package benchmark

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

func TestFrozenCutsAreNotProvisional(t *testing.T) {
	m := ordinary(1)
	in := m.input()
	frozen := *OrganizationCriteria()
	frozen.Cuts = &FrozenCuts{WorldClass: 0.55, HighPerforming: 0.35, Average: 0.2, Wave: "first"}
	in.Criteria = &frozen
	b, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range b.Organizations {
		c := o.Classification
		if c.Provision {
			t.Errorf("%s has a provisional cut", o.Key)
		}
		total := c.PWC.Or(0) + c.PHP.Or(0) + c.PAvg.Or(0) + c.PUnder.Or(0)
		if c.PWC.Valid && math.Abs(total-1) > 1e-12 {
			t.Errorf("%s: the tiers add up to %v", o.Key, total)
		}
		if c.Tier == TierWorldClass && c.PWC.Value < 0.9 {
			t.Errorf("%s is called World-Class at %v", o.Key, c.PWC.Value)
		}
	}
	if strings.Contains(b.WCCaption, "provisional") {
		t.Errorf("caption %q", b.WCCaption)
	}
}

func TestOneOrTwoWorldClassOrganizationsAreNoColumn(t *testing.T) {
	m := ordinary(1)
	in := m.input()
	strict := *OrganizationCriteria()
	strict.Cuts = &FrozenCuts{WorldClass: 0.9, HighPerforming: 0.35, Average: 0.2, Wave: "first"}
	strict.Column = ColumnCertain
	in.Criteria = &strict
	b, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range b.Practices {
		if r.WC.Value.Valid || r.Gap.Value.Valid || !r.Rest.Shown() || r.Rest.Value != r.All.Value {
			t.Errorf("%s: WC %s, rest %s, all %s", r.Item, r.WC.Text(), r.Rest.Text(), r.All.Text())
		}
	}
	if !strings.HasPrefix(b.WCCaption, "No World-Class column") {
		t.Errorf("caption %q", b.WCCaption)
	}
}

func TestResultsAreMediansOfThoseWhoWereAskedInTheSameWords(t *testing.T) {
	m := ordinary(1)
	r := m.report(t, "org-004")
	b := m.compute(t)
	field, _ := m.inst.FieldByKey("win_rate")
	byOrganization := map[survey.OrganizationID][]float64{}
	for _, response := range m.responses {
		if a := response.Answers[field.Index]; a.State == survey.Valid && (response.Role == "salesperson" || response.Role == "manager") {
			byOrganization[response.OrganizationID] = append(byOrganization[response.OrganizationID], a.Number)
		}
	}
	var medians []float64
	for _, o := range m.organizations {
		medians = append(medians, stat.Median(byOrganization[o.ID]).Value)
	}
	at := slices.IndexFunc(r.KPIs, func(k KPIRow) bool { return k.Key == "win_rate" })
	near(t, "own win rate", r.KPIs[at].Own.Value, stat.Median(byOrganization[m.organizations[4].ID]).Value)
	near(t, "median organization", b.KPIs[at].All.Value, stat.Median(medians).Value)
	if q := b.KPIs[at].All.Quartiles; q == nil || math.Abs(q.Lower-stat.Quantile(medians, 0.25).Value) > 1e-12 {
		t.Errorf("quartiles %v", q)
	}
	if !slices.Contains(b.KPIs[at].Gap.Notes, noteSameInformant) || b.KPIs[at].Source != "reported" {
		t.Errorf("gap %+v", b.KPIs[at].Gap)
	}
	axis := map[bool]int{}
	for _, o := range b.Organizations {
		if top := o.Classification.KPITop; top != nil {
			axis[*top]++
		}
	}
	if axis[true] < 8 || axis[true] > 12 || len(b.Matrix.Cells) != 4 {
		t.Errorf("%d of 40 organizations are in the top quarter, %d cells", axis[true], len(b.Matrix.Cells))
	}
}

func TestManagersTimeIsOneComposition(t *testing.T) {
	b := ordinary(1).compute(t)
	total := 0.0
	for _, part := range b.Time {
		total += part.All.Value.Value
		want := map[string]float64{"time_coaching": 25, "time_selling": 20, "time_forecasting": 15, "time_meetings": 15, "time_resources": 5, "time_admin": 10, "time_other": 10}[part.Key]
		near(t, part.Key, part.All.Value, want)
	}
	if math.Abs(total-100) > 1e-9 {
		t.Errorf("the parts add up to %v", total)
	}
	near(t, "coach or forecast accountant, (25+5+.5)/(15+10+.5)", b.Coach.All.Value, 30.5/25.5)
}

// TestManagersTimeIsWhatManagersTell keeps the guesses of executives out of it.
func TestManagersTimeIsWhatManagersTell(t *testing.T) {
	m := ordinary(1)
	managers := 0
	for _, r := range m.responses {
		switch r.Role {
		case "manager":
			managers++
		case "executive":
			for _, f := range m.inst.Fields() {
				if f.Kind == survey.Allocation {
					r.Answers[f.Index].Number = map[string]float64{"time_coaching": 100}[f.Key]
				}
			}
		}
	}
	b := m.compute(t)
	for _, part := range b.Time {
		if part.Key == "time_coaching" {
			near(t, "coaching, with executives who think it is all they do", part.All.Value, 25)
		}
		if part.All.N == nil || *part.All.N != managers {
			t.Errorf("%s: n is not the %d managers", part.Key, managers)
		}
	}
	near(t, "coach index", b.Coach.All.Value, 30.5/25.5)
}

func TestAResultNamesTheRolesThatToldIt(t *testing.T) {
	for _, k := range ordinary(1).compute(t).KPIs {
		if k.Key == "quota_attainment" && !slices.Equal(k.Reporters, []string{"Salesperson", "Sales manager"}) {
			t.Errorf("quota attainment is told by %q, want the two roles that were asked about their team", k.Reporters)
		}
	}
}

func TestTheRoleGapIsTakenInsideOrganizations(t *testing.T) {
	m := made{inst: smallStudy(4)}
	for j := range 12 {
		o := survey.Organization{ID: survey.OrganizationID(fmt.Sprint("id", j)), Key: fmt.Sprintf("o%02d", j), Name: "N"}
		m.organizations = append(m.organizations, o)
		for i := range 40 {
			role, agree := "salesperson", i%2 == 0
			if i >= 28 {
				role, agree = "manager", i%4 != 0 // nine of twelve
			}
			first := 2
			if agree {
				first = 6
			}
			m.responses = append(m.responses, person(m.inst, o.ID, len(m.responses), role, first, 1+i%7, 1+(i+j)%7, 4))
		}
	}
	in := m.small()
	in.Criteria = nil
	b, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	row := b.RoleGaps[0]
	near(t, "salespeople", row.Salesperson.Value, 0.5)
	near(t, "managers", row.Manager.Value, 0.75)
	near(t, "gap", row.Gap.Value, 25)
	if row.Executive.Value.Valid || row.Gap.P.Valid || row.Gap.Reasons[0] != stat.ZeroVariance {
		t.Errorf("executives %s, gap %+v", row.Executive.Text(), row.Gap)
	}
	r, err := ComputeOrganization(context.Background(), m.snapshot(t), in, "o03")
	if err != nil {
		t.Fatal(err)
	}
	near(t, "own managers", r.Roles[0].Manager.Value, 0.75)
	near(t, "own gap", r.Roles[0].Gap.Value, 25)
}

func TestKeyPracticesCarryHolmsAdjustment(t *testing.T) {
	for _, r := range ordinary(1).compute(t).Practices {
		if r.KeyPractice != r.SplitHalf.PHolm.Valid || r.KeyPractice && r.SplitHalf.PHolm.Value < r.SplitHalf.P.Value {
			t.Errorf("%s: p %v, Holm %v", r.Item, r.SplitHalf.P, r.SplitHalf.PHolm)
		}
	}
}

func TestAPublishedFigureStandsBesideAndIsNotTested(t *testing.T) {
	b := ordinary(1).compute(t)
	at := slices.IndexFunc(b.Practices, func(r PracticeRow) bool { return r.Item == "manager_deal_help" })
	if n := b.Practices[at].Norms; len(n) != 1 || n[0].Year != 2013 {
		t.Errorf("norms %+v", n)
	}
	if len(b.StudyStyle.Norms) == 0 || !strings.Contains(strings.Join(b.Story, " "), "published shares lie between 4.9% (2013) and 7.7% (2016)") {
		t.Errorf("story %v", b.Story)
	}
}

func TestInAWaveOfFewOrganizationsThatIsWhyNobodyHasATier(t *testing.T) {
	m := recipe{seed: 3, organizations: 9, orgSD: 0.4, personSD: 0.8, size: sizeOf(30)}.make()
	for _, o := range m.compute(t).Organizations {
		if r := o.Classification.Reasons; o.Classification.Tier != "" || len(r) == 0 || r[0] != stat.FewOrganizations {
			t.Errorf("%s: %q for %v", o.Key, o.Classification.Tier, r)
		}
	}
	if r := m.report(t, "org-003"); !strings.Contains(r.Headline, "has no tier: fewer than 10 organizations.") {
		t.Errorf("the headline is %q", r.Headline)
	}
}
