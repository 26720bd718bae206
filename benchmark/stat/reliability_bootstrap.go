package stat

import "math"

// ReliabilityIntervals are clustered intervals of the two coefficients.
type ReliabilityIntervals struct {
	Alpha Bootstrapped `json:"alpha"`
	Omega Bootstrapped `json:"omega_total"`
}

// BootstrapReliability gives alpha and omega_total intervals that know the
// organizations, which Feldt's does not: whole organizations are resampled (see
// ClusterBootstrap). columns are as for Reliability and rows with a hole are
// left out, as are rows with a negative organization code. Reasons are those of
// ClusterBootstrap.
//
// The rows are walked once; a replicate adds up the cross products of the drawn
// organizations.
func BootstrapReliability(columns [][]uint8, org []int32, options BootstrapOptions) (ReliabilityIntervals, error) {
	for _, column := range columns {
		if len(column) != len(org) {
			return ReliabilityIntervals{}, lengthMismatch("answers", len(column), "organizations", len(org))
		}
	}
	products, err := organizationProducts(columns, org)
	if err != nil {
		return ReliabilityIntervals{}, err
	}
	k := len(columns)
	figures, err := ClusterBootstrap(len(products), 2, func() Statistic {
		total := make([]int64, productCount(k))
		return func(times []int, out []float64) {
			clear(total)
			for j, t := range times {
				if t == 0 {
					continue
				}
				for i, v := range products[j] {
					total[i] += int64(t) * v
				}
			}
			out[0], out[1] = coefficients(total, k)
		}
	}, options)
	if err != nil {
		return ReliabilityIntervals{}, err
	}
	return ReliabilityIntervals{Alpha: figures[0], Omega: figures[1]}, nil
}

// productCount is the number of sums kept for k items: rows, sums, products of
// each pair.
func productCount(k int) int { return 1 + k + k*(k+1)/2 }

// organizationProducts gathers the sums of complete rows per organization;
// organizations without a complete row are left out.
func organizationProducts(columns [][]uint8, org []int32) ([][]int64, error) {
	organizations, err := organizationCount(org)
	if err != nil {
		return nil, err
	}
	k := len(columns)
	all := make([][]int64, organizations)
	row := make([]int64, k)
	for i, j := range org {
		if j < 0 || !readRow(row, columns, i) {
			continue
		}
		if all[j] == nil {
			all[j] = make([]int64, productCount(k))
		}
		sums := all[j]
		sums[0]++
		at := 1 + k
		for a, x := range row {
			sums[1+a] += x
			for _, y := range row[a:] {
				sums[at] += x * y
				at++
			}
		}
	}
	kept := make([][]int64, 0, organizations)
	for _, sums := range all {
		if sums != nil {
			kept = append(kept, sums)
		}
	}
	return kept, nil
}

// readRow reads one row and says whether it is complete.
func readRow(row []int64, columns [][]uint8, i int) bool {
	for k, column := range columns {
		if column[i] == 0 {
			return false
		}
		row[k] = int64(column[i])
	}
	return true
}

// coefficients are alpha and omega of a sum of products; NaN where they are not
// defined.
func coefficients(sums []int64, k int) (alpha, omega float64) {
	n := sums[0]
	if k < 2 || n < 2 {
		return math.NaN(), math.NaN()
	}
	cov := make([]float64, k*k)
	variances := make([]float64, k)
	at := 1 + k
	for a := range k {
		for b := a; b < k; b++ {
			c := float64(n*sums[at]-sums[1+a]*sums[1+b]) / float64(n) / float64(n-1)
			cov[a*k+b], cov[b*k+a] = c, c
			at++
		}
		variances[a] = cov[a*k+a]
	}
	alpha, omega = math.NaN(), math.NaN()
	total, items := Total(cov), Total(variances)
	if total > 1e-12*items {
		alpha = float64(k) / float64(k-1) * (1 - items/total)
	}
	cor, kept := correlations(cov, k)
	if f := OneFactor(cor, len(kept)); f.Omega.Valid {
		omega = f.Omega.Value
	}
	return alpha, omega
}
