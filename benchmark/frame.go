package benchmark

import (
	"fmt"
	"sort"
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
	seed     uint64
	language string

	units    []unit // organizations with at least the minimum group
	small    int    // organizations with responses, but fewer than that
	rows     []int32
	org      []int32 // position in units, per row
	roles    []string
	role     []int32   // position in roles, per row
	weights  []float64 // per row; nil when all are 1
	items    []practice
	position map[string]int // item key -> position in items
	weighted bool
}

// unit is one organization of the frame.
type unit struct {
	survey.Organization
	code     int // in the panel
	from, to int // its rows in frame.rows
}

func (u unit) size() int { return u.to - u.from }

// newFrame gathers the image. An organization that is not in Input is an error:
// its responses would silently vanish.
func newFrame(snapshot *panel.Snapshot, in Input) (*frame, error) {
	f := &frame{
		in: in, snapshot: snapshot, inst: snapshot.Instrument(), gate: newGate(in.Wave.MinimumGroup),
		language: in.Language, roles: snapshot.Roles(), seed: in.Seed,
	}
	if f.language == "" && len(f.inst.Languages) > 0 {
		f.language = f.inst.Languages[0]
	}
	if f.seed == 0 {
		f.seed = stat.DefaultSeed(snapshot.Edition().String(), Method, criteriaHash(in.Criteria))
	}
	if err := f.checkCriteria(); err != nil {
		return nil, err
	}
	if err := f.gatherUnits(); err != nil {
		return nil, err
	}
	f.gatherRows()
	f.gatherItems()
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

func (f *frame) gatherUnits() error {
	known := make(map[survey.OrganizationID]survey.Organization, len(f.in.Organizations))
	for _, o := range f.in.Organizations {
		known[o.ID] = o
	}
	for code, id := range f.snapshot.Organizations() {
		o, ok := known[id]
		if !ok {
			return fmt.Errorf("responses of organization %s, which the study does not have", id)
		}
		if f.snapshot.Counts(code).Responses < f.gate.minimum {
			f.small++
			continue
		}
		f.units = append(f.units, unit{Organization: o, code: code})
	}
	sort.Slice(f.units, func(a, b int) bool {
		if f.units[a].Key != f.units[b].Key {
			return f.units[a].Key < f.units[b].Key
		}
		return f.units[a].ID < f.units[b].ID
	})
	return nil
}

func (f *frame) gatherRows() {
	for j := range f.units {
		f.units[j].from = len(f.rows)
		for _, row := range f.snapshot.RowsOf(f.units[j].code) {
			f.rows = append(f.rows, row)
			f.org = append(f.org, int32(j))
		}
		f.units[j].to = len(f.rows)
	}
	f.role = make([]int32, len(f.rows))
	weights := make([]float64, len(f.rows))
	role, weight := f.snapshot.Role(), f.snapshot.Weight()
	for i, row := range f.rows {
		f.role[i], weights[i] = role[row], weight[row]
		f.weighted = f.weighted || weight[row] != 1
	}
	if f.weighted {
		f.weights = weights
	}
}

// provenance names what the result was made from.
func (f *frame) provenance() Provenance {
	p := Provenance{
		Study: f.in.Study.Key, Wave: f.in.Wave.Key, Edition: f.edition(),
		Instrument: f.inst.Hash(), Method: Method, Version: f.in.Version,
		Origin: string(f.in.Study.Origin), Attribution: f.in.Study.Attribution,
	}
	if p.Attribution == "" {
		p.Attribution = f.inst.Attribution.In(f.language)
	}
	if c := f.in.Criteria; c != nil {
		p.Criteria, p.Rule = c.Hash(), c.Rule()
	}
	return p
}

// edition names the state of the wave by the responses that are in the figures;
// with those of organizations too small to be shown, their number could be told.
func (f *frame) edition() string {
	edition := f.snapshot.Edition()
	edition.Count = len(f.rows)
	return edition.String()
}
