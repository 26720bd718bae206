package benchmark

import (
	"context"

	"github.com/salesbench/salesbench/benchmark/stat"
)

var aggregationWords = map[stat.Aggregation]string{
	stat.Supported:    "Organizations differ and the people within them agree: the mean may stand for the organization.",
	stat.LimitedGate:  "Organizations differ, but the people within them agree only in part: read the mean beside its distribution.",
	stat.NotSupported: "Average of the answers, no common view shown: the people within an organization do not agree more than others do.",
}

// addAgreement asks, before a mean of respondents is called a property of the
// organization, whether organizations differ and their people agree: for the
// key practices and for each area.
func (e *engine) addAgreement(_ context.Context, b *Benchmark) error {
	if e.class == nil && len(e.plan.areas) == 0 {
		return nil
	}
	rows := make([]AgreementRow, len(e.plan.scales))
	err := eachOf(len(rows), func(s int) error {
		var err error
		rows[s], err = e.agreements[s]()
		return err
	})
	if err != nil {
		return err
	}
	b.Agreement = append(b.Agreement, rows...)
	for a, row := range rows[len(rows)-len(b.Areas):] {
		b.Areas[a].Aggregation = row.Aggregation
	}
	return nil
}

// scaleNames are the key and the title of a scale.
func (e *engine) scaleNames(s int) (key, title string) {
	if a := s - (len(e.plan.scales) - len(e.plan.areas)); a >= 0 {
		return e.plan.areas[a].key, e.plan.areas[a].title
	}
	if e.plan.key == nil {
		return "all_practices", "All practices"
	}
	return keyPractices, "Key practices"
}

// scaleOfArea is the place of an area among the scales.
func (p *plan) scaleOfArea(a int) int { return len(p.scales) - len(p.areas) + a }

// agreementOf looks at one scale.
func (e *engine) agreementOf(s int) (AgreementRow, error) {
	row := AgreementRow{Items: len(e.plan.scales[s].items)}
	row.Key, row.Title = e.scaleNames(s)
	missing := notComputed("rwgj_uniform", UnitCorrelation, stat.OutOfDomain)
	row.ICC1, row.ICC2, row.RwgjUniform, row.RwgjSlight, row.ADMean = missing, missing, missing, missing, missing
	if e.plan.scales[s].points == 0 {
		row.Sentence = "The items have scales of different length and are not taken together."
		return row, nil
	}
	icc, err := stat.ICC(e.scaleMeans(s), confidence)
	if err != nil {
		return row, err
	}
	uniform, slight, deviation := e.summarize(s, 0), e.summarize(s, 1), e.summarize(s, 2)
	gate := stat.AggregationGate(icc.ICC1N0CI, uniform.Median, slight.Median)
	row.Aggregation, row.Sentence = string(gate), aggregationWords[gate]
	if icc.ICC1N0CI == nil {
		row.Sentence = "There are not enough responses to say whether organizations differ and their people agree."
	}
	row.ICC1 = iccEstimate("icc1_n0", icc.ICC1N0, icc.ICC1N0CI, icc)
	row.ICC2 = iccEstimate("icc2", icc.ICC2, icc.ICC2CI, icc)
	row.RwgjUniform = e.agreementEstimate("rwgj_uniform", UnitCorrelation, uniform, icc)
	row.RwgjSlight = e.agreementEstimate("rwgj_slight_skew", UnitCorrelation, slight, icc)
	row.ADMean = e.agreementEstimate("ad_mean", UnitScale, deviation, icc)
	return row, nil
}

// summarize gives the quartiles of one of the agreementFigures.
func (f *frame) summarize(s, figure int) stat.IndexSummary {
	if f.weighted {
		values := make([]stat.Number, len(f.tally))
		for j, t := range f.tally {
			values[j] = agreementFigures[figure](t.agreement[s])
		}
		return stat.SummarizeIndex(values)
	}
	x := f.agreementOrder(s, figure)
	return stat.IndexSummary{Organizations: len(x), Q1: stat.QuantileSorted(x, 0.25), Median: stat.QuantileSorted(x, 0.5), Q3: stat.QuantileSorted(x, 0.75)}
}

// scaleMeans summarizes the means of the respondents over the items of a scale.
func (f *frame) scaleMeans(s int) []stat.Summary { return f.series.scales[s] }

// iccEstimate is an intraclass correlation over all organizations.
func iccEstimate(name string, value stat.Number, ci *stat.Interval, icc stat.ICCResult) Estimate {
	if !value.Valid {
		reason := stat.NoValidAnswers
		if len(icc.Reasons) > 0 {
			reason = icc.Reasons[0]
		}
		return notComputed(name, UnitCorrelation, reason)
	}
	e := Estimate{Stat: name, Unit: UnitCorrelation, Value: value, Reasons: append([]stat.Reason{}, icc.Reasons...), Status: statusOf(value, icc.Reasons),
		base: base{kind: baseColumn, respondents: icc.N, organizations: icc.Organizations}}
	if ci != nil {
		e.CI, e.Conf, e.CIMethod = ci, confidence, "f_distribution"
	}
	return e.withN(icc.N, icc.Organizations)
}

// agreementEstimate is the median over organizations with its quartiles.
func (e *engine) agreementEstimate(name, unit string, s stat.IndexSummary, icc stat.ICCResult) Estimate {
	est := figure(name, unit, s.Median, base{kind: baseColumn, respondents: icc.N, organizations: s.Organizations})
	if s.Q1.Valid && s.Q3.Valid {
		est.Quartiles = &stat.Interval{Lower: s.Q1.Value, Upper: s.Q3.Value}
	}
	return est.withN(icc.N, s.Organizations)
}
