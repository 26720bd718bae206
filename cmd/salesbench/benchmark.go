package main

import (
	"context"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// benchmarkCommand prints results.
type benchmarkCommand struct {
	storeFlags
	Wave     string `name:"wave" required:"" help:"Short name of the wave."`
	Org      string `name:"org" help:"The report of this organization instead of the benchmark of the wave."`
	Criteria string `name:"criteria" help:"Other criteria than those of the wave: a built-in name (organizations/1), a file, or none."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (benchmarkCommand) Help() string {
	return `Prints the same result that the pages show, as text or JSON: shares of agreement in the World-Class column, the rest and all, gaps with intervals, tiers with their probability, results and managers' time. Everything has passed the disclosure gate: what is withheld on a page is withheld here.

A wave with imported shares of organizations has a benchmark of medians and quartiles instead.`
}

// Run prints the benchmark.
func (c *benchmarkCommand) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		organizations, err := s.Organizations(ctx, study.ID)
		if err != nil {
			return err
		}
		shares, err := s.Aggregates(ctx, wave.ID)
		if err != nil {
			return err
		}
		if len(shares) > 0 {
			published, err := s.PublishedShares(ctx, wave.ID)
			if err != nil {
				return err
			}
			return c.aggregates(ctx, p, s, benchmark.AggregateInput{
				Study: study, Wave: wave, Organizations: organizations, Aggregates: shares, Published: published, Now: p.now(), Version: version,
			})
		}
		in := benchmark.Input{Study: study, Wave: wave, Organizations: organizations, Now: p.now(), Version: version}
		if in.Criteria, err = c.criteria(ctx, s, wave); err != nil {
			return err
		}
		return c.responses(ctx, p, s, in)
	})
}

// criteria are those of the wave unless others are asked for.
func (c *benchmarkCommand) criteria(ctx context.Context, s *store.Store, wave survey.Wave) (*benchmark.Criteria, error) {
	switch {
	case c.Criteria == "none" || (c.Criteria == "" && wave.CriteriaHash == ""):
		return nil, nil
	case c.Criteria != "":
		return readCriteria(c.Criteria)
	}
	kept, err := s.Criteria(ctx, wave.CriteriaHash)
	if err != nil {
		return nil, err
	}
	return benchmark.ParseCriteria(kept.Document)
}

func (c *benchmarkCommand) responses(ctx context.Context, p *program, s *store.Store, in benchmark.Input) error {
	snapshot, err := loadPanel(ctx, p, s, in)
	if err != nil {
		return err
	}
	in.Norms, in.StudyStyle = benchmark.PublishedNorms(), benchmark.StudyStyleCriteria()
	if c.Org != "" {
		report, err := benchmark.ComputeOrganization(ctx, snapshot, in, c.Org)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(p.Out, report)
		}
		return printOrganization(p.Out, report)
	}
	result, err := benchmark.Compute(ctx, snapshot, in)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.Out, result)
	}
	return printBenchmark(p.Out, result)
}

func (c *benchmarkCommand) aggregates(ctx context.Context, p *program, s *store.Store, in benchmark.AggregateInput) error {
	instrument, err := s.Instrument(ctx, in.Wave.InstrumentHash)
	if err != nil {
		return err
	}
	in.Instrument = instrument
	result, err := benchmark.ComputeAggregates(in, c.Org)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.Out, result)
	}
	return printAggregates(p.Out, result)
}

// loadPanel reads the responses of a wave that may be shown into memory: the same
// as on the pages.
func loadPanel(ctx context.Context, p *program, s *store.Store, in benchmark.Input) (*panel.Snapshot, error) {
	instrument, err := s.Instrument(ctx, in.Wave.InstrumentHash)
	if err != nil {
		return nil, err
	}
	steps, err := benchmark.NewSteps(instrument, in.Wave)
	if err != nil {
		return nil, err
	}
	edition, err := s.CountResponses(ctx, in.Wave.ID)
	if err != nil {
		return nil, err
	}
	bar := newProgress(p.Err, int64(edition.Responses), "reading responses")
	defer bar.done()
	const batch = 4096
	pending := make([]survey.Response, 0, batch)
	done := 0
	flush := func() error {
		err := steps.Add(pending)
		done += len(pending)
		pending = pending[:0]
		bar.set(int64(done))
		return err
	}
	err = s.EachResponse(ctx, in.Wave.ID, func(r *survey.Response) error {
		if pending = append(pending, *r); len(pending) == batch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if !benchmark.Moving(in.Study, in.Wave, in.Now) {
		if err := steps.Release(); err != nil {
			return nil, err
		}
	}
	return steps.Snapshot(), nil
}
