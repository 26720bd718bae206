package stat

import (
	"math"
	"sort"
)

func sortBySize(order, sizes []int) {
	sort.SliceStable(order, func(a, b int) bool { return sizes[order[a]] > sizes[order[b]] })
}

// silhouette is the mean over all points of (b - a)/max(a, b): a the mean
// distance to the own cluster, b that to the nearest other one; 0 for a point
// alone in its cluster (Rousseeuw 1987).
func silhouette(points [][]float64, of []int, sizes []int) float64 {
	width := make([]float64, len(points))
	inBlocks(len(points), 64, func(from, to int) {
		sums := make([]float64, len(sizes))
		for i := from; i < to; i++ {
			clear(sums)
			for j, x := range points {
				sums[of[j]] += math.Sqrt(distance2(points[i], x))
			}
			own := of[i]
			if sizes[own] < 2 {
				continue
			}
			a, b := sums[own]/float64(sizes[own]-1), math.Inf(1)
			for c, s := range sums {
				if c != own && sizes[c] > 0 {
					b = min(b, s/float64(sizes[c]))
				}
			}
			if m := max(a, b); m > 0 && !math.IsInf(b, 1) {
				width[i] = (b - a) / m
			}
		}
	})
	return average(width)
}

// wardClusters cuts Ward's tree (squared Euclidean distances, ward.D2) into the
// given number of clusters. The tree is built by nearest-neighbour chains, which
// take time and memory in proportion to the square of the number of points.
func wardClusters(points [][]float64, clusters int) []int {
	n := len(points)
	d := make([][]float64, n)
	for i := range d {
		d[i] = make([]float64, i)
		for j := range i {
			d[i][j] = distance2(points[i], points[j])
		}
	}
	tree := wardTree{d: d, size: make([]float64, n), alive: make([]bool, n)}
	for i := range n {
		tree.size[i], tree.alive[i] = 1, true
	}
	merges := tree.chain(n)
	sort.SliceStable(merges, func(a, b int) bool { return merges[a].height < merges[b].height })
	parent := allOf(n)
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, m := range merges[:max(n-clusters, 0)] {
		parent[root(m.a)] = root(m.b)
	}
	label := map[int]int{}
	of := make([]int, n)
	for i := range of {
		r := root(i)
		if _, seen := label[r]; !seen {
			label[r] = len(label)
		}
		of[i] = label[r]
	}
	return of
}

// wardMerge joins the clusters that hold the points a and b.
type wardMerge struct {
	a, b   int
	height float64
}

// wardTree holds the distances of living clusters, each named by one of its points.
type wardTree struct {
	d     [][]float64
	size  []float64
	alive []bool
}

func (w *wardTree) between(i, j int) float64 {
	if i < j {
		i, j = j, i
	}
	return w.d[i][j]
}

func (w *wardTree) nearest(i, before int) int {
	best, least := -1, math.Inf(1)
	if before >= 0 {
		best, least = before, w.between(i, before)
	}
	for j := range w.alive {
		if w.alive[j] && j != i && w.between(i, j) < least {
			best, least = j, w.between(i, j)
		}
	}
	return best
}

func (w *wardTree) chain(n int) []wardMerge {
	merges := make([]wardMerge, 0, n-1)
	var chain []int
	for first := 0; len(merges) < n-1; {
		if len(chain) == 0 {
			for !w.alive[first] {
				first++
			}
			chain = append(chain, first)
		}
		tip := chain[len(chain)-1]
		before := -1
		if len(chain) > 1 {
			before = chain[len(chain)-2]
		}
		next := w.nearest(tip, before)
		if next != before {
			chain = append(chain, next)
			continue
		}
		chain = chain[:len(chain)-2]
		merges = append(merges, wardMerge{tip, next, w.between(tip, next)})
		w.join(tip, next)
	}
	return merges
}

// join merges a into b by the formula of Lance and Williams.
func (w *wardTree) join(a, b int) {
	height := w.between(a, b)
	w.alive[a] = false
	for k, alive := range w.alive {
		if !alive || k == b {
			continue
		}
		total := w.size[a] + w.size[b] + w.size[k]
		v := ((w.size[a]+w.size[k])*w.between(a, k) + (w.size[b]+w.size[k])*w.between(b, k) - w.size[k]*height) / total
		if k > b {
			w.d[k][b] = v
		} else {
			w.d[b][k] = v
		}
	}
	w.size[b] += w.size[a]
}

// AdjustedRand is the adjusted Rand index of two partitions (Hubert and Arabie
// 1985): 1 for the same partition, about 0 for unrelated ones. Missing for
// different lengths, fewer than two points or two trivial partitions.
func AdjustedRand(x, y []int) Number {
	if len(x) != len(y) || len(x) < 2 {
		return Number{}
	}
	cells, rows, columns := map[[2]int]float64{}, map[int]float64{}, map[int]float64{}
	for i := range x {
		cells[[2]int{x[i], y[i]}]++
		rows[x[i]]++
		columns[y[i]]++
	}
	pairs := func(n float64) float64 { return n * (n - 1) / 2 }
	var both, one, two float64 // whole numbers: the order of maps changes nothing
	for _, n := range cells {
		both += pairs(n)
	}
	for _, n := range rows {
		one += pairs(n)
	}
	for _, n := range columns {
		two += pairs(n)
	}
	expected := one * two / pairs(float64(len(x)))
	if (one+two)/2 == expected {
		return Number{}
	}
	return Some((both - expected) / ((one+two)/2 - expected))
}
