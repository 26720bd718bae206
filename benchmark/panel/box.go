package panel

// Box is a range of answers to a closed item: 6 to 7 of 7.
type Box struct {
	Field    int
	From, To int // answers as they are kept
}

// BoxCounts are counts by box and by code of the organization.
type BoxCounts struct {
	Answered [][]uint32 // how many gave any answer
	Inside   [][]uint32 // how many gave one of the box
}

// Boxes counts the answers inside boxes for all organizations at once, from the
// columns alone: nothing that is kept beside them is used, so it is also how
// quickly a question that nobody foresaw can be asked.
func (s *Snapshot) Boxes(boxes []Box) *BoxCounts {
	n := len(s.words[organizations])
	out := &BoxCounts{Answered: make([][]uint32, len(boxes)), Inside: make([][]uint32, len(boxes))}
	for i := range boxes {
		out.Answered[i], out.Inside[i] = make([]uint32, n), make([]uint32, n)
	}
	lanes := s.lanes()
	inParallel((len(boxes)+lanes-1)/lanes, s.rows, func(group int) {
		from := group * lanes
		if to := min(from+lanes, len(boxes)); s.hasWide() {
			s.boxSlowly(out, boxes[from], from)
		} else {
			s.boxGroup(out, boxes, [2]int{from, to}, 32/lanes)
		}
	})
	return out
}

// lanes is how many items fit one word of counts without running over: that
// depends on the organization with the most responses.
func (s *Snapshot) lanes() int {
	most := 0
	if s.selected != nil {
		most = s.selected.most
	} else {
		for organization := range s.words[organizations] {
			most = max(most, s.Counts(organization).Responses)
		}
	}
	switch {
	case s.hasWide():
		return 1
	case most < 1<<8:
		return 4
	case most < 1<<16:
		return 2
	}
	return 1
}

func (s *Snapshot) hasWide() bool {
	for _, p := range s.layout.cells {
		if wide(&s.layout.fields[p.field]) {
			return true
		}
	}
	return false
}

// boxGroup counts up to four boxes at once, in words with two counts of a width
// for each.
func (s *Snapshot) boxGroup(out *BoxCounts, boxes []Box, group [2]int, width int) {
	from, n := group[0], group[1]-group[0]
	tables := new([4][256]uint64) // of a box that is not there nothing is added
	for i := range n {
		tables[i] = boxTable(boxes[from+i], s.layout.fields[boxes[from+i].Field].Points, width, i)
	}
	counts := make([]uint64, len(s.words[organizations]))
	for k, c := range s.chunks {
		columns := boxColumns{organization: c.organization[:s.rowsIn(k)], counts: counts, tables: tables}
		for i := range columns.cells {
			columns.cells[i] = c.bytes[boxes[from+min(i, n-1)].Field][:len(columns.organization)]
		}
		if s.selected != nil {
			columns.some(s.selected.places[k], n)
		} else {
			columns.all(n)
		}
	}
	mask := uint64(1)<<width - 1
	for i := range n {
		shift := 2 * width * i
		answered, inside := out.Answered[from+i], out.Inside[from+i]
		for o, word := range counts {
			answered[o], inside[o] = uint32(word>>shift&mask), uint32(word>>(shift+width)&mask)
		}
	}
}

// boxTable is what each code adds to the word of its organization: one to the
// answers, and one to those inside.
func boxTable(b Box, points, width, lane int) (table [256]uint64) {
	for code := 1; code <= points; code++ {
		table[code] = 1 << (2 * width * lane)
		if code >= b.From && code <= b.To {
			table[code] |= 1 << (2*width*lane + width)
		}
	}
	return table
}

// boxColumns are four columns of a chunk on their way into counts.
type boxColumns struct {
	organization []int32
	cells        [4][]byte
	tables       *[4][256]uint64
	counts       []uint64
}

// all counts all rows of n columns.
func (b *boxColumns) all(n int) {
	rows := len(b.organization)
	x, y, z, u := b.cells[0][:rows], b.cells[1][:rows], b.cells[2][:rows], b.cells[3][:rows]
	t, counts := b.tables, b.counts
	switch {
	case n > 2:
		for i, o := range b.organization {
			counts[o] += t[0][x[i]] + t[1][y[i]] + t[2][z[i]] + t[3][u[i]]
		}
	case n == 2:
		for i, o := range b.organization {
			counts[o] += t[0][x[i]] + t[1][y[i]]
		}
	default:
		for i, o := range b.organization {
			counts[o] += t[0][x[i]]
		}
	}
}

// some is all for the rows in places.
func (b *boxColumns) some(places []uint16, n int) {
	x, y, z, u := b.cells[0], b.cells[1], b.cells[2], b.cells[3]
	t, counts, organization := b.tables, b.counts, b.organization
	switch {
	case n > 2:
		for _, i := range places {
			counts[organization[i]] += t[0][x[i]] + t[1][y[i]] + t[2][z[i]] + t[3][u[i]]
		}
	case n == 2:
		for _, i := range places {
			counts[organization[i]] += t[0][x[i]] + t[1][y[i]]
		}
	default:
		for _, i := range places {
			counts[organization[i]] += t[0][x[i]]
		}
	}
}

// boxSlowly counts one box from a histogram.
func (s *Snapshot) boxSlowly(out *BoxCounts, b Box, at int) {
	var places [][]uint16
	if s.selected != nil {
		places = s.selected.places
	}
	n := len(s.words[organizations])
	size, points := s.DistributionSize(b.Field), s.layout.fields[b.Field].Points
	for i, count := range s.histogram(b.Field, n, places) {
		code := i%size + 1
		if code > points {
			continue
		}
		out.Answered[at][i/size] += count
		if code >= b.From && code <= b.To {
			out.Inside[at][i/size] += count
		}
	}
}
