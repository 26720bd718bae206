package main

import (
	"context"
	"fmt"
	"time"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// responsesCommand decides which responses count.
type responsesCommand struct {
	Flags   responsesFlags   `cmd:"" help:"List responses that look careless, with the reasons."`
	Exclude responsesExclude `cmd:"" help:"Keep responses out of the results, with a reason."`
	Readmit responsesReadmit `cmd:"" help:"Let excluded responses count again."`
}

// Help is the manual page.
func (responsesCommand) Help() string {
	return `A response is excluded with a reason, and the audit log says by whom. It stays in the database and in every export, marked.

Excluded responses are left out when the results of the wave become final. That is when the wave closes, or, where there is to be time for looking through the responses, when they are released: "salesbench wave hold KEY" before the wave closes, then "flags" and "exclude", then "salesbench wave release KEY". What is excluded after that is marked as late and changes no figure that people have seen: whoever compared two looks could tell the answers of one person.`
}

type responsesFlags struct {
	storeFlags
	Wave string `name:"wave" required:"" help:"Short name of the wave."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// flaggedReport is a response that looks careless, or is excluded.
type flaggedReport struct {
	benchmark.Suspect
	Excluded string `json:"excluded,omitempty"` // the reason
	Words    string `json:"words,omitempty"`
	By       string `json:"by,omitempty"`
	At       string `json:"at,omitempty"`
	Late     bool   `json:"late,omitempty"`
}

// Run lists them.
func (c *responsesFlags) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		reports, err := flagged(ctx, p, s, c.Wave)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(p.Out, reports)
		}
		t := &printer{w: p.Out}
		var rows [][]string
		for _, r := range reports {
			excluded := r.Excluded
			if r.Late {
				excluded += " (late)"
			}
			rows = append(rows, []string{string(r.Response), r.Key, r.Role, fmt.Sprint(r.Flags), excluded})
		}
		t.line("%s look careless or are excluded", plural(len(reports), "response"))
		t.table("Responses", []string{"response", "organization", "role", "flags", "excluded"}, rows)
		return t.err
	})
}

// flagged joins what looks careless with what is excluded.
func flagged(ctx context.Context, p *program, s *store.Store, key string) ([]flaggedReport, error) {
	study, wave, err := findWave(ctx, s, key)
	if err != nil {
		return nil, err
	}
	in := benchmark.Input{Study: study, Wave: wave, Now: p.now(), Version: version}
	if in.Organizations, err = s.Organizations(ctx, study.ID); err != nil {
		return nil, err
	}
	everything := in
	everything.Study.Origin = survey.Imported // nothing waits: this list is for those who see single answers
	snapshot, err := loadPanel(ctx, p, s, everything, nil)
	if err != nil {
		return nil, err
	}
	suspects, err := benchmark.Suspects(ctx, snapshot, everything)
	if err != nil {
		return nil, err
	}
	exclusions, err := s.Exclusions(ctx, wave.ID)
	if err != nil {
		return nil, err
	}
	reports := make([]flaggedReport, 0, len(suspects))
	at := map[survey.ResponseID]int{}
	for _, suspect := range suspects {
		at[suspect.Response] = len(reports)
		reports = append(reports, flaggedReport{Suspect: suspect})
	}
	for _, e := range exclusions {
		i, known := at[e.ResponseID]
		if !known {
			i = len(reports)
			reports = append(reports, flaggedReport{Suspect: benchmark.Suspect{Response: e.ResponseID, Organization: e.OrganizationID, Flags: []string{}, Reasons: []string{}}})
			for _, o := range in.Organizations {
				if o.ID == e.OrganizationID {
					reports[i].Key = o.Key
				}
			}
		}
		r := &reports[i]
		r.Excluded, r.Words, r.By, r.At, r.Late = string(e.Reason), e.Words, e.By, e.At.Format(time.RFC3339), e.Late
	}
	return reports, nil
}

type responsesExclude struct {
	storeFlags
	Wave      string   `name:"wave" required:"" help:"Short name of the wave."`
	Responses []string `arg:"" name:"response" help:"Ids of responses, as \"salesbench responses flags\" and the export have them."`
	Reason    string   `name:"reason" required:"" enum:"careless,too_fast,duplicate,test,not_eligible,other" help:"careless, too_fast, duplicate, test, not_eligible or other."`
	Words     string   `name:"words" help:"What else there is to say; needed for other."`
}

// Run excludes them.
func (c *responsesExclude) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		wave, err := s.WaveByKey(ctx, c.Wave)
		if err != nil {
			return err
		}
		exclusions := make([]survey.Exclusion, len(c.Responses))
		for i, id := range c.Responses {
			exclusions[i] = survey.Exclusion{ResponseID: survey.ResponseID(id), Reason: survey.ExclusionReason(c.Reason), Words: c.Words}
		}
		made, err := s.Exclude(ctx, onCommandLine(), wave.ID, exclusions)
		if err != nil {
			return err
		}
		effect := "left out when the results become final"
		if wave.Released(p.now()) {
			effect = "left out of the results"
		}
		if len(made) > 0 && made[0].Late {
			effect = "marked as late: the results are final, so that figures stay and exports say it"
		}
		fmt.Fprintf(p.Out, "%s of wave %s excluded: %s\n", plural(len(made), "response"), wave.Key, effect)
		return nil
	})
}

type responsesReadmit struct {
	storeFlags
	Wave      string   `name:"wave" required:"" help:"Short name of the wave."`
	Responses []string `arg:"" name:"response" help:"Ids of responses."`
}

// Run lets them count again.
func (c *responsesReadmit) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		wave, err := s.WaveByKey(ctx, c.Wave)
		if err != nil {
			return err
		}
		ids := make([]survey.ResponseID, len(c.Responses))
		for i, id := range c.Responses {
			ids[i] = survey.ResponseID(id)
		}
		if err := s.Readmit(ctx, onCommandLine(), wave.ID, ids); err != nil {
			return err
		}
		fmt.Fprintf(p.Out, "%s of wave %s count again\n", plural(len(ids), "response"), wave.Key)
		return nil
	})
}
