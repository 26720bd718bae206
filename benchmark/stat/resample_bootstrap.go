package stat

import (
	"fmt"
	"math"
)

// Replicates of the cluster bootstrap where none are asked for.
const (
	bootstrapReplicates = 2000
	bcaReplicates       = 10000
	bootstrapRun        = 50 // replicates that share one random stream
)

// BootstrapOptions steers the cluster bootstrap.
type BootstrapOptions struct {
	Seed uint64
	// Replicates is 2,000 where it is 0, 10,000 with BCa.
	Replicates int
	Conf       float64 // 0 means .95
	// BCa asks for the bias-corrected and accelerated interval.
	BCa bool
	// Strata, one label per organization, keeps the number of organizations
	// drawn from each label; nil draws from all.
	Strata []int
}

func (o BootstrapOptions) filled() (BootstrapOptions, error) {
	if o.Replicates == 0 {
		o.Replicates = bootstrapReplicates
		if o.BCa {
			o.Replicates = bcaReplicates
		}
	}
	if o.Conf == 0 {
		o.Conf = 0.95
	}
	if o.Replicates < 2 {
		return o, &InputError{"invalid_value", -1, -1, fmt.Sprintf("%d replicates", o.Replicates)}
	}
	return o, checkConfidence(o.Conf)
}

// Bootstrapped is a statistic with its bootstrap intervals.
type Bootstrapped struct {
	Estimate     Number    `json:"estimate"`
	SE           Number    `json:"se_bootstrap"`
	CIPercentile *Interval `json:"ci_percentile"`
	CIBCa        *Interval `json:"ci_bca"`
	Z0           Number    `json:"bca_z0"`
	Acceleration Number    `json:"bca_acceleration"`
	Replicates   int       `json:"replicates"`
	Seed         uint64    `json:"seed"`
	Notes        []string  `json:"notes"`
	Reasons      []Reason  `json:"reasons"`

	mean Number // of the replicates, for shares of replicates
}

// Statistic computes figures of a sample of organizations, given how often each
// of them was drawn, into out; NaN where it can not. It may keep memory of its
// own between calls.
type Statistic func(times []int, out []float64)

// ClusterBootstrap resamples whole organizations with replacement; a copy counts
// as a new organization (Davison and Hinkley 1997, chapter 2 and 3.8). Drawing
// persons inside drawn organizations too would overstate the variance, drawing
// persons only understates it. A tier made from the data must be made again
// inside the statistic. newStatistic returns a statistic with memory of its own
// for every worker; figures is the number of values it computes.
//
// Out: the standard error, the percentile interval (type 7) and, with BCa, z0 =
// Phi^-1((#{b < th} + .5 #{b = th})/B), the acceleration from the values
// without one organization at a time, and the interval at the levels they give.
//
// Edge cases: no organization no_valid_answers; fewer than ten few_organizations
// and no interval; all replicates equal zero_variance; more than 1% of the
// replicates failed not_converged; z0 infinite: no BCa, noted.
func ClusterBootstrap(organizations, figures int, newStatistic func() Statistic, options BootstrapOptions) ([]Bootstrapped, error) {
	options, err := options.filled()
	if err != nil {
		return nil, err
	}
	if options.Strata != nil && len(options.Strata) != organizations {
		return nil, lengthMismatch("strata", len(options.Strata), "organizations", organizations)
	}
	out := make([]Bootstrapped, figures)
	for f := range out {
		out[f] = Bootstrapped{Seed: options.Seed, Notes: []string{}, Reasons: []Reason{}}
	}
	if organizations == 0 {
		for f := range out {
			out[f].Reasons = []Reason{NoValidAnswers}
		}
		return out, nil
	}
	estimates := make([]float64, figures)
	newStatistic()(everyOnce(organizations), estimates)
	for f, v := range estimates {
		if out[f].Estimate = Some(v); !out[f].Estimate.Valid {
			out[f].Reasons = []Reason{NoValidAnswers}
		}
	}
	if organizations < minOrganizations {
		for f := range out {
			if out[f].Estimate.Valid {
				out[f].Reasons = []Reason{FewOrganizations}
			}
		}
		return out, nil
	}
	replicates := drawReplicates(organizations, figures, newStatistic, options)
	var jackknife [][]float64
	if options.BCa {
		jackknife = leaveOneOut(organizations, figures, newStatistic)
	}
	for f := range out {
		if out[f].Estimate.Valid {
			var influence []float64
			if options.BCa {
				influence = jackknife[f]
			}
			out[f].summarize(replicates[f], influence, options.Conf)
		}
	}
	return out, nil
}

func everyOnce(n int) []int {
	times := make([]int, n)
	for j := range times {
		times[j] = 1
	}
	return times
}

