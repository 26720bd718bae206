package panel

import "sync/atomic"

// selection is the part of the rows that a filter lets through.
type selection struct {
	whole  *Snapshot
	filter string
	words  []uint64   // one bit per row
	places [][]uint16 // by chunk, the rows whose bit is set
	rows   []int32    // by organization, in the order of arrival
	from   []int32    // where the rows of each organization begin
	most   int        // the most that any organization has
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
		made := x.whole.histogram(field, len(x.from)-1, x.places)
		x.counts[field].CompareAndSwap(nil, &made)
		all = x.counts[field].Load()
	}
	copy(into, (*all)[organization*len(into):])
}

// histogram counts the answers to a field for the first organizations in one
// pass: of the rows in places, or of all where there are none.
func (s *Snapshot) histogram(field, organizations int, places [][]uint16) []uint32 {
	size := s.DistributionSize(field)
	h := histogram{size: size, counts: make([]uint32, size*organizations)}
	for cell := range h.place {
		if slot := byteSlot(byte(cell), s.layout.fields[field].Points); slot >= 0 && slot < size {
			h.place[cell] = slot
		}
	}
	for k, c := range s.chunks {
		h.organization, h.narrow, h.wide = c.organization, c.bytes[field], c.wide[field]
		if places == nil {
			h.all(s.rowsIn(k))
			continue
		}
		h.some(places[k])
	}
	return h.counts
}

// histogram is one column of a chunk on its way into counts.
type histogram struct {
	size         int
	counts       []uint32
	place        [256]int
	organization []int32
	narrow       []byte
	wide         []uint16
}

func (h *histogram) all(rows int) {
	if h.narrow == nil {
		for at, cell := range h.wide[:rows] {
			h.counts[int(h.organization[at])*h.size+int(cell)-1]++
		}
		return
	}
	organization := h.organization[:rows]
	for at, cell := range h.narrow[:rows] {
		h.counts[int(organization[at])*h.size+h.place[cell]]++
	}
}

func (h *histogram) some(places []uint16) {
	if h.narrow == nil {
		for _, at := range places {
			h.counts[int(h.organization[at])*h.size+int(h.wide[at])-1]++
		}
		return
	}
	for _, at := range places {
		h.counts[int(h.organization[at])*h.size+h.place[h.narrow[at]]]++
	}
}
