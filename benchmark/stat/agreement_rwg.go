package stat

import (
	"fmt"
	"math"
)

// NullVariance is the variance that answers without any agreement would have.
type NullVariance struct {
	Name     string
	Variance float64
}

// NullVariances gives the null variances of a scale of A points: uniform
// (A^2-1)/12 for every A; slight, moderate and heavy skew for 5 and 7 points,
// as tabled by James, Demaree and Wolf (1984) and LeBreton and Senter (2008).
func NullVariances(scale int) []NullVariance {
	a := float64(scale)
	nulls := []NullVariance{{"uniform", (float64(a*a) - 1) / 12}}
	switch scale {
	case 5:
		return append(nulls, NullVariance{"slight_skew", 1.34}, NullVariance{"moderate_skew", 0.90}, NullVariance{"heavy_skew", 0.44})
	case 7:
		return append(nulls, NullVariance{"slight_skew", 2.90}, NullVariance{"moderate_skew", 2.14}, NullVariance{"heavy_skew", 1.39})
	}
	return nulls
}

// AgreementResult says how far the people of one organization give the same
// answers. rwgj is set to 0 where it would be negative (SetToZero counts these
// over the null variances shown); rwg_star_j keeps its sign.
type AgreementResult struct {
	RwgjUniform      Number   `json:"rwgj_uniform"`
	RwgjSlight       Number   `json:"rwgj_slight_skew"`
	RwgjModerate     Number   `json:"rwgj_moderate_skew"`
	RwgjHeavy        Number   `json:"rwgj_heavy_skew"`
	RwgStarUniform   Number   `json:"rwg_star_j_uniform"`
	RwgStarSlight    Number   `json:"rwg_star_j_slight_skew"`
	ADMean           Number   `json:"ad_mean"`
	ADMedian         Number   `json:"ad_median"`
	ADAgrees         bool     `json:"ad_agrees"` // ad_mean at most A/6
	AWG              Number   `json:"awg"`
	AWGLeftOut       int      `json:"awg_items_out_of_domain"`
	SetToZero        int      `json:"n_set_to_zero"`
	MeanItemVariance Number   `json:"mean_item_variance"`
	Items            int      `json:"items"`
	N                int      `json:"n"`
	Reasons          []Reason `json:"reasons"`
}

// Agreement looks at the answers of one organization to the K items of one
// scale: counts[k][a-1] is the number of answers a to item k. By the default
// rule (listwise) the caller counts only complete rows; with counts of all
// available answers items may differ in n.
//
// With q = mean item variance (n-1) over a null variance: rwgj = K(1-q)/(K(1-q)
// + q) (James, Demaree and Wolf 1984), which is rwg = 1-q for one item, and
// rwg_star_j = 1-q (Lindell, Brandt and Whitney 1999). ad_mean and ad_median
// are the mean over items of the mean absolute deviation from the item's mean
// or median (Burke and Dunlap 2002). awg (Brown and Hauenstein 2005) is the mean
// over items of 1 - 2 s^2/([(A+1)M - M^2 - A] n/(n-1)) where (L(n-1)+H)/n <= M
// <= (H(n-1)+L)/n; items whose mean lies outside are left out and counted, a
// mean at either end gives 1.
//
// Nobody: no_valid_answers. One respondent: one_respondent. All answers equal:
// rwg 1, ad 0. No item inside the domain of awg: awg missing, out_of_domain.
func Agreement(counts [][]int) AgreementResult {
	r := AgreementResult{Reasons: []Reason{}}
	var a itemAgreement
	for _, item := range counts {
		s := SummaryFromCounts(item)
		r.N = max(r.N, s.N)
		if s.N >= 2 {
			a.add(item, s)
		}
	}
	switch {
	case r.N == 0:
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r
	case a.items == 0:
		r.Reasons = append(r.Reasons, OneRespondent)
		return r
	}
	r.Items = a.items
	k, scale := float64(a.items), len(counts[0])
	variance := a.variance.Value() / k
	r.MeanItemVariance = Some(variance)
	r.within(variance, scale)
	r.ADMean, r.ADMedian = Some(a.adMean.Value()/k), Some(a.adMedian.Value()/k)
	r.ADAgrees = r.ADMean.Value <= float64(scale)/6
	r.AWGLeftOut = a.items - a.awgItems
	if a.awgItems > 0 {
		r.AWG = Some(a.awg.Value() / float64(a.awgItems))
	} else {
		r.Reasons = append(r.Reasons, OutOfDomain)
	}
	return r
}

