package stat

import "math"

// The generator of known truth (methods, section 26). Everything it makes
// follows from a seed, a task and an index.

// simulatedShares are answers to one item: n_j people per organization, shares
// th_j ~ Beta(p M, (1-p) M) with M = 1/icc - 1 (icc 0: th_j = p).
type simulatedShares struct {
	truth []float64
	y, n  []int
}

func simulateShares(s *Stream, sizes []int, p, icc float64) simulatedShares {
	sim := simulatedShares{make([]float64, len(sizes)), make([]int, len(sizes)), sizes}
	for j, n := range sizes {
		sim.truth[j] = p
		if icc > 0 {
			m := 1/icc - 1
			sim.truth[j] = s.Beta(p*m, (1-p)*m)
		}
		for range n {
			if s.Float64() < sim.truth[j] {
				sim.y[j]++
			}
		}
	}
	return sim
}

// equalSizes are J organizations of n people.
func equalSizes(organizations, n int) []int {
	sizes := make([]int, organizations)
	for j := range sizes {
		sizes[j] = n
	}
	return sizes
}

// unequalSizes are negative binomial with the given mean and shape 2, at least
// four people each.
func unequalSizes(s *Stream, organizations int, mean float64) []int {
	sizes := make([]int, organizations)
	for j := range sizes {
		sizes[j] = 4 + s.poisson((mean-4)*s.Gamma(2)/2)
	}
	return sizes
}

// wave describes simulated multi-item data: on the logit, each item has the
// same base, organizations differ by organizationSD, persons by personSD.
type wave struct {
	sizes                    []int
	items                    int
	base                     float64
	organizationSD, personSD float64
	missing                  float64 // probability that an answer is missing
}

// answers are the columns of a simulated wave, with the true organization
// effects.
type answers struct {
	columns [][]int8
	org     []int32
	effect  []float64
}

func (w wave) simulate(s *Stream) answers {
	out := answers{columns: make([][]int8, w.items), effect: make([]float64, len(w.sizes))}
	for j, n := range w.sizes {
		out.effect[j] = w.organizationSD * s.Normal()
		for range n {
			out.org = append(out.org, int32(j))
			logit := w.base + out.effect[j] + float64(w.personSD*s.Normal())
			p := 1 / (1 + math.Exp(-logit))
			for k := range out.columns {
				y := int8(0)
				if s.Float64() < p {
					y = 1
				}
				if w.missing > 0 && s.Float64() < w.missing {
					y = -1
				}
				out.columns[k] = append(out.columns[k], y)
			}
		}
	}
	return out
}

// allItems is 0..n-1.
func allItems(n int) []int {
	items := make([]int, n)
	for k := range items {
		items[k] = k
	}
	return items
}
