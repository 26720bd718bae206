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
	pace := s.pace()
	inParallel((len(boxes)+pace.lanes-1)/pace.lanes, s.rows, func(group int) {
		from := group * pace.lanes
		if to := min(from+pace.lanes, len(boxes)); s.hasWide() {
			s.boxSlowly(out, boxes[from], from)
		} else {
			s.boxGroup(out, boxes, [2]int{from, to}, pace)
		}
	})
	return out
}

// pace is how boxes are counted: so many side by side in one word, and how many rows
// at most until the counts are taken out of the words, before one runs over; 0: all.
type pace struct{ lanes, rows int }

// width is how many bits each of the two counts of a box has.
func (p pace) width() int { return 32 / p.lanes }

// fewOrganizations are so few that their counts can be taken out every 255 rows, and
// several at most that it can be done once in each chunk.
const (
	fewOrganizations     = 8
	severalOrganizations = 1 << 12
)

// pace depends on the organization with the most responses.
func (s *Snapshot) pace() pace {
	most, n := 0, len(s.words[organizations])
	if s.selected != nil {
		most = s.selected.most
	} else {
		for organization := range n {
			most = max(most, s.Counts(organization).Responses)
		}
	}
	switch {
	case s.hasWide():
		return pace{1, 0}
	case most < 1<<8:
		return pace{4, 0}
	case n <= fewOrganizations:
		return pace{4, 1<<8 - 1}
	case most < 1<<16:
		return pace{2, 0}
	case n <= severalOrganizations:
		return pace{2, chunkRows / 2}
	}
	return pace{1, 0}
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
func (s *Snapshot) boxGroup(out *BoxCounts, boxes []Box, group [2]int, pace pace) {
	from, n := group[0], group[1]-group[0]
	tables := new([4][256]uint64) // of a box that is not there nothing is added
	for i := range n {
		tables[i] = boxTable(boxes[from+i], s.layout.fields[boxes[from+i].Field].Points, pace.width(), i)
	}
	counts := make([]uint64, len(s.words[organizations]))
	for k, c := range s.chunks {
		columns := boxColumns{organization: c.organization[:s.rowsIn(k)], counts: counts, tables: tables}
		for i := range columns.cells {
			columns.cells[i] = c.bytes[boxes[from+min(i, n-1)].Field][:len(columns.organization)]
		}
		s.boxChunk(&columns, k, n, pace.rows, func() { out.take(counts, group, pace.width()) })
	}
	out.take(counts, group, pace.width())
}

// boxChunk counts a chunk; most is how many rows until full is called, 0: all.
func (s *Snapshot) boxChunk(columns *boxColumns, chunk, n, most int, full func()) {
	rows := len(columns.organization)
	if s.selected != nil {
		rows = len(s.selected.places[chunk])
	}
	block := most
	if most == 0 {
		block = rows
	}
	for at := 0; at < rows; at += block {
		to := min(at+block, rows)
		if s.selected != nil {
			columns.some(s.selected.places[chunk][at:to], n)
		} else {
			columns.all(at, to, n)
		}
		if most > 0 {
			full()
		}
	}
}

// take adds what stands in words to the counts of a group of boxes, and empties them.
func (o *BoxCounts) take(words []uint64, group [2]int, width int) {
	mask := uint64(1)<<width - 1
	for i := range group[1] - group[0] {
		shift := 2 * width * i
		answered, inside := o.Answered[group[0]+i], o.Inside[group[0]+i]
		for organization, word := range words {
			answered[organization] += uint32(word >> shift & mask)
			inside[organization] += uint32(word >> (shift + width) & mask)
		}
	}
	clear(words)
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

// all counts the rows between two of n columns.
func (b *boxColumns) all(from, to, n int) {
	organization := b.organization[from:to]
	rows := len(organization)
	x, y, z, u := b.cells[0][from:to][:rows], b.cells[1][from:to][:rows], b.cells[2][from:to][:rows], b.cells[3][from:to][:rows]
	t, counts := b.tables, b.counts
	switch {
	case n > 2:
		for i, o := range organization {
			counts[o] += t[0][x[i]] + t[1][y[i]] + t[2][z[i]] + t[3][u[i]]
		}
	case n == 2:
		for i, o := range organization {
			counts[o] += t[0][x[i]] + t[1][y[i]]
		}
	default:
		for i, o := range organization {
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
