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

func TestOneNodeServesValuesThatLieCloseTogether(t *testing.T) {
	nodes, stream := normalTable(), NewStream(8, "nodes", 0)
	for range 100_000 {
		weights, z := make([]float64, 1+stream.IntN(mostNodes)), make([]float64, 0, mostNodes)
		around, spread, total, far := 12*stream.Float64()-6, .14*stream.Float64(), 0.0, false
		for i := range weights {
			weights[i] = stream.Float64()
			total += weights[i]
			z = append(z, around+spread*(stream.Float64()-.5))
		}
		want := 0.0
		for i := range weights {
			weights[i] /= total
			want += weights[i] * NormalCDF(z[i])
			far = far || math.Abs(z[i]-z[len(z)/2]) > sharedReach+tableStep/2
		}
		got, ok := quickNormals(nodes, weights, z)
		if len(z) == 3 {
			three, same := threeNormals(nodes, (*[3]float64)(weights), (*[3]float64)(z))
			if same != ok || ok && three != got {
				t.Fatalf("three: %v and %v", three, got)
			}
		}
		if far && ok {
			t.Fatalf("%v are served by one node", z)
		}
		if ok && math.Abs(got-want) > 1e-11 {
			t.Fatalf("%v of %v: %v, want %v", weights, z, got, want)
		}
		if !ok && spread < sharedReach-tableStep {
			t.Fatalf("%v are not served by one node", z)
		}
	}
	for _, z := range [][]float64{{math.NaN()}, {math.Inf(1)}, {0, math.NaN(), 0}, {1, 1, math.Inf(-1)}, {39}} {
		if _, ok := quickNormals(nodes, []float64{.3, .3, .4}, z); ok {
			t.Errorf("%v are served by one node", z)
		}
	}
}
