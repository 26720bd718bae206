package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

type waveClose struct {
	endMove
	At string `name:"at" help:"End it at this moment, which is earlier than planned, instead of now."`
}

// Help is the manual page.
func (waveClose) Help() string {
	return `When the command returns, no further answer can enter the wave but drafts that its rule for late answers lets in; respondents who come later read that it is over. "wave extend" can take it back for a week where the results are held ("wave hold"), unless the wave is anonymous.`
}

// Run closes the wave.
func (c *waveClose) Run(ctx context.Context, p *program) error {
	return c.run(ctx, p, func(s *store.Store, wave survey.Wave) (survey.Wave, error) {
		ctx := audited(ctx, "wave.close", "wave "+wave.Key, wave.StudyID)
		if c.At == "" {
			return s.CloseWave(ctx, wave.ID)
		}
		at, err := parseTime(c.At)
		if err != nil {
			return wave, usagef("--at: %v", err)
		}
		return s.CloseWaveAt(ctx, wave.ID, at, c.Reason)
	})
}

type waveExtend struct {
	endMove
	Until string `name:"until" required:"" help:"When it ends instead: 2026-11-02, 2026-11-02T09:00 (local time) or with a zone."`
}

// Help is the manual page.
func (waveExtend) Help() string {
	return `Moves the end of an open wave to a later moment. A wave that has closed can be extended for a week while its results are held; an anonymous one, or one with final results, not: they may have been read, and whoever answered later would be the difference to the next ones. Each move is listed beside the seal.`
}

// Run extends the wave.
func (c *waveExtend) Run(ctx context.Context, p *program) error {
	until, err := parseTime(c.Until)
	if err != nil {
		return usagef("--until: %v", err)
	}
	return c.run(ctx, p, func(s *store.Store, wave survey.Wave) (survey.Wave, error) {
		return s.ExtendWave(audited(ctx, "wave.extend", "wave "+wave.Key, wave.StudyID), wave.ID, until, c.Reason)
	})
}

// endMove moves the end of a wave.
type endMove struct {
	storeFlags
	Wave   string `arg:"" help:"Short name of the wave."`
	Reason string `name:"reason" help:"Why, for the list beside the seal."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// run moves the end and says where it is now.
func (m endMove) run(ctx context.Context, p *program, move func(*store.Store, survey.Wave) (survey.Wave, error)) error {
	return m.withStore(ctx, p, false, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, m.Wave)
		if err != nil {
			return err
		}
		if wave, err = move(s, wave); err != nil {
			return err
		}
		if m.JSON {
			return writeJSON(p.Out, newWaveReport(study, wave, p.now()))
		}
		verb := "closes"
		if wave.State(p.now()) == survey.WaveClosed {
			verb = "closed"
		}
		fmt.Fprintf(p.Out, "wave %s %s at %s\n", wave.Key, verb, wave.ClosesAt.Local().Format("2006-01-02 15:04:05"))
		return nil
	})
}

type waveSeal struct {
	storeFlags
	Wave string `arg:"" help:"Short name of the wave."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (waveSeal) Help() string {
	return `Prints the sealed document (its SHA-256 is the hash that respondents and results name), and every move of the end since. Exit code 1 when the wave is no longer what was sealed, which only somebody with access to the database can bring about.`
}

// sealReport is a seal for scripts.
type sealReport struct {
	Wave     string         `json:"wave"`
	Hash     string         `json:"seal"`
	Terms    survey.Terms   `json:"terms"`
	Document string         `json:"document"`
	Changes  []changeReport `json:"window_changes"`
	Broken   string         `json:"broken,omitempty"`
}

type changeReport struct {
	Kind      survey.WindowChangeKind `json:"kind"`
	ChangedAt time.Time               `json:"changed_at"`
	From      *time.Time              `json:"from"`
	To        time.Time               `json:"to"`
	Reason    string                  `json:"reason,omitempty"`
}

// Run shows the seal.
func (c *waveSeal) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		wave, err := s.WaveByKey(ctx, c.Wave)
		if err != nil {
			return err
		}
		seal, err := s.WaveSeal(ctx, wave.ID)
		if err != nil {
			return err
		}
		r := newSealReport(wave, seal)
		if c.JSON {
			err = writeJSON(p.Out, r)
		} else {
			err = r.print(p)
		}
		if err == nil && seal.Broken != "" {
			err = survey.Errorf(survey.Conflict, "the seal of wave %s is broken: %s", wave.Key, seal.Broken)
		}
		return err
	})
}

