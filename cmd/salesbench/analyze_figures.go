package main

import (
	"fmt"
	"strconv"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/analysis"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/templates"
)

// analysisFigures are the charts of the report: gaps, the spread of the answers,
// the priority map.
func analysisFigures(a *analysis.Analysis) ([]templates.ResultsFigure, error) {
	var figures []templates.ResultsFigure
	add := func(f chart.Figure, err error, caption string) error {
		if err != nil || !f.Drawn() {
			return err
		}
		figures = append(figures, templates.ResultsFigure{ID: f.ID, Title: f.Title, Caption: caption, Alt: f.Alt,
			Data:  &templates.ChartData{Option: f.Option, Narrow: f.Narrow, Height: f.Height, NarrowHeight: f.NarrowHeight},
			Table: dataTable(f.ID+"-table", f.Table.Caption, f.Table.Head, f.Table.Rows)})
		return nil
	}
	if len(a.Gaps.Items) > 0 {
		f, err := chart.WaveGaps(gapRows(a))
		caption := fmt.Sprintf("World-Class: the %d organizations most likely World-Class. ", a.Gaps.WorldClass)
		if a.Gaps.Column == "top_tenth" {
			caption = fmt.Sprintf("World-Class stands for the top tenth of organizations (%d); no tier can be named. ", a.Gaps.WorldClass)
		}
		if err := add(f, err, caption+"Agreement is "+a.Settings.Cut+"; intervals are clustered by organization; sorted by the split-half gap."); err != nil {
			return nil, err
		}
	}
	if len(a.Items) > 0 {
		f, err := chart.Agreement(itemSpread(a))
		if err := add(f, err, "Answers in percent of those who answered; items worded the other way round are turned."); err != nil {
			return nil, err
		}
	}
	if o := mapped(a); o != nil {
		f, err := chart.PriorityMap(*o)
		err = add(f, err, "Goes together with "+chart.Plain(o.Label)+"; box: 95% interval of both figures; hollow: unstable; numbers: rows of the table of items.")
		if err != nil {
			return nil, err
		}
	}
	return figures, nil
}

// shown turns a figure of the analysis into one that charts take.
func shown(name, unit string, value stat.Number, ci *stat.Interval, n int) benchmark.Estimate {
	e := benchmark.Estimate{Stat: name, Unit: unit, Status: benchmark.NotComputed, Value: value, CI: ci, N: &n}
	if value.Valid {
		e.Status = benchmark.OK
	}
	return e
}

func gapRows(a *analysis.Analysis) *benchmark.Benchmark {
	b := &benchmark.Benchmark{}
	for _, g := range a.Gaps.Items {
		row := benchmark.PracticeRow{Item: g.Item, Label: g.Item, KeyPractice: true,
			WC: shown("top2_share", benchmark.UnitProportion, g.WC, g.WCCI, g.WCN), Rest: shown("top2_share", benchmark.UnitProportion, g.Rest, g.RestCI, g.RestN),
			All: shown("top2_share", benchmark.UnitProportion, g.All, nil, g.WCN+g.RestN),
			Gap: shown("gap_points", benchmark.UnitPoints, g.Points, g.PointsCI, g.WCN+g.RestN), SplitHalf: shown("split_half_points", benchmark.UnitPoints, g.Split, g.SplitCI, g.WCN+g.RestN)}
		b.Practices = append(b.Practices, row)
	}
	return b
}

func itemSpread(a *analysis.Analysis) []benchmark.Distribution {
	var spread []benchmark.Distribution
	for _, item := range a.Items {
		d := benchmark.Distribution{Item: item.Item, Label: item.Item, N: &item.N}
		for i, share := range item.Shares {
			d.Points = append(d.Points, shown("point_share", benchmark.UnitProportion, share, nil, item.N))
			d.Labels = append(d.Labels, strconv.Itoa(a.Settings.Minimum+i))
		}
		spread = append(spread, d)
	}
	return spread
}

// mapped is what goes together with the outcome: over organizations where there
// are enough, else over respondents; nil without a map.
func mapped(a *analysis.Analysis) *benchmark.DriverOutcome {
	if a.Drivers == nil {
		return nil
	}
	level := a.Drivers.Respondents
	if o := a.Drivers.Organizations; o != nil && o.CutImportance.Valid {
		level = *o
	}
	o := &benchmark.DriverOutcome{Key: "outcome", Label: a.Drivers.Outcome, Level: "items", CutShare: level.CutPerformance, CutImportance: level.CutImportance}
	for _, p := range level.Predictors {
		o.Rows = append(o.Rows, benchmark.DriverRow{Key: p.Item, Label: p.Item, Quadrant: p.Quadrant,
			Johnson:  shown("johnson_share", benchmark.UnitProportion, p.JohnsonShare, p.JohnsonShareCI, level.N),
			Share:    shown("performance", benchmark.UnitProportion, p.Performance, p.PerformanceCI, level.N),
			Unstable: p.Stability.Valid && p.Stability.Value < 0.80})
	}
	return o
}
