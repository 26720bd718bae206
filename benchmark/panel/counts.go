package panel

import (
	"slices"

	"github.com/salesbench/salesbench/survey"
)

// OrganizationCounts are the counts of one organization. They never change: a
// batch that brings responses makes new ones, so whoever derived something from
// them can tell by the pointer that it still holds.
type OrganizationCounts struct {
	Responses int
	last      int32 // its newest row and one
	// How often each answer and each silence was given, in the smallest type that
	// holds them; none for an organization of a few rows, which are soon counted.
	narrow []uint8
	middle []uint16
	broad  []uint32
}

// countedFrom is the number of rows from which counts are kept.
const countedFrom = 12

// reader hands out slots as numbers.
func (c *OrganizationCounts) copyTo(into []uint32, from int) {
	switch {
	case c.narrow != nil:
		for i, n := range c.narrow[from : from+len(into)] {
			into[i] = uint32(n)
		}
	case c.middle != nil:
		for i, n := range c.middle[from : from+len(into)] {
			into[i] = uint32(n)
		}
	default:
		copy(into, c.broad[from:])
	}
}

func (c *OrganizationCounts) counted() bool {
	return c.narrow != nil || c.middle != nil || c.broad != nil
}

// clone returns counts that a batch may change.
func (c *OrganizationCounts) clone() *OrganizationCounts {
	own := *c
	own.narrow, own.middle, own.broad = slices.Clone(c.narrow), slices.Clone(c.middle), slices.Clone(c.broad)
	return &own
}

// widen makes room for one more of anything.
func (c *OrganizationCounts) widen() {
	switch {
	case c.narrow != nil && c.Responses == 1<<8-1:
		c.middle = make([]uint16, len(c.narrow))
		for i, n := range c.narrow {
			c.middle[i] = uint16(n)
		}
		c.narrow = nil
	case c.middle != nil && c.Responses == 1<<16-1:
		c.broad = make([]uint32, len(c.middle))
		for i, n := range c.middle {
			c.broad[i] = uint32(n)
		}
		c.middle = nil
	}
}

func (c *OrganizationCounts) increment(slot int) {
	switch {
	case c.narrow != nil:
		c.narrow[slot]++
	case c.middle != nil:
		c.middle[slot]++
	default:
		c.broad[slot]++
	}
}

// Organizations stand in pages, so that a batch copies the page of those it
// changes instead of a list of ten thousand.
const (
	pageBits = 6
	pageMask = 1<<pageBits - 1
)

type countsPage [1 << pageBits]*OrganizationCounts

// countRow counts the closed answers of one row.
func (s *Snapshot) countRow(c *OrganizationCounts, row int32) {
	ch, at := s.chunks[row>>chunkBits], row&chunkMask
	for _, i := range s.inst.ClosedFields() {
		slot := s.layout.offset[i]
		if column := ch.bytes[i]; column != nil {
			slot += byteSlot(column[at], s.layout.fields[i].Points)
		} else {
			slot += int(ch.wide[i][at]) - 1
		}
		c.increment(slot)
	}
}

// byteSlot is the place among the counts of a field of a code in a column of bytes.
func byteSlot(cell byte, points int) int {
	if cell < firstSilence {
		return int(cell) - 1
	}
	return points + int(cell) - firstSilence
}

// stateOf is the answer of a code in a column of bytes.
func stateOf(cell byte) (int, survey.State) {
	if cell < firstSilence {
		return int(cell), survey.Valid
	}
	return 0, survey.State(cell - firstSilence)
}
