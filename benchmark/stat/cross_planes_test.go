package stat

import (
	"math/rand/v2"
	"testing"
)

// randomColumns draws answers 0..points; 0 is missing.
func randomColumns(rows, items, points int, seed uint64) [][]uint8 {
	random := rand.New(rand.NewPCG(seed, 1))
	columns := make([][]uint8, items)
	for k := range columns {
		columns[k] = make([]uint8, rows)
		for i := range columns[k] {
			columns[k][i] = uint8(random.IntN(points + 1))
		}
	}
	return columns
}

func TestCrossProductsEqualTheSumsOverRows(t *testing.T) {
	for _, rows := range []int{0, 1, 7, 8, 63, 64, 65, 1000, 40000} {
		for _, points := range []int{1, 2, 5, 7, 11, 100} {
			columns := randomColumns(rows, 4, points, uint64(rows))
			for _, listwise := range []bool{false, true} {
				got, want := CrossProducts(columns, listwise), slowCrosses(columns, listwise)
				for at := range want.N {
					if got.N[at] != want.N[at] || got.Sum[at] != want.Sum[at] || got.Cross[at] != want.Cross[at] {
						t.Fatalf("rows %d points %d listwise %v cell %d: got n %d sum %d cross %d, want %d %d %d", rows, points,
							listwise, at, got.N[at], got.Sum[at], got.Cross[at], want.N[at], want.Sum[at], want.Cross[at])
					}
				}
			}
		}
	}
}

// slowCrosses is the definition, row by row.
func slowCrosses(columns [][]uint8, listwise bool) Crosses {
	k := len(columns)
	c := Crosses{Items: k, N: make([]int64, k*k), Sum: make([]int64, k*k), Cross: make([]int64, k*k)}
	for row := range columns[0] {
		complete := true
		for _, column := range columns {
			complete = complete && column[row] > 0
		}
		for i, x := range columns {
			for j, y := range columns {
				if x[row] == 0 || y[row] == 0 || listwise && !complete {
					continue
				}
				c.N[i*k+j]++
				c.Sum[i*k+j] += int64(x[row])
				c.Cross[i*k+j] += int64(x[row]) * int64(y[row])
			}
		}
	}
	return c
}

func TestCovarianceOfAColumnWithItselfIsItsVariance(t *testing.T) {
	cov := CrossProducts([][]uint8{{2, 4, 4, 4, 5, 5, 7, 9}}, false).Covariance()
	// hand: mean 5, squares 32, 32/7
	if want := 32.0 / 7; cov[0].Value != want {
		t.Errorf("variance %v, want %v", cov[0].Value, want)
	}
}

func BenchmarkCrossProducts(b *testing.B) {
	columns := randomColumns(1_000_000, 60, 7, 1)
	b.ResetTimer()
	for range b.N {
		CrossProducts(columns, false)
	}
}
