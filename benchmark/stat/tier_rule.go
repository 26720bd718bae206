package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// ruleDraws is the number of draws behind p_rule where none is asked for.
const ruleDraws = 10000

// RuleInput is what a rule on several practices needs.
type RuleInput struct {
	// Shares[j][k] is organization j's share of agreement with practice k, N[j]
	// its respondents (0 leaves it out).
	Shares [][]float64
	N      []int
	// Within is the pooled covariance of the answers of people inside
	// organizations, K x K row-major.
	Within []float64
	// AtLeast practices must reach Cut.
	AtLeast int
	Cut     float64
	Seed    uint64
	Draws   int // 0 means 10,000
}

// RuleOutcome is the result of TierByRule.
type RuleOutcome struct {
	P []Number `json:"p_rule"`
	// PosteriorMeans are the shrunk shares per organization, nil where left out.
	PosteriorMeans [][]float64 `json:"share_posterior_mean"`
	Organizations  int         `json:"organizations"`
	Replicates     int         `json:"replicates"`
	Seed           uint64      `json:"seed"`
	Reasons        []Reason    `json:"reasons"`
}

// TierByRule is the probability that an organization's true shares meet a rule
// such as "at least 10 of 12 practices at 60% or more", with all practices
// shrunk together: p_j ~ N_K(th_j, Sw/n_j), th_j ~ N_K(mu, T), T = (MSB - MSW)/n0
// as matrices with negative eigenvalues set to 0; posterior mean mu + B_j(p_j -
// mu), covariance T - B_j T, B_j = T(T + Sw/n_j)^-1; p_rule is the share of
// seeded draws in which the rule holds.
//
// Edge cases: nobody no_valid_answers; one organization one_organization; fewer
// than ten few_organizations and no P; one respondent each no_replication; T = 0
// no_detectable_difference, all shrunk to the mean.
func TierByRule(in RuleInput) (*RuleOutcome, error) {
	present, err := in.check()
	if err != nil {
		return nil, err
	}
	if in.Draws == 0 {
		in.Draws = ruleDraws
	}
	organizations := len(in.N)
	out := &RuleOutcome{
		P: make([]Number, organizations), PosteriorMeans: make([][]float64, organizations),
		Organizations: len(present), Replicates: in.Draws, Seed: in.Seed, Reasons: []Reason{},
	}
	total := 0
	for _, j := range present {
		total += in.N[j]
	}
	switch {
	case len(present) == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case len(present) == 1:
		out.Reasons = []Reason{OneOrganization}
	case total == len(present):
		out.Reasons = []Reason{NoReplication}
	case len(present) < minOrganizations:
		out.Reasons = []Reason{FewOrganizations}
	}
	if len(out.Reasons) > 0 {
		return out, nil
	}
	model, ok := newRuleModel(in, present)
	if !ok {
		out.Reasons = []Reason{SingularMatrix}
		return out, nil
	}
	if mat.Trace(model.between) == 0 {
		out.Reasons = append(out.Reasons, NoDetectableDifference)
	}
	inParallel(len(present), func(i int) {
		j := present[i]
		mean, root := model.posterior(in.Shares[j], in.N[j])
		out.PosteriorMeans[j] = mean
		out.P[j] = Some(in.holds(mean, root, NewStream(in.Seed, "rule", j)))
	})
	return out, nil
}

func (in RuleInput) check() (present []int, err error) {
	if len(in.Shares) != len(in.N) {
		return nil, lengthMismatch("shares", len(in.Shares), "sizes", len(in.N))
	}
	items := -1
	for j, n := range in.N {
		if n < 0 {
			return nil, &InputError{"invalid_value", j, 0, fmt.Sprintf("%d respondents", n)}
		}
		if n == 0 {
			continue
		}
		if items < 0 {
			items = len(in.Shares[j])
		}
		if len(in.Shares[j]) != items || len(in.Within) != items*items || items == 0 {
			return nil, &InputError{"length_mismatch", j, -1, fmt.Sprintf("%d shares, covariance of %d cells", len(in.Shares[j]), len(in.Within))}
		}
		for k, p := range in.Shares[j] {
			if !(p >= 0 && p <= 1) {
				return nil, &InputError{"invalid_value", j, k, fmt.Sprintf("share %v", p)}
			}
		}
		present = append(present, j)
	}
	return present, nil
}

// ruleModel is the multivariate normal model of all practices.
type ruleModel struct {
	items           int
	mean            []float64
	between, within *mat.SymDense
}

func newRuleModel(in RuleInput, present []int) (*ruleModel, bool) {
	items := len(in.Shares[present[0]])
	m := &ruleModel{items: items, mean: make([]float64, items), within: mat.NewSymDense(items, nil)}
	var total, squares float64
	for _, j := range present {
		n := float64(in.N[j])
		total += n
		squares += n * n
		addScaled(m.mean, in.Shares[j], n)
	}
	for k := range m.mean {
		m.mean[k] /= total
	}
	groups := float64(len(present))
	n0 := (total - squares/total) / (groups - 1)
	between := mat.NewSymDense(items, nil)
	for a := range items {
		for b := a; b < items; b++ {
			var sum Sum
			for _, j := range present {
				sum.Add(float64(in.N[j]) * (in.Shares[j][a] - m.mean[a]) * (in.Shares[j][b] - m.mean[b]))
			}
			between.SetSym(a, b, (sum.Value()/(groups-1)-in.Within[a*items+b])/n0)
			m.within.SetSym(a, b, in.Within[a*items+b])
		}
	}
	var ok bool
	m.between, ok = positivePart(between)
	return m, ok
}

