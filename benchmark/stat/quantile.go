package stat

import (
	"math"
	"slices"
	"sort"
)

// Quantile is the type-7 quantile of x at 0 <= p <= 1 (Hyndman and Fan 1996,
// the default of R): h = (n-1)p, x[floor h] + (h - floor h)(x[floor h + 1] -
// x[floor h]). It is missing for an empty slice and the value for a single one.
// The slice is copied, not sorted in place.
func Quantile(x []float64, p float64) Number {
	return Quantiles(x, p)[0]
}

// Quantiles gives several type-7 quantiles of x.
func Quantiles(x []float64, ps ...float64) []Number {
	q := make([]Number, len(ps))
	if len(x) >= bucketsFrom {
		if b := newBuckets(x); b != nil {
			for i, p := range ps {
				q[i] = quantileOf(len(x), p, b.value)
			}
			return q
		}
	}
	s := slices.Clone(x)
	if len(s) >= selectFrom && !slices.ContainsFunc(s, math.IsNaN) {
		arrange(s, ps)
	} else {
		slices.Sort(s)
	}
	for i, p := range ps {
		q[i] = QuantileSorted(s, p)
	}
	return q
}

const (
	// selectFrom is the length from which it is quicker to put only those values into
	// their places that quantiles ask for than to sort.
	selectFrom = 64
	// bucketsFrom is the length from which it is quicker still to count first how
	// many values lie where.
	bucketsFrom = 2048
	bucketCount = 1024
)

// buckets say how many of some values lie in each of equal stretches between the
// least and the largest, so that one of them is found among a few.
type buckets struct {
	x     []float64
	low   float64
	scale float64
	upTo  [bucketCount + 1]int32 // values in the buckets before
	open  int                    // the bucket that was asked for last
	few   []float64              // its values, ascending
}

// newBuckets counts; it is nil where values can not be told apart like this: one is
// NaN or infinite, or all are equal.
func newBuckets(x []float64) *buckets {
	ends := extremes(x)
	b := &buckets{x: x, low: ends[0], scale: bucketCount / (ends[1] - ends[0])}
	if !(b.scale > 0) || math.IsInf(b.scale, 0) {
		return nil
	}
	for _, v := range x {
		if v != v {
			return nil
		}
		b.upTo[b.of(v)+1]++
	}
	for i := range bucketCount {
		b.upTo[i+1] += b.upTo[i]
	}
	return b
}

func (b *buckets) of(v float64) int { return min(int((v-b.low)*b.scale), bucketCount-1) }

// value is the i-th value in ascending order.
func (b *buckets) value(i int) float64 {
	at, _ := slices.BinarySearch(b.upTo[:], int32(i+1))
	if at--; at != b.open || b.few == nil {
		b.open, b.few = at, make([]float64, 0, b.upTo[at+1]-b.upTo[at])
		middle, reach := (float64(at)+.5)/b.scale, 1/b.scale // twice as far as the bucket
		for _, v := range b.x {
			if math.Abs(v-b.low-middle) <= reach && b.of(v) == at {
				b.few = append(b.few, v)
			}
		}
		slices.Sort(b.few)
	}
	return b.few[i-int(b.upTo[at])]
}

// arrange puts the values that the quantiles ps read into their places.
func arrange(x []float64, ps []float64) {
	var at []int
	for _, p := range ps {
		if h := float64(float64(len(x)-1) * p); h >= 0 && h < float64(len(x)) {
			at = append(at, int(h), min(int(h)+1, len(x)-1))
		}
	}
	slices.Sort(at)
	low := 0
	for _, i := range slices.Compact(at) {
		placeAt(x, low, len(x)-1, i)
		low = i + 1
	}
}

// placeAt reorders x[low..high] so that x[at] is what sorting would put there,
// nothing before it is larger and nothing behind it smaller (quickselect with the
// middle as pivot; after too many rounds it would still end, only later).
func placeAt(x []float64, low, high, at int) {
	for low < high {
		pivot := medianOfThree(x[low], x[(low+high)/2], x[high])
		i, j := low, high
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case at <= j:
			high = j
		case at >= i:
			low = i
		default:
			return
		}
	}
}

func medianOfThree(a, b, c float64) float64 {
	return max(min(a, b), min(max(a, b), c))
}

// QuantileSorted is Quantile of a slice that is already in ascending order.
func QuantileSorted(x []float64, p float64) Number {
	return quantileOf(len(x), p, func(i int) float64 { return x[i] })
}

// quantileOf is the quantile of n values of which value gives the i-th in ascending
// order.
func quantileOf(n int, p float64, value func(i int) float64) Number {
	if n == 0 || math.IsNaN(p) || p < 0 || p > 1 {
		return Number{}
	}
	h := float64(float64(n-1) * p)
	i := int(h)
	low := value(min(i, n-1))
	if i >= n-1 {
		return Some(low)
	}
	return Some(low + float64((h-float64(i))*(value(i+1)-low)))
}

// Median is Quantile at one half.
func Median(x []float64) Number { return Quantile(x, 0.5) }

// QuantileStep is the type-1 quantile of an ascending slice, the inverse of the
// empirical distribution function; used for draws of ranks.
func QuantileStep(x []float64, p float64) Number {
	if len(x) == 0 || math.IsNaN(p) || p < 0 || p > 1 {
		return Number{}
	}
	h := float64(float64(len(x)) * p)
	i := int(math.Ceil(h)) - 1
	if r := math.Round(h); math.Abs(h-r) < 1e-9*math.Max(1, h) {
		i = int(r) - 1
	}
	return Some(x[min(max(i, 0), len(x)-1)])
}

// WeightedQuantile is the inverse of the weighted distribution function
// (`weighted_cdf`): the smallest x whose cumulated weight reaches p of the
// total. Values without weight are left out; missing when nothing is left.
func WeightedQuantile(x, w []float64, p float64) Number {
	if len(x) != len(w) || math.IsNaN(p) || p < 0 || p > 1 {
		return Number{}
	}
	order := make([]int, 0, len(x))
	var total Sum
	for i := range x {
		if w[i] > 0 {
			order = append(order, i)
			total.Add(w[i])
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return x[order[a]] < x[order[b]] })
	target := total.Value() * p
	var reached Sum
	for _, i := range order {
		reached.Add(w[i])
		if reached.Value() >= target*(1-1e-12) {
			return Some(x[i])
		}
	}
	if len(order) == 0 {
		return Number{}
	}
	return Some(x[order[len(order)-1]])
}

func sorted(x []float64) []float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return s
}
