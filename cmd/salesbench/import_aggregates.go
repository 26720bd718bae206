package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

type importAggregates struct {
	importFlags
}

// Help is the manual page.
func (importAggregates) Help() string {
	return importHelp + `

Where the file brings a benchmark row of its own, the medians over the organizations are compared with it.`
}

// aggregates is a file of shares in memory: one row per organization, some thousand
// at most.
type aggregates struct {
	places *places
	rows   []survey.AggregateRow
	report survey.Report
}

// Run rehearses the import, and does it with --commit.
func (c *importAggregates) Run(ctx context.Context, p *program) error {
	src, err := c.source(p, survey.MapAggregates, "none")
	if err != nil {
		return err
	}
	a, err := src.aggregates(ctx, p)
	if err != nil && len(a.report.Refusals) == 0 {
		return err
	}
	report := importReport{File: c.File, Wave: c.Wave, Report: a.report}
	if len(a.report.Refusals) == 0 {
		if report.Check, err = a.comparison(p, src); err != nil {
			return err
		}
	}
	if c.Commit && len(a.report.Refusals) == 0 {
		if err := c.withStore(ctx, p, true, func(s *store.Store) error { return c.takeAggregates(ctx, p, s, src, a) }); err != nil {
			return err
		}
		report.Committed = true
	}
	return report.print(p, c.JSON)
}

func (src source) aggregates(ctx context.Context, p *program) (*aggregates, error) {
	a := &aggregates{places: newPlaces()}
	err := src.pass(p.Err, "checking", func(r io.Reader) error {
		var err error
		a.report, err = survey.ReadAggregates(r, src.mapping, src.documents.instrument, func(row survey.AggregateRow) error {
			a.places.add(survey.Organization{Key: row.OrganizationKey, Name: row.Organization, Industry: row.Industry, Region: row.Region, Size: row.Size}, "")
			a.rows = append(a.rows, row)
			return ctx.Err()
		})
		return err
	})
	return a, err
}

// takeAggregates writes the shares in one transaction.
func (c importTarget) takeAggregates(ctx context.Context, p *program, s *store.Store, src source, a *aggregates) error {
	study, wave, err := c.prepare(ctx, p, s, src)
	if err != nil {
		return err
	}
	existing, err := s.Aggregates(ctx, wave.ID)
	if err != nil {
		return err
	}
	if len(existing) > 0 && !c.Append {
		return survey.Errorf(survey.Conflict, "wave %s has %s already: name another wave, or add --append", wave.Key, plural(len(existing), "share"))
	}
	if err := a.places.put(ctx, s, study.ID); err != nil {
		return err
	}
	bar := newProgress(p.Err, -1, "taking shares")
	defer bar.done()
	_, err = s.ImportAggregates(audited(ctx, "figures.import", "wave "+wave.Key, study.ID), wave.ID, a.of(wave.ID), func(done int) { bar.set(int64(done)) })
	return err
}

// of hands on the shares as those of a wave, and those of the benchmark row of the
// source as belonging to no organization.
func (a *aggregates) of(wave survey.WaveID) func(yield func(survey.Aggregate, error) bool) {
	return func(yield func(survey.Aggregate, error) bool) {
		for measure, share := range a.report.Published {
			if !yield(survey.Aggregate{WaveID: wave, Measure: measure, Share: share}, nil) {
				return
			}
		}
		for _, row := range a.rows {
			organization, _ := a.places.find(row.OrganizationKey, "")
			for _, s := range row.Shares {
				if !yield(survey.Aggregate{WaveID: wave, OrganizationID: organization, Measure: s.Measure, Share: s.Share, N: row.N}, nil) {
					return
				}
			}
		}
	}
}

// comparison says how own medians agree with the benchmark row of the source, which
// is rounded to whole percent.
func (a *aggregates) comparison(p *program, src source) (string, error) {
	if len(a.report.Published) == 0 {
		return "", nil
	}
	in := benchmark.AggregateInput{
		Study: survey.Study{Title: src.mapping.Title, Origin: survey.Imported}, Wave: survey.Wave{Title: src.mapping.Title},
		Instrument: src.documents.instrument, Published: a.report.Published, Now: p.now(), Version: version,
	}
	for i := range a.places.order {
		o := a.places.order[i]
		o.ID = survey.OrganizationID(o.Key) // ids come from the store; a rehearsal has none
		in.Organizations = append(in.Organizations, o)
	}
	for _, row := range a.rows {
		for _, s := range row.Shares {
			in.Aggregates = append(in.Aggregates, survey.Aggregate{OrganizationID: survey.OrganizationID(row.OrganizationKey), Measure: s.Measure, Share: s.Share, N: row.N})
		}
	}
	result, err := benchmark.ComputeAggregates(in, "")
	if err != nil {
		return "", err
	}
	equal, measures := 0, 0
	var off []string
	for _, row := range result.Rows {
		if !row.Published.Valid || !row.Median.Value.Valid {
			continue
		}
		measures++
		if math.Abs(row.Median.Value.Value-row.Published.Value) <= 0.0051 {
			equal++
		} else {
			off = append(off, row.Measure)
		}
	}
	text := fmt.Sprintf("medians over the organizations against the source's own benchmark row: %d of %d measures agree within rounding", equal, measures)
	if len(off) > 0 {
		slices.Sort(off)
		text += fmt.Sprintf("; not %v", off)
	}
	return text, nil
}
