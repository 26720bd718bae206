package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type campaignRow struct {
	ID            string
	WaveID        string
	Kind          string
	Status        string
	PerMinute     int
	Organizations string // ids as a JSON list; empty: all
	Teams         string
	ScheduledAt   sql.NullTime
	QueuedAt      sql.NullTime
	NextSendAt    time.Time
	CreatedAt     time.Time
	StartedAt     sql.NullTime
	EndedAt       sql.NullTime
}

func (campaignRow) TableName() string { return "campaigns" }

func (r campaignRow) campaign() survey.Campaign {
	return survey.Campaign{ID: survey.CampaignID(r.ID), WaveID: survey.WaveID(r.WaveID), Kind: survey.MailKind(r.Kind),
		Status: survey.CampaignStatus(r.Status), PerMinute: r.PerMinute,
		Organizations: idsOf[survey.OrganizationID](r.Organizations), Teams: idsOf[survey.TeamID](r.Teams),
		ScheduledAt: timeOf(r.ScheduledAt), QueuedAt: timeOf(r.QueuedAt), CreatedAt: r.CreatedAt.UTC(),
		StartedAt: timeOf(r.StartedAt), EndedAt: timeOf(r.EndedAt)}
}

// timeOf is the zero time where nothing is stored.
func timeOf(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
}

func nullTime(t time.Time) sql.NullTime {
	return sql.NullTime{Time: stored(t), Valid: !t.IsZero()}
}

func idsOf[T ~string](list string) []T {
	var ids []T
	// Written by listOf only; an empty list is none.
	_ = json.Unmarshal([]byte(list), &ids)
	return ids
}

func listOf[T ~string](ids []T) string {
	if len(ids) == 0 {
		return ""
	}
	list, err := json.Marshal(ids)
	if err != nil {
		panic(err) // a list of texts can be written
	}
	return string(list)
}

// Rates of campaigns. Above the highest a mail server would take the sender for a
// source of spam.
const (
	DefaultPerMinute = 120
	HighestPerMinute = 6000
)

// PlanCampaign keeps a campaign of invitations or reminders that starts at its
// time, or where it has none when StartCampaign says so, and returns it with its
// id. Invalid: another kind of mail, a rate out of bounds, an organization or team
// that is not of the study. Closed: the wave is over.
func (s *Store) PlanCampaign(ctx context.Context, c survey.Campaign) (survey.Campaign, error) {
	if c.PerMinute == 0 {
		c.PerMinute = DefaultPerMinute
	}
	wave, err := s.WaveByID(ctx, c.WaveID)
	if err != nil {
		return survey.Campaign{}, err
	}
	switch {
	case c.Kind != survey.InvitationMail && c.Kind != survey.ReminderMail:
		return survey.Campaign{}, survey.Errorf(survey.Invalid, "a campaign sends invitations or reminders, not %q", c.Kind)
	case c.PerMinute < 1 || c.PerMinute > HighestPerMinute:
		return survey.Campaign{}, survey.Errorf(survey.Invalid, "%d messages a minute is not between 1 and %d", c.PerMinute, HighestPerMinute)
	case wave.State(s.now()) == survey.WaveClosed:
		return survey.Campaign{}, survey.Errorf(survey.Closed, "wave %s is over: nobody could answer any more", wave.Key)
	case !c.ScheduledAt.IsZero() && !wave.ClosesAt.IsZero() && !c.ScheduledAt.Before(wave.ClosesAt):
		return survey.Campaign{}, survey.Errorf(survey.Invalid, "the sending would begin when wave %s is over: choose an earlier time", wave.Key)
	}
	if err := s.checkFilter(ctx, c); err != nil {
		return survey.Campaign{}, err
	}
	now := s.now()
	row := campaignRow{ID: newID(), WaveID: string(c.WaveID), Kind: string(c.Kind), Status: string(survey.CampaignPlanned), PerMinute: c.PerMinute,
		Organizations: listOf(c.Organizations), Teams: listOf(c.Teams), ScheduledAt: nullTime(c.ScheduledAt), NextSendAt: now, CreatedAt: now}
	err = s.write(ctx, func(tx *gorm.DB) error {
		names, err := placesOfStudy(ctx, tx, string(wave.StudyID))
		if err != nil {
			return err
		}
		tell(ctx, names.campaign(c, row.ID))
		return rowsOf[campaignRow](tx).Create(ctx, &row)
	})
	return row.campaign(), err
}

