package stat

import "math"

// The incomplete beta function is written here because gonum's loses about six
// digits at a = b = 1e6 and has no complement. The leading factor is taken in
// Loader's form (Stirling errors and deviances instead of differences of
// log-gammas), the rest is the continued fraction of DLMF 8.17.22.

// BetaCDF is the regularized incomplete beta function I_x(a, b), a, b > 0.
func BetaCDF(x, a, b float64) float64 {
	lower, _ := betaTails(x, 1-x, a, b)
	return lower
}

// BetaUpper is 1 - I_x(a, b) without cancellation.
func BetaUpper(x, a, b float64) float64 {
	_, upper := betaTails(x, 1-x, a, b)
	return upper
}

// BetaQuantile is the x at which I_x(a, b) = p.
func BetaQuantile(p, a, b float64) float64 {
	switch {
	case p <= 0:
		return 0
	case p >= 1:
		return 1
	case p <= 0.5:
		return 1 / (1 + math.Exp(-betaLogit(p, a, b)))
	}
	return 1 / (1 + math.Exp(betaLogit(1-p, b, a)))
}

// betaTails returns I_x(a, b) and its complement. The caller gives y = 1 - x
// too, since one of the two may have been computed with more digits.
func betaTails(x, y, a, b float64) (lower, upper float64) {
	if x <= 0 {
		return 0, 1
	}
	if y <= 0 {
		return 1, 0
	}
	return betaFromDensity(x, y, a, b, betaDensity(x, y, a, b))
}

func betaFromDensity(x, y, a, b, density float64) (lower, upper float64) {
	if x <= (a+1)/(a+b+2) {
		lower = math.Min(1, density/(a*betaFraction(x, a, b)))
		return lower, 1 - lower
	}
	upper = math.Min(1, density/(b*betaFraction(y, b, a)))
	return 1 - upper, upper
}

// betaDensity is x^a y^b / B(a, b), the density of logit x.
func betaDensity(x, y, a, b float64) float64 {
	n := a + b
	excess := float64(a*y) - float64(b*x) // a - n*x, without the cancellation
	exponent := stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n*x, excess) - deviance(b, n*y, -excess)
	return math.Sqrt(a*b/(2*math.Pi*n)) * math.Exp(exponent)
}

// betaFraction evaluates the continued fraction by Lentz's forward recurrence.
// It converges within O(sqrt(max(a, b))) steps for x below the mean.
func betaFraction(x, a, b float64) float64 {
	const tiny, tolerance = 1e-300, 1e-16
	f, c, d := 1.0, 1.0, 0.0
	for i := 1; i < 1_000_000; i++ {
		m := float64(i / 2)
		coefficient := -(a + m) * (a + b + m) / ((a + 2*m) * (a + 2*m + 1))
		if i%2 == 0 {
			coefficient = m * (b - m) / ((a + 2*m - 1) * (a + 2*m))
		}
		coefficient = float64(coefficient * x)
		if d = 1 + float64(coefficient*d); d == 0 {
			d = tiny
		}
		if c = 1 + coefficient/c; c == 0 {
			c = tiny
		}
		d = 1 / d
		step := float64(c * d)
		f *= step
		if math.Abs(step-1) <= tolerance {
			break
		}
	}
	return f
}

// betaLogit is the logit of the x at which I_x(a, b) = p. The logarithm of the
// distribution function is concave in logit x, so Newton's method needs no
// bracket: after at most one step to the left it climbs monotonically.
func betaLogit(p, a, b float64) float64 {
	u := math.Log(a/b) + float64(NormalQuantile(p)*math.Sqrt(1/a+1/b))
	target := math.Log(p)
	for range 200 {
		x, y := 1/(1+math.Exp(-u)), 1/(1+math.Exp(u))
		density := betaDensity(x, y, a, b)
		lower, _ := betaFromDensity(x, y, a, b, density)
		if lower <= 0 || density <= 0 {
			u += math.Copysign(1+float64(math.Abs(u)/4), math.Log(a/b)-u)
			continue
		}
		step := (target - math.Log(lower)) * lower / density
		step = math.Max(-5-math.Abs(u), math.Min(5+math.Abs(u), step))
		u += step
		if math.Abs(step) <= 1e-15*(1e-3+math.Abs(u)) {
			break
		}
	}
	return u
}

// halfLog2Pi is log(2 pi)/2.
const halfLog2Pi = 0.918938533204672741780329736406

// stirlingError is log Gamma(n+1) minus Stirling's approximation.
func stirlingError(n float64) float64 {
	if n < 16 {
		g, _ := math.Lgamma(n + 1)
		return g - float64((n+0.5)*math.Log(n)) + n - halfLog2Pi
	}
	r := 1 / (n * n)
	series := 691.0 / 360360
	for _, c := range [...]float64{1.0 / 1188, 1.0 / 1680, 1.0 / 1260, 1.0 / 360, 1.0 / 12} {
		series = c - float64(r*series)
	}
	return series / n
}

// deviance is x log(x/m) + m - x, the Poisson deviance of x from mean m, without
// the cancellation near x = m. The caller supplies excess = x - m.
func deviance(x, m, excess float64) float64 {
	e := excess / m
	if math.Abs(e) > 0.2 {
		return float64(x*math.Log(x/m)) + m - x
	}
	// (1+e) log(1+e) - e = sum over k >= 2 of (-e)^k / (k(k-1))
	var total float64
	power := e * e
	for k := 2.0; ; k++ {
		term := power / (k * (k - 1))
		total += term
		if math.Abs(term) <= 1e-18*math.Abs(total) || term == 0 {
			return m * total
		}
		power *= -e
	}
}
