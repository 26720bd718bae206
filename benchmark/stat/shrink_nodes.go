package stat

import "math"

// The posterior of an organization is a mixture over the grid of tau. Where tau is
// known well the points of the grid hardly differ, and a few nodes stand for all
// of them: those of the Gauss quadrature of the grid's own weights, which has the
// same moments of tau up to 2n-1 for n nodes (Golub and Welsch 1969; the
// polynomials by Stieltjes' procedure). Everything that is mixed is smooth in tau,
// so with s = sd(tau)/mean(tau) what is left out is of the order of s^(2n), and n
// is chosen so that this stays under nodeError. A test compares with the whole grid.

// mostNodes is the largest number of nodes; where more would be needed, the points
// of the grid stay.
const mostNodes = 5

// nodesFor is the number of nodes for a relative spread, up to a largest one.
func nodesFor(spread float64, most int) int {
	for n := 2; n <= most; n++ {
		if math.Pow(spread, 2*float64(n)) < nodeError {
			return n
		}
	}
	return 0
}

// nodeError is the bound of s^(2n): probabilities then differ by less than 1e-8 from
// those of the whole grid, quantiles by less than 1e-7 of a standard deviation.
const nodeError = 3e-12

// compress finds the nodes that stand for the grid.
func (p *normalPosterior) compress() {
	p.nodes = p.grid
	x, weights := make([]float64, len(p.grid)), make([]float64, len(p.grid))
	for i, q := range p.grid {
		x[i], weights[i] = q.tau, q.weight
	}
	at, shares := fewNodes(x, weights, mostNodes, func(mean float64) float64 { return mean })
	if at == nil {
		return
	}
	p.nodes = make([]tauPoint, len(at))
	for i := range p.nodes {
		p.nodes[i] = p.point(at[i])
		p.nodes[i].weight = shares[i]
	}
}

// fewNodes are nodes that stand for points x, which ascend, with weights that sum to
// 1: as many as their spread asks for beside a scale that is told by their mean. nil
// where that is more than the most, or no fewer than half of the points.
func fewNodes(x, weights []float64, most int, scale func(mean float64) float64) (at, shares []float64) {
	mean, squares := meanAndSquares(x, weights)
	n := nodesFor(math.Sqrt(squares)/scale(mean), most)
	if n == 0 || 2*n > len(x) {
		return nil, nil
	}
	return nodesAlong(x, weights, n)
}

// meanAndSquares are the mean and the variance of points with weights that sum to 1.
func meanAndSquares(x, weights []float64) (mean, squares float64) {
	for i, v := range x {
		mean += float64(weights[i] * v)
	}
	for i, v := range x {
		squares += float64(weights[i] * (v - mean) * (v - mean))
	}
	return mean, squares
}

// nodesAlong are n nodes that stand for the points.
func nodesAlong(x, weights []float64, n int) (at, shares []float64) {
	mean, squares := meanAndSquares(x, weights)
	sd, apart := math.Sqrt(squares), make([]float64, len(x))
	for i, v := range x {
		apart[i] = (v - mean) / sd
	}
	at, shares = gaussNodes(apart, weights, n)
	for i := range at {
		at[i] = mean + float64(sd*at[i])
	}
	return at, shares
}

// orthogonal are the polynomials that are orthogonal under some weights, by their
// recurrence p_(k+1) = (x - a_k) p_k - b_k p_(k-1), and their squared norms.
type orthogonal struct{ a, b, norm []float64 }

// value is p_k at x, and the one before it.
func (o *orthogonal) value(k int, x float64) (value, before float64) {
	value = 1
	for i := range k {
		value, before = float64((x-o.a[i])*value)-float64(o.b[i]*before), value
	}
	return value, before
}

// gaussNodes are the n nodes and weights of the Gauss quadrature of the ascending
// points x with their weights, which sum to 1: the roots of the n-th orthogonal
// polynomial, between each two of which lies one of the polynomial before, and
// the Christoffel numbers.
func gaussNodes(x, weights []float64, n int) (nodes, shares []float64) {
	var o orthogonal
	for k := range n {
		var norm, first float64
		for i, v := range x {
			value, _ := o.value(k, v)
			norm += float64(weights[i] * value * value)
			first += float64(weights[i] * v * value * value)
		}
		b := 0.0
		if k > 0 {
			b = norm / o.norm[k-1]
		}
		o.a, o.b, o.norm = append(o.a, first/norm), append(o.b, b), append(o.norm, norm)
	}
	for k := 1; k <= n; k++ {
		edges := append(append([]float64{x[0]}, nodes...), x[len(x)-1])
		nodes = make([]float64, k)
		for i := range nodes {
			nodes[i] = findRoot(func(v float64) float64 { value, _ := o.value(k, v); return value }, edges[i], edges[i+1], 1e-15)
		}
	}
	shares = make([]float64, n)
	for i, v := range nodes {
		var inverse float64
		for k := range n {
			value, _ := o.value(k, v)
			inverse += value * value / o.norm[k]
		}
		shares[i] = 1 / inverse
	}
	return nodes, shares
}
