package stat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
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
		meter := &gapSums{gapLayout: table, copies: make([]float64, organizations)}
		meter.wc, meter.all = make([]float64, table.stride), make([]float64, table.stride)
		if data.WorldClass == 0 {
			return func(times []int, out []float64) {
				for j, n := range times {
					meter.copies[j] = 0
					if data.Chosen[j] {
						meter.copies[j] = float64(n)
					}
				}
				meter.gaps(times, out)
			}
		}
		tier := newRetier(data.Scores, data.Variances)
		return func(times []int, out []float64) {
			tier.choose(times, data.WorldClass, meter.copies)
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

// gapLayout holds the weighted sums of all items organization by organization, so
// that one draw is one run through memory, and before them the weights: one for
// all items where every organization has the same weight in all of them.
type gapLayout struct {
	table                  []float64
	items, weights, stride int
}

func (d GapData) table(organizations int) gapLayout {
	t := gapLayout{items: len(d.Items), weights: 1}
	for k := range d.Items {
		for j, c := range d.Items[k] {
			if c.W != d.Items[0][j].W {
				t.weights = t.items
			}
		}
	}
	t.stride = t.weights + t.items
	t.table = make([]float64, organizations*t.stride)
	for k, contributions := range d.Items {
		for j, c := range contributions {
			row := t.table[j*t.stride : (j+1)*t.stride]
			row[k%t.weights], row[t.weights+k] = c.W, c.WY
		}
	}
	return t
}

// gapSums adds up the two columns of one replicate; copies say how many
// of each organization are in WC.
type gapSums struct {
	gapLayout
	copies, wc, all   []float64
	drawnAll, drawnWC drawnRows
}

// drawnRows are the organizations of a column and how often each counts.
type drawnRows struct {
	at    []int
	times []float64
}

func (d *drawnRows) add(j int, times float64) {
	d.at, d.times = append(d.at, j), append(d.times, times)
}

func (g *gapSums) gaps(times []int, out []float64) {
	g.drawnAll, g.drawnWC = drawnRows{g.drawnAll.at[:0], g.drawnAll.times[:0]}, drawnRows{g.drawnWC.at[:0], g.drawnWC.times[:0]}
	for j, n := range times {
		if n == 0 {
			continue
		}
		g.drawnAll.add(j, float64(n))
		if w := g.copies[j]; w > 0 {
			g.drawnWC.add(j, w)
		}
	}
	g.sum(g.all, g.drawnAll)
	g.sum(g.wc, g.drawnWC)
	for k := range out {
		at := k % g.weights
		w, wy, all, ally := g.wc[at], g.wc[g.weights+k], g.all[at], g.all[g.weights+k]
		out[k] = math.NaN()
		if rest := all - w; w > 0 && rest > 1e-9*all {
			out[k] = wy/w - (ally-wy)/rest
		}
	}
}

// sum adds the rows of the drawn organizations up, four at a time: the totals are
// then loaded and stored once for four rows, which is most of the work.
func (g *gapSums) sum(total []float64, drawn drawnRows) {
	clear(total)
	i := 0
	for ; i+4 <= len(drawn.at); i += 4 {
		at, f := drawn.at[i:i+4:i+4], drawn.times[i:i+4:i+4]
		a, b, c, d := g.row(at[0])[:len(total)], g.row(at[1])[:len(total)], g.row(at[2])[:len(total)], g.row(at[3])[:len(total)]
		fa, fb, fc, fd := f[0], f[1], f[2], f[3]
		for k := range total {
			total[k] += float64(float64(fa*a[k])+float64(fb*b[k])) + float64(float64(fc*c[k])+float64(fd*d[k]))
		}
	}
	for ; i < len(drawn.at); i++ {
		addScaled(total, g.row(drawn.at[i]), drawn.times[i])
	}
}

func (g *gapSums) row(j int) []float64 { return g.table[j*g.stride : (j+1)*g.stride] }

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
	groups            []float64 // their variances: organizations of one size share one
	drawn             []varianceGroup
	fit               normalPosterior
}

func newRetier(scores, variances []float64) *retier {
	r := &retier{scores: scores, variances: variances, means: make([]float64, len(scores))}
	r.present, _ = presentScores(scores, variances)
	r.group, r.groups = gatherVariances(variances, r.present)
	r.drawn = make([]varianceGroup, len(r.groups))
	return r
}

// mostGroups is the number of groups of variances from which the likelihood of tau
// is computed. Where there are more variances, neighbours are taken together at
// their mean: tau hardly notices, and each organization is shrunk by its own.
const mostGroups = 256

// gatherVariances gives each organization its group, and each group its variance.
func gatherVariances(variances []float64, present []int) (group []int, groups []float64) {
	group = make([]int, len(variances))
	order := slices.Clone(present)
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(variances[a], variances[b]), a-b) })
	distinct := 0
	for i, j := range order {
		if i == 0 || variances[j] != variances[order[i-1]] {
			distinct++
		}
	}
	var sums, members []float64
	rank := -1
	for i, j := range order {
		if i == 0 || variances[j] != variances[order[i-1]] {
			rank++
		}
		group[j] = rank
		if distinct > mostGroups {
			group[j] = i * mostGroups / len(order)
		}
		if group[j] == len(groups) {
			groups, sums, members = append(groups, variances[j]), append(sums, 0), append(members, 0)
		}
		sums[group[j]] += variances[j]
		members[group[j]]++
	}
	for g := range groups {
		if distinct > mostGroups {
			groups[g] = sums[g] / members[g]
		}
	}
	return group, groups
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
