package benchmark

import (
	"fmt"
	"slices"
	"sort"
)

// listed is how many strengths and gaps an executive sees.
const listed = 3

// choose picks the strengths and the gaps. Gaps are ranked after the own share
// was shrunk, since the widest of many is too wide; with criteria, a gap that
// matters is one on a key practice.
func (o ownReport) choose(r *OrganizationReport) {
	if r.Incomparable = o.incomparable(r.Practices); r.Incomparable != "" {
		return
	}
	type ranked struct{ at, score float64 }
	var gaps, strengths []ranked
	for i := range r.Practices {
		p := &r.Practices[i]
		if !o.gate.open(p.Own) || !o.gate.open(p.All) {
			continue
		}
		if d := o.behind(p); d > 0 && (o.isKey(p.Item) || o.in.Criteria == nil) {
			gaps = append(gaps, ranked{float64(i), d})
		}
		if d := -o.away(p, p.All, p.GapAll); d > 0 {
			strengths = append(strengths, ranked{float64(i), d})
		}
	}
	pick := func(list []ranked) []OrganizationPractice {
		sort.SliceStable(list, func(a, b int) bool { return list[a].score > list[b].score })
		var chosen []OrganizationPractice
		for _, x := range list[:min(listed, len(list))] {
			chosen = append(chosen, r.Practices[int(x.at)])
		}
		return chosen
	}
	r.Gaps, r.Strengths = pick(gaps), pick(strengths)
	o.nameLists(r)
}

// behind is how far the organization lies behind World-Class, or behind all where there
// is no such column. Where the others of World-Class are too few to be shown without
// it, it is behind nobody: the distance could not be printed.
func (o ownReport) behind(p *OrganizationPractice) float64 {
	switch {
	case o.gate.open(p.GapWC):
		return o.away(p, p.WC, p.GapWC)
	case o.gate.open(p.WC):
		return 0
	}
	return o.away(p, p.All, p.GapAll)
}

// away is the distance in points to a column without the organization, where that may
// be shown, its own share moved towards the others; 0 where that turns the sign, for
// what is printed must lie on the side on which the list says it does.
func (o ownReport) away(p *OrganizationPractice, column, gap Estimate) float64 {
	raw := 100 * (column.Value.Value - p.Own.Value.Value)
	if o.gate.open(gap) {
		raw = gap.Value.Value
	}
	moved := raw + p.moved()
	if raw*moved <= 0 {
		return 0
	}
	return moved
}

// moved is by how many points the own share lies above what it is moved to.
func (p *OrganizationPractice) moved() float64 {
	return 100 * (p.Own.Value.Value - p.Shrunk.Value.Or(p.Own.Value.Value))
}

// Behind is the gap to World-Class by which lists and charts are sorted: the widest of
// many is too wide, so the own share is first moved towards the others.
func (p OrganizationPractice) Behind() Estimate {
	gap := p.GapWC
	if gap.Shown() && p.Own.Shown() {
		gap.Value.Value += p.moved()
	}
	return gap
}

// gapsByChance heads gaps of which none is beyond doubt.
const gapsByChance = "Furthest behind; may be chance"

