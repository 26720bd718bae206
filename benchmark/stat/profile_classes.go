package stat

import (
	"fmt"
	"math"
	"sort"
)

// Settings of the EM algorithm.
const (
	classStarts    = 50
	classSteps     = 5000
	classTolerance = 1e-10
	classReaching  = 1e-4
)

// ClassOptions steers LatentClasses.
type ClassOptions struct {
	Seed   uint64
	Starts int // 0 means 50
}

// Classes is the result of LatentClasses.
type Classes struct {
	Classes int    `json:"classes"`
	N       int    `json:"n"`
	LogLik  Number `json:"loglik"`
	NPar    int    `json:"n_par"`
	// BIC is -2 logLik + n_par log n: smaller is better (mclust has the other
	// sign). ABIC has log((n+2)/24).
	BIC     Number `json:"bic"`
	ABIC    Number `json:"abic"`
	Entropy Number `json:"entropy_relative"`
	// Shares are sorted, largest first; Probabilities[g][k][c] is the
	// probability of category c+1 of item k in class g.
	Shares        []float64     `json:"shares"`
	Probabilities [][][]float64 `json:"probabilities"`
	// MeanPosterior is, per class, the mean probability of it among those
	// assigned to it; missing where nobody is.
	MeanPosterior []Number `json:"mean_posterior"`
	// Assigned is the most probable class of each respondent, -1 without answer.
	Assigned          []int    `json:"-"`
	Starts            int      `json:"starts"`
	StartsReachingMax int      `json:"starts_reaching_max"`
	Converged         int      `json:"starts_converged"`
	ConstantItems     []int    `json:"constant_items"`
	Seed              uint64   `json:"seed"`
	Reasons           []Reason `json:"reasons"`
}

// LatentClasses fits G latent classes to categorical answers (1..C_k, 0 missing:
// the likelihood of the items answered) by EM from at least 50 seeded random
// starts, each until the log likelihood changes by less than 1e-10 of itself.
// Rows with equal answers are fitted once. starts_reaching_max counts starts
// within 1e-4 of the best: one of many is a warning.
//
// Edge cases: nobody no_valid_answers; items without variance are named and left
// out, none left zero_variance; n_par >= n too_few_rows; no start converges
// not_converged.
func LatentClasses(columns [][]uint8, classes int, options ClassOptions) (*Classes, error) {
	if classes < 1 {
		return nil, &InputError{"invalid_value", -1, -1, fmt.Sprintf("%d classes", classes)}
	}
	if options.Starts == 0 {
		options.Starts = classStarts
	}
	out := &Classes{Classes: classes, Starts: options.Starts, Seed: options.Seed, ConstantItems: []int{}, Reasons: []Reason{}}
	table, err := newPatternTable(columns, out)
	if err != nil {
		return nil, err
	}
	out.N = table.n
	out.NPar = classes - 1
	for _, c := range table.categories {
		out.NPar += classes * (c - 1)
	}
	switch {
	case table.n == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case len(table.items) == 0:
		out.Reasons = []Reason{ZeroVariance}
	case out.NPar >= table.n:
		out.Reasons = []Reason{TooFewRows}
	}
	if len(out.Reasons) > 0 {
		return out, nil
	}
	fits := make([]*classFit, options.Starts)
	inParallel(options.Starts, func(s int) {
		fits[s] = table.fit(classes, NewStream(options.Seed, "classes", s))
	})
	best := -1
	for s, f := range fits {
		if f.converged {
			out.Converged++
			if best < 0 || f.logLik > fits[best].logLik {
				best = s
			}
		}
	}
	if best < 0 {
		out.Reasons = []Reason{NotConverged}
		return out, nil
	}
	for _, f := range fits {
		if f.converged && f.logLik > fits[best].logLik-classReaching {
			out.StartsReachingMax++
		}
	}
	out.describe(table, fits[best])
	return out, nil
}

// patternTable holds the distinct rows of answers with their counts.
type patternTable struct {
	n          int
	items      []int // columns with variance
	categories []int // highest category per item used
	patterns   [][]uint8
	counts     []float64
	of         []int // pattern of each respondent, -1 without answer
}

func newPatternTable(columns [][]uint8, out *Classes) (*patternTable, error) {
	table := &patternTable{}
	if len(columns) == 0 {
		return table, nil
	}
	rows := len(columns[0])
	for k, c := range columns {
		if len(c) != rows {
			return nil, &InputError{"length_mismatch", -1, k, fmt.Sprintf("%d rows, the first column has %d", len(c), rows)}
		}
		low, high := uint8(255), uint8(0)
		for _, x := range c {
			if x > 0 {
				low, high = min(low, x), max(high, x)
			}
		}
		switch {
		case high == 0:
		case low == high:
			out.ConstantItems = append(out.ConstantItems, k)
		default:
			table.items = append(table.items, k)
			table.categories = append(table.categories, int(high))
		}
	}
	at := map[string]int{}
	table.of = make([]int, rows)
	for i := range rows {
		row := make([]uint8, len(table.items))
		answered := false
		for m, k := range table.items {
			row[m] = columns[k][i]
			answered = answered || row[m] > 0
		}
		if table.of[i] = -1; !answered {
			continue
		}
		p, seen := at[string(row)]
		if !seen {
			p = len(table.patterns)
			at[string(row)] = p
			table.patterns = append(table.patterns, row)
			table.counts = append(table.counts, 0)
		}
		table.of[i] = p
		table.counts[p]++
		table.n++
	}
	if table.n == 0 && len(out.ConstantItems) > 0 {
		table.n = rows // answers there are, but no item tells people apart
	}
	return table, nil
}

