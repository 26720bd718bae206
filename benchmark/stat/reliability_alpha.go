package stat

import "math"

// AlphaResult is Cronbach's alpha with Feldt's interval.
type AlphaResult struct {
	Alpha   Number    `json:"alpha"`
	CI      *Interval `json:"alpha_feldt_ci"`
	Items   int       `json:"items"`
	N       int       `json:"n"`
	Reasons []Reason  `json:"reasons"`
}

// Alpha is K/(K-1) (1 - sum s_k^2/s_T^2) from the variances of the items and of
// their total over the same n rows, with the interval of Feldt, Woodruff and
// Salih (1987): 1 - (1-a) F(1-tail) to 1 - (1-a) F(tail) on n-1 and (n-1)(K-1)
// degrees of freedom. It says how consistent the answers are, not that they
// measure one thing, and nothing about organizations' means.
//
// Fewer than two items: too_few_items. No row: no_valid_answers; one:
// too_few_rows. Total without variance: zero_variance. Below 0:
// negative_estimate.
func Alpha(variances []float64, total float64, n int, conf float64) (AlphaResult, error) {
	k := len(variances)
	r := AlphaResult{Items: k, N: n, Reasons: []Reason{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	switch {
	case k < 2:
		r.Reasons = append(r.Reasons, TooFewItems)
	case n == 0:
		r.Reasons = append(r.Reasons, NoValidAnswers)
	case n == 1:
		r.Reasons = append(r.Reasons, TooFewRows)
	}
	if len(r.Reasons) > 0 {
		return r, nil
	}
	items := Total(variances)
	// Summing K^2 covariances of a constant total leaves rounding, not variance.
	if !(total > 1e-12*math.Max(items, 1e-300)) {
		r.Reasons = append(r.Reasons, ZeroVariance)
		return r, nil
	}
	alpha := float64(k) / float64(k-1) * (1 - items/total)
	r.Alpha = Some(alpha)
	if alpha < 0 {
		r.Reasons = append(r.Reasons, NegativeEstimate)
	}
	df1, df2, tail := float64(n-1), float64(n-1)*float64(k-1), (1-conf)/2
	r.CI = &Interval{1 - float64((1-alpha)*FQuantile(1-tail, df1, df2)), 1 - float64((1-alpha)*FQuantile(tail, df1, df2))}
	return r, nil
}

// ItemReliability is what one item adds to its scale.
type ItemReliability struct {
	Mean           Number `json:"mean"`
	SD             Number `json:"sd"`
	ItemTotal      Number `json:"item_total_corrected"`
	AlphaIfDeleted Number `json:"alpha_if_deleted"`
	Loading        Number `json:"loading"`
}

// ReliabilityResult is the internal consistency of one scale.
type ReliabilityResult struct {
	Alpha         Number    `json:"alpha_listwise"`
	AlphaCI       *Interval `json:"alpha_feldt_ci"`
	AlphaPairwise Number    `json:"alpha_pairwise"`
	AlphaStd      Number    `json:"alpha_std_listwise"`
	SpearmanBrown Number    `json:"spearman_brown"` // of two items
	Omega         Number    `json:"omega_total"`
	AVE           Number    `json:"ave"`
	N             int       `json:"n_listwise"`
	Items         int       `json:"items"`
	// NoVariance are the places of the items without variance: they stay in raw
	// alpha and leave alpha_std and omega.
	NoVariance   []int             `json:"items_without_variance"`
	PerItem      []ItemReliability `json:"per_item"`
	Reasons      []Reason          `json:"reasons"`
	OmegaReasons []Reason          `json:"omega_reasons"`
}

// Reliability analyses the items of one scale: columns[k][i] is the answer of
// row i to item k, 0 where missing, reversed items recoded. Alpha and the item
// analysis rest on complete rows, alpha_pairwise on all pairs.
//
// item_total_corrected is the correlation with the total of the others;
// alpha_std = K r/(1 + (K-1) r), r the mean correlation; omega_total = (sum
// l)^2/((sum l)^2 + sum(1 - l^2)) and ave = mean l^2 from a one-factor maximum
// likelihood fit on the correlations (McDonald 1999). Reasons as for Alpha;
// those of omega (three items at least, see OneFactor) stand apart, since alpha
// does not need the model.
func Reliability(columns [][]uint8, conf float64) (ReliabilityResult, error) {
	for _, column := range columns {
		if len(column) != len(columns[0]) {
			return ReliabilityResult{}, lengthMismatch("answers", len(column), "in the first item", len(columns[0]))
		}
	}
	r, err := ReliabilityOf(CrossProducts(columns, true), conf)
	if err == nil {
		r.AlphaPairwise = AlphaPairwise(CrossProducts(columns, false))
	}
	return r, err
}

// ReliabilityOf is Reliability from the cross products of complete rows, without
// alpha_pairwise.
func ReliabilityOf(c Crosses, conf float64) (ReliabilityResult, error) {
	k := c.Items
	r := ReliabilityResult{Items: k, NoVariance: []int{}, PerItem: make([]ItemReliability, k), Reasons: []Reason{}, OmegaReasons: []Reason{}}
	if k > 0 {
		r.N = int(c.N[0])
	}
	cov := values(c.Covariance())
	variances := make([]float64, k)
	for i := range k {
		variances[i] = cov[i*k+i]
	}
	a, err := Alpha(variances, Total(cov), r.N, conf)
	if err != nil {
		return r, err
	}
	r.Alpha, r.AlphaCI, r.Reasons = a.Alpha, a.CI, a.Reasons
	if r.N == 0 || k == 0 {
		return r, nil
	}
	r.items(c, cov)
	if r.N > 1 {
		r.standardized(cov)
	}
	return r, nil
}

// values reads a matrix of covariances; a missing one counts as 0, which
// happens only below two rows.
func values(numbers []Number) []float64 {
	x := make([]float64, len(numbers))
	for i, n := range numbers {
		x[i] = n.Or(0)
	}
	return x
}

func (r *ReliabilityResult) items(c Crosses, cov []float64) {
	k, total := c.Items, Total(cov)
	var trace Sum
	for i := range k {
		trace.Add(cov[i*k+i])
	}
	for i := range k {
		item := &r.PerItem[i]
		item.Mean = Some(float64(c.Sum[i*k+i]) / float64(r.N))
		if r.N < 2 {
			continue
		}
		own, row := cov[i*k+i], Total(cov[i*k:(i+1)*k])
		item.SD = Some(math.Sqrt(own))
		if own == 0 {
			r.NoVariance = append(r.NoVariance, i)
		}
		if k < 2 {
			continue
		}
		rest := total - row - row + own
		if rest <= 1e-12*trace.Value() {
			continue
		}
		if own > 0 {
			item.ItemTotal = Some((row - own) / math.Sqrt(own*rest))
		}
		if k > 2 {
			item.AlphaIfDeleted = Some(float64(k-1) / float64(k-2) * (1 - (trace.Value()-own)/rest))
		}
	}
}

// standardized fills what rests on correlations of the items that vary.
func (r *ReliabilityResult) standardized(cov []float64) {
	cor, kept := correlations(cov, r.Items)
	k := len(kept)
	if k < 2 {
		r.OmegaReasons = append(r.OmegaReasons, TooFewItems)
		return
	}
	mean := (Total(cor) - float64(k)) / float64(k*(k-1))
	if bottom := 1 + float64(float64(k-1)*mean); bottom > 0 {
		r.AlphaStd = Some(float64(k) * mean / bottom)
	}
	if k == 2 {
		r.SpearmanBrown = r.AlphaStd
	}
	f := OneFactor(cor, k)
	r.Omega, r.AVE, r.OmegaReasons = f.Omega, f.AVE, f.Reasons
	for i, l := range f.Loadings {
		r.PerItem[kept[i]].Loading = Some(l)
	}
}

// correlations of the items that have variance, and which these are.
func correlations(cov []float64, k int) (cor []float64, kept []int) {
	for i := range k {
		if cov[i*k+i] > 0 {
			kept = append(kept, i)
		}
	}
	cor = make([]float64, 0, len(kept)*len(kept))
	for _, i := range kept {
		for _, j := range kept {
			if i == j {
				cor = append(cor, 1)
				continue
			}
			cor = append(cor, cov[i*k+j]/math.Sqrt(cov[i*k+i]*cov[j*k+j]))
		}
	}
	return cor, kept
}

// AlphaPairwise is alpha from covariances over pairwise complete rows, as
// common packages compute it; missing where a pair of items has fewer than two
// rows or the total no variance.
func AlphaPairwise(c Crosses) Number {
	k := c.Items
	if k < 2 {
		return Number{}
	}
	var items, total Sum
	for at, v := range c.Covariance() {
		if !v.Valid {
			return Number{}
		}
		total.Add(v.Value)
		if at%(k+1) == 0 {
			items.Add(v.Value)
		}
	}
	if total.Value() <= 1e-12*items.Value() {
		return Number{}
	}
	return Some(float64(k) / float64(k-1) * (1 - items.Value()/total.Value()))
}
