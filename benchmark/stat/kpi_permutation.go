package stat

import (
	"math"
	"slices"
	"sort"
	"time"
)

// Permutation tests of medians over organizations.
const (
	permutations    = 9999
	maxArrangements = 20000
	permutationSlip = 1e-12
	permutationRun  = 500 // permutations that share one random stream
)

// PermutationOptions steers PermuteMedians.
type PermutationOptions struct {
	Seed uint64
	// Permutations is the number of random arrangements; 0 means 9,999.
	Permutations int
	Rest         Rest
}

// MedianPermutation is the result of PermuteMedians.
type MedianPermutation struct {
	Difference Number `json:"difference"`
	P          Number `json:"p_permutation"`
	// Exact says that all arrangements were counted.
	Exact       bool     `json:"exact"`
	Replicates  int      `json:"replicates"`
	Seed        *uint64  `json:"seed"`
	ChosenCount int      `json:"organizations_chosen"`
	OtherCount  int      `json:"organizations_rest"`
	Reasons     []Reason `json:"reasons"`
}

// PermuteMedians tests whether the chosen organizations differ from the others
// in the type-7 median of x by reassigning the choice over whole organizations.
// NaN values leave an organization out. The statistic is the difference of
// medians, p = #{|T*| >= |T| - 1e-12} over all arrangements where there are at
// most 20,000, else (1 + #)/(B + 1) from B random ones. For means see
// PermutationTest.
//
// Edge cases: a side empty no_valid_answers; fewer than three organizations on a
// side small_tier, no p; all values equal zero_variance, no p.
func PermuteMedians(x []float64, chosen []bool, options PermutationOptions) (MedianPermutation, error) {
	values, side, err := permutable(x, chosen)
	if err != nil {
		return MedianPermutation{}, err
	}
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return values[order[a]] < values[order[b]] })
	newStatistic := func() func([]int) float64 {
		in := make([]bool, len(values))
		return func(members []int) float64 {
			clear(in)
			for _, j := range members {
				in[j] = true
			}
			return medianOf(values, order, in, true, len(members)) - medianOf(values, order, in, false, len(values)-len(members))
		}
	}
	return permute(values, side, newStatistic, options), nil
}

// medianOf walks values in ascending order up to the middle of one side.
func medianOf(values []float64, order []int, in []bool, want bool, n int) float64 {
	low := (n - 1) / 2
	seen := 0
	for at, j := range order {
		if in[j] != want {
			continue
		}
		if seen == low {
			if n%2 == 1 {
				return values[j]
			}
			for _, next := range order[at+1:] {
				if in[next] == want {
					return values[j] + (values[next]-values[j])*0.5
				}
			}
		}
		seen++
	}
	return math.NaN()
}

// permutable drops organizations without a value and gathers the chosen ones.
func permutable(x []float64, chosen []bool) (values []float64, side []int, err error) {
	if len(x) != len(chosen) {
		return nil, nil, lengthMismatch("values", len(x), "choices", len(chosen))
	}
	for j, v := range x {
		if math.IsNaN(v) {
			continue
		}
		if math.IsInf(v, 0) {
			return nil, nil, &InputError{"invalid_value", j, 0, "value is infinite"}
		}
		if chosen[j] {
			side = append(side, len(values))
		}
		values = append(values, v)
	}
	return values, side, nil
}

// permute runs a test; newStatistic makes a statistic with memory of its own.
func permute(values []float64, side []int, newStatistic func() func([]int) float64, options PermutationOptions) MedianPermutation {
	n, k := len(values), len(side)
	out := MedianPermutation{Reasons: []Reason{}, ChosenCount: k, OtherCount: n - k}
	if k == 0 || k == n {
		out.Reasons = []Reason{NoValidAnswers}
		return out
	}
	observed := newStatistic()(side)
	out.Difference = Some(observed)
	switch {
	case min(k, n-k) < 3:
		out.Reasons = []Reason{SmallTier}
		return out
	case slices.Min(values) == slices.Max(values):
		out.Reasons = []Reason{ZeroVariance}
		return out
	}
	bound := math.Abs(observed) - permutationSlip
	if count := choose(n, k); count <= maxArrangements {
		out.Exact, out.Replicates = true, int(count)
		out.P = Some(exactShare(n, k, newStatistic(), bound))
		return out
	}
	b := options.Permutations
	if b <= 0 {
		b = permutations
	}
	out.Replicates, out.Seed = b, &options.Seed
	hits := make([]int, (b+permutationRun-1)/permutationRun)
	inBlocks(b, permutationRun, func(from, to int) {
		defer options.Rest.since(time.Now())
		statistic := newStatistic()
		hits[from/permutationRun] = randomHits(NewStream(options.Seed, "permutation", from/permutationRun), n, k, to-from,
			func(chosen []int) bool { return math.Abs(statistic(chosen)) >= bound })
	})
	total := 1
	for _, h := range hits {
		total += h
	}
	out.P = Some(float64(total) / float64(b+1))
	return out
}

// randomHits counts, over random choices of k among n, those that are extreme.
func randomHits(stream *Stream, n, k, times int, extreme func([]int) bool) int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	hits := 0
	for range times {
		for i := range k {
			j := i + stream.IntN(n-i)
			order[i], order[j] = order[j], order[i]
		}
		if extreme(order[:k]) {
			hits++
		}
	}
	return hits
}

// exactShare goes through all arrangements in lexicographic order.
func exactShare(n, k int, statistic func([]int) float64, bound float64) float64 {
	members := make([]int, k)
	for i := range members {
		members[i] = i
	}
	hits, all := 0, 0
	for {
		all++
		if math.Abs(statistic(members)) >= bound {
			hits++
		}
		i := k - 1
		for i >= 0 && members[i] == n-k+i {
			i--
		}
		if i < 0 {
			return float64(hits) / float64(all)
		}
		members[i]++
		for ; i+1 < k; i++ {
			members[i+1] = members[i] + 1
		}
	}
}

// choose is the binomial coefficient as a float, exact while it is small enough
// to be counted through.
func choose(n, k int) float64 {
	c := 1.0
	for i := 1; i <= min(k, n-k); i++ {
		c = c * float64(n-i+1) / float64(i)
		if c > 1e15 {
			return c
		}
	}
	return math.Round(c)
}
