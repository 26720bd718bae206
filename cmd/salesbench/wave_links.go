package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// linkFlags say how links begin.
type linkFlags struct {
	BaseURL string `name:"base-url" setting:"SALESBENCH_BASE_URL" default:"http://127.0.0.1:8080" help:"Address that respondents use, in front of every link (default http://127.0.0.1:8080)."`
}

func (f linkFlags) check() problems {
	if err := checkBaseURL(f.BaseURL); err != nil {
		return problems{err}
	}
	return nil
}

type waveLinks struct {
	storeFlags
	linkFlags
	Wave string `arg:"" help:"Short name of the wave."`
	Org  string `name:"org" help:"Only this organization (default: all of the study)."`
	Out  string `name:"out" help:"Write the links to this CSV file instead of standard output."`
	JSON bool   `name:"json" help:"Print JSON instead of CSV."`
}

// Help is the manual page.
func (waveLinks) Help() string {
	return `Makes a new open link per organization. Whoever has it may answer once per browser session for that organization; use "salesbench invite" where each person must be able to answer only once.

Only the hash of a link is kept: a lost link can not be shown again, but a further one can be made. Earlier links stay valid. The page LINK/qr of a running service is a poster with a QR code to print.`
}

// linkReport is one link.
type linkReport struct {
	Organization string `json:"organization"`
	Name         string `json:"name"`
	Team         string `json:"team,omitempty"`
	Reference    string `json:"reference,omitempty"`
	Link         string `json:"link"`
}

// Run makes the links.
func (c *waveLinks) Run(ctx context.Context, p *program) error {
	if err := c.linkFlags.check().orNil(); err != nil {
		return err
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		organizations, err := c.organizations(ctx, s, study.ID)
		if err != nil {
			return err
		}
		reports, links, hashes := make([]linkReport, len(organizations)), make([]survey.OpenLink, len(organizations)), make([]auth.Hash, len(organizations))
		for i, o := range organizations {
			token := auth.NewToken()
			links[i], hashes[i] = survey.OpenLink{WaveID: wave.ID, OrganizationID: o.ID}, auth.HashToken(token)
			reports[i] = linkReport{Organization: o.Key, Name: o.Name, Link: openAddress(c.BaseURL, token)}
		}
		if err := s.CreateOpenLinks(audited(ctx, "link.create", "wave "+wave.Key, study.ID), wave.ID, links, hashes); err != nil {
			return err
		}
		return output(p, c.Out, func(w io.Writer) error { return writeLinks(w, reports, c.JSON) })
	})
}

func (c *waveLinks) organizations(ctx context.Context, s *store.Store, study survey.StudyID) ([]survey.Organization, error) {
	if c.Org != "" {
		o, err := s.OrganizationByKey(ctx, study, c.Org)
		return []survey.Organization{o}, err
	}
	organizations, err := s.Organizations(ctx, study)
	if err == nil && len(organizations) == 0 {
		err = survey.Errorf(survey.NotFound, "the study has no organizations yet: add them with \"salesbench wave organizations %s FILE.csv\"", c.Wave)
	}
	return organizations, err
}

// writeLinks prints links as CSV or JSON.
func writeLinks(w io.Writer, links []linkReport, asJSON bool) error {
	if asJSON {
		return writeJSON(w, links)
	}
	table := csv.NewWriter(w)
	rows := [][]string{{"organization", "name", "team", "reference", "link"}}
	for _, l := range links {
		rows = append(rows, []string{l.Organization, benchmark.SafeCell(l.Name), benchmark.SafeCell(l.Team), benchmark.SafeCell(l.Reference), l.Link})
	}
	return table.WriteAll(rows)
}

// output writes to the file, or to standard output where none is named. Files with
// links are readable by their owner only.
func output(p *program, file string, write func(io.Writer) error) error {
	if file == "" {
		return write(p.Out)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		fmt.Fprintln(p.Err, "written to", file)
	}
	return err
}

type waveResults struct {
	storeFlags
	linkFlags
	Wave string `arg:"" help:"Short name of the wave."`
	Org  string `name:"org" help:"Only the page of this organization; its other figures and those of others stay closed."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (waveResults) Help() string {
	return `Makes a new link with which its holder may read results: of the whole wave, or with --org of one organization. Only the hash of it is kept; "salesbench wave revoke LINK" ends it. With "salesbench serve --results open" no such link is needed.`
}

// Run makes the link.
func (c *waveResults) Run(ctx context.Context, p *program) error {
	if err := c.linkFlags.check().orNil(); err != nil {
		return err
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		var organization survey.Organization
		if c.Org != "" {
			if organization, err = s.OrganizationByKey(ctx, study.ID, c.Org); err != nil {
				return err
			}
		}
		token := auth.NewToken()
		link := store.ResultLink{WaveID: wave.ID, OrganizationID: organization.ID}
		if err := s.CreateResultLink(audited(ctx, "results.link", "wave "+wave.Key, study.ID), link, auth.HashToken(token)); err != nil {
			return err
		}
		address := resultsLink(c.BaseURL, token)
		if c.JSON {
			return writeJSON(p.Out, linkReport{Organization: organization.Key, Name: organization.Name, Link: address})
		}
		fmt.Fprintln(p.Out, address)
		return nil
	})
}

type waveRevoke struct {
	storeFlags
	Link string `arg:"" help:"The link to results, or its secret part."`
}

// Run ends the link.
func (c *waveRevoke) Run(ctx context.Context, p *program) error {
	token, ok := resultsToken(c.Link)
	if !ok {
		return usagef("LINK: this is no link to results")
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		if err := s.RevokeResultLink(audited(ctx, "results.revoke", "a link to results", ""), auth.HashToken(token)); err != nil {
			return err
		}
		fmt.Fprintln(p.Out, "the link is no longer valid")
		return nil
	})
}
