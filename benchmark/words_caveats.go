package benchmark

import "fmt"

// caveats are what the figures can not say: circularity, self-report, unit,
// small groups, who answered, no cause, published figures, definitions.
func (e *engine) caveats() []string {
	var caveats []string
	if words := e.stepWords(); words != "" {
		caveats = append(caveats, words)
	}
	if e.class != nil || e.in.StudyStyle != nil {
		caveats = append(caveats, "Circular by design: a group chosen for high answers agrees more, by the rule itself. The gap is descriptive; the columns beside it show it with the statement left out, and with other people choosing than those measured.")
	}
	if len(e.results.kpis) > 0 {
		caveats = append(caveats, "Self-report: the same people tell practices and results, so a link between them may be one mood. No test on these answers can rule that out.")
	}
	caveats = append(caveats,
		"A share of respondents is not a share of organizations. Each figure says which of the two it is.",
		fmt.Sprintf("Small groups move by chance: look at n and the interval. Groups of fewer than %d people, columns of fewer than %d organizations, and whatever would give them away, are withheld.", e.gate.minimum, benchmarkMinimum),
		"Nobody drew a random sample. Roles, industries and regions of those who answered are listed; others may differ.",
		"No cause: a gap tells where to look, not what will follow from a change.")
	if e.in.Norms != nil && e.hasNorms() {
		caveats = append(caveats, "Published figures are context, with year, base and grade. Own data are not tested against them, and no trend is drawn through different bases.")
	}
	return append(caveats, e.definitions())
}

func (e *engine) hasNorms() bool {
	for k := range e.items {
		if len(e.in.Norms.For(e.items[k].field.Item.Key, MeasureAgree, measureOddsAgree)) > 0 {
			return true
		}
	}
	return false
}

// definitions states the agree box, the rule for missing answers and the
// versions.
func (e *engine) definitions() string {
	text := "Agree: "
	cut := ""
	for k := range e.items {
		switch own := e.items[k].cut(); {
		case cut == "":
			cut = own
		case cut != own:
			cut = "the top answers of each scale"
		}
	}
	if cut == "" {
		cut = "not asked"
	}
	text += cut + ". Shares are of valid answers; don't know, not applicable and skipped do not count. A score needs half of its items. Every organization counts alike."
	rule := "no criteria"
	if e.in.Criteria != nil {
		rule = "criteria " + e.in.Criteria.Rule()
	}
	return fmt.Sprintf("%s Instrument %s version %d, %s, %s.", text, e.inst.Key, e.inst.Version, rule, Method)
}
