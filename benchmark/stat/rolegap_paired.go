package stat

import (
	"math"
	"slices"
	"sort"
)

// PairedResult is the mean of differences that were taken inside organizations.
type PairedResult struct {
	Mean          Number    `json:"mean_difference"`
	CI            *Interval `json:"mean_difference_ci"`
	SE            Number    `json:"se"`
	DF            Number    `json:"df"`
	PT            Number    `json:"p_t"`
	PSignedRank   Number    `json:"p_signed_rank"`
	SharePositive Number    `json:"share_positive"`
	Organizations int       `json:"organizations"`
	Conf          float64   `json:"conf"`
	Reasons       []Reason  `json:"reasons"`
}

// PairedDifferences is the mean over organizations of one difference each, with
// a t interval on J-1 degrees of freedom and Wilcoxon's signed-rank p (normal
// approximation with correction for ties and continuity, zeros left out). It
// serves the role gap, coaching minutes (differences of medians) and the same
// organizations in two waves.
//
// Nothing: no_valid_answers. One: one_organization. Under 10:
// few_organizations, neither interval nor p. All equal: zero_variance, no p of
// the t test.
func PairedDifferences(d []float64, conf float64) (PairedResult, error) {
	r, err := pairedMean(d, conf)
	if err == nil && r.PT.Valid {
		r.PSignedRank = SignedRankP(d)
	}
	return r, err
}

// pairedMean is PairedDifferences without the signed-rank test.
func pairedMean(d []float64, conf float64) (PairedResult, error) {
	r := PairedResult{Conf: conf, Organizations: len(d), Reasons: []Reason{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	if len(d) == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	}
	mean := average(d)
	positive := 0
	for _, v := range d {
		if v > 0 {
			positive++
		}
	}
	r.Mean, r.SharePositive = Some(mean), Some(float64(positive)/float64(len(d)))
	if len(d) == 1 {
		r.Reasons = append(r.Reasons, OneOrganization)
		return r, nil
	}
	r.SE, r.DF = Some(math.Sqrt(variance(d)/float64(len(d)))), Some(float64(len(d)-1))
	if len(d) < minOrganizations {
		r.Reasons = append(r.Reasons, FewOrganizations)
		return r, nil
	}
	if r.SE.Value <= 1e-13*math.Max(1, math.Abs(mean)) {
		r.Reasons = append(r.Reasons, ZeroVariance)
		return r, nil
	}
	half := float64(TCritical(conf, r.DF.Value) * r.SE.Value)
	r.CI = &Interval{mean - half, mean + half}
	r.PT = Some(TTwoSided(mean/r.SE.Value, r.DF.Value))
	return r, nil
}

// SignedRankP is the two-sided p of Wilcoxon's signed-rank test by the normal
// approximation with continuity correction and the variance reduced for ties;
// zeros are left out. Missing when nothing else is left.
func SignedRankP(d []float64) Number {
	x := slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 })
	if len(x) == 0 {
		return Number{}
	}
	sort.SliceStable(x, func(a, b int) bool { return math.Abs(x[a]) < math.Abs(x[b]) })
	var positive, ties float64
	for from := 0; from < len(x); {
		to := from + 1
		for to < len(x) && math.Abs(x[to]) == math.Abs(x[from]) {
			to++
		}
		t := float64(to - from)
		rank := float64(from) + float64((t+1)/2)
		for _, v := range x[from:to] {
			if v > 0 {
				positive += rank
			}
		}
		ties += float64(t*t*t) - t
		from = to
	}
	n := float64(len(x))
	deviation := positive - float64(n*(n+1)/4)
	variance := float64(n*(n+1)*(n+n+1)/24) - float64(ties/48)
	if deviation != 0 {
		deviation -= math.Copysign(0.5, deviation)
	}
	return Some(math.Min(1, NormalTwoSided(deviation/math.Sqrt(variance))))
}

// minRoleAnswers is the number of answers an organization needs in each role.
const minRoleAnswers = 5

// RoleGapResult is the gap between managers and salespersons on one item, in
// points, paired inside organizations.
type RoleGapResult struct {
	Points        Number    `json:"role_gap_points"`
	CI            *Interval `json:"role_gap_points_ci"`
	PT            Number    `json:"p_t"`
	PSignedRank   Number    `json:"p_signed_rank"`
	SharePositive Number    `json:"share_positive"`
	Organizations int       `json:"organizations"`
	// PerOrganization is D_j in points, missing under 5 answers in a role;
	// Variance is its sampling variance (points squared) from the variance
	// within organizations pooled per role: the input of shrinkage.
	PerOrganization []Number `json:"per_organization"`
	Variance        []Number `json:"sampling_variance"`
	Reasons         []Reason `json:"reasons"`
}

// RoleGap is the mean over organizations of D_j = p_j(manager) -
// p_j(salesperson), over organizations with at least 5 answers in each role,
// never pooled over persons. Both arguments are 0/1 summaries of organization j
// at the same place. Reasons as for PairedDifferences; a role missing
// everywhere: no_valid_answers.
func RoleGap(managers, salespersons []Summary, conf float64) (RoleGapResult, error) {
	r := RoleGapResult{Reasons: []Reason{}}
	if len(managers) != len(salespersons) {
		return r, lengthMismatch("organizations of managers", len(managers), "of salespersons", len(salespersons))
	}
	within1, within2 := withinVariance(managers), withinVariance(salespersons)
	r.PerOrganization, r.Variance = make([]Number, len(managers)), make([]Number, len(managers))
	d := make([]float64, 0, len(managers))
	for j, m := range managers {
		s := salespersons[j]
		if m.N < minRoleAnswers || s.N < minRoleAnswers {
			continue
		}
		d = append(d, 100*(m.Mean-s.Mean))
		r.PerOrganization[j] = Some(100 * (m.Mean - s.Mean))
		r.Variance[j] = Some(1e4 * (within1/float64(m.N) + within2/float64(s.N)))
	}
	p, err := PairedDifferences(d, conf)
	if err != nil {
		return r, err
	}
	r.Points, r.CI, r.PT, r.PSignedRank = p.Mean, p.CI, p.PT, p.PSignedRank
	r.SharePositive, r.Organizations, r.Reasons = p.SharePositive, p.Organizations, p.Reasons
	return r, nil
}

// RoleGapMean is the mean role gap, its interval and p alone: no figure per
// organization and no signed-rank test.
func RoleGapMean(managers, salespersons []Summary, conf float64) (RoleGapResult, error) {
	r := RoleGapResult{Reasons: []Reason{}}
	if len(managers) != len(salespersons) {
		return r, lengthMismatch("organizations of managers", len(managers), "of salespersons", len(salespersons))
	}
	d := make([]float64, 0, len(managers))
	for j, m := range managers {
		if s := salespersons[j]; m.N >= minRoleAnswers && s.N >= minRoleAnswers {
			d = append(d, 100*(m.Mean-s.Mean))
		}
	}
	p, err := pairedMean(d, conf)
	r.Points, r.CI, r.PT = p.Mean, p.CI, p.PT
	r.SharePositive, r.Organizations, r.Reasons = p.SharePositive, p.Organizations, p.Reasons
	return r, err
}

// withinVariance is the variance within organizations, MSW; 0 without
// replication.
func withinVariance(summaries []Summary) float64 {
	a := analyse(summaries)
	if a.n <= a.organizations {
		return 0
	}
	return a.ssw / float64(a.n-a.organizations)
}
