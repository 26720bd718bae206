package stat

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Levels is the result of WithinAndBetween.
type Levels struct {
	Within        []Number `json:"within"`
	Between       []Number `json:"between"`
	SEWithin      []Number `json:"se_within"`
	SEBetween     []Number `json:"se_between"`
	Tau2          Number   `json:"tau2_reml"`
	Sigma2        Number   `json:"sigma2_reml"`
	LogLik        Number   `json:"loglik_reml"`
	N             int      `json:"n"`
	Organizations int      `json:"organizations"`
	Reasons       []Reason `json:"reasons"`
}

// WithinAndBetween separates what goes together inside organizations (slopes of
// x - mean_j) from what goes together between them (slopes of mean_j), in one
// regression with a random intercept per organization, fitted by restricted
// maximum likelihood (Enders and Tofighi 2007). The two may differ in size and
// sign: neither may be read as the other. Rows with a NaN are left out.
//
// Edge cases: no complete row no_valid_answers; one organization
// one_organization; one row in each no_replication; not more rows than
// coefficients too_few_rows; collinear or constant columns singular_matrix;
// variance between organizations estimated as 0 boundary_estimate.
func WithinAndBetween(y []float64, x [][]float64, org []int32) (*Levels, error) {
	if err := checkDrivers(y, x, &DriverOptions{Organization: org}); err != nil {
		return nil, err
	}
	if len(org) != len(y) {
		return nil, lengthMismatch("organizations", len(org), "rows", len(y))
	}
	p := len(x)
	out := &Levels{
		Within: make([]Number, p), Between: make([]Number, p),
		SEWithin: make([]Number, p), SEBetween: make([]Number, p), Reasons: []Reason{},
	}
	rows := completeRows(y, x)
	fit := newInterceptFit(y, x, org, rows)
	out.N, out.Organizations = len(rows), fit.organizations
	switch {
	case len(rows) == 0 || p == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case fit.organizations == 1:
		out.Reasons = []Reason{OneOrganization}
	case fit.organizations == len(rows):
		out.Reasons = []Reason{NoReplication}
	case len(rows) <= fit.q || fit.organizations <= p+1:
		out.Reasons = []Reason{TooFewRows}
	}
	if len(out.Reasons) > 0 {
		return out, nil
	}
	best, ok := fit.maximize()
	if !ok {
		out.Reasons = []Reason{SingularMatrix}
		return out, nil
	}
	if best.psi == 0 {
		out.Reasons = []Reason{BoundaryEstimate}
	}
	out.Tau2, out.Sigma2, out.LogLik = Some(best.psi*best.sigma2), Some(best.sigma2), Some(best.logLik)
	for k := range p {
		out.Within[k], out.Between[k] = Some(best.beta[1+k]), Some(best.beta[1+p+k])
		out.SEWithin[k], out.SEBetween[k] = Some(best.se(1+k)), Some(best.se(1+p+k))
	}
	return out, nil
}

// interceptFit holds the sums of a regression with a random intercept; columns
// are 1, the deviations, the organization means, and last the outcome.
type interceptFit struct {
	q, organizations int
	n                float64
	cross            []float64
	sizes            []interceptGroup
}

// interceptGroup sums s_j s_j' (s_j: column sums) over organizations of one size.
type interceptGroup struct {
	n, count float64
	outer    []float64
}

func newInterceptFit(y []float64, x [][]float64, org []int32, rows []int) *interceptFit {
	p := len(x)
	f := &interceptFit{q: 1 + 2*p, n: float64(len(rows))}
	side := f.q + 1
	f.cross = make([]float64, side*side)
	members := map[int32][]int{}
	var order []int32
	for _, i := range rows {
		if members[org[i]] == nil {
			order = append(order, org[i])
		}
		members[org[i]] = append(members[org[i]], i)
	}
	f.organizations = len(order)
	at := map[int]int{}
	row, sum := make([]float64, side), make([]float64, side)
	for _, j := range order {
		own := members[j]
		clear(sum)
		for k, column := range x {
			var total Sum
			for _, i := range own {
				total.Add(column[i])
			}
			row[1+p+k] = total.Value() / float64(len(own))
		}
		for _, i := range own {
			row[0], row[f.q] = 1, y[i]
			for k, column := range x {
				row[1+k] = column[i] - row[1+p+k]
			}
			for a := range side {
				sum[a] += row[a]
				for b := range a + 1 {
					f.cross[a*side+b] += float64(row[a] * row[b])
				}
			}
		}
		g, seen := at[len(own)]
		if !seen {
			g = len(f.sizes)
			at[len(own)] = g
			f.sizes = append(f.sizes, interceptGroup{n: float64(len(own)), outer: make([]float64, side*side)})
		}
		f.sizes[g].count++
		for a := range side {
			for b := range a + 1 {
				f.sizes[g].outer[a*side+b] += float64(sum[a] * sum[b])
			}
		}
	}
	return f
}

// interceptPoint is the fit at one ratio psi = tau2/sigma2.
type interceptPoint struct {
	psi, sigma2, logLik float64
	beta                []float64
	factor              mat.Cholesky
}

func (b *interceptPoint) se(k int) float64 {
	var inverse mat.SymDense
	if err := b.factor.InverseTo(&inverse); err != nil {
		return math.NaN()
	}
	return math.Sqrt(b.sigma2 * inverse.At(k, k))
}

// at solves generalized least squares at one psi; ok is false where the columns
// are collinear.
func (f *interceptFit) at(psi float64) (point *interceptPoint, ok bool) {
	side := f.q + 1
	table := append([]float64{}, f.cross...)
	logs := 0.0
	for _, g := range f.sizes {
		d := 1 + g.n*psi
		logs += g.count * math.Log(d)
		addScaled(table, g.outer, -psi/d)
	}
	normal := mat.NewSymDense(f.q, nil)
	right := mat.NewVecDense(f.q, nil)
	for a := range f.q {
		for b := range a + 1 {
			normal.SetSym(a, b, table[a*side+b])
		}
		right.SetVec(a, table[f.q*side+a])
	}
	point = &interceptPoint{psi: psi}
	if !point.factor.Factorize(normal) || point.factor.Cond() > 1e14 {
		return nil, false
	}
	var beta mat.VecDense
	if err := point.factor.SolveVecTo(&beta, right); err != nil {
		return nil, false
	}
	rss := table[f.q*side+f.q] - mat.Dot(&beta, right)
	free := f.n - float64(f.q)
	point.sigma2 = rss / free
	if !(point.sigma2 > 0) {
		return nil, false
	}
	point.beta = beta.RawVector().Data
	point.logLik = -0.5 * (free*(math.Log(2*math.Pi*point.sigma2)+1) + logs + point.factor.LogDet())
	return point, true
}

// maximize scans log psi, refines the best place and compares with psi = 0.
func (f *interceptFit) maximize() (*interceptPoint, bool) {
	best, ok := f.at(0)
	if !ok {
		return nil, false
	}
	const low, high, steps = -14.0, 10.0, 24
	logLik := func(logPsi float64) float64 {
		if point, ok := f.at(math.Exp(logPsi)); ok {
			return point.logLik
		}
		return math.Inf(-1)
	}
	place, top := low, math.Inf(-1)
	for i := range steps + 1 {
		at := low + (high-low)*float64(i)/steps
		if v := logLik(at); v > top {
			place, top = at, v
		}
	}
	found := minimizeBrent(func(v float64) float64 { return -logLik(v) }, place-1, place+1, 1e-10)
	if point, ok := f.at(math.Exp(found)); ok && point.logLik > best.logLik+1e-9 {
		best = point
	}
	return best, true
}
