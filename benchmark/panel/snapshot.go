package panel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// firstSilence is the code of NotShown in a column of bytes; the other states
// follow. Codes 1..A are answers.
const firstSilence = 250

// responseKey is the id of a response in 16 bytes; it sorts as the text does.
type responseKey [16]byte

// keyOf packs a UUID; any other id is hashed.
func keyOf(id survey.ResponseID) responseKey {
	var k responseKey
	digits := strings.ReplaceAll(string(id), "-", "")
	if len(id) == 36 && len(digits) == 32 {
		if n, err := hex.Decode(k[:], []byte(digits)); err == nil && n == 16 {
			return k
		}
	}
	sum := sha256.Sum256([]byte(id))
	copy(k[:], sum[:])
	return k
}

// Edition names the state of a panel: how many responses, until when, and a
// fingerprint of their ids. Two panels of one wave with the same edition hold
// the same responses, in whatever order they came.
type Edition struct {
	Count       int
	Watermark   time.Time // the latest submission; zero for an empty panel
	Fingerprint uint64
}

// String is the edition as pages and files print it.
func (e Edition) String() string {
	if e.Count == 0 {
		return "empty"
	}
	return fmt.Sprintf("%d-%s-%08x", e.Count, e.Watermark.UTC().Format("20060102T150405Z"), uint32(e.Fingerprint))
}

func (e *Edition) add(r *survey.Response, k responseKey) {
	e.Count++
	if r.SubmittedAt.After(e.Watermark) {
		e.Watermark = r.SubmittedAt
	}
	sum := sha256.Sum256(k[:])
	e.Fingerprint += binary.BigEndian.Uint64(sum[:8])
}

// dictionary gives texts dense codes in order of arrival.
type dictionary struct {
	code  map[string]int32
	names []string
}

func newDictionary() dictionary { return dictionary{code: map[string]int32{}} }

func (d *dictionary) of(name string) int32 {
	c, ok := d.code[name]
	if !ok {
		c = int32(len(d.names))
		d.code[name] = c
		d.names = append(d.names, name)
	}
	return c
}

// A Snapshot is an immutable view of a panel. Its slices belong to the panel and
// must not be written to. Rows stand in the order of their arrival; a result
// that must not depend on it asks for RowsOf.
type Snapshot struct {
	inst    *survey.Instrument
	layout  layout
	edition Edition

	ids           []responseKey
	organization  []int32
	team          []int32
	role          []int32
	weight        []float64
	closed        [][]byte   // by field index; nil for fields that are not closed or too wide
	wide          [][]uint16 // closed fields with more options than a byte holds
	numbers       [][]float64
	states        [][]uint8 // of numbers and texts
	seconds       [][]float32
	organizations []string
	teams         []string
	roles         []string
	counts        []*OrganizationCounts
	memo          *memo
	moving        bool // more follows in steps
	settled       int  // leading rows that no step brought
}

// OrganizationCounts are the counts of one organization, kept up with each batch.
type OrganizationCounts struct {
	Responses int
	slots     []uint32
	rows      []int32
}

func emptySnapshot(inst *survey.Instrument, l layout) *Snapshot {
	s := &Snapshot{inst: inst, layout: l, memo: &memo{}}
	n := len(l.fields)
	s.closed, s.wide = make([][]byte, n), make([][]uint16, n)
	s.numbers, s.states = make([][]float64, n), make([][]uint8, n)
	s.seconds = make([][]float32, len(inst.Sections))
	return s
}

// Instrument is the instrument of the panel.
func (s *Snapshot) Instrument() *survey.Instrument { return s.inst }

// Edition names the state of the panel.
func (s *Snapshot) Edition() Edition { return s.edition }

// Len is the number of responses.
func (s *Snapshot) Len() int { return len(s.ids) }

// Organizations lists the organizations that have responses; the position is the
// code in Organization.
func (s *Snapshot) Organizations() []survey.OrganizationID {
	ids := make([]survey.OrganizationID, len(s.organizations))
	for i, id := range s.organizations {
		ids[i] = survey.OrganizationID(id)
	}
	return ids
}

// Organization is the code of each row's organization.
func (s *Snapshot) Organization() []int32 { return s.organization }

// Roles lists the roles; the position is the code in Role. "" is no role.
func (s *Snapshot) Roles() []string { return s.roles }

// Role is the code of each row's role.
func (s *Snapshot) Role() []int32 { return s.role }

// Teams lists the teams; the position is the code in Team. "" is no team.
func (s *Snapshot) Teams() []string { return s.teams }

// Team is the code of each row's team.
func (s *Snapshot) Team() []int32 { return s.team }

// Weight is the weight of each row.
func (s *Snapshot) Weight() []float64 { return s.weight }

// Seconds is the time each row spent on a section, 0 where it was not measured.
func (s *Snapshot) Seconds(section int) []float32 { return s.seconds[section] }

// Code is the answer 1..A of a row to a closed field, reverse items recoded, or
// 0 and the state that explains why there is none.
func (s *Snapshot) Code(field, row int) (int, survey.State) {
	if w := s.wide[field]; w != nil {
		if v := int(w[row]); v >= 1 && v <= s.layout.fields[field].Points {
			return v, survey.Valid
		}
		return 0, survey.State(int(w[row]) - s.layout.fields[field].Points - 1)
	}
	v := s.closed[field][row]
	if v < firstSilence {
		return int(v), survey.Valid
	}
	return 0, survey.State(v - firstSilence)
}

// Raw turns an answer as it is kept into the answer as it was given: for a
// reverse item A+1-x, for all others x.
func (s *Snapshot) Raw(field, code int) int {
	f := s.layout.fields[field]
	if f.Item.Reverse && f.Kind == survey.Likert && code > 0 {
		return f.Points + 1 - code
	}
	return code
}

// Answers writes the answers of the rows to a closed field of at most 127 points
// into out, 0 where there is none: the form in which estimators take them.
func (s *Snapshot) Answers(field int, rows []int32, out []int8) {
	column := s.closed[field]
	for i, r := range rows {
		out[i] = 0
		if v := column[r]; v < 128 {
			out[i] = int8(v)
		}
	}
}

// Number is the number of a row in a numeric field, and its state.
func (s *Snapshot) Number(field, row int) (float64, survey.State) {
	state := survey.State(s.states[field][row])
	if s.numbers[field] == nil {
		return 0, state
	}
	return s.numbers[field][row], state
}

// Counts are the counts of the organization with this code.
func (s *Snapshot) Counts(organization int) *OrganizationCounts { return s.counts[organization] }

// RowsOf lists the rows of an organization in the order of the response ids, so
// that what is computed does not depend on the order of arrival.
func (s *Snapshot) RowsOf(organization int) []int32 {
	rows := slices.Clone(s.counts[organization].rows)
	slices.SortFunc(rows, func(a, b int32) int { return slices.Compare(s.ids[a][:], s.ids[b][:]) })
	return rows
}

// Distribution is how often an organization gave each answer 1..A to a closed
// field, and how often each state of silence, by survey.State.
func (s *Snapshot) Distribution(organization, field int) (points, silent []uint32) {
	from := s.layout.offset[field]
	a := s.layout.fields[field].Points
	slots := s.counts[organization].slots
	return slots[from : from+a : from+a], slots[from+a : from+a+silences : from+a+silences]
}
