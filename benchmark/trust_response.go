package benchmark

import (
	"cmp"
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// TrustResponse says how many of those who were asked answered, over the
// organizations that may be shown.
type TrustResponse struct {
	Invited  *int     `json:"invited"` // personal invitations; null where none were made
	Answered *int     `json:"answered"`
	Rate     Estimate `json:"response_rate"`
	Other    *int     `json:"without_invitation"` // responses that came by an open link or a file
	Score    Estimate `json:"score_against_response"`
	Sentence string   `json:"sentence"`
}

// SilenceRow says how an item was left without a valid answer.
type SilenceRow struct {
	Item        string   `json:"item"`
	Label       string   `json:"label"`
	Area        string   `json:"area"`
	Nonresponse Estimate `json:"item_nonresponse"`
	DontKnow    Estimate `json:"dont_know_share"`
	NotApplied  Estimate `json:"not_applicable_share"`
	Skipped     Estimate `json:"skipped_share"` // and refused
}

// addResponse counts invitations of the organizations that may be shown: with
// the others, the number of people in those could be told.
func (m *trustMaker) addResponse(t *Trust) error {
	r := TrustResponse{Rate: notComputed("response_rate", UnitProportion, stat.NoCounts), Score: notComputed("score_against_response", UnitCorrelation, stat.NoCounts)}
	var sum stat.Fieldwork
	rates, scores := make([]float64, len(m.units)), make([]float64, len(m.units))
	for j, u := range m.units {
		own := m.in.Fieldwork[u.ID]
		sum.Invited += own.Invited
		sum.Complete += own.Complete
		rates[j], scores[j] = math.NaN(), math.NaN()
		if own.Invited > 0 {
			rates[j] = float64(own.Complete) / float64(own.Invited)
		}
		if m.class != nil {
			scores[j] = m.class.scores.Y[j]
		}
	}
	rate, err := sum.Rates()
	if err != nil {
		return err
	}
	if rate.RR1.Valid {
		r.Invited, r.Answered, r.Other = &sum.Invited, &sum.Complete, ptr(max(0, m.people-sum.Complete))
		r.Rate = figure("response_rate", UnitProportion, rate.RR1, base{kind: baseGroup, respondents: sum.Invited}).withN(sum.Invited, 0)
		against, err := stat.ScoreAgainstResponse(scores, rates, confidence)
		if err != nil {
			return err
		}
		r.Score = m.known("score_against_response", UnitCorrelation, against.R, m.everyone())
		if against.CI != nil {
			r.Score.CI, r.Score.Conf, r.Score.CIMethod = against.CI, confidence, "fisher_z"
		}
		r.Score = r.Score.because(against.Reasons...)
		r.Score.Organizations = ptr(against.Organizations)
	}
	t.Response = r
	return nil
}

// rateOf is the response rate of one organization.
func (m *trustMaker) rateOf(j int) Estimate {
	own := m.in.Fieldwork[m.units[j].ID]
	if own.Invited == 0 {
		return notComputed("response_rate", UnitProportion, stat.NoCounts)
	}
	return figure("response_rate", UnitProportion, stat.Some(float64(own.Complete)/float64(own.Invited)),
		base{kind: baseGroup, respondents: own.Invited}).withN(own.Invited, 0)
}

func (f *frame) sortedOrganizations() []survey.Organization {
	byKey := func(a, b survey.Organization) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
	}
	if slices.IsSortedFunc(f.in.Organizations, byKey) {
		return f.in.Organizations
	}
	sorted := slices.Clone(f.in.Organizations)
	slices.SortFunc(sorted, byKey)
	return sorted
}

// addSilence lists the items by how often they were left without an answer.
func (m *trustMaker) addSilence(t *Trust) error {
	for k := range m.items {
		t.Silence = append(t.Silence, m.silence(k))
	}
	slices.SortStableFunc(t.Silence, func(a, b SilenceRow) int {
		return cmp.Compare(b.Nonresponse.Value.Or(-1), a.Nonresponse.Value.Or(-1))
	})
	return nil
}

func (m *trustMaker) silence(k int) SilenceRow {
	p := &m.items[k]
	var c stat.ItemCountsAsked
	for j, u := range m.units {
		_, silent := m.snapshot.Distribution(u.code, p.field.Index)
		c.Valid += p.valid(j)
		c.DontKnow += int(p.of(j).dontKnow)
		c.NotApplicable += int(silent[survey.NotApplicable])
		c.Skipped += int(silent[survey.Skipped]) + int(silent[survey.Refused])
	}
	s := c.Silence()
	share := func(name string, v stat.Number) Estimate {
		e := figure(name, UnitProportion, v, base{kind: baseGroup, respondents: s.Asked}).withN(s.Asked, 0)
		e.Item, e.Weighting = p.field.Item.Key, string(stat.EqualRespondent)
		return e
	}
	return SilenceRow{Item: p.field.Item.Key, Label: p.label, Area: p.field.Item.Area,
		Nonresponse: share("item_nonresponse", s.Nonresponse), DontKnow: share("dont_know_share", s.DontKnow),
		NotApplied: share("not_applicable_share", s.NotApplied), Skipped: share("skipped_share", s.SkippedShare)}
}
