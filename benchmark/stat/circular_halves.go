package stat

import "math"

// minSplit is the number of respondents under which an organization is not
// split into halves.
const minSplit = 4

// halves is one random split of all organizations: the index of each half and,
// per organization and half, a row with the weighted shares of agreement with
// all items and the weights: one per item where answers are missing, else one
// for all. Rows of several splits may lie side by side in one store.
type halves struct {
	index          [2][]float64
	data           []float64
	stride, offset int // of an organization's rows, of this split inside them
	items, width   int
}

// row returns the weighted shares and the weights of one half.
func (h *halves) row(u, side int) (sums, weights []float64) {
	from := u*h.stride + h.offset + side*h.width
	row := h.data[from : from+h.width]
	return row[:h.items], row[h.items:]
}

// splitter draws splits. Its rows are the organizations that can be split.
type splitter struct {
	bits      *AgreeBits
	shares    []float64
	mix       []float64
	weighting Weighting
	usable    []int // organizations with at least four respondents
	complete  bool  // no answer is missing
}

// newStore returns memory for several splits, the rows of one organization side
// by side.
func (s *splitter) newStore(splits int) []*halves {
	width := 2 * s.bits.items
	if s.complete {
		width = s.bits.items + 1
	}
	data := make([]float64, len(s.usable)*splits*2*width)
	store := make([]*halves, splits)
	for i := range store {
		store[i] = &halves{data: data, stride: splits * 2 * width, offset: i * 2 * width, items: s.bits.items, width: width}
		for side := range 2 {
			store[i].index[side] = make([]float64, len(s.usable))
		}
	}
	return store
}

// draw fills h with one random split. Inside every role half of the people, to
// the nearest person, go to each side; of odd numbers the first goes to a side
// drawn by lot and the next to the other.
func (s *splitter) draw(stream *Stream, h *halves) {
	first, second := s.bits.newCounts(), s.bits.newCounts()
	moments := [2][]Moments{make([]Moments, max(len(s.mix), 1)), make([]Moments, max(len(s.mix), 1))}
	var rows []int
	for u, j := range s.usable {
		rows = rows[:0]
		for i := s.bits.start[j]; i < s.bits.start[j+1]; i++ {
			rows = append(rows, i)
		}
		cut := s.deal(stream, rows)
		for side, part := range [2][]int{rows[:cut], rows[cut:]} {
			h.index[side][u] = s.score(part, moments[side])
		}
		s.bits.count(rows[:cut], first)
		s.bits.count(rows[cut:], second)
		s.fill(h, 0, u, cut, first)
		s.fill(h, 1, u, len(rows)-cut, second)
	}
}

// deal orders the rows of one organization so that the first cut rows are half
// A. Rows come sorted by role.
func (s *splitter) deal(stream *Stream, rows []int) (cut int) {
	extra := stream.IntN(2)
	for from := 0; from < len(rows); {
		to := from
		for to < len(rows) && s.bits.role[rows[to]] == s.bits.role[rows[from]] {
			to++
		}
		n := to - from
		take := n / 2
		if n%2 == 1 {
			take += extra
			extra = 1 - extra
		}
		for i := range take {
			other := from + i + stream.IntN(n-i)
			rows[from+i], rows[other] = rows[other], rows[from+i]
		}
		// Bring the taken ones behind those of the roles before.
		for i := range take {
			rows[cut], rows[from+i] = rows[from+i], rows[cut]
			cut++
		}
		from = to
	}
	return cut
}

// score is the raw index of a half; NaN when nobody in it counts.
func (s *splitter) score(rows []int, moments []Moments) float64 {
	clear(moments)
	for _, i := range rows {
		if share := s.shares[i]; share >= 0 {
			r := 0
			if s.mix != nil {
				r = int(s.bits.role[i])
			}
			moments[r].N++
			moments[r].Sum += share
		}
	}
	return rawIndex(moments, s.mix)
}

