package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// waveCommand looks after field periods.
type waveCommand struct {
	Create        waveCreate        `cmd:"" help:"Create a wave, and its study where it is new."`
	List          waveList          `cmd:"" help:"List all waves."`
	Show          waveShow          `cmd:"" help:"Show one wave with its organizations and how many have answered."`
	Organizations waveOrganizations `cmd:"" help:"Add or change organizations and their teams from a CSV file."`
	Links         waveLinks         `cmd:"" help:"Make open links with which anybody may answer for an organization."`
	Results       waveResults       `cmd:"" help:"Make a link to the results of a wave or of one organization."`
	Revoke        waveRevoke        `cmd:"" help:"End a link to results."`
	Targets       waveTargets       `cmd:"" help:"Set how many people are wanted, before a wave opens."`
	Extend        waveExtend        `cmd:"" help:"Let a wave end later."`
	Close         waveClose         `cmd:"" help:"End a wave now, or earlier than planned."`
	Seal          waveSeal          `cmd:"" help:"Show what is sealed about a wave, and check it."`
	Hold          waveHold          `cmd:"" help:"Have the results wait for a release when the wave closes."`
	Release       waveRelease       `cmd:"" help:"Make the results of a wave that is held final."`
}

// Help is the manual page.
func (waveCommand) Help() string {
	return `A fieldwork from beginning to end:

    salesbench wave create autumn --title "Autumn 2026" --study best --study-title "Best practices"
      --purpose "We want to learn what our best sellers do." --contact "research@example.org"

    salesbench wave organizations autumn organizations.csv

    salesbench invite --wave autumn --roster roster.csv --out links.csv   (one link per person)

    salesbench wave links autumn --out open-links.csv                     (or one per organization)

    salesbench serve

    salesbench wave show autumn

    salesbench wave close autumn

    salesbench wave results autumn                                        (a link to the results)

All of it works while the service runs. Give every command the same --data or --database, and links the --base-url that respondents use; both can stand in the environment.`
}

