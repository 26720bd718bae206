package stat

import (
	"fmt"
	"math"
)

// Summary is all that the estimators of this package need to know about the
// answers of one organization to one item: how many there are, their mean and
// the sum of squared deviations from it. N = 0 stands for an organization
// without a valid answer. A caller that keeps counts per organization builds
// summaries from the counts and never touches rows again.
type Summary struct {
	N    int
	Mean float64
	SS   float64
}

// SummaryFromSums makes a Summary from whole-number sums, without rounding error
// as long as n times sumSquares fits 2^63.
func SummaryFromSums(n int, sum, sumSquares int64) Summary {
	if n <= 0 {
		return Summary{}
	}
	count := int64(n)
	return Summary{N: n, Mean: float64(sum) / float64(n), SS: float64(count*sumSquares-sum*sum) / float64(n)}
}

// SummaryFromCounts makes a Summary from the number of answers per scale point:
// counts[0] belongs to answer 1.
func SummaryFromCounts(counts []int) Summary {
	var n int
	var sum, squares int64
	for i, c := range counts {
		point := int64(i + 1)
		n += c
		sum += point * int64(c)
		squares += point * point * int64(c)
	}
	return SummaryFromSums(n, sum, squares)
}

// ShareSummaries summarizes 0/1 answers from x[j] agreements among n[j]
// answers of each organization.
func ShareSummaries(n, x []int) ([]Summary, error) {
	if len(n) != len(x) {
		return nil, lengthMismatch("n", len(n), "x", len(x))
	}
	summaries := make([]Summary, len(n))
	for j := range n {
		if x[j] < 0 || x[j] > n[j] {
			return nil, &InputError{Code: "invalid_value", Row: j, Column: 0, Detail: fmt.Sprintf("%d agreements among %d answers", x[j], n[j])}
		}
		summaries[j] = SummaryFromSums(n[j], int64(x[j]), int64(x[j]))
	}
	return summaries, nil
}

// AnswerSummaries gathers answers 1..scale per organization. Values <= Missing
// are not counted; organizations are dense codes from 0, and one with a
// negative code is left out.
func AnswerSummaries(answers []int8, org []int32, scale int) ([]Summary, error) {
	if len(answers) != len(org) {
		return nil, lengthMismatch("answers", len(answers), "organizations", len(org))
	}
	j, err := organizationCount(org)
	if err != nil {
		return nil, err
	}
	type sums struct{ n, sum, squares int64 }
	totals := make([]sums, j)
	for i, a := range answers {
		if a <= Missing || org[i] < 0 {
			continue
		}
		if int(a) > scale {
			return nil, &InputError{Code: "invalid_value", Row: i, Column: 0, Detail: fmt.Sprintf("answer %d on a scale of %d points", a, scale)}
		}
		t, v := &totals[org[i]], int64(a)
		t.n++
		t.sum += v
		t.squares += v * v
	}
	summaries := make([]Summary, j)
	for i, t := range totals {
		summaries[i] = SummaryFromSums(int(t.n), t.sum, t.squares)
	}
	return summaries, nil
}

// ValueSummaries gathers values per organization in two passes; NaN is missing.
func ValueSummaries(x []float64, org []int32) ([]Summary, error) {
	if len(x) != len(org) {
		return nil, lengthMismatch("values", len(x), "organizations", len(org))
	}
	j, err := organizationCount(org)
	if err != nil {
		return nil, err
	}
	sums, squares := make([]Sum, j), make([]Sum, j)
	summaries := make([]Summary, j)
	for i, v := range x {
		if math.IsInf(v, 0) {
			return nil, &InputError{Code: "invalid_value", Row: i, Column: 0, Detail: "infinite value"}
		}
		if !math.IsNaN(v) && org[i] >= 0 {
			summaries[org[i]].N++
			sums[org[i]].Add(v)
		}
	}
	for k := range summaries {
		if summaries[k].N > 0 {
			summaries[k].Mean = sums[k].Value() / float64(summaries[k].N)
		}
	}
	for i, v := range x {
		if !math.IsNaN(v) && org[i] >= 0 {
			d := v - summaries[org[i]].Mean
			squares[org[i]].Add(float64(d * d))
		}
	}
	for k := range summaries {
		summaries[k].SS = squares[k].Value()
	}
	return summaries, nil
}

// organizationCount is one more than the highest code. Codes have to be dense,
// since a table is laid out by them.
func organizationCount(org []int32) (int, error) {
	highest := int32(-1)
	for _, code := range org {
		highest = max(highest, code)
	}
	if int(highest) >= 8*len(org)+1024 {
		return 0, &InputError{Code: "invalid_value", Row: -1, Column: -1, Detail: fmt.Sprintf("organization code %d for %d rows: codes have to be dense", highest, len(org))}
	}
	return int(highest) + 1, nil
}

func lengthMismatch(a string, la int, b string, lb int) error {
	return &InputError{Code: "length_mismatch", Row: -1, Column: -1, Detail: fmt.Sprintf("%d %s, %d %s", la, a, lb, b)}
}

// present keeps the organizations with at least one answer.
func present(summaries []Summary) []Summary {
	kept := make([]Summary, 0, len(summaries))
	for _, m := range summaries {
		if m.N > 0 {
			kept = append(kept, m)
		}
	}
	return kept
}

// pooledSummary is the moment of all answers together.
func pooledSummary(summaries []Summary) Summary {
	var all Summary
	var sum, squares Sum
	for _, m := range summaries {
		all.N += m.N
		sum.Add(float64(m.N) * m.Mean)
	}
	if all.N == 0 {
		return all
	}
	all.Mean = sum.Value() / float64(all.N)
	for _, m := range summaries {
		d := m.Mean - all.Mean
		squares.Add(m.SS)
		squares.Add(float64(m.N) * float64(d*d))
	}
	all.SS = squares.Value()
	return all
}
