package benchmark

import (
	"context"
	"math"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// areaScore is the mean of each row's answers in an area; NaN where fewer than
// half of the items were answered, or the area mixes scales.
type areaScore struct {
	area
	points int // 0 where the items have scales of different length
	scores []float64
}

// areaScores scores all areas.
func (f *frame) areaScores() []areaScore {
	var scored []areaScore
	for _, a := range f.areas() {
		s := areaScore{area: a, points: f.items[a.items[0]].points}
		for _, k := range a.items {
			if f.items[k].points != s.points {
				s.points = 0
			}
		}
		if s.points > 0 {
			s.scores = f.meanAnswers(a.items)
		}
		scored = append(scored, s)
	}
	return scored
}

// meanAnswers is each row's mean over the items it answered, NaN under the half
// rule.
func (f *frame) meanAnswers(items []int) []float64 {
	sum, valid := make([]int, len(f.rows)), make([]int, len(f.rows))
	for _, k := range items {
		for i, a := range f.items[k].answers {
			if a > 0 {
				sum[i] += int(a)
				valid[i]++
			}
		}
	}
	means := make([]float64, len(f.rows))
	for i := range means {
		means[i] = math.NaN()
		if valid[i] > 0 && 2*valid[i] >= len(items) {
			means[i] = float64(sum[i]) / float64(valid[i])
		}
	}
	return means
}

func (e *engine) addAreas(_ context.Context, b *Benchmark) error {
	for _, a := range e.areaScores() {
		row, err := e.areaRow(a, -1)
		if err != nil {
			return err
		}
		b.Areas = append(b.Areas, row)
	}
	return nil
}

// areaRow is one area in each column; own is the position of an organization,
// -1 without one.
func (e *engine) areaRow(a areaScore, own int) (AreaRow, error) {
	row := AreaRow{Key: a.key, Title: a.title, Points: a.points, Own: Estimate{Stat: "area_mean", Unit: UnitScale, Column: Own, Status: NotComputed}}
	if a.points == 0 {
		missing := notComputed("area_mean", UnitScale, stat.OutOfDomain)
		row.WC, row.Rest, row.All, row.Own = missing, missing, missing, missing
		return row, nil
	}
	contributions, err := e.meanContributions(a.scores)
	if err != nil {
		return row, err
	}
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
	if own >= 0 {
		row.Own, err = e.ownMean("area_mean", UnitScale, a.scores, own)
		row.Own.base.hidden = row.Own.base.hidden || e.ownHidden(answered(contributions), false)[own]
	}
	return row, err
}

// meanContributions are what each organization adds to a mean with weight 1.
func (f *frame) meanContributions(values []float64) ([]stat.Contribution, error) {
	contributions, err := stat.ContributeRows(values, f.weights, f.org)
	if err != nil {
		return nil, err
	}
	for len(contributions) < len(f.units) {
		contributions = append(contributions, stat.Contribution{})
	}
	for j, c := range contributions {
		if c.W > 0 {
			contributions[j] = stat.Contribution{N: c.N, W: 1, WY: c.WY / c.W, W2: c.W2 / (c.W * c.W)}
		}
	}
	return contributions, nil
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

// ownMean is the mean of one organization's own people: no clustering, so each
// person stands for itself.
func (e *engine) ownMean(name, unit string, values []float64, own int) (Estimate, error) {
	u := e.units[own]
	people := make([]int32, u.size())
	for i := range people {
		people[i] = int32(i)
	}
	var weights []float64
	if e.weights != nil {
		weights = e.weights[u.from:u.to]
	}
	contributions, err := stat.ContributeRows(values[u.from:u.to], weights, people)
	if err != nil {
		return Estimate{}, err
	}
	r, err := stat.WeightedMean(contributions, nil, confidence)
	if err != nil {
		return Estimate{}, err
	}
	est := Estimate{Stat: name, Unit: unit, Column: Own, Value: r.Mean, Status: statusOf(r.Mean, nil), Weighting: "none",
		base: base{kind: baseGroup, respondents: r.N}}
	if r.CI != nil {
		est.CI, est.Conf, est.CIMethod = r.CI, confidence, "t"
	}
	if !r.Mean.Valid {
		est.Reasons = []stat.Reason{stat.NoValidAnswers}
	}
	return est.withN(r.N, 0), nil
}
