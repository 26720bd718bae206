package stat

import (
	"math"
	"slices"
)

// betaGrid is the number of midpoints of each axis of the posterior grid, from
// which means come. Distribution functions cost a thousand times more per point:
// they are mixed over nodes (shrink_betanodes.go).
//
// From thirty organizations on the posterior of (mu, s) is near enough to a normal one
// that 64 rows of 32 agree with the full grid within 1e-7 of the posterior SD
// (TestTheSmallGridHasTheMeansOfTheFullOne).
const (
	betaGrid        = 200
	smallS, smallMu = 64, 32
	manyForGrid     = 30
)

// Log densities relative to the maximum: the box holds all above the first
// (density 1e-8), the points kept all above the second (1e-7).
const (
	boxDepth  = -18.420680743952367
	keepDepth = -16.11809565095832
)

// betaBox is a rectangle of (mu, s).
type betaBox struct{ muLow, muHigh, sLow, sHigh float64 }

// midpoint is the center of one of n equal cells between two limits.
func midpoint(low, high float64, i, n int) float64 {
	return low + (float64(i)+0.5)/float64(n)*(high-low)
}

// density is the log density over (mu, s), uniform prior, on a grid over a box: one
// row for each s; and its maximum.
func (f betaSurface) density(rows, columns int) (logs []float64, top float64) {
	logs = make([]float64, rows*columns)
	across := f.columns(columns)
	inParallel(rows, func(row int) {
		f.row(midpoint(f.box.sLow, f.box.sHigh, row, rows), across, logs[row*columns:(row+1)*columns])
	})
	return logs, slices.Max(logs)
}

// posteriorRows is the density summed along mu. Given theta, mean and variance of a
// share are polynomials in mu, so that a row is as good as its points.
func (f betaSurface) posteriorRows(rows, columns int) []betaRow {
	logs, top := f.density(rows, columns)
	sums := make([]betaRow, rows)
	inParallel(rows, func(i int) {
		var weight, first, second Sum
		for k, v := range logs[i*columns : (i+1)*columns] {
			if v-top < keepDepth {
				continue
			}
			mu, w := midpoint(f.box.muLow, f.box.muHigh, k, columns), math.Exp(v-top)
			weight.Add(w)
			first.Add(w * mu)
			second.Add(w * mu * mu)
		}
		s := midpoint(f.box.sLow, f.box.sHigh, i, rows)
		sums[i] = betaRow{s * s, weight.Value(), first.Value(), second.Value()}
	})
	var total Sum
	for _, r := range sums {
		total.Add(r.weight)
	}
	kept := sums[:0]
	for _, r := range sums {
		if r.weight > 0 {
			kept = append(kept, betaRow{r.theta, r.weight / total.Value(), r.mu / total.Value(), r.muSquared / total.Value()})
		}
	}
	return kept
}

// betaPeak is the maximum of the likelihood with the profile over theta that
// led to it: scan[i] is the maximum over mu at log theta = low + i step.
type betaPeak struct {
	mu, theta, logLik float64
	scan              []float64
	low, step         float64
}

// box finds the rectangle outside which the density is under 1e-8 of its
// maximum. Its extent in s is that of the profile over mu, which sees a second
// mode too; its extent in mu is the widest of those at 21 values of s.
func (l *betaLikelihood) box(peak betaPeak) betaBox {
	level := peak.logLik + boxDepth
	profile := func(logTheta float64) float64 {
		t := math.Exp(logTheta)
		return l.at(l.bestMu(peak.mu, t), t)
	}
	first, last := len(peak.scan), -1
	for i, v := range peak.scan {
		if v >= level {
			first, last = min(first, i), i
		}
	}
	center := math.Log(peak.theta)
	left, right := center, center
	if last >= 0 {
		left, right = min(center, peak.low+float64(first)*peak.step), max(center, peak.low+float64(last)*peak.step)
	}
	b := betaBox{muLow: peak.mu, muHigh: peak.mu, sHigh: math.Sqrt(thetaHigh)}
	if first != 0 {
		b.sLow = math.Exp(crossing(profile, left, left-peak.step, level) / 2)
	}
	if last != len(peak.scan)-1 {
		b.sHigh = math.Exp(crossing(profile, right, right+peak.step, level) / 2)
	}
	const samples = 21
	for i := range samples { // from the middle, where the box is widest
		at := samples / 2
		if at -= i / 2; i%2 == 1 {
			at = samples/2 + (i+1)/2
		}
		s := b.sLow + (b.sHigh-b.sLow)*float64(at)/(samples-1)
		l.widen(&b, max(s*s, thetaLow), level)
	}
	margin := 0.03 * (b.muHigh - b.muLow)
	b.muLow, b.muHigh = max(0, b.muLow-margin), min(1, b.muHigh+margin)
	return b
}

// widen stretches the box to where the likelihood, concave in mu, falls under
// the level at one theta.
func (l *betaLikelihood) widen(b *betaBox, theta, level float64) {
	along := func(mu float64) float64 { return l.at(mu, theta) }
	middle := (b.muLow + b.muHigh) / 2
	if along(b.muLow) < level && along(b.muHigh) < level && along(middle) >= level {
		return // it is wide enough
	}
	best := l.bestMu(middle, theta)
	if along(best) < level {
		return
	}
	b.muLow = min(b.muLow, crossing(along, best, 0, level))
	b.muHigh = max(b.muHigh, crossing(along, best, 1, level))
}

// crossing is a point just outside of where f falls under the level between a
// point inside and one outside, by bisection.
func crossing(f func(float64) float64, inside, outside, level float64) float64 {
	for range 14 {
		middle := (inside + outside) / 2
		if f(middle) >= level {
			inside = middle
		} else {
			outside = middle
		}
	}
	return outside
}

// chebyshevNodes is the degree to which a row of the grid is interpolated.
const chebyshevNodes = 24

// densityRow fills one row of the grid with log likelihoods. Away from mu = 0
// and 1, where it is singular, the likelihood is so smooth that it is computed
// at 24 Chebyshev nodes and interpolated at the points of a finer row (barycentric form).
func (l *betaLikelihood) densityRow(box betaBox, s float64, logs []float64) {
	theta := s * s
	common := sumLogs(l.runs[2], 1, theta)
	at := func(mu float64) float64 {
		return sumLogs(l.runs[0], mu, theta) + sumLogs(l.runs[1], 1-mu, theta) - common
	}
	width := box.muHigh - box.muLow
	if len(logs) <= chebyshevNodes || min(box.muLow, 1-box.muHigh) < 0.2*width {
		for i := range logs {
			logs[i] = at(midpoint(box.muLow, box.muHigh, i, len(logs)))
		}
		return
	}
	c, values := newChebyshev(box.muLow, box.muHigh, chebyshevNodes), make([]float64, chebyshevNodes)
	for k, mu := range c.nodes {
		values[k] = at(mu)
	}
	coefficients := make([]float64, chebyshevNodes)
	for i := range logs {
		c.coefficients(midpoint(box.muLow, box.muHigh, i, len(logs)), coefficients)
		logs[i] = 0
		for k, v := range coefficients {
			logs[i] += float64(v * values[k])
		}
	}
}