func newSealReport(wave survey.Wave, seal survey.Seal) sealReport {
	r := sealReport{Wave: wave.Key, Hash: seal.Hash, Terms: seal.Terms, Document: string(seal.Document), Changes: []changeReport{}, Broken: seal.Broken}
	for _, c := range seal.Changes {
		change := changeReport{Kind: c.Kind, ChangedAt: c.ChangedAt, To: c.To, Reason: c.Reason}
		if !c.From.IsZero() {
			change.From = &c.From
		}
		r.Changes = append(r.Changes, change)
	}
	return r
}

func (r sealReport) print(p *program) error {
	t := &printer{w: p.Out}
	t.line("%s", r.Hash)
	t.line("%s", plain(r.Document))
	var rows [][]string
	for _, c := range r.Changes {
		rows = append(rows, []string{c.ChangedAt.Local().Format("2006-01-02 15:04"), strings.ReplaceAll(string(c.Kind), "_", " "), closingDay(c.From), day(c.To), c.Reason})
	}
	if len(rows) > 0 {
		t.table("Moves of the end", []string{"when", "what", "from", "to", "why"}, rows)
	}
	return t.err
}

type waveTargets struct {
	storeFlags
	Wave string `arg:"" help:"Short name of the wave."`
	File string `arg:"" help:"CSV file of targets, - for standard input."`
}

// Help is the manual page.
func (waveTargets) Help() string {
	return `Columns: people, and where wanted organization (its key), team (with its organization) and role (its key in the questionnaire). A row with none of them is the target of the whole wave. The file replaces the targets there are; when the wave opens they are sealed.`
}

// Run sets the targets.
func (c *waveTargets) Run(ctx context.Context, p *program) error {
	rows, err := readSheet(p, c.File, []string{"people"}, []string{"organization", "team", "role"})
	if err != nil {
		return err
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		_, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		r := &targetReader{store: s, study: wave.StudyID, wrong: survey.NewComplaints(rows)}
		for _, row := range rows.Rows {
			if err := r.take(ctx, row); err != nil {
				return err
			}
		}
		if err := r.wrong.Err(); err != nil {
			return err
		}
		if err := s.SetTargets(audited(ctx, "wave.targets", "wave "+wave.Key, wave.StudyID), wave.ID, r.targets); err != nil {
			return err
		}
		fmt.Fprintf(p.Out, "wave %s has %s\n", wave.Key, plural(len(r.targets), "target"))
		return nil
	})
}

// targetReader checks the rows of targets against a study.
type targetReader struct {
	store   *store.Store
	study   survey.StudyID
	wrong   *survey.Complaints
	targets []survey.Target
}

// take checks one row; the error is for the database only.
func (r *targetReader) take(ctx context.Context, row survey.SheetRow) error {
	people, err := strconv.Atoi(row.Cell("people"))
	if err != nil || people < 1 {
		r.wrong.Add(row, "people", "%q is not a number of people", row.Cell("people"))
		return nil
	}
	t := survey.Target{Role: row.Cell("role"), People: people}
	if key := row.Cell("organization"); key != "" {
		o, err := r.store.OrganizationByKey(ctx, r.study, key)
		if survey.KindOf(err) == survey.NotFound && err != nil {
			r.wrong.Add(row, "organization", "%q is not an organization of the study", key)
			return nil
		}
		if err != nil {
			return err
		}
		t.OrganizationID = o.ID
	}
	if err := r.team(ctx, row, &t); err != nil {
		return err
	}
	r.targets = append(r.targets, t)
	return nil
}

// team makes the target one of a team, where the row names one.
func (r *targetReader) team(ctx context.Context, row survey.SheetRow, t *survey.Target) error {
	name := row.Cell("team")
	if name == "" {
		return nil
	}
	if t.OrganizationID == "" {
		r.wrong.Add(row, "team", "%q needs its organization", name)
		return nil
	}
	teams, err := r.store.Teams(ctx, t.OrganizationID)
	if err != nil {
		return err
	}
	for _, team := range teams {
		if team.Name == name {
			t.OrganizationID, t.TeamID = "", team.ID
			return nil
		}
	}
	r.wrong.Add(row, "team", "%q is not a team of %s", name, row.Cell("organization"))
	return nil
}

// lateInWords says what becomes of answers that are not sent at the close.
func lateInWords(hours int) string {
	if hours == 0 {
		return "late answers are not taken"
	}
	return fmt.Sprintf("answers begun before the close are taken for %s", plural(hours, "hour"))
}
