package stat

import (
	"math"
	"slices"
)

// gridPoints is the number of midpoints of tau on (0, 3 sd(y)].
const gridPoints = 400

// gridDrop is the posterior weight, relative to the largest, under which a grid
// point is left out. It is what makes ten thousand organizations quick: their
// tau is known so well that only a few points remain.
const gridDrop = 1e-9

// tauPoint is one value of tau with its posterior weight and the posterior mean
// and variance of mu given that tau.
type tauPoint struct{ tau, weight, mean, variance float64 }

// normalPosterior is the posterior of the normal model of section 11.2 of the
// methods: y_j | th_j ~ N(th_j, s2_j), th_j ~ N(mu, tau^2), flat priors on mu
// and tau. What is found of scores are deviations from center, see deviation.
type normalPosterior struct {
	y, s2     []float64 // not changed: they belong to whoever asked
	center    float64
	variances [2]float64        // the least and the largest of s2
	groups    []varianceGroup   // nil: each organization is one, see group
	series    *likelihoodSeries // around the likeliest tau; nil where variances are few
	rough     roughModel        // nil where variances are few
	grid      []tauPoint
	nodes     []tauPoint // that stand for the grid, see compress
	tau2REML  float64
	logREML   float64
	muREML    float64
	reasons   []Reason
}

// varianceGroup collects the organizations of one sampling variance: the
// likelihood needs no more of them than count, sum and sum of squares.
type varianceGroup struct{ s2, n, sum, squares float64 }

// newNormalPosterior fits the model to two or more organizations.
func newNormalPosterior(y, s2 []float64) *normalPosterior {
	p := &normalPosterior{s2: s2, y: y}
	apart := p.survey()
	p.groups = p.groupByVariance()
	switch {
	case apart <= 1e-13*max(1, math.Abs(p.center)):
		p.reasons = append(p.reasons, NoDetectableDifference)
		p.fitPoint(0)
	case p.variances[1] == 0:
		p.reasons = append(p.reasons, ZeroWithinVariance)
		p.fitPoint(p.sd())
	default:
		p.fitGrid(p.sd())
	}
	return p
}

// survey finds center and variances, and how far apart scores are at most.
func (p *normalPosterior) survey() (apart float64) {
	type part struct {
		sum             float64
		scores, between [2]float64
	}
	parts := inParts(len(p.y), func(from, to int) (one part) {
		for _, v := range p.y[from:to] {
			one.sum += v
		}
		one.scores, one.between = extremes(p.y[from:to]), extremes(p.s2[from:to])
		return one
	})
	sum, scores := 0.0, parts[0].scores
	p.variances = parts[0].between
	for i := range parts {
		one := &parts[i]
		sum += one.sum
		scores = [2]float64{min(scores[0], one.scores[0]), max(scores[1], one.scores[1])}
		p.variances = [2]float64{min(p.variances[0], one.between[0]), max(p.variances[1], one.between[1])}
	}
	p.center = sum / float64(len(p.y))
	return scores[1] - scores[0]
}

// sd is the standard deviation of the scores.
func (p *normalPosterior) sd() float64 {
	squares := 0.0
	for _, part := range inParts(len(p.y), func(from, to int) (sum float64) {
		for _, v := range p.y[from:to] {
			d := v - p.center
			sum += float64(d * d)
		}
		return sum
	}) {
		squares += part
	}
	return math.Sqrt(squares / float64(len(p.y)-1))
}

// inParts does something to each part of some organizations, on all cores. The parts
// are the same on any number of cores.
func inParts[T any](organizations int, body func(from, to int) T) []T {
	parts := make([]T, (organizations+standingBlock-1)/standingBlock)
	inBlocks(organizations, standingBlock, func(from, to int) { parts[from/standingBlock] = body(from, to) })
	return parts
}

