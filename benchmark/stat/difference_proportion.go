package stat

import (
	"math"
	"slices"
)

// NewcombeHybrid is the interval of p1 - p2 from the two Wilson limits
// (Newcombe 1998b, method 10): d - sqrt((p1-l1)^2 + (u2-p2)^2) to d +
// sqrt((u1-p1)^2 + (p2-l2)^2). n1 and n2 need not be whole: with each column's
// n_star of ClusteredShare the interval is clustered. Nil when a base is not
// positive.
func NewcombeHybrid(p1, n1, p2, n2, conf float64) *Interval {
	a, b := Wilson(p1, n1, conf), Wilson(p2, n2, conf)
	if a == nil || b == nil {
		return nil
	}
	return hybrid(p1, *a, p2, *b)
}

func hybrid(p1 float64, one Interval, p2 float64, two Interval) *Interval {
	d := p1 - p2
	return &Interval{
		math.Max(-1, d-math.Hypot(p1-one.Lower, two.Upper-p2)),
		math.Min(1, d+math.Hypot(one.Upper-p1, p2-two.Lower)),
	}
}

// MiettinenNurminen is the score interval of p1 - p2 for two independent
// samples (Miettinen and Nurminen 1985): the differences D at which (d - D)^2
// over the variance under the constrained maximum likelihood p1 - p2 = D, times
// N/(N-1), equals z^2. Nil when a sample is empty.
func MiettinenNurminen(x1, n1, x2, n2 int, conf float64) *Interval {
	if !validCount(x1, n1) || !validCount(x2, n2) || checkConfidence(conf) != nil {
		return nil
	}
	s := scoreDifference{float64(x1), float64(n1), float64(x2), float64(n2)}
	d := s.x1/s.n1 - s.x2/s.n2
	z := normalCritical(conf)
	lower, upper := -1.0, 1.0
	if d > -1 {
		lower = findRoot(func(delta float64) float64 { return s.z(delta) - z }, -1, d, 1e-15)
	}
	if d < 1 {
		upper = findRoot(func(delta float64) float64 { return s.z(delta) + z }, d, 1, 1e-15)
	}
	return &Interval{math.Max(-1, lower), math.Min(1, upper)}
}

type scoreDifference struct{ x1, n1, x2, n2 float64 }

// z is the score statistic of the difference delta; it falls in delta.
func (s scoreDifference) z(delta float64) float64 {
	d := s.x1/s.n1 - s.x2/s.n2 - delta
	p1, p2 := s.constrained(delta)
	n := s.n1 + s.n2
	v := (p1*(1-p1)/s.n1 + p2*(1-p2)/s.n2) * n / (n - 1)
	if v <= 0 {
		if d == 0 {
			return 0
		}
		return math.Copysign(math.Inf(1), d)
	}
	return d / math.Sqrt(v)
}

// constrained solves the likelihood equation, a cubic in p2, in closed form.
func (s scoreDifference) constrained(delta float64) (p1, p2 float64) {
	n := s.n1 + s.n2
	a := n
	b := float64((s.n1+s.n2+s.n2)*delta) - n - s.x1 - s.x2
	c := float64((float64(s.n2*delta)-n-s.x2-s.x2)*delta) + s.x1 + s.x2
	d := float64(s.x2 * delta * (1 - delta))
	q := float64(b*b*b/(27*a*a*a)) - float64(b*c/(6*a*a)) + float64(d/(2*a))
	root := math.Copysign(math.Sqrt(math.Max(0, float64(b*b/(9*a*a))-float64(c/(3*a)))), q)
	ratio := 0.0
	if root != 0 {
		ratio = math.Max(-1, math.Min(1, q/(root*root*root)))
	}
	angle := (math.Pi + math.Acos(ratio)) / 3
	p2 = float64(2*root*math.Cos(angle)) - float64(b/(3*a))
	p2 = math.Max(math.Max(0, -delta), math.Min(math.Min(1, 1-delta), p2))
	return math.Max(0, math.Min(1, p2+delta)), p2
}

// PooledZ is the two-sided z test of equal shares in two independent samples
// with the pooled variance. It ignores clustering: it is offered for
// comparison, and rejects far too often in clustered data. Missing when a
// sample is empty or nobody differs.
func PooledZ(x1, n1, x2, n2 int) (z, p Number) {
	if !validCount(x1, n1) || !validCount(x2, n2) {
		return Number{}, Number{}
	}
	a, b := float64(n1), float64(n2)
	pooled := float64(x1+x2) / (a + b)
	v := pooled * (1 - pooled) * (1/a + 1/b)
	if v == 0 {
		return Number{}, Number{}
	}
	z = Some((float64(x1)/a - float64(x2)/b) / math.Sqrt(v))
	return z, Some(NormalTwoSided(z.Value))
}

// FisherExact is the two-sided exact test of equal shares: the probability of
// all tables with the same margins that are no likelier than the one seen.
// Missing when a sample is empty.
func FisherExact(x1, n1, x2, n2 int) Number {
	if !validCount(x1, n1) || !validCount(x2, n2) {
		return Number{}
	}
	agree := x1 + x2
	low, high := max(0, agree-n2), min(agree, n1)
	logs := make([]float64, high-low+1) // relative to the table with x1 = low
	var log Sum
	for i := range high - low {
		k := low + i
		log.Add(math.Log(float64(n1-k) / float64(k+1) * float64(agree-k) / float64(n2-agree+k+1)))
		logs[i+1] = log.Value()
	}
	seen, top := logs[x1-low], slices.Max(logs)
	var all, extreme Sum
	for _, l := range logs {
		all.Add(math.Exp(l - top))
		if l <= seen+1e-7 {
			extreme.Add(math.Exp(l - top))
		}
	}
	return Some(math.Min(1, extreme.Value()/all.Value()))
}
