package benchmark

import (
	"context"
	"fmt"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// addStudyStyle fills the respondent view of the 2012 rule: whose answers average
// the cut or more is World-Class as a person. A share of respondents is not a
// share of organizations, and says so.
func (e *view) addStudyStyle(_ context.Context, b *Benchmark) error {
	s, err := e.persons()
	if s == nil || err != nil {
		return err
	}
	b.StudyStyle = s
	if e.plan.style.criteria == e.in.Criteria {
		e.showPersons(b, s)
	}
	return nil
}

// persons is the view of respondents; nil where there is none.
func (e *engine) persons() (*StudyStyle, error) {
	if e.plan.style == nil || e.unsettled() {
		return nil, nil
	}
	return e.studyStyle(e.plan.style.criteria)
}

// showPersons puts the respondent view into the main table, where the criteria
// of the wave are about respondents.
func (e *engine) showPersons(b *Benchmark, s *StudyStyle) {
	for _, row := range s.Rows {
		k := e.position[row.Item]
		old := b.Practices[k]
		row.Median, row.Upper, row.Top3All = old.Median, old.Upper, old.Top3All
		b.Practices[k] = row
	}
}

func (e *engine) studyStyle(c *Criteria) (*StudyStyle, error) {
	s := &StudyStyle{Rule: c.Rule(), Caption: studyStyleCaption(c), Norms: e.in.Norms.For(normTopGroup, measureRespondents)}
	var err error
	if s.Share, err = e.personShare(); err != nil {
		return nil, err
	}
	s.Rows = make([]PracticeRow, len(e.plan.style.items))
	return s, eachOf(len(s.Rows), func(i int) error {
		var err error
		s.Rows[i], err = e.personRow(i)
		return err
	})
}

func studyStyleCaption(c *Criteria) string {
	return fmt.Sprintf("Study style: respondents chosen by these answers (a mean of %s or more over the items answered). A share of respondents is not a share of organizations.",
		FormatNumber(c.MeanAtLeast, 1))
}

// personShare is the share of respondents who are World-Class by their answers.
func (e *engine) personShare() (Estimate, error) {
	summaries := make([]stat.Summary, len(e.tally))
	for j, t := range e.tally {
		summaries[j] = stat.SummaryFromSums(t.style.defined, int64(t.style.chosen), int64(t.style.chosen))
	}
	contributions := stat.Contribute(summaries, stat.EqualRespondent)
	r, err := stat.ClusteredShare(contributions, stat.ShareOptions{Conf: confidence})
	if err != nil {
		return Estimate{}, err
	}
	est := fromShare(r, columnBase(contributions))
	est.Stat, est.Weighting = "study_style_share", string(stat.EqualRespondent)
	return est, nil
}

// boxSummaries counts 0/1 rows per organization, over the rows that are in.
func (e *engine) boxSummaries(y []int8, in func(row int) bool) []stat.Summary {
	n, x, org := make([]int, len(e.units)), make([]int, len(e.units)), e.image().org
	for i, v := range y {
		if v >= 0 && (in == nil || in(i)) {
			n[org[i]]++
			x[org[i]] += int(v)
		}
	}
	out := make([]stat.Summary, len(e.units))
	for j := range out {
		out[j] = stat.SummaryFromSums(n[j], int64(x[j]), int64(x[j]))
	}
	return out
}

// personSummaries are the answers to an item of the persons in the tier, of the
// others and of both.
func (e *engine) personSummaries(i int) (wc, rest, all []stat.Summary, left personTally) {
	wc, rest, all = make([]stat.Summary, len(e.tally)), make([]stat.Summary, len(e.tally)), make([]stat.Summary, len(e.tally))
	summary := func(n, x int32) stat.Summary { return stat.SummaryFromSums(int(n), int64(x), int64(x)) }
	for j, t := range e.tally {
		c := &t.style.items[i]
		wc[j], rest[j] = summary(c.n[0], c.agree[0]), summary(c.n[1], c.agree[1])
		all[j] = summary(c.n[0]+c.n[1], c.agree[0]+c.agree[1])
		for side := range left.leftN {
			left.leftN[side] += c.leftN[side]
			left.leftAgree[side] += c.leftAgree[side]
		}
	}
	return wc, rest, all, left
}

// leftGap is the gap of an item with the tier made without it.
func (t personTally) leftGap() stat.Number {
	if t.leftN[0] == 0 || t.leftN[1] == 0 {
		return stat.Number{}
	}
	return stat.Some(float64(t.leftAgree[0])/float64(t.leftN[0]) - float64(t.leftAgree[1])/float64(t.leftN[1]))
}

// personRow is one practice between the two groups of people, clustered by
// organization, every answer counting once.
func (e *engine) personRow(i int) (PracticeRow, error) {
	k := e.plan.style.items[i]
	p := &e.items[k]
	wc, rest, all, left := e.personSummaries(i)
	row := PracticeRow{Item: p.field.Item.Key, Label: p.label, Area: p.field.Item.Area, KeyPractice: e.marked(p.field.Item.Key), Reverse: p.field.Item.Reverse,
		Norms: e.in.Norms.For(p.field.Item.Key, MeasureAgree, measureOddsAgree)}
	shares := [3]stat.ShareResult{}
	bases := [3]base{}
	for c, summaries := range [3][]stat.Summary{wc, rest, all} {
		contributions := stat.Contribute(summaries, stat.EqualRespondent)
		var err error
		if shares[c], err = stat.ClusteredShare(contributions, stat.ShareOptions{Conf: confidence}); err != nil {
			return row, err
		}
		bases[c] = columnBase(contributions)
		target := [3]*Estimate{&row.WC, &row.Rest, &row.All}[c]
		*target = fromShare(shares[c], bases[c])
		target.Item, target.Column, target.Cut, target.Weighting = row.Item, [3]Column{WorldClass, Rest, All}[c], p.cut(), string(stat.EqualRespondent)
	}
	e.gate.complement(&row.WC, &row.Rest)
	g, err := stat.GapOf(wc, rest, shares[0], shares[1], stat.GapOptions{Conf: confidence, Weighting: stat.EqualRespondent, SharedOrganizations: true, Seed: e.seed})
	if err != nil {
		return row, err
	}
	row.Gap = e.gapEstimate("gap_points", k, &row, g).because(stat.SelectedOnItems)
	row.Gap.P, row.Gap.Seed, row.Gap.Replicates = stat.Number{}, nil, nil
	row.Gap.base = bases[2]
	row.Gap.base.hidden = row.Gap.Value.Valid && (!e.gate.open(row.WC) || !e.gate.open(row.Rest))
	row.LeaveOut = figure("leave_item_out_points", UnitPoints, hundredfold(left.leftGap()), row.Gap.base)
	row.LeaveOut.Item, row.LeaveOut.Cut = row.Item, row.All.Cut
	row.SplitHalf = notComputed("split_half_points", UnitPoints, stat.UnitIsRespondent)
	row.KPIDefined = notComputed("kpi_defined_points", UnitPoints, stat.UnitIsRespondent)
	return row, nil
}
