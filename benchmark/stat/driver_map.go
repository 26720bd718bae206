package stat

import "math"

// maxBootstrapLMG is the number of predictors up to which LMG is resampled too;
// above it only Johnson's weights, which are nearly the same, get an interval.
const maxBootstrapLMG = 12

// unstableShare is the share of resamples in another quadrant from which a point
// is marked unstable.
const unstableShare = 0.20

// placeOnMap gives every predictor its quadrant; cut lines are the means.
func (out *Drivers) placeOnMap(performance []float64) {
	importance := make([]float64, len(out.Predictors))
	for i, d := range out.Predictors {
		out.Predictors[i].Performance = Some(performance[i])
		importance[i] = d.JohnsonShare.Or(math.NaN())
	}
	quadrants, cutPerformance, cutImportance := mapQuadrants(performance, importance)
	out.CutPerformance, out.CutImportance = Some(cutPerformance), Some(cutImportance)
	if quadrants == nil {
		return
	}
	for i, q := range quadrants {
		out.Predictors[i].Quadrant = q
	}
}

// mapQuadrants is nil where a coordinate is missing.
func mapQuadrants(performance, importance []float64) (quadrants []Quadrant, cutPerformance, cutImportance float64) {
	cutPerformance, cutImportance = average(performance), average(importance)
	if math.IsNaN(cutPerformance) || math.IsNaN(cutImportance) {
		return nil, cutPerformance, cutImportance
	}
	quadrants = make([]Quadrant, len(performance))
	for i := range quadrants {
		high := performance[i] >= cutPerformance
		switch {
		case importance[i] >= cutImportance && high:
			quadrants[i] = KeepItUp
		case importance[i] >= cutImportance:
			quadrants[i] = WorkOnIt
		case high:
			quadrants[i] = PossibleMuch
		default:
			quadrants[i] = LowPriority
		}
	}
	return quadrants, cutPerformance, cutImportance
}

// resample adds percentile intervals of the shares and the stability of the
// quadrants. Figures of a replicate: Johnson shares, LMG shares, performances,
// and whether each quadrant is the same.
func (out *Drivers) resample(m *driverMoments, options DriverOptions) error {
	p := m.p
	withLMG := p <= maxBootstrapLMG
	results, err := ClusterBootstrap(len(m.clusters), 4*p, func() Statistic {
		return func(times []int, figures []float64) {
			for i := range figures {
				figures[i] = math.NaN()
			}
			c, constant := m.correlations(times)
			if len(constant) > 0 {
				return
			}
			fit, set := c.regress()
			if set != nil || fit.r2 < 1e-12 {
				return
			}
			for i, w := range c.johnson(fit) {
				figures[i] = w / fit.r2
			}
			if withLMG {
				for i, w := range c.lmg() {
					figures[p+i] = w / fit.r2
				}
			}
			if m.performing != nil {
				copy(figures[2*p:], m.performance(times))
				out.compareQuadrants(figures)
			}
		}
	}, BootstrapOptions{Seed: options.Seed, Replicates: options.Replicates, Conf: options.Conf})
	if err != nil {
		return err
	}
	out.Replicates = options.Replicates
	for i := range out.Predictors {
		d := &out.Predictors[i]
		d.JohnsonShareCI = results[i].CIPercentile
		d.LMGShareCI = results[p+i].CIPercentile
		d.PerformanceCI = results[2*p+i].CIPercentile
		if d.Quadrant == "" || m.performing == nil || len(m.clusters) < minOrganizations {
			continue
		}
		d.Stability = results[3*p+i].mean
		if d.Stability.Valid && 1-d.Stability.Value > unstableShare {
			d.Notes = append(d.Notes, "unstable")
		}
	}
	if len(m.clusters) < minOrganizations {
		out.Reasons = append(out.Reasons, FewOrganizations)
	}
	return nil
}

func (out *Drivers) compareQuadrants(figures []float64) {
	p := len(out.Predictors)
	quadrants, _, _ := mapQuadrants(figures[2*p:3*p], figures[:p])
	for i, q := range quadrants {
		figures[3*p+i] = 0
		if q == out.Predictors[i].Quadrant {
			figures[3*p+i] = 1
		}
	}
}
