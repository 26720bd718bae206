package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

var organizationColumns = []string{"industry", "region", "size", "teams"}

// Run takes the organizations.
func (c *waveOrganizations) Run(ctx context.Context, p *program) error {
	sheet, err := readSheet(p, c.File, []string{"key", "name"}, organizationColumns)
	if err != nil {
		return err
	}
	organizations, teams, err := readOrganizations(sheet)
	if err != nil {
		return err
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		if err := keepUnnamed(ctx, s, study.ID, sheet, organizations); err != nil {
			return err
		}
		instrument, err := s.Instrument(ctx, wave.InstrumentHash)
		if err != nil {
			return err
		}
		for _, warning := range unknownCodes(sheet, instrument) {
			fmt.Fprintln(p.Err, "warning:", plain(warning))
		}
		kept, err := putOrganizations(ctx, s, study.ID, organizations, teams)
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

// readOrganizations turns rows into organizations and the team names of each.
func readOrganizations(s *sheet) ([]survey.Organization, [][]string, error) {
	wrong := complaints{sheet: s}
	lines := make(map[string]int)
	var organizations []survey.Organization
	var teams [][]string
	for _, row := range s.rows {
		key, name := row.cells["key"], row.cells["name"]
		switch first, twice := lines[key]; {
		case !goodKey(key):
			wrong.add(row, "key", "%q must be small letters, digits and hyphens", key)
		case twice:
			wrong.add(row, "key", "%q stands in line %d already", key, first)
		}
		if name == "" {
			wrong.add(row, "name", "is empty")
		}
		if len(name) > 300 {
			wrong.add(row, "name", "is longer than 300 bytes")
		}
		lines[key] = row.line
		organizations = append(organizations, survey.Organization{
			Key: key, Name: name, Industry: row.cells["industry"], Region: row.cells["region"], Size: row.cells["size"],
		})
		teams = append(teams, splitTeams(row.cells["teams"]))
	}
	return organizations, teams, wrong.err()
}

// keepUnnamed fills in what is kept of organizations that exist already where the
// file has no column for it: nobody who mends a name means to empty the region.
func keepUnnamed(ctx context.Context, s *store.Store, study survey.StudyID, file *sheet, organizations []survey.Organization) error {
	known, err := s.Organizations(ctx, study)
	if err != nil {
		return err
	}
	before := make(map[string]survey.Organization, len(known))
	for _, o := range known {
		before[o.Key] = o
	}
	for i := range organizations {
		o := &organizations[i]
		old := before[o.Key]
		for column, value := range map[string]struct {
			now  *string
			kept string
		}{"industry": {&o.Industry, old.Industry}, "region": {&o.Region, old.Region}, "size": {&o.Size, old.Size}} {
			if _, named := file.rows[i].cells[column]; !named {
				*value.now = value.kept
			}
		}
	}
	return nil
}

// unknownCodes says which facts are no codes of the questionnaire, and which
// codes it has. An instrument without such an item takes any words.
func unknownCodes(file *sheet, instrument *survey.Instrument) []string {
	wrong := complaints{sheet: file}
	var lists []string
	for _, fact := range []struct{ column, item string }{{"industry", "industry"}, {"region", "region"}, {"size", "company_size"}} {
		item := instrument.ItemByKey(fact.item)
		if item == nil || len(item.Options) == 0 {
			continue
		}
		var codes []string
		for _, option := range item.Options {
			codes = append(codes, option.Code)
		}
		strange := 0
		for _, row := range file.rows {
			if value := row.cells[fact.column]; value != "" && !slices.Contains(codes, value) {
				wrong.add(row, fact.column, "%q is no code of the questionnaire; it is kept, and shown as it is", value)
				strange++
			}
		}
		if strange > 0 {
			lists = append(lists, fmt.Sprintf("codes of %s are %s", fact.column, strings.Join(codes, ", ")))
		}
	}
	if err := wrong.err(); err != nil {
		return append(strings.Split(err.Error(), "\n"), lists...)
	}
	return nil
}

func splitTeams(cell string) []string {
	var names []string
	for name := range strings.SplitSeq(cell, "|") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// putOrganizations keeps organizations and their teams.
func putOrganizations(ctx context.Context, s *store.Store, study survey.StudyID, organizations []survey.Organization, teams [][]string) ([]survey.Organization, error) {
	kept, err := s.PutOrganizations(ctx, study, organizations)
	if err != nil {
		return nil, err
	}
	for i, o := range kept {
		if len(teams[i]) == 0 {
			continue
		}
		if _, err := s.PutTeams(ctx, o.ID, teams[i]); err != nil {
			return nil, err
		}
	}
	return kept, nil
}
