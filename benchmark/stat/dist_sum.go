package stat

// Sum adds floats with compensation (Neumaier's variant of Kahan summation), so
// that the order of magnitude of the terms does not eat the digits of the
// total. The zero value is an empty sum. The explicit conversions keep
// compilers from fusing a multiplication of the caller into the addition:
// digits must not differ between machines.
type Sum struct{ total, lost float64 }

// Add adds one term. What the addition loses is found by Knuth's six operations
// and not by comparing the terms: it is the same number, without a branch.
func (s *Sum) Add(x float64) {
	x = float64(x)
	t := float64(s.total + x)
	back := float64(t - s.total)
	s.lost = float64(s.lost + float64(float64(s.total-float64(t-back))+float64(x-back)))
	s.total = t
}

// Value is the total of the terms added so far.
func (s *Sum) Value() float64 { return s.total + s.lost }

// Total is the compensated sum of x; 0 for an empty slice.
func Total(x []float64) float64 {
	var s Sum
	for _, v := range x {
		s.Add(v)
	}
	return s.Value()
}

// average is the compensated arithmetic mean of x; 0 for an empty slice, which the
// caller has to have excluded.
func average(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	return Total(x) / float64(len(x))
}

// sumSquares is the sum of squared deviations of x from center, in the second
// of two passes.
func sumSquares(x []float64, center float64) float64 {
	var s Sum
	for _, v := range x {
		d := v - center
		s.Add(float64(d * d))
	}
	return s.Value()
}

// variance is the sample variance of x with n-1; 0 below two values.
func variance(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	return sumSquares(x, average(x)) / float64(len(x)-1)
}
