package panel

import (
	"encoding/binary"
	"math"

	"github.com/salesbench/salesbench/survey"
)

// Rows stand in chunks of this size, which snapshots share: appending to a
// million rows copies none of them.
const (
	chunkBits = 16
	chunkRows = 1 << chunkBits
	chunkMask = chunkRows - 1
	firstRows = 64 // room in the first chunk of a small wave
)

// chunk holds the columns of up to chunkRows responses. The writer fills places
// behind the last row that any snapshot shows; whatever else would change (more
// room, another type of a column) goes into a copy of the chunk.
type chunk struct {
	room         int
	ids          []survey.UID
	organization []int32
	team         []int32
	role         []uint16
	language     []uint16
	earlier      []int32   // the row before of the same organization, and one; 0: none
	weight       []float64 // nil while all are 1
	seconds      [][]float32
	bytes        [][]byte    // by field: codes of closed items, states of open ones
	wide         [][]uint16  // by field
	narrow       [][]float32 // by field, while every number fits
	exact        [][]float64 // by field
}

func newChunk(l *layout) *chunk {
	n := len(l.fields)
	c := &chunk{seconds: make([][]float32, l.sections), bytes: make([][]byte, n), wide: make([][]uint16, n),
		narrow: make([][]float32, n), exact: make([][]float64, n)}
	return c
}

// grown returns a copy with more room, of which the first rows are those of c.
func (c *chunk) grown(l *layout, room, rows int) *chunk {
	g := newChunk(l)
	g.room = room
	g.ids, g.organization, g.team = larger(c.ids, room, rows), larger(c.organization, room, rows), larger(c.team, room, rows)
	g.role, g.language, g.earlier = larger(c.role, room, rows), larger(c.language, room, rows), larger(c.earlier, room, rows)
	if c.weight != nil {
		g.weight = larger(c.weight, room, rows)
	}
	for s := range c.seconds {
		if c.seconds[s] != nil {
			g.seconds[s] = larger(c.seconds[s], room, rows)
		}
	}
	slab := make([]byte, l.bytes*room) // of all columns of bytes: each by itself would be rounded up
	for i := range l.fields {
		f := &l.fields[i]
		switch {
		case oneByte(f):
			g.bytes[i], slab = slab[:room:room], slab[room:]
			copy(g.bytes[i], c.bytes[i][:rows])
		case f.Closed():
			g.wide[i] = larger(c.wide[i], room, rows)
		case c.exact[i] != nil:
			g.exact[i] = larger(c.exact[i], room, rows)
		default:
			g.narrow[i] = larger(c.narrow[i], room, rows)
		}
	}
	return g
}

func larger[T any](column []T, room, rows int) []T {
	g := make([]T, room)
	copy(g, column[:rows])
	return g
}

// fitted returns the chunk, or a copy of it, with columns that can hold the
// records behind its first rows.
func (c *chunk) fitted(l *layout, rows int, records []record) *chunk {
	own := false
	copied := func() *chunk {
		if !own {
			own = true
			c = c.shallow()
		}
		return c
	}
	for _, r := range records {
		if c.weight == nil && r.number(recordWeight) != 1 {
			w := make([]float64, c.room)
			for i := range w[:rows] {
				w[i] = 1
			}
			copied().weight = w
		}
		for s := range c.seconds {
			if c.seconds[s] == nil && r.narrow(l.seconds+4*s) != 0 {
				copied().seconds[s] = make([]float32, c.room)
			}
		}
		for _, i := range l.inst.NumberFields() {
			if c.exact[i] == nil && !fits(r.number(l.record[i])) {
				copied().widen(i, rows)
			}
		}
	}
	return c
}

// shallow copies the chunk without its columns.
func (c *chunk) shallow() *chunk {
	g := *c
	g.seconds = append([][]float32(nil), c.seconds...)
	g.narrow = append([][]float32(nil), c.narrow...)
	g.exact = append([][]float64(nil), c.exact...)
	return &g
}

// fits says whether four bytes hold a number without changing it.
func fits(v float64) bool {
	return v != v || math.Float64bits(float64(float32(v))) == math.Float64bits(v)
}

// widen turns a column of numbers into one that holds them all.
func (c *chunk) widen(field, rows int) {
	exact := make([]float64, c.room)
	for i, v := range c.narrow[field][:rows] {
		number, state := narrowOf(v)
		if state != survey.Valid {
			number = silentNumber(state)
		}
		exact[i] = number
	}
	c.exact[field], c.narrow[field] = exact, nil
}

// write puts records into the columns from a row on, but for ids, attributes and
// the chain of an organization's rows, which are the writer's.
func (c *chunk) write(l *layout, at int, records []record) {
	if c.weight != nil {
		for i, r := range records {
			c.weight[at+i] = r.number(recordWeight)
		}
	}
	for s, column := range c.seconds {
		if column != nil {
			for i, r := range records {
				column[at+i] = r.narrow(l.seconds + 4*s)
			}
		}
	}
	for f := range l.fields {
		from := l.record[f]
		switch {
		case c.bytes[f] != nil:
			column := c.bytes[f][at : at+len(records)]
			for i, r := range records {
				column[i] = r[from]
			}
		case c.narrow[f] != nil:
			for i, r := range records {
				c.narrow[f][at+i] = narrowed(r.number(from))
			}
		case c.exact[f] != nil:
			for i, r := range records {
				c.exact[f][at+i] = r.number(from)
			}
		default:
			for i, r := range records {
				c.wide[f][at+i] = binary.LittleEndian.Uint16(r[from:])
			}
		}
	}
}

func narrowed(v float64) float32 {
	number, state := numberOf(v)
	if state != survey.Valid {
		return silentNarrow(state)
	}
	return float32(number)
}
