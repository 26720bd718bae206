package stat

import (
	"fmt"
	"math"
)

// Weighting says how much each organization counts in a share or mean of many.
type Weighting string

// The weightings. EqualOrganization gives every organization the weight 1,
// EqualRespondent every answer; Capped counts at most 50 answers of one
// organization.
const (
	EqualOrganization Weighting = "equal_organization"
	EqualRespondent   Weighting = "equal_respondent"
	Capped            Weighting = "capped"
)

// capAnswers is the number of answers at which Capped cuts an organization.
const capAnswers = 50

// Contribution is what one organization adds to a weighted total: answers,
// weight, weighted sum of the values, and the sum of squared weights of its
// answers (for Kish's effective number of cases).
type Contribution struct {
	N  int
	W  float64
	WY float64
	W2 float64
}

// Contribute turns summaries into contributions under a weighting.
func Contribute(summaries []Summary, weighting Weighting) []Contribution {
	contributions := make([]Contribution, len(summaries))
	for j, m := range summaries {
		if m.N == 0 {
			continue
		}
		n := float64(m.N)
		w := n
		switch weighting {
		case EqualOrganization:
			w = 1
		case Capped:
			w = math.Min(n, capAnswers)
		}
		contributions[j] = Contribution{N: m.N, W: w, WY: float64(w * m.Mean), W2: w * w / n}
	}
	return contributions
}

// ContributeRows gathers weighted rows per organization. y is NaN where
// missing; weights nil means 1. A weight of 0 takes a row out; negative, NaN,
// infinite or all-zero weights are an error.
func ContributeRows(y, weights []float64, org []int32) ([]Contribution, error) {
	if len(y) != len(org) || (weights != nil && len(weights) != len(y)) {
		return nil, lengthMismatch("values", len(y), "organizations or weights", max(len(org), len(weights)))
	}
	if err := CheckWeights(weights); err != nil {
		return nil, err
	}
	j, err := organizationCount(org)
	if err != nil {
		return nil, err
	}
	type sums struct{ w, wy, w2 Sum }
	totals := make([]sums, j)
	contributions := make([]Contribution, j)
	for i, v := range y {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		if math.IsNaN(v) || w == 0 || org[i] < 0 {
			continue
		}
		if math.IsInf(v, 0) {
			return nil, &InputError{Code: "invalid_value", Row: i, Column: 0, Detail: "infinite value"}
		}
		t := &totals[org[i]]
		contributions[org[i]].N++
		t.w.Add(w)
		t.wy.Add(float64(w * v))
		t.w2.Add(float64(w * w))
	}
	for k := range contributions {
		c, t := &contributions[k], &totals[k]
		c.W, c.WY, c.W2 = t.w.Value(), t.wy.Value(), t.w2.Value()
	}
	return contributions, nil
}

// CheckWeights refuses weights that are negative, NaN, infinite or all zero;
// nil, weights of 1, is fine.
func CheckWeights(weights []float64) error {
	positive := len(weights) == 0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return &InputError{Code: "invalid_weight", Row: i, Column: 0, Detail: fmt.Sprintf("weight %g", w)}
		}
		positive = positive || w > 0
	}
	if !positive {
		return &InputError{Code: "invalid_weight", Row: -1, Column: -1, Detail: "all weights are zero"}
	}
	return nil
}

// linearization is a weighted mean with its variance by organization.
type linearization struct {
	mean, variance float64
	weight         float64 // sum of weights
	n              int     // answers
	organizations  int
	df             int
	clusterSize    float64 // sum n_j^2 / N, the size that counts in a design effect
	equal          bool    // every organization has the weight 1
	squares        float64 // of the scores, without strata
	noShare        int     // one more than the place of the first mean that does not lie between 0 and 1; 0: none
}

// alike are the organizations' means as a sample, where each has the weight 1.
func (l *linearization) alike() sample {
	if !l.equal {
		return sample{}
	}
	return sample{l.organizations, l.mean, l.squares}
}

// totalWeight is the weight of all who answered.
func totalWeight(contributions []Contribution) float64 {
	var weight Sum
	for _, c := range contributions {
		if c.N != 0 && c.W > 0 {
			weight.Add(c.W)
		}
	}
	return weight.Value()
}

// linearize is the mean of section 5 of the methods paper with the linearized
// variance J/(J-1) sum m_j^2/W^2, m_j the organization's score. With strata the
// scores are centred in their stratum; a stratum of one organization is centred
// at the overall mean (survey's lonely.psu = "adjust"). The variance is 0 and
// df 0 for a single organization.
func linearize(contributions []Contribution, strata []int32) linearization {
	var total Sum
	var l linearization
	sizes := 0
	l.equal = true
	for i := range contributions {
		c := &contributions[i]
		if c.N > 0 && !(c.WY >= -1e-9*c.W && c.WY <= c.W*(1+1e-9)) && l.noShare == 0 {
			l.noShare = i + 1
		}
		if c.N == 0 || !(c.W > 0) {
			continue
		}
		l.n += c.N
		l.organizations++
		l.equal = l.equal && c.W == 1
		total.Add(c.WY)
		sizes += c.N * c.N
	}
	if l.organizations == 0 {
		return l
	}
	l.weight = float64(l.organizations) // as long as all weigh 1
	if !l.equal {
		l.weight = totalWeight(contributions)
	}
	l.mean = total.Value() / l.weight
	l.clusterSize = float64(sizes) / float64(l.n)
	l.df = l.organizations - 1
	if strata == nil {
		l.variance = l.spread(contributions)
		return l
	}
	l.variance, l.df = stratifiedSpread(contributions, strata, l)
	return l
}

// score is w_j (mean_j - p), the organization's part in the error of p.
func score(c Contribution, p float64) float64 { return c.WY - float64(p*c.W) }

// spread is the linearized variance; it leaves the sum of squares behind.
func (l *linearization) spread(contributions []Contribution) float64 {
	if l.organizations < 2 {
		return 0
	}
	var squares Sum
	for i := range contributions {
		c := &contributions[i]
		if c.N > 0 && c.W > 0 {
			m := c.WY - float64(l.mean*c.W)
			squares.Add(float64(m * m))
		}
	}
	j := float64(l.organizations)
	l.squares = squares.Value()
	return j / (j - 1) * l.squares / (l.weight * l.weight)
}

func stratifiedSpread(contributions []Contribution, strata []int32, l linearization) (variance float64, df int) {
	highest := int32(0)
	for _, h := range strata {
		highest = max(highest, h)
	}
	count, sums, squares := make([]float64, highest+1), make([]Sum, highest+1), make([]Sum, highest+1)
	for j, c := range contributions {
		if c.N > 0 && c.W > 0 {
			count[strata[j]]++
			sums[strata[j]].Add(score(c, l.mean))
		}
	}
	for j, c := range contributions {
		if c.N > 0 && c.W > 0 {
			h := strata[j]
			m := score(c, l.mean)
			if count[h] > 1 {
				m -= sums[h].Value() / count[h]
			}
			squares[h].Add(float64(m * m))
		}
	}
	var total Sum
	df = l.organizations
	for h, n := range count {
		switch {
		case n > 1:
			total.Add(n / (n - 1) * squares[h].Value())
			df--
		case n == 1:
			total.Add(squares[h].Value())
			df--
		}
	}
	return total.Value() / (l.weight * l.weight), df
}
