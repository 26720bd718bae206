package stat

import "math"

// MeanOptions are the choices of Mean. The zero value means 95%, every answer
// counted once and an unknown scale.
type MeanOptions struct {
	Conf      float64 // 0 stands for .95
	Weighting Weighting
	Scale     int // scale points A; 0 leaves the index out
}

// MeanResult is a mean in scale points with its interval.
type MeanResult struct {
	Mean          Number    `json:"mean"`
	CI            *Interval `json:"mean_ci"`
	CIMethod      string    `json:"ci_method"`
	Conf          float64   `json:"conf"`
	SD            Number    `json:"sd"`
	Index         Number    `json:"index_0_100"`
	IndexCI       *Interval `json:"index_0_100_ci"`
	SE            Number    `json:"se_linearized"`
	DF            Number    `json:"df"`
	SECR2         Number    `json:"se_cr2"`
	DFCR2         Number    `json:"df_satterthwaite"`
	N             int       `json:"n"`
	Organizations int       `json:"organizations"`
	Reasons       []Reason  `json:"reasons"`
}

// Mean is the mean of the answers with an interval clustered by organization:
// CR2 with Satterthwaite's degrees of freedom where every answer counts once
// (Bell and McCaffrey 2002), the linearized variance with J-1 degrees of
// freedom under other weightings. index_0_100 = 100 (mean-1)/(A-1). sd is over
// all answers, with n-1.
//
// No answer: no_valid_answers. One answer: sd missing, one_respondent. One
// organization: no interval, one_organization; under 10: few_organizations. All
// answers equal, or all organization means: zero_variance, no interval.
func Mean(summaries []Summary, opt MeanOptions) (MeanResult, error) {
	if opt.Conf == 0 {
		opt.Conf = 0.95
	}
	r := MeanResult{Conf: opt.Conf, Reasons: []Reason{}}
	if err := checkConfidence(opt.Conf); err != nil {
		return r, err
	}
	kept := present(summaries)
	all := pooledSummary(kept)
	l := linearize(Contribute(kept, opt.Weighting), nil)
	r.N, r.Organizations = l.n, l.organizations
	if l.n == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	}
	r.Mean = Some(l.mean)
	r.Index = scaleIndex(l.mean, opt.Scale)
	if all.N > 1 {
		r.SD = Some(math.Sqrt(math.Max(0, all.SS) / float64(all.N-1)))
	} else {
		r.Reasons = append(r.Reasons, OneRespondent)
	}
	if l.organizations < 2 {
		r.Reasons = append(r.Reasons, OneOrganization)
		return r, nil
	}
	r.SE, r.DF = Some(math.Sqrt(l.variance)), Some(float64(l.df))
	if opt.Weighting == "" || opt.Weighting == EqualRespondent {
		one := clusterRobustMean(kept, all)
		r.SECR2, r.DFCR2 = one.SECR2, one.DF
	}
	r.interval(l, opt)
	return r, nil
}

func (r *MeanResult) interval(l linearization, opt MeanOptions) {
	if l.organizations < minOrganizations {
		r.Reasons = append(r.Reasons, FewOrganizations)
		return
	}
	if l.variance <= 1e-24*math.Max(1, l.mean*l.mean) {
		r.Reasons = append(r.Reasons, ZeroVariance)
		return
	}
	se, df := r.SE, r.DF
	r.CIMethod = "linearized_t"
	if r.SECR2.Valid && r.DFCR2.Valid {
		se, df = r.SECR2, r.DFCR2
		r.CIMethod = "cr2_satterthwaite"
	}
	half := float64(TCritical(opt.Conf, df.Value) * se.Value)
	r.CI = &Interval{l.mean - half, l.mean + half}
	if lower := scaleIndex(r.CI.Lower, opt.Scale); lower.Valid {
		r.IndexCI = &Interval{lower.Value, scaleIndex(r.CI.Upper, opt.Scale).Value}
	}
}

// scaleIndex maps 1..scale to 0..100.
func scaleIndex(mean float64, scale int) Number {
	if scale < 2 {
		return Number{}
	}
	return Some(100 * (mean - 1) / float64(scale-1))
}

// WeightedMeanResult is a mean of weighted values with its interval.
type WeightedMeanResult struct {
	Mean          Number    `json:"mean"`
	CI            *Interval `json:"mean_ci"`
	SE            Number    `json:"se_linearized"`
	DF            Number    `json:"df"`
	N             int       `json:"n"`
	Organizations int       `json:"organizations"`
	Reasons       []Reason  `json:"reasons"`
}

// WeightedMean is the weighted mean of values with the variance linearized by
// organization and a t interval; the net score (top minus bottom box, values
// -1, 0, 1) and means of weighted answers come from here. Strata may be nil.
// Reasons as for Mean.
func WeightedMean(contributions []Contribution, strata []int32, conf float64) (WeightedMeanResult, error) {
	r := WeightedMeanResult{Reasons: []Reason{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	if strata != nil && len(strata) != len(contributions) {
		return r, lengthMismatch("organizations", len(contributions), "strata", len(strata))
	}
	l := linearize(contributions, strata)
	r.of(&l, conf)
	return r, nil
}

// SummaryMean is WeightedMean of values that are summed up already, each of which
// stands for itself with the weight 1.
func SummaryMean(m Summary, conf float64) (WeightedMeanResult, error) {
	r := WeightedMeanResult{Reasons: []Reason{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	n := float64(m.N)
	l := linearization{mean: m.Mean, n: m.N, organizations: m.N, df: m.N - 1, weight: n}
	if m.N > 1 {
		l.variance = n / (n - 1) * m.SS / (n * n)
	}
	r.of(&l, conf)
	return r, nil
}

func (r *WeightedMeanResult) of(l *linearization, conf float64) {
	r.N, r.Organizations = l.n, l.organizations
	if l.n == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return
	}
	r.Mean = Some(l.mean)
	if l.organizations < 2 {
		r.Reasons = append(r.Reasons, OneOrganization)
		return
	}
	r.SE, r.DF = Some(math.Sqrt(l.variance)), Some(float64(l.df))
	switch {
	case l.organizations < minOrganizations || l.df < 1:
		r.Reasons = append(r.Reasons, FewOrganizations)
	case l.variance <= 1e-24*math.Max(1, l.mean*l.mean):
		r.Reasons = append(r.Reasons, ZeroVariance)
	default:
		half := float64(TCritical(conf, float64(l.df)) * r.SE.Value)
		r.CI = &Interval{l.mean - half, l.mean + half}
	}
}