// nameLists says how sure the strengths and the gaps are and what they are sorted by.
func (o ownReport) nameLists(r *OrganizationReport) {
	r.StrengthWords, r.GapWords = "Highest compared with others; may be chance", gapsByChance
	if sure := beyondDoubt(r.Strengths, func(p OrganizationPractice) Estimate { return p.GapAll }, -1); len(sure) > 0 {
		r.Strengths, r.StrengthWords = sure, "Strengths, ahead of all others beyond doubt"
	}
	if sure := beyondDoubt(r.Gaps, func(p OrganizationPractice) Estimate { return p.GapWC }, 1); len(sure) > 0 {
		r.Gaps, r.GapWords = sure, "Gaps that matter most"
	} else if len(r.Gaps) > 0 && !slices.ContainsFunc(r.Gaps, func(p OrganizationPractice) bool { return !FarBehind(p) }) {
		r.GapWords = "Gaps that matter most"
	}
	target, which := "World-Class", "Key practices by"
	if len(o.columns.wc) == 0 {
		target = "all organizations"
	}
	if o.in.Criteria == nil {
		which = "By"
	}
	shrunk := ""
	if slices.ContainsFunc(r.Gaps, func(p OrganizationPractice) bool { return p.Shrunk.Value.Valid }) {
		shrunk = " after allowing for chance (below)"
	}
	r.StrengthOrder = "By the distance from all other organizations, longest first."
	r.GapOrder = fmt.Sprintf("%s the distance from %s%s, longest first.", which, target, shrunk)
	if len(r.Gaps) == 0 {
		r.GapWords, r.GapOrder = "", ""
		if slices.ContainsFunc(r.Practices, func(p OrganizationPractice) bool { return o.gate.open(p.WC) && !o.gate.open(p.GapWC) }) {
			r.GapOrder = "It belongs to the World-Class column itself, and without it the others there are too few to be shown: no distance to them is given."
		}
	}
	r.ListsNote = o.listsNote(r)
}

// listsNote tells how the figures of both lists are to be read.
func (o ownReport) listsNote(r *OrganizationReport) string {
	words, tested := "", 0
	for _, p := range r.Practices {
		if p.GapAll.PBH.Valid && o.gate.open(p.GapAll) {
			tested++
		}
	}
	shrunk := func(p OrganizationPractice) bool { return p.Shrunk.Value.Valid }
	if slices.ContainsFunc(r.Gaps, shrunk) || slices.ContainsFunc(r.Strengths, shrunk) {
		words = "For the order, the share of a key practice is first moved towards that of the others, as far as few answers may be chance. "
	}
	words += "All others are without this organization. Points are taken before shares are rounded."
	if slices.ContainsFunc(r.Gaps, func(p OrganizationPractice) bool { return o.gate.open(p.GapWC) && !p.GapWC.PBH.Valid }) {
		words += " Not tested: there are too few World-Class organizations."
	}
	if tested > 0 {
		words += fmt.Sprintf(" Beyond doubt: p below .05, adjusted for %s (Benjamini-Hochberg).", plural(tested, "practice", "practices"))
	}
	return words
}

// incomparable says why there is nothing to compare the organization with; empty: there is.
func (o ownReport) incomparable(practices []OrganizationPractice) string {
	if slices.ContainsFunc(practices, func(p OrganizationPractice) bool { return o.gate.open(p.Own) && o.gate.open(p.All) }) {
		return ""
	}
	switch {
	case len(practices) == 0:
		return "There is nothing to compare: the questionnaire has no statements to agree with."
	case len(o.units) == 1:
		return "There is nothing to compare with: no other organization of this wave can be shown."
	case len(o.units) < benchmarkMinimum:
		return fmt.Sprintf("There is nothing to compare with: all organizations together are shown from %d on, and only %d can be shown.", benchmarkMinimum, len(o.units))
	}
	return "There is nothing to compare with: too few people, or an organization with more than a quarter of the weight, stand behind the figures of all."
}

// FarBehind says that a gap to World-Class can not be tested, there being too few
// such organizations, but that their share lies above the interval of the own one.
func FarBehind(p OrganizationPractice) bool {
	return p.GapWC.Value.Valid && !p.GapWC.base.hidden && !p.GapWC.PBH.Valid &&
		p.Own.CI != nil && p.WC.Value.Valid && p.Own.CI.Upper < p.WC.Value.Value
}

// beyondDoubt keeps the practices whose gap has the sign and holds after adjustment
// for the number of practices.
func beyondDoubt(rows []OrganizationPractice, gap func(OrganizationPractice) Estimate, sign float64) []OrganizationPractice {
	var sure []OrganizationPractice
	for _, p := range rows {
		if g := gap(p); g.Value.Valid && !g.base.hidden && sign*g.Value.Value > 0 && g.PBH.Valid && g.clear() {
			sure = append(sure, p)
		}
	}
	return sure
}
