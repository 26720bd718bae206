package benchmark

import (
	"context"
	"fmt"
	"math"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
)

// Drivers says which practices go together with results, over organizations. It
// says nothing about causes.
type Drivers struct {
	Provenance     Provenance      `json:"provenance"`
	Title          string          `json:"title"`
	Headline       string          `json:"headline"`
	Story          []string        `json:"story"`
	Caveats        []string        `json:"caveats"`
	Respondents    *int            `json:"respondents"`
	OrganizationsN *int            `json:"organizations_n"`
	MinimumGroup   int             `json:"minimum_group"`
	Reason         string          `json:"reason,omitempty"` // why there is nothing to relate
	Outcomes       []DriverOutcome `json:"outcomes"`
}

// DriverOutcome is one result with what goes together with it.
type DriverOutcome struct {
	Key           string      `json:"key"` // kpi_axis or a KPI
	Label         string      `json:"label"`
	Direction     string      `json:"direction"` // lower: lower is better, and turned here
	Source        string      `json:"source"`
	Organizations int         `json:"organizations"` // with the result and all practices
	Level         string      `json:"level"`         // practices, areas, or empty: one at a time only
	Reason        string      `json:"reason,omitempty"`
	R2            Estimate    `json:"r2"`
	R2Adjusted    Estimate    `json:"r2_adjusted"`
	CutShare      stat.Number `json:"cut_performance"` // of the map, proportion
	CutImportance stat.Number `json:"cut_importance"`
	Singular      []string    `json:"singular_set"` // practices that can not be told apart
	Rows          []DriverRow `json:"rows"`         // of the level, in the order of the instrument
	Single        []DriverRow `json:"one_at_a_time"`
}

// DriverRow is one practice or area. What is not computed at its level is
// absent from it.
type DriverRow struct {
	Key      string        `json:"key"`
	Label    string        `json:"label"`
	R        Estimate      `json:"r"`
	Johnson  Estimate      `json:"johnson_share"`
	LMG      Estimate      `json:"lmg_share"`
	VIF      Estimate      `json:"vif"`
	Share    Estimate      `json:"performance"` // that agrees, mean over organizations
	Quadrant stat.Quadrant `json:"quadrant,omitempty"`
	Stable   Estimate      `json:"quadrant_stability"`
	Unstable bool          `json:"unstable"`
}

// The levels at which results are related.
const (
	levelPractices = "practices"
	levelAreas     = "areas"
)

// driverReplicates of the bootstrap over organizations.
const driverReplicates = 500

// fewestForDrivers is the number of organizations from which practices are
// weighed against each other, besides five for each.
const fewestForDrivers = 30

// ComputeDrivers relates the results of organizations to their practices.
func ComputeDrivers(ctx context.Context, snapshot *panel.Snapshot, in Input) (*Drivers, error) {
	e, err := newEngine(ctx, snapshot, in)
	if err != nil {
		return nil, err
	}
	d := &Drivers{Provenance: e.provenance(), Title: waveTitle(in.Study, in.Wave), MinimumGroup: e.gate.minimum,
		Respondents: ptr(e.people), OrganizationsN: ptr(len(e.units)), Outcomes: []DriverOutcome{}}
	d.Reason = e.noDrivers()
	if d.Reason == "" {
		for _, y := range e.outcomes() {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			o, err := e.relate(y)
			if err != nil {
				return nil, err
			}
			d.Outcomes = append(d.Outcomes, o)
		}
	}
	e.driverWords(d)
	e.gate.seal(d)
	return d, nil
}

// noDrivers says in words why no result can be related; empty where one can.
func (e *engine) noDrivers() string {
	switch {
	case len(e.units) == 0:
		return fmt.Sprintf("No organization has the %d responses that a shown group needs.", e.gate.minimum)
	case len(e.items) == 0:
		return "The instrument has no practices."
	case len(e.results.kpis) == 0:
		return "The instrument asks for no results (KPIs), so there is nothing for practices to go together with."
	}
	return ""
}

// outcome is one result per organization; higher is better.
type outcome struct {
	key, label, direction string
	values                []float64
	reporters             []int
}

