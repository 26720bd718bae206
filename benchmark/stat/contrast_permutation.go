package stat

import "math"

// PermutationResult is the p-value of a gap from permuting whole organizations.
type PermutationResult struct {
	Difference Number   `json:"difference"`
	P          Number   `json:"p_permutation"`
	Exact      bool     `json:"exact"`
	Replicates int      `json:"replicates"`
	Seed       *uint64  `json:"seed"`
	Reasons    []Reason `json:"reasons"`
}

// Limits of the permutation test.
const (
	permutationDraws = 9999
	permutationExact = 20000
)

// PermutationTest deals the tier out again over organizations: the statistic is
// the difference of the weighted means of the two groups, p = (1 + #{|T*| >=
// |T| - 1e-12})/(B + 1) over B = 9,999 seeded arrangements, or the share of all
// arrangements where there are at most 20,000. Every organization of one and
// two that has an answer takes part; none may be in both.
//
// A group under 3 organizations: small_tier, no p. An empty group:
// no_valid_answers.
func PermutationTest(one, two []Contribution, seed uint64) PermutationResult {
	r := PermutationResult{Reasons: []Reason{}}
	var pool []Contribution
	for _, c := range one {
		if c.N > 0 && c.W > 0 {
			pool = append(pool, c)
		}
	}
	k := len(pool)
	for _, c := range two {
		if c.N > 0 && c.W > 0 {
			pool = append(pool, c)
		}
	}
	if k == 0 || k == len(pool) {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r
	}
	deal := newDealing(pool)
	first := make([]int, k)
	for i := range first {
		first[i] = i
	}
	seen := deal.difference(first)
	r.Difference = Some(seen)
	if min(k, len(pool)-k) < 3 {
		r.Reasons = append(r.Reasons, SmallTier)
		return r
	}
	if total := arrangements(len(pool), k); total <= permutationExact {
		r.Exact, r.Replicates = true, total
		r.P = Some(float64(deal.countAll(first, math.Abs(seen)-1e-12)) / float64(total))
		return r
	}
	r.Replicates, r.Seed = permutationDraws, &seed
	extreme := deal.countDrawn(k, math.Abs(seen)-1e-12, NewStream(seed, "permutation", 0))
	r.P = Some(float64(1+extreme) / (permutationDraws + 1))
	return r
}

// dealing holds the organizations and their totals.
type dealing struct {
	pool           []Contribution
	weight, values float64
}

func newDealing(pool []Contribution) dealing {
	var w, wy Sum
	for _, c := range pool {
		w.Add(c.W)
		wy.Add(c.WY)
	}
	return dealing{pool, w.Value(), wy.Value()}
}

// difference is the gap when the chosen organizations form group 1.
func (d dealing) difference(chosen []int) float64 {
	var w, wy float64
	for _, i := range chosen {
		w += d.pool[i].W
		wy += d.pool[i].WY
	}
	return wy/w - (d.values-wy)/(d.weight-w)
}

// countAll walks all subsets of the size of chosen in lexicographic order.
func (d dealing) countAll(chosen []int, bound float64) int {
	n, k, extreme := len(d.pool), len(chosen), 0
	for {
		if math.Abs(d.difference(chosen)) >= bound {
			extreme++
		}
		i := k - 1
		for i >= 0 && chosen[i] == n-k+i {
			i--
		}
		if i < 0 {
			return extreme
		}
		chosen[i]++
		for j := i + 1; j < k; j++ {
			chosen[j] = chosen[j-1] + 1
		}
	}
}

// countDrawn draws subsets by a partial shuffle.
func (d dealing) countDrawn(k int, bound float64, stream *Stream) int {
	order := make([]int, len(d.pool))
	for i := range order {
		order[i] = i
	}
	extreme := 0
	for range permutationDraws {
		for i := range k {
			j := i + stream.IntN(len(order)-i)
			order[i], order[j] = order[j], order[i]
		}
		if math.Abs(d.difference(order[:k])) >= bound {
			extreme++
		}
	}
	return extreme
}

// arrangements is the number of subsets of k among n, or one more than the
// limit of the exact test where it is larger.
func arrangements(n, k int) int {
	k = min(k, n-k)
	total := 1
	for i := 1; i <= k; i++ {
		total = total * (n - k + i) / i
		if total > permutationExact {
			return permutationExact + 1
		}
	}
	return total
}
