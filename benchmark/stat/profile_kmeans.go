package stat

import (
	"fmt"
	"math"
)

// Settings of k-means.
const (
	kmeansStarts = 50
	kmeansSteps  = 300
	// pairwiseRows is the number of rows up to which silhouettes and Ward's
	// tree, whose cost grows with the square of the rows, are computed.
	pairwiseRows = 4000
)

// Clusters is the result of KMeans.
type Clusters struct {
	Clusters         int         `json:"clusters"`
	N                int         `json:"n"`
	TotWithinSS      Number      `json:"tot_withinss"`
	Silhouette       Number      `json:"silhouette_mean"`
	CalinskiHarabasz Number      `json:"calinski_harabasz"`
	RandWard         Number      `json:"adjusted_rand_ward"`
	Sizes            []int       `json:"sizes"`
	Centers          [][]float64 `json:"centers"` // of z-scores
	// Assigned is the cluster of each row, -1 where a value is missing.
	Assigned      []int    `json:"-"`
	Starts        int      `json:"starts"`
	ConstantItems []int    `json:"constant_items"`
	MissingRule   string   `json:"missing_rule"`
	Seed          uint64   `json:"seed"`
	Notes         []string `json:"notes"`
	Reasons       []Reason `json:"reasons"`
}

// KMeans clusters the complete rows of z-scores (sd with n-1) by Lloyd's
// algorithm from 50 seeded starts (k-means++), clusters sorted by size, with the
// mean silhouette, the Calinski-Harabasz index and the adjusted Rand index
// against Ward's tree cut at the same number. If the silhouette falls with every
// further cluster and the methods disagree, the data are one continuum: clusters
// are slices then and a cut is more honest.
//
// Edge cases: no complete row no_valid_answers; columns without variance are
// named and left out, none left zero_variance; not more rows than clusters, or
// fewer than two clusters, too_few_rows or an error. Above 4,000 rows neither
// silhouette nor Ward's tree (note pairwise_left_out).
func KMeans(columns [][]float64, clusters int, options ClassOptions) (*Clusters, error) {
	if clusters < 2 {
		return nil, &InputError{"invalid_value", -1, -1, fmt.Sprintf("%d clusters", clusters)}
	}
	if options.Starts == 0 {
		options.Starts = kmeansStarts
	}
	out := &Clusters{Clusters: clusters, Starts: options.Starts, Seed: options.Seed, MissingRule: "listwise", ConstantItems: []int{}, Notes: []string{}, Reasons: []Reason{}}
	points, rows, err := standardize(columns, out)
	if err != nil {
		return nil, err
	}
	out.N = len(rows)
	switch {
	case len(rows) == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case len(rows) <= clusters:
		out.Reasons = []Reason{TooFewRows}
	case len(points[0]) == 0:
		out.Reasons = []Reason{ZeroVariance}
	}
	if len(out.Reasons) > 0 {
		return out, nil
	}
	fits := make([]kmeansFit, options.Starts)
	inParallel(options.Starts, func(s int) {
		fits[s] = lloyd(points, clusters, NewStream(options.Seed, "kmeans", s))
	})
	best := 0
	for s := range fits {
		if fits[s].within < fits[best].within {
			best = s
		}
	}
	out.describe(points, fits[best])
	out.Assigned = make([]int, len(columns[0]))
	for i := range out.Assigned {
		out.Assigned[i] = -1
	}
	for p, i := range rows {
		out.Assigned[i] = fits[best].of[p]
	}
	return out, nil
}

// standardize returns the z-scores of the complete rows.
func standardize(columns [][]float64, out *Clusters) (points [][]float64, rows []int, err error) {
	if len(columns) == 0 {
		return nil, nil, nil
	}
	for k, c := range columns {
		if len(c) != len(columns[0]) {
			return nil, nil, &InputError{"length_mismatch", -1, k, fmt.Sprintf("%d rows, the first column has %d", len(c), len(columns[0]))}
		}
	}
	rows = completeRows(columns[0], columns[1:])
	points = make([][]float64, len(rows))
	for k, c := range columns {
		values := pick(c, rows)
		mean, sd := average(values), math.Sqrt(variance(values))
		if len(rows) > 0 && sd <= 1e-12*max(1, math.Abs(mean)) {
			out.ConstantItems = append(out.ConstantItems, k)
			continue
		}
		for p, v := range values {
			points[p] = append(points[p], (v-mean)/sd)
		}
	}
	return points, rows, nil
}

