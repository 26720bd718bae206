package main

import (
	"context"
	"fmt"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

type mailRoster struct {
	mailStoreFlags
	Wave   string `arg:"" help:"Short name of the wave."`
	File   string `arg:"" help:"CSV file with one person per row, - for standard input."`
	DryRun bool   `name:"dry-run" help:"Only say what would change."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (mailRoster) Help() string {
	return `Columns: organization (its key) and email; where wanted team, reference, name, language (en, de, es, fr, ar) and role. Somebody is known again by the reference, or where there is none by the address; giving a roster again changes only what is different.

Addresses and names are kept apart from answers and can be erased alone. The link of each person is made when a mail is sent; no file of links exists.`
}

// Run adds the people.
func (c *mailRoster) Run(ctx context.Context, p *program) error {
	roster, err := readSheet(p, c.File, []string{"organization", "email"}, []string{"team", "reference", "name", "language", "role"})
	if err != nil {
		return err
	}
	return c.withMail(ctx, p, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		rows, err := c.rows(ctx, s, study.ID, roster)
		if err != nil {
			return err
		}
		plan, err := s.PlanRoster(ctx, wave.ID, rows)
		if err != nil {
			return err
		}
		wrong := complaints{sheet: roster}
		for _, problem := range plan.Problems {
			wrong.add(roster.rows[problem.Row], "email", "%s", problem.Message)
		}
		if err := wrong.err(); err != nil {
			return err
		}
		if !c.DryRun {
			bar := newProgress(p.Err, int64(len(rows)), "adding people")
			err = s.ApplyRoster(audited(ctx, "roster.apply", "wave "+wave.Key, study.ID), plan, func(done int) { bar.set(int64(done)) })
			bar.done()
			if err != nil {
				return err
			}
		}
		return c.tell(p, plan)
	})
}

// rows finds organizations and teams by their names.
func (c *mailRoster) rows(ctx context.Context, s *store.Store, study survey.StudyID, roster *sheet) ([]store.RosterRow, error) {
	known, err := s.Organizations(ctx, study)
	if err != nil {
		return nil, err
	}
	r := &rosterReader{store: s, wrong: complaints{sheet: roster}, organizations: make(map[string]survey.Organization, len(known)),
		teams: make(map[survey.OrganizationID]map[string]survey.TeamID)}
	for _, o := range known {
		r.organizations[o.Key] = o
	}
	rows := make([]store.RosterRow, len(roster.rows))
	for i, row := range roster.rows {
		organization, known := r.organizations[row.cells["organization"]]
		if !known {
			r.wrong.add(row, "organization", "%q is not an organization of the study", row.cells["organization"])
			continue
		}
		team, err := r.team(ctx, organization, row)
		if err != nil {
			return nil, err
		}
		rows[i] = store.RosterRow{OrganizationID: organization.ID, TeamID: team, Reference: row.cells["reference"], Email: row.cells["email"],
			Name: row.cells["name"], Language: row.cells["language"], Role: row.cells["role"]}
	}
	return rows, r.wrong.err()
}

func (c *mailRoster) tell(p *program, plan store.RosterPlan) error {
	added, changed := plan.Count(store.RosterAdded), plan.Count(store.RosterChanged)
	unchanged, byHand := plan.Count(store.RosterUnchanged), plan.Count(store.RosterHandMade)
	if c.JSON {
		return writeJSON(p.Out, map[string]any{"added": added, "changed": changed, "unchanged": unchanged, "hand_made": byHand, "dry_run": c.DryRun})
	}
	words := ""
	if c.DryRun {
		words = "would be "
	}
	fmt.Fprintf(p.Out, "%d %sadded, %d changed, %d unchanged\n", added, words, changed, unchanged)
	if byHand > 0 {
		fmt.Fprintf(p.Out, "%s a link that was made by hand and can not be mailed; it stays as it is\n", pluralHave(byHand))
	}
	return nil
}

func pluralHave(n int) string {
	if n == 1 {
		return "1 person has"
	}
	return fmt.Sprintf("%d people have", n)
}
