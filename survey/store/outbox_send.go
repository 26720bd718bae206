package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Claim says who takes messages and for how long.
type Claim struct {
	Limit int           // messages at most
	Lease time.Duration // afterwards others may take what has not begun to leave
	Ahead time.Duration // how far ahead of their moment messages of a campaign may be taken

	holder string
}

// ClaimedMail is a message that one sender prepares. SendAt is its turn in the rate
// of its campaign.
type ClaimedMail struct {
	ID       survey.MailID
	Kind     survey.MailKind
	SendAt   time.Time
	Attempts int

	Single *SingleMail // of a mail outside of campaigns

	// Of a message of a campaign:
	Invitation   survey.InvitationID
	Token        string // of the personal link
	OptOut       string // token of the link to end mail
	Email        string
	Name         string
	Organization string
	Study        survey.Study
	Closes       time.Time // in the zone of the wave
	Text         survey.MailText

	holder string
}

// MailDue says whether a sender would find something, without writing.
func (s *Store) MailDue(ctx context.Context, ahead time.Duration) (bool, error) {
	now := s.now()
	rows, err := raw[struct{ Due bool }](ctx, s, `SELECT (EXISTS (SELECT 1 FROM outbox WHERE campaign_id IS NULL AND status = 'queued' AND due_at <= ?)
		OR EXISTS (SELECT 1 FROM campaigns c WHERE c.status = 'running' AND c.next_send_at <= ?
			AND EXISTS (SELECT 1 FROM outbox x WHERE x.campaign_id = c.id AND x.status = 'queued' AND x.due_at <= ?))) AS due`,
		now, stored(now.Add(ahead)), now)
	return err == nil && rows[0].Due, err
}

