package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// synonymCorrelation is the correlation from which two items count as
// psychometric synonyms.
const synonymCorrelation = 0.60

// Distances is the result of Mahalanobis.
type Distances struct {
	// D2 is each respondent's squared distance; NaN-free: missing for people
	// without an answer. P is its upper tail under chi-squared with K degrees
	// of freedom.
	D2      []Number `json:"mahalanobis_d2"`
	P       []Number `json:"p_mahalanobis"`
	Reasons []Reason `json:"reasons"`
}

// Flagged says whether respondent i is flagged (p < .001).
func (d Distances) Flagged(i int) bool { return d.P[i].Valid && d.P[i].Value < mahalanobisAlpha }

// Mahalanobis is the squared distance of every respondent from the mean of all,
// by the covariance over pairwise complete rows; a missing answer counts as no
// deviation. Columns hold answers 1..127, 0 = missing.
//
// Edge cases: no row no_valid_answers; fewer rows than items plus one
// too_few_rows; a covariance that is not positive definite singular_matrix.
func Mahalanobis(columns [][]uint8) Distances {
	rows := 0
	if len(columns) > 0 {
		rows = len(columns[0])
	}
	out := Distances{D2: make([]Number, rows), P: make([]Number, rows), Reasons: []Reason{}}
	switch {
	case rows == 0:
		out.Reasons = []Reason{NoValidAnswers}
		return out
	case rows < len(columns)+2:
		out.Reasons = []Reason{TooFewRows}
		return out
	}
	crosses := CrossProducts(columns, false)
	inverse, reason := invertCovariance(crosses)
	if reason != "" {
		out.Reasons = []Reason{reason}
		return out
	}
	items := len(columns)
	center := make([]float64, items)
	for k := range center {
		center[k] = float64(crosses.Sum[k*items+k]) / float64(crosses.N[k*items+k])
	}
	inBlocks(rows, 4096, func(from, to int) {
		deviation := make([]float64, items)
		for i := from; i < to; i++ {
			if answered(columns, i, center, deviation) == 0 {
				continue
			}
			d2 := quadratic(inverse, deviation)
			out.D2[i] = Some(d2)
			out.P[i] = Some(ChiSquareUpper(d2, float64(items)))
		}
	})
	return out
}

// answered fills the deviations of row i and counts its answers.
func answered(columns [][]uint8, i int, center, deviation []float64) int {
	n := 0
	for k, c := range columns {
		deviation[k] = 0
		if c[i] > 0 {
			deviation[k] = float64(c[i]) - center[k]
			n++
		}
	}
	return n
}

func quadratic(m []float64, x []float64) float64 {
	total := 0.0
	for i, xi := range x {
		if xi == 0 {
			continue
		}
		row := 0.0
		for j, v := range m[i*len(x) : (i+1)*len(x)] {
			row += float64(v * x[j])
		}
		total += float64(xi * row)
	}
	return max(total, 0)
}

