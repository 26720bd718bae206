package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type draftRow struct {
	ID             string
	WaveID         string
	OrganizationID string
	TeamID         sql.NullString
	InvitationID   sql.NullString
	ResumeHash     []byte
	Role           string
	Language       string
	Closed         string
	Numbers        string
	Texts          string
	Seconds        sql.NullString
	Version        int
	StartedAt      time.Time
	UpdatedAt      time.Time `gorm:"autoUpdateTime:false"` // the clock is ours, not GORM's
}

func (draftRow) TableName() string { return "drafts" }

func (r draftRow) draft(in *survey.Instrument) (survey.Draft, error) {
	answers, seconds, err := unpack(in, packed{survey.Packed{Closed: r.Closed, Numbers: r.Numbers, Texts: r.Texts}, r.Seconds})
	return survey.Draft{ID: survey.DraftID(r.ID), WaveID: survey.WaveID(r.WaveID), OrganizationID: survey.OrganizationID(r.OrganizationID),
		TeamID: survey.TeamID(r.TeamID.String), InvitationID: survey.InvitationID(r.InvitationID.String), Role: r.Role, Language: r.Language,
		Answers: answers, Version: r.Version, Seconds: seconds, StartedAt: r.StartedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC()}, err
}

// StartDraft begins a draft for whoever has an invitation (InvitationID) or
// holds the token with which a draft from an open link is resumed. The second
// time it returns the draft that exists, so that two tabs work on one. Answers
// may be nil. The zero resume hash means that there is no such token.
//
// NotFound: no such wave. Closed: the wave is not open. Conflict: the invitation
// is used, or the answers of the token are submitted. Invalid: the organization
// is not of the study, or the draft could never be resumed.
func (s *Store) StartDraft(ctx context.Context, draft survey.Draft, resume auth.Hash) (survey.Draft, error) {
	facts, err := s.facts(ctx, draft.WaveID)
	if err != nil {
		return survey.Draft{}, err
	}
	if draft.InvitationID == "" && resume == (auth.Hash{}) {
		return survey.Draft{}, survey.Errorf(survey.Invalid, "a draft needs an invitation or a token to be resumed with")
	}
	if err := firstOf(s.checkPlace(ctx, draft.WaveID, draft.OrganizationID), s.checkTeam(ctx, draft.OrganizationID, draft.TeamID)); err != nil {
		return survey.Draft{}, err
	}
	if draft.Answers == nil {
		draft.Answers = facts.instrument.NewAnswers()
	}
	row, err := s.newDraftRow(facts.instrument, draft, resume)
	if err != nil {
		return survey.Draft{}, err
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		var err error
		row, err = s.startDraft(ctx, tx, row)
		return err
	})
	if err != nil {
		return survey.Draft{}, err
	}
	return row.draft(facts.instrument)
}

func (s *Store) newDraftRow(in *survey.Instrument, draft survey.Draft, resume auth.Hash) (draftRow, error) {
	p, err := pack(in, draft.Answers, draft.Seconds)
	if err != nil {
		return draftRow{}, err
	}
	row := draftRow{ID: newID(), WaveID: string(draft.WaveID), OrganizationID: string(draft.OrganizationID), TeamID: optional(draft.TeamID),
		InvitationID: optional(draft.InvitationID), Role: draft.Role, Language: draft.Language, Closed: p.Closed, Numbers: p.Numbers,
		Texts: p.Texts, Seconds: p.seconds, Version: 1, StartedAt: s.now(), UpdatedAt: s.now()}
	if resume != (auth.Hash{}) {
		row.ResumeHash = resume[:]
	}
	return row, nil
}

func (s *Store) startDraft(ctx context.Context, tx *gorm.DB, row draftRow) (draftRow, error) {
	if err := s.mayStart(ctx, tx, row); err != nil {
		return row, err
	}
	if err := rowsOf[draftRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &row); err != nil {
		return row, err
	}
	return rowsOf[draftRow](tx).Where("invitation_id = ? OR resume_hash = ?", row.InvitationID, row.ResumeHash).
		Order("started_at").Take(ctx)
}

// mayStart looks at the window of the wave and at what was submitted.
func (s *Store) mayStart(ctx context.Context, tx *gorm.DB, row draftRow) error {
	wave, err := rowsOf[waveRow](tx).Where("id = ?", row.WaveID).Take(ctx)
	if err != nil {
		return err
	}
	if err := closedError(wave.wave(), s.now()); err != nil {
		return err
	}
	submitted, err := rowsOf[responseRow](tx).Where("wave_id = ? AND (invitation_id = ? OR resume_hash = ?)",
		row.WaveID, row.InvitationID, row.ResumeHash).Count(ctx, "*")
	if err != nil {
		return err
	}
	spent, err := rowsOf[spentLinkRow](tx).Where("token_hash = ?", row.ResumeHash).Count(ctx, "*")
	if err != nil {
		return err
	}
	if submitted+spent > 0 {
		return survey.Errorf(survey.Conflict, "the answers of this link are submitted already")
	}
	if row.InvitationID.Valid {
		return s.checkInvitation(ctx, tx, row)
	}
	return nil
}

