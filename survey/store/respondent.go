package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

type respondentRow struct {
	ID             string
	WaveID         string
	InvitationID   string
	Email          string
	EmailHash      []byte
	Name           string
	Language       string
	Role           string
	LinkGeneration int
	CreatedAt      time.Time
}

func (respondentRow) TableName() string { return "respondents" }

// hasAnswered is how an invitation tells that it was used; in an anonymous wave it
// is all that is known.
const hasAnswered = "i.used_at IS NOT NULL"

// hasBegun is whether answers are saved that were not sent.
const hasBegun = "EXISTS (SELECT 1 FROM drafts d WHERE d.invitation_id = i.id)"

// wantsNoMail and cameBack look at the two lists; an address is in them as a hash.
// The parameter of the first is the study.
const (
	wantsNoMail = "EXISTS (SELECT 1 FROM opt_outs o WHERE o.address_hash = r.email_hash AND (o.study_id IS NULL OR o.study_id = w.study_id))"
	cameBack    = "EXISTS (SELECT 1 FROM bounces b WHERE b.address_hash = r.email_hash)"
)

// listedRespondent is a respondent with what is known of the invitation.
type listedRespondent struct {
	ID             string
	WaveID         string
	InvitationID   string
	OrganizationID string
	TeamID         sql.NullString
	Reference      sql.NullString
	Email          string
	Name           string
	Language       string
	Role           string
	Answered       bool
	Bounced        bool
	OptedOut       bool
	CreatedAt      time.Time
	TokenHash      []byte        // for Roster only, as the following
	LinkGeneration sql.NullInt64 // null: contact data there are none
	Mail           string        // of the last message that left or shall leave
	Begun          bool
}

const selectRespondents = `SELECT r.id, r.wave_id, r.invitation_id, i.organization_id, i.team_id, i.reference, r.email, r.name, r.language, r.role,
	` + hasAnswered + ` AS answered, ` + cameBack + ` AS bounced, ` + wantsNoMail + ` AS opted_out, r.created_at
	FROM respondents r JOIN invitations i ON i.id = r.invitation_id JOIN waves w ON w.id = r.wave_id `

func (r listedRespondent) respondent() survey.Respondent {
	return survey.Respondent{ID: survey.RespondentID(r.ID), WaveID: survey.WaveID(r.WaveID), InvitationID: survey.InvitationID(r.InvitationID),
		OrganizationID: survey.OrganizationID(r.OrganizationID), TeamID: survey.TeamID(r.TeamID.String), Reference: r.Reference.String,
		Email: r.Email, Name: r.Name, Language: r.Language, Role: r.Role,
		Answered: r.Answered, Bounced: r.Bounced, OptedOut: r.OptedOut, CreatedAt: r.CreatedAt.UTC()}
}

// RespondentPage says which respondents to list.
type RespondentPage struct {
	Organization survey.OrganizationID // empty: of all
	Team         survey.TeamID         // empty: of all
	After        survey.RespondentID   // the last one of the page before; empty: from the beginning
	Limit        int                   // 100 unless set
}

// Respondents lists the people of a wave, in the order in which they were added.
func (s *Store) Respondents(ctx context.Context, wave survey.WaveID, page RespondentPage) ([]survey.Respondent, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	query, args := selectRespondents+"WHERE r.wave_id = ?", []any{string(wave)}
	for _, condition := range []struct{ sql, value string }{
		{" AND i.organization_id = ?", string(page.Organization)}, {" AND i.team_id = ?", string(page.Team)}, {" AND r.id > ?", string(page.After)},
	} {
		if condition.value != "" {
			query, args = query+condition.sql, append(args, condition.value)
		}
	}
	limit := page.Limit
	if limit <= 0 {
		limit = 100
	}
	rows, err := raw[listedRespondent](ctx, s, query+" ORDER BY r.id LIMIT ?", append(args, limit)...)
	people := make([]survey.Respondent, len(rows))
	for i, row := range rows {
		people[i] = row.respondent()
	}
	return people, err
}

// RespondentByInvitation finds whom an invitation was made for. NotFound: nobody
// is known, or the contact data were erased.
func (s *Store) RespondentByInvitation(ctx context.Context, invitation survey.InvitationID) (survey.Respondent, error) {
	return s.respondentWhere(ctx, "r.invitation_id = ?", invitation)
}

func (s *Store) respondentWhere(ctx context.Context, where string, id survey.InvitationID) (survey.Respondent, error) {
	if err := known("person", id); err != nil {
		return survey.Respondent{}, err
	}
	rows, err := raw[listedRespondent](ctx, s, selectRespondents+"WHERE "+where, string(id))
	if err == nil && len(rows) == 0 {
		err = survey.Errorf(survey.NotFound, "nobody is known for this invitation")
	}
	if err != nil {
		return survey.Respondent{}, err
	}
	return rows[0].respondent(), nil
}

// raw reads the rows of a query that joins tables.
func raw[R any](ctx context.Context, s *Store, query string, args ...any) ([]R, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var rows []R
	err := s.read(ctx, func(db *gorm.DB) error {
		var err error
		rows, err = rowsOf[R](db).Raw(query, args...).Find(ctx)
		return err
	})
	return rows, err
}

// EraseRespondent removes the contact data of an invitation for good, and takes
// mail to it that has not left out of the outbox. Invitation and answers stay.
// NotFound: there are none.
func (s *Store) EraseRespondent(ctx context.Context, invitation survey.InvitationID) error {
	if err := known("invitation", invitation); err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		var e Erased
		err := s.eraseContact(ctx, tx, string(invitation), &e)
		if err == nil && e.Contacts == 0 {
			return survey.Errorf(survey.NotFound, "nobody is known for this invitation")
		}
		return err
	})
}

// eraseContact is EraseRespondent inside a transaction, and counts what it removes.
func (s *Store) eraseContact(ctx context.Context, tx *gorm.DB, invitation string, e *Erased) error {
	waiting := tx.Model(&outboxRow{}).Where("invitation_id = ? AND status IN ('queued', 'claimed')", invitation).
		Updates(map[string]any{"status": survey.MailSkipped, "reason": survey.SkipErased, "ended_at": s.now()})
	if waiting.Error != nil {
		return waiting.Error
	}
	e.Mail = int(waiting.RowsAffected)
	var err error
	if e.Sent, err = noteErased(tx, s.now(), "invitation_id = ?", invitation); err != nil {
		return err
	}
	e.Contacts, err = rowsOf[respondentRow](tx).Where("invitation_id = ?", invitation).Delete(ctx)
	return err
}
