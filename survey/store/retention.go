package store

import (
	"context"
	"strconv"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type retentionRow struct {
	StudyID      string
	IdentityDays int
	DraftDays    int
	ResponseDays int
}

func (retentionRow) TableName() string { return "retention" }

// Retention returns how long a study keeps what it has collected.
func (s *Store) Retention(ctx context.Context, study survey.StudyID) (survey.Retention, error) {
	if err := known("study", study); err != nil {
		return survey.Retention{}, err
	}
	row, err := take[retentionRow](ctx, s, "study_id = ?", string(study))
	if survey.KindOf(err) == survey.NotFound {
		err = nil
	}
	return survey.Retention{IdentityDays: row.IdentityDays, DraftDays: row.DraftDays, ResponseDays: row.ResponseDays}, err
}

// SetRetention says how long a study keeps what it has collected. Invalid: such a
// period can not be. NotFound: no such study.
func (s *Store) SetRetention(ctx context.Context, by survey.Actor, study survey.StudyID, r survey.Retention) error {
	if err := firstOf(known("study", study), survey.CheckRetention(r)); err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		owner, err := rowsOf[studyRow](tx).Where("id = ?", string(study)).Take(ctx)
		if err != nil {
			return named(translate(err), "this study does not exist")
		}
		old, err := before[retentionRow](ctx, tx, "study_id = ?", string(study))
		if err != nil {
			return err
		}
		row := retentionRow{string(study), r.IdentityDays, r.DraftDays, r.ResponseDays}
		update := clause.OnConflict{Columns: []clause.Column{{Name: "study_id"}}, DoUpdates: clause.AssignmentColumns([]string{"identity_days", "draft_days", "response_days"})}
		if err := rowsOf[retentionRow](tx, update).Create(ctx, &row); err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "retention.set", Object: "study " + owner.Key, Study: study,
			Detail: old.changed(row).words()})
	})
}

// changed are what the periods become, for the audit log.
func (r retentionRow) changed(now retentionRow) changes {
	days := func(n int) string {
		if n == 0 {
			return "no limit"
		}
		return strconv.Itoa(n) + " days"
	}
	var c changes
	c.value("identity", days(r.IdentityDays), days(now.IdentityDays))
	c.value("drafts", days(r.DraftDays), days(now.DraftDays))
	c.value("responses", days(r.ResponseDays), days(now.ResponseDays))
	return c
}

// RetentionStep is what of a wave has been kept for long enough.
type RetentionStep struct {
	Wave survey.Wave
	Part survey.RetentionPart
}

// RetentionDue lists what has been kept for long enough and is there still.
func (s *Store) RetentionDue(ctx context.Context) ([]RetentionStep, error) {
	rows, err := list(ctx, s, func(r retentionRow) retentionRow { return r }, "study_id", "identity_days > 0 OR draft_days > 0 OR response_days > 0")
	if err != nil {
		return nil, err
	}
	var due []RetentionStep
	for _, row := range rows {
		waves, err := s.Waves(ctx, survey.StudyID(row.StudyID))
		if err != nil {
			return nil, err
		}
		for _, wave := range waves {
			r := survey.Retention{IdentityDays: row.IdentityDays, DraftDays: row.DraftDays, ResponseDays: row.ResponseDays}
			for _, part := range r.Due(wave, s.now()) {
				there, err := s.stillThere(ctx, wave.ID, part)
				if err != nil {
					return nil, err
				}
				if there {
					due = append(due, RetentionStep{wave, part})
				}
			}
		}
	}
	return due, nil
}

// stillKept says of each part where it is kept.
var stillKept = map[survey.RetentionPart][]string{
	survey.KeptIdentity: {"respondents WHERE wave_id = ?", "invitations WHERE wave_id = ? AND reference IS NOT NULL",
		"responses WHERE wave_id = ? AND invitation_id IS NOT NULL", "spent_links WHERE wave_id = ?"},
	survey.KeptDrafts:    {"drafts WHERE wave_id = ?"},
	survey.KeptResponses: {"responses WHERE wave_id = ?"},
}

func (s *Store) stillThere(ctx context.Context, wave survey.WaveID, part survey.RetentionPart) (bool, error) {
	for _, place := range stillKept[part] {
		var there bool
		err := s.read(ctx, func(db *gorm.DB) error {
			return db.Raw("SELECT EXISTS (SELECT 1 FROM "+place+")", string(wave)).Scan(&there).Error
		})
		if there || err != nil {
			return there, err
		}
	}
	return false, nil
}

// RetentionDone is what one step has removed.
type RetentionDone struct {
	RetentionStep
	Erased
}

// retentionRows is how many responses are changed in one transaction: whoever
// submits to another wave meanwhile waits for one of them only.
const retentionRows = 5000