// drawReplicates returns the replicates of every figure.
func drawReplicates(organizations, figures int, newStatistic func() Statistic, options BootstrapOptions) [][]float64 {
	replicates := make([][]float64, figures)
	for f := range replicates {
		replicates[f] = make([]float64, options.Replicates)
	}
	strata := strataOf(organizations, options.Strata)
	inBlocks(options.Replicates, bootstrapRun, func(from, to int) {
		stream := NewStream(options.Seed, "bootstrap", from/bootstrapRun)
		statistic := newStatistic()
		times, values := make([]int, organizations), make([]float64, figures)
		for b := from; b < to; b++ {
			clear(times)
			for _, members := range strata {
				for range members {
					times[members[stream.IntN(len(members))]]++
				}
			}
			statistic(times, values)
			for f, v := range values {
				replicates[f][b] = v
			}
		}
	})
	return replicates
}

// strataOf lists the organizations of each label, in order of appearance.
func strataOf(organizations int, labels []int) [][]int {
	at := map[int]int{}
	var strata [][]int
	for j := range organizations {
		label := 0
		if labels != nil {
			label = labels[j]
		}
		s, seen := at[label]
		if !seen {
			s = len(strata)
			at[label] = s
			strata = append(strata, nil)
		}
		strata[s] = append(strata[s], j)
	}
	return strata
}

// leaveOneOut returns, per figure, the values without one organization each.
func leaveOneOut(organizations, figures int, newStatistic func() Statistic) [][]float64 {
	values := make([][]float64, figures)
	for f := range values {
		values[f] = make([]float64, organizations)
	}
	inBlocks(organizations, 32, func(from, to int) {
		statistic := newStatistic()
		times, out := everyOnce(organizations), make([]float64, figures)
		for j := from; j < to; j++ {
			times[j] = 0
			statistic(times, out)
			times[j] = 1
			for f, v := range out {
				values[f][j] = v
			}
		}
	})
	return values
}

func (b *Bootstrapped) summarize(replicates, jackknife []float64, conf float64) {
	valid := make([]float64, 0, len(replicates))
	for _, v := range replicates {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			valid = append(valid, v)
		}
	}
	b.Replicates = len(valid)
	if float64(len(valid)) < 0.99*float64(len(replicates)) || len(valid) < 2 {
		b.Reasons = append(b.Reasons, NotConverged)
		return
	}
	ordered := sorted(valid)
	b.mean = Some(average(valid))
	b.SE = Some(math.Sqrt(variance(valid)))
	if spread := ordered[len(ordered)-1] - ordered[0]; spread <= 1e-14*math.Abs(ordered[0]) {
		b.SE = Some(0)
		b.Reasons = append(b.Reasons, ZeroVariance)
		return
	}
	tail := (1 - conf) / 2
	b.CIPercentile = &Interval{QuantileSorted(ordered, tail).Value, QuantileSorted(ordered, 1-tail).Value}
	if jackknife != nil {
		b.accelerate(ordered, jackknife, conf)
	}
}

// accelerate adds the BCa interval.
func (b *Bootstrapped) accelerate(ordered, jackknife []float64, conf float64) {
	below, equal := 0, 0
	for _, v := range ordered {
		switch {
		case v < b.Estimate.Value:
			below++
		case v == b.Estimate.Value:
			equal++
		}
	}
	level := (float64(below) + 0.5*float64(equal)) / float64(len(ordered))
	if level <= 0 || level >= 1 {
		b.Notes = append(b.Notes, "bca_z0_infinite")
		return
	}
	z0, a := NormalQuantile(level), acceleration(jackknife)
	if math.IsNaN(a) {
		b.Notes = append(b.Notes, "bca_acceleration_undefined")
		return
	}
	b.Z0, b.Acceleration = Some(z0), Some(a)
	z := NormalQuantile((1 - conf) / 2)
	var limits [2]float64
	for side, zq := range [2]float64{z, -z} {
		if 1-a*(z0+zq) <= 0 {
			b.Notes = append(b.Notes, "bca_acceleration_too_large")
			return
		}
		limits[side] = QuantileSorted(ordered, NormalCDF(z0+(z0+zq)/(1-a*(z0+zq)))).Value
	}
	b.CIBCa = &Interval{min(limits[0], limits[1]), max(limits[0], limits[1])}
}

// acceleration is sum d^3 / (6 (sum d^2)^1.5), d the mean of the leave-one-out
// values minus each of them; 0 when they are all equal, NaN when one failed.
func acceleration(jackknife []float64) float64 {
	center := average(jackknife)
	var squares, cubes Sum
	for _, v := range jackknife {
		d := center - v
		squares.Add(d * d)
		cubes.Add(d * d * d)
	}
	if squares.Value() == 0 {
		return 0
	}
	return cubes.Value() / (6 * math.Pow(squares.Value(), 1.5))
}