// classFit is one run of EM.
type classFit struct {
	shares        []float64
	probabilities [][][]float64 // class, item, category
	posterior     []float64     // pattern x class
	logLik        float64
	converged     bool
}

func (table *patternTable) fit(classes int, stream *Stream) *classFit {
	f := &classFit{shares: make([]float64, classes), posterior: make([]float64, len(table.patterns)*classes), logLik: math.Inf(-1)}
	f.probabilities = make([][][]float64, classes)
	for g := range classes {
		f.shares[g] = 1 / float64(classes)
		f.probabilities[g] = make([][]float64, len(table.items))
		for m, c := range table.categories {
			p := make([]float64, c)
			var total float64
			for v := range p {
				p[v] = stream.Gamma(1)
				total += p[v]
			}
			for v := range p {
				p[v] /= total
			}
			f.probabilities[g][m] = p
		}
	}
	for range classSteps {
		before := f.logLik
		f.expect(table)
		if math.Abs(f.logLik-before) <= classTolerance*math.Abs(f.logLik) {
			f.converged = true
			return f
		}
		f.maximize(table)
	}
	return f
}

// expect computes the posterior of every pattern, with log-sum-exp.
func (f *classFit) expect(table *patternTable) {
	classes := len(f.shares)
	logs := f.logTables()
	var total Sum
	for p, pattern := range table.patterns {
		post := f.posterior[p*classes : (p+1)*classes]
		top := math.Inf(-1)
		for g := range post {
			l := math.Log(f.shares[g])
			for m, x := range pattern {
				if x > 0 {
					l += logs[g][m][x-1]
				}
			}
			post[g] = l
			top = max(top, l)
		}
		var sum float64
		for g, l := range post {
			post[g] = math.Exp(l - top)
			sum += post[g]
		}
		for g := range post {
			post[g] /= sum
		}
		total.Add(table.counts[p] * (top + math.Log(sum)))
	}
	f.logLik = total.Value()
}

func (f *classFit) logTables() [][][]float64 {
	logs := make([][][]float64, len(f.probabilities))
	for g, items := range f.probabilities {
		logs[g] = make([][]float64, len(items))
		for m, p := range items {
			logs[g][m] = make([]float64, len(p))
			for v := range p {
				logs[g][m][v] = math.Log(p[v])
			}
		}
	}
	return logs
}

func (f *classFit) maximize(table *patternTable) {
	classes := len(f.shares)
	for g := range classes {
		var size float64
		for m := range table.items {
			clear(f.probabilities[g][m])
		}
		for p, pattern := range table.patterns {
			w := table.counts[p] * f.posterior[p*classes+g]
			size += w
			for m, x := range pattern {
				if x > 0 {
					f.probabilities[g][m][x-1] += w
				}
			}
		}
		f.shares[g] = size / float64(table.n)
		for m := range table.items {
			normalize(f.probabilities[g][m])
		}
	}
}

// normalize scales to a sum of 1; an item nobody of a class answered keeps equal
// probabilities.
func normalize(p []float64) {
	var total float64
	for _, v := range p {
		total += v
	}
	for i := range p {
		if total > 0 {
			p[i] /= total
		} else {
			p[i] = 1 / float64(len(p))
		}
	}
}

// describe sorts the classes by size and summarizes the best fit.
func (out *Classes) describe(table *patternTable, f *classFit) {
	order := make([]int, out.Classes)
	for g := range order {
		order[g] = g
	}
	sort.SliceStable(order, func(a, b int) bool { return f.shares[order[a]] > f.shares[order[b]] })
	n := float64(out.N)
	out.LogLik = Some(f.logLik)
	out.BIC = Some(-2*f.logLik + float64(out.NPar)*math.Log(n))
	out.ABIC = Some(-2*f.logLik + float64(out.NPar)*math.Log((n+2)/24))
	var entropy Sum
	sums, sizes := make([]float64, out.Classes), make([]float64, out.Classes)
	modal := make([]int, len(table.patterns))
	for p := range table.patterns {
		best := 0
		for place, g := range order {
			post := f.posterior[p*out.Classes+g]
			if post > 0 {
				entropy.Add(table.counts[p] * post * math.Log(post))
			}
			if post > f.posterior[p*out.Classes+order[best]] {
				best = place
			}
		}
		modal[p] = best
		sums[best] += table.counts[p] * f.posterior[p*out.Classes+order[best]]
		sizes[best] += table.counts[p]
	}
	if out.Classes > 1 {
		out.Entropy = Some(1 + entropy.Value()/(n*math.Log(float64(out.Classes))))
	}
	for place, g := range order {
		out.Shares = append(out.Shares, f.shares[g])
		out.Probabilities = append(out.Probabilities, f.probabilities[g])
		out.MeanPosterior = append(out.MeanPosterior, Some(sums[place]/sizes[place]))
	}
	out.Assigned = make([]int, len(table.of))
	for i, p := range table.of {
		if out.Assigned[i] = -1; p >= 0 {
			out.Assigned[i] = modal[p]
		}
	}
}
