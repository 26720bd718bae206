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
		s.boxGroup(out, boxes, from, min(from+lanes, len(boxes)))
	})
	return out
}

// lanes is how many items fit one word of counts without running over: that
// depends on the organization with the most responses.
func (s *Snapshot) lanes() int {
	most := 0
	for organization := range s.words[organizations] {
		most = max(most, s.Counts(organization).Responses)
	}
	switch {
	case s.selected != nil || s.hasWide():
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

func (s *Snapshot) boxGroup(out *BoxCounts, boxes []Box, from, to int) {
	if s.selected != nil || s.hasWide() {
		s.boxSlowly(out, boxes[from], from)
		return
	}
	lanes := s.lanes()
	width := 32 / lanes // bits of one count; an item has two
	tables := make([][256]uint64, to-from)
	for i := range tables {
		tables[i] = boxTable(boxes[from+i], s.layout.fields[boxes[from+i].Field].Points, width, i)
	}
	counts := make([]uint64, len(s.words[organizations]))
	for k, c := range s.chunks {
		organization := c.organization[:s.rowsIn(k)]
		column := func(i int) []byte { return c.bytes[boxes[from+i].Field][:len(organization)] }
		switch to - from {
		case 4:
			addFour(counts, organization, [4][]byte{column(0), column(1), column(2), column(3)}, (*[4][256]uint64)(tables))
		case 3:
			addTwo(counts, organization, [2][]byte{column(0), column(1)}, (*[2][256]uint64)(tables))
			addOne(counts, organization, column(2), &tables[2])
		case 2:
			addTwo(counts, organization, [2][]byte{column(0), column(1)}, (*[2][256]uint64)(tables))
		default:
			addOne(counts, organization, column(0), &tables[0])
		}
	}
	mask := uint64(1)<<width - 1
	for i := range tables {
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

func addFour(counts []uint64, organization []int32, columns [4][]byte, tables *[4][256]uint64) {
	a, b, c, d := columns[0][:len(organization)], columns[1][:len(organization)], columns[2][:len(organization)], columns[3][:len(organization)]
	for i, o := range organization {
		counts[o] += tables[0][a[i]] + tables[1][b[i]] + tables[2][c[i]] + tables[3][d[i]]
	}
}

func addTwo(counts []uint64, organization []int32, columns [2][]byte, tables *[2][256]uint64) {
	a, b := columns[0][:len(organization)], columns[1][:len(organization)]
	for i, o := range organization {
		counts[o] += tables[0][a[i]] + tables[1][b[i]]
	}
}

func addOne(counts []uint64, organization []int32, column []byte, table *[256]uint64) {
	column = column[:len(organization)]
	for i, o := range organization {
		counts[o] += table[column[i]]
	}
}

// boxSlowly counts one box from a histogram.
func (s *Snapshot) boxSlowly(out *BoxCounts, b Box, at int) {
	var words []uint64
	if s.selected != nil {
		words = s.selected.words
	}
	n := len(s.words[organizations])
	size, points := s.DistributionSize(b.Field), s.layout.fields[b.Field].Points
	for i, count := range s.histogram(b.Field, n, words) {
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
