package panel

import (
	"slices"

	"github.com/salesbench/salesbench/survey"
)

// writer builds the next snapshot from the last. Rows are written behind those
// that any snapshot shows; counts of an organization, and the page they stand
// in, are copied once before they change.
type writer struct {
	panel  *Panel
	next   *Snapshot
	copied map[int32]bool // organizations whose counts are this writer's own
	pages  map[int]bool
	added  int
}

func newWriter(p *Panel) *writer {
	next := *p.current.Load()
	next.memo = &memo{}
	next.chunks, next.counts = slices.Clone(next.chunks), slices.Clone(next.counts)
	return &writer{panel: p, next: &next, copied: map[int32]bool{}, pages: map[int]bool{}}
}

func (w *writer) finish() *Snapshot {
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
		room := chunkRows
		if s.rows == 0 {
			room = firstRows
		}
		s.chunks = append(s.chunks, newChunk(s.layout).grown(s.layout, room, 0))
		return at
	}
	if c := w.last(); at == c.room {
		s.chunks[len(s.chunks)-1] = c.grown(s.layout, min(2*c.room, chunkRows), at)
	}
	return at
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
		w.count(counts, row)
	}
}

// count adds a row to the counts of its organization.
func (w *writer) count(c *OrganizationCounts, row int32) {
	c.widen()
	c.Responses++
	switch {
	case c.counted():
		w.next.countRow(c, row)
	case c.Responses == countedFrom:
		c.narrow = make([]uint8, w.next.layout.slots)
		for r := c.last; r > 0; r = w.next.before(r - 1) {
			w.next.countRow(c, r-1)
		}
	}
}

// countsOf returns counts that this writer may change.
func (w *writer) countsOf(organization int32) *OrganizationCounts {
	s := w.next
	page := int(organization >> pageBits)
	if page == len(s.counts) {
		s.counts = append(s.counts, &countsPage{})
		w.pages[page] = true
	}
	if !w.pages[page] {
		own := *s.counts[page]
		s.counts[page] = &own
		w.pages[page] = true
	}
	at := &s.counts[page][organization&pageMask]
	switch {
	case *at == nil:
		*at = &OrganizationCounts{}
		w.copied[organization] = true
	case !w.copied[organization]:
		*at = (*at).clone()
		w.copied[organization] = true
	}
	return *at
}

// before is the row before of the same organization, and one; 0: none.
func (s *Snapshot) before(row int32) int32 {
	return s.chunks[row>>chunkBits].earlier[row&chunkMask]
}

// keyAt is the id of a row.
func (s *Snapshot) keyAt(row int32) survey.UID {
	return s.chunks[row>>chunkBits].ids[row&chunkMask]
}
