package stat

import "math"

// ICCResult says how much the people of one organization resemble each other.
type ICCResult struct {
	ICC1N0        Number    `json:"icc1_n0"`
	ICC1N0CI      *Interval `json:"icc1_n0_ci"`
	ICC1MeanN     Number    `json:"icc1_mean_n"`
	ICC2          Number    `json:"icc2"`
	ICC2CI        *Interval `json:"icc2_ci"`
	N0            Number    `json:"n0"`
	MeanN         Number    `json:"mean_n"`
	MSB           Number    `json:"msb"`
	MSW           Number    `json:"msw"`
	F             Number    `json:"f"`
	DF1           int       `json:"df1"`
	DF2           int       `json:"df2"`
	PF            Number    `json:"p_f"`
	N             int       `json:"n"`
	Organizations int       `json:"organizations"`
	Conf          float64   `json:"conf"`
	Reasons       []Reason  `json:"reasons"`
}

// ICC is the one-way analysis of variance of unweighted answers by
// organization (Shrout and Fleiss 1979, Bliese 2000): icc1_n0 with n0 = (N -
// sum n_j^2/N)/(J-1), icc1_mean_n with N/J in its place as common packages
// have it, icc2 = (MSB-MSW)/MSB, the reliability of the organizations' means.
// Intervals invert the F test; icc1's uses n0. Linear time.
//
// One organization: one_organization. Everybody alone: no_replication. No
// variance within: icc1 and icc2 are 1, f missing, zero_within_variance. No
// variance at all: zero_variance. No variance between: icc2 missing,
// zero_between_variance. A negative icc1 is shown, negative_estimate. Under 10
// organizations: no intervals, few_organizations.
func ICC(summaries []Summary, conf float64) (ICCResult, error) {
	return iccOf(analyse(summaries), conf)
}

// ICCTable keeps what ICC needs of many organizations.
type ICCTable struct {
	summaries []Summary
	runs      runs[anovaRun]
}

// NewICCTable makes room for organizations.
func NewICCTable(organizations int) *ICCTable {
	return &ICCTable{make([]Summary, organizations), newRuns[anovaRun](organizations)}
}

// At is the summary of organization j.
func (t *ICCTable) At(j int) Summary { return t.summaries[j] }

// Set writes the summary of organization j.
func (t *ICCTable) Set(j int, s Summary) {
	t.summaries[j] = s
	t.runs.changed(j)
}

// ICC is that of all organizations.
func (t *ICCTable) ICC(conf float64) (ICCResult, error) {
	return iccOf(together(t.runs.read(len(t.summaries), func(from, to int) anovaRun { return analyseRun(t.summaries[from:to]) })), conf)
}

