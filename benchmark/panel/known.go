package panel

import (
	"hash/maphash"

	"github.com/salesbench/salesbench/survey"
)

// known finds the row of a response by its id, in about six bytes a row: the ids
// themselves stand in the columns. It grows in small parts, so that no batch has
// to wait until a million ids have moved.
type known struct {
	seed   maphash.Seed
	shards [256]shard
}

type shard struct {
	rows  []int32 // row and one; 0: free
	count int
}

func newKnown() *known { return &known{seed: maphash.MakeSeed()} }

// take notes that the id stands in the row; false: it stands in another already.
func (k *known) take(s *Snapshot, id survey.UID, row int32) bool {
	hash := maphash.Bytes(k.seed, id[:])
	part := &k.shards[hash>>56]
	if 4*(part.count+1) > 3*len(part.rows) {
		k.grow(s, part)
	}
	at, found := part.find(s, id, hash)
	if found {
		return false
	}
	part.rows[at] = row + 1
	part.count++
	return true
}

// find returns the place of the id, or the free one where it belongs.
func (p *shard) find(s *Snapshot, id survey.UID, hash uint64) (int, bool) {
	mask := len(p.rows) - 1
	for at := int(hash) & mask; ; at = (at + 1) & mask {
		row := p.rows[at] - 1
		if row < 0 {
			return at, false
		}
		if s.chunks[row>>chunkBits].ids[row&chunkMask] == id {
			return at, true
		}
	}
}

func (k *known) grow(s *Snapshot, p *shard) {
	old := p.rows
	p.rows = make([]int32, max(8, 2*len(old)))
	for _, row := range old {
		if row == 0 {
			continue
		}
		id := s.chunks[(row-1)>>chunkBits].ids[(row-1)&chunkMask]
		at, _ := p.find(s, id, maphash.Bytes(k.seed, id[:]))
		p.rows[at] = row
	}
}
