package stat

// IndexSummary describes one agreement index over organizations.
type IndexSummary struct {
	Min           Number `json:"min"`
	Q1            Number `json:"q1"`
	Median        Number `json:"median"`
	Mean          Number `json:"mean"`
	Q3            Number `json:"q3"`
	Max           Number `json:"max"`
	ShareStrong   Number `json:"share_at_least_70"` // share of organizations at .70 or above
	Organizations int    `json:"organizations"`
}

// SummarizeIndex describes the valid values of an index over organizations;
// quantiles of type 7.
func SummarizeIndex(values []Number) IndexSummary {
	var x []float64
	strong := 0
	for _, v := range values {
		if v.Valid {
			x = append(x, v.Value)
			if v.Value >= 0.70 {
				strong++
			}
		}
	}
	s := IndexSummary{Organizations: len(x)}
	if len(x) == 0 {
		return s
	}
	q := Quantiles(x, 0, 0.25, 0.5, 0.75, 1)
	s.Min, s.Q1, s.Median, s.Q3, s.Max = q[0], q[1], q[2], q[3], q[4]
	s.Mean, s.ShareStrong = Some(average(x)), Some(float64(strong)/float64(len(x)))
	return s
}

// AgreementTable is the agreement of all organizations on one scale.
type AgreementTable struct {
	RwgjUniform     IndexSummary      `json:"rwgj_uniform"`
	RwgjSlight      IndexSummary      `json:"rwgj_slight_skew"`
	RwgjModerate    IndexSummary      `json:"rwgj_moderate_skew"`
	RwgStarUniform  IndexSummary      `json:"rwg_star_j_uniform"`
	ADMean          IndexSummary      `json:"ad_mean"`
	AWG             IndexSummary      `json:"awg"`
	SetToZero       int               `json:"n_set_to_zero"` // organizations whose rwgj_uniform was set to 0
	PerOrganization []AgreementResult `json:"per_organization"`
}

// AgreementOf looks at every organization's counts (see Agreement) and
// summarizes; share_at_least_70 is of no meaning for ad_mean.
func AgreementOf(counts [][][]int) AgreementTable {
	t := AgreementTable{PerOrganization: make([]AgreementResult, len(counts))}
	column := func(pick func(AgreementResult) Number) IndexSummary {
		values := make([]Number, len(counts))
		for j, r := range t.PerOrganization {
			values[j] = pick(r)
		}
		return SummarizeIndex(values)
	}
	for j, c := range counts {
		t.PerOrganization[j] = Agreement(c)
		if star := t.PerOrganization[j].RwgStarUniform; star.Valid && star.Value < 0 {
			t.SetToZero++
		}
	}
	t.RwgjUniform = column(func(r AgreementResult) Number { return r.RwgjUniform })
	t.RwgjSlight = column(func(r AgreementResult) Number { return r.RwgjSlight })
	t.RwgjModerate = column(func(r AgreementResult) Number { return r.RwgjModerate })
	t.RwgStarUniform = column(func(r AgreementResult) Number { return r.RwgStarUniform })
	t.ADMean = column(func(r AgreementResult) Number { return r.ADMean })
	t.ADMean.ShareStrong = Number{}
	t.AWG = column(func(r AgreementResult) Number { return r.AWG })
	return t
}

// Aggregation says whether a mean of respondents may be called a property of
// the organization.
type Aggregation string

// The answers of the aggregation gate.
const (
	Supported    Aggregation = "supported"
	LimitedGate  Aggregation = "limited"
	NotSupported Aggregation = "not_supported"
)

// AggregationGate is supported when organizations differ (lower limit of
// icc1_n0 above 0) and their people agree (median rwgj_uniform at least .70 and
// median rwgj_slight_skew at least .50), limited when they only differ, and
// not_supported otherwise: then no tier and no ranking on the scale. An
// interval or median that could not be computed counts as not reached.
func AggregationGate(icc1N0 *Interval, medianUniform, medianSlight Number) Aggregation {
	switch {
	case icc1N0 == nil || icc1N0.Lower <= 0:
		return NotSupported
	case medianUniform.Valid && medianUniform.Value >= 0.70 && medianSlight.Valid && medianSlight.Value >= 0.50:
		return Supported
	}
	return LimitedGate
}
