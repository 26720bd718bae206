package stat

import (
	"math"
	"slices"
	"sync"
	"time"
)

// CircularOptions steers the estimators that answer the question how much of a
// gap comes from choosing the group by the very answers it is measured on.
type CircularOptions struct {
	// Key are the positions of the key practices that make the index, Mix the
	// role mix (nil: none).
	Key []int
	Mix []float64
	// WorldClass is the number of organizations in the WC column.
	WorldClass int
	Weighting  Weighting
	// Eligible marks organizations that may be chosen; nil means all.
	Eligible []bool
	Seed     uint64
	// Splits is the number of random splits (0: 200), Resamples that of
	// bootstrap samples of organizations (0: 500, or 200 above 2,000
	// organizations, where a sample costs more and is steadier; negative:
	// none), each with ResampleSplits splits (0: 10).
	Splits, Resamples, ResampleSplits int
	Conf                              float64 // 0 means .95
	Rest                              Rest
}

func (o CircularOptions) filled(organizations int) (CircularOptions, error) {
	if o.Splits == 0 {
		o.Splits = 200
	}
	if o.Resamples == 0 {
		o.Resamples = 500
		if organizations > 2000 {
			o.Resamples = 200
		}
	}
	if o.ResampleSplits == 0 {
		o.ResampleSplits = 10
	}
	if o.Conf == 0 {
		o.Conf = 0.95
	}
	if o.Weighting == "" {
		o.Weighting = EqualOrganization
	}
	if o.Splits < 1 || o.ResampleSplits < 1 || o.WorldClass < 0 {
		return o, &InputError{"invalid_value", -1, -1, "splits and columns must be positive"}
	}
	return o, checkConfidence(o.Conf)
}

// SplitGap is the split-half gap of one item, as a share (points/100).
type SplitGap struct {
	Gap     Number    `json:"gap"`
	CI      *Interval `json:"gap_ci"`
	SE      Number    `json:"se_bootstrap"`
	P       Number    `json:"p"`
	Reasons []Reason  `json:"reasons"`
}

// SplitHalfGaps is the result of SplitHalf.
type SplitHalfGaps struct {
	Items []SplitGap `json:"items"`
	// Organizations counts those split, LeftOut those with fewer than four
	// respondents.
	Organizations int `json:"organizations"`
	LeftOut       int `json:"left_out"`
	WorldClass    int `json:"world_class"`
	// HalfCorrelation is the mean over splits of the correlation of the two
	// halves' indices; SpearmanBrown steps it up to the whole organization:
	// reliability of the index without a model.
	HalfCorrelation Number   `json:"half_correlation"`
	SpearmanBrown   Number   `json:"half_correlation_spearman_brown"`
	Splits          int      `json:"splits"`
	Replicates      int      `json:"replicates"`
	Seed            uint64   `json:"seed"`
	Reasons         []Reason `json:"reasons"`
}

// SplitHalf measures the gap of every item without circularity: in each
// organization with at least four respondents the people are split at random
// into halves (within role), the WC organizations are chosen by the index of
// one half and the gap is measured on the other, both ways, over 200 splits.
// The interval resamples organizations 500 times with 10 splits each
// (percentile); p is that of gap/se against t with J-1 degrees of freedom. The
// gap is a little too small rather than too large, since half the people choose.
//
// A drawn copy of an organization takes a split of its own from a store of
// splits, so that copies are not split alike.
//
// Edge cases: no organization to split no_valid_answers; fewer than ten
// few_organizations (gap, but no interval and no p); nobody to choose, or
// nobody left over, no_valid_answers per item; under five organizations in a
// column small_tier and no p, which only a permutation could give.
func SplitHalf(a *AgreeBits, options CircularOptions) (*SplitHalfGaps, error) {
	options, err := options.filled(a.organizations)
	if err != nil {
		return nil, err
	}
	s, err := newSplitter(a, options)
	if err != nil {
		return nil, err
	}
	out := &SplitHalfGaps{
		Items: make([]SplitGap, a.items), Organizations: len(s.usable), LeftOut: a.organizations - len(s.usable),
		Splits: options.Splits, Seed: options.Seed, Reasons: []Reason{},
	}
	for k := range out.Items {
		out.Items[k].Reasons = []Reason{}
	}
	out.WorldClass = min(options.WorldClass, len(s.usable))
	if len(s.usable) == 0 {
		out.refuse(NoValidAnswers)
		return out, nil
	}
	eligible := s.eligible(options.Eligible)
	store := s.estimate(options, eligible, out)
	switch {
	case len(s.usable) < minOrganizations:
		out.Reasons = append(out.Reasons, FewOrganizations)
		return out, nil
	case min(out.WorldClass, out.Organizations-out.WorldClass) < smallTier:
		out.Reasons = append(out.Reasons, SmallTier)
	}
	if options.Resamples > 0 {
		out.Replicates = options.Resamples
		out.bootstrap(s.resample(options, eligible, store), options.Conf)
	}
	return out, nil
}

func newSplitter(a *AgreeBits, options CircularOptions) (*splitter, error) {
	mask, err := a.mask(options.Key)
	if err != nil {
		return nil, err
	}
	if options.Eligible != nil && len(options.Eligible) != a.organizations {
		return nil, lengthMismatch("eligible", len(options.Eligible), "organizations", a.organizations)
	}
	s := &splitter{bits: a, shares: a.keyShares(mask, options.Mix != nil), mix: options.Mix, weighting: options.Weighting}
	if _, err := a.cells(s.shares, options.Mix); err != nil {
		return nil, err
	}
	s.complete = !slices.ContainsFunc(a.missing, func(word uint64) bool { return word != 0 })
	for j := range a.organizations {
		if a.start[j+1]-a.start[j] >= minSplit {
			s.usable = append(s.usable, j)
		}
	}
	return s, nil
}

