package benchmark

import (
	"slices"
	"sync"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// standing holds what the classification of a wave needs of every organization, in
// columns, from one edition to the next. It follows any snapshot of the panel,
// forwards or back: whoever's counts are other ones is read again, the others stay.
// Then everybody is classified anew, because mix, spread and cuts move with each
// response; a result depends on the snapshot alone.
type standing struct {
	mu            sync.Mutex
	inst          *survey.Instrument
	criteria      *Criteria
	minimum       int
	organizations []survey.Organization // of the input

	counts    []*panel.OrganizationCounts // by code
	place     []int32                     // by code: among the units, -1 for those too small
	units     []standingUnit
	byRole    *stat.IndexTable
	everybody *stat.IndexTable // the same without roles
	rows      []int32          // of the units, by role of the criteria
	total     []int            // the same of all together
	key       *stat.ICCTable
	edition   panel.Edition
	plan      *plan      // of a league, for what is read of an organization; nil: not asked for yet
	last      *standings // of all this
}

// standingUnit is an organization that may be shown.
type standingUnit struct {
	code  int
	known int // place in organizations
}

// standings are the places of all organizations, and what they follow from. They
// are not changed once made.
type standings struct {
	scores *stat.IndexScores
	model  *stat.NormalModel
	places *stat.Standings
	icc    stat.ICCResult
	mix    []float64 // shares of the roles the index is standardized to; nil: none
	cuts   *stat.TierCuts
	frozen bool
	barred bool        // the answers within organizations show no common view
	reason stat.Reason // why there are no cuts
}

// standingOf returns the standing that is kept, or one that will not be.
func (k *Kept) standingOf() *standing {
	if k == nil {
		return &standing{}
	}
	return &k.standing
}

// serves says whether the columns are about the same wave in the same order.
func (s *standing) serves(snapshot *panel.Snapshot, in Input) bool {
	return s.units != nil && s.inst == snapshot.Instrument() && s.minimum == newGate(in.Wave.MinimumGroup).minimum && snapshot.Filter() == "" &&
		(s.criteria == in.Criteria || s.criteria.Hash() == in.Criteria.Hash()) &&
		len(in.Organizations) > 0 && len(s.organizations) == len(in.Organizations) && &s.organizations[0] == &in.Organizations[0]
}

// follow reads the organizations again whose answers are other ones than in the
// columns. It is false where one appears or vanishes: then the columns are made
// anew.
func (s *standing) follow(snapshot *panel.Snapshot) (bool, error) {
	if snapshot.OrganizationsN() != len(s.counts) {
		return false, nil
	}
	var changed []int
	for code, before := range s.counts {
		if now := snapshot.Counts(code); now != before {
			if (now.Responses >= s.minimum) != (s.place[code] >= 0) {
				return false, nil
			}
			changed = append(changed, code)
		}
	}
	if len(changed) == 0 {
		return true, nil
	}
	s.last = nil
	if s.plan == nil {
		s.plan = leaguePlan(s.inst, s.criteria)
	}
	reader, grown := s.plan.reader(snapshot), true
	for _, code := range changed {
		now := snapshot.Counts(code)
		if j := s.place[code]; j >= 0 {
			t, err := reader.keyTally(code)
			if err != nil {
				s.units = nil // or what is half done would be taken for done
				return false, err
			}
			grown = s.edition.Exchange(s.counts[code], now) && grown
			s.rewrite(int(j), t)
		}
		s.counts[code] = now
	}
	if !grown {
		s.edition = snapshot.Shown(s.minimum)
	}
	return true, nil
}

// fill makes the columns anew for the units of a frame. What was there of an
// organization with the same answers is taken over; tally gives the others.
func (s *standing) fill(f *frame, tally func(j int) (*tally, error)) error {
	old := standing{counts: s.counts, place: s.place, byRole: s.byRole, everybody: s.everybody, rows: s.rows, key: s.key}
	if s.inst != f.inst || s.criteria != f.in.Criteria {
		old = standing{}
	}
	s.last, s.units, s.plan = nil, nil, nil
	s.inst, s.criteria, s.minimum, s.organizations = f.inst, f.in.Criteria, f.gate.minimum, f.in.Organizations
	n, roles := len(f.units), len(f.in.Criteria.Roles)
	s.byRole, s.everybody = stat.NewIndexTable(n, roles), stat.NewIndexTable(n, 1)
	s.rows, s.total, s.key = make([]int32, n*roles), make([]int, roles), stat.NewICCTable(n)
	s.counts, s.place = make([]*panel.OrganizationCounts, len(f.known)), slices.Repeat([]int32{-1}, len(f.known))
	for code := range s.counts {
		s.counts[code] = f.snapshot.Counts(code)
	}
	units := make([]standingUnit, n)
	err := eachOf(n, func(j int) error {
		code := f.units[j].code
		units[j], s.place[code] = standingUnit{code, f.known[code]}, int32(j)
		if at := old.placeOf(code, s.counts[code]); at >= 0 {
			s.take(j, &old, at)
			return nil
		}
		t, err := tally(j)
		if err == nil {
			s.write(j, t)
		}
		return err
	})
	if err != nil {
		return err
	}
	for i, rows := range s.rows {
		s.total[i%roles] += int(rows)
	}
	s.edition, s.units = f.snapshot.Shown(s.minimum), units
	return nil
}

// placeOf is the place of an organization that had the same answers, or -1.
func (s *standing) placeOf(code int, counts *panel.OrganizationCounts) int {
	if code < len(s.counts) && s.counts[code] == counts {
		return int(s.place[code])
	}
	return -1
}

// take copies an organization from other columns.
func (s *standing) take(j int, old *standing, at int) {
	roles := len(s.total)
	copy(s.byRole.Cells(j), old.byRole.Cells(at))
	copy(s.everybody.Cells(j), old.everybody.Cells(at))
	copy(s.rows[j*roles:(j+1)*roles], old.rows[at*roles:])
	s.key.Set(j, old.key.At(at))
	s.byRole.Changed(j)
	s.everybody.Changed(j)
}

// write writes an organization into the columns.
func (s *standing) write(j int, t *tally) {
	cells, rows := s.byRole.Cells(j), s.rows[j*len(s.total):]
	for r := range t.byRole {
		cells[r], rows[r] = t.byRole[r].Moments, int32(t.byRole[r].rows)
	}
	s.everybody.Cells(j)[0] = t.everybody
	s.key.Set(j, t.keySummary)
	s.byRole.Changed(j)
	s.everybody.Changed(j)
}

// rewrite is write of an organization that has been there.
func (s *standing) rewrite(j int, t *tally) {
	for r := range t.byRole {
		s.total[r] += t.byRole[r].rows - int(s.rows[j*len(s.total)+r])
	}
	s.write(j, t)
}

// classifyUnless classifies where nothing has failed.
func (s *standing) classifyUnless(err error) (*standings, error) {
	if err != nil {
		return nil, err
	}
	return s.classify()
}

// classify gives everybody a place.
func (s *standing) classify() (*standings, error) {
	if s.last != nil {
		return s.last, nil
	}
	c := &standings{}
	table := s.everybody
	if c.mix = s.criteria.mixOf(s.total); c.mix != nil {
		table = s.byRole
	}
	var err error
	if c.icc, err = s.key.ICC(confidence); err != nil {
		return nil, err
	}
	if c.scores, err = table.Scores(c.mix); err != nil {
		return nil, err
	}
	if c.model, err = stat.FitNormal(c.scores.Y, c.scores.S2); err != nil {
		return nil, err
	}
	c.barred = stat.AggregationGate(c.icc.ICC1N0CI, stat.Number{}, stat.Number{}) == stat.NotSupported
	eligible := c.model.Eligible(c.scores)
	c.makeCuts(s.criteria, eligible)
	if c.barred {
		c.places = c.model.Stand(nil, eligible)
	} else {
		c.places = c.model.Stand(c.cuts, eligible)
	}
	s.last = c
	return c, nil
}

// mixOf are the shares of the roles to which all organizations are standardized:
// those of the criteria, else those of the wave, and none without any role in it.
func (c *Criteria) mixOf(rows []int) []float64 {
	total := 0
	for _, n := range rows {
		total += n
	}
	switch {
	case total == 0:
		return nil
	case len(c.RoleMix) > 0:
		return c.RoleMix
	}
	mix := make([]float64, len(rows))
	for r, n := range rows {
		mix[r] = float64(n) / float64(total)
	}
	return mix
}

// makeCuts takes the frozen cuts, or makes provisional ones from the eligible
// organizations.
func (c *standings) makeCuts(criteria *Criteria, eligible []bool) {
	if criteria.Cuts != nil {
		cuts := criteria.Cuts.cuts()
		c.cuts, c.frozen = &cuts, true
		return
	}
	making := c.model.MakeCuts(eligible)
	c.cuts = making.Cuts
	if making.Cuts == nil && len(making.Reasons) > 0 {
		c.reason = making.Reasons[0]
	}
}
