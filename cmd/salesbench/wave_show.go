package main

import (
	"context"
	"fmt"

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
	Organizations []organizationReport `json:"organizations"`
}

// Run shows the wave.
func (c *waveShow) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		report, err := fieldwork(ctx, s, study, wave)
		if err != nil {
			return err
		}
		report.State = wave.State(p.now())
		if c.JSON {
			return writeJSON(p.Out, report)
		}
		return report.print(p)
	})
}

// fieldwork counts who was invited and who has answered.
func fieldwork(ctx context.Context, s *store.Store, study survey.Study, wave survey.Wave) (*fieldworkReport, error) {
	report := &fieldworkReport{waveReport: newWaveReport(study, wave, wave.OpensAt)}
	invitations, err := s.Invitations(ctx, wave.ID)
	if err != nil {
		return nil, err
	}
	report.Invited = len(invitations)
	for _, i := range invitations {
		if !i.UsedAt.IsZero() {
			report.Used++
		}
	}
	organizations, err := s.Organizations(ctx, study.ID)
	if err != nil {
		return nil, err
	}
	counts := make(map[survey.OrganizationID]*int, len(organizations))
	report.Organizations = organizationReports(organizations)
	for i, o := range organizations {
		counts[o.ID] = new(int)
		report.Organizations[i].Responses = counts[o.ID]
	}
	err = s.EachResponse(ctx, wave.ID, func(r *survey.Response) error {
		if n, known := counts[r.OrganizationID]; known {
			*n++
		}
		report.Responses++
		return nil
	})
	return report, err
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
	var rows [][]string
	for _, o := range r.Organizations {
		rows = append(rows, []string{o.Name, o.Key, o.Industry, o.Region, o.Size, fmt.Sprint(*o.Responses)})
	}
	t.table("Organizations", []string{"name", "key", "industry", "region", "size", "responses"}, rows)
	return t.err
}
