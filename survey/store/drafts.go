package store

import (
	"context"
	"slices"
	"time"

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

// draftEntry is a change on its way into the database.
type draftEntry struct {
	change *DraftChange
	row    draftRow
	kept   bool
	n      int // which change
}

// KeepDrafts begins and saves drafts in one transaction and says for each what
// became of it, with the errors of StartDraft and SaveDraft. A bad one never
// fails its neighbours.
//
// The transaction does not wait for the disk: a power cut can take back the
// drafts of the last moments (on PostgreSQL less than a second), never half of
// one and never anything submitted. The error for all, Unavailable, leaves open
// whether they were kept; doing it again is safe, but a save may then be a
// Conflict with itself.
func (s *Store) KeepDrafts(ctx context.Context, changes []DraftChange) ([]DraftOutcome, error) {
	outcomes := make([]DraftOutcome, len(changes))
	entries, later := make([]*draftEntry, 0, len(changes)), []int(nil)
	now := s.now()
	for i := range changes {
		e, err := s.prepareDraft(ctx, &changes[i], now)
		switch {
		case survey.KindOf(err) == survey.Unavailable && err != nil:
			return nil, err
		case err != nil:
			outcomes[i].Err = err
		case slices.ContainsFunc(entries, e.meets):
			later = append(later, i)
		default:
			e.n = i
			entries = append(entries, e)
		}
	}
	if err := s.keepDrafts(ctx, entries, now); err != nil {
		if survey.KindOf(err) == survey.Unavailable {
			return nil, err
		}
		later = nil
		for i := range changes { // whichever is the reason must not take the others with it
			if outcomes[i].Err == nil {
				later = append(later, i)
			}
		}
		entries = nil
	}
	for _, e := range entries {
		if !e.kept {
			later = append(later, e.n)
			continue
		}
		outcomes[e.n].Draft = e.outcome(now)
	}
	for _, i := range later {
		if outcomes[i].Draft, outcomes[i].Err = s.keepDraft(ctx, changes[i]); outcomes[i].Err != nil && survey.KindOf(outcomes[i].Err) == survey.Unavailable && len(changes) == 1 {
			return nil, outcomes[i].Err
		}
	}
	return outcomes, nil
}

// keepDraft is the road for what needs more than one statement: it knows why a
// draft can not be begun or saved, and finds the one that is there already.
func (s *Store) keepDraft(ctx context.Context, change DraftChange) (survey.Draft, error) {
	if change.Start {
		return s.StartDraft(ctx, change.Draft, change.Resume)
	}
	return s.SaveDraft(ctx, change.Draft)
}

// prepareDraft does everything that needs no transaction.
func (s *Store) prepareDraft(ctx context.Context, change *DraftChange, now time.Time) (*draftEntry, error) {
	d := &change.Draft
	facts, err := s.facts(ctx, d.WaveID)
	if err != nil {
		return nil, err
	}
	e := &draftEntry{change: change}
	if change.Start {
		e.row, err = s.prepareStart(ctx, facts.instrument, d, change.Resume)
		return e, err
	}
	if err := known("draft", d.ID); err != nil {
		return nil, err
	}
	if err := checkWording(d.Role, d.Language); err != nil {
		return nil, err
	}
	p, err := pack(facts.instrument, d.Answers, d.Seconds)
	e.row = draftRow{ID: string(d.ID), WaveID: string(d.WaveID), Role: d.Role, Language: d.Language, Closed: p.Closed,
		Numbers: p.Numbers, Texts: p.Texts, Seconds: p.seconds, Version: d.Version, UpdatedAt: now}
	return e, err
}

// prepareStart checks a draft that is to be begun and makes its row.
func (s *Store) prepareStart(ctx context.Context, in *survey.Instrument, d *survey.Draft, resume auth.Hash) (draftRow, error) {
	if d.InvitationID == "" && resume == (auth.Hash{}) {
		return draftRow{}, survey.Errorf(survey.Invalid, "a draft needs an invitation or a token to be resumed with")
	}
	if err := firstOf(s.checkPlace(ctx, d.WaveID, d.OrganizationID), s.checkTeam(ctx, d.OrganizationID, d.TeamID), checkWording(d.Role, d.Language)); err != nil {
		return draftRow{}, err
	}
	if d.InvitationID != "" {
		if err := known("invitation", d.InvitationID); err != nil {
			return draftRow{}, err
		}
	}
	if d.Answers == nil {
		d.Answers = in.NewAnswers()
	}
	return s.newDraftRow(in, *d, resume)
}

func checkWording(role, language string) error {
	if !storable(role) || !storable(language) {
		return survey.Errorf(survey.Invalid, "role or language have characters that can not be stored")
	}
	return nil
}

// meets says whether two changes are about one draft: then one has to wait until
// it is clear what became of the other.
func (e *draftEntry) meets(other *draftEntry) bool {
	a, b := e.change, other.change
	if a.Start != b.Start {
		return false
	}
	if !a.Start {
		return a.Draft.ID == b.Draft.ID
	}
	return (a.Draft.InvitationID != "" && a.Draft.InvitationID == b.Draft.InvitationID) || (a.Resume != (auth.Hash{}) && a.Resume == b.Resume)
}

// outcome is the draft after the change.
func (e *draftEntry) outcome(now time.Time) survey.Draft {
	d := e.change.Draft
	d.UpdatedAt = now
	if !e.change.Start {
		d.Version++
		return d
	}
	d.ID, d.Version, d.StartedAt = survey.DraftID(e.row.ID), 1, e.row.StartedAt
	d.UpdatedAt = e.row.UpdatedAt
	return d
}

// keepDrafts is the transaction; entries that it could not keep are left unkept.
func (s *Store) keepDrafts(ctx context.Context, entries []*draftEntry, now time.Time) error {
	if len(entries) == 0 {
		return nil
	}
	var saves, starts []*draftEntry
	for _, e := range entries {
		if e.change.Start {
			starts = append(starts, e)
		} else {
			saves = append(saves, e)
		}
	}
	// Two transactions that save the same drafts must do so in one order.
	slices.SortFunc(saves, func(a, b *draftEntry) int {
		if a.row.ID < b.row.ID {
			return -1
		}
		return 1
	})
	if s.dialect == onPostgres {
		return s.keepDraftsPostgres(ctx, saves, starts, now)
	}
	return translate(s.keepDraftsSQLite(ctx, saves, starts, now))
}
