package benchmark

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// Method names the version of the definitions behind every figure.
const Method = "methods/1"

// Input is what a benchmark needs beside the panel.
type Input struct {
	Study         survey.Study
	Wave          survey.Wave
	Organizations []survey.Organization
	Criteria      *Criteria // nil: no tiers are named
	StudyStyle    *Criteria // nil: no view of respondents; StudyStyleCriteria is the usual one
	Norms         *Norms    // nil: no published figures beside own data
	Seed          uint64    // 0: made from edition, method and criteria
	Now           time.Time
	Version       string // of salesbench
	Language      string // of labels; "" is the instrument's own
	// Fieldwork are the invitations made and used, by organization; nil: not known.
	Fieldwork map[survey.OrganizationID]stat.Fieldwork
	// Kept makes the next edition of the same wave quick; nil: everything is
	// counted anew. No figure depends on it.
	Kept *Kept
	// Drawn are the figures that take long, of this or an earlier edition of the
	// same wave; nil: they are made at once, which may take many seconds.
	Drawn *Drawn
	// Rest is called between pieces of what is drawn, which it may slow down; nil:
	// nothing does. No figure depends on it.
	Rest stat.Rest
}

// frame is the image of a wave that all parts of the engine work on: the
// organizations that may be shown, in the order of their keys, and their rows in
// the order of organization and response id. No result depends on the order in
// which responses arrived.
type frame struct {
	in       Input
	snapshot *panel.Snapshot
	inst     *survey.Instrument
	gate     gate
	shown    panel.Edition // of the responses that are in the figures
	seed     uint64
	language string

	plan     *plan
	units    []unit   // organizations with at least the minimum group
	tally    []*tally // of the units
	small    int      // organizations with responses, but fewer than the minimum
	people   int      // responses of the units
	roles    []string
	items    []practice
	series   series
	orders   [][]float64    // see gatherOrders
	known    []int          // by code of the panel: the place in Input.Organizations
	position map[string]int // item key -> position in items
	weighted bool           // a response has a weight other than 1
	image    func() *image

	before, now *edition // while it is made: what is used again, and what is left to the next
	changed     []int    // units that were counted anew
}

// image are the single responses of the frame, for the parts of the engine that
// have to go from person to person.
type image struct {
	rows    []int32
	org     []int32   // position in units, per row
	role    []int32   // position in roles, per row
	weights []float64 // per row; nil when all are 1
	answers [][]int8  // per item and row, 0 where missing
}

// unit is one organization of the frame.
type unit struct {
	survey.Organization
	code     int // in the panel
	from, to int // its rows in image.rows
}

func (u unit) size() int { return u.to - u.from }

// before orders organizations by key.
func (u unit) before(o unit) int {
	return cmp.Or(strings.Compare(u.Key, o.Key), strings.Compare(string(u.ID), string(o.ID)))
}

// newFrame gathers the image. An organization that is not in Input is an error:
// its responses would silently vanish.
func newFrame(snapshot *panel.Snapshot, in Input) (*frame, error) {
	f := &frame{
		in: in, snapshot: snapshot, inst: snapshot.Instrument(), gate: newGate(in.Wave.MinimumGroup),
		shown: ShownEdition(snapshot, in.Wave), language: in.languageOf(snapshot.Instrument()), roles: snapshot.Roles(), seed: in.Seed, position: map[string]int{},
	}
	if f.seed == 0 {
		f.seed = stat.DefaultSeed(f.edition()+snapshot.Filter(), Method, criteriaHash(in.Criteria))
	}
	if snapshot.Filter() != "" {
		in.Kept, f.in.Kept = nil, nil // whose counts are those of everybody
	}
	if err := f.checkCriteria(); err != nil {
		return nil, err
	}
	f.plan = newPlan(f)
	if err := f.gatherUnits(in.Kept.from(f.plan.name)); err != nil {
		return nil, err
	}
	if err := f.gatherTallies(); err != nil {
		return nil, err
	}
	f.image = sync.OnceValue(f.makeImage)
	if err := f.gatherItems(); err != nil {
		return nil, err
	}
	f.gatherSeries()
	if !f.weighted {
		f.gatherOrders()
		f.now.items, f.now.orders, f.now.series = f.items, f.orders, f.series
	}
	in.Kept.keep(f.now)
	f.before, f.now = nil, nil // or each frame would hold all before it
	return f, nil
}