func (s *splitter) eligible(all []bool) []bool {
	if all == nil {
		return nil
	}
	out := make([]bool, len(s.usable))
	for u, j := range s.usable {
		out[u] = all[j]
	}
	return out
}

func (out *SplitHalfGaps) refuse(reason Reason) {
	out.Reasons = []Reason{reason}
	for k := range out.Items {
		out.Items[k].Reasons = []Reason{reason}
	}
}

// storeLimit is the number of floats kept for the bootstrap (128 MB).
const storeLimit = 1 << 24

// estimate runs the splits and returns those kept for the bootstrap.
func (s *splitter) estimate(options CircularOptions, eligible []bool, out *SplitHalfGaps) []*halves {
	items, count := s.bits.items, len(s.usable)
	keep := min(options.Splits, max(storeLimit/(4*max(items*count, 1)), options.ResampleSplits))
	store := s.newStore(keep)
	scratch := sync.Pool{New: func() any { return s.newStore(1)[0] }}
	gaps := make([][]float64, options.Splits)
	correlations := make([]Number, options.Splits)
	inParallel(options.Splits, func(split int) {
		defer options.Rest.since(time.Now())
		var h *halves
		if split < keep {
			h = store[split]
		} else {
			h = scratch.Get().(*halves)
			defer scratch.Put(h)
		}
		s.draw(NewStream(options.Seed, "split", split), h)
		sample := make([]copied, count)
		for u := range sample {
			sample[u] = copied{u, h}
		}
		gaps[split] = newGapMeter(count, out.WorldClass, h, eligible).measure(sample)
		correlations[split] = correlate(h.index[0], h.index[1])
	})
	for k := range out.Items {
		var total Sum
		for _, g := range gaps {
			total.Add(g[k])
		}
		out.Items[k].Gap = Some(total.Value() / float64(options.Splits))
		if !out.Items[k].Gap.Valid {
			out.Items[k].Reasons = []Reason{NoValidAnswers}
		}
	}
	out.correlate(correlations)
	return store
}

func (out *SplitHalfGaps) correlate(correlations []Number) {
	var total Sum
	n := 0
	for _, r := range correlations {
		if r.Valid {
			total.Add(r.Value)
			n++
		}
	}
	if n == 0 {
		return
	}
	r := total.Value() / float64(n)
	out.HalfCorrelation = Some(r)
	if r > -1 {
		out.SpearmanBrown = Some(2 * r / (1 + r))
	}
}

// correlate is Pearson's correlation over the pairs without NaN; missing below
// two pairs or without variance.
func correlate(x, y []float64) Number {
	var a, b []float64
	for i := range x {
		if !math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
			a, b = append(a, x[i]), append(b, y[i])
		}
	}
	ma, mb := average(a), average(b)
	va, vb := sumSquares(a, ma), sumSquares(b, mb)
	if len(a) < 2 || va <= 0 || vb <= 0 {
		return Number{}
	}
	var cross Sum
	for i := range a {
		cross.Add((a[i] - ma) * (b[i] - mb))
	}
	return Some(min(max(cross.Value()/math.Sqrt(va*vb), -1), 1))
}

// resample returns the gaps of bootstrap samples of whole organizations.
func (s *splitter) resample(options CircularOptions, eligible []bool, store []*halves) [][]float64 {
	count, items := len(s.usable), s.bits.items
	gaps := make([][]float64, options.Resamples)
	inParallel(options.Resamples, func(b int) {
		defer options.Rest.since(time.Now())
		stream := NewStream(options.Seed, "split bootstrap", b)
		meter := newGapMeter(count, min(options.WorldClass, count), store[0], eligible)
		sample := make([]copied, count)
		times := make([]int, count)
		for range sample {
			times[stream.IntN(count)]++
		}
		u := 0
		for at, n := range times { // in the order of the store
			for range n {
				sample[u].at = at
				u++
			}
		}
		mean := make([]float64, items)
		for range options.ResampleSplits {
			for u := range sample {
				sample[u].split = store[stream.IntN(len(store))]
			}
			addInto(mean, meter.measure(sample))
		}
		for k := range mean {
			mean[k] /= float64(options.ResampleSplits)
		}
		gaps[b] = mean
	})
	return gaps
}

// bootstrap turns the gaps of the samples into standard errors, percentile
// intervals and p-values.
func (out *SplitHalfGaps) bootstrap(gaps [][]float64, conf float64) {
	small := min(out.WorldClass, out.Organizations-out.WorldClass) < smallTier
	for k := range out.Items {
		item := &out.Items[k]
		if !item.Gap.Valid {
			continue
		}
		values := make([]float64, 0, len(gaps))
		for _, g := range gaps {
			if !math.IsNaN(g[k]) {
				values = append(values, g[k])
			}
		}
		if float64(len(values)) < 0.99*float64(len(gaps)) || len(values) < 2 {
			item.Reasons = append(item.Reasons, NotConverged)
			continue
		}
		se := math.Sqrt(variance(values))
		item.SE = Some(se)
		if se == 0 {
			item.Reasons = append(item.Reasons, ZeroVariance)
			continue
		}
		q := Quantiles(values, (1-conf)/2, (1+conf)/2)
		item.CI = &Interval{q[0].Value, q[1].Value}
		if !small {
			item.P = Some(TTwoSided(item.Gap.Value/se, float64(out.Organizations-1)))
		}
	}
}
