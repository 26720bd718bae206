package stat

import (
	"fmt"
	"math"
)

// DriverOptions steers Drivers.
type DriverOptions struct {
	// Organization names the cluster of each row; nil makes every row its own,
	// as when rows are organizations.
	Organization []int32
	// OrganizationLevel asks for the sizes needed when rows are organizations:
	// at least 30, and five per predictor.
	OrganizationLevel bool
	// Replicates of the bootstrap over organizations (0: 1,000; negative: none).
	Replicates int
	Seed       uint64
	Conf       float64 // 0 means .95
	// Performance, if given, holds per predictor the contributions of every
	// organization to its share of agreement: the other axis of the map.
	Performance [][]Contribution
}

// Drivers is the result of WhatGoesTogether. It says what goes together with an
// outcome, not what causes it.
type Drivers struct {
	N             int      `json:"n"`
	Incomplete    int      `json:"n_incomplete"`
	Organizations int      `json:"organizations"`
	R2            Number   `json:"r2"`
	R2Adjusted    Number   `json:"r2_adjusted"`
	Predictors    []Driver `json:"predictors"`
	// Singular names the predictors that are collinear or constant.
	Singular []int `json:"singular_set"`
	// CutPerformance and CutImportance are the cut lines of the map: means.
	CutPerformance Number   `json:"cut_performance"`
	CutImportance  Number   `json:"cut_importance"`
	Replicates     int      `json:"replicates"`
	Seed           uint64   `json:"seed"`
	MissingRule    string   `json:"missing_rule"`
	Reasons        []Reason `json:"reasons"`
}

// Driver is one predictor.
type Driver struct {
	R              Number    `json:"r"`
	Beta           Number    `json:"beta"`
	Pratt          Number    `json:"pratt"`
	First          Number    `json:"first"`
	Last           Number    `json:"last"`
	VIF            Number    `json:"vif"`
	LMG            Number    `json:"lmg"`
	LMGShare       Number    `json:"lmg_share"`
	LMGShareCI     *Interval `json:"lmg_share_ci"`
	Johnson        Number    `json:"johnson_raw"`
	JohnsonShare   Number    `json:"johnson_share"`
	JohnsonShareCI *Interval `json:"johnson_share_ci"`
	Performance    Number    `json:"performance"`
	PerformanceCI  *Interval `json:"performance_ci"`
	Quadrant       Quadrant  `json:"quadrant"`
	// Stability is the share of resamples in which the quadrant is the same;
	// under .8 the point is marked unstable.
	Stability Number   `json:"quadrant_stability"`
	Notes     []string `json:"notes"`
}

// Quadrant is the place of a practice on the priority map.
type Quadrant string

// The quadrants of importance-performance analysis (Martilla and James 1977).
const (
	WorkOnIt     Quadrant = "important_low"
	KeepItUp     Quadrant = "important_high"
	LowPriority  Quadrant = "unimportant_low"
	PossibleMuch Quadrant = "unimportant_high"
)

// driverReplicates is the number of bootstrap samples where none is asked for.
const driverReplicates = 1000

// WhatGoesTogether relates an outcome to predictors (columns x) over complete
// rows: LMG shares of R2 (all subsets, up to 15 predictors), Johnson's relative
// weights, zero-order correlation, standardized coefficient, Pratt's product,
// R2 of the predictor first and last, variance inflation; percentile intervals
// of the shares from a bootstrap over organizations; and, with Performance, the
// quadrants of the priority map with cut lines at the means. NaN is missing.
//
// Edge cases: no complete row no_valid_answers; n <= p+1 too_few_rows; organization
// level under 30, or under five per predictor, few_organizations; the outcome
// constant zero_variance; a constant or collinear predictor singular_matrix with
// the set named; R2 under 1e-12: shares missing; more than 15 predictors: LMG
// missing.
func WhatGoesTogether(y []float64, x [][]float64, options DriverOptions) (*Drivers, error) {
	m, out, err := newDriverMoments(y, x, &options)
	if err != nil || len(out.Reasons) > 0 {
		return out, err
	}
	every := everyOnce(len(m.clusters))
	c, constant := m.correlations(every)
	if len(constant) > 0 {
		out.Reasons, out.Singular = []Reason{SingularMatrix}, constant
		if constant[0] == m.p {
			out.Reasons, out.Singular = []Reason{ZeroVariance}, []int{}
		}
		return out, nil
	}
	fit, set := c.regress()
	if set != nil {
		out.Reasons, out.Singular = []Reason{SingularMatrix}, set
		return out, nil
	}
	out.describe(c, fit)
	if options.Performance != nil {
		out.placeOnMap(m.performance(every))
	}
	if options.Replicates > 0 {
		return out, out.resample(m, options)
	}
	return out, nil
}

// describe fills everything that needs no resampling.
func (out *Drivers) describe(c corrTable, fit regression) {
	n, p := float64(out.N), float64(c.p)
	out.R2 = Some(fit.r2)
	out.R2Adjusted = Some(1 - (1-fit.r2)*(n-1)/(n-p-1))
	johnson, last := c.johnson(fit), fit.lastR2()
	var lmg []float64
	if c.p <= maxLMG {
		lmg = c.lmg()
	}
	for i, r := range c.outcome() {
		d := &out.Predictors[i]
		d.R, d.First, d.Beta = Some(r), Some(r*r), Some(fit.beta[i])
		d.Pratt, d.Last, d.VIF = Some(fit.beta[i]*r), Some(last[i]), Some(fit.vif[i])
		d.Johnson = Some(johnson[i])
		if lmg != nil {
			d.LMG = Some(lmg[i])
		}
		if fit.r2 >= 1e-12 {
			d.JohnsonShare = Some(johnson[i] / fit.r2)
			if lmg != nil {
				d.LMGShare = Some(lmg[i] / fit.r2)
			}
		}
	}
}

