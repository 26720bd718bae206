package benchmark

import (
	"fmt"
	"math"
	"strings"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// words says the finding. It reads only figures that the gate leaves open.
func (m *trustMaker) words(t *Trust) {
	t.Response.Sentence = m.responseSentence(t.Response)
	t.Headline = m.trustHeadline(t)
	for _, sentence := range []string{
		m.gateSentence(t), m.reliabilitySentence(t), m.worthSentence(t), m.planSentence(t), m.robustSentence(t), t.Response.Sentence, m.silenceSentence(t),
	} {
		if sentence != "" {
			t.Story = append(t.Story, sentence)
		}
	}
	t.Caveats = m.trustCaveats()
}

// areasOf are the scales that a reader compares: without the key practices,
// which are made of the same items.
func areasOf(t *Trust) []TrustScale {
	var scales []TrustScale
	for _, s := range t.Scales {
		if s.Key != keyPractices {
			scales = append(scales, s)
		}
	}
	if len(scales) == 0 {
		return t.Scales
	}
	return scales
}

func (m *trustMaker) trustHeadline(t *Trust) string {
	scales := areasOf(t)
	switch {
	case len(m.units) == 0:
		return fmt.Sprintf("Not yet: no organization has the %d responses that a shown group needs.", m.gate.minimum)
	case len(scales) == 0:
		return "There is nothing to judge: the instrument has no agreement items."
	case len(m.units) == 1:
		return "There is nothing to compare: only one organization may be shown."
	case len(m.units) < fewestForIntervals:
		return fmt.Sprintf("Not for comparing organizations: %d are too few to tell whether they differ, ten are needed.", len(m.units))
	}
	var good, care, bad []string
	for _, s := range scales {
		switch stat.Aggregation(s.Agreement.Aggregation) {
		case stat.Supported:
			good = append(good, s.Title)
		case stat.LimitedGate:
			care = append(care, s.Title)
		default:
			bad = append(bad, s.Title)
		}
	}
	all := plural(len(scales), "area", "areas")
	var parts []string
	switch {
	case len(good) == len(scales):
		return fmt.Sprintf("Yes: organizations can be compared on all %s", all) + m.carelessTail()
	case len(bad) == len(scales):
		return fmt.Sprintf("Not for comparing organizations: on none of the %s can they be told apart, or their people agree too little.", all)
	case len(good) > 0:
		parts = append(parts, fmt.Sprintf("Yes for comparing organizations on %d of %s", len(good), all))
	default:
		parts = append(parts, fmt.Sprintf("Only with care for comparing organizations, on %d of %s", len(care), all))
	}
	if len(good) > 0 && len(care) > 0 {
		parts = append(parts, "with care on "+list(care))
	}
	if len(bad) > 0 {
		parts = append(parts, "not on "+list(bad))
	}
	return strings.Join(parts, "; ") + m.carelessTail()
}

// manyFlagged is the share of flagged respondents from which no headline leaves
// them unsaid.
const manyFlagged = 0.20

// carelessTail ends the headline, with a warning where many were flagged.
func (m *trustMaker) carelessTail() string {
	if float64(m.suspectCount) < manyFlagged*float64(m.people) {
		return "."
	}
	return fmt.Sprintf("; but %s of the respondents were flagged for straight lines, which make answers look alike: read the figures without them first.",
		FormatCountShare(m.suspectCount, m.people))
}

func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = inSentence(n)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}

func (m *trustMaker) gateSentence(t *Trust) string {
	if len(m.units) < fewestForIntervals || len(t.Scales) == 0 || t.Scales[0].Key != keyPractices {
		return ""
	}
	switch stat.Aggregation(t.Scales[0].Agreement.Aggregation) {
	case stat.Supported:
		return "On the key practices, which make the index and the tiers, organizations differ and their people agree."
	case stat.LimitedGate:
		return "On the key practices, which make the index and the tiers, organizations differ, but their people agree only in part: read a tier beside the spread of the answers."
	}
	return "On the key practices no common view within organizations is shown, so no tier and no rank is named."
}

func (m *trustMaker) reliabilitySentence(t *Trust) string {
	low, high := -1, -1
	scales := areasOf(t)
	weak := 0
	for i, s := range scales {
		if !m.gate.open(s.Alpha) {
			continue
		}
		if low < 0 || s.Alpha.Value.Value < scales[low].Alpha.Value.Value {
			low = i
		}
		if high < 0 || s.Alpha.Value.Value > scales[high].Alpha.Value.Value {
			high = i
		}
		if s.Alpha.Value.Value < wantedReliability {
			weak++
		}
	}
	if low < 0 {
		return ""
	}
	if low == high {
		return fmt.Sprintf("Alpha, how far the answers hang together, is %s.", scales[low].Alpha.Text())
	}
	text := fmt.Sprintf("How far the answers within an area hang together (alpha) runs from %s (%s) to %s (%s)",
		scales[low].Alpha.Text(), inSentence(scales[low].Title), scales[high].Alpha.Text(), inSentence(scales[high].Title))
	if weak > 0 {
		return fmt.Sprintf("%s; %s under .70, the usual bar.", text, plural(weak, "area lies", "areas lie"))
	}
	return text + "."
}

// middleDeff is the middle of the areas' design effects.
func (m *trustMaker) middleDeff(t *Trust) stat.Number {
	var effects []float64
	for _, s := range areasOf(t) {
		if m.gate.open(s.Deff) {
			effects = append(effects, s.Deff.Value.Value)
		}
	}
	return stat.Median(effects)
}

