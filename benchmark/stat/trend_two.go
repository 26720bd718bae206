package stat

import "math"

// WaveKey names what must be equal for two waves to be compared.
type WaveKey struct {
	// Item is the version of the item's wording, Cut the agree box, Population
	// who was asked.
	Item, Cut, Population string
}

// TrendBreaks says why no line may be drawn from one wave to another; empty
// where it may.
func TrendBreaks(from, to WaveKey) []Reason {
	reasons := []Reason{}
	if from.Item != to.Item {
		reasons = append(reasons, WordingChanged)
	}
	if from.Cut != to.Cut {
		reasons = append(reasons, CutChanged)
	}
	if from.Population != to.Population {
		reasons = append(reasons, PopulationChanged)
	}
	return reasons
}

// WaveChange is the result of TwoWaves.
type WaveChange struct {
	// All compares everybody of both waves, SameOrganizations only the
	// organizations present in both.
	All               WeightedContrastResult `json:"all"`
	SameOrganizations PairedResult           `json:"same_organizations"`
}

// TwoWaves compares a share or mean between two waves with organizations as
// clusters: d = m2 - m1, S_j = m_j2/W_2 - m_j1/W_1 (0 where absent), v = J/(J-1)
// sum S_j^2, df = J-1 over the union, which is right for the same, different and
// partly overlapping organizations; and, named apart, the mean of the differences
// of the organizations present in both, with t and J-1. Contributions of one
// organization stand at the same place, N = 0 where it is absent. Edge cases as
// WeightedContrast and PairedDifferences.
func TwoWaves(first, second []Contribution, conf float64) (WaveChange, error) {
	var out WaveChange
	var err error
	if out.All, err = WeightedContrast(second, first, conf); err != nil {
		return out, err
	}
	var differences []float64
	for j := range first {
		if first[j].N > 0 && second[j].N > 0 && first[j].W > 0 && second[j].W > 0 {
			differences = append(differences, second[j].WY/second[j].W-first[j].WY/first[j].W)
		}
	}
	out.SameOrganizations, err = PairedDifferences(differences, conf)
	return out, err
}

// ShareChange is one organization's change between two waves.
type ShareChange struct {
	Change Number    `json:"change"`
	CI     *Interval `json:"change_ci"`
	// Shrunk is the change shrunk towards that of all organizations.
	Shrunk   Number    `json:"change_posterior_mean"`
	ShrunkCI *Interval `json:"change_posterior_ci"`
	Reasons  []Reason  `json:"reasons"`
}

// WaveCounts are the agreements and answers of one organization in two waves.
type WaveCounts struct{ X1, N1, X2, N2 int }

// OrganizationChanges gives every organization's change of a share with the two
// Wilson limits (Newcombe 1998b), and shrunk over organizations (ShrinkNormal,
// with the variances p~(1-p~)/n, p~ = (x+1)/(n+2)). A wave without answers
// no_valid_answers; under ten organizations nothing is shrunk to an interval.
func OrganizationChanges(counts []WaveCounts, conf float64) ([]ShareChange, error) {
	out := make([]ShareChange, len(counts))
	y, s2 := make([]float64, len(counts)), make([]float64, len(counts))
	for j, c := range counts {
		y[j], s2[j] = math.NaN(), math.NaN()
		out[j].Reasons = []Reason{}
		if c.X1 < 0 || c.X2 < 0 || c.X1 > c.N1 || c.X2 > c.N2 {
			return nil, &InputError{"invalid_value", j, 0, "more agreements than answers"}
		}
		if c.N1 == 0 || c.N2 == 0 {
			out[j].Reasons = []Reason{NoValidAnswers}
			continue
		}
		p1, p2 := float64(c.X1)/float64(c.N1), float64(c.X2)/float64(c.N2)
		y[j] = p2 - p1
		s2[j] = softVariance(c.X1, c.N1) + softVariance(c.X2, c.N2)
		out[j].Change = Some(y[j])
		out[j].CI = NewcombeHybrid(p2, float64(c.N2), p1, float64(c.N1), conf)
	}
	shrunk, err := ShrinkNormal(y, s2, ShrinkOptions{Conf: conf})
	if err != nil {
		return nil, err
	}
	for j, s := range shrunk.PerOrganization {
		out[j].Shrunk, out[j].ShrunkCI = s.PosteriorMean, s.CI
	}
	return out, nil
}

