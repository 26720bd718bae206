package benchmark

import (
	"fmt"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/survey"
)

// DiffCriteria lists what differs between two versions of a criteria document, and
// whether tiers by the one can be compared with tiers by the other.
func DiffCriteria(before, after *Criteria) []survey.Change {
	var changes []survey.Change
	note := func(path, what, was, is string, effect survey.Effect, reason string) {
		if was != is {
			changes = append(changes, survey.Change{Path: path, What: what, Before: was, After: is, Effect: effect, Reason: reason})
		}
	}
	note("title", "the title", before.Title, after.Title, survey.Keeps, "it decides nothing")
	note("unit", "what a tier belongs to", before.Unit, after.Unit, survey.Breaks, "tiers are of organizations in the one and of respondents in the other")
	for _, key := range after.Items {
		if !slices.Contains(before.Items, key) {
			note("items."+key, "a criterion was added", "", key, survey.Breaks, "the index is made of other questions")
		}
	}
	for _, key := range before.Items {
		if !slices.Contains(after.Items, key) {
			note("items."+key, "a criterion was removed", key, "", survey.Breaks, "the index is made of other questions")
		}
	}
	note("mean_at_least", "the least mean", fmt.Sprint(before.MeanAtLeast), fmt.Sprint(after.MeanAtLeast), survey.Breaks, "the bar for World-Class is another one")
	note("roles", "the roles that count", strings.Join(before.Roles, ", "), strings.Join(after.Roles, ", "), survey.Breaks, "the index is about other people")
	note("role_mix", "the weights of the roles", fmt.Sprint(before.RoleMix), fmt.Sprint(after.RoleMix), survey.Breaks, "the same answers give another index")
	note("cuts", "the cuts between tiers", cutsInWords(before.Cuts), cutsInWords(after.Cuts), survey.Breaks, "the same index gives another tier")
	note("wc_column", "who is in the World-Class column", before.Column, after.Column, survey.Breaks, "the column holds other organizations")
	note("kpis", "the reported results", strings.Join(before.KPIs, ", "), strings.Join(after.KPIs, ", "), survey.Breaks, "the second axis is made of other results")
	note("kpi_cut", "the cut of the second axis", fmt.Sprint(before.KPICut), fmt.Sprint(after.KPICut), survey.Breaks, "top results begin elsewhere")
	note("headline_item", "the practice in the headline", before.HeadlineItem, after.HeadlineItem, survey.Keeps, "only the headline is about another practice")
	return changes
}

func cutsInWords(c *FrozenCuts) string {
	if c == nil {
		return "made from the wave itself"
	}
	return fmt.Sprintf("%v, %v, %v", c.WorldClass, c.HighPerforming, c.Average)
}