// checkCriteria refuses criteria that do not fit the instrument. The view of
// respondents is left out where the instrument can not give it, or where the
// wave names no tiers at all.
func (f *frame) checkCriteria() error {
	if c := f.in.StudyStyle; c != nil && (f.in.Criteria == nil || len(c.Lint(f.inst)) > 0) {
		f.in.StudyStyle = nil
	}
	if f.in.Criteria == nil {
		return nil
	}
	if problems := f.in.Criteria.Lint(f.inst); len(problems) > 0 {
		return survey.Errorf(survey.Invalid, "%s", problems[0])
	}
	return nil
}

func criteriaHash(c *Criteria) string {
	if c == nil {
		return ""
	}
	return c.Hash()
}

func (f *frame) gatherUnits(last *edition) error {
	if err := f.findOrganizations(last); err != nil {
		return err
	}
	f.units = make([]unit, 0, len(f.known))
	for code, i := range f.known {
		n := f.snapshot.Counts(code).Responses
		if n < f.gate.minimum {
			if n > 0 {
				f.small++
			}
			continue
		}
		f.units = append(f.units, unit{Organization: f.in.Organizations[i], code: code})
	}
	if before := unit.before; !slices.IsSortedFunc(f.units, before) {
		slices.SortFunc(f.units, before)
	}
	for j := range f.units {
		u := &f.units[j]
		u.from = f.people
		f.people += f.snapshot.Counts(u.code).Responses
		u.to = f.people
	}
	return nil
}

// findOrganizations looks every organization of the panel up in the input. Those
// that the last edition has found are not looked up again.
func (f *frame) findOrganizations(last *edition) error {
	ids, given := f.snapshot.Organizations(), f.in.Organizations
	sameID := func(a, b survey.Organization) bool { return a.ID == b.ID }
	if len(last.known) <= len(ids) && slices.EqualFunc(last.organizations, given, sameID) {
		f.known = append(make([]int, 0, len(ids)), last.known...)
	}
	if len(f.known) == len(ids) {
		return nil
	}
	place := make(map[survey.OrganizationID]int, len(given))
	for i := range given {
		place[given[i].ID] = i
	}
	for _, id := range ids[len(f.known):] {
		i, ok := place[id]
		if !ok {
			return fmt.Errorf("responses of organization %s, which the study does not have", id)
		}
		f.known = append(f.known, i)
	}
	return nil
}

// makeImage gathers the rows of all units.
func (f *frame) makeImage() *image {
	m := &image{rows: make([]int32, f.people), org: make([]int32, f.people), role: make([]int32, f.people), answers: make([][]int8, len(f.items))}
	if f.weighted {
		m.weights = make([]float64, f.people)
	}
	for j, u := range f.units {
		copy(m.rows[u.from:u.to], f.tally[j].rows)
		for i := u.from; i < u.to; i++ {
			row := m.rows[i]
			m.org[i], m.role[i] = int32(j), f.snapshot.RoleOf(row)
			if f.weighted {
				m.weights[i] = f.snapshot.WeightOf(row)
			}
		}
	}
	_ = eachOf(len(f.items), func(k int) error { // which does not fail
		m.answers[k] = make([]int8, f.people)
		f.snapshot.Answers(f.items[k].field.Index, m.rows, m.answers[k])
		return nil
	})
	return m
}

// provenance names what the result was made from.
func (f *frame) provenance() Provenance {
	return f.in.provenance(f.inst, f.snapshot.Filter(), f.shown)
}

func (in Input) provenance(inst *survey.Instrument, filter string, edition panel.Edition) Provenance {
	p := Provenance{
		Study: in.Study.Key, Wave: in.Wave.Key, Edition: edition.String(), Filter: filter,
		Instrument: inst.Hash(), Seal: in.Wave.Seal, Method: Method, Version: in.Version,
		Origin: string(in.Study.Origin), Attribution: in.Study.Attribution,
	}
	if p.Attribution == "" {
		p.Attribution = inst.Attribution.In(in.languageOf(inst))
	}
	if c := in.Criteria; c != nil {
		p.Criteria, p.Rule = c.Hash(), c.Rule()
	}
	return p
}

// languageOf is the language of labels: the first of the instrument where none is
// asked for.
func (in Input) languageOf(inst *survey.Instrument) string {
	if in.Language == "" && len(inst.Languages) > 0 {
		return inst.Languages[0]
	}
	return in.Language
}

// edition names the state of the wave by the responses that are in the figures.
func (f *frame) edition() string { return f.shown.String() }

// ShownEdition is the edition of the responses that are in the figures of a wave:
// with those of organizations too small to be shown, their number could be told,
// and from its time that they answer.
func ShownEdition(snapshot *panel.Snapshot, wave survey.Wave) panel.Edition {
	return snapshot.Shown(newGate(wave.MinimumGroup).minimum)
}