// ClaimMail takes messages that are due for one sender: single ones first, then
// those of a campaign whose turn it is. None: nothing is due, or others have it.
func (s *Store) ClaimMail(ctx context.Context, claim Claim) ([]ClaimedMail, error) {
	if _, err := s.Key(); err != nil {
		return nil, err
	}
	claim.holder = newID()
	var rows []outboxRow
	err := s.write(ctx, func(tx *gorm.DB) error {
		var err error
		rows, err = s.claimRows(ctx, tx, claim, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 {
		return s.openSingles(rows, claim.holder), nil
	}
	campaigns, err := list(ctx, s, func(r campaignRow) string { return r.ID }, "next_send_at, id",
		"status = 'running' AND next_send_at <= ?", stored(s.now().Add(claim.Ahead)))
	if err != nil {
		return nil, err
	}
	for _, id := range campaigns {
		claimed, err := s.claimCampaign(ctx, id, claim)
		if err != nil || len(claimed) > 0 {
			return claimed, err
		}
	}
	return nil, nil
}

// skipLocked passes over what another replica holds; SQLite, where one transaction
// writes at a time, has no such words and no need for them.
var skipLocked = clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}

// claimRows takes messages of the campaign, or where it is empty single ones.
func (s *Store) claimRows(ctx context.Context, tx *gorm.DB, claim Claim, campaign string) ([]outboxRow, error) {
	now := s.now()
	query := rowsOf[outboxRow](tx, skipLocked).Where("status = 'queued' AND due_at <= ?", now)
	if campaign == "" {
		query = query.Where("campaign_id IS NULL")
	} else {
		query = query.Where("campaign_id = ?", campaign)
	}
	rows, err := query.Order("due_at, id").Limit(claim.Limit).Find(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return rows, tx.Model(&outboxRow{}).Where("id IN ?", ids).Updates(map[string]any{
		"status": survey.MailClaimed, "lease_holder": claim.holder, "leased_until": stored(now.Add(claim.Lease))}).Error
}

// openSingles unseals mails outside of campaigns. One that can not be opened was
// sealed with another key; it is left to its lease and shown as what it is.
func (s *Store) openSingles(rows []outboxRow, holder string) []ClaimedMail {
	key, err := s.Key()
	if err != nil {
		return nil
	}
	var out []ClaimedMail
	for _, row := range rows {
		m := ClaimedMail{ID: survey.MailID(row.ID), Kind: survey.MailKind(row.Kind), SendAt: s.now(), Attempts: row.Attempts, Single: &SingleMail{Kind: survey.MailKind(row.Kind)}, holder: holder}
		if plain, ok := key.Open(row.ID, row.Sealed); ok {
			// What was sealed here was written here.
			_ = json.Unmarshal(plain, m.Single)
		}
		out = append(out, m)
	}
	return out
}

// claimCampaign takes the messages of one campaign whose turn comes within the time
// ahead, and moves the campaign on by as many turns.
func (s *Store) claimCampaign(ctx context.Context, id string, claim Claim) ([]ClaimedMail, error) {
	var rows []outboxRow
	var first time.Time
	var turn time.Duration
	err := s.write(ctx, func(tx *gorm.DB) error {
		campaigns, err := rowsOf[campaignRow](tx, skipLocked).Where("id = ? AND status = 'running'", id).Find(ctx)
		if err != nil || len(campaigns) == 0 {
			return err
		}
		now := s.now()
		turn = time.Minute / time.Duration(campaigns[0].PerMinute)
		if first = campaigns[0].NextSendAt.UTC(); first.Before(now) {
			first = now
		}
		turns := int(now.Add(claim.Ahead).Sub(first)/turn) + 1
		if first.After(now.Add(claim.Ahead)) {
			return nil
		}
		claim.Limit = min(claim.Limit, turns)
		if rows, err = s.claimRows(ctx, tx, claim, id); err != nil || len(rows) == 0 {
			return err
		}
		next := stored(first.Add(time.Duration(len(rows)) * turn))
		_, err = rowsOf[campaignRow](tx).Where("id = ?", id).Update(ctx, "next_send_at", next)
		return err
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	for i := range rows {
		rows[i].DueAt = first.Add(time.Duration(i) * turn)
	}
	return s.addressed(ctx, rows, id, claim.holder)
}

type addressedRow struct {
	ID             string
	InvitationID   string
	TokenHash      []byte
	LinkGeneration sql.NullInt64
	Email          sql.NullString
	Name           sql.NullString
	Language       sql.NullString
	Organization   string
	StudyID        string
	ClosesAt       sql.NullTime
	Zone           string
}

// addressed puts to each message whom it goes to and what stands in it.
func (s *Store) addressed(ctx context.Context, rows []outboxRow, campaign, holder string) ([]ClaimedMail, error) {
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	people, err := raw[addressedRow](ctx, s, `SELECT x.id, i.id AS invitation_id, i.token_hash, r.link_generation, r.email, r.name, r.language,
		o.name AS organization, w.study_id, w.closes_at, w.zone FROM outbox x JOIN invitations i ON i.id = x.invitation_id
		JOIN organizations o ON o.id = i.organization_id JOIN waves w ON w.id = i.wave_id
		LEFT JOIN respondents r ON r.invitation_id = i.id WHERE x.id IN ?`, ids)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	byID := make(map[string]addressedRow, len(people))
	for _, p := range people {
		byID[p.ID] = p
	}
	study, err := s.StudyByID(ctx, survey.StudyID(people[0].StudyID))
	if err != nil {
		return nil, err
	}
	frozen, err := list(ctx, s, func(r campaignTextRow) survey.MailText {
		return survey.MailText{Kind: survey.MailKind(rows[0].Kind), Language: r.Language, Subject: r.Subject, Body: r.Body}
	}, "language", "campaign_id = ?", campaign)
	if err != nil {
		return nil, err
	}
	out := make([]ClaimedMail, len(rows))
	for i, row := range rows {
		p := byID[row.ID]
		out[i] = ClaimedMail{ID: survey.MailID(row.ID), Kind: survey.MailKind(row.Kind), SendAt: row.DueAt, Attempts: row.Attempts,
			Invitation: survey.InvitationID(p.InvitationID), Token: linkToken(key, p), OptOut: optOutToken(key, p.InvitationID),
			Email: p.Email.String, Name: p.Name.String, Organization: p.Organization, Study: study, Closes: timeOf(p.ClosesAt).In(survey.ZoneOr(p.Zone)),
			Text: textIn(frozen, p.Language.String), holder: holder}
	}
	return out, nil
}

// linkToken is the token of the invitation, or empty where the stored hash is that
// of another: a link made by hand, or with another key.
func linkToken(key auth.Key, p addressedRow) string {
	token := key.InvitationToken(p.InvitationID, int(p.LinkGeneration.Int64))
	if hash := auth.HashToken(token); string(hash[:]) != string(p.TokenHash) {
		return ""
	}
	return token
}

func textIn(all []survey.MailText, preferred string) survey.MailText {
	language := templates.MailLanguage(preferred)
	for _, text := range all {
		if text.Language == language {
			return text
		}
	}
	return survey.MailText{Language: language}
}
