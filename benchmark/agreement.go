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
	if e.class != nil {
		row, err := e.agreementOf(AgreementRow{Key: "key_practices", Title: "Key practices"}, e.keyPositions())
		if err != nil {
			return err
		}
		b.Agreement = append(b.Agreement, row)
	}
	for i, a := range e.areas() {
		row, err := e.agreementOf(AgreementRow{Key: a.key, Title: a.title}, a.items)
		if err != nil {
			return err
		}
		b.Agreement = append(b.Agreement, row)
		b.Areas[i].Aggregation = row.Aggregation
	}
	return nil
}

func (e *engine) agreementOf(row AgreementRow, items []int) (AgreementRow, error) {
	row.Items = len(items)
	missing := notComputed("rwgj_uniform", UnitCorrelation, stat.OutOfDomain)
	row.ICC1, row.ICC2, row.RwgjUniform, row.RwgjSlight, row.ADMean = missing, missing, missing, missing, missing
	columns := make([][]int8, len(items))
	for i, k := range items {
		if e.items[k].points != e.items[items[0]].points {
			row.Sentence = "The items have scales of different length and are not taken together."
			return row, nil
		}
		columns[i] = e.items[k].answers
	}
	points := e.items[items[0]].points
	counts, err := stat.AgreementCounts(columns, e.org, points, true)
	if err != nil {
		return row, err
	}
	table := stat.AgreementOf(counts)
	summaries, err := stat.ValueSummaries(e.meanAnswers(items), e.org)
	if err != nil {
		return row, err
	}
	icc, err := stat.ICC(summaries, confidence)
	if err != nil {
		return row, err
	}
	gate := stat.AggregationGate(icc.ICC1N0CI, table.RwgjUniform.Median, table.RwgjSlight.Median)
	row.Aggregation, row.Sentence = string(gate), aggregationWords[gate]
	if icc.ICC1N0CI == nil {
		row.Sentence = "There are not enough responses to say whether organizations differ and their people agree."
	}
	row.ICC1 = iccEstimate("icc1_n0", icc.ICC1N0, icc.ICC1N0CI, icc)
	row.ICC2 = iccEstimate("icc2", icc.ICC2, icc.ICC2CI, icc)
	row.RwgjUniform = e.agreementEstimate("rwgj_uniform", UnitCorrelation, table.RwgjUniform, icc)
	row.RwgjSlight = e.agreementEstimate("rwgj_slight_skew", UnitCorrelation, table.RwgjSlight, icc)
	row.ADMean = e.agreementEstimate("ad_mean", UnitScale, table.ADMean, icc)
	return row, nil
}

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
