package benchmark

import (
	"fmt"
	"strings"
)

// words says what one organization should know, finding first.
func (o ownReport) words(r *OrganizationReport) error {
	var err error
	if r.Quality, err = o.ownQuality(o.own, o.reader); err != nil {
		return err
	}
	r.Headline = o.tierSentence(r) + o.widestSentence(r)
	r.Story = o.story(r)
	r.Caveats = o.caveats()
	return nil
}

// tierSentence names the tier and how sure it is.
func (o ownReport) tierSentence(r *OrganizationReport) string {
	name, c := inSentence(r.Organization.Name), r.Organization.Classification
	if o.class == nil {
		return fmt.Sprintf("%s has %s.", name, plural(*r.Organization.N, "response", "responses"))
	}
	sure := FormatProbability(c.PWC)
	switch c.Call {
	case CallWorldClass:
		return fmt.Sprintf("%s is World-Class (probability %s).", name, sure)
	case CallLikely:
		return fmt.Sprintf("%s is likely World-Class (probability %s), not yet beyond doubt.", name, sure)
	case CallUndecided:
		return fmt.Sprintf("Whether %s is World-Class is undecided (probability %s).", name, sure)
	case CallUnlikely:
		return fmt.Sprintf("%s is %s (probability %s); World-Class is unlikely (%s).", name, c.Tier.Words(), FormatProbability(c.TierP), sure)
	}
	if len(c.Reasons) > 0 {
		return fmt.Sprintf("%s has no tier: %s.", name, c.Why())
	}
	return name + " has no tier."
}

// widestSentence names the gap that matters most.
func (o ownReport) widestSentence(r *OrganizationReport) string {
	if len(r.Gaps) == 0 {
		return ""
	}
	g := r.Gaps[0]
	target, name := g.WC, "World-Class organizations"
	if !o.gate.open(target) {
		target, name = g.All, "all organizations"
	}
	if !o.gate.open(target) || !o.gate.open(g.Own) {
		return ""
	}
	own, there := pair(g.Own, target)
	chance := ""
	if r.GapWords == gapsByChance {
		chance = ", which may be chance"
	}
	keys := 0
	for _, p := range r.Practices {
		if o.isKey(p.Item) {
			keys++
		}
	}
	lead := "It"
	if o.in.Criteria != nil && keys < len(r.Practices) {
		lead = fmt.Sprintf("Of the %d key practices it", keys)
	}
	return fmt.Sprintf(" %s is furthest behind on “%s”: %s agree, %s in %s%s.", lead, g.Label, own, there, name, chance)
}

func (o ownReport) story(r *OrganizationReport) []string {
	var story []string
	add := func(text string) {
		if text != "" {
			story = append(story, text)
		}
	}
	add(o.strengthSentence(r))
	add(o.clearSentence(r))
	add(o.rankSentence(r))
	add(o.ownCoachSentence(r))
	add(o.ownRoleSentence(r))
	if o.class != nil && o.class.barred {
		add(o.barredSentence("no tier is named"))
	}
	return story
}

func (o ownReport) strengthSentence(r *OrganizationReport) string {
	if r.Incomparable != "" {
		return r.Incomparable
	}
	if len(r.Strengths) == 0 {
		return "On no practice does it lie above all organizations."
	}
	names := make([]string, len(r.Strengths))
	for i, s := range r.Strengths {
		names[i] = fmt.Sprintf("“%s” (%s agree)", s.Label, s.Own.Text())
	}
	return fmt.Sprintf("%s: %s.", r.StrengthWords, joinWords(names))
}

// clearSentence counts the practices on which the organization differs from all
// others beyond doubt, after adjustment for their number.
func (o ownReport) clearSentence(r *OrganizationReport) string {
	above, below, tested := 0, 0, 0
	for _, p := range r.Practices {
		if !o.gate.open(p.GapAll) || !p.GapAll.PBH.Valid {
			continue
		}
		tested++
		if p.GapAll.clear() {
			if p.GapAll.Value.Value > 0 {
				below++
			} else {
				above++
			}
		}
	}
	if tested == 0 {
		return ""
	}
	if above+below == 0 {
		return fmt.Sprintf("On none of %s does it differ from all other organizations beyond doubt.", plural(tested, "practice", "practices"))
	}
	rest := "; the other differences may be chance"
	if above+below == tested {
		rest = ""
	}
	return fmt.Sprintf("Beside all other organizations together it is beyond doubt higher on %d and lower on %d of %s%s.",
		above, below, plural(tested, "practice", "practices"), rest)
}

// rankSentence gives the rank with its interval or says nothing.
func (o ownReport) rankSentence(r *OrganizationReport) string {
	rank := r.Organization.Classification.Rank
	if !o.gate.open(rank) || rank.CI == nil {
		return ""
	}
	low, high := FormatCount(int(rank.CI.Lower)), FormatCount(int(rank.CI.Upper))
	if low == high {
		return fmt.Sprintf("Among %s organizations its index stands at rank %s.", FormatCount(len(o.units)), low)
	}
	return fmt.Sprintf("Among %s organizations its index stands somewhere between rank %s and rank %s.", FormatCount(len(o.units)), low, high)
}

func (o ownReport) ownCoachSentence(r *OrganizationReport) string {
	if !o.gate.open(r.Coach.Own) {
		return ""
	}
	text := fmt.Sprintf("For each hour of forecasting and administration, its managers coach and line up resources for %s", hours(r.Coach.Own))
	if o.gate.open(r.Coach.WC) {
		text += fmt.Sprintf("; in World-Class organizations it is %s", hours(r.Coach.WC))
	}
	return text + "."
}

// ownRoleSentence names the practice on which managers and salespeople see most
// different organizations.
func (o ownReport) ownRoleSentence(r *OrganizationReport) string {
	widest := -1
	for i, row := range r.Roles {
		if o.gate.open(row.Gap) && row.Gap.CI != nil && row.Gap.CI.Lower > 0 &&
			(widest < 0 || row.Gap.Value.Value > r.Roles[widest].Gap.Value.Value) {
			widest = i
		}
	}
	if widest < 0 {
		return ""
	}
	row := r.Roles[widest]
	managers, salespeople := pair(row.Manager, row.Salesperson)
	return fmt.Sprintf("Managers and salespeople see it most differently on “%s”: %s of managers agree, %s of salespeople.", row.Label, managers, salespeople)
}

// joinWords joins parts as a sentence does.
func joinWords(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
