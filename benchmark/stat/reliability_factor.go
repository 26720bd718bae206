package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// FactorResult is a model with one common factor.
type FactorResult struct {
	Omega      Number    `json:"omega_total"`
	AVE        Number    `json:"ave"`
	Loadings   []float64 `json:"loadings"`
	Uniqueness []float64 `json:"uniqueness"`
	Reasons    []Reason  `json:"reasons"`
}

// lowestUniqueness is where a uniqueness counts as 0, the bound that R's
// factanal sets.
const lowestUniqueness = 0.005

// OneFactor fits one common factor to a k x k matrix of correlations by maximum
// likelihood (Joreskog 1967: the loadings are profiled out as the first
// eigenvector of the scaled matrix, the uniquenesses are searched on the log
// scale). omega_total = (sum l)^2/((sum l)^2 + sum uniqueness), ave = mean l^2.
//
// Under three items: too_few_items. Smallest eigenvalue of R under 1e-10:
// singular_matrix. A uniqueness at 0: heywood. No maximum found: not_converged.
// All results are missing then.
func OneFactor(correlations []float64, k int) FactorResult {
	r := FactorResult{Reasons: []Reason{}}
	if k < 3 {
		r.Reasons = append(r.Reasons, TooFewItems)
		return r
	}
	model := factorModel{mat.NewSymDense(k, append([]float64(nil), correlations...))}
	var eigen mat.EigenSym
	if !eigen.Factorize(model.cor, false) || eigen.Values(nil)[0] < 1e-10 {
		r.Reasons = append(r.Reasons, SingularMatrix)
		return r
	}
	uniqueness, ok := model.fit()
	if !ok {
		r.Reasons = append(r.Reasons, NotConverged)
		return r
	}
	for _, u := range uniqueness {
		if u <= lowestUniqueness {
			r.Reasons = append(r.Reasons, Heywood)
			return r
		}
	}
	r.Uniqueness = uniqueness
	r.Loadings, _ = model.loadings(uniqueness)
	r.summarize()
	return r
}

func (r *FactorResult) summarize() {
	total := Total(r.Loadings)
	if total < 0 {
		total = -total
		for i := range r.Loadings {
			r.Loadings[i] = -r.Loadings[i]
		}
	}
	var unique, squares Sum
	for _, l := range r.Loadings {
		unique.Add(1 - float64(l*l))
		squares.Add(float64(l * l))
	}
	r.Omega = Some(float64(total*total) / (float64(total*total) + unique.Value()))
	r.AVE = Some(squares.Value() / float64(len(r.Loadings)))
}

type factorModel struct{ cor *mat.SymDense }

// fit walks down the discrepancy by Newton steps in the logarithms of the
// uniquenesses, with Joreskog's approximation of the second derivatives and
// halving of steps that lead up. It stops early where a uniqueness goes to 0.
func (m factorModel) fit() (uniqueness []float64, ok bool) {
	theta, ok := m.start()
	if !ok {
		return nil, false
	}
	value := m.discrepancy(exponentials(theta))
	for range 500 {
		step, steepest, ok := m.newtonStep(exponentials(theta))
		if !ok {
			return nil, false
		}
		if steepest < 1e-10 {
			return exponentials(theta), true
		}
		next, lower := m.descend(theta, step, value)
		if !(lower < value) || slices.Min(next) < math.Log(lowestUniqueness)-3 {
			return exponentials(theta), steepest < 1e-5 || slices.Min(next) < math.Log(lowestUniqueness)
		}
		theta, value = next, lower
	}
	return exponentials(theta), false
}

// start is half the residual variance of each item given the others.
func (m factorModel) start() ([]float64, bool) {
	k := m.cor.SymmetricDim()
	var cholesky mat.Cholesky
	var inverse mat.SymDense
	if !cholesky.Factorize(m.cor) || cholesky.InverseTo(&inverse) != nil {
		return nil, false
	}
	theta := make([]float64, k)
	for i := range theta {
		theta[i] = math.Log(math.Min(1, (1-0.5/float64(k))/inverse.At(i, i)))
	}
	return theta, true
}