// extremes are the least and the largest of some numbers, none of which is NaN.
func extremes(x []float64) [2]float64 {
	low, high := x[0], x[0]
	for _, v := range x {
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	return [2]float64{low, high}
}

// mostVariances is the number of distinct variances up to which organizations are
// put together by them, if that makes a quarter of them: looking for equal variances
// among many costs more than it saves.
const mostVariances = 1024

func (p *normalPosterior) groupByVariance() []varianceGroup {
	most := min(mostVariances, len(p.y)/4+1)
	groups := make([]varianceGroup, 0, most)
	var slots [4 * mostVariances]int32 // 0: free, else the place of a group and one
	for j, v := range p.s2 {
		at := math.Float64bits(v) * 0x9e3779b97f4a7c15 >> 52 // 4096 slots
		for slots[at] > 0 && groups[slots[at]-1].s2 != v {
			at = (at + 1) % uint64(len(slots))
		}
		if slots[at] == 0 {
			if len(groups) == most {
				return nil
			}
			groups = append(groups, varianceGroup{s2: v})
			slots[at] = int32(len(groups))
		}
		groups[slots[at]-1].add(p.deviation(j))
	}
	return groups
}

// groupCount is the number of variance groups.
func (p *normalPosterior) groupCount() int {
	if p.groups == nil {
		return len(p.y)
	}
	return len(p.groups)
}

// deviation is the score of organization j as deviation from the center.
func (p *normalPosterior) deviation(j int) float64 { return p.y[j] - p.center }

// group is one of the variance groups.
func (p *normalPosterior) group(i int) varianceGroup {
	if p.groups == nil {
		y := p.deviation(i)
		return varianceGroup{p.s2[i], 1, y, float64(y * y)}
	}
	return p.groups[i]
}

func (g *varianceGroup) add(y float64) {
	g.n++
	g.sum += y
	g.squares += float64(y * y)
}

// fitPoint is the answer where tau is known: 0 when all scores are equal, the
// standard deviation of the scores when they carry no error.
func (p *normalPosterior) fitPoint(tau float64) {
	at := tauPoint{tau: tau, weight: 1, variance: tau * tau / float64(len(p.y))}
	if tau == 0 {
		var precision float64
		for i := range p.groupCount() {
			g := p.group(i)
			if g.s2 == 0 {
				precision = math.Inf(1)
				break
			}
			precision += g.n / g.s2
		}
		at.variance = 1 / precision
	}
	p.grid = []tauPoint{at}
	p.nodes = p.grid
	p.tau2REML = tau * tau
	p.muREML = p.center
	p.logREML = math.NaN()
}

func (p *normalPosterior) fitGrid(sd float64) {
	step := 3 * sd / gridPoints
	points := p.gridPoints(step)
	best := 0
	for i := range points {
		if points[i].weight > points[best].weight {
			best = i
		}
	}
	p.fitREML(points[best].tau, step)
	top, total := points[best].weight, 0.0
	for _, q := range points {
		if q.weight = math.Exp(q.weight - top); q.weight > gridDrop {
			p.grid = append(p.grid, q)
			total += q.weight
		}
	}
	for i := range p.grid {
		p.grid[i].weight /= total
	}
	p.compress()
}

// gridPoints evaluates the model at the midpoints of tau. Where there are many
// variances, those near the likeliest are read from a series, and another point is
// passed over if the model of grouped variances, which is never less likely, shows that
// it would be dropped: the points that remain are the same.
func (p *normalPosterior) gridPoints(step float64) []tauPoint {
	points := make([]tauPoint, gridPoints)
	wanted := make([]int, 0, gridPoints)
	for i := range points {
		points[i] = tauPoint{tau: (float64(i) + 0.5) * step, weight: math.Inf(-1)}
	}
	if p.rough = p.roughly(); p.rough != nil {
		peak := p.rough.peak(points)
		p.series = p.seriesAround(points[peak].tau)
		from, to := peak, peak
		for ; from > 0 && p.series.reaches(float64(points[from-1].tau*points[from-1].tau)); from-- {
		}
		for ; to < gridPoints && p.series.reaches(float64(points[to].tau*points[to].tau)); to++ {
			points[to] = p.series.at(points[to].tau)
		}
		for i := from; i < peak; i++ {
			points[i] = p.series.at(points[i].tau)
		}
		least := points[peak].weight + math.Log(gridDrop) - 1
		wanted = p.rough.above(points, least, to, gridPoints, p.rough.above(points, least, 0, from, wanted))
	} else {
		for i := range points {
			wanted = append(wanted, i)
		}
	}
	inParallel(len(wanted), func(i int) { points[wanted[i]] = p.at(points[wanted[i]].tau) })
	return points
}

// point is at, by the series where that reaches so far.
func (p *normalPosterior) point(tau float64) tauPoint {
	if p.series.reaches(float64(tau * tau)) {
		return p.series.at(tau)
	}
	return p.at(tau)
}

// steepness is slope, by the series where that reaches so far.
func (p *normalPosterior) steepness(t2 float64) float64 {
	if p.series.reaches(t2) {
		return p.series.slope(t2)
	}
	return p.slope(t2)
}

const (
	// roughGroups is the number of groups of variances that bound the likelihood.
	roughGroups = 64
	// roughFrom is the number of variances from which the bound saves time.
	roughFrom = 4 * roughGroups
)

// roughGroup are the organizations whose variances lie between two values.
type roughGroup struct{ low, high, n, sum, squares float64 }

// roughModel bounds the log density from above.
type roughModel []roughGroup

// roughly groups the variances; nil where they are too few for that to help.
func (p *normalPosterior) roughly() roughModel {
	if p.groupCount() < roughFrom {
		return nil
	}
	low, high := p.variances[0], p.variances[1]
	parts := inParts(p.groupCount(), func(from, to int) roughModel {
		rough := newRoughModel()
		for i := from; i < to; i++ {
			g := p.group(i)
			r := &rough[min(int(float64(roughGroups)*(g.s2-low)/(high-low)), roughGroups-1)]
			if g.s2 < r.low {
				r.low = g.s2
			}
			if g.s2 > r.high {
				r.high = g.s2
			}
			r.n += g.n
			r.sum += g.sum
			r.squares += g.squares
		}
		return rough
	})
	rough := newRoughModel()
	for _, part := range parts {
		for i, g := range part {
			r := &rough[i]
			r.low, r.high = min(r.low, g.low), max(r.high, g.high)
			r.n += g.n
			r.sum += g.sum
			r.squares += g.squares
		}
	}
	return rough
}

// newRoughModel are groups without organizations.
func newRoughModel() roughModel {
	return slices.Repeat(roughModel{{low: math.Inf(1)}}, roughGroups)
}

// bound is never below the log density at any tau between two values: the
// logarithms take the least variances of each group, precision and squared
// distances the largest.
func (m roughModel) bound(from, to float64) float64 {
	least, most := float64(from*from), float64(to*to)
	var precision, weighted, squares, logs float64
	for i := range m {
		g := &m[i]
		if g.n == 0 {
			continue
		}
		inverse := 1 / (g.high + most)
		precision += float64(g.n * inverse)
		weighted += float64(g.sum * inverse)
		squares += float64(g.squares * inverse)
		logs += float64(g.n * math.Log(g.low+least))
	}
	fit := squares - float64(weighted/precision*weighted)
	return -0.5 * (logs + math.Log(precision) + fit)
}

// peak climbs to a point at which the bound is high. Should it be another one than
// the highest, more points than need be are evaluated.
func (m roughModel) peak(points []tauPoint) int {
	bound := func(i int) float64 { return m.bound(points[i].tau, points[i].tau) }
	best := len(points) / 2
	height := bound(best)
	for stride := len(points) / 4; stride > 0; stride /= 2 {
		for _, i := range [...]int{best - stride, best + stride} {
			if i < 0 || i >= len(points) {
				continue
			}
			if h := bound(i); h > height {
				best, height = i, h
			}
		}
	}
	return best
}

// above lists the points between two places whose bound reaches least, by halves:
// a stretch is passed over as a whole where it can.
func (m roughModel) above(points []tauPoint, least float64, from, to int, found []int) []int {
	switch {
	case from == to || m.bound(points[from].tau, points[to-1].tau) < least:
		return found
	case to-from == 1:
		return append(found, from)
	}
	middle := (from + to) / 2
	return m.above(points, least, middle, to, m.above(points, least, from, middle, found))
}

// at evaluates the model at one tau; the weight is the log density, which is
// the restricted log likelihood too because the priors are flat.
func (p *normalPosterior) at(tau float64) tauPoint {
	t2 := float64(tau * tau)
	var precision, weighted, squares, logs float64
	product := 1.0
	for i := range p.groupCount() {
		g := p.group(i)
		v := g.s2 + t2
		inverse := 1 / v
		precision += float64(g.n * inverse)
		weighted += float64(g.sum * inverse)
		squares += float64(g.squares * inverse)
		if g.n > 1 {
			logs += float64(g.n * math.Log(v))
			continue
		}
		product *= v
		if product < 1e-200 || product > 1e200 {
			logs += math.Log(product)
			product = 1
		}
	}
	logs += math.Log(product)
	mean := weighted / precision
	fit := squares - float64(mean*weighted)
	return tauPoint{tau, -0.5 * (logs + math.Log(precision) + fit), mean, 1 / precision}
}

// fitREML refines the best point of the grid and compares it with tau = 0,
// which is a legal answer.
func (p *normalPosterior) fitREML(tau, step float64) {
	low, high := max(0, tau-step), tau+step
	if steepLow, steepHigh := p.steepness(low*low), p.steepness(high*high); steepLow > 0 && steepHigh < 0 {
		tau = math.Sqrt(rootBetween(p.steepness, [2]float64{low * low, high * high}, [2]float64{steepLow, steepHigh}))
	} else {
		tau = minimizeBrent(func(t float64) float64 { return -p.point(t).weight }, low, high, 1e-9)
	}
	best := p.point(tau)
	if p.mayBeZero(best) {
		if zero := p.at(0); zero.weight >= best.weight-1e-9 {
			tau, best = 0, zero
			p.reasons = append(p.reasons, NoDetectableDifference)
		}
	}
	p.tau2REML = tau * tau
	p.muREML = p.center + best.mean
	p.logREML = best.weight - 0.5*float64(len(p.y)-1)*math.Log(2*math.Pi)
}

// slope is the derivative of the log density by tau^2.
func (p *normalPosterior) slope(t2 float64) float64 {
	var precision, weighted, precision2, weighted2, squares2 float64
	for i := range p.groupCount() {
		g := p.group(i)
		inverse := 1 / (g.s2 + t2)
		inverse2 := float64(inverse * inverse)
		precision += float64(g.n * inverse)
		weighted += float64(g.sum * inverse)
		precision2 += float64(g.n * inverse2)
		weighted2 += float64(g.sum * inverse2)
		squares2 += float64(g.squares * inverse2)
	}
	return slopeOf(precision, weighted, precision2, weighted2, squares2)
}

// slopeOf is the slope of sums over organizations, over their variances and over
// the squares of these.
func slopeOf(precision, weighted, precision2, weighted2, squares2 float64) float64 {
	mean := weighted / precision
	fit := squares2 - float64(2*mean*weighted2) + float64(mean*mean*precision2)
	return 0.5 * (fit - precision + precision2/precision)
}

// mayBeZero says whether tau = 0 has to be looked at: every score has an error, and
// the bound does not say that 0 is less likely by far.
func (p *normalPosterior) mayBeZero(best tauPoint) bool {
	if p.rough != nil && p.rough.bound(0, 0) < best.weight-1 {
		return false
	}
	return p.variances[0] > 0
}

// given returns the posterior mean (as deviation from center) and variance of
// organization j at one point of the grid.
func (p *normalPosterior) given(j int, q *tauPoint) (mean, variance float64) {
	s2 := p.s2[j]
	l := q.share(s2)
	r := 1 - l
	return q.mean + float64(l*(p.y[j]-p.center-q.mean)), float64(l*s2) + float64(r*r*q.variance)
}

// share is how much of the deviation of a score with this variance from the mean stands.
func (q *tauPoint) share(s2 float64) float64 {
	t2 := float64(q.tau * q.tau)
	if v := s2 + t2; v > 0 {
		return t2 / v
	}
	return 1
}

// mean returns the posterior mean of organization j.
func (p *normalPosterior) mean(j int) float64 {
	var total float64
	y, s2 := p.deviation(j), p.s2[j]
	for i := range p.nodes {
		q := &p.nodes[i]
		total += float64(q.weight * (q.mean + float64(q.share(s2)*(y-q.mean))))
	}
	return p.center + total
}

// means returns the posterior means of all organizations.
func (p *normalPosterior) means() []float64 {
	means := make([]float64, len(p.y))
	inBlocks(len(means), 1024, func(from, to int) {
		for j := from; j < to; j++ {
			means[j] = p.mean(j)
		}
	})
	return means
}
