package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/mail"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type outboxRow struct {
	ID           string
	Kind         string
	CampaignID   sql.NullString
	InvitationID sql.NullString
	Sealed       []byte
	Status       string
	Reason       string
	Attempts     int
	DueAt        time.Time
	LeaseHolder  sql.NullString
	LeasedUntil  sql.NullTime
	CreatedAt    time.Time
	EndedAt      sql.NullTime
}

func (outboxRow) TableName() string { return "outbox" }

// SingleMail is a mail that is not part of a campaign, such as a link to choose a
// password. It waits sealed, and nothing of it is kept once it has left.
type SingleMail struct {
	Kind     survey.MailKind `json:"-"`
	Email    string          `json:"email"`
	Name     string          `json:"name"`
	Language string          `json:"language"`
	Subject  string          `json:"subject"`
	Body     string          `json:"body"`
}

// EnqueueMail puts a mail into the outbox. Invalid: the address is none.
// Unavailable: without the key nothing can be sealed.
func (s *Store) EnqueueMail(ctx context.Context, m SingleMail) error {
	return s.write(ctx, func(tx *gorm.DB) error { return s.enqueueMail(ctx, tx, m) })
}

// enqueueMail is EnqueueMail in the transaction of what causes the mail: both are
// kept or neither is.
func (s *Store) enqueueMail(ctx context.Context, tx *gorm.DB, m SingleMail) error {
	key, err := s.Key()
	if err != nil {
		return err
	}
	if err := mail.CheckAddress(mail.Address{Name: m.Name, Email: m.Email}); err != nil {
		return survey.Errorf(survey.Invalid, "%s", err.Error())
	}
	plain, err := json.Marshal(m)
	if err != nil {
		return err
	}
	row := outboxRow{ID: newID(), Kind: string(m.Kind), Status: string(survey.MailQueued), DueAt: s.now(), CreatedAt: s.now()}
	row.Sealed = key.Seal(row.ID, plain)
	return rowsOf[outboxRow](tx).Create(ctx, &row)
}

// QueueStep is how far a campaign has been put into the outbox.
type QueueStep struct {
	After survey.RespondentID // the last one looked at
	Seen  int                 // people of this step
	Done  bool                // nobody is left
}

// queuedPerStep is how many messages are put into the outbox in one transaction.
const queuedPerStep = 1000

type queuedRow struct {
	ID           string
	InvitationID string
	Answered     bool
	Bounced      bool
	OptedOut     bool
	Invited      bool
}

// everInvited finds an invitation by mail in another campaign that has left, or will.
const everInvited = `EXISTS (SELECT 1 FROM outbox x WHERE x.invitation_id = i.id AND x.kind = 'invitation' AND x.campaign_id <> ?
	AND x.status IN ('queued', 'claimed', 'sending', 'sent', 'uncertain'))`

// QueueCampaign puts the next messages of a running campaign into the outbox, after
// those of an earlier step. Doing a step again adds nothing. Conflict: the campaign
// does not run.
func (s *Store) QueueCampaign(ctx context.Context, id survey.CampaignID, after survey.RespondentID) (QueueStep, error) {
	step, err := s.queueStep(ctx, id, after)
	if survey.KindOf(err) == survey.Invalid { // somebody was erased after having been read
		step, err = s.queueStep(ctx, id, after)
	}
	return step, err
}

func (s *Store) queueStep(ctx context.Context, id survey.CampaignID, after survey.RespondentID) (QueueStep, error) {
	c, err := s.CampaignByID(ctx, id)
	if err != nil {
		return QueueStep{}, err
	}
	if c.Status != survey.CampaignRunning && c.Status != survey.CampaignPaused {
		return QueueStep{}, survey.Errorf(survey.Conflict, "the campaign is %s", c.Status)
	}
	people, err := s.campaignPeople(ctx, c, after)
	if err != nil {
		return QueueStep{}, err
	}
	step := QueueStep{After: after, Seen: len(people), Done: len(people) < queuedPerStep}
	if len(people) > 0 {
		step.After = survey.RespondentID(people[len(people)-1].ID)
	}
	rows := make([]outboxRow, len(people))
	for i, p := range people {
		rows[i] = s.queued(c, p)
	}
	_, err = s.turnCampaign(ctx, id, func(ctx context.Context, tx *gorm.DB, row *campaignRow) error {
		if row.Status == string(survey.CampaignCancelled) {
			return survey.Errorf(survey.Conflict, "the campaign is %s", row.Status)
		}
		if step.Done && !row.QueuedAt.Valid {
			row.QueuedAt = nullTime(s.now())
		}
		if len(rows) == 0 {
			return nil
		}
		return rowsOf[outboxRow](tx, clause.OnConflict{DoNothing: true}).CreateInBatches(ctx, &rows, rowsPerInsert)
	})
	return step, err
}

