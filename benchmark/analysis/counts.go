package analysis

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// counts are the sufficient statistics of a table: everything but the products
// of items is computed from them, so that no estimator walks the rows again.
type counts struct {
	items, organizations, points int
	key                          []int // positions of the items that make the index

	// hist[k][j*(points+1)+v] counts the answers v of organization j to item k;
	// v = 0 are the missing ones.
	hist [][]int32
	rows []int32 // respondents per organization

	meanScore []stat.Number // per organization: mean of the scores of its respondents

	score []float64 // per row: mean of the items answered, by the half rule; negative where missing
	agree []float64 // per row: share of the key items answered in the top box, by the half rule; negative where missing
}

// count walks the columns once, one column per core at a time.
func count(t *Table, key []int, top int) *counts {
	c := &counts{key: key, items: len(t.Items), organizations: len(t.Organizations), points: t.Columns.Points()}
	c.hist = make([][]int32, c.items)
	c.rows = make([]int32, c.organizations)
	for _, j := range t.Org {
		c.rows[j]++
	}
	inParallel(c.items, func(k int) { c.hist[k] = c.histogram(t.Answers[k], t.Org) })
	c.scoreRows(t, top)
	c.averageScores(t)
	return c
}

func (c *counts) averageScores(t *Table) {
	sum, n := make([]stat.Sum, c.organizations), make([]int, c.organizations)
	for i, score := range c.score {
		if score >= 0 {
			sum[t.Org[i]].Add(score)
			n[t.Org[i]]++
		}
	}
	c.meanScore = make([]stat.Number, c.organizations)
	for j := range sum {
		if n[j] > 0 {
			c.meanScore[j] = stat.Some(sum[j].Value() / float64(n[j]))
		}
	}
}

func (c *counts) histogram(column []uint8, org []int32) []int32 {
	width := int32(c.points + 1)
	hist := make([]int32, c.organizations*int(width))
	for i, v := range column {
		hist[org[i]*width+int32(v)]++
	}
	return hist
}

// scoreRows computes each respondent's mean score and share of agreement, a
// block of rows at a time so that the sums stay in the cache.
func (c *counts) scoreRows(t *Table, top int) {
	c.score, c.agree = make([]float64, t.Rows), make([]float64, t.Rows)
	bar := uint32(c.points - top + 1)
	const block = 4096
	inParallel((t.Rows+block-1)/block, func(b int) {
		from, to := b*block, min((b+1)*block, t.Rows)
		var sum, valid [block]uint32
		for _, column := range t.Answers {
			for i, v := range column[from:to] {
				sum[i] += uint32(v)
				valid[i] += atLeast(v, 1)
			}
		}
		halfRule(c.score[from:to], sum[:], valid[:], c.items)
		clear(sum[:])
		clear(valid[:])
		for _, k := range c.key {
			for i, v := range t.Answers[k][from:to] {
				sum[i] += atLeast(v, bar)
				valid[i] += atLeast(v, 1)
			}
		}
		halfRule(c.agree[from:to], sum[:], valid[:], len(c.key))
	})
}

// atLeast is 1 if v >= bar, else 0, without a branch.
func atLeast(v uint8, bar uint32) uint32 { return (uint32(v) + 256 - bar) >> 8 }

// halfRule writes sum/valid where at least half of the items were answered, -1 elsewhere.
func halfRule(out []float64, sum, valid []uint32, items int) {
	least := uint32((items + 1) / 2)
	for i := range out {
		out[i] = -1
		if valid[i] >= least && valid[i] > 0 {
			out[i] = float64(sum[i]) / float64(valid[i])
		}
	}
}

// seed follows from what was answered where, and not from the order of rows.
func (c *counts) seed(t *Table) uint64 {
	hash := sha256.New()
	for _, name := range slices.Concat(t.Items, t.Organizations) {
		fmt.Fprintf(hash, "%q,", name)
	}
	for _, hist := range c.hist {
		text := make([]byte, 0, 4*len(hist))
		for _, n := range hist {
			text = binary.LittleEndian.AppendUint32(text, uint32(n))
		}
		hash.Write(text)
	}
	return binary.BigEndian.Uint64(hash.Sum(nil))
}

// cell returns the histogram of organization j on item k, index 0 = missing.
func (c *counts) cell(k, j int) []int32 {
	width := c.points + 1
	return c.hist[k][j*width : (j+1)*width]
}

// total returns the histogram of item k over all organizations.
func (c *counts) total(k int) []int {
	total := make([]int, c.points+1)
	for j := range c.organizations {
		for v, n := range c.cell(k, j) {
			total[v] += int(n)
		}
	}
	return total
}

// inParallel runs the tasks 0..n-1 on all cores; each writes its own place, so
// the number of cores can not change a digit.
func inParallel(n int, task func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			for i := range next {
				task(i)
			}
		})
	}
	wait.Wait()
}
