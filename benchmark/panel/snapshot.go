package panel

import (
	"bytes"
	"slices"

	"github.com/salesbench/salesbench/survey"
)

// A Snapshot is an immutable view of a panel. Rows stand in the order of their
// arrival; a result that must not depend on it asks for RowsOf. A filtered
// snapshot (Where) numbers rows and organizations as the whole one does.
type Snapshot struct {
	inst    *survey.Instrument
	layout  *layout
	edition Edition

	rows    int
	chunks  []*chunk
	words   [attributes][]string
	counts  []*countsPage
	memo    *memo
	moving  bool // more follows in steps
	settled int  // leading rows that no step brought

	selected *selection // nil: all rows
}

// Instrument is the instrument of the panel.
func (s *Snapshot) Instrument() *survey.Instrument { return s.inst }

// Edition names the state of the panel, of which a filter shows a part.
func (s *Snapshot) Edition() Edition { return s.edition }

// Len is the number of responses.
func (s *Snapshot) Len() int {
	if s.selected != nil {
		return len(s.selected.rows)
	}
	return s.rows
}

// Organizations lists the organizations that have responses; the position is the
// code in OrganizationOf. In a filtered snapshot some may have none.
func (s *Snapshot) Organizations() []survey.OrganizationID {
	ids := make([]survey.OrganizationID, len(s.words[organizations]))
	for i, id := range s.words[organizations] {
		ids[i] = survey.OrganizationID(id)
	}
	return ids
}

// OrganizationsN is the number of Organizations.
func (s *Snapshot) OrganizationsN() int { return len(s.words[organizations]) }

// IDOf is the id of the response in a row.
func (s *Snapshot) IDOf(row int32) survey.UID { return s.keyAt(row) }

// OrganizationOf is the code of a row's organization.
func (s *Snapshot) OrganizationOf(row int32) int32 {
	return s.chunks[row>>chunkBits].organization[row&chunkMask]
}

// Roles lists the roles; the position is the code in RoleOf. "" is no role.
func (s *Snapshot) Roles() []string { return s.words[roles] }

// RoleOf is the code of a row's role.
func (s *Snapshot) RoleOf(row int32) int32 {
	return int32(s.chunks[row>>chunkBits].role[row&chunkMask])
}

// Teams lists the teams; the position is the code in TeamOf. "" is no team.
func (s *Snapshot) Teams() []string { return s.words[teams] }

// TeamOf is the code of a row's team.
func (s *Snapshot) TeamOf(row int32) int32 { return s.chunks[row>>chunkBits].team[row&chunkMask] }

// Languages lists the languages; the position is the code in LanguageOf.
func (s *Snapshot) Languages() []string { return s.words[languages] }

// LanguageOf is the code of the language in which a row was answered.
func (s *Snapshot) LanguageOf(row int32) int32 {
	return int32(s.chunks[row>>chunkBits].language[row&chunkMask])
}

// WeightOf is the weight of a row.
func (s *Snapshot) WeightOf(row int32) float64 {
	if w := s.chunks[row>>chunkBits].weight; w != nil {
		return w[row&chunkMask]
	}
	return 1
}

// Weighted says whether any row may have another weight than 1.
func (s *Snapshot) Weighted() bool {
	return slices.ContainsFunc(s.chunks, func(c *chunk) bool { return c.weight != nil })
}

// SecondsOf is the time a row spent on a section, 0 where it was not measured.
func (s *Snapshot) SecondsOf(section int, row int32) float32 {
	if column := s.chunks[row>>chunkBits].seconds[section]; column != nil {
		return column[row&chunkMask]
	}
	return 0
}

// Code is the answer 1..A of a row to a closed field, reverse items recoded, or
// 0 and the state that explains why there is none.
func (s *Snapshot) Code(field, row int) (int, survey.State) {
	c, at := s.chunks[row>>chunkBits], row&chunkMask
	if column := c.wide[field]; column != nil {
		points := s.layout.fields[field].Points
		if v := int(column[at]); v <= points {
			return v, survey.Valid
		}
		return 0, survey.State(int(column[at]) - points - 1)
	}
	return stateOf(c.bytes[field][at])
}

// Raw turns an answer as it is kept into the answer as it was given: for a
// reverse item A+1-x, for all others x.
func (s *Snapshot) Raw(field, code int) int {
	if code > 0 {
		return turn(&s.layout.fields[field], code)
	}
	return code
}

// Answers writes the answers of the rows to a closed field of at most 127 points
// into out, 0 where there is none: the form in which estimators take them.
func (s *Snapshot) Answers(field int, rows []int32, out []int8) {
	if len(rows) < 64*len(s.chunks) { // a list of the columns is not worth its making
		for i, r := range rows {
			v := s.chunks[r>>chunkBits].bytes[field][r&chunkMask]
			if v >= 128 {
				v = 0
			}
			out[i] = int8(v)
		}
		return
	}
	columns := make([][]byte, len(s.chunks))
	for i, c := range s.chunks {
		columns[i] = c.bytes[field]
	}
	for i, r := range rows {
		v := columns[r>>chunkBits][r&chunkMask]
		if v >= 128 {
			v = 0
		}
		out[i] = int8(v)
	}
}

