package panel

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/salesbench/salesbench/survey"
)

// writer builds the next snapshot from the last. Rows are written behind those
// that any snapshot shows; counts of an organization, and the page they stand
// in, are copied once before they change.
type writer struct {
	panel *Panel
	next  *Snapshot
	mark  uint64  // stands in whatever this writer has made and may change
	slots []int32 // of one response
	late  bool    // answers are counted in the end, column by column
}

func newWriter(p *Panel) *writer {
	next := *p.current.Load()
	next.memo = &memo{}
	next.chunks, next.counts = slices.Clone(next.chunks), slices.Clone(next.counts)
	p.writers++
	return &writer{panel: p, next: &next, mark: p.writers, slots: make([]int32, len(p.layout.cells))}
}

func (w *writer) finish() *Snapshot {
	if w.late {
		w.countAll()
	}
	for a := range attributes {
		w.next.words[a] = w.panel.vocabulary[a].list
	}
	return w.next
}

// blockRows is how many records are written column by column at once: few enough
// to stay in the nearest cache.
const blockRows = 64

// add takes a batch and returns how many of its responses are new.
func (w *writer) add(b *Batch) int {
	t := b.source.into(w.panel.vocabulary)
	before := w.next.rows
	fresh := make([]record, 0, blockRows)
	for i := 0; i < b.Len(); {
		at := w.room()
		fresh = fresh[:0]
		for ; i < b.Len() && len(fresh) < blockRows && at+len(fresh) < w.last().room; i++ {
			r := b.at(i)
			row := int32(w.next.rows + len(fresh))
			id := r.id()
			w.last().ids[at+len(fresh)] = id
			if w.panel.known.take(w.next, id, row) {
				fresh = append(fresh, r)
			}
		}
		w.block(b, t, at, fresh)
	}
	return w.next.rows - before
}

func (w *writer) last() *chunk { return w.next.chunks[len(w.next.chunks)-1] }

// room makes sure that the last chunk has a free row, and returns its place.
func (w *writer) room() int {
	s := w.next
	at := s.rows & chunkMask
	if s.rows == len(s.chunks)*chunkRows {
		room := firstRows
		for room < chunkRows && room < s.rows/8 {
			room *= 2 // room that is not used yet is an eighth of all at most
		}
		s.chunks = append(s.chunks, newChunk(s.layout).grown(s.layout, room, 0))
		return at
	}
	if c := w.last(); at == c.room {
		s.chunks[len(s.chunks)-1] = c.grown(s.layout, nextRoom(c.room, s.rows), at)
	}
	return at
}

// nextRoom is what a chunk gets that is full: an eighth to a sixteenth of all rows more,
// so that no more than that is unused.
func nextRoom(room, rows int) int {
	return min(room+max(1<<bits.Len(uint(rows))/16, firstRows), chunkRows)
}

// block writes records whose ids are in their places already.
func (w *writer) block(b *Batch, t *translation, at int, records []record) {
	s := w.next
	c := w.last().fitted(s.layout, at, records)
	s.chunks[len(s.chunks)-1] = c
	c.write(s.layout, at, records)
	for i, r := range records {
		row := int32(s.rows)
		organization := b.translate(t, r, organizations)
		c.organization[at+i] = organization
		c.team[at+i] = b.translate(t, r, teams)
		c.role[at+i] = uint16(b.translate(t, r, roles))
		c.language[at+i] = uint16(b.translate(t, r, languages))
		s.rows++
		s.edition.add(r)
		counts := w.countsOf(organization)
		c.earlier[at+i] = counts.last
		counts.last = row + 1
		counts.note(r)
		w.count(counts, r)
	}
}

// count adds the newest row of an organization to its counts.
func (w *writer) count(c *OrganizationCounts, r record) {
	if !w.late {
		c.widen()
	}
	c.Responses++
	switch {
	case w.late:
	case c.answers != nil:
		r.slotsOf(w.next.layout, w.slots)
		c.answers.add(w.slots)
	case c.Responses == countedFrom:
		c.begin(w.next.layout.slots)
		for row := c.last; row > 0; row = w.next.before(row - 1) {
			w.next.slotsOf(row-1, w.slots)
			c.answers.add(w.slots)
		}
	}
}

// countAll counts the answers of all organizations, which is much quicker by
// columns than by rows: the counts of one item fit the nearest caches.
func (w *writer) countAll() {
	s := w.next
	for organization := range w.panel.vocabulary[organizations].list {
		s.Counts(organization).begin(s.layout.slots)
	}
	inParallel(len(s.layout.cells), s.rows, func(n int) {
		field := s.layout.cells[n].field
		size := s.DistributionSize(field)
		counts := s.histogram(field, len(w.panel.vocabulary[organizations].list), nil)
		for organization := range w.panel.vocabulary[organizations].list {
			if a := s.Counts(organization).answers; a != nil {
				a.set(s.layout.offset[field], counts[organization*size:(organization+1)*size])
			}
		}
	})
}

// fewRows is how many rows are not worth a second goroutine.
const fewRows = 4096

// inParallel does n pieces of work over rows on all cores.
func inParallel(n, rows int, work func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if rows < fewRows {
		workers = 1
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	group.Wait()
}

// countsOf returns counts that this writer may change.
func (w *writer) countsOf(organization int32) *OrganizationCounts {
	s := w.next
	at := int(organization >> pageBits)
	if at == len(s.counts) {
		s.counts = append(s.counts, &countsPage{made: w.mark})
	}
	if s.counts[at].made != w.mark {
		own := *s.counts[at]
		own.made = w.mark
		s.counts[at] = &own
	}
	part := &s.counts[at].parts[organization&pageMask]
	switch {
	case *part == nil:
		*part = &OrganizationCounts{made: w.mark}
	case (*part).made != w.mark:
		*part = (*part).clone()
		(*part).made = w.mark
	}
	return *part
}

// before is the row before of the same organization, and one; 0: none.
func (s *Snapshot) before(row int32) int32 {
	return s.chunks[row>>chunkBits].earlier[row&chunkMask]
}

// keyAt is the id of a row.
func (s *Snapshot) keyAt(row int32) survey.UID {
	return s.chunks[row>>chunkBits].ids[row&chunkMask]
}
