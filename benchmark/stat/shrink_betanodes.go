package stat

import (
	"math"
	"slices"
)

// What is known of an organization's share is a mixture of beta distributions over
// the posterior of (mu, s). Where mu and s are known well, few points stand for all
// of it: Gauss nodes along s, and at each of them Gauss nodes of what is left of mu
// there (shrink_nodes.go has the method and its error).

// mostBetaNodes is the largest number of nodes along either axis.
const mostBetaNodes = 10

// nodes are the points that stand for the posterior whose rows are given; nil where
// they would be too many.
func (f betaSurface) nodes(rows []betaRow) []betaPoint {
	s, weights := make([]float64, len(rows)), make([]float64, len(rows))
	for i, r := range rows {
		s[i], weights[i] = math.Sqrt(r.theta), r.weight
	}
	at, shares := fewNodes(s, weights, mostBetaNodes, func(mean float64) float64 { return mean / 2 })
	if at == nil {
		return f.nodesOfAlike(rows)
	}
	var points []betaPoint
	across := f.columns(smallMu)
	for i, v := range at {
		mu, parts := f.muAt(v, across, smallMu).nodes(v)
		if mu == nil {
			return nil
		}
		for k := range mu {
			points = append(points, betaPoint{mu: mu[k], theta: v * v, weight: shares[i] * parts[k]})
		}
	}
	return points
}

// alikeNodes is how many nodes there are along s where organizations are nearly
// alike, and knownMu how well mu has to be known for them, beside its distance to the
// ends of its range.
const (
	alikeNodes = 14
	knownMu    = .01
)

// nodesOfAlike are the nodes where s may be 0. What is mixed does not change with s as
// long as that is small beside what is not known of mu, and then with its logarithm, so
// the nodes are those of a variable that does the same. At those where shares vary
// less than mu, both are taken together as one beta distribution: all of them are nearly
// normal there.
func (f betaSurface) nodesOfAlike(rows []betaRow) []betaPoint {
	mean, sd := muOf(rows)
	if !(sd > 0 && sd < knownMu*min(mean, 1-mean)) || 2*alikeNodes > len(rows) {
		return nil
	}
	at, shares := nodesAlongS(rows, alikeNodes)
	var points []betaPoint
	across := f.columns(smallMu)
	for i, v := range at {
		row := f.muAt(v, across, smallMu)
		mu, parts := row.nodes(v)
		for k := range mu {
			points = append(points, betaPoint{mu: mu[k], theta: v * v, weight: shares[i] * parts[k]})
		}
		if mu == nil {
			mean, squares := meanAndSquares(row.mu, row.weights)
			points = append(points, betaPoint{mean, v * v, shares[i], squares})
		}
	}
	return points
}

// muOf are mean and standard deviation of mu over all rows.
func muOf(rows []betaRow) (mean, sd float64) {
	var squares float64
	for _, r := range rows {
		mean, squares = mean+r.mu, squares+r.muSquared
	}
	return mean, math.Sqrt(max(squares-mean*mean, 0))
}

// nodesAlongS are n nodes of s, found along a variable that is s where s is small beside
// what is not known of mu, else its logarithm.
func nodesAlongS(rows []betaRow, n int) (s, shares []float64) {
	mean, sd := muOf(rows)
	unit := sd / math.Sqrt(mean*(1-mean))
	u, weights := make([]float64, len(rows)), make([]float64, len(rows))
	for i, r := range rows {
		u[i], weights[i] = math.Asinh(math.Sqrt(r.theta)/unit), r.weight
	}
	s, shares = nodesAlong(u, weights, n)
	for i, v := range s {
		s[i] = unit * math.Sinh(v)
	}
	return s, shares
}

// muRow is what is known of mu at one s.
type muRow struct{ mu, weights []float64 }

func (f betaSurface) muAt(s float64, across [][]float64, cells int) muRow {
	r := muRow{make([]float64, cells), make([]float64, cells)}
	f.row(s, across, r.weights)
	top := math.Inf(-1)
	for i, v := range r.weights {
		r.mu[i], top = midpoint(f.box.muLow, f.box.muHigh, i, cells), max(top, v)
	}
	var total Sum
	for i, v := range r.weights {
		r.weights[i] = math.Exp(v - top)
		total.Add(r.weights[i])
	}
	for i := range r.weights {
		r.weights[i] /= total.Value()
	}
	return r
}

// nodes are those along mu. They have to be near to each other beside the spread of
// shares, and beside the distance to the ends of their range.
func (r muRow) nodes(s float64) (at, shares []float64) {
	return fewNodes(r.mu, r.weights, mostBetaNodes, func(mean float64) float64 {
		spread := s * math.Sqrt(mean*(1-mean)/(1+float64(s*s)))
		return min(mean, 1-mean, spread)
	})
}

// Of few organizations, or where shares lie near 0 or 1, neither mu nor s is known well.
// Then the nodes are more, those along mu lie where mu is likely at that very s, and
// as many as it takes beside the spread of shares.
const (
	fewAlongS  = 24
	fineMu     = 128
	leastAlong = 8
	mostAlong  = 24
	// mergedFrom is how many times as wide as the shares at one s what is known of mu is
	// where both are taken together.
	mergedFrom = 2.5
)

// nodesOfFew are the nodes where neither is known well.
func (f betaSurface) nodesOfFew(rows []betaRow) []betaPoint {
	at, shares := nodesAlongS(rows, min(fewAlongS, (len(rows)+1)/2))
	var points []betaPoint
	for i, s := range at {
		row := f.muWhereLikely(s)
		mean, squares := meanAndSquares(row.mu, row.weights)
		ratio := math.Sqrt(squares/(mean*(1-mean))*(1+float64(s*s))) / s
		if !(ratio < mergedFrom) {
			points = append(points, betaPoint{mean, s * s, shares[i], squares})
			continue
		}
		mu, parts := nodesAlong(row.mu, row.weights, min(leastAlong+int(8*ratio), mostAlong))
		for k := range mu {
			points = append(points, betaPoint{mu: mu[k], theta: s * s, weight: shares[i] * parts[k]})
		}
	}
	return points
}

// muWhereLikely is what is known of mu at one s, over the part of the box where it is.
func (f betaSurface) muWhereLikely(s float64) muRow {
	low, high := f.box.muLow, f.box.muHigh
	wide := f.muBetween(s, low, high, betaGrid)
	top := slices.Max(wide.weights)
	for i := 0; wide.weights[i] < 1e-8*top; i++ {
		low = wide.mu[i]
	}
	for i := betaGrid - 1; wide.weights[i] < 1e-8*top; i-- {
		high = wide.mu[i]
	}
	return f.muBetween(s, low, high, fineMu)
}

// muBetween is what is known of mu at one s, at the midpoints of cells between two
// values.
func (f betaSurface) muBetween(s, low, high float64, cells int) muRow {
	part := f
	part.box.muLow, part.box.muHigh = low, high
	return part.muAt(s, part.columns(cells), cells)
}
