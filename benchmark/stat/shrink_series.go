package stat

import "math"

// Ten thousand organizations have nearly as many sampling variances, and the model
// is asked at some forty values of tau that lie close together. With
// v_i = s2_i + t0, u_i = v/v_i for the least of them, v, e_i = u_i - m for the middle m
// of the u_i, d = (tau^2 - t0)/v and x = d/(1 + d m),
//
//	s2_i + tau^2 = v_i (1 + d m) (1 + x e_i),
//	1/(1 + x e_i) = 1 - x e_i + x^2 e_i^2 - ...,
//	log(1 + x e_i) = x e_i - x^2 e_i^2/2 + ...,
//
// so that one walk over the organizations, which sums up powers of e_i, answers for
// all values of tau around. What is left out after k terms is less than |x e|^k of the
// whole: the more alike the variances are, the fewer terms are needed.

const (
	// seriesReach is the largest |d|.
	seriesReach = 0.15
	// seriesLost is lost in the rounding of the sums.
	seriesLost = 1e-16
	// seriesTerms suffice for any variances: |e| is at most 1/2, |x| .15/.85.
	seriesTerms = 16
)

// seriesSums are sums over variance groups of n, sum and squares over v_i, times
// powers of e_i from the 0th on; one power more than terms, for slopes.
type seriesSums struct {
	n, sum, squares [seriesTerms + 1]float64
	count, logs     float64 // of n, and of n log(v_i)
}

// likelihoodSeries is the log density around one value of tau.
type likelihoodSeries struct {
	seriesSums
	around float64                  // t0
	least  float64                  // v
	middle float64                  // m
	terms  int                      // that are not lost
	powers [seriesTerms + 1]float64 // sums of n e_i^k
}

// seriesAround expands the model at one tau > 0.
func (p *normalPosterior) seriesAround(tau float64) *likelihoodSeries {
	s := &likelihoodSeries{around: float64(tau * tau)}
	low, high := p.variances[0], p.variances[1]
	s.least = low + s.around
	lowest := s.least / (high + s.around)
	s.middle = (1 + lowest) / 2
	left := seriesReach / (1 - float64(seriesReach*s.middle)) * (1 - lowest) / 2
	for rest := 1.0; rest >= seriesLost && s.terms < seriesTerms; s.terms++ {
		rest *= left
	}
	for _, part := range inParts(p.groupCount(), func(from, to int) seriesSums { return s.walk(p, from, to) }) {
		s.add(&part)
	}
	// n e^k is n e^(k-1) (v/v_i - m).
	s.powers[0] = s.count
	for k := 1; k <= s.terms; k++ {
		s.powers[k] = float64(s.least*s.n[k-1]) - float64(s.middle*s.powers[k-1])
	}
	return s
}

// walk sums up the powers of some groups.
func (s *likelihoodSeries) walk(p *normalPosterior, from, to int) seriesSums {
	var sums seriesSums
	ns := sums.n[:s.terms+1]
	totals, squares := sums.sum[:len(ns)], sums.squares[:len(ns)]
	product := 1.0
	for i := from; i < to; i++ {
		g := p.group(i)
		v := g.s2 + s.around
		inverse := 1 / v
		e := float64(s.least*inverse) - s.middle
		n, sum, square := float64(g.n*inverse), float64(g.sum*inverse), float64(g.squares*inverse)
		for k := range ns {
			ns[k] += n
			totals[k] += sum
			squares[k] += square
			n, sum, square = float64(n*e), float64(sum*e), float64(square*e)
		}
		sums.count += g.n
		if g.n > 1 {
			sums.logs += float64(g.n * math.Log(v))
			continue
		}
		product *= v
		if product < 1e-200 || product > 1e200 {
			sums.logs += math.Log(product)
			product = 1
		}
	}
	sums.logs += math.Log(product)
	return sums
}

func (s *seriesSums) add(other *seriesSums) {
	for k := range s.n {
		s.n[k] += other.n[k]
		s.sum[k] += other.sum[k]
		s.squares[k] += other.squares[k]
	}
	s.count += other.count
	s.logs += other.logs
}

// reaches says whether the series holds at tau^2.
func (s *likelihoodSeries) reaches(t2 float64) bool {
	return s != nil && math.Abs(t2-s.around) <= seriesReach*s.least
}

// place is d, x and 1/(1 + d m) at tau^2.
func (s *likelihoodSeries) place(t2 float64) (d, x, shrunk float64) {
	d = (t2 - s.around) / s.least
	shrunk = 1 / (1 + float64(d*s.middle))
	return d, d * shrunk, shrunk
}

// at is normalPosterior.at.
func (s *likelihoodSeries) at(tau float64) tauPoint {
	d, x, shrunk := s.place(float64(tau * tau))
	precision, weighted, squares := shrunk*s.alternating(&s.n, x), shrunk*s.alternating(&s.sum, x), shrunk*s.alternating(&s.squares, x)
	logs := 0.0
	for k := s.terms; k >= 1; k-- {
		logs = s.powers[k]/float64(k) - float64(x*logs)
	}
	logs = s.logs + float64(s.count*math.Log1p(float64(d*s.middle))) + float64(x*logs)
	mean := weighted / precision
	fit := squares - float64(mean*weighted)
	return tauPoint{tau, -0.5 * (logs + math.Log(precision) + fit), mean, 1 / precision}
}

// slope is normalPosterior.slope.
func (s *likelihoodSeries) slope(t2 float64) float64 {
	_, x, shrunk := s.place(t2)
	both := func(c *[seriesTerms + 1]float64) (over, over2 float64) {
		over = shrunk * s.alternating(c, x)
		return over, shrunk * (float64(s.middle*over) + float64(shrunk*shrunk*s.derived(c, x))) / s.least
	}
	precision, precision2 := both(&s.n)
	weighted, weighted2 := both(&s.sum)
	_, squares2 := both(&s.squares)
	return slopeOf(precision, weighted, precision2, weighted2, squares2)
}

// alternating is c0 - c1 x + c2 x^2 - ...
func (s *likelihoodSeries) alternating(c *[seriesTerms + 1]float64, x float64) float64 {
	var total float64
	for k := s.terms - 1; k >= 0; k-- {
		total = c[k] - float64(x*total)
	}
	return total
}

// derived is minus the derivative of alternating by x: c1 - 2 c2 x + 3 c3 x^2 - ...
func (s *likelihoodSeries) derived(c *[seriesTerms + 1]float64, x float64) float64 {
	var total float64
	for k := s.terms; k >= 1; k-- {
		total = float64(float64(k)*c[k]) - float64(x*total)
	}
	return total
}
