package benchmark

import (
	"context"
	"fmt"
	"strings"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// addWords says the finding in sentences. It runs last: it reads only figures
// that the gate leaves open.
func (e *engine) addWords(_ context.Context, b *Benchmark) error {
	if e.in.Criteria != nil {
		b.Criteria = e.in.Criteria.Text(e.inst)
	}
	b.WCCaption = e.wcCaption()
	b.Headline = e.headline(b)
	b.Story = e.story(b)
	b.Caveats = e.caveats()
	return nil
}

// wcCaption says who stands in the World-Class column.
func (e *engine) wcCaption() string {
	c := e.columns
	switch {
	case e.class == nil && e.in.Criteria == nil:
		return "No World-Class column: this wave has no criteria."
	case e.class == nil:
		return "World-Class here are respondents, not organizations."
	case c.few > 0:
		return fmt.Sprintf("No World-Class column: %s expected to be World-Class, and fewer than %d may not be shown as a group.",
			plural(c.few, "organization is", "organizations are"), benchmarkMinimum)
	case len(c.wc) == 0:
		reason := c.reason
		if reason == "" || reason == stat.NoValidAnswers {
			return "No World-Class column: no organization is expected to be World-Class."
		}
		return "No World-Class column: " + ReasonWords(reason) + "."
	}
	text := fmt.Sprintf("World-Class: the %s most likely World-Class, %s with a probability of %d%% or more.",
		plural(len(c.wc), "organization", "organizations"), ofThem(c.certain, len(c.wc)), callPercent)
	if c.widened {
		text += fmt.Sprintf(" %s are expected to be World-Class; fewer than %d may not be shown as a group.", FormatNumber(c.expected.Value, 1), benchmarkMinimum)
	}
	if !e.class.frozen {
		text += " The cuts are provisional: they were made from this wave."
	}
	return text
}

// callPercent is certainWorldClass as sentences say it.
const callPercent = 90

// ofThem says how many of a group something is true of.
func ofThem(n, all int) string {
	switch n {
	case 0:
		return "none of them"
	case all:
		return "all of them"
	}
	return FormatCount(n) + " of them"
}

// plainRange is an interval of points inside a sentence that says which way the
// difference goes.
func plainRange(e Estimate) string { return strings.ReplaceAll(e.Range(), "+", "") }

// headlinePractice is the practice that the headline is about: the one that the
// criteria name, else the one with the widest split-half gap that holds after
// adjustment.
func (e *engine) headlinePractice(b *Benchmark) *PracticeRow {
	if c := e.in.Criteria; c != nil && c.HeadlineItem != "" {
		if k, ok := e.position[c.HeadlineItem]; ok {
			return &b.Practices[k]
		}
	}
	var widest *PracticeRow
	for k := range b.Practices {
		r := &b.Practices[k]
		if e.holds(r.SplitHalf) && (widest == nil || r.SplitHalf.Value.Value > widest.SplitHalf.Value.Value) {
			widest = r
		}
	}
	return widest
}

// holds says whether a gap above zero is beyond doubt after adjustment.
func (e *engine) holds(gap Estimate) bool {
	return e.gate.open(gap) && gap.Value.Value > 0 && gap.PBH.Valid && gap.clear()
}

func (e *engine) headline(b *Benchmark) string {
	if len(e.units) == 0 {
		return fmt.Sprintf("Not enough responses: no organization has the %d that a shown group needs.", e.gate.minimum)
	}
	if len(e.items) == 0 {
		return "The instrument has no agreement items, so there is nothing to compare."
	}
	r := e.headlinePractice(b)
	if r == nil || e.class == nil || !e.gate.open(r.WC) || !e.gate.open(r.Rest) {
		return e.plainHeadline(b, r)
	}
	half, wc, rest := r.SplitHalf, r.WC, r.Rest
	Alike(&half, &wc, &rest)
	if !e.holds(r.SplitHalf) {
		return fmt.Sprintf("World-Class organizations and the others do not differ beyond doubt on “%s”: %s and %s agree.", r.Label, wc.Text(), rest.Text())
	}
	return fmt.Sprintf("World-Class organizations are %s points ahead of the others on “%s”. As the group was chosen, %s agree there and %s elsewhere.",
		strings.TrimPrefix(half.Text(), "+"), r.Label, wc.Text(), rest.Text())
}

// besideSentence is what all respondents say where the headline does not.
func (e *engine) besideSentence(b *Benchmark) string {
	r := e.headlinePractice(b)
	if r == nil || e.class == nil || !e.gate.open(r.WC) || !e.gate.open(r.Rest) {
		return ""
	}
	people, study := e.beside(r)
	switch {
	case people == "":
		return ""
	case strings.HasPrefix(study, ","):
		return fmt.Sprintf("On “%s”, %s agree%s%s.", r.Label, people, study, e.unitWords(r))
	}
	return fmt.Sprintf("On “%s”, %s%s agree%s.", r.Label, people, study, e.unitWords(r))
}

// unitWords tell a share of all respondents from the share of the column All beside
// it, in which every organization counts the same; empty where they do not differ.
func (e *engine) unitWords(r *PracticeRow) string {
	_, digits, ok := e.allRespondents(r.Item)
	if !ok || !e.gate.open(r.All) || digits == r.All.Text() {
		return ""
	}
	return fmt.Sprintf(", each person counting the same; where each organization counts the same, as in the column All, it is %s", r.All.Text())
}

// beside is the share of all respondents and, beside it, the published one, which
// is context and no test. Both are empty where the share may not be seen.
func (e *engine) beside(r *PracticeRow) (people, study string) {
	all, digits, ok := e.allRespondents(r.Item)
	if !ok {
		return "", ""
	}
	own := shareWords(all, digits)
	people = own + " of all respondents"
	for _, n := range r.Norms {
		if n.Measure != MeasureAgree || n.Base != "all" || !n.Comparison.Valid {
			continue
		}
		published := shareWords(n.Comparison.Value/100, FormatNumber(n.Comparison.Value, 0)+"%")
		if own == published {
			return people, fmt.Sprintf(", as in the %d study", n.Year)
		}
		return people, fmt.Sprintf(" (%s in the %d study)", published, n.Year)
	}
	return people, ""
}

// allRespondents is the share of all respondents, each answer counting once.
func (e *engine) allRespondents(item string) (share float64, digits string, ok bool) {
	p := &e.items[e.position[item]]
	persons := p.persons()
	if !e.gate.passes(columnBase(persons)) {
		return 0, "", false
	}
	n, w, wy := 0, 0.0, 0.0
	for _, c := range persons {
		n += c.N
		w += c.W
		wy += c.WY
	}
	if w == 0 {
		return 0, "", false
	}
	return wy / w, FormatShare(wy/w, n), true
}

// plainHeadline is the finding where there is no World-Class column.
func (e *engine) plainHeadline(b *Benchmark, r *PracticeRow) string {
	most, least, keys := -1, -1, 0
	for _, p := range b.Practices {
		if p.KeyPractice {
			keys++
		}
	}
	for k := range b.Practices {
		all := b.Practices[k].All
		if !e.gate.open(all) || keys > 0 && !b.Practices[k].KeyPractice {
			continue
		}
		if most < 0 || all.Value.Value > b.Practices[most].All.Value.Value {
			most = k
		}
		if least < 0 || all.Value.Value < b.Practices[least].All.Value.Value {
			least = k
		}
	}
	if most < 0 {
		return fmt.Sprintf("Too few organizations for a benchmark: a shown column needs at least %d, none of them above a quarter of the weight.", benchmarkMinimum)
	}
	low, high := pair(b.Practices[least].All, b.Practices[most].All)
	lead := "Agreement"
	if keys > 0 {
		lead = fmt.Sprintf("Of the %d key practices, agreement", keys)
	}
	finding := fmt.Sprintf("%s runs from %s (“%s”) to %s (“%s”)", lead, low, b.Practices[least].Label, high, b.Practices[most].Label)
	if r != nil && e.in.Criteria != nil && e.gate.open(r.All) {
		finding = fmt.Sprintf("Across %s, each counting the same, %s agree: “%s”", plural(len(e.units), "organization", "organizations"), r.All.Text(), r.Label)
		if people, study := e.beside(r); people != "" {
			finding += ", and " + people + study
		}
	}
	if e.class == nil || len(e.columns.wc) > 0 {
		return finding + "."
	}
	return finding + ". No organization can be set apart as World-Class yet."
}

// story are the further sentences a reader needs, finding first.
func (e *engine) story(b *Benchmark) []string {
	var story []string
	add := func(text string) {
		if text != "" {
			story = append(story, text)
		}
	}
	add(e.splitSentence(b))
	add(e.besideSentence(b))
	add(e.coachSentence(b))
	add(e.roleSentence(b))
	add(e.styleSentence(b))
	if e.in.Criteria == nil {
		add("This wave has no criteria, so no tiers are named: there are items, areas, agreement and data quality.")
	}
	if e.class != nil && e.class.barred && len(e.units) > 0 {
		add(e.barredSentence("no organization has a tier"))
	}
	if len(e.units) > 0 && len(e.units) < tierOrganizations {
		add(fmt.Sprintf("With %s there are no intervals, tiers or ranks; ten are needed.", plural(len(e.units), "organization", "organizations")))
	}
	if e.small > 0 {
		add(fmt.Sprintf("%s fewer than %d responses and %s in no figure.", plural(e.small, "organization has", "organizations have"), e.gate.minimum, isAre(e.small)))
	}
	return story
}

// barredSentence says why nobody has a tier: organizations that are alike are one
// thing, too few answers to find out another.
func (e *engine) barredSentence(so string) string {
	if e.class.icc.ICC1N0CI == nil {
		return fmt.Sprintf("There are not enough responses to say whether people within one organization agree, so %s.", so)
	}
	return fmt.Sprintf("People within one organization do not agree more with each other than with others, so %s: a score is the average of the answers, no common view is shown.", so)
}

func (e *engine) splitSentence(b *Benchmark) string {
	r := e.headlinePractice(b)
	if r == nil || !e.gate.open(r.SplitHalf) || !e.gate.open(r.Gap) {
		return ""
	}
	half := r.SplitHalf
	Alike(&half, ptr(r.WC))
	text := fmt.Sprintf("When half of the people choose the World-Class organizations and the other half is measured, the gap is %s points", strings.TrimPrefix(half.Text(), "+"))
	if ci := plainRange(half); ci != "" {
		text += " (95% interval " + ci + ")"
	}
	if r.Circular.Valid && r.Circular.Value > 0 {
		text += fmt.Sprintf("; %s of the gap as shown comes from choosing the group by these answers", FormatNumber(100*r.Circular.Value, 0)+"%")
	}
	return text + "."
}

func (e *engine) coachSentence(b *Benchmark) string {
	if !e.gate.open(b.Coach.WC) || !e.gate.open(b.Coach.Rest) {
		if !e.gate.open(b.Coach.All) {
			return ""
		}
		return fmt.Sprintf("For each hour of forecasting and administration, managers coach and line up resources for %s.", hours(b.Coach.All))
	}
	return fmt.Sprintf("For each hour of forecasting and administration, managers in World-Class organizations coach and line up resources for %s, elsewhere for %s.",
		hours(b.Coach.WC), hours(b.Coach.Rest))
}

func hours(e Estimate) string {
	text := FormatNumber(e.Value.Value, 1)
	if text == "1.0" {
		return "1 hour"
	}
	return text + " hours"
}

func (e *engine) roleSentence(b *Benchmark) string {
	more, shown := 0, 0
	for _, r := range b.RoleGaps {
		if !e.gate.open(r.Gap) {
			continue
		}
		shown++
		if e.holds(r.Gap) {
			more++
		}
	}
	if shown == 0 {
		return ""
	}
	if more == 0 {
		return "On no practice do managers agree beyond doubt more than the salespeople of their own organization."
	}
	return fmt.Sprintf("On %d of %s managers agree beyond doubt more than the salespeople of their own organization (p below .05, adjusted for all %d).",
		more, plural(shown, "practice", "practices"), shown)
}

func (e *engine) styleSentence(b *Benchmark) string {
	s := b.StudyStyle
	if s == nil || !e.gate.open(s.Share) {
		return ""
	}
	text := fmt.Sprintf("By the rule stated for the 2012 study, %s of respondents, not of organizations, are World-Class by their own answers", s.Share.Text())
	if ci := s.Share.Range(); ci != "" {
		text += " (95% interval " + ci + ")"
	}
	return text + publishedShares(s.Norms) + "."
}

// publishedShares sets the published shares of the study's top group beside.
func publishedShares(norms []NormReference) string {
	var low, high NormReference
	for _, n := range norms {
		if !n.WorldClass.Valid {
			continue
		}
		if !low.WorldClass.Valid || n.WorldClass.Value < low.WorldClass.Value {
			low = n
		}
		if !high.WorldClass.Valid || n.WorldClass.Value > high.WorldClass.Value {
			high = n
		}
	}
	if !low.WorldClass.Valid {
		return ""
	}
	return fmt.Sprintf("; the published shares lie between %s%% (%d) and %s%% (%d)",
		FormatNumber(low.WorldClass.Value, decimalsOf(low.WorldClass.Value)), low.Year, FormatNumber(high.WorldClass.Value, decimalsOf(high.WorldClass.Value)), high.Year)
}
