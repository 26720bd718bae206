package benchmark

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// League is the classification of all organizations of an edition and nothing
// else: what is known of it first (docs/compute.md has the times). Tiers, calls and
// probabilities are those of the whole result, to the last bit. It does not hold on
// to the panel.
type League struct {
	Moving bool

	provenance    func() Provenance
	gate          gate
	organizations []survey.Organization
	units         []standingUnit
	places        *standings
}

// LeagueTable is a league as it leaves: it has passed the disclosure gate.
type LeagueTable struct {
	Provenance    Provenance    `json:"provenance"`
	Moving        bool          `json:"moving"` // more follows in steps
	Organizations []LeagueRow   `json:"organizations"`
	Reasons       []stat.Reason `json:"reasons"` // why nobody has a tier
}

// LeagueRow is the place of one organization.
type LeagueRow struct {
	Key    string      `json:"organization"`
	Name   string      `json:"name"`
	Status Status      `json:"status"`
	Tier   Tier        `json:"tier"` // empty: none
	TierP  stat.Number `json:"tier_p"`
	Call   Call        `json:"wc_call"`
	PWC    stat.Number `json:"p_world_class"`
	PHP    stat.Number `json:"p_high_performing"`
	PAvg   stat.Number `json:"p_average"`
	PUnder stat.Number `json:"p_under_performing"`
	Index  Estimate    `json:"index_posterior_mean"`
}

// ComputeLeague classifies the organizations of a wave. With the Kept of an earlier
// edition it reads those who answered since; the result is the same without. It
// needs criteria about organizations.
func ComputeLeague(ctx context.Context, snapshot *panel.Snapshot, in Input) (*League, error) {
	if in.Criteria == nil || in.Criteria.Unit != UnitOrganization {
		return nil, survey.Errorf(survey.NotFound, "the wave has no criteria about organizations, so there is no league of them")
	}
	s := in.Kept.standingOf()
	if snapshot.Filter() != "" {
		s = &standing{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	done := false
	var err error
	if s.serves(snapshot, in) {
		done, err = s.follow(snapshot)
	}
	if !done && err == nil {
		err = s.readAll(snapshot, in)
	}
	places, err := s.classifyUnless(err)
	if err != nil {
		return nil, err
	}
	inst, filter, edition := s.inst, snapshot.Filter(), s.edition
	return &League{Moving: snapshot.Moving(), gate: gate{s.minimum}, organizations: in.Organizations, units: s.units, places: places,
		provenance: sync.OnceValue(func() Provenance { return in.provenance(inst, filter, edition) })}, ctx.Err()
}

// readAll makes the columns from the responses.
func (s *standing) readAll(snapshot *panel.Snapshot, in Input) error {
	f := &frame{in: in, snapshot: snapshot, inst: snapshot.Instrument(), gate: newGate(in.Wave.MinimumGroup), position: map[string]int{}}
	f.in.Kept, f.in.StudyStyle = nil, nil
	if err := f.checkCriteria(); err != nil {
		return err
	}
	f.plan = leaguePlan(f.inst, in.Criteria)
	if err := f.gatherUnits(&edition{}); err != nil {
		return err
	}
	return s.fill(f, func(j int) (*tally, error) { return f.plan.reader(snapshot).keyTally(f.units[j].code) })
}

// Provenance names what the league was made from.
func (l *League) Provenance() Provenance { return l.provenance() }

// Len is the number of organizations that have a place.
func (l *League) Len() int { return len(l.units) }

// Place is the organization at a place, in the order of the keys, with its tier.
func (l *League) Place(j int) (key string, tier Tier, call Call) {
	return l.organizations[l.units[j].known].Key, Tier(l.places.places.Tier(j)), Call(l.places.places.Call(j))
}

// Table is the league as it leaves. Organizations that are too small to be shown
// appear by name alone.
func (l *League) Table() *LeagueTable {
	t := &LeagueTable{Provenance: l.provenance(), Moving: l.Moving, Organizations: make([]LeagueRow, 0, len(l.organizations)), Reasons: []stat.Reason{}}
	if l.places.reason != "" {
		t.Reasons = append(t.Reasons, l.places.reason)
	}
	shown := make(map[survey.OrganizationID]bool, len(l.units))
	for j, u := range l.units {
		shown[l.organizations[u.known].ID] = true
		t.Organizations = append(t.Organizations, l.row(j))
	}
	for i := range l.organizations {
		if o := &l.organizations[i]; !shown[o.ID] {
			t.Organizations = append(t.Organizations, LeagueRow{Key: o.Key, Name: o.Name, Status: Withheld, Call: CallInsufficient})
		}
	}
	slices.SortStableFunc(t.Organizations, func(a, b LeagueRow) int { return strings.Compare(a.Key, b.Key) })
	l.gate.seal(t)
	return t
}

// row is the place of one organization.
func (l *League) row(j int) LeagueRow {
	o, c := &l.organizations[l.units[j].known], l.places
	row := LeagueRow{Key: o.Key, Name: o.Name, Status: OK, Tier: Tier(c.places.Tier(j)), Call: Call(c.places.Call(j))}
	if row.Tier != "" {
		p, own := c.places.P(j)
		row.PWC, row.PHP, row.PAvg, row.PUnder = stat.Some(p[0]), stat.Some(p[1]), stat.Some(p[2]), stat.Some(p[3])
		row.TierP = stat.Some(own)
	}
	n := int(c.scores.N[j])
	if c.barred && c.icc.ICC1N0CI != nil {
		row.Index = notComputed("index_posterior_mean", UnitProportion, stat.InsufficientReliability)
	} else {
		row.Index.is("index_posterior_mean", UnitProportion, stat.Some(c.model.Mean(j)), base{kind: baseGroup, respondents: n})
		row.Index.N = &n
	}
	return row
}

// MarshalJSON writes the table.
func (l *League) MarshalJSON() ([]byte, error) { return json.Marshal(l.Table()) }

// Tables are the tables of a league for files.
func (l *League) Tables() []Table {
	t := Table{Name: "league", Title: "Organizations by tier", Header: header([]string{"organization", "name", "status", "tier", "tier_p", "wc_call",
		"p_world_class", "p_high_performing", "p_average", "p_under_performing"}, "index_posterior_mean")}
	for _, r := range l.Table().Organizations {
		t.Rows = append(t.Rows, row([]string{r.Key, r.Name, string(r.Status), string(r.Tier), numberCell(r.TierP), string(r.Call),
			numberCell(r.PWC), numberCell(r.PHP), numberCell(r.PAvg), numberCell(r.PUnder)}, r.Index))
	}
	return []Table{t}
}
