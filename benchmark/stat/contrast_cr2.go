package stat

import "math"

// Contrast is a difference of two means or shares, group 1 minus group 2, with
// standard errors clustered by organization.
type Contrast struct {
	Difference Number    `json:"difference"`
	Mean1      Number    `json:"mean_1"`
	Mean2      Number    `json:"mean_2"`
	CI         *Interval `json:"difference_ci"`
	SECR2      Number    `json:"se_cr2"`
	SECR1      Number    `json:"se_cr1"`
	SECR1S     Number    `json:"se_cr1s"`
	DF         Number    `json:"df_satterthwaite"`
	T          Number    `json:"t"`
	P          Number    `json:"p_t"`
	Conf       float64   `json:"conf"`
	N1         int       `json:"n_1"`
	N2         int       `json:"n_2"`
	// Organizations counts the union of both groups.
	Organizations  int      `json:"organizations"`
	Organizations1 int      `json:"organizations_1"`
	Organizations2 int      `json:"organizations_2"`
	Reasons        []Reason `json:"reasons"`
}

// ClusterContrast compares two groups of unweighted answers with the CR2
// variance of Bell and McCaffrey (2002) in closed form, equal to CR2 of the
// regression y ~ group, and Satterthwaite's degrees of freedom (Pustejovsky and
// Tipton 2018). one[j] and two[j] are the answers of organization j in either
// group; an organization may be in both, or in one with N = 0 in the other.
// Linear time.
//
// A group without answers: no_valid_answers. A group within one organization:
// one_organization, difference only. No variance: zero_variance, p missing.
// Under 10 organizations in all: few_organizations, neither interval nor p.
// Under 5 in a group: small_tier, no p of the t test, since only a permutation
// over organizations holds its level there.
func ClusterContrast(one, two []Summary, conf float64) (Contrast, error) {
	r := Contrast{Conf: conf, Reasons: []Reason{}}
	if len(one) != len(two) {
		return r, lengthMismatch("organizations in group 1", len(one), "in group 2", len(two))
	}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	first, second := pooledSummary(one), pooledSummary(two)
	r.count(one, two)
	r.N1, r.N2 = first.N, second.N
	r.Mean1, r.Mean2 = meanOf(first), meanOf(second)
	if first.N == 0 || second.N == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	}
	r.Difference = Some(first.Mean - second.Mean)
	if r.Organizations1 == 1 || r.Organizations2 == 1 {
		r.Reasons = append(r.Reasons, OneOrganization)
		return r, nil
	}
	r.variance(one, two, first, second)
	r.test()
	return r, nil
}

func meanOf(s Summary) Number {
	if s.N == 0 {
		return Number{}
	}
	return Some(s.Mean)
}

func (r *Contrast) count(one, two []Summary) {
	for j := range one {
		if one[j].N > 0 {
			r.Organizations1++
		}
		if two[j].N > 0 {
			r.Organizations2++
		}
		if one[j].N > 0 || two[j].N > 0 {
			r.Organizations++
		}
	}
}

// side is one group's part in the closed form for one organization.
type side struct {
	score    float64 // s_jt sum e
	plain    float64 // sum e / N_t
	diagonal float64 // s_jt^2 n_jt
	u        float64 // s_jt n_jt / sqrt(N_t)
}

func sideOf(s, pooled Summary) side {
	if s.N == 0 {
		return side{}
	}
	n, total := float64(s.N), float64(pooled.N)
	adjust := 1 / (total * math.Sqrt(1-n/total))
	residual := n * (s.Mean - pooled.Mean)
	return side{
		score: adjust * residual, plain: residual / total,
		diagonal: adjust * adjust * n, u: adjust * n / math.Sqrt(total),
	}
}

func (r *Contrast) variance(one, two []Summary, first, second Summary) {
	var cr2, cr0 Sum
	var f satterthwaite
	for j := range one {
		if one[j].N == 0 && two[j].N == 0 {
			continue
		}
		a, b := sideOf(one[j], first), sideOf(two[j], second)
		s, plain := a.score-b.score, a.plain-b.plain
		cr2.Add(float64(s * s))
		cr0.Add(float64(plain * plain))
		f.add(a.diagonal+b.diagonal, a.u, b.u)
	}
	j, n := float64(r.Organizations), float64(r.N1+r.N2)
	r.SECR2 = Some(math.Sqrt(cr2.Value()))
	r.SECR1 = Some(math.Sqrt(cr0.Value() * j / (j - 1)))
	r.SECR1S = Some(math.Sqrt(cr0.Value() * j / (j - 1) * (n - 1) / (n - 2)))
	r.DF = f.value()
}

// satterthwaite gathers the sums of the degrees of freedom of CR2.
type satterthwaite struct {
	trace, squares, cross, u1, u2, u12 Sum
}

func (f *satterthwaite) add(d, u1, u2 float64) {
	own := float64(u1*u1) + float64(u2*u2)
	f.trace.Add(d - own)
	f.squares.Add(float64(d * d))
	f.cross.Add(float64(d * own))
	f.u1.Add(float64(u1 * u1))
	f.u2.Add(float64(u2 * u2))
	f.u12.Add(float64(u1 * u2))
}

func (f *satterthwaite) value() Number {
	trace, a, b, c := f.trace.Value(), f.u1.Value(), f.u2.Value(), f.u12.Value()
	return Some(trace * trace / (f.squares.Value() - 2*f.cross.Value() + a*a + b*b + 2*c*c))
}

func (r *Contrast) test() {
	t := clusterT{r.Difference.Value, r.SECR2, r.DF, r.Mean1.Value, r.Mean2.Value}
	r.T, r.P, r.CI, r.Reasons = t.test(r.Conf, r.Organizations, min(r.Organizations1, r.Organizations2))
}

// clusterT is a difference with its standard error, ready to be tested.
type clusterT struct {
	difference   float64
	se, df       Number
	mean1, mean2 float64
}

// test gives t, p and interval as far as the number of organizations, and of
// those in the smaller group, allows.
func (c clusterT) test(conf float64, organizations, smaller int) (t, p Number, ci *Interval, reasons []Reason) {
	reasons = []Reason{}
	// A standard error of rounding size is no variance.
	if c.se.Value <= 1e-13*math.Max(1, math.Abs(c.mean1)+math.Abs(c.mean2)) || !c.df.Valid {
		return t, p, nil, append(reasons, ZeroVariance)
	}
	t = Some(c.difference / c.se.Value)
	if organizations < minOrganizations {
		return t, p, nil, append(reasons, FewOrganizations)
	}
	half := TCritical(conf, c.df.Value) * c.se.Value
	ci = &Interval{c.difference - half, c.difference + half}
	if smaller < smallTier {
		return t, p, ci, append(reasons, SmallTier)
	}
	return t, Some(TTwoSided(t.Value, c.df.Value)), ci, reasons
}

// smallTier is the number of organizations in a group below which only a
// permutation over organizations tests a gap.
const smallTier = 5

// clusterRobustMean is the one-group form of the CR2 variance. It needs at
// least two organizations.
func clusterRobustMean(summaries []Summary, all Summary) Contrast {
	var r Contrast
	var cr2 Sum
	var f satterthwaite
	for _, s := range summaries {
		if s.N == 0 {
			continue
		}
		a := sideOf(s, all)
		cr2.Add(float64(a.score * a.score))
		f.add(a.diagonal, a.u, 0)
	}
	r.SECR2, r.DF = Some(math.Sqrt(cr2.Value())), f.value()
	return r
}
