package store

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

// DraftChange asks for a draft to be begun, where Start is set, or saved.
type DraftChange struct {
	Draft  survey.Draft
	Resume auth.Hash // of the token with which a draft from an open link is resumed
	Start  bool
	Again  bool // an earlier attempt failed in a way that leaves open whether it was kept
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
// On SQLite the transaction does not wait for the disk: a power cut can take
// back the drafts of the last moments, never half of one and never anything
// submitted. The error for all, Unavailable, leaves open
// whether they were kept; doing it again is safe, but a save may then be a
// Conflict with itself.
func (s *Store) KeepDrafts(ctx context.Context, changes []DraftChange) ([]DraftOutcome, error) {
	outcomes := make([]DraftOutcome, len(changes))
	now := s.now()
	b, _ := draftBatches.Get().(*draftBatch)
	defer b.release()
	if err := s.prepareDrafts(ctx, b, changes, outcomes); err != nil {
		return nil, err
	}
	err := s.keepDrafts(ctx, b, now)
	if err != nil && survey.KindOf(err) == survey.Unavailable {
		return nil, err
	}
	for i := range b.entries {
		e := &b.entries[i]
		if e.kept && err == nil { // else whichever is the reason must not take the others with it
			outcomes[e.n].Draft = e.outcome(now)
		} else {
			b.later = append(b.later, e.n)
		}
	}
	for _, n := range b.later {
		o := &outcomes[n]
		o.Draft, o.Err = s.keepDraft(ctx, changes[n])
	}
	return outcomes, nil
}

// draftBatch is the room in which a transaction is prepared. It is used again.
type draftBatch struct {
	entries       []draftEntry
	saves, starts []*draftEntry   // of the entries
	seen          map[string]bool // drafts, invitations and hashes of the entries
	later         []int           // which changes have to come after the transaction
}

var draftBatches = sync.Pool{New: func() any { return &draftBatch{seen: make(map[string]bool)} }}

func (b *draftBatch) release() {
	clear(b.entries)
	clear(b.saves)
	clear(b.starts)
	clear(b.seen)
	b.entries, b.saves, b.starts, b.later = b.entries[:0], b.saves[:0], b.starts[:0], b.later[:0]
	draftBatches.Put(b)
}

// prepareDrafts finds out what one transaction can take, and which changes have to
// come after it.
func (s *Store) prepareDrafts(ctx context.Context, b *draftBatch, changes []DraftChange, outcomes []DraftOutcome) error {
	now := s.now()
	b.entries = slices.Grow(b.entries, len(changes)) // so that they stay where they are
	for i := range changes {
		b.entries = append(b.entries, draftEntry{change: &changes[i], n: i})
		e := &b.entries[len(b.entries)-1]
		err := s.prepareDraft(ctx, e, now)
		switch {
		case err == nil && !e.meets(b.seen):
			b.add(e)
			continue
		case err == nil:
			b.later = append(b.later, i)
		case survey.KindOf(err) == survey.Unavailable:
			return err
		default:
			outcomes[i].Err = err
		}
		b.entries = b.entries[:len(b.entries)-1]
	}
	return nil
}

func (b *draftBatch) add(e *draftEntry) {
	if e.change.Start {
		b.starts = append(b.starts, e)
	} else {
		b.saves = append(b.saves, e)
	}
}

// keepDraft is the road for what needs more than one statement: it knows why a
// draft can not be begun or saved, and finds the one that is there already.
func (s *Store) keepDraft(ctx context.Context, change DraftChange) (survey.Draft, error) {
	if change.Start {
		return s.StartDraft(ctx, change.Draft, change.Resume)
	}
	saved, err := s.SaveDraft(ctx, change.Draft)
	if change.Again && survey.KindOf(err) == survey.Conflict {
		return s.savedBefore(ctx, change.Draft, err)
	}
	return saved, err
}

// savedBefore returns the draft if it is there as it was to be saved: then the
// conflict is one with an earlier attempt.
func (s *Store) savedBefore(ctx context.Context, wanted survey.Draft, conflict error) (survey.Draft, error) {
	now, err := s.DraftByID(ctx, wanted.ID)
	if err != nil {
		return survey.Draft{}, err
	}
	same := now.Version == wanted.Version+1 && now.Role == wanted.Role && now.Language == wanted.Language &&
		slices.Equal(now.Answers, wanted.Answers) && slices.Equal(now.Seconds, wanted.Seconds)
	if !same {
		return survey.Draft{}, conflict
	}
	return now, nil
}

// prepareDraft does everything that needs no transaction.
func (s *Store) prepareDraft(ctx context.Context, e *draftEntry, now time.Time) error {
	d := &e.change.Draft
	facts, err := s.facts(ctx, d.WaveID)
	if err != nil {
		return err
	}
	if e.change.Start {
		e.row, err = s.prepareStart(ctx, facts.instrument, d, e.change.Resume)
		return err
	}
	if err := known("draft", d.ID); err != nil {
		return err
	}
	if err := checkWording(d.Role, d.Language); err != nil {
		return err
	}
	p, err := pack(facts.instrument, d.Answers, d.Seconds)
	e.row = draftRow{ID: string(d.ID), WaveID: string(d.WaveID), Role: d.Role, Language: d.Language, Closed: p.Closed,
		Numbers: p.Numbers, Texts: p.Texts, Seconds: p.seconds, Version: d.Version, UpdatedAt: now}
	return err
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

// meets says whether a change before is about the same draft: then this one has
// to wait until it is clear what became of that.
func (e *draftEntry) meets(seen map[string]bool) bool {
	names := [2]string{string(e.change.Draft.ID)}
	if e.change.Start {
		names = [2]string{string(e.change.Draft.InvitationID), string(e.row.ResumeHash)}
	}
	met := false
	for _, name := range names {
		met = met || (name != "" && seen[name])
		seen[name] = true
	}
	return met
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
func (s *Store) keepDrafts(ctx context.Context, b *draftBatch, now time.Time) error {
	if len(b.entries) == 0 {
		return nil
	}
	// Two transactions that save the same drafts must do so in one order.
	slices.SortFunc(b.saves, func(a, b *draftEntry) int { return strings.Compare(a.row.ID, b.row.ID) })
	if s.dialect == onPostgres {
		return translate(s.keepDraftsPostgres(ctx, b.saves, b.starts, now))
	}
	return translate(s.lite.transaction(ctx, notWaiting, func(t *liteTx) error { return t.keepDrafts(b.saves, b.starts, now) }))
}
