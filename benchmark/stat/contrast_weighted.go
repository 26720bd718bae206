package stat

import "math"

// WeightedContrastResult is a difference of two weighted means or shares.
type WeightedContrastResult struct {
	Difference     Number    `json:"difference"`
	Mean1          Number    `json:"mean_1"`
	Mean2          Number    `json:"mean_2"`
	CI             *Interval `json:"difference_ci"`
	SE             Number    `json:"se_linearized"`
	DF             Number    `json:"df"`
	T              Number    `json:"t"`
	P              Number    `json:"p_t"`
	Conf           float64   `json:"conf"`
	N1             int       `json:"n_1"`
	N2             int       `json:"n_2"`
	Organizations  int       `json:"organizations"`
	Organizations1 int       `json:"organizations_1"`
	Organizations2 int       `json:"organizations_2"`
	Limited        bool      `json:"limited"`
	Reasons        []Reason  `json:"reasons"`
}

// WeightedContrast compares two groups of weighted answers by linearization:
// S_j = sum_1 w e/W_1 - sum_2 w e/W_2, se^2 = J/(J-1) sum S_j^2, df = J-1.
// Contributions of organization j stand at the same place of both slices, with
// N = 0 where it is not in a group. The same formula compares two waves with
// the same, different or partly overlapping organizations.
//
// With fewer than 20 organizations in a group the variance is too small in
// expectation: Limited. Reasons as for ClusterContrast.
func WeightedContrast(one, two []Contribution, conf float64) (WeightedContrastResult, error) {
	r := WeightedContrastResult{Conf: conf, Reasons: []Reason{}}
	if len(one) != len(two) {
		return r, lengthMismatch("organizations in group 1", len(one), "in group 2", len(two))
	}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	a, b := linearize(one, nil), linearize(two, nil)
	r.N1, r.N2, r.Organizations1, r.Organizations2 = a.n, b.n, a.organizations, b.organizations
	if a.n > 0 {
		r.Mean1 = Some(a.mean)
	}
	if b.n > 0 {
		r.Mean2 = Some(b.mean)
	}
	if a.n == 0 || b.n == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	}
	r.Difference = Some(a.mean - b.mean)
	var squares Sum
	for j := range one {
		var s float64
		in := false
		if one[j].N > 0 && one[j].W > 0 {
			s, in = score(one[j], a.mean)/a.weight, true
		}
		if two[j].N > 0 && two[j].W > 0 {
			s, in = s-score(two[j], b.mean)/b.weight, true
		}
		if in {
			r.Organizations++
			squares.Add(float64(s * s))
		}
	}
	r.test(squares.Value())
	return r, nil
}

func (r *WeightedContrastResult) test(squares float64) {
	if r.Organizations1 == 1 || r.Organizations2 == 1 {
		r.Reasons = append(r.Reasons, OneOrganization)
		return
	}
	j := float64(r.Organizations)
	r.SE, r.DF = Some(math.Sqrt(j/(j-1)*squares)), Some(j-1)
	r.Limited = min(r.Organizations1, r.Organizations2) < 20
	t := clusterT{r.Difference.Value, r.SE, r.DF, r.Mean1.Value, r.Mean2.Value}
	r.T, r.P, r.CI, r.Reasons = t.test(r.Conf, r.Organizations, min(r.Organizations1, r.Organizations2))
}

// WelchResult is a difference of the means of two samples of organizations.
type WelchResult struct {
	Difference Number    `json:"difference"`
	Mean1      Number    `json:"mean_1"`
	Mean2      Number    `json:"mean_2"`
	CI         *Interval `json:"difference_ci"`
	SE         Number    `json:"se"`
	DF         Number    `json:"df"`
	T          Number    `json:"t"`
	P          Number    `json:"p_t"`
	Conf       float64   `json:"conf"`
	N1         int       `json:"organizations_1"`
	N2         int       `json:"organizations_2"`
	Reasons    []Reason  `json:"reasons"`
}

// Welch compares two samples, such as the shares of the organizations in two
// tiers, by Welch's t test with unequal variances. The samples are independent;
// no organization may be in both.
//
// An empty sample: no_valid_answers. A single value: one_organization, the
// difference alone. No variance in either: zero_variance.
func Welch(one, two []float64, conf float64) (WelchResult, error) {
	return welch(sampleOf(one), sampleOf(two), conf)
}

// sample is all that Welch's test has to know of one: its mean and the sum of
// the squared deviations from it.
type sample struct {
	n             int
	mean, squares float64
}

func sampleOf(x []float64) sample {
	s := sample{n: len(x), mean: average(x)}
	s.squares = sumSquares(x, s.mean)
	return s
}

// error2 is the squared standard error of the mean.
func (s sample) error2() float64 { return s.squares / float64(s.n-1) / float64(s.n) }

// welch is Welch of samples that are known by their moments.
func welch(one, two sample, conf float64) (WelchResult, error) {
	r := WelchResult{Conf: conf, N1: one.n, N2: two.n, Reasons: []Reason{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	if one.n > 0 {
		r.Mean1 = Some(one.mean)
	}
	if two.n > 0 {
		r.Mean2 = Some(two.mean)
	}
	if one.n == 0 || two.n == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	}
	r.Difference = Some(r.Mean1.Value - r.Mean2.Value)
	if one.n == 1 || two.n == 1 {
		r.Reasons = append(r.Reasons, OneOrganization)
		return r, nil
	}
	n1, n2 := float64(one.n), float64(two.n)
	v1, v2 := one.error2(), two.error2()
	r.SE = Some(math.Sqrt(v1 + v2))
	if v1+v2 > 0 {
		r.DF = Some((v1 + v2) * (v1 + v2) / (v1*v1/(n1-1) + v2*v2/(n2-1)))
	}
	t := clusterT{r.Difference.Value, r.SE, r.DF, r.Mean1.Value, r.Mean2.Value}
	r.T, r.P, r.CI, r.Reasons = t.test(conf, one.n+two.n, min(one.n, two.n))
	return r, nil
}
