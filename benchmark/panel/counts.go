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
	made        uint64 // by which writer
	fingerprint uint64 // of its ids
	seconds     int64  // its latest submission
	nanos       int32  // of that second
	last        int32  // its newest row and one
	// None for an organization of a few rows, which are soon counted: of those there
	// are fifty thousand, so whatever they do not need stands apart.
	answers *answerCounts
}

// answerCounts are how often each answer and each silence was given, in the smallest
// type that holds them.
type answerCounts struct {
	narrow []uint8
	middle []uint16
	broad  []uint32
}

// countedFrom is the number of rows from which counts are kept. For fewer they
// would need more memory than the rows themselves.
const countedFrom = 32

// note takes a record into what an edition says of the organization, before the
// record is counted.
func (c *OrganizationCounts) note(r record) {
	c.fingerprint += r.fingerprint()
	at := r.submitted()
	if c.Responses == 0 || at.After(c.watermark()) {
		c.seconds, c.nanos = at.Unix(), int32(at.Nanosecond())
	}
}

// watermark is its latest submission; zero where it has none.
func (c *OrganizationCounts) watermark() time.Time {
	if c.Responses == 0 {
		return time.Time{}
	}
	return time.Unix(c.seconds, int64(c.nanos)).UTC()
}

// begin makes room for the counts that the responses ask for.
func (c *OrganizationCounts) begin(slots int) {
	switch {
	case c.Responses < countedFrom:
	case c.Responses < 1<<8:
		c.answers = &answerCounts{narrow: make([]uint8, slots)}
	case c.Responses < 1<<16:
		c.answers = &answerCounts{middle: make([]uint16, slots)}
	default:
		c.answers = &answerCounts{broad: make([]uint32, slots)}
	}
}

// set writes the counts of one field.
func (a *answerCounts) set(from int, counts []uint32) {
	switch {
	case a.narrow != nil:
		for i, n := range counts {
			a.narrow[from+i] = uint8(n)
		}
	case a.middle != nil:
		for i, n := range counts {
			a.middle[from+i] = uint16(n)
		}
	default:
		copy(a.broad[from:], counts)
	}
}

// copyTo hands out slots as numbers.
func (a *answerCounts) copyTo(into []uint32, from int) {
	switch {
	case a.narrow != nil:
		for i, n := range a.narrow[from : from+len(into)] {
			into[i] = uint32(n)
		}
	case a.middle != nil:
		for i, n := range a.middle[from : from+len(into)] {
			into[i] = uint32(n)
		}
	default:
		copy(into, a.broad[from:])
	}
}

// clone returns counts that a batch may change.
func (c *OrganizationCounts) clone() *OrganizationCounts {
	own := *c
	if a := c.answers; a != nil {
		own.answers = &answerCounts{slices.Clone(a.narrow), slices.Clone(a.middle), slices.Clone(a.broad)}
	}
	return &own
}

// widen makes room for one more of anything.
func (c *OrganizationCounts) widen() {
	a := c.answers
	switch {
	case a == nil:
	case a.narrow != nil && c.Responses == 1<<8-1:
		a.middle = make([]uint16, len(a.narrow))
		for i, n := range a.narrow {
			a.middle[i] = uint16(n)
		}
		a.narrow = nil
	case a.middle != nil && c.Responses == 1<<16-1:
		a.broad = make([]uint32, len(a.middle))
		for i, n := range a.middle {
			a.broad[i] = uint32(n)
		}
		a.middle = nil
	}
}

// add counts the answers whose slots are given.
func (a *answerCounts) add(slots []int32) {
	switch {
	case a.narrow != nil:
		for _, slot := range slots {
			a.narrow[slot]++
		}
	case a.middle != nil:
		for _, slot := range slots {
			a.middle[slot]++
		}
	default:
		for _, slot := range slots {
			a.broad[slot]++
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