type waveCreate struct {
	storeFlags
	Wave         string            `arg:"" help:"Short name of the wave, used in addresses and commands: small letters, digits and hyphens."`
	Title        string            `name:"title" required:"" help:"Title of the wave, such as \"Autumn 2026\"."`
	Study        string            `name:"study" required:"" help:"Short name of the study; it is created when it does not exist."`
	StudyTitle   string            `name:"study-title" help:"Title of a new study; respondents read it."`
	Purpose      string            `name:"purpose" help:"Who asks and what for, one paragraph for the consent page of a new study."`
	PurposeIn    map[string]string `name:"purpose-in" mapsep:"none" help:"The purpose in one language, such as de=\"Wir möchten lernen.\"; once for each. Other languages show --purpose."`
	Contact      string            `name:"contact" help:"Who answers questions about a new study."`
	Instrument   string            `name:"instrument" default:"builtin" help:"Questionnaire document (default: the built-in one)."`
	Criteria     string            `name:"criteria" default:"organizations/1" help:"organizations/1 (default), study-style/1, a file, or none: the wave names no tiers."`
	Opens        string            `name:"opens" help:"When it opens: 2026-11-02, 2026-11-02T09:00 (local time) or with a zone, 2026-11-02T09:00:00Z. Default: now."`
	Closes       string            `name:"closes" help:"When it closes; a date means the beginning of that day. Default: open until \"salesbench wave close\"."`
	Mode         string            `name:"mode" enum:"confidential,anonymous" default:"confidential" help:"confidential (default): the database knows which invitation a response came by, so that people can be erased by it. anonymous: nothing connects the two, and results are shown when the wave is over."`
	LateHours    int               `name:"late-hours" default:"0" help:"How many hours after the close answers that were begun before are taken (default 0: none, at most 336)."`
	Zone         string            `name:"zone" default:"UTC" help:"Time zone in which mails and printed sheets tell respondents the end, such as Europe/Berlin (default UTC)."`
	MinimumGroup int               `name:"minimum-group" default:"10" help:"Smallest number of respondents in a shown group, at least 5 (default 10)."`
	JSON         bool              `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (waveCreate) Help() string {
	return `A wave is one field period: it asks one questionnaire and is judged by one criteria document. Its state follows from its window and the clock. When it opens, everything that defines it is sealed: "salesbench wave seal" shows what, and its hash stands on the page that respondents agree to. Afterwards only its end moves, by "wave extend" and "wave close". A new study needs --study-title, --purpose and --contact, because respondents read them before they agree.

Where there is no database in --data yet, one is made; an empty PostgreSQL database gets its tables.`
}

// waveReport is a wave for scripts.
type waveReport struct {
	Wave         string           `json:"wave"`
	Title        string           `json:"title"`
	Study        string           `json:"study"`
	StudyTitle   string           `json:"study_title"`
	Origin       survey.Origin    `json:"origin"`
	State        survey.WaveState `json:"state"`
	OpensAt      time.Time        `json:"opens_at"`
	ClosesAt     *time.Time       `json:"closes_at"`
	Mode         survey.Mode      `json:"mode"`
	LateHours    int              `json:"late_hours"`
	Seal         string           `json:"seal"`
	Instrument   string           `json:"instrument"`
	Criteria     string           `json:"criteria,omitempty"`
	MinimumGroup int              `json:"minimum_group"`
	Responses    int              `json:"responses"`
}

func (c *waveCreate) check(p *program) (opens, closes time.Time, wrong problems) {
	for flag, key := range map[string]string{"WAVE": c.Wave, "--study": c.Study} {
		if !survey.GoodKey(key) {
			wrong = append(wrong, fmt.Errorf("%s: %q must be small letters, digits and hyphens", flag, key))
		}
	}
	opens, closes = p.now(), time.Time{}
	var err error
	if c.Opens != "" {
		if opens, err = parseTime(c.Opens); err != nil {
			wrong = append(wrong, fmt.Errorf("--opens: %w", err))
		}
	}
	if c.Closes != "" {
		if closes, err = parseTime(c.Closes); err != nil {
			wrong = append(wrong, fmt.Errorf("--closes: %w", err))
		} else if !closes.After(opens) {
			wrong = append(wrong, fmt.Errorf("--closes: the wave would close before it opens"))
		}
	}
	if c.LateHours < 0 || c.LateHours > survey.MostLateHours {
		wrong = append(wrong, fmt.Errorf("--late-hours: %d is not between 0 and %d", c.LateHours, survey.MostLateHours))
	}
	if _, err := survey.LoadZone(c.Zone); err != nil {
		wrong = append(wrong, fmt.Errorf("--zone: %w", err))
	}
	if c.MinimumGroup < 5 {
		wrong = append(wrong, fmt.Errorf("--minimum-group: %d is less than 5; answers of so few people can be guessed", c.MinimumGroup))
	}
	return opens, closes, wrong
}

// Run creates the wave.
func (c *waveCreate) Run(ctx context.Context, p *program) error {
	opens, closes, wrong := c.check(p)
	if err := wrong.orNil(); err != nil {
		return err
	}
	documents, err := readDocuments(p, c.Instrument, c.Criteria)
	if err != nil {
		return err
	}
	return c.withStore(ctx, p, true, func(s *store.Store) error {
		if _, err := s.WaveByKey(ctx, c.Wave); err == nil {
			return survey.Errorf(survey.Conflict, "there is a wave %q already: give the new one another name", c.Wave)
		} else if survey.KindOf(err) != survey.NotFound {
			return err
		}
		study, err := c.study(ctx, s)
		if err != nil {
			return err
		}
		wave := survey.Wave{StudyID: study.ID, Key: c.Wave, Title: c.Title, Mode: survey.Mode(c.Mode),
			OpensAt: opens, ClosesAt: closes, LateHours: c.LateHours, Zone: c.Zone, MinimumGroup: c.MinimumGroup}
		if wave, err = documents.put(ctx, s, wave); err != nil {
			return err
		}
		report := newWaveReport(study, wave, p.now())
		if c.JSON {
			return writeJSON(p.Out, report)
		}
		fmt.Fprintf(p.Out, "wave %s of study %s is %s\n", wave.Key, study.Key, report.State)
		return nil
	})
}

// study finds the study or creates it.
func (c *waveCreate) study(ctx context.Context, s *store.Store) (survey.Study, error) {
	study, err := s.StudyByKey(ctx, c.Study)
	switch {
	case err == nil && (c.StudyTitle+c.Purpose+c.Contact != "" || len(c.PurposeIn) > 0):
		return survey.Study{}, usagef("--study-title, --purpose, --purpose-in, --contact: study %q exists already; leave them out", c.Study)
	case err == nil || survey.KindOf(err) != survey.NotFound:
		return study, err
	}
	var wrong problems
	for flag, value := range map[string]string{"--study-title": c.StudyTitle, "--purpose": c.Purpose, "--contact": c.Contact} {
		if strings.TrimSpace(value) == "" {
			wrong = append(wrong, fmt.Errorf("%s: study %q is new and needs it; respondents read it on the consent page", flag, c.Study))
		}
	}
	for language := range c.PurposeIn {
		if !slices.Contains(templates.MailLanguages(), language) {
			wrong = append(wrong, fmt.Errorf("--purpose-in: %q is no language of respondents; there are %s", language, strings.Join(templates.MailLanguages(), ", ")))
		}
	}
	if err := wrong.orNil(); err != nil {
		return survey.Study{}, err
	}
	return s.PutStudy(audited(ctx, "study.create", "study "+c.Study, ""), survey.Study{Key: c.Study, Title: c.StudyTitle, Purpose: c.Purpose, Purposes: survey.NewTranslations(c.PurposeIn), Contact: c.Contact, Origin: survey.Fieldwork})
}

func newWaveReport(study survey.Study, wave survey.Wave, now time.Time) waveReport {
	r := waveReport{
		Wave: wave.Key, Title: wave.Title, Study: study.Key, StudyTitle: study.Title, Origin: study.Origin,
		State: wave.State(now), OpensAt: wave.OpensAt, Instrument: wave.InstrumentHash, Criteria: wave.CriteriaHash,
		MinimumGroup: wave.MinimumGroup, Mode: wave.Mode, LateHours: wave.LateHours, Seal: wave.Seal,
	}
	if !wave.ClosesAt.IsZero() {
		r.ClosesAt = &wave.ClosesAt
	}
	return r
}

type waveList struct {
	storeFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the waves of all studies.
func (c *waveList) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		studies, err := s.Studies(ctx)
		if err != nil {
			return err
		}
		reports := []waveReport{}
		var rows [][]string
		for _, study := range studies {
			waves, err := s.Waves(ctx, study.ID)
			if err != nil {
				return err
			}
			for _, wave := range waves {
				r := newWaveReport(study, wave, p.now())
				edition, err := s.CountResponses(ctx, wave.ID)
				if err != nil {
					return err
				}
				r.Responses = edition.Responses
				reports = append(reports, r)
				rows = append(rows, []string{r.Wave, string(r.State), day(r.OpensAt), closingDay(r.ClosesAt), fmt.Sprint(r.Responses), r.Study, r.Title})
			}
		}
		if c.JSON {
			return writeJSON(p.Out, reports)
		}
		return columns(p.Out, []string{"WAVE", "STATE", "OPENS", "CLOSES", "RESPONSES", "STUDY", "TITLE"}, rows)
	})
}

// findWave finds a wave with its study.
func findWave(ctx context.Context, s *store.Store, key string) (survey.Study, survey.Wave, error) {
	wave, err := s.WaveByKey(ctx, key)
	if err != nil {
		return survey.Study{}, survey.Wave{}, err
	}
	study, err := s.StudyByID(ctx, wave.StudyID)
	return study, wave, err
}

// timeForms are the ways to write a moment; those without zone are local time.
var timeForms = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

func parseTime(text string) (time.Time, error) {
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date such as 2026-11-02 or a time such as 2026-11-02T09:00", text)
}

func day(t time.Time) string { return t.Local().Format("2006-01-02") }

func closingDay(t *time.Time) string {
	if t == nil {
		return "by hand"
	}
	return day(*t)
}
