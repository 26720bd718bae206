package panel

import (
	"hash/maphash"

	"github.com/salesbench/salesbench/survey"
)

// known finds the row of a response by its id, in about eight bytes a row: the ids
// themselves stand in the columns and are looked at only where eight bits of
// their hash agree. It grows in small parts, so that no batch has to wait until a
// million ids have moved.
type known struct {
	seed   maphash.Seed
	shards [256]shard
}

type shard struct {
	tags  []uint8 // 0: free
	rows  []int32
	count int
}

func newKnown() *known { return &known{seed: maphash.MakeSeed()} }

// take notes that the id stands in the row; false: it stands in another already.
func (k *known) take(s *Snapshot, id survey.UID, row int32) bool {
	hash := maphash.Bytes(k.seed, id[:])
	part := &k.shards[hash>>56]
	if 8*(part.count+1) > 7*len(part.rows) {
		k.grow(s, part)
	}
	at, found := part.find(s, id, hash)
	if found {
		return false
	}
	part.tags[at], part.rows[at] = tagOf(hash), row
	part.count++
	return true
}

func tagOf(hash uint64) uint8 { return uint8(hash>>48) | 1 }

// find returns the place of the id, or the free one where it belongs.
func (p *shard) find(s *Snapshot, id survey.UID, hash uint64) (int, bool) {
	mask, tag := len(p.tags)-1, tagOf(hash)
	for at := int(hash) & mask; ; at = (at + 1) & mask {
		switch p.tags[at] {
		case 0:
			return at, false
		case tag:
			if s.keyAt(p.rows[at]) == id {
				return at, true
			}
		}
	}
}

func (k *known) grow(s *Snapshot, p *shard) {
	old := *p
	size := max(8, 2*len(old.rows))
	p.tags, p.rows = make([]uint8, size), make([]int32, size)
	for i, row := range old.rows {
		if old.tags[i] == 0 {
			continue
		}
		id := s.keyAt(row)
		hash := maphash.Bytes(k.seed, id[:])
		at, _ := p.find(s, id, hash)
		p.tags[at], p.rows[at] = tagOf(hash), row
	}
}
