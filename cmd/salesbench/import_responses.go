package main

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

type importResponses struct {
	importFlags
	Criteria string `name:"criteria" default:"own" help:"own (default): the key practices of the instrument, or all its practices where none is marked; a built-in name, a file, or none."`
}

// Help is the manual page.
func (importResponses) Help() string { return importHelp }

// Run rehearses the import, and does it with --commit.
func (c *importResponses) Run(ctx context.Context, p *program) error {
	src, err := c.source(p, survey.MapResponses, c.Criteria)
	if err != nil {
		return err
	}
	places, checked, err := src.checkResponses(ctx, p)
	if err != nil && len(checked.Refusals) == 0 {
		return err
	}
	report := importReport{File: c.File, Wave: c.Wave, Report: checked}
	if c.Commit && len(checked.Refusals) == 0 {
		err := c.withStore(ctx, p, true, func(s *store.Store) error { return c.takeResponses(ctx, p, s, src, places) })
		if err != nil {
			return err
		}
		report.Committed = true
	}
	return report.print(p, c.JSON)
}

// checkResponses reads the whole file without keeping anything but its places.
func (src source) checkResponses(ctx context.Context, p *program) (*places, survey.Report, error) {
	places := newPlaces()
	var report survey.Report
	err := src.pass(p.Err, "checking", func(r io.Reader) error {
		var err error
		report, err = survey.ReadResponses(r, src.mapping, src.documents.instrument, func(row survey.Row) error {
			places.add(survey.Organization{Key: row.OrganizationKey, Name: row.Organization, Industry: row.Industry, Region: row.Region, Size: row.Size}, row.Team)
			return ctx.Err()
		})
		return err
	})
	return places, report, err
}

// takeResponses writes the responses in one transaction.
func (c importTarget) takeResponses(ctx context.Context, p *program, s *store.Store, src source, places *places) error {
	study, wave, err := c.prepare(ctx, p, s, src)
	if err != nil {
		return err
	}
	edition, err := s.CountResponses(ctx, wave.ID)
	if err != nil {
		return err
	}
	if edition.Responses > 0 && !c.Append {
		return survey.Errorf(survey.Conflict, "wave %s has %s already: name another wave, or add --append", wave.Key, plural(edition.Responses, "response"))
	}
	if err := places.put(ctx, s, study.ID); err != nil {
		return err
	}
	return src.pass(io.Discard, "", func(r io.Reader) error {
		bar := newProgress(p.Err, -1, "taking responses")
		defer bar.done()
		_, err := s.ImportResponses(audited(ctx, "responses.import", "wave "+wave.Key, study.ID), wave.ID, src.responses(ctx, r, wave, places), func(done int) { bar.set(int64(done)) })
		return err
	})
}

// responses hands on the rows of the file as responses of the wave.
func (src source) responses(ctx context.Context, r io.Reader, wave survey.Wave, places *places) iter.Seq2[store.ImportedResponse, error] {
	return func(yield func(store.ImportedResponse, error) bool) {
		_, err := survey.ReadResponses(r, src.mapping, src.documents.instrument, func(row survey.Row) error {
			organization, team := places.find(row.OrganizationKey, row.Team)
			response := &survey.Response{
				OrganizationID: organization, TeamID: team, Role: row.Role, Language: src.documents.instrument.Languages[0],
				Answers: row.Answers, Weight: row.Weight, StartedAt: wave.OpensAt, SubmittedAt: wave.OpensAt,
			}
			if !yield(store.ImportedResponse{Key: row.Respondent, Response: response}, nil) {
				return errStopped
			}
			return ctx.Err()
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(store.ImportedResponse{}, err)
		}
	}
}