// checkFilter refuses organizations of another study, and teams of an organization
// that the campaign leaves out.
func (s *Store) checkFilter(ctx context.Context, c survey.Campaign) error {
	for _, o := range c.Organizations {
		if err := s.checkPlace(ctx, c.WaveID, o); err != nil {
			return err
		}
	}
	for _, id := range c.Teams {
		if err := known("team", id); err != nil {
			return survey.Errorf(survey.Invalid, orphanMessage)
		}
		team, err := take[teamRow](ctx, s, "id = ?", string(id))
		if err != nil {
			return named(err, "this team does not exist")
		}
		if err := s.checkPlace(ctx, c.WaveID, survey.OrganizationID(team.OrganizationID)); err != nil {
			return err
		}
	}
	return nil
}

// CampaignByID finds a campaign. NotFound.
func (s *Store) CampaignByID(ctx context.Context, id survey.CampaignID) (survey.Campaign, error) {
	if err := known("campaign", id); err != nil {
		return survey.Campaign{}, err
	}
	row, err := take[campaignRow](ctx, s, "id = ?", string(id))
	return row.campaign(), named(err, "this campaign does not exist")
}

// Campaigns lists the campaigns of a wave, the newest first.
func (s *Store) Campaigns(ctx context.Context, wave survey.WaveID) ([]survey.Campaign, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	return list(ctx, s, campaignRow.campaign, "created_at DESC, id", "wave_id = ?", string(wave))
}

// DueCampaigns lists the planned campaigns whose time has come, and the running
// ones whose messages do not all stand in the outbox yet.
func (s *Store) DueCampaigns(ctx context.Context) ([]survey.Campaign, error) {
	return list(ctx, s, campaignRow.campaign, "created_at, id", campaignDue, s.now())
}

// StartCampaign starts a planned campaign now. Starting one that runs changes
// nothing. NotFound. Conflict: it has ended. Closed: the wave is over.
func (s *Store) StartCampaign(ctx context.Context, id survey.CampaignID) (survey.Campaign, error) {
	return s.turnCampaign(ctx, id, func(ctx context.Context, tx *gorm.DB, c *campaignRow) error {
		if c.Status != string(survey.CampaignPlanned) {
			return notEnded(c, "started")
		}
		wave, err := rowsOf[waveRow](tx).Where("id = ?", c.WaveID).Take(ctx)
		if err != nil {
			return err
		}
		if wave.wave().State(s.now()) == survey.WaveClosed {
			return survey.Errorf(survey.Closed, "wave %s is over: nobody could answer any more", wave.Key)
		}
		c.Status, c.StartedAt, c.NextSendAt = string(survey.CampaignRunning), nullTime(s.now()), s.now()
		return s.freezeTexts(ctx, tx, c)
	})
}

func notEnded(c *campaignRow, wanted string) error {
	if c.Status == string(survey.CampaignDone) || c.Status == string(survey.CampaignCancelled) {
		return survey.Errorf(survey.Conflict, "the campaign is %s and can not be %s any more: make a new one", c.Status, wanted)
	}
	return nil
}

type campaignTextRow struct {
	CampaignID string
	Language   string
	Subject    string
	Body       string
}

func (campaignTextRow) TableName() string { return "campaign_texts" }

// freezeTexts keeps the texts of the moment: whoever changes them later does so for
// later campaigns.
func (s *Store) freezeTexts(ctx context.Context, tx *gorm.DB, c *campaignRow) error {
	rows, err := rowsOf[mailTextRow](tx).Where("wave_id = ? AND kind = ?", c.WaveID, c.Kind).Find(ctx)
	if err != nil {
		return err
	}
	own := make([]survey.MailText, len(rows))
	for i, row := range rows {
		own[i] = row.text()
	}
	var frozen []campaignTextRow
	for _, text := range waveTexts(survey.MailKind(c.Kind), own) {
		frozen = append(frozen, campaignTextRow{CampaignID: c.ID, Language: text.Language, Subject: text.Subject, Body: text.Body})
	}
	return createAll(ctx, tx, frozen)
}