// kmeansFit is the end of one start, clusters sorted by size.
type kmeansFit struct {
	centers [][]float64
	of      []int
	within  float64
}

func lloyd(points [][]float64, clusters int, stream *Stream) kmeansFit {
	f := kmeansFit{centers: seedCenters(points, clusters, stream), of: make([]int, len(points))}
	for i := range f.of {
		f.of[i] = -1
	}
	for range kmeansSteps {
		changed := false
		f.within = 0
		for i, x := range points {
			best, least := 0, math.Inf(1)
			for c, center := range f.centers {
				if d := distance2(x, center); d < least {
					best, least = c, d
				}
			}
			f.within += least
			changed = changed || f.of[i] != best
			f.of[i] = best
		}
		if !changed {
			break
		}
		f.recenter(points)
	}
	return f
}

// seedCenters draws centers by k-means++: the next with probability in
// proportion to the squared distance from those there are.
func seedCenters(points [][]float64, clusters int, stream *Stream) [][]float64 {
	centers := [][]float64{append([]float64{}, points[stream.IntN(len(points))]...)}
	nearest := make([]float64, len(points))
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	for len(centers) < clusters {
		var total float64
		for i, x := range points {
			nearest[i] = min(nearest[i], distance2(x, centers[len(centers)-1]))
			total += nearest[i]
		}
		u := stream.Float64() * total
		chosen := len(points) - 1
		for i, d := range nearest {
			if u -= d; u < 0 {
				chosen = i
				break
			}
		}
		centers = append(centers, append([]float64{}, points[chosen]...))
	}
	return centers
}

// recenter moves centers to the means; an empty cluster stays where it is.
func (f *kmeansFit) recenter(points [][]float64) {
	sums := make([][]float64, len(f.centers))
	counts := make([]float64, len(f.centers))
	for c := range sums {
		sums[c] = make([]float64, len(points[0]))
	}
	for i, x := range points {
		counts[f.of[i]]++
		addInto(sums[f.of[i]], x)
	}
	for c, n := range counts {
		if n > 0 {
			for k := range sums[c] {
				f.centers[c][k] = sums[c][k] / n
			}
		}
	}
}

func distance2(x, y []float64) float64 {
	var total float64
	for k, v := range x {
		d := v - y[k]
		total += float64(d * d)
	}
	return total
}

// describe sorts clusters by size and adds the indices.
func (out *Clusters) describe(points [][]float64, f kmeansFit) {
	sizes := make([]int, out.Clusters)
	for _, c := range f.of {
		sizes[c]++
	}
	order := allOf(out.Clusters)
	sortBySize(order, sizes)
	place := make([]int, out.Clusters)
	for to, from := range order {
		place[from] = to
		out.Sizes = append(out.Sizes, sizes[from])
		out.Centers = append(out.Centers, f.centers[from])
	}
	for i, c := range f.of {
		f.of[i] = place[c]
	}
	n, g := float64(len(points)), float64(out.Clusters)
	total := float64(len(points)-1) * float64(len(points[0])) // of z-scores
	out.TotWithinSS = Some(f.within)
	if f.within > 0 {
		out.CalinskiHarabasz = Some((total - f.within) / (g - 1) / (f.within / (n - g)))
	}
	if len(points) > pairwiseRows {
		out.Notes = append(out.Notes, "pairwise_left_out")
		return
	}
	out.Silhouette = Some(silhouette(points, f.of, out.Sizes))
	out.RandWard = AdjustedRand(f.of, wardClusters(points, out.Clusters))
}