// descend halves the step until the discrepancy falls.
func (m factorModel) descend(theta, step []float64, value float64) (next []float64, lower float64) {
	next = make([]float64, len(theta))
	for size := 1.0; size > 1e-9; size /= 2 {
		for i := range theta {
			next[i] = theta[i] - float64(size*step[i])
		}
		if lower = m.discrepancy(exponentials(next)); lower < value {
			return next, lower
		}
	}
	return theta, value
}

// newtonStep solves G step = gradient, G_ij the squared sum over all
// eigenvectors but the first of w_i w_j. No element exceeds 2.
func (m factorModel) newtonStep(uniqueness []float64) (step []float64, steepest float64, ok bool) {
	values, vectors, ok := m.decomposed(uniqueness)
	if !ok {
		return nil, 0, false
	}
	k := len(uniqueness)
	gradient, second := mat.NewVecDense(k, nil), mat.NewSymDense(k, nil)
	for i := range k {
		w := vectors.At(i, k-1)
		g := float64(w*w*math.Max(0, values[k-1]-1)) + 1 - m.cor.At(i, i)/uniqueness[i]
		gradient.SetVec(i, g)
		steepest = math.Max(steepest, math.Abs(g))
		for j := i; j < k; j++ {
			rest := float64(-w * vectors.At(j, k-1))
			if i == j {
				rest++
			}
			second.SetSym(i, j, float64(rest*rest))
		}
		second.SetSym(i, i, second.At(i, i)+1e-10)
	}
	var cholesky mat.Cholesky
	var solution mat.VecDense
	if !cholesky.Factorize(second) || cholesky.SolveVecTo(&solution, gradient) != nil {
		solution.CloneFromVec(gradient)
	}
	step = make([]float64, k)
	for i := range step {
		step[i] = math.Max(-2, math.Min(2, solution.AtVec(i)))
	}
	return step, steepest, true
}

func exponentials(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Exp(math.Max(-30, math.Min(5, v)))
	}
	return y
}

// scaled is the matrix whose rows and columns are divided by the roots of the
// uniquenesses.
func (m factorModel) scaled(uniqueness []float64) *mat.SymDense {
	k := len(uniqueness)
	s := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			s.SetSym(i, j, m.cor.At(i, j)/math.Sqrt(uniqueness[i]*uniqueness[j]))
		}
	}
	return s
}

// decomposed decomposes the scaled matrix; eigenvalues ascend.
func (m factorModel) decomposed(uniqueness []float64) (values []float64, vectors *mat.Dense, ok bool) {
	var eigen mat.EigenSym
	if !eigen.Factorize(m.scaled(uniqueness), true) {
		return nil, nil, false
	}
	vectors = &mat.Dense{}
	eigen.VectorsTo(vectors)
	return eigen.Values(nil), vectors, true
}

// discrepancy is the likelihood ratio function with the loadings profiled out:
// the sum over all eigenvalues but the largest of v - log v - 1.
func (m factorModel) discrepancy(uniqueness []float64) float64 {
	var eigen mat.EigenSym
	if !eigen.Factorize(m.scaled(uniqueness), false) { // without vectors it costs a fraction
		return math.Inf(1)
	}
	values := eigen.Values(nil)
	var total float64
	for _, v := range values[:len(values)-1] {
		if v <= 0 {
			return math.Inf(1)
		}
		total += v - math.Log(v) - 1
	}
	return total
}

// loadings of the factor given the uniquenesses.
func (m factorModel) loadings(uniqueness []float64) ([]float64, bool) {
	values, vectors, ok := m.decomposed(uniqueness)
	if !ok {
		return nil, false
	}
	k := len(uniqueness)
	scale := math.Sqrt(math.Max(0, values[k-1]-1))
	loadings := make([]float64, k)
	for i := range loadings {
		loadings[i] = math.Sqrt(uniqueness[i]) * scale * vectors.At(i, k-1)
	}
	return loadings, true
}
