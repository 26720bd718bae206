package benchmark

import (
	"math"
	"slices"
)

// cell is one part of a partition of people whose total is known.
type cell struct {
	n           int
	hidden      bool
	unpublished bool // never shown anywhere, though large enough
}

// protect hides further cells until the hidden ones can not be told from the
// total and the shown: at least two of them, and together at least the minimum
// group. A cell without people reveals nothing and is never hidden for itself.
// Cells under the minimum are hidden first, then the smallest that help.
func (g gate) protect(cells []cell) {
	for i := range cells {
		if cells[i].n > 0 && cells[i].n < g.minimum {
			cells[i].hidden, cells[i].unpublished = true, false
		}
	}
	for !g.safe(cells) {
		next := -1
		for i, c := range cells {
			if !c.hidden && !c.unpublished && c.n > 0 && (next < 0 || c.n < cells[next].n) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		cells[next].hidden = true
	}
}

// safe says whether no hidden cell of a partition can be computed by subtraction.
func (g gate) safe(cells []cell) bool {
	sensitive, count, people := 0, 0, 0
	for _, c := range cells {
		if c.n == 0 || !c.hidden && !c.unpublished {
			continue
		}
		count++
		people += c.n
		if c.hidden {
			sensitive++
		}
	}
	return sensitive == 0 || count >= 2 && people >= g.minimum
}

// protectSets hides own cells of organizations so that they can not be computed
// from the sets of organizations whose figures are published and the cells that
// are shown: neither from one set by subtraction nor from several together. n is
// the number of people per organization.
func (g gate) protectSets(n []int, sets [][]int) []bool {
	hidden := make([]bool, len(n))
	for j, people := range n {
		hidden[j] = people > 0 && people < g.minimum
	}
	for slices.Contains(hidden, true) {
		g.closeSets(n, sets, hidden)
		if !g.audit(n, sets, hidden) || !hideSmallest(n, hidden) {
			break
		}
	}
	return hidden
}

// closeSets makes every single set safe.
func (g gate) closeSets(n []int, sets [][]int, hidden []bool) {
	for changed := true; changed; {
		changed = false
		for _, set := range sets {
			cells := make([]cell, len(set))
			for i, j := range set {
				cells[i] = cell{n: n[j], hidden: hidden[j]}
			}
			g.protect(cells)
			for i, j := range set {
				changed = changed || cells[i].hidden != hidden[j]
				hidden[j] = cells[i].hidden
			}
		}
	}
}

// audit says whether the sets together determine a hidden cell, or a sum of
// hidden cells with fewer people than may be shown. What is shown can be
// subtracted, so each set is an equation in its hidden cells; the reduced row
// echelon form of all equations names what they determine.
func (g gate) audit(n []int, sets [][]int, hidden []bool) bool {
	column := map[int]int{}
	var members []int
	for j, h := range hidden {
		if h {
			column[j] = len(members)
			members = append(members, j)
		}
	}
	var rows [][]float64
	for _, set := range sets {
		equation := make([]float64, len(members))
		for _, j := range set {
			if c, ok := column[j]; ok {
				equation[c] = 1
			}
		}
		rows = append(rows, equation)
	}
	for _, equation := range echelon(rows) {
		count, people := 0, 0
		for c, v := range equation {
			if math.Abs(v) > echelonZero {
				count++
				people += n[members[c]]
			}
		}
		if count == 1 || count > 0 && people < g.minimum {
			return true
		}
	}
	return false
}

// echelonZero is what counts as zero among sums of zeros and ones.
const echelonZero = 1e-9

// echelon brings equations into reduced row echelon form; rows that say nothing
// are left out.
func echelon(rows [][]float64) [][]float64 {
	rank := 0
	for c := 0; len(rows) > 0 && c < len(rows[0]) && rank < len(rows); c++ {
		pivot := rank
		for r := rank; r < len(rows); r++ {
			if math.Abs(rows[r][c]) > math.Abs(rows[pivot][c]) {
				pivot = r
			}
		}
		if math.Abs(rows[pivot][c]) <= echelonZero {
			continue
		}
		rows[rank], rows[pivot] = rows[pivot], rows[rank]
		scale := rows[rank][c]
		for i := range rows[rank] {
			rows[rank][i] /= scale
		}
		for r := range rows {
			if factor := rows[r][c]; r != rank && factor != 0 {
				for i := range rows[r] {
					rows[r][i] -= float64(factor * rows[rank][i])
				}
			}
		}
		rank++
	}
	return rows[:rank]
}

// hideSmallest hides the smallest cell that is shown; false where there is none.
func hideSmallest(n []int, hidden []bool) bool {
	next := -1
	for j, people := range n {
		if !hidden[j] && people > 0 && (next < 0 || people < n[next]) {
			next = j
		}
	}
	if next < 0 {
		return false
	}
	hidden[next] = true
	return true
}
