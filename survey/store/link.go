package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type invitationRow struct {
	ID             string
	WaveID         string
	OrganizationID string
	TeamID         sql.NullString
	Reference      sql.NullString
	TokenHash      []byte
	CreatedAt      time.Time
	UsedAt         sql.NullTime
}

func (invitationRow) TableName() string { return "invitations" }

func (r invitationRow) invitation() survey.Invitation {
	i := survey.Invitation{ID: survey.InvitationID(r.ID), WaveID: survey.WaveID(r.WaveID),
		OrganizationID: survey.OrganizationID(r.OrganizationID), TeamID: survey.TeamID(r.TeamID.String),
		Reference: r.Reference.String, CreatedAt: r.CreatedAt.UTC()}
	if r.UsedAt.Valid {
		i.UsedAt = r.UsedAt.Time.UTC()
	}
	return i
}

// NewInvitation is an invitation to be made, with the hash of its token.
type NewInvitation struct {
	OrganizationID survey.OrganizationID
	TeamID         survey.TeamID // may be empty
	Reference      string        // may be empty; else unique in wave and organization
	Token          auth.Hash
}

// CreateInvitations adds invitations to the wave, all or none, and returns them
// in the order given. NotFound: no such wave. Invalid: an organization or team
// that is not of the wave's study. Conflict: a reference that is invited already.
func (s *Store) CreateInvitations(ctx context.Context, wave survey.WaveID, invitations []NewInvitation) ([]survey.Invitation, error) {
	rows := make([]invitationRow, len(invitations))
	now := s.now()
	for i, n := range invitations {
		if err := s.checkPlace(ctx, wave, n.OrganizationID); err != nil {
			return nil, err
		}
		rows[i] = invitationRow{ID: newID(), WaveID: string(wave), OrganizationID: string(n.OrganizationID), TeamID: optional(n.TeamID),
			Reference: optional(n.Reference), TokenHash: n.Token[:], CreatedAt: now}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		tell(ctx, changes{list: []string{strconv.Itoa(len(rows)) + " personal links"}})
		return rowsOf[invitationRow](tx).CreateInBatches(ctx, &rows, rowsPerInsert)
	})
	switch {
	case violates(err, "invitations_reference_unique", "invitations.reference"):
		return nil, survey.Errorf(survey.Conflict, "a person of this roster is invited to the wave already: take them out, their link stays as it is")
	case survey.KindOf(err) == survey.Invalid:
		return nil, survey.Errorf(survey.Invalid, "a team of this roster is not a team of its organization")
	case err != nil:
		return nil, err
	}
	out := make([]survey.Invitation, len(rows))
	for i, row := range rows {
		out[i] = row.invitation()
	}
	return out, nil
}

// checkPlace says whether the organization can have answers in the wave.
func (s *Store) checkPlace(ctx context.Context, wave survey.WaveID, organization survey.OrganizationID) error {
	facts, err := s.facts(ctx, wave)
	if err != nil {
		return err
	}
	study, err := s.studyOf(ctx, organization)
	if survey.KindOf(err) == survey.NotFound || (err == nil && study != facts.studyID) {
		return notOfStudy()
	}
	return err
}

func notOfStudy() error {
	return survey.Errorf(survey.Invalid, "the organization is not one of the wave's study")
}

// InvitationByToken finds an invitation by the hash of its token. NotFound.
func (s *Store) InvitationByToken(ctx context.Context, token auth.Hash) (survey.Invitation, error) {
	row, err := take[invitationRow](ctx, s, "token_hash = ?", token[:])
	return row.invitation(), named(err, "this link is not known: check that it was copied completely")
}

// Invitations lists the invitations of a wave, the oldest first.
func (s *Store) Invitations(ctx context.Context, wave survey.WaveID) ([]survey.Invitation, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	return list(ctx, s, invitationRow.invitation, "created_at, id", "wave_id = ?", string(wave))
}

// ResultLink lets whoever has it read results of a wave: of one organization,
// or of the whole wave where OrganizationID is empty.
type ResultLink struct {
	WaveID         survey.WaveID
	OrganizationID survey.OrganizationID
	CreatedAt      time.Time
	RevokedAt      time.Time // zero: valid
}

type resultLinkRow struct {
	ID             string
	WaveID         string
	OrganizationID sql.NullString
	TokenHash      []byte
	CreatedAt      time.Time
	RevokedAt      sql.NullTime
}

func (resultLinkRow) TableName() string { return "result_links" }

// CreateResultLink keeps the hash of a link to results. NotFound: no such wave.
// Invalid: the organization is not of the wave's study. Conflict: the token is in use.
func (s *Store) CreateResultLink(ctx context.Context, link ResultLink, token auth.Hash) error {
	if _, err := s.facts(ctx, link.WaveID); err != nil {
		return err
	}
	if link.OrganizationID != "" {
		if err := s.checkPlace(ctx, link.WaveID, link.OrganizationID); err != nil {
			return err
		}
	}
	row := resultLinkRow{ID: newID(), WaveID: string(link.WaveID), OrganizationID: optional(link.OrganizationID),
		TokenHash: token[:], CreatedAt: s.now()}
	return s.write(ctx, func(tx *gorm.DB) error {
		if err := tellResultLink(ctx, tx, row); err != nil {
			return err
		}
		return rowsOf[resultLinkRow](tx).Create(ctx, &row)
	})
}

// ResultLinkByToken finds a link to results. NotFound: unknown. Forbidden: revoked.
func (s *Store) ResultLinkByToken(ctx context.Context, token auth.Hash) (ResultLink, error) {
	row, err := take[resultLinkRow](ctx, s, "token_hash = ?", token[:])
	if err != nil {
		return ResultLink{}, named(err, "this link is not known: check that it was copied completely")
	}
	if row.RevokedAt.Valid {
		return ResultLink{}, survey.Errorf(survey.Forbidden, "this link to results was revoked: ask whoever sent it for a new one")
	}
	return ResultLink{WaveID: survey.WaveID(row.WaveID), OrganizationID: survey.OrganizationID(row.OrganizationID.String),
		CreatedAt: row.CreatedAt.UTC()}, nil
}

// RevokeResultLink ends a link to results; a second time changes nothing. NotFound.
func (s *Store) RevokeResultLink(ctx context.Context, token auth.Hash) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		row, err := rowsOf[resultLinkRow](tx, clause.Locking{Strength: "UPDATE"}).Where("token_hash = ?", token[:]).Take(ctx)
		if err != nil || row.RevokedAt.Valid {
			return named(translate(err), "this link is not known")
		}
		if err := tellResultLink(ctx, tx, row); err != nil {
			return err
		}
		_, err = rowsOf[resultLinkRow](tx).Where("id = ?", row.ID).Update(ctx, "revoked_at", s.now())
		return err
	})
}

// tellResultLink tells the audit log which results a link opens.
func tellResultLink(ctx context.Context, tx *gorm.DB, row resultLinkRow) error {
	wave, err := rowsOf[waveRow](tx).Where("id = ?", row.WaveID).Take(ctx)
	if err != nil {
		return err
	}
	opens := "all results of wave " + wave.Key
	if row.OrganizationID.Valid {
		place, err := onePlace(ctx, tx, row.OrganizationID.String, "")
		if err != nil {
			return err
		}
		opens = "results of " + place + " in wave " + wave.Key
	}
	tellStudy(ctx, wave.StudyID)
	tell(ctx, changes{list: []string{"link " + row.ID, opens}})
	return nil
}
