package stat

import "math"

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
	var points []betaPoint
	across := f.columns(smallMu)
	for i, v := range at {
		mu, parts := f.muNodes(v, across)
		if mu == nil {
			return nil
		}
		for k := range mu {
			points = append(points, betaPoint{mu[k], v * v, shares[i] * parts[k]})
		}
	}
	return points
}

// muNodes are the nodes along mu at one s. They have to be near to each other beside
// the spread of shares, and beside the distance to the ends of their range.
func (f betaSurface) muNodes(s float64, across [][]float64) (at, shares []float64) {
	logs, mu := make([]float64, smallMu), make([]float64, smallMu)
	f.row(s, across, logs)
	top := math.Inf(-1)
	for i, v := range logs {
		mu[i], top = midpoint(f.box.muLow, f.box.muHigh, i, smallMu), max(top, v)
	}
	var total Sum
	for i, v := range logs {
		logs[i] = math.Exp(v - top)
		total.Add(logs[i])
	}
	for i := range logs {
		logs[i] /= total.Value()
	}
	return fewNodes(mu, logs, mostBetaNodes, func(mean float64) float64 {
		spread := s * math.Sqrt(mean*(1-mean)/(1+float64(s*s)))
		return min(mean, 1-mean, spread)
	})
}
