package stat

import "math"

// Most organizations lie so far from every limit that their tier follows from one
// node, the middle one, and from how far the others can be from it. Let g be
// |log(t2/t2_m)| between a node and the middle one, h the same of the variance of mu,
// k = g + h/2 and l the share at the middle node. As tau^2 moves by g,
//
//	l moves by at most g e^g l (1-l), for l (1-l) changes by less than e^g,
//	the posterior variance l s2 + (1-l)^2 V by a factor of at most e^(2k),
//	the posterior mean by at most |mu - mu_m| + g e^g l (1-l) |y - mu_m|,
//
// and the probability above a cut by at most phi(0) times the way of the mean, in
// standard deviations, plus k max|z phi(z)| = k phi(1). Whoever is nearer to a limit
// than all of this is placed by the whole mixture, so that nobody's tier is another one.
type sureWork struct {
	table []tableNode
	node  tauPoint // the middle one
	cuts  [3]float64
	// The error of a probability is less than always + precision (mean + share l (1-l) |y - mu_m|).
	always, mean, share float64
}

const (
	phi0 = 0.3989422804014327
	phi1 = 0.24197072451914337
	// tangentError is more than the table's error at half a step, from its first term alone.
	tangentError = 1e-5
)

func newSureWork(fit *normalPosterior, cuts [3]float64) *sureWork {
	w := &sureWork{table: normalTable(), node: fit.nodes[len(fit.nodes)/2], cuts: cuts, always: tangentError}
	for _, q := range fit.nodes {
		g := 2 * math.Abs(math.Log(q.tau/w.node.tau))
		k := g + math.Abs(math.Log(q.variance/w.node.variance))/2
		w.always += q.weight * phi1 * k
		w.mean += q.weight * phi0 * math.Exp(k) * math.Abs(q.mean-w.node.mean)
		w.share += q.weight * phi0 * math.Exp(k) * g * math.Exp(g)
	}
	return w
}

// above writes the probabilities above the cuts, as far as one node tells them, and
// returns their error.
func (w *sureWork) above(y, s2 float64, above *[3]float64) (off float64) {
	q := &w.node
	l := q.share(s2)
	r, away := 1-l, y-q.mean
	precision := 1 / math.Sqrt(float64(l*s2)+float64(r*r*q.variance))
	mean := q.mean + float64(l*away)
	for c := range w.cuts {
		n, d, inside := nodeAt(w.table, (mean-w.cuts[c])*precision)
		if !inside {
			return math.Inf(1)
		}
		above[c] = n.below + float64(d*n.c[0])
	}
	return w.always + float64(precision*(w.mean+float64(w.share*l*r*math.Abs(away))))
}

// place is where an organization surely stands.
func (w *sureWork) place(y, s2 float64) (place standingPlace, sure bool) {
	var above [3]float64
	off := w.above(y, s2, &above)
	top := above[0]
	if !(math.Abs(top-callCertain) > off && math.Abs(top-callLikely) > off && math.Abs(top-callUnlikely) > off) {
		return place, false
	}
	// Each of two differences is off by twice as much at most, and who has more than half
	// of what is left has more than the others.
	half := (1-top)/2 + 3*off
	tier := one(above[1]-top > half) + 2*one(above[2]-above[1] > half) + 3*one(1-above[2] > half)
	if tier == 0 && top < callCertain {
		return place, false
	}
	return standingPlace{int8(tier * one(top < callCertain)), int8(callOf(top))}, true
}