// rawIndex is the index of OrganizationIndex without its variance; NaN for nobody.
func rawIndex(roles []Moments, mix []float64) float64 {
	var score roleScore
	score.weigh(roles, mix)
	return score.index
}

func (s *splitter) fill(h *halves, side, u, rows int, counts itemCounts) {
	sums, weights := h.row(u, side)
	if s.complete {
		weights[0] = itemWeight(int32(rows), s.weighting)
		factor := weights[0] / float64(rows)
		for k := range sums {
			sums[k] = factor * float64(counts.agree[k])
		}
		return
	}
	for k := range sums {
		valid := int32(rows) - counts.missing[k]
		w := itemWeight(valid, s.weighting)
		weights[k], sums[k] = w, 0
		if w > 0 {
			sums[k] = w * float64(counts.agree[k]) / float64(valid)
		}
	}
}

// copied is one organization in a sample: which one, and in which split.
type copied struct {
	at    int
	split *halves
}

// gapMeter measures gaps between the top organizations of one half and the
// rest on the other half.
type gapMeter struct {
	top             int
	eligible        []bool
	scores, scratch []float64
	sums, weights   [2][]float64 // of WC and of the rest
	chosen          []bool
	gaps            []float64
}

func newGapMeter(organizations, top int, like *halves, eligible []bool) *gapMeter {
	m := &gapMeter{top: top, eligible: eligible, gaps: make([]float64, like.items)}
	m.scores, m.scratch = make([]float64, organizations), make([]float64, 0, organizations)
	m.chosen = make([]bool, organizations)
	for i := range 2 {
		m.sums[i], m.weights[i] = make([]float64, like.items), make([]float64, like.width-like.items)
	}
	return m
}

// measure returns the gap of every item, averaged over the two directions; NaN
// where a column is empty in either. The slice is reused by the next call.
func (m *gapMeter) measure(sample []copied) []float64 {
	clear(m.gaps)
	for side := range 2 {
		m.choose(sample, side)
		m.sum(sample, 1-side)
		for k := range m.gaps {
			at := k % len(m.weights[0]) // a single weight serves all items
			m.gaps[k] += (m.sums[0][k]/m.weights[0][at] - m.sums[1][k]/m.weights[1][at]) / 2
		}
	}
	return m.gaps
}

// choose marks the top organizations by the index of one half, ties in order.
func (m *gapMeter) choose(sample []copied, side int) {
	m.scratch = m.scratch[:0]
	for i, c := range sample {
		m.scores[i] = c.split.index[side][c.at]
		if m.eligible != nil && !m.eligible[c.at] {
			m.scores[i] = math.NaN()
		}
		if !math.IsNaN(m.scores[i]) {
			m.scratch = append(m.scratch, m.scores[i])
		}
	}
	clear(m.chosen)
	k := min(m.top, len(m.scratch))
	if k <= 0 {
		return
	}
	limit := kthLargest(m.scratch, k)
	left := k
	for i := range sample {
		if m.scores[i] > limit {
			m.chosen[i] = true
			left--
		}
	}
	for i := range sample {
		if left > 0 && m.scores[i] == limit {
			m.chosen[i] = true
			left--
		}
	}
}

func (m *gapMeter) sum(sample []copied, side int) {
	for i := range 2 {
		clear(m.sums[i])
		clear(m.weights[i])
	}
	for i, c := range sample {
		sums, weights := c.split.row(c.at, side)
		column := 1
		if m.chosen[i] {
			column = 0
		}
		addInto(m.sums[column], sums)
		addInto(m.weights[column], weights)
	}
}

func addInto(total, x []float64) {
	total = total[:len(x)]
	for k, v := range x {
		total[k] += v
	}
}

// kthLargest reorders x and returns its k-th largest value.
func kthLargest(x []float64, k int) float64 {
	at := len(x) - k
	placeAt(x, 0, len(x)-1, at)
	return x[at]
}
