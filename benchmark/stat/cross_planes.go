package stat

import (
	"encoding/binary"
	"math/bits"
	"runtime"
	"sync"
)

// Crosses holds for every pair of items the exact sums over the respondents who
// answered both. All matrices are Items x Items, row-major.
type Crosses struct {
	Items int
	N     []int64 // respondents who answered both
	Sum   []int64 // Sum[i*Items+j]: sum of x_i over them
	Cross []int64 // sum of x_i * x_j over them
}

// CrossProducts returns the sums of products of all pairs of columns of
// answers 1..127, 0 = missing. With listwise set only rows that are complete in
// every column count.
//
// Answers are small integers, so each column is cut into bit planes and a
// product of columns becomes a sum of 2^(a+b) popcount(plane a AND plane b): 64
// respondents at a time, and exact. Panics if the columns differ in length.
func CrossProducts(columns [][]uint8, listwise bool) Crosses {
	k := len(columns)
	c := Crosses{Items: k, N: make([]int64, k*k), Sum: make([]int64, k*k), Cross: make([]int64, k*k)}
	if k == 0 {
		return c
	}
	for _, column := range columns {
		if len(column) != len(columns[0]) {
			panic("stat: columns of different length")
		}
	}
	planes := cutPlanes(columns, listwise)
	if listwise {
		c.fillShared(planes)
	}
	var wait sync.WaitGroup
	rows := make(chan int, k)
	for range min(runtime.GOMAXPROCS(0), k) {
		wait.Go(func() {
			for i := range rows {
				c.fillRow(planes, i, listwise)
			}
		})
	}
	for i := range k {
		rows <- i
	}
	close(rows)
	wait.Wait()
	c.mirror()
	return c
}

// fillShared fills what does not depend on the other item when only complete
// rows are left: their number and the sum of each item.
func (c Crosses) fillShared(planes []planeSet) {
	n := popAnd(planes[0].valid, planes[0].valid)
	for i, p := range planes {
		var sum int64
		for a, plane := range p.bit {
			sum += popAnd(plane, plane) << a
		}
		for j := range c.Items {
			c.N[i*c.Items+j], c.Sum[i*c.Items+j] = n, sum
		}
	}
}

// fillRow computes the cells (i, j) for j >= i; rows are disjoint, so that
// several may be filled at once.
func (c Crosses) fillRow(planes []planeSet, i int, listwise bool) {
	for j := i; j < c.Items; j++ {
		at := i*c.Items + j
		if listwise {
			c.Cross[at] = pairCross(planes[i], planes[j])
			continue
		}
		n, sumI, sumJ, cross := pairSums(planes[i], planes[j])
		c.N[at], c.Cross[at], c.Sum[at] = n, cross, sumI
		c.Sum[j*c.Items+i] = sumJ
	}
}

func (c Crosses) mirror() {
	for i := range c.Items {
		for j := range i {
			c.N[i*c.Items+j] = c.N[j*c.Items+i]
			c.Cross[i*c.Items+j] = c.Cross[j*c.Items+i]
		}
	}
}

// Covariance returns the matrix of covariances over pairwise complete rows,
// divisor n-1; a cell with fewer than two rows is missing.
func (c Crosses) Covariance() []Number {
	cov := make([]Number, len(c.N))
	for i := range c.Items {
		for j := range c.Items {
			at := i*c.Items + j
			if n := c.N[at]; n > 1 {
				// n*Sxy - Sx*Sy in integers: no digit is lost to cancellation
				d := n*c.Cross[at] - c.Sum[at]*c.Sum[j*c.Items+i]
				cov[at] = Some(float64(d) / float64(n) / float64(n-1))
			}
		}
	}
	return cov
}

// planeSet is one column as bit planes, 64 rows a word; valid is their union.
type planeSet struct {
	bit   [][]uint64
	valid []uint64
}

func cutPlanes(columns [][]uint8, listwise bool) []planeSet {
	sets := make([]planeSet, len(columns))
	for k, column := range columns {
		sets[k] = cutColumn(column)
	}
	if !listwise {
		return sets
	}
	complete := append([]uint64(nil), sets[0].valid...)
	for _, s := range sets[1:] {
		for w := range complete {
			complete[w] &= s.valid[w]
		}
	}
	for _, s := range sets {
		for _, plane := range append(s.bit, s.valid) {
			for w := range plane {
				plane[w] &= complete[w]
			}
		}
	}
	return sets
}

func cutColumn(column []uint8) planeSet {
	var all uint8
	for _, v := range column {
		all |= v
	}
	words := (len(column) + 63) / 64
	s := planeSet{bit: make([][]uint64, bits.Len8(all)), valid: make([]uint64, words)}
	for b := range s.bit {
		s.bit[b] = make([]uint64, words)
		for at := 0; at < len(column); at += 8 {
			s.bit[b][at/64] |= gather(column, at, b) << (at % 64)
		}
		for w, plane := range s.bit[b] {
			s.valid[w] |= plane
		}
	}
	return s
}

// gather collects bit b of eight answers into the low byte: the multiplication
// moves the lowest bit of each byte to its place in the highest byte.
func gather(column []uint8, at, b int) uint64 {
	var word uint64
	if at+8 <= len(column) {
		word = binary.LittleEndian.Uint64(column[at:])
	} else {
		for i, v := range column[at:] {
			word |= uint64(v) << (8 * i)
		}
	}
	const low, spread = 0x0101010101010101, 0x0102040810204080
	return (word >> b & low) * spread >> 56
}

// planeBlock is how many words of a plane are walked at a time: all planes of two
// columns stay in the first-level cache.
const planeBlock = 512

// pairCross is the sum of products of two columns.
func pairCross(x, y planeSet) (cross int64) {
	for from := 0; from < len(x.valid); from += planeBlock {
		to := min(from+planeBlock, len(x.valid))
		for a, px := range x.bit {
			for b, py := range y.bit {
				cross += popAnd(px[from:to], py[from:to]) << (a + b)
			}
		}
	}
	return cross
}

// pairSums adds the sums of both columns over the rows that are valid in both.
func pairSums(x, y planeSet) (n, sumX, sumY, cross int64) {
	for from := 0; from < len(x.valid); from += planeBlock {
		to := min(from+planeBlock, len(x.valid))
		n += popAnd(x.valid[from:to], y.valid[from:to])
		for a, px := range x.bit {
			sumX += popAnd(px[from:to], y.valid[from:to]) << a
		}
		for b, py := range y.bit {
			sumY += popAnd(x.valid[from:to], py[from:to]) << b
		}
	}
	return n, sumX, sumY, pairCross(x, y)
}

// popAnd counts the bits set in both; four counters keep the processor busy.
func popAnd(x, y []uint64) int64 {
	var one, two, three, four int
	y = y[:len(x)]
	for len(x) >= 4 {
		one += bits.OnesCount64(x[0] & y[0])
		two += bits.OnesCount64(x[1] & y[1])
		three += bits.OnesCount64(x[2] & y[2])
		four += bits.OnesCount64(x[3] & y[3])
		x, y = x[4:], y[4:]
	}
	for i, w := range x {
		one += bits.OnesCount64(w & y[i])
	}
	return int64(one + two + three + four)
}
