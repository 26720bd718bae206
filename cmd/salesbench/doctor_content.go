package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// contentFindings look at what the database holds. There is nothing to say where
// there is none, or where its schema is not the one of this program.
func (c *doctorCommand) contentFindings(ctx context.Context, p *program) []finding {
	if c.absent() {
		return nil
	}
	s, err := c.open(ctx, p, false)
	if err != nil {
		return nil
	}
	findings := []finding{responsesFinding(ctx, s), c.keyFinding(ctx, s), sealsFinding(ctx, s)}
	if err := s.Close(); err != nil {
		findings = append(findings, finding{"database", false, err.Error()})
	}
	return findings
}

// responsesFinding looks for what the database itself does not enforce.
func responsesFinding(ctx context.Context, s *store.Store) finding {
	if err := s.Intact(ctx); err != nil {
		return finding{"responses", false, err.Error()}
	}
	found, err := s.Sound(ctx)
	switch {
	case err != nil:
		return finding{"responses", false, err.Error()}
	case found != (store.Soundness{}):
		return finding{"responses", false, fmt.Sprintf("%d responses or drafts belong to nothing that exists, %d waves count wrongly: the database was changed by hand; restore a backup", found.Orphans, found.Miscounted)}
	}
	return finding{"responses", true, "each belongs to a wave, an organization and a team that exist"}
}

// keyFinding says whether links that were sent can be made again.
func (c *doctorCommand) keyFinding(ctx context.Context, s *store.Store) finding {
	key, there, err := c.find(ctx, s, c.storeFlags)
	switch {
	case errors.Is(err, errNoKeyNamed):
		return finding{"key", true, "none, so no mail leaves: name a --key-file, the same for every replica"}
	case err == nil && !there:
		return finding{"key", true, "none yet; serve will make it"}
	case err == nil:
		err = s.MeetsKey(ctx, key)
	}
	if err != nil {
		return finding{"key", false, err.Error()}
	}
	return finding{"key", true, "is the one with which this database was begun"}
}

// sealsFinding compares each wave with what was sealed when it opened.
func sealsFinding(ctx context.Context, s *store.Store) finding {
	sealed := 0
	var broken []string
	err := eachWave(ctx, s, func(wave survey.Wave) error {
		if wave.Seal == "" {
			return nil
		}
		sealed++
		seal, err := s.WaveSeal(ctx, wave.ID)
		if err == nil && seal.Broken != "" {
			broken = append(broken, "wave "+wave.Key+": "+seal.Broken)
		}
		return err
	})
	switch {
	case err != nil:
		return finding{"seals", false, err.Error()}
	case len(broken) > 0:
		return finding{"seals", false, strings.Join(broken, "; ") + ". The database was changed by hand: say so where these results are shown, or restore a backup"}
	}
	return finding{"seals", true, plural(sealed, "wave") + " sealed, none of them changed since"}
}

func eachWave(ctx context.Context, s *store.Store, do func(survey.Wave) error) error {
	studies, err := s.Studies(ctx)
	if err != nil {
		return err
	}
	for _, study := range studies {
		waves, err := s.Waves(ctx, study.ID)
		if err != nil {
			return err
		}
		for _, wave := range waves {
			if err := do(wave); err != nil {
				return err
			}
		}
	}
	return nil
}

// mailPatience is how long the doctor waits for a mail server.
const mailPatience = 15 * time.Second

// mailFinding signs in to the mail server, and sends nothing.
func (c *doctorCommand) mailFinding(ctx context.Context) finding {
	sender := c.sender(c.Data)
	if c.SMTP == "" {
		return finding{"mail", true, "goes to " + sender.Destination() + "; nothing leaves this machine"}
	}
	ctx, cancel := context.WithTimeout(ctx, mailPatience)
	defer cancel()
	session, err := sender.Open(ctx)
	if err == nil {
		err = session.Close()
	}
	if err != nil {
		return finding{"mail", false, sender.Destination() + ": " + err.Error()}
	}
	return finding{"mail", true, sender.Destination() + " answers, and takes the name and password"}
}
