package stat

import "math"

// minSplit is the number of respondents under which an organization is not
// split into halves.
const minSplit = 4

// halves is one random split of all organizations: the index of each half and,
// per half, organization and item, the weight and weighted share of agreement.
type halves struct {
	index  [2][]float64
	weight [2][]float64
	sum    [2][]float64
}

// splitter draws splits. Its rows are the organizations that can be split.
type splitter struct {
	bits      *AgreeBits
	shares    []float64
	mix       []float64
	weighting Weighting
	usable    []int // organizations with at least four respondents
}

// newHalves returns memory for one split.
func (s *splitter) newHalves() *halves {
	h := &halves{}
	cells := len(s.usable) * s.bits.items
	for side := range 2 {
		h.index[side] = make([]float64, len(s.usable))
		h.weight[side] = make([]float64, cells)
		h.sum[side] = make([]float64, cells)
	}
	return h
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

// rawIndex is the index of OrganizationIndex without its variance.
func rawIndex(roles []Moments, mix []float64) float64 {
	all := pool(roles)
	if all.N == 0 {
		return math.NaN()
	}
	if mix == nil {
		return all.Sum / float64(all.N)
	}
	weights, _ := roleWeights(roles, mix)
	var weight, total float64
	for r, m := range roles {
		weight += weights[r] * float64(m.N)
		total += float64(weights[r] * m.Sum)
	}
	return total / weight
}

func (s *splitter) fill(h *halves, side, u, rows int, counts itemCounts) {
	items := s.bits.items
	weights, sums := h.weight[side][u*items:], h.sum[side][u*items:]
	for k := range items {
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
	items, top      int
	eligible        []bool
	scores, scratch []float64
	wc, all         [2][]float64 // weight, weighted sum per item
	chosen          []bool
	gaps            []float64
}

func newGapMeter(organizations, items, top int, eligible []bool) *gapMeter {
	m := &gapMeter{items: items, top: top, eligible: eligible}
	m.scores, m.scratch = make([]float64, organizations), make([]float64, 0, organizations)
	m.chosen = make([]bool, organizations)
	for i := range 2 {
		m.wc[i], m.all[i] = make([]float64, items), make([]float64, items)
	}
	m.gaps = make([]float64, items)
	return m
}

// measure returns the gap of every item, averaged over the two directions; NaN
// where a column is empty in both. The slice is reused by the next call.
func (m *gapMeter) measure(sample []copied) []float64 {
	clear(m.gaps)
	for side := range 2 {
		m.choose(sample, side)
		m.sum(sample, 1-side)
		for k := range m.gaps {
			rest := m.all[0][k] - m.wc[0][k]
			gap := math.NaN()
			if m.wc[0][k] > 0 && rest > 1e-9*m.all[0][k] {
				gap = m.wc[1][k]/m.wc[0][k] - (m.all[1][k]-m.wc[1][k])/rest
			}
			m.gaps[k] += gap / 2
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
		clear(m.wc[i])
		clear(m.all[i])
	}
	for i, c := range sample {
		weights := c.split.weight[side][c.at*m.items : (c.at+1)*m.items]
		sums := c.split.sum[side][c.at*m.items : (c.at+1)*m.items]
		addInto(m.all[0], weights)
		addInto(m.all[1], sums)
		if m.chosen[i] {
			addInto(m.wc[0], weights)
			addInto(m.wc[1], sums)
		}
	}
}

func addInto(total, x []float64) {
	total = total[:len(x)]
	for k, v := range x {
		total[k] += v
	}
}

// kthLargest reorders x and returns its k-th largest value (quickselect with
// the middle as pivot; after too many rounds it would still end, only later).
func kthLargest(x []float64, k int) float64 {
	low, high := 0, len(x)-1
	at := len(x) - k
	for low < high {
		pivot := medianOfThree(x[low], x[(low+high)/2], x[high])
		i, j := low, high
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case at <= j:
			high = j
		case at >= i:
			low = i
		default:
			return x[at]
		}
	}
	return x[at]
}

func medianOfThree(a, b, c float64) float64 {
	return max(min(a, b), min(max(a, b), c))
}
