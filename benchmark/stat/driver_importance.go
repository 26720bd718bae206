package stat

import (
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mat"
)

// maxLMG is the number of predictors up to which all subsets are fitted.
const maxLMG = 15

// corrTable holds the correlations of p predictors and an outcome, the outcome last; row-major.
type corrTable struct {
	p int
	r []float64
}

func (c corrTable) at(i, j int) float64 { return c.r[i*(c.p+1)+j] }

// predictors is the correlation matrix of the predictors alone.
func (c corrTable) predictors() *mat.SymDense {
	m := mat.NewSymDense(c.p, nil)
	for i := range c.p {
		for j := i; j < c.p; j++ {
			m.SetSym(i, j, c.at(i, j))
		}
	}
	return m
}

// outcome are the correlations of the predictors with the outcome.
func (c corrTable) outcome() []float64 {
	r := make([]float64, c.p)
	for i := range r {
		r[i] = c.at(i, c.p)
	}
	return r
}

// regression is what all weights start from: eigenvalues and vectors of the
// predictors' correlations, standardized coefficients, variance inflation.
type regression struct {
	values    []float64
	vectors   mat.Dense
	beta, vif []float64
	r2        float64
}

// regress solves the regression; the set names the predictors that are
// collinear (smallest eigenvalue of their correlations under 1e-10).
func (c corrTable) regress() (fit regression, set []int) {
	var eigen mat.EigenSym
	if !eigen.Factorize(c.predictors(), true) {
		return fit, allOf(c.p)
	}
	fit.values = eigen.Values(nil)
	eigen.VectorsTo(&fit.vectors)
	if fit.values[0] < 1e-10 {
		for i := range c.p {
			if math.Abs(fit.vectors.At(i, 0)) > 1e-4 {
				set = append(set, i)
			}
		}
		return fit, set
	}
	fit.beta, fit.vif = make([]float64, c.p), make([]float64, c.p)
	r := c.outcome()
	for d, value := range fit.values {
		var along float64
		for i := range c.p {
			along += fit.vectors.At(i, d) * r[i]
		}
		for i := range c.p {
			v := fit.vectors.At(i, d)
			fit.beta[i] += v * along / value
			fit.vif[i] += v * v / value
		}
	}
	for i := range c.p {
		fit.r2 += fit.beta[i] * r[i]
	}
	return fit, nil
}

func allOf(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// johnson are Johnson's relative weights (2000): the predictors are replaced by
// their closest orthogonal counterparts, L the symmetric root of their
// correlations, b = (L^-1 r) o (L^-1 r), weights (L o L) b. They sum to R2.
func (c corrTable) johnson(fit regression) []float64 {
	p := c.p
	r := c.outcome()
	root := make([]float64, p*p)
	orthogonal := make([]float64, p)
	for d, value := range fit.values {
		s := math.Sqrt(max(value, 0))
		var along float64
		for i := range p {
			along += fit.vectors.At(i, d) * r[i]
		}
		for i := range p {
			v := fit.vectors.At(i, d)
			orthogonal[i] += v * along / s
			for j := range p {
				root[i*p+j] += v * s * fit.vectors.At(j, d)
			}
		}
	}
	weights := make([]float64, p)
	for i := range p {
		for j, o := range orthogonal {
			weights[i] += root[i*p+j] * root[i*p+j] * o * o
		}
	}
	return weights
}

// lmg averages, over all orders of entry, what each predictor adds to R2
// (Lindeman, Merenda and Gold 1980; the Shapley value). Every subset is fitted
// once: partialling one predictor out of the correlations is one step of a
// Cholesky factorization.
func (c corrTable) lmg() []float64 {
	p := c.p
	r2 := make([]float64, 1<<p)
	depth := make([][]float64, p+1)
	for d := range depth {
		depth[d] = make([]float64, (p+1)*(p+1))
	}
	copy(depth[0], c.r)
	c.subsets(r2, depth, 0, 0, 0)
	// Weight of a subset of size s that j is added to: s!(p-s-1)!/p!.
	weight := make([]float64, p)
	for s := range weight {
		weight[s] = 1 / (float64(p) * math.Exp(logChoose(p-1, s)))
	}
	shares := make([]float64, p)
	for j := range shares {
		var total Sum
		bit := 1 << j
		for set := range r2 {
			if set&bit == 0 {
				total.Add(weight[bits.OnesCount(uint(set))] * (r2[set|bit] - r2[set]))
			}
		}
		shares[j] = total.Value()
	}
	return shares
}

// subsets fills r2 for all sets that extend set by predictors from first on.
func (c corrTable) subsets(r2 []float64, depth [][]float64, level, set, first int) {
	side := c.p + 1
	from := depth[level]
	for i := first; i < c.p; i++ {
		pivot := from[i*side+i]
		to := depth[level+1]
		for a := i + 1; a < side; a++ {
			factor := from[a*side+i] / pivot
			for b := i + 1; b <= a; b++ {
				to[a*side+b] = from[a*side+b] - float64(factor*from[b*side+i])
			}
		}
		grown := set | 1<<i
		r2[grown] = 1 - to[side*side-1]
		c.subsets(r2, depth, level+1, grown, i+1)
	}
}

// lastR2 is what each predictor adds to R2 when it enters last: beta^2/VIF.
func (fit regression) lastR2() []float64 {
	last := make([]float64, len(fit.beta))
	for i, b := range fit.beta {
		last[i] = b * b / fit.vif[i]
	}
	return last
}
