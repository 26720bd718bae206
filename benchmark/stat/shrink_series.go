package stat

import "math"

// Ten thousand organizations have nearly as many sampling variances, and the model
// is asked at some forty values of tau that lie close together. With
// v_i = s2_i + t0, u_i = v/v_i for the least of them, v, and d = (tau^2 - t0)/v,
//
//	1/(s2_i + tau^2) = (1/v_i) (1 - d u_i + d^2 u_i^2 - ...),
//	log(s2_i + tau^2) = log v_i + d u_i - d^2 u_i^2/2 + ...,
//
// so that one walk over the organizations, which sums up powers of u_i, answers for
// all values of tau around. As u_i <= 1, what is left out after k terms is less than
// |d|^k of the whole.

const (
	seriesTerms = 16
	// seriesReach is the largest |d|: 0.1^16 is lost in the rounding of the sums.
	seriesReach = 0.1
)

// seriesSums are sums over variance groups of n, sum and squares over v_i, times
// powers of u_i from the 0th on; one power more than terms, for slopes.
type seriesSums struct {
	n, sum, squares [seriesTerms + 1]float64
	logs            float64 // of n log(v_i)
}

// likelihoodSeries is the log density around one value of tau.
type likelihoodSeries struct {
	seriesSums
	around float64 // t0
	least  float64 // v
}

// seriesAround expands the model at one tau > 0.
func (p *normalPosterior) seriesAround(tau float64) *likelihoodSeries {
	s := &likelihoodSeries{around: float64(tau * tau)}
	low, _ := extremes(p.s2)
	s.least = low + s.around
	count := p.groupCount()
	blocks := make([]seriesSums, (count+standingBlock-1)/standingBlock)
	inBlocks(count, standingBlock, func(from, to int) {
		blocks[from/standingBlock].walk(p, from, to, s)
	})
	for i := range blocks {
		s.add(&blocks[i])
	}
	return s
}

// walk sums up the powers of some groups.
func (s *seriesSums) walk(p *normalPosterior, from, to int, of *likelihoodSeries) {
	product := 1.0
	for i := from; i < to; i++ {
		g := p.group(i)
		v := g.s2 + of.around
		inverse := 1 / v
		u := of.least * inverse
		n, sum, squares := float64(g.n*inverse), float64(g.sum*inverse), float64(g.squares*inverse)
		for k := range s.n {
			s.n[k] += n
			s.sum[k] += sum
			s.squares[k] += squares
			n, sum, squares = float64(n*u), float64(sum*u), float64(squares*u)
		}
		if g.n > 1 {
			s.logs += float64(g.n * math.Log(v))
			continue
		}
		product *= v
		if product < 1e-200 || product > 1e200 {
			s.logs += math.Log(product)
			product = 1
		}
	}
	s.logs += math.Log(product)
}

func (s *seriesSums) add(other *seriesSums) {
	for k := range s.n {
		s.n[k] += other.n[k]
		s.sum[k] += other.sum[k]
		s.squares[k] += other.squares[k]
	}
	s.logs += other.logs
}

// reaches says whether the series holds at tau^2.
func (s *likelihoodSeries) reaches(t2 float64) bool {
	return s != nil && math.Abs(t2-s.around) <= seriesReach*s.least
}

// at is normalPosterior.at.
func (s *likelihoodSeries) at(tau float64) tauPoint {
	d := (float64(tau*tau) - s.around) / s.least
	precision, weighted, squares := alternating(&s.n, d), alternating(&s.sum, d), alternating(&s.squares, d)
	logs := 0.0
	for k := seriesTerms; k >= 1; k-- {
		logs = s.n[k-1]/float64(k) - float64(d*logs)
	}
	logs = s.logs + float64(float64(d*s.least)*logs)
	mean := weighted / precision
	fit := squares - float64(mean*weighted)
	return tauPoint{tau, -0.5 * (logs + math.Log(precision) + fit), mean, 1 / precision}
}

// slope is normalPosterior.slope.
func (s *likelihoodSeries) slope(t2 float64) float64 {
	d := (t2 - s.around) / s.least
	precision, weighted := alternating(&s.n, d), alternating(&s.sum, d)
	precision2, weighted2, squares2 := derived(&s.n, d)/s.least, derived(&s.sum, d)/s.least, derived(&s.squares, d)/s.least
	return slopeOf(precision, weighted, precision2, weighted2, squares2)
}

// alternating is c0 - c1 d + c2 d^2 - ...
func alternating(c *[seriesTerms + 1]float64, d float64) float64 {
	var total float64
	for k := seriesTerms - 1; k >= 0; k-- {
		total = c[k] - float64(d*total)
	}
	return total
}

// derived is minus the derivative of alternating by d: c1 - 2 c2 d + 3 c3 d^2 - ...
func derived(c *[seriesTerms + 1]float64, d float64) float64 {
	var total float64
	for k := seriesTerms; k >= 1; k-- {
		total = float64(float64(k)*c[k]) - float64(d*total)
	}
	return total
}
