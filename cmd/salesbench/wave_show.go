package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

type waveShow struct {
	storeFlags
	Wave string `arg:"" help:"Short name of the wave."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// fieldworkReport is a wave with how far the fieldwork has come.
type fieldworkReport struct {
	waveReport
	Invited       int                  `json:"invited"`
	Used          int                  `json:"invitations_used"`
	Drafts        int                  `json:"drafts"`
	ShownFrom     int                  `json:"shown_from"` // responses of an organization at the moment; 0: nothing is shown before results are final
	Organizations []organizationReport `json:"organizations"`
}

// Run shows the wave.
func (c *waveShow) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		report, err := fieldwork(ctx, s, study, wave, p.now())
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(p.Out, report)
		}
		return report.print(p)
	})
}

// fieldworkOf is how far an organization has come.
type fieldworkOf struct {
	Invited int             `json:"invited"`
	Used    int             `json:"invitations_used"`
	Drafts  int             `json:"drafts"`
	Target  int             `json:"target,omitempty"`
	Shown   bool            `json:"shown"`   // results show it at the moment
	Outlook survey.Prospect `json:"outlook"` // of reaching the target, else the smallest group
}

// fieldwork counts who was invited and who has answered.
func fieldwork(ctx context.Context, s *store.Store, study survey.Study, wave survey.Wave, now time.Time) (*fieldworkReport, error) {
	counts, err := s.FieldworkCounts(ctx, wave.ID)
	if err != nil {
		return nil, err
	}
	targets, err := s.Targets(ctx, wave.ID)
	if err != nil {
		return nil, err
	}
	wanted := make(map[survey.OrganizationID]int, len(targets))
	for _, t := range targets {
		if t.OrganizationID != "" {
			wanted[t.OrganizationID] = t.People
		}
	}
	organizations, err := s.Organizations(ctx, study.ID)
	if err != nil {
		return nil, err
	}
	report := &fieldworkReport{waveReport: newWaveReport(study, wave, now), Invited: counts.Total.Invited, Used: counts.Total.Used, Drafts: counts.Total.Drafts, ShownFrom: wave.ShownFrom(now)}
	report.Responses = counts.Total.Responses
	report.Organizations = organizationReports(organizations)
	for i, o := range organizations {
		n, target := counts.Organizations[o.ID], wanted[o.ID]
		outlook := survey.Forecast(wave, now, n.Progress(), cmp.Or(target, wave.MinimumGroup))
		report.Organizations[i].Responses = &n.Responses
		shown := report.ShownFrom > 0 && n.Responses >= report.ShownFrom
		report.Organizations[i].Fieldwork = &fieldworkOf{n.Invited, n.Used, n.Drafts, target, shown, outlook.Prospect}
	}
	return report, nil
}

func (r *fieldworkReport) print(p *program) error {
	t := &printer{w: p.Out}
	t.line("%s: %s, wave %s: %s", r.Study, plain(r.StudyTitle), r.Wave, plain(r.Title))
	t.line("%s (%s), opens %s, closes %s", r.State, r.Origin, day(r.OpensAt), closingDay(r.ClosesAt))
	t.line("instrument %s", r.Instrument)
	t.line("criteria   %s", r.Criteria)
	t.line("mode       %s, %s", r.Mode, lateInWords(r.LateHours))
	t.line("seal       %s", r.Seal)
	t.line("%d responses; %d of %d invitations used; groups of fewer than %d are withheld", r.Responses, r.Used, r.Invited, r.MinimumGroup)
	t.line("%s", r.shownInWords())
	var rows [][]string
	for _, o := range r.Organizations {
		shown := "no"
		if o.Fieldwork.Shown {
			shown = "yes"
		}
		rows = append(rows, []string{o.Name, o.Key, o.Industry, o.Region, o.Size, fmt.Sprint(o.Fieldwork.Invited), fmt.Sprint(o.Fieldwork.Drafts), fmt.Sprint(*o.Responses), o.Fieldwork.target(), shown, strings.ReplaceAll(string(o.Fieldwork.Outlook), "_", " ")})
	}
	t.table("Organizations", []string{"name", "key", "industry", "region", "size", "invited", "drafts", "responses", "target", "shown now", "outlook"}, rows)
	return t.err
}

func (o *fieldworkOf) target() string {
	if o.Target == 0 {
		return ""
	}
	return fmt.Sprint(o.Target)
}

// shownInWords says how many answers it takes to be in the results now, and at the end.
func (r *fieldworkReport) shownInWords() string {
	switch r.ShownFrom {
	case 0:
		return fmt.Sprintf("nothing is shown before the results are final; then organizations with %d responses", r.MinimumGroup)
	case r.MinimumGroup:
		return fmt.Sprintf("the results are final and show organizations with %d responses", r.MinimumGroup)
	}
	return fmt.Sprintf("organizations are shown from %d responses on, and from %d when the results are final", r.ShownFrom, r.MinimumGroup)
}