func softVariance(x, n int) float64 {
	p := float64(x+1) / float64(n+2)
	return p * (1 - p) / float64(n)
}

// Composition is one class (role x region x size) in two waves: its share of the
// weight and its share of agreement.
type Composition struct{ Weight1, Share1, Weight2, Share2 float64 }

// ChangeParts is the result of DecomposeChange.
type ChangeParts struct {
	Change Number   `json:"change"`
	Mix    Number   `json:"change_mix"`
	Rate   Number   `json:"change_rate"`
	Notes  []string `json:"notes"`
	// Reasons as always.
	Reasons []Reason `json:"reasons"`
}

// DecomposeChange splits the change of a weighted share into the part that comes
// from another mix of classes, sum (s1 - s0)(p1 + p0)/2, and the part that comes
// from other answers inside them, sum (p1 - p0)(s1 + s0)/2 (Kitagawa 1955). The
// two add up to the change. Weights are taken as shares of their sum. A class
// absent from one wave has no share of agreement there: that of the other wave
// stands in, so that its coming or going counts as mix (note class_absent).
//
// Edge case: a wave without weight no_valid_answers.
func DecomposeChange(classes []Composition) (ChangeParts, error) {
	out := ChangeParts{Notes: []string{}, Reasons: []Reason{}}
	var total1, total2 Sum
	for h, c := range classes {
		if !(c.Weight1 >= 0 && c.Weight2 >= 0) || math.IsInf(c.Weight1+c.Weight2, 0) {
			return out, &InputError{"invalid_weight", h, 0, "class weight"}
		}
		total1.Add(c.Weight1)
		total2.Add(c.Weight2)
	}
	if total1.Value() == 0 || total2.Value() == 0 {
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	}
	var mix, rate, change Sum
	for _, c := range classes {
		s1, s2 := c.Weight1/total1.Value(), c.Weight2/total2.Value()
		p1, p2 := c.Share1, c.Share2
		if s1 == 0 && s2 == 0 {
			continue
		}
		if s1 == 0 || s2 == 0 {
			if s1 == 0 {
				p1 = p2
			} else {
				p2 = p1
			}
			if len(out.Notes) == 0 {
				out.Notes = append(out.Notes, "class_absent")
			}
		}
		mix.Add((s2 - s1) * (p2 + p1) / 2)
		rate.Add((p2 - p1) * (s2 + s1) / 2)
		change.Add(s2*p2 - s1*p1)
	}
	out.Mix, out.Rate, out.Change = Some(mix.Value()), Some(rate.Value()), Some(change.Value())
	return out, nil
}

// PairedChange is the result of McNemar.
type PairedChange struct {
	Statistic Number `json:"mcnemar"`
	P         Number `json:"p_mcnemar"`
	// Exact says that p is binomial, as with fewer than 25 changed answers.
	Exact bool `json:"exact"`
}

// McNemar tests the change of a share among the same persons: gained of them
// agree now and did not before, lost the other way. (b-c)^2/(b+c) against
// chi-squared with one degree of freedom, without continuity correction; the
// exact binomial p below 25 changes; p = 1 where nobody changed.
func McNemar(gained, lost int) (PairedChange, error) {
	if gained < 0 || lost < 0 {
		return PairedChange{}, &InputError{"invalid_value", -1, -1, "negative count"}
	}
	n := gained + lost
	if n == 0 {
		return PairedChange{Statistic: Some(0), P: Some(1), Exact: true}, nil
	}
	d := float64(gained - lost)
	out := PairedChange{Statistic: Some(d * d / float64(n)), Exact: n < 25}
	if !out.Exact {
		out.P = Some(ChiSquareUpper(out.Statistic.Value, 1))
		return out, nil
	}
	var tail Sum
	for k := 0; k <= min(gained, lost); k++ {
		tail.Add(math.Exp(logChoose(n, k) - float64(n)*math.Ln2))
	}
	out.P = Some(min(1, 2*tail.Value()))
	return out, nil
}