func (s *Store) checkInvitation(ctx context.Context, tx *gorm.DB, row draftRow) error {
	if err := known("invitation", row.InvitationID.String); err != nil {
		return err
	}
	invitation, err := rowsOf[invitationRow](tx).Where("id = ?", row.InvitationID).Take(ctx)
	switch {
	case err != nil:
		return named(translate(err), "this invitation does not exist")
	case invitation.UsedAt.Valid:
		return survey.Errorf(survey.Conflict, "this invitation is used: its answers are submitted")
	case invitation.WaveID != row.WaveID || invitation.OrganizationID != row.OrganizationID:
		return survey.Errorf(survey.Invalid, "this invitation is for another wave or organization")
	}
	return nil
}

// closedError says in words why a wave takes no answers at the moment, or nil.
func closedError(wave survey.Wave, now time.Time) error {
	switch wave.State(now) {
	case survey.WavePlanned:
		return survey.Errorf(survey.Closed, "this survey has not opened yet; it opens on %s", wave.Told(wave.OpensAt))
	case survey.WaveClosed:
		return survey.Errorf(survey.Closed, "this survey closed on %s and takes no more answers", wave.Told(wave.ClosesAt))
	}
	return nil
}

// closedToDrafts is closedError for drafts that were begun before the close: they
// have the hours of the wave's rule for late answers.
func closedToDrafts(wave survey.Wave, now time.Time) error {
	switch late := wave.LateUntil(); {
	case wave.TakesDrafts(now):
		return nil
	case wave.LateHours > 0 && wave.State(now) == survey.WaveClosed:
		return survey.Errorf(survey.Closed, "this survey closed on %s, and took answers that were begun before until %s", wave.Told(wave.ClosesAt), wave.Told(late))
	}
	return closedError(wave, now)
}

// DraftByID finds a draft. NotFound: there is none, or it is submitted.
func (s *Store) DraftByID(ctx context.Context, id survey.DraftID) (survey.Draft, error) {
	if err := known("draft", id); err != nil {
		return survey.Draft{}, err
	}
	return s.draftWhere(ctx, "id = ?", string(id))
}

// DraftByToken finds a draft by the hash of the token it is resumed with.
// NotFound: there is none, or it is submitted.
func (s *Store) DraftByToken(ctx context.Context, resume auth.Hash) (survey.Draft, error) {
	return s.draftWhere(ctx, "resume_hash = ?", resume[:])
}

// DraftByInvitation finds the draft of an invitation. NotFound: there is none,
// or it is submitted.
func (s *Store) DraftByInvitation(ctx context.Context, invitation survey.InvitationID) (survey.Draft, error) {
	if err := known("invitation", invitation); err != nil {
		return survey.Draft{}, err
	}
	return s.draftWhere(ctx, "invitation_id = ?", string(invitation))
}

func (s *Store) draftWhere(ctx context.Context, where string, args ...any) (survey.Draft, error) {
	row, err := take[draftRow](ctx, s, where, args...)
	if err != nil {
		return survey.Draft{}, named(err, "there is no draft")
	}
	facts, err := s.facts(ctx, survey.WaveID(row.WaveID))
	if err != nil {
		return survey.Draft{}, err
	}
	return row.draft(facts.instrument)
}

// SaveDraft keeps role, language, answers and times of a draft and returns it
// with its next version. NotFound: the draft is submitted or never was.
// Conflict: another tab or device has saved since the version given.
// Closed: the wave is over. Invalid: the answers do not fit the instrument.
func (s *Store) SaveDraft(ctx context.Context, draft survey.Draft) (survey.Draft, error) {
	facts, err := s.facts(ctx, draft.WaveID)
	if err != nil {
		return survey.Draft{}, err
	}
	if err := known("draft", draft.ID); err != nil {
		return survey.Draft{}, err
	}
	p, err := pack(facts.instrument, draft.Answers, draft.Seconds)
	if err != nil {
		return survey.Draft{}, err
	}
	now := s.now()
	err = s.write(ctx, func(tx *gorm.DB) error {
		wave, err := rowsOf[waveRow](tx).Where("id = ?", string(draft.WaveID)).Take(ctx)
		if err != nil {
			return err
		}
		if err := closedToDrafts(wave.wave(), now); err != nil {
			return err
		}
		changed, err := rowsOf[draftRow](tx).Where("id = ? AND wave_id = ? AND version = ?", string(draft.ID), string(draft.WaveID), draft.Version).
			Select("role", "language", "closed", "numbers", "texts", "seconds", "version", "updated_at").
			Updates(ctx, draftRow{Role: draft.Role, Language: draft.Language, Closed: p.Closed, Numbers: p.Numbers, Texts: p.Texts,
				Seconds: p.seconds, Version: draft.Version + 1, UpdatedAt: now})
		if err != nil || changed == 1 {
			return err
		}
		return whyNotSaved(ctx, tx, draft.ID)
	})
	if err != nil {
		return survey.Draft{}, err
	}
	draft.Version++
	draft.UpdatedAt = now
	return draft, nil
}

func whyNotSaved(ctx context.Context, tx *gorm.DB, id survey.DraftID) error {
	if _, err := rowsOf[draftRow](tx).Where("id = ?", string(id)).Take(ctx); err != nil {
		return named(translate(err), "there is no draft: its answers are submitted")
	}
	return survey.Errorf(survey.Conflict, "the answers were changed in another tab or on another device")
}
