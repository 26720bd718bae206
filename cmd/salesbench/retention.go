package main

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
)

// retentionCommand sets how long is kept what was collected.
type retentionCommand struct {
	Set  retentionSet  `cmd:"" help:"Set the periods of a study."`
	Show retentionShow `cmd:"" help:"Show the periods of a study."`
	Run  retentionRun  `cmd:"" help:"Remove now what has been kept for long enough."`
}

// Help is the manual page.
func (retentionCommand) Help() string {
	return `A study says for how many days after the end of a wave it keeps identities (names, addresses, references, links, and which response belongs to them), drafts that were never sent, and responses. 0 is for as long as nobody removes them, and so it is until something is set. A service removes what is due by itself, once an hour; "run" does it at once.

What is removed is removed for good: see "salesbench help erase" for logs and backups.`
}

type retentionSet struct {
	storeFlags
	Study     string `name:"study" required:"" help:"Short name of the study."`
	Identity  int    `name:"identity" default:"0" help:"Days after the end of a wave for identities; 0 keeps them."`
	Drafts    int    `name:"drafts" default:"0" help:"Days for drafts; 0 keeps them."`
	Responses int    `name:"responses" default:"0" help:"Days for responses; 0 keeps them."`
}

// Run sets the periods.
func (c *retentionSet) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, err := s.StudyByKey(ctx, c.Study)
		if err != nil {
			return err
		}
		r := survey.Retention{IdentityDays: c.Identity, DraftDays: c.Drafts, ResponseDays: c.Responses}
		if err := s.SetRetention(ctx, onCommandLine(), study.ID, r); err != nil {
			return err
		}
		return printRetention(p, study, r)
	})
}

type retentionShow struct {
	storeFlags
	Study string `name:"study" required:"" help:"Short name of the study."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Run shows the periods.
func (c *retentionShow) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, err := s.StudyByKey(ctx, c.Study)
		if err != nil {
			return err
		}
		r, err := s.Retention(ctx, study.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(p.Out, map[string]int{"identity_days": r.IdentityDays, "draft_days": r.DraftDays, "response_days": r.ResponseDays})
		}
		return printRetention(p, study, r)
	})
}

func printRetention(p *program, study survey.Study, r survey.Retention) error {
	t := &printer{w: p.Out}
	t.line("study %s keeps after the end of a wave", study.Key)
	for _, part := range []struct {
		what string
		days int
	}{{"identities", r.IdentityDays}, {"drafts", r.DraftDays}, {"responses", r.ResponseDays}} {
		period := "without limit"
		if part.days > 0 {
			period = plural(part.days, "day")
		}
		t.line("  %-10s %s", part.what, period)
	}
	return t.err
}

type retentionRun struct {
	storeFlags
	Yes  bool `name:"yes" help:"Remove. Without it the command says what is due and changes nothing."`
	JSON bool `name:"json" help:"Print JSON."`
}

// removedReport is what was removed of a wave, or is due.
type removedReport struct {
	Wave string               `json:"wave"`
	Part survey.RetentionPart `json:"part"`
	store.Erased
}

// Run removes what is due.
func (c *retentionRun) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		reports := []removedReport{}
		if c.Yes {
			done, err := s.KeepRetention(ctx, onCommandLine())
			for _, d := range done {
				reports = append(reports, removedReport{d.Wave.Key, d.Part, d.Erased})
			}
			if err != nil {
				return err
			}
			// Serving would do it, too, but perhaps nobody serves.
			if _, err := jobs.ClearFolder(ctx, s, outboxIn(c.Data), time.Time{}); err != nil {
				return err
			}
		} else {
			due, err := s.RetentionDue(ctx)
			if err != nil {
				return err
			}
			for _, d := range due {
				reports = append(reports, removedReport{Wave: d.Wave.Key, Part: d.Part})
			}
		}
		if c.JSON {
			return writeJSON(p.Out, reports)
		}
		return c.print(p, reports)
	})
}

func (c *retentionRun) print(p *program, reports []removedReport) error {
	t := &printer{w: p.Out}
	if len(reports) == 0 {
		t.line("nothing has been kept for too long")
	}
	for _, r := range reports {
		if !c.Yes {
			t.line("would remove the %s of wave %s; add --yes", r.Part, r.Wave)
			continue
		}
		t.line("%s of wave %s", r.Part, r.Wave)
		if t.err == nil {
			t.err = printErased(p.Out, r.Erased)
		}
	}
	return t.err
}
