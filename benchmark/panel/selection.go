package panel

import (
	"math/bits"
	"sync/atomic"
)

// selection is the part of the rows that a filter lets through.
type selection struct {
	whole  *Snapshot
	words  []uint64 // one bit per row
	rows   []int32  // by organization, in the order of arrival
	from   []int32  // where the rows of each organization begin
	counts []atomic.Pointer[[]uint32]
}

// of lists the rows of an organization.
func (x *selection) of(organization int) []int32 {
	return x.rows[x.from[organization]:x.from[organization+1]]
}

// sparseRows is the number of rows per organization up to which an answer is
// counted when it is asked for.
const sparseRows = 8

// distribution counts the answers of one organization: from its rows where they
// are few, else in one pass over the column for all organizations.
func (x *selection) distribution(into []uint32, organization, field int) {
	if len(x.rows) < sparseRows*(len(x.from)-1) {
		clear(into)
		for _, row := range x.of(organization) {
			x.whole.tally(into, field, row)
		}
		return
	}
	all := x.counts[field].Load()
	if all == nil {
		made := x.whole.histogram(field, x.words)
		x.counts[field].CompareAndSwap(nil, &made)
		all = x.counts[field].Load()
	}
	copy(into, (*all)[organization*len(into):])
}

// histogram counts the answers to a field per organization in one pass, of the
// rows whose bit is set, or of all where words is nil.
func (s *Snapshot) histogram(field int, words []uint64) []uint32 {
	size := s.DistributionSize(field)
	counts := make([]uint32, size*len(s.words[organizations]))
	var place [256]int32
	for cell := range place {
		if slot := byteSlot(byte(cell), s.layout.fields[field].Points); slot < size {
			place[cell] = int32(slot)
		}
	}
	for k, c := range s.chunks {
		rows := min(s.rows-k<<chunkBits, chunkRows)
		narrow, broad := c.bytes[field], c.wide[field]
		count := func(at int) {
			base := int(c.organization[at]) * size
			if narrow != nil {
				counts[base+int(place[narrow[at]])]++
			} else {
				counts[base+int(broad[at])-1]++
			}
		}
		if words == nil {
			for at := range rows {
				count(at)
			}
			continue
		}
		for w := 0; w<<6 < rows; w++ {
			for word := words[k<<(chunkBits-6)+w]; word != 0; word &= word - 1 {
				count(w<<6 + bits.TrailingZeros64(word))
			}
		}
	}
	return counts
}
