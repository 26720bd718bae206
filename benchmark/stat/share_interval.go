package stat

import "math"

// Wilson is the score interval of a proportion p on n cases (Wilson 1927):
// centre (p + z^2/2n)/(1 + z^2/n), half-width z sqrt(p(1-p)/n + z^2/4n^2)/(1 +
// z^2/n). n need not be whole: an effective number of cases gives the clustered
// interval. Nil when n is not positive or p lies outside [0, 1].
func Wilson(p, n, conf float64) *Interval {
	if !(n > 0) || !(p >= 0 && p <= 1) || checkConfidence(conf) != nil {
		return nil
	}
	if math.IsInf(n, 1) {
		return &Interval{p, p}
	}
	z := normalCritical(conf)
	square := float64(z * z)
	centre := (p + square/(2*n)) / (1 + square/n)
	half := z * math.Sqrt(float64(p*(1-p)/n)+float64(square/(4*n*n))) / (1 + square/n)
	return unitInterval(p, centre-half, centre+half)
}

// WilsonCount is Wilson for x agreements among n answers.
func WilsonCount(x, n int, conf float64) *Interval {
	if !validCount(x, n) {
		return nil
	}
	return Wilson(float64(x)/float64(n), float64(n), conf)
}

// AgrestiCoull is the interval of Agresti and Coull (1998): Wald's on n~ = n +
// z^2 cases with p~ = (x + z^2/2)/n~, cut to [0, 1]. Nil when there is no case.
func AgrestiCoull(x, n int, conf float64) *Interval {
	if !validCount(x, n) || checkConfidence(conf) != nil {
		return nil
	}
	z := normalCritical(conf)
	square := float64(z * z)
	cases := float64(n) + square
	p := (float64(x) + float64(square/2)) / cases
	half := float64(z * math.Sqrt(p*(1-p)/cases))
	return &Interval{math.Max(0, p-half), math.Min(1, p+half)}
}

// Jeffreys is the interval of Beta(x+1/2, n-x+1/2) quantiles (Brown, Cai and
// DasGupta 2001); its lower limit is 0 at x = 0, its upper limit 1 at x = n.
func Jeffreys(x, n int, conf float64) *Interval {
	if !validCount(x, n) || checkConfidence(conf) != nil {
		return nil
	}
	a, b, tail := float64(x)+0.5, float64(n-x)+0.5, (1-conf)/2
	limits := Interval{0, 1}
	if x > 0 {
		limits.Lower = BetaQuantile(tail, a, b)
	}
	if x < n {
		limits.Upper = 1 - BetaQuantile(tail, b, a)
	}
	return &limits
}

// ClopperPearson is the exact interval from binomial tails; it never covers
// less than conf and is wider than the others for that.
func ClopperPearson(x, n int, conf float64) *Interval {
	if !validCount(x, n) || checkConfidence(conf) != nil {
		return nil
	}
	a, b, tail := float64(x), float64(n-x), (1-conf)/2
	limits := Interval{0, 1}
	if x > 0 {
		limits.Lower = BetaQuantile(tail, a, b+1)
	}
	if x < n {
		limits.Upper = 1 - BetaQuantile(tail, b, a+1)
	}
	return &limits
}

// LogitT is the interval logit p +/- t se/(p(1-p)) on df degrees of freedom,
// transformed back. Nil at p = 0 or 1, where the logit is not defined.
func LogitT(p, se, df, conf float64) *Interval {
	if !(p > 0 && p < 1) || !(se >= 0) || !(df > 0) || checkConfidence(conf) != nil {
		return nil
	}
	centre := math.Log(p / (1 - p))
	half := TCritical(conf, df) * se / (p * (1 - p))
	return &Interval{1 / (1 + math.Exp(half-centre)), 1 / (1 + math.Exp(-half-centre))}
}

func validCount(x, n int) bool { return n > 0 && x >= 0 && x <= n }

// unitInterval keeps rounding errors from moving a limit out of [0, 1] or past
// the estimate; at p = 0 and p = 1 the outer limit is the estimate itself.
func unitInterval(p, lower, upper float64) *Interval {
	lower, upper = math.Max(0, math.Min(lower, p)), math.Min(1, math.Max(upper, p))
	if p == 0 {
		lower = 0
	}
	if p == 1 {
		upper = 1
	}
	return &Interval{lower, upper}
}
