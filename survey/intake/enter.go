package intake

import (
	"context"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// Enter looks up the link of a respondent. Links that are asked for at the same
// time are looked up together. NotFound: no link has the token; Unavailable.
func (in *Intake) Enter(ctx context.Context, hash auth.Hash) (store.Entrance, error) {
	entrances, err := in.store.Entrances(ctx, []auth.Hash{hash})
	if err != nil {
		return store.Entrance{}, err
	}
	return entrances[0], entrances[0].Err
}

// StartDraft is Store.StartDraft, in one transaction with the drafts that others
// begin and save at the same time.
func (in *Intake) StartDraft(ctx context.Context, draft survey.Draft, resume auth.Hash) (survey.Draft, error) {
	return in.keepDraft(ctx, store.DraftChange{Draft: draft, Resume: resume, Start: true})
}

// SaveDraft is Store.SaveDraft, in one transaction with the drafts that others
// begin and save at the same time.
func (in *Intake) SaveDraft(ctx context.Context, draft survey.Draft) (survey.Draft, error) {
	return in.keepDraft(ctx, store.DraftChange{Draft: draft})
}

func (in *Intake) keepDraft(ctx context.Context, change store.DraftChange) (survey.Draft, error) {
	outcomes, err := in.store.KeepDrafts(ctx, []store.DraftChange{change})
	if err != nil {
		return survey.Draft{}, err
	}
	return outcomes[0].Draft, outcomes[0].Err
}
