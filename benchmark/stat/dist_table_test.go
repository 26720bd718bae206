package stat

import (
	"math"
	"testing"
)

func TestTheTableOfTheNormalDistributionAgreesWithErfc(t *testing.T) {
	nodes := normalTable()
	for i := range 400_001 {
		z := -20 + float64(i)*1e-4 + 3e-5
		want, wantDensity := NormalCDF(z), math.Exp(-0.5*z*z)/math.Sqrt(2*math.Pi)
		got := quickNormal(nodes, z)
		below, density := quickNormalBoth(nodes, z)
		if got != below {
			t.Fatalf("Phi(%v) is %v and %v", z, got, below)
		}
		if math.Abs(got-want) > 2.3e-16 || z > -9 && math.Abs(got-want) > 2e-12*want || math.Abs(density-wantDensity) > 1e-14 {
			t.Fatalf("Phi(%v) = %v, density %v; want %v and %v", z, got, density, want, wantDensity)
		}
	}
	for z, want := range map[float64]float64{-38.1: 0, -1e300: 0, math.Inf(-1): 0, 38.1: 1, math.Inf(1): 1, 0: 0.5} {
		if got := quickNormal(nodes, z); got != want {
			t.Errorf("Phi(%v) = %v, want %v", z, got, want)
		}
	}
}

func BenchmarkNormal(b *testing.B) {
	nodes := normalTable()
	sum := 0.0
	b.Run("table", func(b *testing.B) {
		for i := range b.N {
			sum += quickNormal(nodes, float64(i%1024)/128-4)
		}
	})
	b.Run("erfc", func(b *testing.B) {
		for i := range b.N {
			sum += NormalCDF(float64(i%1024)/128 - 4)
		}
	})
	if sum < 0 {
		b.Error(sum)
	}
}
