package store

import (
	"hash/maphash"
	"sync/atomic"
)

// tried remembers submissions that this process has brought to the database not
// long ago. It only says where to look first: one that is remembered is looked up
// before it is added, any other is added at once, and where it was there
// nevertheless a unique index says so. Who is forgotten, or taken for another,
// costs time and nothing else.
type tried struct {
	seed  maphash.Seed
	slots [triedSlots]atomic.Uint64
}

// triedSlots hold the retries of some seconds at the highest rates.
const triedSlots = 1 << 15

func newTried() *tried { return &tried{seed: maphash.MakeSeed()} }

// before says whether the submission is remembered, and remembers it.
func (t *tried) before(p *Prepared) bool {
	h := maphash.String(t.seed, p.submission.Key) | 1 // never the empty slot
	return t.slots[h>>1%triedSlots].Swap(h) == h
}

// divide tells the entries that may be there already from those that can hardly be.
func (t *tried) divide(entries []*Prepared) (fresh, before []*Prepared) {
	fresh = make([]*Prepared, 0, len(entries))
	for _, p := range entries {
		if t.before(p) {
			before = append(before, p)
		} else {
			fresh = append(fresh, p)
		}
	}
	return fresh, before
}
