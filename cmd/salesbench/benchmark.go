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
	Excluded bool   `name:"with-excluded" help:"Count excluded responses too, where there are so many of them that the difference tells nobody's answers."`
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
	left, err := c.leftOut(ctx, s, in)
	if err != nil {
		return err
	}
	snapshot, err := loadPanel(ctx, p, s, in, left)
	if err != nil {
		return err
	}
	in.Now = benchmark.ShownEdition(snapshot, in.Wave).Watermark // as on the pages: the same edition is the same bytes
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

// leftOut are the responses that do not count, unless all are asked for.
func (c *benchmarkCommand) leftOut(ctx context.Context, s *store.Store, in benchmark.Input) (map[survey.UID]bool, error) {
	if !benchmark.Reviewed(in.Study, in.Wave, in.Now) {
		return nil, nil
	}
	left, err := s.LeftOut(ctx, in.Wave.ID, false)
	switch {
	case err != nil || !c.Excluded:
		return left, err
	case c.Org != "":
		return nil, survey.Errorf(survey.Forbidden, "the excluded responses of one organization could be told from two reports: ask for the whole wave")
	case !benchmark.WithoutExclusions(in.Wave, len(left)):
		return nil, survey.Errorf(survey.Forbidden, "%s excluded, fewer than a group that may be shown: the difference would tell their answers", plural(len(left), "response"))
	}
	return nil, nil
}

// loadPanel reads the responses of a wave that may be shown into memory, without
// those that do not count: the same as on the pages.
func loadPanel(ctx context.Context, p *program, s *store.Store, in benchmark.Input, left map[survey.UID]bool) (*panel.Snapshot, error) {
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
		if id, ok := survey.ParseUID(r.ID); ok && left[id] {
			return nil
		}
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
