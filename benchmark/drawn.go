package benchmark

import (
	"context"
	"slices"
	"time"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// Drawn are the figures of one edition that take longest: those that are drawn at
// random thousands of times (split-half gaps and what belongs to them, rank
// intervals, permutation tests of results), those that compare every single
// response (how carefully it was given), and the tables of roles and of persons
// in the study style. All of them take seconds at ten thousand organizations, the
// rest takes milliseconds.
// A Drawn is not changed once made, and any number of results may use it.
//
// Whoever shows results while responses come in makes a Drawn from time to time
// in the background, and hands the last one to every newer edition in
// Input.Drawn: the result names the edition of the drawn figures in
// Provenance.Drawn where it is not its own. Results with equal Provenance.Edition
// and Provenance.Drawn have the same bytes, on every replica.
type Drawn struct {
	// Edition is that of the responses it was made from; empty: nothing is drawn
	// yet, and the figures say pending.
	Edition string

	inputs   string // what else it was made from
	circular *stat.CircularGaps
	ranks    *stat.Ranking
	place    map[survey.OrganizationID]int
	ranked   int // len(place)
	kpis     []stat.MedianPermutation
	seconds  []float64 // median times of the pages
	quality  Quality
	roles    []RoleGapRow
	style    *StudyStyle
}

// NothingDrawn stands in Input.Drawn for figures that will be drawn later.
func NothingDrawn() *Drawn { return &Drawn{} }

// Pending is the value of Provenance.Drawn where nothing is drawn yet.
const Pending = "pending"

// GiveWay has all computations leave one core to others until a moment, where there
// are several, and let those who wait for a core go first: whoever shows results
// while many submit says so. No figure depends on it.
func GiveWay(until time.Time) { stat.GiveWay(until) }

// LeaveCore has all computations leave one core to others until a moment, where there
// are several: while somebody reads one page after the other, and none of them is to
// wait for what is drawn.
func LeaveCore(until time.Time) { stat.LeaveCore(until) }

// Draw makes the figures that take long.
func Draw(ctx context.Context, snapshot *panel.Snapshot, in Input) (*Drawn, error) {
	e, err := newEngine(ctx, snapshot, in)
	if err != nil {
		return nil, err
	}
	return e.draws()
}

// draw makes what draws returns.
func (e *engine) draw() (*Drawn, error) {
	d := &Drawn{Edition: e.edition(), inputs: e.plan.name, place: make(map[survey.OrganizationID]int, len(e.units))}
	for j, u := range e.units {
		d.place[u.ID] = j
	}
	d.ranked = len(d.place)
	var err error
	if e.class != nil && !e.class.barred && len(e.units) <= stat.MostRanked {
		if d.ranks, err = stat.Ranks(e.class.scores.Y, e.class.scores.S2, stat.RankOptions{Seed: e.seed, Conf: confidence, Rest: e.in.Rest}); err != nil {
			return nil, err
		}
	}
	if len(e.columns.wc) > 0 && len(e.columns.rest) > 0 {
		if d.circular, err = e.circularity(); err != nil {
			return nil, err
		}
	}
	chosen := e.chosen()
	for _, k := range e.results.kpis {
		test, err := stat.PermuteMedians(k.values, chosen, stat.PermutationOptions{Seed: e.seed, Rest: e.in.Rest})
		if err != nil {
			return nil, err
		}
		d.kpis = append(d.kpis, test)
	}
	flags, err := e.flags()
	if err != nil {
		return nil, err
	}
	d.seconds = flags.seconds
	if d.quality, err = e.waveQuality(flags); err != nil {
		return nil, err
	}
	if d.roles, err = e.roleRows(); err != nil {
		return nil, err
	}
	d.style, err = e.persons()
	return d, err
}

// drawn returns the figures that a result uses: those it was given, or its own.
// Ones of another instrument or other criteria are as good as none.
func (e *engine) drawn(in Input) (*Drawn, error) {
	switch {
	case in.Drawn == nil:
		return e.draws()
	case in.Drawn.inputs != e.plan.name:
		return NothingDrawn(), nil
	}
	return in.Drawn, nil
}

// pending says whether nothing is drawn yet.
func (d *Drawn) pending() bool { return d.Edition == "" }

// stamp names the edition of the drawn figures where it is not that of the rest.
func (d *Drawn) stamp(p *Provenance) {
	switch {
	case d.pending():
		p.Drawn = Pending
	case d.Edition != p.Edition:
		p.Drawn = d.Edition
	}
}

// split is the split-half gap of an item and its leave-item-out gap; an item of
// which none was drawn has a reason instead.
func (d *Drawn) split(k int) (stat.CircularGap, stat.SplitGap, stat.Reason) {
	switch {
	case d.pending():
		return stat.CircularGap{}, stat.SplitGap{}, stat.Pending
	case d.circular == nil:
		return stat.CircularGap{}, stat.SplitGap{}, stat.NoValidAnswers
	}
	return d.circular.Items[k], d.circular.Split.Items[k], ""
}

// rank is the place of an organization among those that were drawn.
func (d *Drawn) rank(id survey.OrganizationID) (stat.OrganizationRank, bool) {
	j, ok := d.place[id]
	if !ok || d.ranks == nil || j >= len(d.ranks.PerOrganization) {
		return stat.OrganizationRank{}, false
	}
	return d.ranks.PerOrganization[j], true
}

// test is the permutation test of a result.
func (d *Drawn) test(k int) stat.MedianPermutation {
	if k < len(d.kpis) {
		return d.kpis[k]
	}
	return stat.MedianPermutation{Reasons: []stat.Reason{stat.Pending}}
}

// persons is the view of respondents. Where the criteria themselves are about
// respondents it is the main table, and never of an earlier edition.
func (e *view) persons() (*StudyStyle, error) {
	if e.in.Criteria != nil && e.in.Criteria.Unit == UnitRespondent {
		return e.engine.persons()
	}
	if e.late.style == nil {
		return nil, nil
	}
	s := *e.late.style
	s.Rows = slices.Clone(s.Rows)
	return &s, nil
}

// carefulness is how carefully the wave was answered.
func (d *Drawn) carefulness(respondents int) Quality {
	if !d.pending() {
		q := d.quality
		for _, e := range []*Estimate{&q.Uniform, &q.StraightLine, &q.Flagged} {
			e.Reasons, e.Notes = slices.Clone(e.Reasons), slices.Clone(e.Notes)
		}
		return q
	}
	return Quality{Respondents: respondents, Uniform: notComputed("uniform_share", UnitProportion, stat.Pending),
		StraightLine: notComputed("straight_line_share", UnitProportion, stat.Pending), Flagged: notComputed("flagged_share", UnitProportion, stat.Pending)}
}