// invertCovariance inverts the pairwise covariance by way of its correlations,
// whose smallest eigenvalue must reach 1e-10.
func invertCovariance(c Crosses) ([]float64, Reason) {
	covariance := c.Covariance()
	k := c.Items
	sd := make([]float64, k)
	correlation := mat.NewSymDense(k, nil)
	for i := range k {
		v := covariance[i*k+i]
		if !v.Valid || v.Value <= 0 {
			return nil, SingularMatrix
		}
		sd[i] = math.Sqrt(v.Value)
	}
	for i := range k {
		for j := i; j < k; j++ {
			if !covariance[i*k+j].Valid {
				return nil, SingularMatrix
			}
			correlation.SetSym(i, j, covariance[i*k+j].Value/(sd[i]*sd[j]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(correlation, false) || eigen.Values(nil)[0] < 1e-10 {
		return nil, SingularMatrix
	}
	var factor mat.Cholesky
	if !factor.Factorize(correlation) {
		return nil, SingularMatrix
	}
	var inverse mat.SymDense
	if err := factor.InverseTo(&inverse); err != nil {
		return nil, SingularMatrix
	}
	out := make([]float64, k*k)
	for i := range k {
		for j := range k {
			out[i*k+j] = inverse.At(i, j) / (sd[i] * sd[j])
		}
	}
	return out, ""
}

// EvenOdd is the consistency of every respondent: each scale (a list of items)
// is halved into its odd and even items, the means of the halves are correlated
// over scales, and the correlation is stepped up by Spearman-Brown, not under
// -1. High means consistent. A scale counts where both halves have an answer; at
// least three scales must.
//
// Edge cases: fewer than three scales with two items too_few_items; a person
// without spread over the scales has none.
func EvenOdd(columns [][]uint8, scales [][]int) ([]Number, []Reason, error) {
	usable := 0
	for s, items := range scales {
		for _, k := range items {
			if k < 0 || k >= len(columns) {
				return nil, nil, &InputError{"unknown_item", -1, k, fmt.Sprintf("scale %d has item %d of %d", s, k, len(columns))}
			}
		}
		if len(items) >= 2 {
			usable++
		}
	}
	rows := 0
	if len(columns) > 0 {
		rows = len(columns[0])
	}
	out := make([]Number, rows)
	if usable < 3 {
		return out, []Reason{TooFewItems}, nil
	}
	inBlocks(rows, 4096, func(from, to int) {
		odd, even := make([]float64, 0, len(scales)), make([]float64, 0, len(scales))
		for i := from; i < to; i++ {
			odd, even = odd[:0], even[:0]
			for _, items := range scales {
				o, e := halfMean(columns, items, i, 0), halfMean(columns, items, i, 1)
				if o > 0 && e > 0 {
					odd, even = append(odd, o), append(even, e)
				}
			}
			if len(odd) < 3 {
				continue
			}
			if r := correlate(odd, even); r.Valid {
				stepped := -1.0
				if r.Value > -1.0/3 {
					stepped = 2 * r.Value / (1 + r.Value)
				}
				out[i] = Some(stepped)
			}
		}
	})
	return out, []Reason{}, nil
}

// halfMean is the mean of every second item of a scale; 0 without answers.
func halfMean(columns [][]uint8, items []int, row, from int) float64 {
	sum, n := 0, 0
	for at := from; at < len(items); at += 2 {
		if x := columns[items[at]][row]; x > 0 {
			sum += int(x)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return float64(sum) / float64(n)
}

// Synonyms is the result of PsychometricSynonyms.
type Synonyms struct {
	// Pairs are the item pairs that correlate at .60 or more over the sample.
	Pairs [][2]int `json:"pairs"`
	// R is each respondent's correlation over the pairs.
	R       []Number `json:"psychometric_synonyms"`
	Reasons []Reason `json:"reasons"`
}

// PsychometricSynonyms correlates, within each person, the answers to the first
// and the second items of all pairs that correlate at .60 or more over the
// sample (pairwise complete). At least three pairs must be answered.
//
// Edge cases: no pair at .60 too_few_items; a person without spread has none.
func PsychometricSynonyms(columns [][]uint8) Synonyms {
	rows := 0
	if len(columns) > 0 {
		rows = len(columns[0])
	}
	out := Synonyms{R: make([]Number, rows), Reasons: []Reason{}}
	for i, r := range CrossProducts(columns, false).correlations() {
		if a, b := i/len(columns), i%len(columns); a < b && r.Valid && r.Value >= synonymCorrelation {
			out.Pairs = append(out.Pairs, [2]int{a, b})
		}
	}
	if len(out.Pairs) == 0 {
		out.Reasons = []Reason{TooFewItems}
		return out
	}
	inBlocks(rows, 4096, func(from, to int) {
		first, second := make([]float64, 0, len(out.Pairs)), make([]float64, 0, len(out.Pairs))
		for i := from; i < to; i++ {
			first, second = first[:0], second[:0]
			for _, p := range out.Pairs {
				if x, y := columns[p[0]][i], columns[p[1]][i]; x > 0 && y > 0 {
					first, second = append(first, float64(x)), append(second, float64(y))
				}
			}
			if len(first) >= 3 {
				out.R[i] = correlate(first, second)
			}
		}
	})
	return out
}

// correlations scales the pairwise covariance matrix by the items' own variances.
func (c Crosses) correlations() []Number {
	covariance := c.Covariance()
	out := make([]Number, len(covariance))
	for at, v := range covariance {
		i, j := at/c.Items, at%c.Items
		vi, vj := covariance[i*c.Items+i], covariance[j*c.Items+j]
		if v.Valid && vi.Value > 0 && vj.Value > 0 {
			out[at] = Some(v.Value / math.Sqrt(vi.Value*vj.Value))
		}
	}
	return out
}