// Number is the number of a row in a numeric field, or 0 and the state that
// explains why there is none; of an open question the state alone.
func (s *Snapshot) Number(field, row int) (float64, survey.State) {
	c, at := s.chunks[row>>chunkBits], row&chunkMask
	switch {
	case c.narrow[field] != nil:
		return narrowOf(c.narrow[field][at])
	case c.exact[field] != nil:
		return numberOf(c.exact[field][at])
	}
	return 0, survey.State(c.bytes[field][at])
}

// Counts are the counts of the organization with this code.
func (s *Snapshot) Counts(organization int) *OrganizationCounts {
	if s.selected != nil {
		return &OrganizationCounts{Responses: len(s.selected.of(organization))}
	}
	return s.counts[organization>>pageBits].parts[organization&pageMask]
}

// RowsOf lists the rows of an organization in the order of the response ids, so
// that what is computed does not depend on the order of arrival.
func (s *Snapshot) RowsOf(organization int) []int32 { return s.RowsSince(organization, nil) }

// fewFresh is how many rows are put into their places one by one.
const fewFresh = 64

// RowsSince is RowsOf where the rows in another snapshot of the same panel are known:
// of an earlier one, so that only those that have come since are put into order.
func (s *Snapshot) RowsSince(organization int, earlier []int32) []int32 {
	if s.selected != nil {
		return s.inOrder(slices.Clone(s.selected.of(organization)))
	}
	c := s.Counts(organization)
	if len(earlier) > c.Responses { // it was a later one
		earlier = nil
	}
	rows := append(make([]int32, 0, c.Responses), earlier...)
	for row := c.last; len(rows) < c.Responses; row = s.before(row - 1) {
		rows = append(rows, row-1)
	}
	slices.Reverse(rows[len(earlier):])
	if len(earlier) == 0 || len(rows)-len(earlier) > fewFresh {
		return s.inOrder(rows)
	}
	for i := len(earlier); i < len(rows); i++ {
		row := rows[i]
		at, _ := slices.BinarySearchFunc(rows[:i], row, s.compareIDs)
		copy(rows[at+1:i+1], rows[at:i])
		rows[at] = row
	}
	return rows
}

// inOrder puts rows into the order of their ids.
func (s *Snapshot) inOrder(rows []int32) []int32 {
	if !slices.IsSortedFunc(rows, s.compareIDs) {
		slices.SortFunc(rows, s.compareIDs)
	}
	return rows
}

func (s *Snapshot) compareIDs(a, b int32) int {
	x, y := s.keyAt(a), s.keyAt(b)
	return bytes.Compare(x[:], y[:])
}

// Distribution is how often an organization gave each answer 1..A to a closed
// field, and how often each state of silence, by survey.State.
func (s *Snapshot) Distribution(organization, field int) (points, silent []uint32) {
	a := s.layout.fields[field].Points
	all := make([]uint32, a+silences)
	s.DistributionInto(all, organization, field)
	return all[:a:a], all[a:]
}

// DistributionInto is Distribution into memory of the caller, points first; it
// must have DistributionSize places.
func (s *Snapshot) DistributionInto(into []uint32, organization, field int) {
	into = into[:s.DistributionSize(field)]
	if s.selected != nil {
		s.selected.distribution(into, organization, field)
		return
	}
	c := s.Counts(organization)
	if c.answers != nil {
		c.answers.copyTo(into, s.layout.offset[field])
		return
	}
	clear(into)
	for row := c.last; row > 0; row = s.before(row - 1) {
		s.tally(into, field, row-1)
	}
}

// DistributionSize is the number of answers and silences of a closed field.
func (s *Snapshot) DistributionSize(field int) int {
	return s.layout.fields[field].Points + silences
}

// tally counts one answer.
func (s *Snapshot) tally(into []uint32, field int, row int32) {
	c, at := s.chunks[row>>chunkBits], row&chunkMask
	if column := c.wide[field]; column != nil {
		into[column[at]-1]++
		return
	}
	into[byteSlot(c.bytes[field][at], s.layout.fields[field].Points)]++
}

// Changed lists the organizations that have other responses than in an earlier
// snapshot of the same panel, new ones included: what was derived from the counts
// and rows of all others still holds.
func (s *Snapshot) Changed(earlier *Snapshot) []int {
	var changed []int
	before := len(earlier.words[organizations])
	for p, page := range s.counts {
		if p < len(earlier.counts) && page == earlier.counts[p] {
			continue
		}
		for i, c := range page.parts {
			code := p<<pageBits + i
			if c != nil && (code >= before || c != earlier.Counts(code)) {
				changed = append(changed, code)
			}
		}
	}
	return changed
}