// outcomes are the axis of all results, where the criteria name one, and each
// KPI.
func (e *engine) outcomes() []outcome {
	var list []outcome
	axis := outcome{key: "kpi_axis", label: "All results together (mean percentile)", values: make([]float64, len(e.units)), reporters: make([]int, len(e.units))}
	placed := 0
	for j, v := range e.results.axis {
		axis.values[j] = v.Or(math.NaN())
		if v.Valid {
			placed++
		}
	}
	for _, k := range e.results.kpis {
		y := outcome{key: k.item.Key, label: k.item.Label.In(e.language), direction: k.item.Direction, values: make([]float64, len(e.units)), reporters: k.reporters}
		for j, v := range k.values {
			y.values[j] = v
			if k.item.Direction == "lower" {
				y.values[j] = 0 - v
			}
			axis.reporters[j] = max(axis.reporters[j], k.reporters[j])
		}
		list = append(list, y)
	}
	if placed > 0 {
		list = append([]outcome{axis}, list...)
	}
	return list
}

// predictor is a practice or an area with its share per organization.
type predictor struct {
	key, label string
	shares     []stat.Contribution // weight 1 for each organization
}

func (p predictor) values() []float64 {
	values := make([]float64, len(p.shares))
	for j, c := range p.shares {
		values[j] = math.NaN()
		if c.W > 0 {
			values[j] = c.WY / c.W
		}
	}
	return values
}

// practicePredictors are the key practices, or all where none is marked.
func (e *engine) practicePredictors() []predictor {
	var key, all []predictor
	for k := range e.items {
		p := &e.items[k]
		one := predictor{key: p.field.Item.Key, label: p.label, shares: p.shares()}
		all = append(all, one)
		if e.isKey(one.key) {
			key = append(key, one)
		}
	}
	if len(key) > 0 {
		return key
	}
	return all
}

// areaPredictors are the mean shares of the practices of each area.
func (e *engine) areaPredictors() []predictor {
	var list []predictor
	for _, a := range e.plan.areas {
		one := predictor{key: a.key, label: a.title, shares: make([]stat.Contribution, len(e.units))}
		for j := range one.shares {
			sum, n := 0.0, 0
			for _, k := range a.items {
				if share, ok := e.items[k].ownShare(j); ok {
					sum += share
					n++
				}
			}
			if n == len(a.items) {
				one.shares[j] = stat.Contribution{N: e.units[j].size(), W: 1, WY: sum / float64(n), W2: 1}
			}
		}
		list = append(list, one)
	}
	return list
}

// relate finds the finest level that the number of organizations allows.
func (e *engine) relate(y outcome) (DriverOutcome, error) {
	o := DriverOutcome{Key: y.key, Label: y.label, Direction: y.direction, Source: sourceReported, Singular: []string{}, Rows: []DriverRow{},
		R2: notComputed("r2", UnitCorrelation, stat.FewOrganizations), R2Adjusted: notComputed("r2_adjusted", UnitCorrelation, stat.FewOrganizations)}
	practices := e.practicePredictors()
	var err error
	if o.Single, err = e.oneAtATime(y, practices); err != nil {
		return o, err
	}
	for _, level := range []struct {
		name       string
		predictors []predictor
	}{{levelPractices, practices}, {levelAreas, e.areaPredictors()}} {
		if len(level.predictors) < 2 {
			continue
		}
		done, err := e.weigh(&o, y, level.name, level.predictors)
		if done || err != nil {
			return o, err
		}
	}
	return o, nil
}

// weigh sets all predictors against each other; false where they are too many
// for the organizations, or can not be told apart.
func (e *engine) weigh(o *DriverOutcome, y outcome, level string, predictors []predictor) (bool, error) {
	x := make([][]float64, len(predictors))
	performance := make([][]stat.Contribution, len(predictors))
	for i, p := range predictors {
		x[i], performance[i] = p.values(), p.shares
	}
	r, err := stat.WhatGoesTogether(y.values, x, stat.DriverOptions{OrganizationLevel: true, Replicates: driverReplicates,
		Seed: e.seed, Conf: confidence, Performance: performance})
	if err != nil {
		return false, err
	}
	o.Organizations = r.N
	if len(r.Reasons) > 0 && !r.R2.Valid {
		o.note(level, len(predictors), r, predictors)
		return false, nil
	}
	b := e.outcomeBase(y, predictors)
	o.Level = level
	o.R2, o.R2Adjusted = figure("r2", UnitCorrelation, r.R2, b), figure("r2_adjusted", UnitCorrelation, r.R2Adjusted, b)
	o.R2, o.R2Adjusted = o.R2.withN(b.respondents, r.N), o.R2Adjusted.withN(b.respondents, r.N)
	if e.gate.passes(b) {
		o.CutShare, o.CutImportance = r.CutPerformance, r.CutImportance
	}
	for i, p := range predictors {
		o.Rows = append(o.Rows, e.driverRow(p, r, i, b))
	}
	return true, nil
}

