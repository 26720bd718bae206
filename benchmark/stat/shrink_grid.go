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
// and tau. Scores are kept as deviations from center.
type normalPosterior struct {
	y, s2    []float64
	center   float64
	groups   []varianceGroup
	grid     []tauPoint
	tau2REML float64
	logREML  float64
	muREML   float64
	reasons  []Reason
}

// varianceGroup collects the organizations of one sampling variance: the
// likelihood needs no more of them than count, sum and sum of squares.
type varianceGroup struct{ s2, n, sum, squares float64 }

// newNormalPosterior fits the model to two or more organizations.
func newNormalPosterior(y, s2 []float64) *normalPosterior {
	p := &normalPosterior{center: average(y), s2: slices.Clone(s2), y: make([]float64, len(y))}
	for j, v := range y {
		p.y[j] = v - p.center
	}
	p.groups = groupByVariance(p.y, p.s2)
	sd := math.Sqrt(variance(p.y))
	spread := slices.Max(p.y) - slices.Min(p.y)
	switch {
	case spread <= 1e-13*max(1, math.Abs(p.center)):
		p.reasons = append(p.reasons, NoDetectableDifference)
		p.fitPoint(0)
	case slices.Max(p.s2) == 0:
		p.reasons = append(p.reasons, ZeroWithinVariance)
		p.fitPoint(sd)
	default:
		p.fitGrid(sd)
	}
	return p
}

func groupByVariance(y, s2 []float64) []varianceGroup {
	at := make(map[float64]int, len(s2))
	var groups []varianceGroup
	for j, v := range s2 {
		g, seen := at[v]
		if !seen {
			g = len(groups)
			at[v] = g
			groups = append(groups, varianceGroup{s2: v})
		}
		groups[g].n++
		groups[g].sum += y[j]
		groups[g].squares += float64(y[j] * y[j])
	}
	return groups
}

// fitPoint is the answer where tau is known: 0 when all scores are equal, the
// standard deviation of the scores when they carry no error.
func (p *normalPosterior) fitPoint(tau float64) {
	at := tauPoint{tau: tau, weight: 1, variance: tau * tau / float64(len(p.y))}
	if tau == 0 {
		var precision float64
		for _, g := range p.groups {
			if g.s2 == 0 {
				precision = math.Inf(1)
				break
			}
			precision += g.n / g.s2
		}
		at.variance = 1 / precision
	}
	p.grid = []tauPoint{at}
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
}

// gridPoints evaluates the model at the midpoints of tau. Where there are many
// variances, a point is passed over if the model of grouped variances, which is
// never less likely, shows that it would be dropped: the points that remain are
// the same, and so is every digit.
func (p *normalPosterior) gridPoints(step float64) []tauPoint {
	points, bounds := make([]tauPoint, gridPoints), make([]float64, gridPoints)
	rough := p.roughly()
	first := 0
	for i := range points {
		points[i] = tauPoint{tau: (float64(i) + 0.5) * step, weight: math.Inf(-1)}
		bounds[i] = math.Inf(1)
		if rough != nil {
			bounds[i] = rough.bound(points[i].tau)
		}
		if bounds[i] > bounds[first] {
			first = i
		}
	}
	points[first] = p.at(points[first].tau)
	least := points[first].weight + math.Log(gridDrop) - 1
	inBlocks(gridPoints, 25, func(from, to int) {
		for i := from; i < to; i++ {
			if i != first && bounds[i] >= least {
				points[i] = p.at(points[i].tau)
			}
		}
	})
	return points
}

// roughGroups is the number of groups of variances that bound the likelihood.
const roughGroups = 256

// roughGroup are the organizations whose variances lie between two values.
type roughGroup struct{ low, high, n, sum, squares float64 }

// roughModel bounds the log density from above.
type roughModel []roughGroup

// roughly groups the variances; nil where they are too few for that to help.
func (p *normalPosterior) roughly() roughModel {
	if len(p.groups) < 4*roughGroups {
		return nil
	}
	low, high := p.groups[0].s2, p.groups[0].s2
	for _, g := range p.groups {
		low, high = min(low, g.s2), max(high, g.s2)
	}
	rough := make(roughModel, roughGroups)
	for _, g := range p.groups {
		r := &rough[min(int(float64(roughGroups)*(g.s2-low)/(high-low)), roughGroups-1)]
		if r.n == 0 {
			r.low, r.high = g.s2, g.s2
		}
		r.low, r.high = min(r.low, g.s2), max(r.high, g.s2)
		r.n += g.n
		r.sum += g.sum
		r.squares += g.squares
	}
	return rough
}

// bound is never below the log density at tau: the precision and the logarithms
// take the least variances of each group, the squared distances the largest.
func (m roughModel) bound(tau float64) float64 {
	t2 := float64(tau * tau)
	var precision, weighted, squares, logs float64
	for i := range m {
		g := &m[i]
		if g.n == 0 {
			continue
		}
		inverse := 1 / (g.high + t2)
		precision += float64(g.n * inverse)
		weighted += float64(g.sum * inverse)
		squares += float64(g.squares * inverse)
		logs += float64(g.n * math.Log(g.low+t2))
	}
	fit := squares - float64(weighted/precision*weighted)
	return -0.5 * (logs + math.Log(precision) + fit)
}

// at evaluates the model at one tau; the weight is the log density, which is
// the restricted log likelihood too because the priors are flat.
func (p *normalPosterior) at(tau float64) tauPoint {
	t2 := float64(tau * tau)
	var precision, weighted, squares, logs float64
	product := 1.0
	for i := range p.groups {
		g := &p.groups[i]
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
	tau = minimizeBrent(func(t float64) float64 { return -p.at(t).weight }, max(0, tau-step), tau+step, 1e-9)
	best := p.at(tau)
	if p.groupsHaveError() {
		if zero := p.at(0); zero.weight >= best.weight-1e-9 {
			tau, best = 0, zero
			p.reasons = append(p.reasons, NoDetectableDifference)
		}
	}
	p.tau2REML = tau * tau
	p.muREML = p.center + best.mean
	p.logREML = best.weight - 0.5*float64(len(p.y)-1)*math.Log(2*math.Pi)
}

func (p *normalPosterior) groupsHaveError() bool {
	return !slices.ContainsFunc(p.groups, func(g varianceGroup) bool { return g.s2 == 0 })
}

// given returns the posterior mean (as deviation from center) and variance of
// organization j at one point of the grid.
func (p *normalPosterior) given(j int, q tauPoint) (mean, variance float64) {
	v := p.s2[j] + float64(q.tau*q.tau)
	if v == 0 {
		return p.y[j], 0
	}
	l := q.tau * q.tau / v
	mean = q.mean + float64(l*(p.y[j]-q.mean))
	return mean, float64(l*p.s2[j]) + float64((1-l)*(1-l)*q.variance)
}

// means returns the posterior means of all organizations.
func (p *normalPosterior) means() []float64 {
	mean := make([]float64, len(p.y))
	for j := range mean {
		var total float64
		for _, q := range p.grid {
			m, _ := p.given(j, q)
			total += float64(q.weight * m)
		}
		mean[j] = p.center + total
	}
	return mean
}