func (m *trustMaker) worthSentence(t *Trust) string {
	deff := m.middleDeff(t)
	if !deff.Valid || len(m.units) < 2 {
		return ""
	}
	worth := int(math.Round(float64(m.people) / deff.Value))
	if deff.Value <= 1 {
		return fmt.Sprintf("People in one organization do not resemble each other more than others do: the %s responses count fully (design effect %s).",
			FormatCount(m.people), FormatNumber(deff.Value, 1))
	}
	return fmt.Sprintf("People in one organization resemble each other, so the %s responses are worth about %s independent ones (design effect %s).",
		FormatCount(m.people), FormatCount(worth), FormatNumber(deff.Value, 1))
}

func (m *trustMaker) planSentence(t *Trust) string {
	var most *TrustScale
	scales := areasOf(t)
	for i := range scales {
		if m.gate.open(scales[i].Needed) && (most == nil || scales[i].Needed.Value.Value > most.Needed.Value.Value) {
			most = &scales[i]
		}
	}
	if most == nil || !most.Reached.Value.Valid {
		return ""
	}
	besides := ""
	if c := m.in.Criteria; c != nil && c.Unit == UnitOrganization {
		besides = fmt.Sprintf(" A tier asks for more: %d respondents whose answers count, and an index that is reliable at .70.", tierRespondents)
	}
	return fmt.Sprintf("For a mean that is reliable at .70, an organization needs up to %s respondents (%s); %s of %s have them.%s",
		FormatCount(int(math.Ceil(most.Needed.Value.Value))), inSentence(most.Title), FormatCount(int(most.Reached.Value.Value)), FormatCount(len(m.units)), besides)
}

// muchMoved is the change in points from which flagged respondents carry a result.
const muchMoved = 5

func (m *trustMaker) robustSentence(t *Trust) string {
	if m.suspectCount == 0 || t.RobustReason != "" {
		return t.RobustReason
	}
	share, gap := 0.0, 0.0
	shown, gaps := false, false
	for _, r := range t.WithoutFlagged {
		if m.gate.open(r.AllChange) {
			shown, share = true, math.Max(share, math.Abs(r.AllChange.Value.Value))
		}
		if m.gate.open(r.GapChange) {
			gaps, gap = true, math.Max(gap, math.Abs(r.GapChange.Value.Value))
		}
	}
	if !shown {
		return ""
	}
	who := FormatCountShare(m.suspectCount, m.people)
	text := fmt.Sprintf("Without the %s who were flagged, no share moves by more than %s points", who, FormatNumber(share, 1))
	if share >= muchMoved {
		text = fmt.Sprintf("Without the %s who were flagged, shares move by up to %s points: what this wave says rests on them", who, FormatNumber(share, 1))
	}
	if gaps {
		text += fmt.Sprintf("; the gaps between World-Class and Rest move by up to %s", FormatNumber(gap, 1))
	}
	return text + "."
}

func (m *trustMaker) responseSentence(r TrustResponse) string {
	if len(m.units) == 0 {
		return ""
	}
	if !m.gate.open(r.Rate) {
		return m.noRateSentence()
	}
	text := fmt.Sprintf("%s of %s invitations were answered (%s)", FormatCount(*r.Answered), FormatCount(*r.Invited), FormatCountShare(*r.Answered, *r.Invited))
	if *r.Other > 0 {
		text += fmt.Sprintf("; %s came without an invitation and are in no rate", plural(*r.Other, "response", "responses"))
	}
	text += "."
	if m.gate.open(r.Score) && r.Score.CI != nil {
		if r.Score.CI.Lower > 0 || r.Score.CI.Upper < 0 {
			return text + fmt.Sprintf(" Organizations' scores go together with their response rates (r = %s): those who stayed silent may think otherwise.", r.Score.Text())
		}
		return text + fmt.Sprintf(" Organizations' scores do not go together with their response rates beyond doubt (r = %s).", r.Score.Text())
	}
	return text
}

// noRateSentence says why there is no response rate.
func (m *trustMaker) noRateSentence() string {
	const silent = ": nobody can say how those who stayed silent would have answered."
	switch {
	case m.in.Fieldwork == nil && m.snapshot.Moving():
		return "While people answer no response rate is shown, since used invitations would say how many answers wait. It comes when nobody can answer any more."
	case m.in.Fieldwork == nil:
		return "How many people were asked is not known here, so there is no response rate" + silent
	}
	return "No personal invitations were made in the organizations shown here, so there is no response rate" + silent
}

func (m *trustMaker) silenceSentence(t *Trust) string {
	for _, r := range t.Silence {
		if m.gate.open(r.Nonresponse) && r.Nonresponse.Value.Value <= 0 {
			return "Nobody left a statement without a valid answer."
		}
		if m.gate.open(r.Nonresponse) {
			return fmt.Sprintf("The item left open most often is “%s”: %s gave no valid answer, %s of all said don't know.", r.Label, r.Nonresponse.Text(), r.DontKnow.Text())
		}
	}
	return ""
}

func (m *trustMaker) trustCaveats() []string {
	var caveats []string
	if len(m.results.kpis) > 0 {
		caveats = append(caveats, "One source. The same people tell practices and results (KPIs). A person in a good mood, or one who wants to please, gives high answers to both, so a link between them may be one mood. No test on these answers can rule that out; only results from records, or from other people, can.")
	} else {
		caveats = append(caveats, "One source. All answers come from the same people. One mood can colour all of them.")
	}
	return append(caveats,
		"Alpha and omega say that answers to the items of an area go together. They do not say that the area is one thing, and straight lines raise them; the reliability of an organization's mean is ICC(2).",
		"Agreement within organizations (rwg) depends on what answers without agreement would look like. It is shown against two assumptions: all answers equally likely, and answers slightly drawn to the upper end. The first flatters.",
		"Nobody drew a random sample. A high response rate does not make the organizations that took part typical of others.",
		"Careless answers are flagged, never deleted. A short, evenly good organization gives long strings honestly.")
}
