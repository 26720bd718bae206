package benchmark

import (
	"context"
	"math"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// meanAnswers is each row's mean over the items it answered, NaN where they are
// fewer than half.
func (f *frame) meanAnswers(items []int) []float64 {
	answers := f.image().answers
	sum, valid := make([]int, f.people), make([]int, f.people)
	for _, k := range items {
		for i, a := range answers[k] {
			if a > 0 {
				sum[i] += int(a)
				valid[i]++
			}
		}
	}
	means := make([]float64, f.people)
	for i := range means {
		means[i] = math.NaN()
		if valid[i] > 0 && 2*valid[i] >= len(items) {
			means[i] = float64(sum[i]) / float64(valid[i])
		}
	}
	return means
}

func (e *engine) addAreas(_ context.Context, b *Benchmark) error {
	for a := range e.plan.areas {
		row, err := e.areaColumns[a]()
		if err != nil {
			return err
		}
		b.Areas = append(b.Areas, row)
	}
	return nil
}

// areaRow is one area in each column.
func (e *engine) areaRow(a int) (AreaRow, error) {
	group := e.plan.areas[a]
	row := AreaRow{Key: group.key, Title: group.title, Points: e.plan.areaScales()[a].points,
		Own: Estimate{Stat: "area_mean", Unit: UnitScale, Column: Own, Status: NotComputed}}
	if row.Points == 0 {
		missing := notComputed("area_mean", UnitScale, stat.OutOfDomain)
		row.WC, row.Rest, row.All, row.Own = missing, missing, missing, missing
		return row, nil
	}
	contributions := e.areaMeans(a)
	var err error
	if row.WC, err = meanOf("area_mean", UnitScale, WorldClass, pick(contributions, e.columns.wc)); err != nil {
		return row, err
	}
	if row.Rest, err = meanOf("area_mean", UnitScale, Rest, pick(contributions, e.columns.rest)); err != nil {
		return row, err
	}
	if row.All, err = meanOf("area_mean", UnitScale, All, contributions); err != nil {
		return row, err
	}
	e.gate.complement(&row.WC, &row.Rest)
	return row, nil
}

// areaMeans are what each organization adds to the mean of an area.
func (f *frame) areaMeans(a int) []stat.Contribution { return f.series.areas[a] }

// ownArea fills the score of one organization, whose rows the reader has read.
func (e *engine) ownArea(a, own int, reader *rowReader, row *AreaRow) error {
	if row.Points == 0 {
		return nil
	}
	var err error
	if e.weighted {
		row.Own, err = e.ownMean("area_mean", UnitScale, reader.means(e.plan.areas[a].items), own)
	} else {
		row.Own, err = ownMeanOf("area_mean", UnitScale, e.tally[own].scaleMeans[e.plan.scaleOfArea(a)])
	}
	row.Own.base.hidden = row.Own.base.hidden || e.hiddenAreas[a]()[own]
	return err
}

// ownReader has read the rows of one organization.
func (e *engine) ownReader(own int) *rowReader {
	reader := e.plan.reader(e.snapshot)
	reader.read(e.tally[own].rows)
	return reader
}

func answered(contributions []stat.Contribution) []int {
	n := make([]int, len(contributions))
	for j, c := range contributions {
		n[j] = c.N
	}
	return n
}

// meanOf is the mean over the organizations of a column.
func meanOf(name, unit string, column Column, contributions []stat.Contribution) (Estimate, error) {
	r, err := stat.WeightedMean(contributions, nil, confidence)
	if err != nil {
		return Estimate{}, err
	}
	e := Estimate{
		Stat: name, Unit: unit, Column: column, Value: r.Mean, Status: statusOf(r.Mean, r.Reasons), Reasons: r.Reasons,
		Weighting: string(stat.EqualOrganization), base: columnBase(contributions),
	}
	if r.CI != nil {
		e.CI, e.Conf, e.CIMethod = r.CI, confidence, "linearized_t"
	}
	return e.withN(r.N, r.Organizations), nil
}

// ownMean is the mean of the values of one organization's own people: no
// clustering, so each person stands for itself.
func (e *engine) ownMean(name, unit string, values []float64, own int) (Estimate, error) {
	if !e.weighted {
		summaries, err := stat.ValueSummaries(values, make([]int32, len(values)))
		if err != nil {
			return Estimate{}, err
		}
		return ownMeanOf(name, unit, nth(summaries, 0))
	}
	people, weights := make([]int32, len(values)), make([]float64, len(values))
	for i, row := range e.tally[own].rows {
		people[i], weights[i] = int32(i), e.snapshot.WeightOf(row)
	}
	contributions, err := stat.ContributeRows(values, weights, people)
	if err != nil {
		return Estimate{}, err
	}
	r, err := stat.WeightedMean(contributions, nil, confidence)
	if err != nil {
		return Estimate{}, err
	}
	return ownMeanFrom(name, unit, r), nil
}

// ownMeanOf is ownMean of values that are summed up already.
func ownMeanOf(name, unit string, values stat.Summary) (Estimate, error) {
	r, err := stat.SummaryMean(values, confidence)
	if err != nil {
		return Estimate{}, err
	}
	return ownMeanFrom(name, unit, r), nil
}

func ownMeanFrom(name, unit string, r stat.WeightedMeanResult) Estimate {
	est := Estimate{Stat: name, Unit: unit, Column: Own, Value: r.Mean, Status: statusOf(r.Mean, nil), Weighting: "none",
		base: base{kind: baseGroup, respondents: r.N}}
	if r.CI != nil {
		est.CI, est.Conf, est.CIMethod = r.CI, confidence, "t"
	}
	if !r.Mean.Valid {
		est.Reasons = []stat.Reason{stat.NoValidAnswers}
	}
	return est.withN(r.N, 0)
}
