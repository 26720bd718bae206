package analysis

import (
	"math"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Drivers says which items go together with the outcome, over respondents and,
// where there are enough of them, over organizations. It says nothing about causes.
type Drivers struct {
	Outcome       string       `json:"outcome"`
	Respondents   DriverLevel  `json:"respondents"`
	Organizations *DriverLevel `json:"organizations"` // null with fewer than 30 of them, or fewer than five per item
}

// DriverLevel is the analysis on one level.
type DriverLevel struct {
	stat.Drivers
	Predictors []NamedDriver `json:"predictors"`
	Singular   []string      `json:"singular_set"`
}

// NamedDriver is an item beside the outcome.
type NamedDriver struct {
	Item string `json:"item"`
	stat.Driver
}

// relate relates the key items to the outcome.
func relate(t *Table, c *counts, o Options) (*Drivers, error) {
	if t.Outcome == nil {
		return nil, nil
	}
	x := make([][]float64, len(c.key))
	performance := make([][]stat.Contribution, len(c.key))
	for i, k := range c.key {
		x[i] = make([]float64, t.Rows)
		for row, v := range t.Answers[k] {
			x[i][row] = math.NaN()
			if v > 0 {
				x[i][row] = float64(v)
			}
		}
		agree, err := stat.ShareSummaries(c.boxCounts(k, boxes{c.points, o.Top}))
		if err != nil {
			return nil, err
		}
		performance[i] = stat.Contribute(agree, stat.EqualOrganization)
	}
	options := stat.DriverOptions{Organization: t.Org, Replicates: o.replicates(), Seed: o.Seed, Performance: performance}
	people, err := stat.WhatGoesTogether(t.Outcome, x, options)
	if err != nil {
		return nil, err
	}
	d := &Drivers{Outcome: t.Columns.Outcome, Respondents: named(people, t, c.key)}
	if len(t.Organizations) < max(30, 5*len(c.key)) {
		return d, nil
	}
	y, means := organizationMeans(t, x)
	options.Organization, options.OrganizationLevel = nil, true
	between, err := stat.WhatGoesTogether(y, means, options)
	if err != nil {
		return nil, err
	}
	level := named(between, t, c.key)
	d.Organizations = &level
	return d, nil
}

// replicates of a bootstrap: stat reads 0 as its default, an analysis as none.
func (o Options) replicates() int {
	if o.Replicates == 0 || o.ClosedForms {
		return -1
	}
	return o.Replicates
}

func named(d *stat.Drivers, t *Table, key []int) DriverLevel {
	level := DriverLevel{Drivers: *d, Predictors: []NamedDriver{}, Singular: []string{}}
	for i, driver := range d.Predictors {
		level.Predictors = append(level.Predictors, NamedDriver{Item: t.Items[key[i]], Driver: driver})
	}
	for _, i := range d.Singular {
		level.Singular = append(level.Singular, t.Items[key[i]])
	}
	return level
}

// organizationMeans are the means of the outcome and of each predictor over the
// respondents of an organization.
func organizationMeans(t *Table, x [][]float64) (y []float64, means [][]float64) {
	mean := func(values []float64) []float64 {
		sums, n := make([]stat.Sum, len(t.Organizations)), make([]int, len(t.Organizations))
		for i, v := range values {
			if !math.IsNaN(v) {
				sums[t.Org[i]].Add(v)
				n[t.Org[i]]++
			}
		}
		out := make([]float64, len(sums))
		for j := range out {
			out[j] = math.NaN()
			if n[j] > 0 {
				out[j] = sums[j].Value() / float64(n[j])
			}
		}
		return out
	}
	for _, column := range x {
		means = append(means, mean(column))
	}
	return mean(t.Outcome), means
}
