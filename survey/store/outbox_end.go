package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
)

func optOutToken(key auth.Key, invitation string) string {
	id, err := uuid.Parse(invitation)
	if err != nil {
		return ""
	}
	return key.OptOutToken(id)
}

// heldRow is what decides at the last moment whether a message leaves.
type heldRow struct {
	Kind           string
	CampaignStatus string
	Answered       bool
	Bounced        bool
	OptedOut       bool
	Erased         bool
	OpensAt        time.Time
	ClosesAt       sql.NullTime
}

const selectHeld = `SELECT x.kind, c.status AS campaign_status, ` + hasAnswered + ` AS answered, w.opens_at, w.closes_at,
	r.id IS NULL AS erased, coalesce(` + cameBack + `, false) AS bounced, coalesce(` + wantsNoMail + `, false) AS opted_out
	FROM outbox x JOIN campaigns c ON c.id = x.campaign_id JOIN invitations i ON i.id = x.invitation_id
	JOIN waves w ON w.id = i.wave_id LEFT JOIN respondents r ON r.invitation_id = i.id WHERE x.id = ?`

// HoldMail is the word before a message leaves: it marks it as being sent, durably
// and for the time of the lease, and returns nil. From then on nobody sends it a
// second time by itself. Conflict: it must not leave, because the person has
// answered meanwhile, wants no mail, or the campaign rests or ended; or because the
// lease is over and somebody else has it.
func (s *Store) HoldMail(ctx context.Context, m ClaimedMail, lease time.Duration) error {
	var stays error // what became of the message is kept, although it does not leave
	err := s.write(ctx, func(tx *gorm.DB) error {
		stays = nil
		held, err := rowsOf[outboxRow](tx).Where("id = ? AND status = 'claimed' AND lease_holder = ?", string(m.ID), m.holder).
			Select("status", "leased_until").Updates(ctx, outboxRow{Status: string(survey.MailSending), LeasedUntil: nullTime(s.now().Add(lease))})
		if err != nil {
			return err
		}
		if held == 0 {
			return survey.Errorf(survey.Conflict, "somebody else has this message")
		}
		if m.Single != nil {
			return nil
		}
		rows, err := rowsOf[heldRow](tx).Raw(selectHeld, string(m.ID)).Find(ctx)
		if err != nil {
			return err
		}
		end := s.endOf(rows[0])
		if end == nil {
			return nil
		}
		stays = survey.Errorf(survey.Conflict, "this message must not leave any more")
		return tx.Model(&outboxRow{}).Where("id = ?", string(m.ID)).Updates(end).Error
	})
	return firstOf(err, stays)
}

// endOf says what becomes of a message that must not leave; nil: it may.
func (s *Store) endOf(h heldRow) map[string]any {
	wave := survey.Wave{OpensAt: h.OpensAt, ClosesAt: timeOf(h.ClosesAt)}
	ended := map[string]any{"status": survey.MailSkipped, "ended_at": s.now(), "lease_holder": nil, "leased_until": nil}
	switch {
	case h.CampaignStatus == string(survey.CampaignPaused):
		return map[string]any{"status": survey.MailQueued, "lease_holder": nil, "leased_until": nil}
	case h.CampaignStatus != string(survey.CampaignRunning):
		ended["status"] = survey.MailCancelled
	case h.Erased:
		ended["reason"] = survey.SkipErased
	case h.Answered:
		ended["reason"] = survey.SkipAnswered
	case h.OptedOut:
		ended["reason"] = survey.SkipOptedOut
	case h.Bounced:
		ended["status"], ended["reason"] = survey.MailBounced, "mail to the address came back before"
	case wave.State(s.now()) == survey.WaveClosed:
		ended["reason"] = survey.SkipClosed
	default:
		return nil
	}
	return ended
}

// MailOutcome is what became of a message that was claimed.
type MailOutcome struct {
	Status    survey.MailStatus // MailSent, MailQueued (to be tried again), MailFailed, MailBounced or MailUncertain
	Reason    string            // without any address
	SMTP      string            // enhanced status of a bounce
	Again     time.Time         // of MailQueued: when
	Unblamed  bool              // of MailQueued: nothing was tried that the message could be blamed for
	Permanent bool              // of MailFailed: another attempt would give the same
}

// EndMail keeps what became of a message. Whoever has sent it may say so even when
// it was given up as uncertain meanwhile. Conflict: somebody else has it.
func (s *Store) EndMail(ctx context.Context, m ClaimedMail, o MailOutcome) error {
	change := map[string]any{"status": o.Status, "reason": o.Reason, "leased_until": nil}
	switch o.Status {
	case survey.MailQueued:
		change["due_at"], change["lease_holder"] = stored(o.Again), nil
		if !o.Unblamed {
			change["attempts"] = gorm.Expr("attempts + 1")
		}
	case survey.MailUncertain:
		change["ended_at"] = s.now()
	default:
		change["ended_at"], change["lease_holder"], change["sealed"] = s.now(), nil, nil
		change["attempts"] = gorm.Expr("attempts + 1")
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		result := tx.Model(&outboxRow{}).Where("id = ? AND lease_holder = ? AND status IN ('claimed', 'sending', 'uncertain')", string(m.ID), m.holder).Updates(change)
		switch {
		case result.Error != nil:
			return result.Error
		case result.RowsAffected == 0:
			return survey.Errorf(survey.Conflict, "somebody else has this message")
		case o.Status != survey.MailBounced || m.Email == "":
			return nil
		}
		key, err := s.Key()
		if err != nil {
			return err
		}
		address := key.AddressHash(m.Email)
		return putBounce(ctx, tx, bounceRow{AddressHash: address[:], Status: o.SMTP, Reason: o.Reason, Source: "smtp", HappenedAt: s.now()})
	})
}