// positivePart sets negative eigenvalues to 0.
func positivePart(s *mat.SymDense) (*mat.SymDense, bool) {
	root, ok := symmetricRoot(s)
	if !ok {
		return nil, false
	}
	out := mat.NewSymDense(s.SymmetricDim(), nil)
	out.SymOuterK(1, root)
	return out, true
}

// symmetricRoot returns V sqrt(D) of the positive part, so that its product with
// its transpose is that part.
func symmetricRoot(s *mat.SymDense) (*mat.Dense, bool) {
	var eigen mat.EigenSym
	if !eigen.Factorize(s, true) {
		return nil, false
	}
	var root mat.Dense
	eigen.VectorsTo(&root)
	for d, v := range eigen.Values(nil) {
		scale := math.Sqrt(max(v, 0))
		for i := range s.SymmetricDim() {
			root.Set(i, d, root.At(i, d)*scale)
		}
	}
	return &root, true
}

// posterior returns the mean and a root of the covariance of one organization.
func (m *ruleModel) posterior(shares []float64, n int) (mean []float64, root *mat.Dense) {
	mean = append([]float64{}, m.mean...)
	noise := mat.NewSymDense(m.items, nil)
	noise.ScaleSym(1/float64(n), m.within)
	noise.AddSym(noise, m.between)
	// Directions without any variance carry no information; a speck of it keeps
	// the matrix invertible and changes nothing else.
	for k := range m.items {
		noise.SetSym(k, k, noise.At(k, k)+1e-12)
	}
	var gain mat.Dense
	if err := gain.Solve(noise, m.between); err != nil {
		return mean, mat.NewDense(m.items, m.items, nil)
	}
	deviation := mat.NewVecDense(m.items, nil)
	for k, p := range shares {
		deviation.SetVec(k, p-m.mean[k])
	}
	var shift mat.VecDense
	shift.MulVec(gain.T(), deviation)
	var explained mat.Dense
	explained.Mul(m.between, &gain)
	covariance := mat.NewSymDense(m.items, nil)
	for a := range m.items {
		mean[a] += shift.AtVec(a)
		for b := a; b < m.items; b++ {
			covariance.SetSym(a, b, m.between.At(a, b)-(explained.At(a, b)+explained.At(b, a))/2)
		}
	}
	root, ok := symmetricRoot(covariance)
	if !ok {
		return mean, mat.NewDense(m.items, m.items, nil)
	}
	return mean, root
}

// holds is the share of draws in which enough practices reach the cut.
func (in RuleInput) holds(mean []float64, root *mat.Dense, stream *Stream) float64 {
	items := len(mean)
	z, raw := make([]float64, items), root.RawMatrix()
	met := 0
	for range in.Draws {
		for k := range z {
			z[k] = stream.Normal()
		}
		reached := 0
		for k, m := range mean {
			v := m
			for d, f := range raw.Data[k*raw.Stride : k*raw.Stride+items] {
				v += float64(f * z[d])
			}
			if v >= in.Cut {
				reached++
			}
		}
		if reached >= in.AtLeast {
			met++
		}
	}
	return float64(met) / float64(in.Draws)
}

// WithinCovariance is the pooled covariance of 0/1 answers inside organizations
// over the rows complete in all columns (negative: missing), K x K row-major,
// N - J degrees of freedom; with the complete rows per organization and their
// shares, as TierByRule takes them. Nil covariance where no organization has two
// complete rows.
func WithinCovariance(columns [][]int8, org []int32, organizations int) (within []float64, shares [][]float64, n []int, err error) {
	items := len(columns)
	for k, c := range columns {
		if len(c) != len(org) {
			return nil, nil, nil, &InputError{"length_mismatch", -1, k, fmt.Sprintf("%d rows, organizations %d", len(c), len(org))}
		}
	}
	n, shares = make([]int, organizations), make([][]float64, organizations)
	cross := make([]int, items*items)
	for j := range shares {
		shares[j] = make([]float64, items)
	}
	agreed := make([]int, 0, items)
	for i, j := range org {
		if j < 0 || int(j) >= organizations {
			return nil, nil, nil, &InputError{"invalid_value", i, 0, fmt.Sprintf("organization %d of %d", j, organizations)}
		}
		agreed = agreed[:0]
		complete := true
		for k, c := range columns {
			complete = complete && c[i] >= 0
			if c[i] == 1 {
				agreed = append(agreed, k)
			}
		}
		if !complete {
			continue
		}
		n[j]++
		for _, a := range agreed {
			shares[j][a]++
			for _, b := range agreed {
				cross[a*items+b]++
			}
		}
	}
	return pooledWithin(cross, shares, n), shares, n, nil
}

// pooledWithin turns counts into covariance and, in place, sums into shares.
func pooledWithin(cross []int, shares [][]float64, n []int) []float64 {
	degrees := 0
	within := make([]float64, len(cross))
	for at, c := range cross {
		within[at] = float64(c)
	}
	for j, size := range n {
		if size == 0 {
			continue
		}
		degrees += size - 1
		items := len(shares[j])
		for a := range shares[j] {
			for b := range shares[j] {
				within[a*items+b] -= shares[j][a] * shares[j][b] / float64(size)
			}
		}
		for a := range shares[j] {
			shares[j][a] /= float64(size)
		}
	}
	if degrees == 0 {
		return nil
	}
	for at := range within {
		within[at] /= float64(degrees)
	}
	return within
}
