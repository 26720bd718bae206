package main

import (
	"context"
	"fmt"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

type waveOrganizations struct {
	storeFlags
	Wave string `arg:"" help:"Short name of the wave; the organizations belong to its study."`
	File string `arg:"" help:"CSV file, - for standard input."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (waveOrganizations) Help() string {
	return `The file is comma-separated UTF-8 with a header. Columns: key (short name: small letters, digits, hyphens) and name, and where known industry, region, size and teams (names separated by |). Use the codes of the questionnaire for industry, region and size, so that filters and peers work; other words are kept and warned of.

An organization whose key exists already is changed; none is ever removed. What the file has no column for stays as it is, an empty cell empties it. All rows are taken or none.`
}

// Run takes the organizations.
func (c *waveOrganizations) Run(ctx context.Context, p *program) error {
	sheet, err := readSheet(p, c.File, survey.OrganizationColumns, survey.OrganizationExtraColumns)
	if err != nil {
		return err
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		known, err := s.Organizations(ctx, study.ID)
		if err != nil {
			return err
		}
		organizations, wrong := survey.ReadOrganizations(sheet, known)
		if err := wrong.Err(); err != nil {
			return err
		}
		instrument, err := s.Instrument(ctx, wave.InstrumentHash)
		if err != nil {
			return err
		}
		codes := survey.FactCodes{}
		codes.Learn(instrument)
		doubts := survey.DoubtOrganizations(sheet, organizations, known, codes)
		for _, warning := range append(doubts.Lines(), codes.UnknownWords(doubts)...) {
			fmt.Fprintln(p.Err, "warning:", plain(warning))
		}
		kept, err := s.PutListedOrganizations(audited(ctx, "organization.import", "study "+study.Key, study.ID), study.ID, organizations)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(p.Out, organizationReports(kept))
		}
		fmt.Fprintf(p.Out, "%s in study %s\n", plural(len(kept), "organization"), study.Key)
		return nil
	})
}

// organizationReport is an organization for scripts.
type organizationReport struct {
	Key       string       `json:"organization"`
	Name      string       `json:"name"`
	Industry  string       `json:"industry,omitempty"`
	Region    string       `json:"region,omitempty"`
	Size      string       `json:"size,omitempty"`
	Responses *int         `json:"responses,omitempty"`
	Fieldwork *fieldworkOf `json:"fieldwork,omitempty"`
}

func organizationReports(organizations []survey.Organization) []organizationReport {
	reports := make([]organizationReport, len(organizations))
	for i, o := range organizations {
		reports[i] = organizationReport{Key: o.Key, Name: o.Name, Industry: o.Industry, Region: o.Region, Size: o.Size}
	}
	return reports
}
