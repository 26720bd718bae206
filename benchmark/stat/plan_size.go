package stat

import (
	"fmt"
	"math"
)

// z80 is the .80 quantile of the normal distribution: the power of plans.
const z80 = 0.8416212335729143

// SampleNeeded is the number of respondents for a share near p to be known
// within +/- margin at 95%: deff p(1-p) z^2/margin^2, rounded up.
func SampleNeeded(p, margin, deff float64) (int, error) {
	if !(p > 0 && p < 1) || !(margin > 0) || !(deff >= 1) {
		return 0, planError("share, margin or design effect", p, margin, deff)
	}
	return wholeUp(deff * p * (1 - p) * z95 * z95 / (margin * margin))
}

// DetectableGap is the gap between two groups of n1 and n2 respondents that is
// found with probability .80 at the 5% level: (z_.975 + z_.80) sqrt(deff p(1-p)
// (1/n1 + 1/n2)).
func DetectableGap(p, deff float64, n1, n2 int) (float64, error) {
	if !(p > 0 && p < 1) || !(deff >= 1) || n1 < 1 || n2 < 1 {
		return 0, planError("share, design effect or groups", p, deff, float64(min(n1, n2)))
	}
	return (z95 + z80) * math.Sqrt(deff*p*(1-p)*(1/float64(n1)+1/float64(n2))), nil
}

// OrganizationsPerGroup is the number of organizations in each of two groups for
// a difference delta of their scores to be found with probability .80 at the 5%
// level: 2(z_.975 + z_.80)^2 (tau2 + sigma2/n)/delta^2, rounded up. Beyond n x
// icc of about 1 more organizations help, more people hardly.
func OrganizationsPerGroup(tau2, sigma2 float64, n int, delta float64) (int, error) {
	if !(tau2 >= 0) || !(sigma2 >= 0) || n < 1 || !(math.Abs(delta) > 0) {
		return 0, planError("variances or difference", tau2, sigma2, delta)
	}
	z := z95 + z80
	return wholeUp(2 * z * z * (tau2 + sigma2/float64(n)) / (delta * delta))
}

func wholeUp(v float64) (int, error) {
	if !(v < 1e15) {
		return 0, planError("size", v, 0, 0)
	}
	return int(math.Ceil(v - 1e-9)), nil
}

func planError(what string, a, b, c float64) error {
	return &InputError{"invalid_value", -1, -1, fmt.Sprintf("%s out of range: %v, %v, %v", what, a, b, c)}
}
