package stat

import "math"

// betaSurface is the log likelihood over a rectangle of (mu, s). It is so smooth
// that its values at few Chebyshev nodes tell all others; where it is not, near the
// ends of the ranges of mu and s, each point is evaluated.
type betaSurface struct {
	like   *betaLikelihood
	box    betaBox
	mu, s  chebyshev
	values []float64 // at the nodes, a row for each of s; nil: each point is evaluated
}

// surfaceDigits is the logarithm of the error of the interpolation, for one
// organization.
const surfaceDigits = 25

// mostDegree is the largest number of nodes along either axis.
const mostDegree = 40

// surface evaluates the likelihood where it has to be. Its logarithms are singular
// at mu = 0 and 1 and, in s, not nearer than 0; the coefficients of the Chebyshev
// series fall by rho with each degree, rho the sum of the half axes of the ellipse
// that touches the singularity (Trefethen 2013, chapter 8).
func (l *betaLikelihood) surface(box betaBox, points int) betaSurface {
	f := betaSurface{like: l, box: box}
	organizations := 0
	if len(l.runs[2]) > 0 {
		organizations = int(l.runs[2][0].count)
	}
	alongMu := degreeFor((box.muHigh-box.muLow)/2, min((box.muHigh+box.muLow)/2, 1-(box.muHigh+box.muLow)/2), organizations)
	alongS := degreeFor((box.sHigh-box.sLow)/2, (box.sHigh+box.sLow)/2, organizations)
	if max(alongMu, alongS) > mostDegree || alongMu*alongS > points/2 {
		return f
	}
	f.mu, f.s = newChebyshev(box.muLow, box.muHigh, alongMu), newChebyshev(box.sLow, box.sHigh, alongS)
	f.values = make([]float64, alongMu*alongS)
	inParallel(alongS, func(i int) {
		theta := f.s.nodes[i] * f.s.nodes[i]
		common := sumLogs(l.runs[2], 1, theta)
		for k, mu := range f.mu.nodes {
			f.values[i*alongMu+k] = sumLogs(l.runs[0], mu, theta) + sumLogs(l.runs[1], 1-mu, theta) - common
		}
	})
	return f
}

// degreeFor is the number of nodes on an interval of which the center lies at a
// distance from the next singularity.
func degreeFor(half, distance float64, organizations int) int {
	ratio := distance / half
	if !(ratio > 1.02) {
		return math.MaxInt16
	}
	rho := ratio + math.Sqrt(float64(ratio*ratio)-1)
	return int((surfaceDigits+math.Log(float64(organizations)))/math.Log(rho)) + 3
}

// columns are the coefficients by which nodes of mu count at the midpoints of cells;
// nil where each point is evaluated.
func (f betaSurface) columns(n int) [][]float64 {
	if f.values == nil {
		return nil
	}
	across := make([][]float64, n)
	for i := range across {
		across[i] = make([]float64, len(f.mu.nodes))
		f.mu.coefficients(midpoint(f.box.muLow, f.box.muHigh, i, n), across[i])
	}
	return across
}

// row fills logs with log likelihoods at one s, at the midpoints of cells of mu;
// across is what columns returns for as many.
func (f betaSurface) row(s float64, across [][]float64, logs []float64) {
	if f.values == nil {
		f.like.densityRow(f.box, s, logs)
		return
	}
	columns := len(f.mu.nodes)
	along, values := make([]float64, len(f.s.nodes)), make([]float64, columns)
	f.s.coefficients(s, along)
	for i, c := range along {
		for k, v := range f.values[i*columns : (i+1)*columns] {
			values[k] += float64(c * v)
		}
	}
	for i, coefficients := range across {
		logs[i] = 0
		for k, c := range coefficients {
			logs[i] += float64(c * values[k])
		}
	}
}

// chebyshev interpolates between values at Chebyshev nodes of the first kind by the
// barycentric formula, the weights of which are (-1)^k sin.
type chebyshev struct{ nodes, weights []float64 }

func newChebyshev(low, high float64, n int) chebyshev {
	c := chebyshev{make([]float64, n), make([]float64, n)}
	for k := range n {
		angle := math.Pi * (float64(k) + 0.5) / float64(n)
		c.nodes[k] = low + float64((high-low)/2*(1+math.Cos(angle)))
		c.weights[k] = math.Sin(angle)
		if k%2 == 1 {
			c.weights[k] = -c.weights[k]
		}
	}
	return c
}

// coefficients are those by which the values count at x.
func (c chebyshev) coefficients(x float64, out []float64) {
	var below float64
	for k, node := range c.nodes {
		if x == node {
			clear(out)
			out[k] = 1
			return
		}
		out[k] = c.weights[k] / (x - node)
		below += out[k]
	}
	for k := range out {
		out[k] /= below
	}
}
