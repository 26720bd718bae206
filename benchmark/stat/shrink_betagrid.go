package stat

import (
	"math"
)

// betaGrid is the number of midpoints of each axis of the final grid, betaZoom
// that of the grids that look for the place.
const (
	betaGrid = 200
	betaZoom = 60
)

// Densities relative to the maximum: a box holds all above the first, the
// points kept all above the second.
const (
	boxDensity  = 1e-8
	keepDensity = 1e-7
)

// betaBox is a rectangle of (mu, s).
type betaBox struct{ muLow, muHigh, sLow, sHigh float64 }

// posterior evaluates the density over (mu, s), uniform prior: grids zoom in
// until the box fits, then a fine one is kept. The maximum likelihood point is
// always inside, so a peak narrower than a cell can not be missed.
func (l *betaLikelihood) posterior(muML, sML float64, size int) []betaPoint {
	box := betaBox{0, 1, 0, math.Sqrt(thetaHigh)}
	for range 12 {
		next := l.shrinkBox(box, muML, sML)
		fits := next.muHigh-next.muLow > 0.7*(box.muHigh-box.muLow) && next.sHigh-next.sLow > 0.7*(box.sHigh-box.sLow)
		box = next
		if fits {
			break
		}
	}
	logs := l.density(box, size)
	top := logs[0]
	for _, v := range logs {
		top = max(top, v)
	}
	points := make([]betaPoint, 0, len(logs))
	var total Sum
	for i, v := range logs {
		w := math.Exp(v - top)
		if w < keepDensity {
			continue
		}
		mu, s := box.midpoint(i, size)
		points = append(points, betaPoint{mu, s * s, w})
		total.Add(w)
	}
	for i := range points {
		points[i].weight /= total.Value()
	}
	return points
}

func (b betaBox) midpoint(i, size int) (mu, s float64) {
	mu = b.muLow + (float64(i%size)+0.5)/float64(size)*(b.muHigh-b.muLow)
	s = b.sLow + (float64(i/size)+0.5)/float64(size)*(b.sHigh-b.sLow)
	return mu, s
}

// density returns the log likelihood at the midpoints of a box, row by row of s.
func (l *betaLikelihood) density(box betaBox, size int) []float64 {
	logs := make([]float64, size*size)
	inParallel(size, func(row int) {
		_, s := box.midpoint(row*size, size)
		theta := s * s
		common := sumLogs(l.runs[2], 1, theta)
		for i := row * size; i < (row+1)*size; i++ {
			mu, _ := box.midpoint(i, size)
			logs[i] = sumLogs(l.runs[0], mu, theta) + sumLogs(l.runs[1], 1-mu, theta) - common
		}
	})
	return logs
}

// shrinkBox returns the part of a box in which the density counts, one cell
// wider on each side.
func (l *betaLikelihood) shrinkBox(box betaBox, muML, sML float64) betaBox {
	logs := l.density(box, betaZoom)
	top := l.at(muML, sML*sML) - l.choose
	for _, v := range logs {
		top = max(top, v)
	}
	next := betaBox{muML, muML, sML, sML}
	for i, v := range logs {
		if v-top < math.Log(boxDensity) {
			continue
		}
		mu, s := box.midpoint(i, betaZoom)
		next.muLow, next.muHigh = min(next.muLow, mu), max(next.muHigh, mu)
		next.sLow, next.sHigh = min(next.sLow, s), max(next.sHigh, s)
	}
	muCell, sCell := (box.muHigh-box.muLow)/betaZoom, (box.sHigh-box.sLow)/betaZoom
	return betaBox{
		max(0, next.muLow-muCell), min(1, next.muHigh+muCell),
		max(0, next.sLow-sCell), min(math.Sqrt(thetaHigh), next.sHigh+sCell),
	}
}
