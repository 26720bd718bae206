package benchmark

import (
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// The table of organizations is most of what a result weighs: two kilobytes for
// each, all of them new with every edition. So its rows are filled where they lie,
// and sealed while they are at hand.

// rowBlock is the number of organizations that one core lists at a time.
const rowBlock = 256

// organizationRows lists the organizations, sealed. One that is too small to be
// shown appears by name alone: neither its number of respondents nor anything else.
func (e *view) organizationRows() []OrganizationRow {
	listed := e.sortedOrganizations()
	if len(listed) == 0 {
		return nil
	}
	rows, places := make([]OrganizationRow, len(listed)), e.placesOf(listed)
	_ = eachOf((len(listed)+rowBlock-1)/rowBlock, func(block int) error { // which does not fail
		memory := rowMemory{make([]int, 3*rowBlock), make([]bool, rowBlock)}
		for i := block * rowBlock; i < min(len(listed), (block+1)*rowBlock); i++ {
			if j := places[i]; j >= 0 {
				e.fillRow(&rows[i], int(j), &memory)
			} else {
				rows[i] = e.smallRow(listed[i])
			}
			e.gate.seal(&rows[i])
		}
		return nil
	})
	return rows
}

// placesOf finds the organizations, which are in the order of the units, among
// these; -1 for those that are too small.
func (f *frame) placesOf(listed []survey.Organization) []int32 {
	places := make([]int32, len(listed))
	next := 0
	for i := range listed {
		places[i] = -1
		if next < len(f.units) && f.units[next].ID == listed[i].ID {
			places[i] = int32(next)
			next++
		}
	}
	return places
}

// rowMemory holds the numbers that rows point to.
type rowMemory struct {
	counts []int
	tops   []bool
}

func (m *rowMemory) count(n int) *int {
	if len(m.counts) == 0 {
		return &n
	}
	at := &m.counts[0]
	*at, m.counts = n, m.counts[1:]
	return at
}

func (m *rowMemory) top(v bool) *bool {
	if len(m.tops) == 0 {
		return &v
	}
	at := &m.tops[0]
	*at, m.tops = v, m.tops[1:]
	return at
}

func (e *view) organizationRow(j int) OrganizationRow {
	var row OrganizationRow
	e.fillRow(&row, j, &rowMemory{})
	return row
}

func (e *view) fillRow(row *OrganizationRow, j int, memory *rowMemory) {
	u := &e.units[j]
	row.Key, row.Name, row.Industry, row.Region, row.Size = u.Key, u.Name, u.Industry, u.Region, u.Size
	row.Status, row.N = OK, memory.count(u.size())
	e.fillClassification(&row.Classification, j, memory)
}

func (e *engine) smallRow(o survey.Organization) OrganizationRow {
	return OrganizationRow{Key: o.Key, Name: o.Name, Industry: o.Industry, Region: o.Region, Size: o.Size, Status: Withheld,
		Classification: Classification{Call: CallInsufficient, Reasons: []stat.Reason{stat.Suppressed}}}
}

// fillClassification is the class of one organization of the frame.
func (e *view) fillClassification(c *Classification, j int, memory *rowMemory) {
	c.Call, c.Reasons = CallInsufficient, []stat.Reason{}
	if e.class == nil {
		return
	}
	t, o, scores := &e.class.tiers[j], &e.class.shrunk.PerOrganization[j], e.class.scores
	c.Call, c.TierP, c.Lambda = Call(t.Call), t.TierP, o.Lambda
	c.PWC, c.PHP, c.PAvg, c.PUnder = t.PWorldClass, t.PHighPerforming, t.PAverage, t.PUnderPerforming
	if t.Tier != nil {
		c.Tier = Tier(*t.Tier)
	}
	c.Provision = e.class.cuts != nil && !e.class.frozen
	c.Reasons = append(c.Reasons, t.Reasons...)
	if few := len(e.units) < tierOrganizations && !e.class.frozen; few && !slices.Contains(c.Reasons, stat.FewOrganizations) {
		c.Reasons = slices.Insert(c.Reasons, 0, stat.FewOrganizations) // whatever their people answer, cuts can not be made
	}
	if e.class.barred && len(c.Reasons) == 0 {
		c.Reasons = append(c.Reasons, stat.InsufficientReliability)
	}
	group, n := base{kind: baseGroup, respondents: int(scores.N[j])}, memory.count(int(scores.N[j]))
	e.axisOf(&c.KPIAxis, &c.KPITop, j, memory)
	e.fillRank(&c.Rank, j, group, n)
	if e.class.barred && e.class.icc.ICC1N0CI != nil {
		// No common view is shown: an average of answers is no score of the organization.
		c.Index = notComputed("index_posterior_mean", UnitProportion, stat.InsufficientReliability)
		c.IndexRaw = notComputed("index_raw", UnitProportion, stat.InsufficientReliability)
		return
	}
	c.Index.is("index_posterior_mean", UnitProportion, o.PosteriorMean, group)
	c.IndexRaw.is("index_raw", UnitProportion, stat.Some(scores.Y[j]), group)
	c.Index.N, c.IndexRaw.N, c.IndexRaw.Notes = n, n, scores.Notes(j)
	if o.CI != nil {
		c.Index.CI, c.Index.Conf, c.Index.CIMethod = o.CI, confidence, "full_bayes_grid"
	}
}

// fillRank is the place of an organization among all.
func (e *view) fillRank(rank *Estimate, j int, group base, n *int) {
	r, drawn := e.late.rank(e.units[j].ID)
	switch {
	case drawn && r.CI == nil:
		*rank = notComputed("expected_rank", UnitRank, stat.FewOrganizations)
	case drawn:
		rank.is("expected_rank", UnitRank, r.ExpectedRank, group)
		rank.N, rank.Organizations = n, &e.late.ranked
		rank.CI, rank.Conf, rank.CIMethod = r.CI, confidence, "posterior_draws"
		rank.Seed, rank.Replicates = &e.late.ranks.Seed, &e.late.ranks.Replicates
	case e.class.barred:
	case len(e.units) > stat.MostRanked:
		*rank = notComputed("expected_rank", UnitRank, stat.ManyOrganizations)
	case e.late.pending() || e.late.ranks != nil:
		*rank = notComputed("expected_rank", UnitRank, stat.Pending)
	}
}

// axisOf is the place of an organization on the axis of results, and whether it is
// at the top.
func (e *engine) axisOf(axis *Estimate, top **bool, j int, memory *rowMemory) {
	axis.is("kpi_axis", UnitPercentile, e.results.axis[j], e.axisBase(j))
	if at, known := e.atTop(j); known {
		*top = memory.top(at)
	}
}

// axisBase are the people behind the place on the axis of results.
func (e *engine) axisBase(j int) base {
	people := 0
	for i := range e.results.kpis {
		people = max(people, e.results.kpis[i].reporters[j])
	}
	return base{kind: baseGroup, respondents: people}
}

// atTop says whether an organization is at the top of the axis of results, where
// that may be known.
func (e *engine) atTop(j int) (top, known bool) {
	place := e.results.axis[j]
	if !place.Valid || !e.results.cut.Valid || !e.gate.passes(e.axisBase(j)) {
		return false, false
	}
	return place.Value >= e.results.cut.Value, true
}