// Reclaimed are messages whose sender is gone.
type Reclaimed struct {
	Queued    int // had surely not left: others take them
	Uncertain int // may have left: a person decides
}

// MailLost says whether ReclaimMail would find something, without writing.
func (s *Store) MailLost(ctx context.Context) (bool, error) {
	rows, err := raw[struct{ Lost bool }](ctx, s, "SELECT EXISTS (SELECT 1 FROM outbox WHERE status IN ('claimed', 'sending') AND leased_until < ?) AS lost", s.now())
	return err == nil && rows[0].Lost, err
}

// ReclaimMail takes back messages whose lease is over.
func (s *Store) ReclaimMail(ctx context.Context) (Reclaimed, error) {
	var back Reclaimed
	err := s.write(ctx, func(tx *gorm.DB) error {
		now := s.now()
		queued := tx.Model(&outboxRow{}).Where("status = 'claimed' AND leased_until < ?", now).
			Updates(map[string]any{"status": survey.MailQueued, "lease_holder": nil, "leased_until": nil})
		if queued.Error != nil {
			return queued.Error
		}
		// The holder stays: if it lives after all, its word counts.
		lost := tx.Model(&outboxRow{}).Where("status = 'sending' AND leased_until < ?", now).
			Updates(map[string]any{"status": survey.MailUncertain, "reason": "the sender ended before the answer of the mail server was kept", "leased_until": nil, "ended_at": now})
		back = Reclaimed{Queued: int(queued.RowsAffected), Uncertain: int(lost.RowsAffected)}
		return lost.Error
	})
	return back, err
}

// DecideMail settles an uncertain message: it is sent again, perhaps a second time,
// or counts as sent. NotFound. Conflict: it is not uncertain.
func (s *Store) DecideMail(ctx context.Context, id survey.MailID, again bool) error {
	if err := known("message", id); err != nil {
		return err
	}
	change := map[string]any{"status": survey.MailSent, "lease_holder": nil, "sealed": nil}
	if again {
		change = map[string]any{"status": survey.MailQueued, "reason": "", "lease_holder": nil, "ended_at": nil, "due_at": s.now()}
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		result := tx.Model(&outboxRow{}).Where("id = ? AND status = 'uncertain'", string(id)).Updates(change)
		if result.Error != nil {
			return result.Error
		}
		row, err := rowsOf[outboxRow](tx).Where("id = ?", string(id)).Take(ctx)
		if err != nil {
			return named(translate(err), "this message does not exist")
		}
		if result.RowsAffected == 0 {
			return survey.Errorf(survey.Conflict, "the message is %s, there is nothing to decide", row.Status)
		}
		decided := "counts as sent"
		if again {
			decided = "is sent again"
		}
		tell(ctx, changes{list: []string{"message " + string(id) + " " + decided}})
		if !again || !row.CampaignID.Valid {
			return nil
		}
		// A campaign that was done has something to do again.
		_, err = rowsOf[campaignRow](tx).Where("id = ? AND status = 'done'", row.CampaignID.String).
			Select("status", "ended_at").Updates(ctx, campaignRow{Status: string(survey.CampaignRunning)})
		return err
	})
}

const openMail = "EXISTS (SELECT 1 FROM outbox x WHERE x.campaign_id = campaigns.id AND x.status IN ('queued', 'claimed', 'sending'))"

const (
	campaignDone = "status = 'running' AND queued_at IS NOT NULL AND NOT " + openMail
	campaignDue  = "((status = 'planned' AND scheduled_at <= ?) OR (status = 'running' AND queued_at IS NULL))"
)

// CampaignsDue says whether a campaign has to be started, put into the outbox or
// closed, without writing.
func (s *Store) CampaignsDue(ctx context.Context) (bool, error) {
	rows, err := raw[struct{ Due bool }](ctx, s, `SELECT EXISTS (SELECT 1 FROM campaigns WHERE (`+campaignDone+`) OR (`+campaignDue+`)
		AND NOT EXISTS (SELECT 1 FROM jobs WHERE kind = 'campaign.queue' AND key = CAST(campaigns.id AS text) AND status IN ('waiting', 'running'))) AS due`, s.now())
	return err == nil && rows[0].Due, err
}

// EndCampaigns closes the running campaigns of which nothing is left to send, in the
// name of by, and returns them.
func (s *Store) EndCampaigns(ctx context.Context, by survey.Actor) ([]survey.Campaign, error) {
	campaigns, err := list(ctx, s, campaignRow.campaign, "id", campaignDone)
	var ended []survey.Campaign
	for i := 0; i < len(campaigns) && err == nil; i++ {
		var done bool
		if done, err = s.endCampaign(ctx, by, campaigns[i]); done {
			ended = append(ended, campaigns[i])
		}
	}
	return ended, err
}

func (s *Store) endCampaign(ctx context.Context, by survey.Actor, c survey.Campaign) (done bool, err error) {
	wave, err := s.WaveByID(ctx, c.WaveID)
	if err != nil {
		return false, err
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		ended, err := rowsOf[campaignRow](tx).Where("id = ?", string(c.ID)).Where(campaignDone).
			Select("status", "ended_at").Updates(ctx, campaignRow{Status: string(survey.CampaignDone), EndedAt: nullTime(s.now())})
		if done = ended > 0; err != nil || !done {
			return err
		}
		return s.record(ctx, tx, by, CampaignDeed("mailing.done", wave, c))
	})
	return done, err
}

// CampaignDeed is what the audit log tells of a sending.
func CampaignDeed(action string, wave survey.Wave, c survey.Campaign) Deed {
	return Deed{Action: action, Object: "wave " + wave.Key, Study: wave.StudyID, Detail: string(c.Kind) + ", sending " + string(c.ID)}
}
