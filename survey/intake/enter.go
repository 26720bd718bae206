package intake

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// Enter looks up the link of a respondent, together with the links that others
// ask for at the same time. NotFound: no link has the token. Unavailable as Submit.
func (in *Intake) Enter(ctx context.Context, link auth.Hash) (store.Entrance, error) {
	began := time.Now()
	e, err := in.entrances.ask(ctx, "", link)
	switch {
	case err == nil:
		known := e
		in.memory.learn(link, &known, began)
	case survey.KindOf(err) == survey.NotFound:
		in.memory.drop(link)
	}
	return e, err
}

// Recall is Enter without the database: what was known of the link a moment ago
// (Options.Memory), with what this intake has kept since. Another replica may
// have kept more in this moment: whoever knows of a later version of the draft
// enters. Many are told of the same entrance: nobody may change it.
func (in *Intake) Recall(link auth.Hash) (*store.Entrance, bool) {
	e := in.memory.find(link, time.Now())
	if e == nil {
		return nil, false
	}
	place := in.store.PresentPlace(e.Place)
	switch {
	case place == nil || place.Instrument != e.Place.Instrument:
		return nil, false
	case place != e.Place:
		moved := *e
		moved.Place = place
		e = &moved
	}
	return e, true
}

// StartDraft is Store.StartDraft, in one transaction with the drafts that others
// begin and save at the same time. The link is the one that leads to the draft:
// that of the invitation, or the one with which it is resumed. Unavailable as Submit.
func (in *Intake) StartDraft(ctx context.Context, link auth.Hash, draft survey.Draft) (survey.Draft, error) {
	change := store.DraftChange{Draft: draft, Start: true}
	var first *store.Entrance
	if draft.InvitationID == "" {
		change.Resume = link
		if place := in.store.RememberedPlace(draft.WaveID, draft.OrganizationID); place != nil {
			first = &store.Entrance{Place: place}
		}
	}
	return in.keepDraft(ctx, link, change, first)
}

// SaveDraft is Store.SaveDraft, in one transaction with the drafts that others
// begin and save at the same time. The link is the one that leads to the draft.
// Unavailable as Submit.
func (in *Intake) SaveDraft(ctx context.Context, link auth.Hash, draft survey.Draft) (survey.Draft, error) {
	return in.keepDraft(ctx, link, store.DraftChange{Draft: draft}, nil)
}

func (in *Intake) keepDraft(ctx context.Context, link auth.Hash, change store.DraftChange, first *store.Entrance) (survey.Draft, error) {
	began := time.Now()
	outcome, err := in.drafts.ask(ctx, change.Draft.OrganizationID, change)
	if err != nil {
		in.memory.forget(link) // whatever the reason, it was not known
		return outcome.Draft, err
	}
	in.memory.kept(link, outcome.Draft, first, began)
	return outcome.Draft, nil
}

// Submitted is for whoever has submitted what the link leads to: its pages are
// over at once, not a moment later, and its receipt is at hand for that moment.
func (in *Intake) Submitted(link auth.Hash, kept store.Kept) { in.memory.submitted(link, &kept) }

// Forget makes sure that what is known of the link is asked for again.
func (in *Intake) Forget(link auth.Hash) { in.memory.forget(link) }
