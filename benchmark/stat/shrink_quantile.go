package stat

import "math"

// betaMixture is the posterior of one organization's share: a mixture of beta
// distributions, with its mean and standard deviation.
type betaMixture struct {
	parts    []betaPart
	mean, sd float64
}

type betaPart struct{ a, b, weight float64 }

func newBetaMixture(points []betaPoint, y, n int, mean, sd float64) betaMixture {
	m := betaMixture{make([]betaPart, len(points)), mean, sd}
	for i, q := range points {
		m.parts[i] = q.shareOf(y, n)
	}
	return m
}

// shareOf is the distribution of an organization's share at the point.
func (q betaPoint) shareOf(y, n int) betaPart {
	if q.variance == 0 {
		return betaPart{q.mu/q.theta + float64(y), (1-q.mu)/q.theta + float64(n-y), q.weight}
	}
	scale, c := 1/(1+float64(q.theta*float64(n))), q.theta/(1+float64(q.theta*float64(n+1)))
	mean, between := (q.mu+float64(q.theta*float64(y)))*scale, q.variance*scale*scale
	within := c * (mean*(1-mean) - between)
	size := mean*(1-mean)/(within+between) - 1
	return betaPart{mean * size, (1 - mean) * size, q.weight}
}

// betaSlopes are a distribution function at one place and its derivatives.
type betaSlopes struct{ below, density, slope, bend float64 }

// at is the mixture at x, 0 < x < 1.
func (m betaMixture) at(x float64) betaSlopes {
	var sum betaSlopes
	for _, q := range m.parts {
		one := betaSlopesAt(x, q.a, q.b)
		sum.below += float64(q.weight * one.below)
		sum.density += float64(q.weight * one.density)
		sum.slope += float64(q.weight * one.slope)
		sum.bend += float64(q.weight * one.bend)
	}
	return sum
}

// betaSlopesAt is the beta distribution at x, 0 < x < 1.
func betaSlopesAt(x, a, b float64) betaSlopes {
	y := 1 - x
	lower, d := betaLower(x, y, a, b)
	density := d / (x * y)
	first := (a-1)/x - (b-1)/y // of the logarithm of the density
	second := -(a-1)/(x*x) - (b-1)/(y*y)
	return betaSlopes{lower, density, density * first, density * (float64(first*first) + second)}
}

// Where a and b are over largeBeta the expansion is good to 5e-9. Nearer to the mean
// than nearMean, in standard deviations, its digits cancel.
const largeBeta, nearMean = 200, .03

// betaLower is I_x(a, b) and the density of logit x. For large a and b the continued
// fraction takes hundreds of terms; there Temme's uniform expansion (1982; DLMF 8.18.9)
// is taken instead: with r the signed root of the deviance, eta = r/sqrt(a+b) and
// f = eta sqrt(x0 y0)/(x-x0), x0 the mean, integration by parts of exp(-n eta^2/2) f
// gives the normal distribution function at r and a correction, of which the first two
// terms are taken.
func betaLower(x, y, a, b float64) (lower, d float64) {
	d = betaDensity(x, y, a, b)
	if min(a, b) < largeBeta {
		lower, _ = betaFromDensity(x, y, a, b, d)
		return lower, d
	}
	n := a + b
	away := float64(b*x) - float64(a*y) // n (x - x0)
	r := math.Copysign(math.Sqrt(2*(deviance(a, n*x, -away)+deviance(b, n*y, away))), away)
	if math.Abs(r) < nearMean {
		lower, _ = betaFromDensity(x, y, a, b, d)
		return lower, d
	}
	q, eta := math.Sqrt(a*b)/n, r/math.Sqrt(n)
	f := eta * q * n / away
	correction := (f - 1) / eta
	correction += ((1-f*f*f*x*y/(q*q))/(eta*eta) - (1/(q*q)-1)/12) / eta / n
	return min(max(NormalCDF(r)-float64(d/(n*q)*correction), 0), 1), d
}

// step is how far it is to where the distribution function is p: the first terms of
// the inverse function's series. bent is by how much the density changes on the way,
// and the next term as much as its cube.
func (s betaSlopes) step(p float64) (step, bent float64) {
	u := (p - s.below) / s.density
	r, q := s.slope/s.density, s.bend/s.density
	step = u * (1 - float64(u*r)/2 + float64(u*u*(3*float64(r*r)-q))/6)
	return step, math.Abs(step * r)
}

// A step of fewer standard deviations, on which the density changes by less than
// nearBend, leaves nothing that shows.
const nearStep, nearBend = 2e-3, .02

// quantile finds the share with posterior probability p below it, from the quantile of
// the beta distribution with the same mean and standard deviation. Steps that would
// leave the bracket are replaced by bisection.
func (m betaMixture) quantile(p float64) float64 {
	low, high := 0.0, 1.0
	x := m.start(p)
	for range 200 {
		s := m.at(x)
		if s.below > p {
			high = x
		} else {
			low = x
		}
		step, bent := s.step(p)
		next := x + step
		if !(next > low && next < high) {
			bent, next = 1, (low+high)/2
		}
		if bent < nearBend && math.Abs(step) < nearStep*m.sd || high-low < 1e-12 {
			return next
		}
		x = next
	}
	return x
}

// start is the quantile of the beta distribution with the mean and the standard
// deviation of the mixture.
func (m betaMixture) start(p float64) float64 {
	size := m.mean*(1-m.mean)/(m.sd*m.sd) - 1
	a, b := m.mean*size, (1-m.mean)*size
	if !(size > 0) || math.IsInf(size, 0) {
		return m.mean
	}
	x := 0.5
	if min(a, b) > 2 {
		x = nearBetaQuantile(p, a, b)
		step, _ := betaSlopesAt(x, a, b).step(p)
		x += step
	} else {
		x = BetaQuantile(p, a, b)
	}
	return min(max(x, m.mean/8), 1-(1-m.mean)/8)
}

// nearBetaQuantile is good to two digits or three, for a and b over 1 (Abramowitz and
// Stegun, 26.5.22).
func nearBetaQuantile(p, a, b float64) float64 {
	z := NormalQuantile(p)
	lambda := (float64(z*z) - 3) / 6
	one, two := 1/(2*a-1), 1/(2*b-1)
	h := 2 / (one + two)
	w := z*math.Sqrt(h+lambda)/h + (two-one)*(lambda+5.0/6-2/(3*h))
	return a / (a + b*math.Exp(-2*w))
}