func (s *Store) campaignPeople(ctx context.Context, c survey.Campaign, after survey.RespondentID) ([]queuedRow, error) {
	who, args := campaignWho(c)
	query, args := selectCampaign+who, append([]any{string(c.ID)}, args...)
	if after != "" {
		query, args = query+" AND r.id > ?", append(args, string(after))
	}
	return raw[queuedRow](ctx, s, query+" ORDER BY r.id LIMIT ?", append(args, queuedPerStep)...)
}

func texts[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// queued is a message of the campaign to the person, or the note why there is none.
func (s *Store) queued(c survey.Campaign, p queuedRow) outboxRow {
	row := outboxRow{ID: newID(), Kind: string(c.Kind), CampaignID: optional(c.ID), InvitationID: optional(p.InvitationID),
		Status: string(survey.MailQueued), DueAt: s.now(), CreatedAt: s.now()}
	switch {
	case p.Answered:
		row.Status, row.Reason = string(survey.MailSkipped), survey.SkipAnswered
	case p.OptedOut:
		row.Status, row.Reason = string(survey.MailSkipped), survey.SkipOptedOut
	case p.Bounced:
		row.Status, row.Reason = string(survey.MailBounced), "mail to the address came back before"
	case p.Invited && c.Kind == survey.InvitationMail:
		row.Status, row.Reason = string(survey.MailSkipped), survey.SkipInvited
	default:
		return row
	}
	row.EndedAt = nullTime(row.CreatedAt)
	return row
}

// MailListPage says which messages of a campaign to list.
type MailListPage struct {
	Status survey.MailStatus // empty: all
	After  survey.MailID
	Limit  int // 100 unless set
}

// CampaignMail is one message of a campaign, as those see it who look after it.
type CampaignMail struct {
	ID             survey.MailID
	InvitationID   survey.InvitationID
	OrganizationID survey.OrganizationID
	Reference      string
	Email          string // empty: erased
	Name           string
	Status         survey.MailStatus
	Reason         string // why it was not sent, or not yet
	Attempts       int
	DueAt          time.Time
	EndedAt        time.Time
}

type campaignMailRow struct {
	ID             string
	InvitationID   string
	OrganizationID string
	Reference      sql.NullString
	Email          sql.NullString
	Name           sql.NullString
	Status         string
	Reason         string
	Attempts       int
	DueAt          time.Time
	EndedAt        sql.NullTime
}

// CampaignMails lists the messages of a campaign, in the order in which they were queued.
func (s *Store) CampaignMails(ctx context.Context, id survey.CampaignID, page MailListPage) ([]CampaignMail, error) {
	if err := known("campaign", id); err != nil {
		return nil, err
	}
	query := `SELECT x.id, x.invitation_id, i.organization_id, i.reference, r.email, r.name, x.status, x.reason, x.attempts, x.due_at, x.ended_at
		FROM outbox x JOIN invitations i ON i.id = x.invitation_id LEFT JOIN respondents r ON r.invitation_id = i.id WHERE x.campaign_id = ?`
	args := []any{string(id)}
	if page.Status != "" {
		query, args = query+" AND x.status = ?", append(args, string(page.Status))
	}
	if page.After != "" {
		query, args = query+" AND x.id > ?", append(args, string(page.After))
	}
	limit := page.Limit
	if limit <= 0 {
		limit = 100
	}
	rows, err := raw[campaignMailRow](ctx, s, query+" ORDER BY x.id LIMIT ?", append(args, limit)...)
	mails := make([]CampaignMail, len(rows))
	for i, r := range rows {
		mails[i] = CampaignMail{ID: survey.MailID(r.ID), InvitationID: survey.InvitationID(r.InvitationID), OrganizationID: survey.OrganizationID(r.OrganizationID),
			Reference: r.Reference.String, Email: r.Email.String, Name: r.Name.String, Status: survey.MailStatus(r.Status), Reason: r.Reason,
			Attempts: r.Attempts, DueAt: r.DueAt.UTC(), EndedAt: timeOf(r.EndedAt)}
	}
	return mails, err
}
