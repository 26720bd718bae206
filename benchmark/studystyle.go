package benchmark

import (
	"context"
	"fmt"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// addStudyStyle fills the respondent view of the 2012 rule: whose answers average
// the cut or more is World-Class as a person. A share of respondents is not a
// share of organizations, and says so.
func (e *engine) addStudyStyle(_ context.Context, b *Benchmark) error {
	c := e.in.StudyStyle
	if e.in.Criteria != nil && e.in.Criteria.Unit == UnitRespondent {
		c = e.in.Criteria
	}
	if c == nil || c.Unit != UnitRespondent || e.unsettled() {
		return nil
	}
	s, err := e.studyStyle(c)
	if err != nil {
		return err
	}
	b.StudyStyle = s
	if c == e.in.Criteria {
		e.showPersons(b, s)
	}
	return nil
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

// personTier is a tier of respondents, ready to be measured.
type personTier struct {
	criteria *Criteria
	at       []int // positions of the items
	tier     *stat.RespondentTier
	defined  []bool // rows that have a tier
}

func (e *engine) studyStyle(c *Criteria) (*StudyStyle, error) {
	t := personTier{criteria: c}
	for _, key := range c.Items {
		t.at = append(t.at, e.position[key])
	}
	columns := make([][]int8, len(t.at))
	for i, k := range t.at {
		columns[i] = e.settledAnswers(k)
	}
	first := &e.items[t.at[0]]
	var err error
	if t.tier, err = stat.RespondentGaps(columns, int8(first.points-first.top+1), c.MeanAtLeast); err != nil {
		return nil, err
	}
	t.markDefined(columns)
	s := &StudyStyle{Rule: c.Rule(), Caption: studyStyleCaption(c), Norms: e.in.Norms.For(normTopGroup, measureRespondents)}
	if s.Share, err = e.personShare(t); err != nil {
		return nil, err
	}
	for i, k := range t.at {
		row, err := e.personRow(t, i, k)
		if err != nil {
			return nil, err
		}
		s.Rows = append(s.Rows, row)
	}
	return s, nil
}

func studyStyleCaption(c *Criteria) string {
	return fmt.Sprintf("Study style: respondents chosen by these answers (a mean of %s or more over the items answered). A share of respondents is not a share of organizations.",
		FormatNumber(c.MeanAtLeast, 1))
}

// markDefined marks the rows that answered at least half of the items.
func (t *personTier) markDefined(columns [][]int8) {
	t.defined = make([]bool, len(t.tier.WorldClass))
	for i := range t.defined {
		valid := 0
		for _, c := range columns {
			if c[i] > 0 {
				valid++
			}
		}
		t.defined[i] = valid > 0 && 2*valid >= len(columns)
	}
}

// personShare is the share of respondents who are World-Class by their answers.
func (e *engine) personShare(t personTier) (Estimate, error) {
	y := make([]int8, len(e.rows))
	for i := range y {
		switch {
		case !t.defined[i]:
			y[i] = -1
		case t.tier.WorldClass[i]:
			y[i] = 1
		}
	}
	summaries := e.boxSummaries(y, nil)
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
	n, x := make([]int, len(e.units)), make([]int, len(e.units))
	for i, v := range y {
		if v >= 0 && (in == nil || in(i)) {
			n[e.org[i]]++
			x[e.org[i]] += int(v)
		}
	}
	out := make([]stat.Summary, len(e.units))
	for j := range out {
		out[j] = stat.SummaryFromSums(n[j], int64(x[j]), int64(x[j]))
	}
	return out
}

// personRow is one practice between the two groups of people, clustered by
// organization, every answer counting once.
func (e *engine) personRow(t personTier, i, k int) (PracticeRow, error) {
	p := &e.items[k]
	boxes := p.boxes()
	wc := e.boxSummaries(boxes, func(row int) bool { return t.defined[row] && t.tier.WorldClass[row] })
	rest := e.boxSummaries(boxes, func(row int) bool { return t.defined[row] && !t.tier.WorldClass[row] })
	all := e.boxSummaries(boxes, func(row int) bool { return t.defined[row] })
	row := PracticeRow{Item: p.field.Item.Key, Label: p.label, Area: p.field.Item.Area, KeyPractice: e.marked(p.field.Item.Key), Reverse: p.field.Item.Reverse,
		Norms: e.in.Norms.For(p.field.Item.Key, MeasureAgree, measureOddsAgree)}
	for _, c := range []struct {
		name      Column
		summaries []stat.Summary
		target    *Estimate
	}{{WorldClass, wc, &row.WC}, {Rest, rest, &row.Rest}, {All, all, &row.All}} {
		contributions := stat.Contribute(c.summaries, stat.EqualRespondent)
		r, err := stat.ClusteredShare(contributions, stat.ShareOptions{Conf: confidence})
		if err != nil {
			return row, err
		}
		*c.target = fromShare(r, columnBase(contributions))
		c.target.Item, c.target.Column, c.target.Cut, c.target.Weighting = row.Item, c.name, p.cut(), string(stat.EqualRespondent)
	}
	e.gate.complement(&row.WC, &row.Rest)
	g, err := stat.Gap(wc, rest, stat.GapOptions{Conf: confidence, Weighting: stat.EqualRespondent, SharedOrganizations: true, Seed: e.seed})
	if err != nil {
		return row, err
	}
	row.Gap = e.gapEstimate("gap_points", k, &row, g).because(stat.SelectedOnItems)
	row.Gap.P, row.Gap.Seed, row.Gap.Replicates = stat.Number{}, nil, nil
	row.Gap.base = columnBase(stat.Contribute(all, stat.EqualRespondent))
	row.Gap.base.hidden = row.Gap.Value.Valid && (!e.gate.open(row.WC) || !e.gate.open(row.Rest))
	row.LeaveOut = figure("leave_item_out_points", UnitPoints, hundredfold(t.tier.LeaveItemOut[i]), row.Gap.base)
	row.LeaveOut.Item, row.LeaveOut.Cut = row.Item, row.All.Cut
	row.SplitHalf = notComputed("split_half_points", UnitPoints, stat.UnitIsRespondent)
	row.KPIDefined = notComputed("kpi_defined_points", UnitPoints, stat.UnitIsRespondent)
	return row, nil
}