// within fills the indices that compare the variance with a null.
func (r *AgreementResult) within(variance float64, scale int) {
	k := float64(r.Items)
	for _, null := range NullVariances(scale) {
		q := variance / null.Variance
		rwg := k * (1 - q) / (float64(k*(1-q)) + q)
		if q > 1 {
			rwg = 0
			r.SetToZero++
		}
		switch null.Name {
		case "uniform":
			r.RwgjUniform, r.RwgStarUniform = Some(rwg), Some(1-q)
		case "slight_skew":
			r.RwgjSlight, r.RwgStarSlight = Some(rwg), Some(1-q)
		case "moderate_skew":
			r.RwgjModerate = Some(rwg)
		case "heavy_skew":
			r.RwgjHeavy = Some(rwg)
		}
	}
}

// itemAgreement sums over the items of one organization.
type itemAgreement struct {
	items, awgItems                 int
	variance, adMean, adMedian, awg Sum
}

func (a *itemAgreement) add(counts []int, s Summary) {
	n, scale := float64(s.N), float64(len(counts))
	a.items++
	variance := s.SS / (n - 1)
	a.variance.Add(variance)
	median := (answerAt(counts, (s.N-1)/2) + answerAt(counts, s.N/2)) / 2
	var fromMean, fromMedian float64
	for i, c := range counts {
		fromMean += float64(float64(c) * math.Abs(float64(i+1)-s.Mean))
		fromMedian += float64(float64(c) * math.Abs(float64(i+1)-median))
	}
	a.adMean.Add(fromMean / n)
	a.adMedian.Add(fromMedian / n)
	switch m := s.Mean; {
	case m == 1 || m == scale:
		a.awg.Add(1)
	case m >= (n-1+scale)/n-1e-12 && m <= (float64(scale*(n-1))+1)/n+1e-12:
		widest := (float64((scale+1)*m) - float64(m*m) - scale) * n / (n - 1)
		a.awg.Add(1 - float64(2*variance/widest))
	default:
		return
	}
	a.awgItems++
}

// AgreementCounts counts the answers of every organization per item and scale
// point for Agreement: counts[j][k][a-1]. columns[k][i] is the answer of row i to
// item k, <= Missing where there is none. Listwise counts complete rows only.
// Organizations are dense codes from 0; rows with a negative code are left out.
func AgreementCounts(columns [][]int8, org []int32, scale int, listwise bool) ([][][]int, error) {
	for _, column := range columns {
		if len(column) != len(org) {
			return nil, lengthMismatch("answers", len(column), "organizations", len(org))
		}
	}
	organizations, err := organizationCount(org)
	if err != nil {
		return nil, err
	}
	k := len(columns)
	flat := make([]int, organizations*k*scale)
	for i, j := range org {
		if j < 0 || listwise && !complete(columns, i) {
			continue
		}
		for item, column := range columns {
			answer := int(column[i])
			if answer <= Missing {
				continue
			}
			if answer > scale {
				return nil, &InputError{Code: "invalid_value", Row: i, Column: item, Detail: fmt.Sprintf("answer %d on a scale of %d points", answer, scale)}
			}
			flat[(int(j)*k+item)*scale+answer-1]++
		}
	}
	counts := make([][][]int, organizations)
	for j := range counts {
		counts[j] = make([][]int, k)
		for item := range k {
			at := (j*k + item) * scale
			counts[j][item] = flat[at : at+scale : at+scale]
		}
	}
	return counts, nil
}

func complete(columns [][]int8, row int) bool {
	for _, column := range columns {
		if column[row] <= Missing {
			return false
		}
	}
	return true
}

// AgreementBand is the word for an agreement index (LeBreton and Senter 2008):
// lack to .30, weak to .50, moderate to .70, strong to .90, very_strong above.
func AgreementBand(rwg float64) string {
	switch {
	case rwg <= 0.30:
		return "lack"
	case rwg <= 0.50:
		return "weak"
	case rwg <= 0.70:
		return "moderate"
	case rwg <= 0.90:
		return "strong"
	}
	return "very_strong"
}