// PauseCampaign stops sending until ResumeCampaign; a message that is on its way
// arrives. NotFound. Conflict: it has ended, or not begun.
func (s *Store) PauseCampaign(ctx context.Context, id survey.CampaignID) (survey.Campaign, error) {
	return s.turnCampaign(ctx, id, func(_ context.Context, _ *gorm.DB, c *campaignRow) error {
		if c.Status == string(survey.CampaignPlanned) {
			return survey.Errorf(survey.Conflict, "the campaign has not begun: cancel it, or leave it")
		}
		if err := notEnded(c, "paused"); err != nil {
			return err
		}
		c.Status = string(survey.CampaignPaused)
		return nil
	})
}

// ResumeCampaign goes on with a paused campaign. NotFound. Conflict: it has ended,
// or not begun.
func (s *Store) ResumeCampaign(ctx context.Context, id survey.CampaignID) (survey.Campaign, error) {
	return s.turnCampaign(ctx, id, func(_ context.Context, _ *gorm.DB, c *campaignRow) error {
		if c.Status == string(survey.CampaignPlanned) {
			return survey.Errorf(survey.Conflict, "the campaign has not begun: start it")
		}
		if err := notEnded(c, "resumed"); err != nil {
			return err
		}
		c.Status, c.NextSendAt = string(survey.CampaignRunning), s.now()
		return nil
	})
}

// CancelCampaign ends a campaign: what has not left does not leave. Cancelling it
// again changes nothing. NotFound. Conflict: it is done.
func (s *Store) CancelCampaign(ctx context.Context, id survey.CampaignID) (survey.Campaign, error) {
	return s.turnCampaign(ctx, id, func(_ context.Context, tx *gorm.DB, c *campaignRow) error {
		switch c.Status {
		case string(survey.CampaignCancelled):
			return nil
		case string(survey.CampaignDone):
			return notEnded(c, "cancelled")
		}
		c.Status, c.EndedAt = string(survey.CampaignCancelled), nullTime(s.now())
		return tx.Model(&outboxRow{}).Where("campaign_id = ? AND status IN ('queued', 'claimed')", c.ID).
			Updates(map[string]any{"status": survey.MailCancelled, "ended_at": s.now()}).Error
	})
}

// turnCampaign changes the state of a campaign that nobody else changes meanwhile.
func (s *Store) turnCampaign(ctx context.Context, id survey.CampaignID, turn func(context.Context, *gorm.DB, *campaignRow) error) (survey.Campaign, error) {
	if err := known("campaign", id); err != nil {
		return survey.Campaign{}, err
	}
	var row campaignRow
	err := s.write(ctx, func(tx *gorm.DB) error {
		var err error
		if row, err = rowsOf[campaignRow](tx, clause.Locking{Strength: "UPDATE"}).Where("id = ?", string(id)).Take(ctx); err != nil {
			return err
		}
		if err := turn(ctx, tx, &row); err != nil {
			return err
		}
		_, err = rowsOf[campaignRow](tx).Where("id = ?", row.ID).
			Select("status", "queued_at", "next_send_at", "started_at", "ended_at").Updates(ctx, row)
		return err
	})
	return row.campaign(), named(err, "this campaign does not exist")
}

// CountCampaign says what became of the messages of a campaign. NotFound.
func (s *Store) CountCampaign(ctx context.Context, id survey.CampaignID) (survey.CampaignCounts, error) {
	if _, err := s.CampaignByID(ctx, id); err != nil {
		return survey.CampaignCounts{}, err
	}
	type group struct {
		Status string
		Reason string
		N      int
	}
	// A reason is one of a few words for skipped messages only.
	groups, err := raw[group](ctx, s, `SELECT status, CASE WHEN status = 'skipped' THEN reason ELSE '' END AS reason, count(*) AS n
		FROM outbox WHERE campaign_id = ? GROUP BY 1, 2`, string(id))
	var c survey.CampaignCounts
	for _, g := range groups {
		if !c.Add(survey.MailStatus(g.Status), g.Reason, g.N) {
			return c, survey.Errorf(survey.Internal, "%s", fmt.Sprintf("a message has the unknown state %s %s", g.Status, g.Reason))
		}
	}
	return c, err
}
