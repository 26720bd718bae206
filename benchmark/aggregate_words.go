package benchmark

import "fmt"

// headline says the finding of a source without single answers: where the upper
// quartile leads the median most, or where one organization stands.
func (a *aggregates) headline(b *AggregateBenchmark) string {
	if len(b.Rows) == 0 || b.OrganizationsN == 0 {
		return "No organization has a share yet."
	}
	if b.Organization != "" {
		return a.ownHeadline(b)
	}
	widest := -1
	for i, r := range b.Rows {
		if r.Theme || !r.Median.Shown() || !r.Upper.Shown() {
			continue
		}
		if widest < 0 || r.Upper.Value.Value-r.Median.Value.Value > b.Rows[widest].Upper.Value.Value-b.Rows[widest].Median.Value.Value {
			widest = i
		}
	}
	if widest < 0 {
		widest = 0
	}
	r := b.Rows[widest]
	return fmt.Sprintf("In the median organization of %s, %s agree with “%s”; in the upper quarter of organizations %s or more do.",
		FormatCount(b.OrganizationsN), r.Median.Text(), r.Label, r.Upper.Text())
}

func (a *aggregates) ownHeadline(b *AggregateBenchmark) string {
	name := b.Organization
	for _, o := range b.Names {
		if o.Key == b.Organization {
			name = inSentence(o.Name)
		}
	}
	above, upper, measured := 0, 0, 0
	for _, r := range b.Rows {
		if r.Theme || !r.Own.Shown() || !r.Median.Shown() {
			continue
		}
		measured++
		if r.Own.Value.Value > r.Median.Value.Value {
			above++
		}
		if r.Own.Value.Value >= r.Upper.Value.Value {
			upper++
		}
	}
	if measured == 0 {
		return name + " has no share on any item."
	}
	return fmt.Sprintf("%s is above the median organization on %d of %s, and in the upper quarter on %d.",
		name, above, plural(measured, "item", "items"), upper)
}

// aggregateCaveats are what a reader has to know about such a source.
func aggregateCaveats() []string {
	return []string{
		"The source publishes shares of organizations, not single answers: there are no intervals, no tiers and no ranks.",
		"The benchmark is the median organization, measure by measure; the upper quartile of organizations stands for high performers. No organization need be the median on two measures.",
		"Who answered was not drawn at random, and a difference does not say what would follow from a change.",
	}
}