// driverMoments are the sums and products of complete rows per organization, the
// outcome last, as deviations from the overall means.
type driverMoments struct {
	p           int
	clusters    []clusterMoments
	mean        []float64
	performing  [][]Contribution
	organizedBy []int // place of each cluster in performing
}

type clusterMoments struct {
	n     float64
	sum   []float64
	cross []float64
}

func newDriverMoments(y []float64, x [][]float64, options *DriverOptions) (*driverMoments, *Drivers, error) {
	out := &Drivers{Predictors: make([]Driver, len(x)), Seed: options.Seed, MissingRule: "listwise", Singular: []int{}, Reasons: []Reason{}}
	for i := range out.Predictors {
		out.Predictors[i].Notes = []string{}
	}
	if err := checkDrivers(y, x, options); err != nil {
		return nil, nil, err
	}
	rows := completeRows(y, x)
	out.N, out.Incomplete = len(rows), len(y)-len(rows)
	m := &driverMoments{p: len(x), performing: options.Performance}
	columns := append(append([][]float64{}, x...), y)
	m.gather(columns, rows, options.Organization)
	out.Organizations = len(m.clusters)
	switch {
	case len(rows) == 0 || len(x) == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case len(rows) <= len(x)+1:
		out.Reasons = []Reason{TooFewRows}
	case options.OrganizationLevel && (out.Organizations < 30 || out.Organizations < 5*len(x)):
		out.Reasons = []Reason{FewOrganizations}
	}
	return m, out, nil
}

func checkDrivers(y []float64, x [][]float64, options *DriverOptions) error {
	for k, column := range x {
		if len(column) != len(y) {
			return &InputError{"length_mismatch", -1, k, fmt.Sprintf("predictor has %d rows, the outcome %d", len(column), len(y))}
		}
	}
	if options.Organization != nil && len(options.Organization) != len(y) {
		return lengthMismatch("organizations", len(options.Organization), "rows", len(y))
	}
	if options.Performance != nil && len(options.Performance) != len(x) {
		return lengthMismatch("performances", len(options.Performance), "predictors", len(x))
	}
	if options.Replicates == 0 {
		options.Replicates = driverReplicates
	}
	if options.Conf == 0 {
		options.Conf = 0.95
	}
	return checkConfidence(options.Conf)
}

func completeRows(y []float64, x [][]float64) []int {
	var rows []int
	for i := range y {
		sum := y[i]
		for _, column := range x {
			sum += column[i]
		}
		if !math.IsNaN(sum) && !math.IsInf(sum, 0) {
			rows = append(rows, i)
		}
	}
	return rows
}

func (m *driverMoments) gather(columns [][]float64, rows []int, org []int32) {
	side := len(columns)
	m.mean = make([]float64, side)
	for k, column := range columns {
		var total Sum
		for _, i := range rows {
			total.Add(column[i])
		}
		m.mean[k] = total.Value() / max(float64(len(rows)), 1)
	}
	at := map[int]int{}
	deviation := make([]float64, side)
	for _, i := range rows {
		key := i
		if org != nil {
			key = int(org[i])
		}
		j, seen := at[key]
		if !seen {
			j = len(m.clusters)
			at[key] = j
			m.clusters = append(m.clusters, clusterMoments{sum: make([]float64, side), cross: make([]float64, side*side)})
			m.organizedBy = append(m.organizedBy, key)
		}
		g := &m.clusters[j]
		g.n++
		for k, column := range columns {
			deviation[k] = column[i] - m.mean[k]
			g.sum[k] += deviation[k]
		}
		for a := range side {
			for b := range a + 1 {
				g.cross[a*side+b] += float64(deviation[a] * deviation[b])
			}
		}
	}
}

// correlations of a sample of clusters; constant lists columns without variance
// (the outcome has the number p).
func (m *driverMoments) correlations(times []int) (c corrTable, constant []int) {
	side := m.p + 1
	n := 0.0
	sum, cross := make([]float64, side), make([]float64, side*side)
	for j, t := range times {
		if t == 0 {
			continue
		}
		f := float64(t)
		n += f * m.clusters[j].n
		addScaled(sum, m.clusters[j].sum, f)
		addScaled(cross, m.clusters[j].cross, f)
	}
	sd := make([]float64, side)
	for a := range side {
		v := cross[a*side+a] - sum[a]*sum[a]/n
		// What rounding leaves of a constant, next to its deviations (as in a
		// resample of one organization) or to its mean.
		if v <= 1e-13*cross[a*side+a]+1e-24*n*m.mean[a]*m.mean[a] {
			constant = append(constant, a)
		}
		sd[a] = math.Sqrt(v)
	}
	if len(constant) > 0 && constant[len(constant)-1] == m.p {
		return c, []int{m.p}
	}
	c = corrTable{m.p, make([]float64, side*side)}
	for a := range side {
		for b := range a {
			r := (cross[a*side+b] - sum[a]*sum[b]/n) / (sd[a] * sd[b])
			c.r[a*side+b], c.r[b*side+a] = r, r
		}
		c.r[a*side+a] = 1
	}
	return c, constant
}

// performance are the shares of agreement of a sample of clusters.
func (m *driverMoments) performance(times []int) []float64 {
	shares := make([]float64, m.p)
	for k, contributions := range m.performing {
		var w, wy float64
		for j, t := range times {
			if at := m.organizedBy[j]; at < len(contributions) {
				w += float64(t) * contributions[at].W
				wy += float64(t) * contributions[at].WY
			}
		}
		shares[k] = wy / w
	}
	return shares
}
