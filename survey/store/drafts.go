package store

import (
	"context"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

// DraftChange asks for a draft to be begun, where Start is set, or saved.
type DraftChange struct {
	Draft  survey.Draft
	Resume auth.Hash // of the token with which a draft from an open link is resumed
	Start  bool
}

// DraftOutcome is what became of a change: the draft as it is now, or an error.
type DraftOutcome struct {
	Draft survey.Draft
	Err   error
}

// KeepDrafts begins and saves drafts in one transaction and says for each what
// became of it, with the errors of StartDraft and SaveDraft. A bad one never
// fails its neighbours. Unavailable or Internal for all leaves open whether they
// were kept; doing it again is safe, but a save may then be a Conflict with itself.
func (s *Store) KeepDrafts(ctx context.Context, changes []DraftChange) ([]DraftOutcome, error) {
	outcomes := make([]DraftOutcome, len(changes))
	for i, change := range changes {
		o := &outcomes[i]
		if change.Start {
			o.Draft, o.Err = s.StartDraft(ctx, change.Draft, change.Resume)
		} else {
			o.Draft, o.Err = s.SaveDraft(ctx, change.Draft)
		}
	}
	return outcomes, nil
}