func iccOf(a anova, conf float64) (ICCResult, error) {
	r := ICCResult{Conf: conf, Reasons: []Reason{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	r.N, r.Organizations = a.n, a.organizations
	switch {
	case a.n == 0:
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	case a.organizations < 2:
		r.Reasons = append(r.Reasons, OneOrganization)
		return r, nil
	}
	r.N0, r.MeanN = Some(a.n0), Some(float64(a.n)/float64(a.organizations))
	r.DF1, r.DF2 = a.organizations-1, a.n-a.organizations
	r.MSB = Some(a.ssb / float64(r.DF1))
	if r.DF2 == 0 {
		r.Reasons = append(r.Reasons, NoReplication)
		return r, nil
	}
	r.MSW = Some(a.ssw / float64(r.DF2))
	r.estimate(r.MSB.Value, r.MSW.Value)
	return r, nil
}

// anova is the decomposition of the sum of squares.
type anova struct {
	n, organizations int
	mean, ssb, ssw   float64
	n0               float64
}

// anovaRun is the decomposition of a few organizations: what lies between them is
// taken from their own mean.
type anovaRun struct {
	n, organizations             int
	mean, between, within, sizes float64
}

// analyse decomposes run by run.
func analyse(summaries []Summary) anova {
	all := newRuns[anovaRun](len(summaries))
	return together(all.read(len(summaries), func(from, to int) anovaRun { return analyseRun(summaries[from:to]) }))
}

func analyseRun(summaries []Summary) anovaRun {
	var r anovaRun
	var sum, between, within, sizes Sum
	for _, s := range summaries {
		if s.N > 0 {
			n := float64(s.N)
			r.n, r.organizations = r.n+s.N, r.organizations+1
			sum.Add(n * s.Mean)
			within.Add(s.SS)
			sizes.Add(n * n)
		}
	}
	if r.n == 0 {
		return r
	}
	r.mean = sum.Value() / float64(r.n)
	for _, s := range summaries {
		d := s.Mean - r.mean
		between.Add(float64(s.N) * float64(d*d))
	}
	r.between, r.within, r.sizes = between.Value(), within.Value(), sizes.Value()
	return r
}

// together decomposes what the runs come to; sums of squares of rounding size are set
// to 0.
func together(runs []anovaRun) anova {
	var a anova
	var sum, between, within, sizes Sum
	for i := range runs {
		r := &runs[i]
		a.n, a.organizations = a.n+r.n, a.organizations+r.organizations
		sum.Add(float64(r.n) * r.mean)
		within.Add(r.within)
		sizes.Add(r.sizes)
	}
	n := float64(a.n)
	if a.n > 0 {
		a.mean = sum.Value() / n
	}
	for i := range runs {
		d := runs[i].mean - a.mean
		between.Add(runs[i].between)
		between.Add(float64(runs[i].n) * float64(d*d))
	}
	a.ssb, a.ssw = between.Value(), max(0, within.Value())
	tiny := 1e-24 * n * (float64(a.mean*a.mean) + (a.ssb+a.ssw)/max(1, n))
	if a.ssb <= tiny {
		a.ssb = 0
	}
	if a.ssw <= tiny {
		a.ssw = 0
	}
	if a.organizations > 1 {
		a.n0 = (n - sizes.Value()/n) / float64(a.organizations-1)
	}
	return a
}

func (r *ICCResult) estimate(msb, msw float64) {
	switch {
	case msb == 0 && msw == 0:
		r.Reasons = append(r.Reasons, ZeroVariance)
		return
	case msw == 0:
		r.ICC1N0, r.ICC1MeanN, r.ICC2 = Some(1), Some(1), Some(1)
		r.Reasons = append(r.Reasons, ZeroWithinVariance)
		return
	}
	n0, k := r.N0.Value, r.MeanN.Value
	r.ICC1N0 = Some((msb - msw) / (msb + float64((n0-1)*msw)))
	r.ICC1MeanN = Some((msb - msw) / (msb + float64((k-1)*msw)))
	f := msb / msw
	df1, df2 := float64(r.DF1), float64(r.DF2)
	r.F, r.PF = Some(f), Some(FUpper(f, df1, df2))
	if msb == 0 {
		r.Reasons = append(r.Reasons, ZeroBetweenVariance)
	} else {
		r.ICC2 = Some((msb - msw) / msb)
	}
	if r.ICC1N0.Value < 0 {
		r.Reasons = append(r.Reasons, NegativeEstimate)
	}
	if r.Organizations < minOrganizations {
		r.Reasons = append(r.Reasons, FewOrganizations)
		return
	}
	tail := (1 - r.Conf) / 2
	lower := f / FQuantile(1-tail, df1, df2)
	upper := float64(f * FQuantile(1-tail, df2, df1))
	r.ICC1N0CI = &Interval{(lower - 1) / (lower + n0 - 1), (upper - 1) / (upper + n0 - 1)}
	if msb > 0 {
		r.ICC2CI = &Interval{1 - 1/lower, 1 - 1/upper}
	}
}

// RespondentsNeeded is the number of respondents of an organization at which
// the reliability of its mean reaches lambda: L/(1-L) (1-icc)/icc. Missing
// where icc is not in (0, 1]; a negative icc counts as 0, for which no number
// suffices.
func RespondentsNeeded(icc, lambda float64) Number {
	if !(icc > 0 && icc <= 1) || !(lambda > 0 && lambda < 1) {
		return Number{}
	}
	return Some(lambda / (1 - lambda) * (1 - icc) / icc)
}

// KishCluster is the planning design effect 1 + (n_c - 1) max(0, icc) of
// organizations of size n_c = sum n_j^2 / N.
func KishCluster(sizes []int, icc float64) Number {
	var n, squares Sum
	for _, s := range sizes {
		n.Add(float64(s))
		squares.Add(float64(s) * float64(s))
	}
	if n.Value() == 0 {
		return Number{}
	}
	return Some(1 + float64((squares.Value()/n.Value()-1)*math.Max(0, icc)))
}

// KishWeight is the design effect n sum w^2/W^2 of unequal weights (Kish 1965)
// over the answers with a positive weight.
func KishWeight(weights []float64) Number {
	var w, w2 Sum
	n := 0
	for _, v := range weights {
		if v > 0 {
			n++
			w.Add(v)
			w2.Add(float64(v * v))
		}
	}
	if n == 0 {
		return Number{}
	}
	return Some(float64(n) * w2.Value() / (w.Value() * w.Value()))
}
