package panel

import (
	"slices"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// OrganizationCounts are the counts of one organization. They never change: a
// batch that brings responses makes new ones, so whoever derived something from
// them can tell by the pointer that it still holds.
type OrganizationCounts struct {
	Responses   int
	made        uint64    // by which writer
	last        int32     // its newest row and one
	watermark   time.Time // its latest submission
	fingerprint uint64    // of its ids
	// How often each answer and each silence was given, in the smallest type that
	// holds them; none for an organization of a few rows, which are soon counted.
	narrow []uint8
	large  *largeCounts
}

// largeCounts are apart, because of fifty thousand organizations few need them.
type largeCounts struct {
	middle []uint16
	broad  []uint32
}

// countedFrom is the number of rows from which counts are kept. For fewer they
// would need more memory than the rows themselves.
const countedFrom = 32

// note takes a record into what an edition says of the organization.
func (c *OrganizationCounts) note(r record) {
	c.fingerprint += r.fingerprint()
	if at := r.submitted(); at.After(c.watermark) {
		c.watermark = at
	}
}

// begin makes room for the counts that the responses ask for.
func (c *OrganizationCounts) begin(slots int) {
	switch {
	case c.Responses < countedFrom:
	case c.Responses < 1<<8:
		c.narrow = make([]uint8, slots)
	case c.Responses < 1<<16:
		c.large = &largeCounts{middle: make([]uint16, slots)}
	default:
		c.large = &largeCounts{broad: make([]uint32, slots)}
	}
}

// set writes the counts of one field.
func (c *OrganizationCounts) set(from int, counts []uint32) {
	switch {
	case c.narrow != nil:
		for i, n := range counts {
			c.narrow[from+i] = uint8(n)
		}
	case c.large.middle != nil:
		for i, n := range counts {
			c.large.middle[from+i] = uint16(n)
		}
	default:
		copy(c.large.broad[from:], counts)
	}
}

// copyTo hands out slots as numbers.
func (c *OrganizationCounts) copyTo(into []uint32, from int) {
	switch {
	case c.narrow != nil:
		for i, n := range c.narrow[from : from+len(into)] {
			into[i] = uint32(n)
		}
	case c.large.middle != nil:
		for i, n := range c.large.middle[from : from+len(into)] {
			into[i] = uint32(n)
		}
	default:
		copy(into, c.large.broad[from:])
	}
}

func (c *OrganizationCounts) counted() bool {
	return c.narrow != nil || c.large != nil
}

// clone returns counts that a batch may change.
func (c *OrganizationCounts) clone() *OrganizationCounts {
	own := *c
	own.narrow = slices.Clone(c.narrow)
	if c.large != nil {
		own.large = &largeCounts{slices.Clone(c.large.middle), slices.Clone(c.large.broad)}
	}
	return &own
}

// widen makes room for one more of anything.
func (c *OrganizationCounts) widen() {
	switch {
	case c.narrow != nil && c.Responses == 1<<8-1:
		c.large = &largeCounts{middle: make([]uint16, len(c.narrow))}
		for i, n := range c.narrow {
			c.large.middle[i] = uint16(n)
		}
		c.narrow = nil
	case c.large != nil && c.large.middle != nil && c.Responses == 1<<16-1:
		c.large.broad = make([]uint32, len(c.large.middle))
		for i, n := range c.large.middle {
			c.large.broad[i] = uint32(n)
		}
		c.large.middle = nil
	}
}

// add counts the answers whose slots are given.
func (c *OrganizationCounts) add(slots []int32) {
	switch {
	case c.narrow != nil:
		for _, slot := range slots {
			c.narrow[slot]++
		}
	case c.large.middle != nil:
		for _, slot := range slots {
			c.large.middle[slot]++
		}
	default:
		for _, slot := range slots {
			c.large.broad[slot]++
		}
	}
}

// Organizations stand in pages, so that a batch copies the page of those it
// changes instead of a list of ten thousand.
const (
	pageBits = 6
	pageMask = 1<<pageBits - 1
)

type countsPage struct {
	made  uint64 // by which writer
	parts [1 << pageBits]*OrganizationCounts
}

// slotsOf writes the slots of the closed answers of one row.
func (s *Snapshot) slotsOf(row int32, slots []int32) {
	ch, at := s.chunks[row>>chunkBits], row&chunkMask
	for n := range s.layout.cells {
		p := &s.layout.cells[n]
		switch column := ch.bytes[p.field]; {
		case column == nil:
			slots[n] = int32(s.layout.offset[p.field]) + int32(ch.wide[p.field][at]) - 1
		case p.plain:
			slots[n] = p.base[column[at]>>7] + int32(column[at])
		default:
			slots[n] = int32(s.layout.offset[p.field] + byteSlot(column[at], s.layout.fields[p.field].Points))
		}
	}
}

// slotsOf writes the slots of the closed answers of a record.
func (r record) slotsOf(l *layout, slots []int32) {
	for n := range l.cells {
		p := &l.cells[n]
		at := l.record[p.field]
		if p.plain {
			slots[n] = p.base[r[at]>>7] + int32(r[at])
			continue
		}
		f := &l.fields[p.field]
		slot := l.offset[p.field]
		if wide(f) {
			slot += int(r[at]) | int(r[at+1])<<8 - 1
		} else {
			slot += byteSlot(r[at], f.Points)
		}
		slots[n] = int32(slot)
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
