package benchmark

import (
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func TestADiffOfCriteriaSaysWhichChangesTellTiersApart(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Criteria)
		breaks bool
		count  int
	}{
		"nothing":                {func(*Criteria) {}, false, 0},
		"another number":         {func(c *Criteria) { c.Version++ }, false, 0},
		"a title":                {func(c *Criteria) { c.Title = "Other" }, false, 1},
		"the headline":           {func(c *Criteria) { c.HeadlineItem = "other" }, false, 1},
		"one criterion less":     {func(c *Criteria) { c.Items = c.Items[1:] }, true, 1},
		"one for another":        {func(c *Criteria) { c.Items = append([]string{"other"}, c.Items[1:]...) }, true, 2},
		"frozen cuts":            {func(c *Criteria) { c.Cuts = &FrozenCuts{WorldClass: 0.6, HighPerforming: 0.5, Average: 0.4} }, true, 1},
		"roles and their shares": {func(c *Criteria) { c.Roles, c.RoleMix = []string{"a", "b"}, []float64{0.5, 0.5} }, true, 2},
		"the unit":               {func(c *Criteria) { c.Unit = UnitRespondent }, true, 1},
	} {
		after := *OrganizationCriteria()
		c.change(&after)
		got := DiffCriteria(OrganizationCriteria(), &after)
		if len(got) != c.count || survey.BreaksComparison(got) != c.breaks {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
