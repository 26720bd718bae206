package stat

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// NormalCDF is Phi(z), accurate to the last digits in the lower tail.
func NormalCDF(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// NormalUpper is 1 - Phi(z) without the cancellation, accurate in the upper tail.
func NormalUpper(z float64) float64 { return 0.5 * math.Erfc(z/math.Sqrt2) }

// NormalTwoSided is the two-sided p-value of z.
func NormalTwoSided(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// NormalQuantile is the inverse of NormalCDF for 0 < p < 1. It is good in the
// lower tail down to the smallest floats (math.Erfinv is not); for the upper
// tail negate the quantile of the complementary probability.
func NormalQuantile(p float64) float64 { return mathext.NormalQuantile(p) }

// normalCritical is the two-sided critical value of the normal distribution at
// confidence conf.
func normalCritical(conf float64) float64 {
	if conf == 0.95 {
		return z95
	}
	return -mathext.NormalQuantile((1 - conf) / 2)
}

// checkConfidence refuses a confidence outside (0, 1).
func checkConfidence(conf float64) error {
	if conf > 0 && conf < 1 {
		return nil
	}
	return &InputError{Code: "invalid_confidence", Row: -1, Column: -1, Detail: "confidence must lie between 0 and 1"}
}