// note says why a level could not be weighed.
func (o *DriverOutcome) note(level string, p int, r *stat.Drivers, predictors []predictor) {
	words := ""
	switch r.Reasons[0] {
	case stat.FewOrganizations, stat.TooFewRows:
		words = fmt.Sprintf("To weigh %d %s against each other %d organizations with this result are needed; there are %d.", p, level, max(fewestForDrivers, 5*p), r.N)
	case stat.SingularMatrix:
		for _, i := range r.Singular {
			o.Singular = append(o.Singular, predictors[i].label)
		}
		words = fmt.Sprintf("Some %s can not be told apart, because organizations answer them alike: %s.", level, list(o.Singular))
	case stat.ZeroVariance:
		words = "All organizations report the same result, so nothing can go together with it."
	case stat.NoValidAnswers:
		words = "No organization has enough people who reported this result."
	default:
		words = upperFirst(ReasonWords(r.Reasons[0])) + "."
	}
	if o.Reason != "" && o.Reason != words {
		words = o.Reason + " " + words
	}
	o.Reason = words
}

// outcomeBase counts the organizations with the result and all predictors.
func (e *engine) outcomeBase(y outcome, predictors []predictor) base {
	b := base{kind: baseColumn}
	for j, v := range y.values {
		complete := !math.IsNaN(v)
		for _, p := range predictors {
			complete = complete && p.shares[j].W > 0
		}
		if complete {
			b.organizations++
			b.respondents += y.reporters[j]
		}
	}
	if b.organizations > 0 {
		b.largest = 1 / float64(b.organizations)
	}
	return b
}

func (e *engine) driverRow(p predictor, r *stat.Drivers, i int, b base) DriverRow {
	d := r.Predictors[i]
	share := func(name string, unit string, v stat.Number, ci *stat.Interval) Estimate {
		est := figure(name, unit, v, b).withN(b.respondents, b.organizations)
		if v.Valid && ci != nil {
			est.CI, est.Conf, est.CIMethod = ci, confidence, "organization_bootstrap_percentile"
			est.Seed, est.Replicates = &r.Seed, &r.Replicates
		}
		est.Item = p.key
		return est
	}
	row := DriverRow{Key: p.key, Label: p.label,
		R: share("r", UnitCorrelation, d.R, nil), Johnson: share("johnson_share", UnitProportion, d.JohnsonShare, d.JohnsonShareCI),
		LMG: share("lmg_share", UnitProportion, d.LMGShare, d.LMGShareCI), VIF: share("vif", UnitRatio, d.VIF, nil),
		Share: share("performance", UnitProportion, d.Performance, d.PerformanceCI), Stable: share("quadrant_stability", UnitProportion, d.Stability, nil)}
	if e.gate.passes(b) {
		row.Quadrant = d.Quadrant
		row.Unstable = d.Stability.Valid && d.Stability.Value < 0.80
	}
	return row
}

// oneAtATime correlates the result with each practice by itself, adjusted for
// their number.
func (e *engine) oneAtATime(y outcome, predictors []predictor) ([]DriverRow, error) {
	rows := []DriverRow{}
	var family []*Estimate
	for _, p := range predictors {
		a, err := stat.ScoreAgainstResponse(p.values(), y.values, confidence)
		if err != nil {
			return nil, err
		}
		b := e.outcomeBase(y, []predictor{p})
		r := figure("r", UnitCorrelation, a.R, b).withN(b.respondents, a.Organizations)
		r.Item = p.key
		if !a.R.Valid && len(a.Reasons) > 0 {
			r.Reasons = nil
		}
		r = r.because(a.Reasons...)
		if a.CI != nil {
			r.CI, r.Conf, r.CIMethod, r.P = a.CI, confidence, "fisher_z", a.P
		}
		rows = append(rows, DriverRow{Key: p.key, Label: p.label, R: r})
	}
	for i := range rows {
		family = append(family, &rows[i].R)
	}
	adjust(family)
	return rows, nil
}