// KeepRetention removes for good what has been kept for long enough. Broken off it
// has removed some of it; the next one goes on. It stops at the first step that
// fails and returns what was done.
func (s *Store) KeepRetention(ctx context.Context, by survey.Actor) ([]RetentionDone, error) {
	due, err := s.RetentionDue(ctx)
	if err != nil {
		return nil, err
	}
	var done []RetentionDone
	for _, step := range due {
		d := RetentionDone{RetentionStep: step}
		switch step.Part {
		case survey.KeptIdentity:
			err = s.dropIdentity(ctx, by, &d)
		case survey.KeptDrafts:
			err = s.dropDrafts(ctx, by, &d)
		default:
			err = s.dropResponses(ctx, by, &d)
		}
		if err != nil {
			return done, err
		}
		done = append(done, d)
	}
	if len(done) > 0 {
		s.places.forget()
		cleared := s.clearLog(ctx)
		for i := range done {
			done[i].InLog = !cleared
		}
	}
	return done, nil
}

func (d *RetentionDone) deed() Deed {
	return Deed{Action: "retention." + string(d.Part), Object: "wave " + d.Wave.Key, Study: d.Wave.StudyID, Detail: d.words()}
}

// dropIdentity removes names, addresses, references and links of a wave, and what
// leads from a response to them.
func (s *Store) dropIdentity(ctx context.Context, by survey.Actor, d *RetentionDone) error {
	wave := string(d.Wave.ID)
	err := s.eachSlice(ctx, d.Wave.ID, func(tx *gorm.DB, from, to int64) error {
		return tx.Exec("UPDATE responses SET invitation_id = NULL, resume_hash = NULL WHERE wave_id = ? AND position > ? AND position <= ? AND (invitation_id IS NOT NULL OR resume_hash IS NOT NULL)", wave, from, to).Error
	})
	if err != nil {
		return err
	}
	nowhere := "randomblob(32)"
	if s.dialect == onPostgres {
		nowhere = "sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))"
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		waiting := tx.Exec("UPDATE outbox SET status = ?, reason = ?, ended_at = ? WHERE status IN ('queued', 'claimed') AND invitation_id IN (SELECT id FROM invitations WHERE wave_id = ?)",
			survey.MailSkipped, survey.SkipErased, s.now(), wave)
		bounces := tx.Exec(`DELETE FROM bounces WHERE address_hash IN (SELECT r.email_hash FROM respondents r WHERE r.wave_id = ?
			AND NOT EXISTS (SELECT 1 FROM respondents o WHERE o.email_hash = r.email_hash AND o.wave_id <> r.wave_id))`, wave)
		left, err := noteErased(tx, s.now(), "invitation_id IN (SELECT id FROM invitations WHERE wave_id = ?)", wave)
		if err != nil {
			return err
		}
		contacts := tx.Exec("DELETE FROM respondents WHERE wave_id = ?", wave)
		links := tx.Exec("UPDATE invitations SET reference = NULL, token_hash = "+nowhere+" WHERE wave_id = ?", wave)
		spent := tx.Exec("DELETE FROM spent_links WHERE wave_id = ?", wave)
		if err := firstOf(waiting.Error, bounces.Error, contacts.Error, links.Error, spent.Error); err != nil {
			return err
		}
		d.Sent, d.Mail, d.Contacts, d.Links = left, int(waiting.RowsAffected), int(contacts.RowsAffected), int(links.RowsAffected)
		return s.record(ctx, tx, by, d.deed())
	})
}

func (s *Store) dropDrafts(ctx context.Context, by survey.Actor, d *RetentionDone) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var err error
		if d.Drafts, err = rowsOf[draftRow](tx).Where("wave_id = ?", string(d.Wave.ID)).Delete(ctx); err != nil {
			return err
		}
		return s.record(ctx, tx, by, d.deed())
	})
}

func (s *Store) dropResponses(ctx context.Context, by survey.Actor, d *RetentionDone) error {
	wave := string(d.Wave.ID)
	err := s.eachSlice(ctx, d.Wave.ID, func(tx *gorm.DB, from, to int64) error {
		if err := revise(ctx, tx, d.Wave.ID); err != nil {
			return err
		}
		n, err := rowsOf[responseRow](tx).Where("wave_id = ? AND position > ? AND position <= ?", wave, from, to).Delete(ctx)
		if err != nil {
			return err
		}
		d.Responses += n
		_, err = rowsOf[wavePositionRow](tx).Where("wave_id = ?", wave).Update(ctx, "removed", gorm.Expr("removed + ?", n))
		return err
	})
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		if _, err := rowsOf[exclusionRow](tx).Where("wave_id = ?", wave).Delete(ctx); err != nil {
			return err
		}
		return s.record(ctx, tx, by, d.deed())
	})
}

// eachSlice runs fn for parts of the positions of a wave, each in a transaction.
func (s *Store) eachSlice(ctx context.Context, wave survey.WaveID, fn func(tx *gorm.DB, from, to int64) error) error {
	standings, err := s.Standings(ctx, []survey.WaveID{wave})
	if err != nil {
		return err
	}
	last := standings[wave].Position
	for from := int64(0); from < last; from += retentionRows {
		if err := s.write(ctx, func(tx *gorm.DB) error { return fn(tx, from, min(from+retentionRows, last)) }); err != nil {
			return err
		}
	}
	return nil
}
