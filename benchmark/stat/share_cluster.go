package stat

import (
	"fmt"
	"math"
	"slices"
)

// Names of the interval of a share, as printed beside it.
const (
	WilsonNeffT        = "wilson_neff_t"
	WilsonN            = "wilson"
	LogitTMethod       = "logit_t"
	AgrestiCoullMethod = "agresti_coull"
	JeffreysMethod     = "jeffreys"
	ClopperMethod      = "clopper_pearson"
)

// ShareOptions are the choices of ClusteredShare. The zero value means 95%,
// the Wilson interval on n_star, no strata and no pool of design effects.
type ShareOptions struct {
	// Conf is the confidence; 0 stands for .95.
	Conf float64
	// Method is WilsonNeffT or LogitTMethod, or one of the intervals that take
	// respondents for independent: WilsonN, AgrestiCoullMethod, JeffreysMethod,
	// ClopperMethod. The last three need unweighted answers.
	Method string
	// Strata is the stratum of each organization, from 0; nil is none.
	Strata []int32
	// DeffPool is the median deff_n of the section's items on the same base. It
	// stands in where the share is 0 or 1 and has no variance of its own.
	DeffPool Number
	// PlainN is set for an organization's own page: no clustering, the interval
	// rests on n (Kish's effective number if weighted).
	PlainN bool
	// Population is the number of people the organization's answers were taken
	// from; it switches the finite population factor on, with PlainN only.
	Population int
}

// ShareResult is a share with its interval.
type ShareResult struct {
	Share         Number    `json:"share"`
	CI            *Interval `json:"share_ci"`
	CIMethod      string    `json:"ci_method"`
	Conf          float64   `json:"conf"`
	N             int       `json:"n"`
	NEff          Number    `json:"n_eff"`
	NEffRaw       Number    `json:"n_eff_raw"`
	NStar         Number    `json:"n_star"`
	DeffN         Number    `json:"deff_n"`
	DeffReplace   Number    `json:"deff_replace"`
	SE            Number    `json:"se_linearized"`
	DF            Number    `json:"df"`
	Organizations int       `json:"organizations"`
	Reasons       []Reason  `json:"reasons"`
	Notes         []string  `json:"notes"`

	alike sample // the organizations' shares, where each has the weight 1
}

// ClusteredShare is the share p of the answers that lie in the box, with an
// interval that knows that people in one organization resemble each other:
// Wilson's interval on n_star = n_eff_raw (z/t_df)^2 cases, n_eff_raw =
// p(1-p)/v, v the variance linearized by organization (Korn and Graubard 1998
// with Wilson's in place of the exact interval).
//
// Contributions come from Contribute (counts) or ContributeRows (weighted
// rows); organizations without a valid answer are not counted. It takes time
// linear in the number of organizations.
//
// No answer: no_valid_answers. One organization: the share, no interval,
// one_organization. Under 10: few_organizations likewise. Share 0 or 1, or no
// variance: the interval rests on n divided by DeffPool, or by 1 + (n_c - 1) x
// .10 without one. Fewer than 15 effective cases in the rarer answer:
// few_effective_cases.
func ClusteredShare(contributions []Contribution, opt ShareOptions) (ShareResult, error) {
	if opt.Conf == 0 {
		opt.Conf = 0.95
	}
	r := ShareResult{Conf: opt.Conf, CIMethod: opt.Method, Reasons: []Reason{}, Notes: []string{}}
	if err := opt.check(contributions); err != nil {
		return r, err
	}
	if r.CIMethod == "" {
		r.CIMethod = WilsonNeffT
	}
	l := linearize(contributions, opt.Strata)
	if j := l.noShare; j > 0 {
		c := contributions[j-1]
		return r, &InputError{Code: "invalid_value", Row: j - 1, Column: 0, Detail: fmt.Sprintf("weighted sum %g of a total weight of %g is no share", c.WY, c.W)}
	}
	return r, r.fill(l, contributions, opt)
}

// fill takes what the linearization knows of the share.
func (r *ShareResult) fill(l linearization, contributions []Contribution, opt ShareOptions) error {
	r.N, r.Organizations, r.alike = l.n, l.organizations, l.alike()
	if l.n == 0 {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return nil
	}
	p := math.Min(1, math.Max(0, l.mean))
	r.Share = Some(p)
	if opt.PlainN {
		r.plain(contributions, opt)
		return nil
	}
	if l.organizations == 1 {
		r.Reasons = append(r.Reasons, OneOrganization)
		return nil
	}
	r.designEffects(l, p, opt)
	if l.organizations < minOrganizations || l.df < 1 {
		r.Reasons = append(r.Reasons, FewOrganizations)
		return nil
	}
	return r.interval(contributions, l, opt)
}

// Alike says whether every organization in the share has the weight 1.
func (r *ShareResult) Alike() bool { return r.Organizations > 0 && r.alike.n == r.Organizations }

// fewCases is the number of effective cases in the rarer answer below which
// the coverage of the interval is not vouched for.
const fewCases = 15

func (o ShareOptions) check(contributions []Contribution) error {
	if o.Strata != nil && len(o.Strata) != len(contributions) {
		return lengthMismatch("organizations", len(contributions), "strata", len(o.Strata))
	}
	if len(o.Strata) > 0 && slices.Min(o.Strata) < 0 {
		return &InputError{Code: "invalid_value", Row: -1, Column: -1, Detail: "negative stratum"}
	}
	if !slices.Contains([]string{"", WilsonNeffT, LogitTMethod, WilsonN, AgrestiCoullMethod, JeffreysMethod, ClopperMethod}, o.Method) {
		return &InputError{Code: "invalid_value", Row: -1, Column: -1, Detail: fmt.Sprintf("unknown interval %q of a share", o.Method)}
	}
	return checkConfidence(o.Conf)
}

