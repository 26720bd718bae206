package main

import (
	"context"
	"fmt"

	"github.com/salesbench/salesbench/survey/jobs"
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
	return `Columns: organization (its key), and where wanted reference, email, name, language (en, de, es, fr, ar), role and team. Somebody is known again by the reference, or where there is none by the address; who has no address needs a reference, and a printed link. What the file has no column for stays as it is, nobody is removed, and giving a roster again changes only what is different.

Addresses and names are kept apart from answers and can be erased alone. The link of each person is made when a mail is sent; no file of links exists.`
}

// Run adds the people.
func (c *mailRoster) Run(ctx context.Context, p *program) error {
	roster, err := readSheet(p, c.File, jobs.RosterColumns, jobs.RosterExtraColumns)
	if err != nil {
		return err
	}
	return c.withMail(ctx, p, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		file, err := jobs.PlanRoster(ctx, s, wave, roster, nil)
		if err != nil {
			return err
		}
		if err := file.Problems.Err(); err != nil {
			return err
		}
		for _, doubt := range file.Doubts.Lines() {
			fmt.Fprintln(p.Err, "warning:", plain(doubt))
		}
		if !c.DryRun {
			// One entry tells of the whole file, though it is taken in many steps.
			deed := store.Deed{Action: "roster.apply", Object: "wave " + wave.Key, Study: study.ID,
				Detail: fmt.Sprintf("%d rows: %d new, %d changed", len(roster.Rows), file.Plan.Count(store.RosterAdded), file.Plan.Count(store.RosterChanged))}
			if err := s.Record(ctx, onCommandLine(), deed); err != nil {
				return err
			}
			bar := newProgress(p.Err, int64(len(roster.Rows)), "adding people")
			err = s.ApplyRoster(ctx, file.Plan, func(done int) { bar.set(int64(done)) })
			bar.done()
			if err != nil {
				return err
			}
		}
		return c.tell(p, file.Plan)
	})
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
