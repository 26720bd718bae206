package stat

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func first(n int, draw func() float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = draw()
	}
	return x
}

func TestStreamsAreFrozen(t *testing.T) {
	stream := func(task string) *Stream { return NewStream(20250101, task, 3) }
	u, z, g, s, b := stream("uniform"), stream("normal"), stream("gamma"), stream("small gamma"), stream("beta")
	tests := []struct {
		name string
		got  []float64
		want []float64
	}{
		{"uniform", first(10, u.Float64), goldenUniform},
		{"normal", first(10, z.Normal), goldenNormal},
		{"gamma 2.5", first(10, func() float64 { return g.Gamma(2.5) }), goldenGamma},
		{"gamma .3", first(10, func() float64 { return s.Gamma(.3) }), goldenSmallGamma},
		{"beta .7, 4", first(10, func() float64 { return b.Beta(.7, 4) }), goldenBeta},
	}
	for _, test := range tests {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: the first numbers are now %s", test.name, fmt.Sprintf("%#v", test.got))
		}
	}
}

func TestDefaultSeedIsTheHashOfWhatTheResultRestsOn(t *testing.T) {
	// printf '2025.1\0methods/1\0abc' | sha256sum
	if got := DefaultSeed("2025.1", "methods/1", "abc"); got != goldenSeed {
		t.Errorf("seed %#x", got)
	}
	if DefaultSeed("a", "bc", "") == DefaultSeed("ab", "c", "") {
		t.Error("fields run into each other")
	}
}

func TestDrawsHaveTheirMoments(t *testing.T) {
	const n = 200000
	s := NewStream(7, "moments", 0)
	tests := []struct {
		name           string
		draw           func() float64
		mean, variance float64
	}{
		{"uniform", s.Float64, .5, 1. / 12},
		{"normal", s.Normal, 0, 1},
		{"gamma 3", func() float64 { return s.Gamma(3) }, 3, 3},
		{"gamma .2", func() float64 { return s.Gamma(.2) }, .2, .2},
		{"beta 2, 5", func() float64 { return s.Beta(2, 5) }, 2. / 7, 10. / 49 / 8},
		{"beta .01, .02", func() float64 { return s.Beta(.01, .02) }, 1. / 3, 2. / 9 / 1.03},
		{"integers", func() float64 { return float64(s.IntN(7)) }, 3, 4},
		{"poisson 70", func() float64 { return float64(s.poisson(70)) }, 70, 70},
	}
	for _, test := range tests {
		x := first(n, test.draw)
		m, v := average(x), variance(x)
		wantClose(t, test.name+" mean", m, test.mean, 5*math.Sqrt(test.variance/n))
		wantClose(t, test.name+" variance", v/test.variance, 1, .04)
	}
}

func TestPermuteIsFair(t *testing.T) {
	s := NewStream(7, "permute", 0)
	counts := map[[3]int]int{}
	for range 60000 {
		order := []int{0, 1, 2}
		s.Permute(order)
		counts[[3]int(order)]++
	}
	for order, n := range counts {
		if math.Abs(float64(n)-10000) > 500 {
			t.Errorf("%v came %d times of 60000", order, n)
		}
	}
	if len(counts) != 6 {
		t.Errorf("%d of 6 orders came", len(counts))
	}
}