// designEffects fills what follows from the variance. n_star is given even
// where there are too few organizations for an interval of the share itself: a
// difference of two columns needs it.
func (r *ShareResult) designEffects(l linearization, p float64, opt ShareOptions) {
	n, binomial := float64(l.n), p*(1-p)
	r.SE = Some(math.Sqrt(l.variance))
	r.DF = Some(float64(l.df))
	if binomial > 0 {
		r.DeffN = Some(l.variance * n / binomial)
		r.DeffReplace = Some(l.variance * (n - 1) / binomial)
	}
	effective := binomial / l.variance
	// A share of 1 that rounding has left an ulp from it counts as 1.
	if binomial <= 1e-14 || l.variance <= 1e-28 {
		effective = n / pooledDeff(l, opt.DeffPool)
		r.Notes = append(r.Notes, NoteZeroBetweenVariance)
	} else {
		r.NEffRaw = Some(effective)
	}
	r.NEff = Some(math.Min(effective, n))
	if l.df >= 1 {
		ratio := normalCritical(opt.Conf) / TCritical(opt.Conf, float64(l.df))
		r.NStar = Some(effective * ratio * ratio)
	}
}

// pooledDeff is the design effect to assume where an item has none of its own.
func pooledDeff(l linearization, pool Number) float64 {
	if pool.Valid {
		return math.Max(1, pool.Value)
	}
	return math.Max(1, 1+float64((l.clusterSize-1)*0.10))
}

func (r *ShareResult) interval(contributions []Contribution, l linearization, opt ShareOptions) error {
	p := r.Share.Value
	switch r.CIMethod {
	case LogitTMethod:
		r.CI = LogitT(p, r.SE.Value, float64(l.df), opt.Conf)
	case WilsonN, AgrestiCoullMethod, JeffreysMethod, ClopperMethod:
		return r.independent(contributions, opt.Conf)
	}
	if r.CI == nil { // the logit is not defined at 0 and 1
		r.CI, r.CIMethod = Wilson(p, r.NStar.Value, opt.Conf), WilsonNeffT
	}
	if r.NEff.Value*math.Min(p, 1-p) < fewCases {
		r.Reasons = append(r.Reasons, FewEffectiveCases)
	}
	return nil
}

// independent is an interval that takes respondents for independent.
func (r *ShareResult) independent(contributions []Contribution, conf float64) error {
	var agree float64
	for j, c := range contributions {
		if c.N > 0 && c.W != float64(c.N) && r.CIMethod != WilsonN {
			return &InputError{Code: "invalid_weight", Row: j, Column: -1, Detail: r.CIMethod + " needs unweighted answers"}
		}
		agree += c.WY
	}
	x := int(math.Round(agree))
	switch r.CIMethod {
	case WilsonN:
		r.CI = Wilson(r.Share.Value, float64(r.N), conf)
	case AgrestiCoullMethod:
		r.CI = AgrestiCoull(x, r.N, conf)
	case JeffreysMethod:
		r.CI = Jeffreys(x, r.N, conf)
	case ClopperMethod:
		r.CI = ClopperPearson(x, r.N, conf)
	}
	return nil
}

// plain is the interval of an organization's own page. The finite population
// factor (N-n)/(N-1) divides the number of cases; a census has no error.
func (r *ShareResult) plain(contributions []Contribution, opt ShareOptions) {
	var w, w2 Sum
	for _, c := range contributions {
		if c.N > 0 {
			w.Add(c.W)
			w2.Add(c.W2)
		}
	}
	cases := w.Value() * w.Value() / w2.Value()
	r.NEffRaw = Some(cases)
	r.NEff = Some(math.Min(cases, float64(r.N)))
	if size := float64(opt.Population); opt.Population > 1 {
		cases *= (size - 1) / math.Max(0, size-float64(r.N))
	}
	r.CI, r.CIMethod = Wilson(r.Share.Value, cases, opt.Conf), WilsonN
	if p := r.Share.Value; r.NEff.Value*math.Min(p, 1-p) < fewCases {
		r.Reasons = append(r.Reasons, FewEffectiveCases)
	}
}

// Share is ClusteredShare for rows of unweighted answers: y is 1 in the box, 0
// outside, negative where missing.
func Share(y []int8, org []int32, weighting Weighting, opt ShareOptions) (ShareResult, error) {
	if len(y) != len(org) {
		return ShareResult{}, lengthMismatch("answers", len(y), "organizations", len(org))
	}
	j, err := organizationCount(org)
	if err != nil {
		return ShareResult{}, err
	}
	n, x := make([]int, j), make([]int, j)
	for i, v := range y {
		switch {
		case v > 1:
			return ShareResult{}, &InputError{Code: "invalid_value", Row: i, Column: 0, Detail: fmt.Sprintf("%d is neither 0 nor 1", v)}
		case v >= 0 && org[i] >= 0:
			n[org[i]]++
			x[org[i]] += int(v)
		}
	}
	summaries, err := ShareSummaries(n, x)
	if err != nil {
		return ShareResult{}, err
	}
	return ClusteredShare(Contribute(summaries, weighting), opt)
}

// Box recodes answers to 1 inside low..high, 0 outside and -1 where missing.
func Box(answers []int8, low, high int8) []int8 {
	y := make([]int8, len(answers))
	for i, a := range answers {
		switch {
		case a <= Missing:
			y[i] = -1
		case a >= low && a <= high:
			y[i] = 1
		}
	}
	return y
}
