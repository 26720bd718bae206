package stat

import (
	"fmt"
	"math"
)

// GapData is what the bootstrap of gaps needs of the organizations: no rows.
type GapData struct {
	// Items holds the contributions of every organization to each item.
	Items [][]Contribution
	// Chosen is the WC column as it stands. With WorldClass = 0 it is fixed and
	// organizations are drawn within WC and within Rest.
	Chosen []bool
	// WorldClass, if above 0, is the number of organizations in the WC column
	// when the tier is made again in each replicate: those with the highest
	// posterior mean given Scores and Variances (NaN: not to be chosen).
	WorldClass        int
	Scores, Variances []float64
}

// BootstrapGaps is ClusterBootstrap of the gaps WC - Rest of all items at once.
// Where the tier was made from the same data it is made again in each replicate:
// tau^2 is estimated anew (restricted maximum likelihood, given the sampling
// variances), the scores are shrunk and the top ones chosen.
func BootstrapGaps(data GapData, options BootstrapOptions) ([]Bootstrapped, error) {
	organizations, err := data.check()
	if err != nil {
		return nil, err
	}
	table := data.table(organizations)
	if data.WorldClass == 0 {
		options.Strata = make([]int, organizations)
		for j, c := range data.Chosen {
			if c {
				options.Strata[j] = 1
			}
		}
	}
	return ClusterBootstrap(organizations, len(data.Items), func() Statistic {
		meter := &gapSums{table: table, items: len(data.Items), weights: make([]float64, organizations)}
		meter.wc, meter.all = make([]float64, 2*meter.items), make([]float64, 2*meter.items)
		if data.WorldClass == 0 {
			return func(times []int, out []float64) {
				for j, n := range times {
					meter.weights[j] = 0
					if data.Chosen[j] {
						meter.weights[j] = float64(n)
					}
				}
				meter.gaps(times, out)
			}
		}
		tier := newRetier(data.Scores, data.Variances)
		return func(times []int, out []float64) {
			tier.choose(times, data.WorldClass, meter.weights)
			meter.gaps(times, out)
		}
	}, options)
}

func (d GapData) check() (organizations int, err error) {
	organizations = len(d.Chosen)
	if d.WorldClass > 0 {
		organizations = len(d.Scores)
		if len(d.Variances) != organizations {
			return 0, lengthMismatch("scores", organizations, "variances", len(d.Variances))
		}
		if _, err := presentScores(d.Scores, d.Variances); err != nil {
			return 0, err
		}
	}
	for k, c := range d.Items {
		if len(c) != organizations {
			return 0, &InputError{"length_mismatch", -1, k, fmt.Sprintf("%d organizations, the tier has %d", len(c), organizations)}
		}
	}
	return organizations, nil
}

// table lays out weight and weighted sum of all items organization by
// organization, so that one draw is one run through memory.
func (d GapData) table(organizations int) []float64 {
	stride := 2 * len(d.Items)
	table := make([]float64, organizations*stride)
	for k, contributions := range d.Items {
		for j, c := range contributions {
			table[j*stride+2*k], table[j*stride+2*k+1] = c.W, c.WY
		}
	}
	return table
}

// gapSums adds up the two columns of one replicate; weights say how many copies
// of each organization are in WC.
type gapSums struct {
	table, weights, wc, all []float64
	items                   int
}

func (g *gapSums) gaps(times []int, out []float64) {
	clear(g.wc)
	clear(g.all)
	stride := 2 * g.items
	for j, n := range times {
		if n == 0 {
			continue
		}
		row := g.table[j*stride : (j+1)*stride]
		addScaled(g.all, row, float64(n))
		if w := g.weights[j]; w > 0 {
			addScaled(g.wc, row, w)
		}
	}
	for k := range out {
		w, wy, all, ally := g.wc[2*k], g.wc[2*k+1], g.all[2*k], g.all[2*k+1]
		out[k] = math.NaN()
		if rest := all - w; w > 0 && rest > 1e-9*all {
			out[k] = wy/w - (ally-wy)/rest
		}
	}
}

func addScaled(total, row []float64, factor float64) {
	total = total[:len(row)]
	for i, v := range row {
		total[i] += float64(factor * v)
	}
}

// retier makes the WC column again from a drawn sample.
type retier struct {
	scores, variances []float64
	means, scratch    []float64
	present           []int
	group             []int     // of each organization: its place in groups
	groups            []float64 // the distinct variances: organizations of one size share one
	drawn             []varianceGroup
	fit               normalPosterior
}

func newRetier(scores, variances []float64) *retier {
	r := &retier{scores: scores, variances: variances, means: make([]float64, len(scores))}
	r.present, _ = presentScores(scores, variances)
	r.group = make([]int, len(scores))
	place := map[float64]int{}
	for _, j := range r.present {
		at, known := place[variances[j]]
		if !known {
			at = len(r.groups)
			place[variances[j]] = at
			r.groups = append(r.groups, variances[j])
		}
		r.group[j] = at
	}
	r.drawn = make([]varianceGroup, len(r.groups))
	return r
}

// choose fills weights with the number of copies of each organization among the
// top ones; copies of the last organization to enter may be split.
func (r *retier) choose(times []int, top int, weights []float64) {
	r.shrink(times)
	r.scratch = r.scratch[:0]
	for _, j := range r.present {
		for range times[j] {
			r.scratch = append(r.scratch, r.means[j])
		}
	}
	clear(weights)
	top = min(top, len(r.scratch))
	if top == 0 {
		return
	}
	limit := kthLargest(r.scratch, top)
	left := top
	for _, j := range r.present {
		if r.means[j] > limit {
			weights[j] = float64(times[j])
			left -= times[j]
		}
	}
	for _, j := range r.present {
		if left > 0 && r.means[j] == limit {
			n := min(left, times[j])
			weights[j] = float64(n)
			left -= n
		}
	}
}

// shrink fills means with the plug-in posterior means of the sample.
func (r *retier) shrink(times []int) {
	if len(r.groups) == 1 { // shrinking keeps the order
		copy(r.means, r.scores)
		return
	}
	for at, variance := range r.groups {
		r.drawn[at] = varianceGroup{s2: variance}
	}
	var sum, squares, n float64
	for _, j := range r.present {
		if t := float64(times[j]); t > 0 {
			g, score := &r.drawn[r.group[j]], r.scores[j]
			g.n += t
			g.sum += float64(t * score)
			g.squares += float64(t * score * score)
			sum += float64(t * score)
			squares += float64(t * score * score)
			n += t
		}
	}
	r.fit.groups = r.fit.groups[:0]
	for _, g := range r.drawn {
		if g.n > 0 {
			r.fit.groups = append(r.fit.groups, g)
		}
	}
	sd := math.Sqrt(max(squares-sum*sum/n, 0) / max(n-1, 1))
	tau := 0.0
	if sd > 0 {
		tau = minimizeBrent(func(t float64) float64 { return -r.fit.at(t).weight }, 0, 3*sd, 1e-4)
	}
	mean := r.fit.at(max(tau, 1e-12)).mean
	for _, j := range r.present {
		l := 1.0
		if v := r.variances[j] + tau*tau; v > 0 {
			l = tau * tau / v
		}
		r.means[j] = mean + float64(l*(r.scores[j]-mean))
	}
}
