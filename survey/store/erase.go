package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Erased says what an erasure has removed.
type Erased struct {
	Responses int `json:"responses"`
	Drafts    int `json:"drafts"`
	Contacts  int `json:"contacts"` // names and addresses
	Links     int `json:"links"`    // invitations that lead nowhere any more and name nobody
	Mail      int `json:"mail"`     // messages that were waiting
	// Sent are the messages that had left before. Where they were written to a folder
	// MailFiles of them are removed, as far as whoever erases has the folder; replicas
	// with another folder remove theirs within a minute.
	Sent      int `json:"mail_sent"`
	MailFiles int `json:"mail_files"`
	// AnswersStay says that answers may be there still: in an anonymous wave only the
	// receipt leads to them.
	AnswersStay bool `json:"answers_stay,omitempty"`
	// InLog says that older states of the SQLite file could not be removed from its
	// log, because somebody was reading; the next erasure or the end of the service does.
	InLog bool `json:"in_log,omitempty"`
}

func (e Erased) nothing() bool { return e.Responses+e.Drafts+e.Contacts+e.Links+e.Mail+e.Sent == 0 }

// words are for the audit log: counts, and nothing about whom.
func (e Erased) words() string {
	return fmt.Sprintf("%d responses, %d drafts, %d contacts, %d links, %d waiting messages, %d that had left", e.Responses, e.Drafts, e.Contacts, e.Links, e.Mail, e.Sent)
}

// Add counts what another erasure has removed.
func (e *Erased) Add(other Erased) {
	e.Responses, e.Drafts, e.Contacts = e.Responses+other.Responses, e.Drafts+other.Drafts, e.Contacts+other.Contacts
	e.Links, e.Mail, e.AnswersStay = e.Links+other.Links, e.Mail+other.Mail, e.AnswersStay || other.AnswersStay
	e.Sent, e.MailFiles, e.InLog = e.Sent+other.Sent, e.MailFiles+other.MailFiles, e.InLog || other.InLog
}

// EraseByReceipt removes the response with the receipt for good, and, in a wave that
// is not anonymous, everything that is known of whoever gave it. Panels of all
// replicas follow within a second. Invalid: no receipt code; NotFound: no such wave,
// or none with the code.
func (s *Store) EraseByReceipt(ctx context.Context, by survey.Actor, wave survey.WaveID, code string) (Erased, error) {
	receipt, ok := auth.ParseReceiptCode(code)
	if !ok {
		return Erased{}, survey.Errorf(survey.Invalid, "this is no receipt code: one has the form 7KQM-2XWD-9RTC, and a slip of the pen shows")
	}
	return s.erase(ctx, by, wave, "person.erase by receipt", func(tx *gorm.DB, e *Erased) error {
		row, err := rowsOf[responseRow](tx).Select("position", "id", "invitation_id").Where("wave_id = ? AND receipt_code = ?", string(wave), receipt).Take(ctx)
		if err != nil {
			return named(translate(err), "no response of this wave has the receipt %s", receipt)
		}
		if row.InvitationID.Valid {
			return s.eraseInvited(ctx, tx, wave, row.InvitationID.String, e)
		}
		return eraseResponses(ctx, tx, wave, []responseRow{row}, e)
	})
}

// EraseByInvitation removes for good what is known of whoever was invited: contact
// data, draft, mail and the invitation itself, so that nobody counts it any more; in a
// wave that is not anonymous the response too. NotFound.
func (s *Store) EraseByInvitation(ctx context.Context, by survey.Actor, wave survey.WaveID, invitation survey.InvitationID) (Erased, error) {
	if err := known("invitation", invitation); err != nil {
		return Erased{}, err
	}
	return s.erase(ctx, by, wave, "person.erase by invitation", func(tx *gorm.DB, e *Erased) error {
		return s.eraseInvited(ctx, tx, wave, string(invitation), e)
	})
}

// erase runs one erasure in a transaction, then clears what the file still holds.
func (s *Store) erase(ctx context.Context, by survey.Actor, wave survey.WaveID, action string, fn func(tx *gorm.DB, e *Erased) error) (Erased, error) {
	var e Erased
	err := s.review(ctx, wave, nil, func(tx *gorm.DB, at *reviewed) error {
		e = Erased{}
		if err := fn(tx, &e); err != nil {
			return err
		}
		if e.nothing() {
			return survey.Errorf(survey.NotFound, "nothing is known of this person in wave %s", at.wave.Key)
		}
		action, how, _ := strings.Cut(action, " ")
		return s.record(ctx, tx, by, Deed{Action: action, Object: "wave " + at.wave.Key, Study: at.wave.StudyID, Detail: how + ": " + e.words()})
	})
	if err != nil {
		return Erased{}, err
	}
	s.places.forget()
	e.InLog = !s.clearLog(ctx)
	return e, nil
}

// eraseInvited removes an invitation and everything about it.
func (s *Store) eraseInvited(ctx context.Context, tx *gorm.DB, wave survey.WaveID, invitation string, e *Erased) error {
	facts, err := s.facts(ctx, wave)
	if err != nil {
		return err
	}
	there, err := rowsOf[invitationRow](tx, clause.Locking{Strength: "UPDATE"}).Where("wave_id = ? AND id = ?", string(wave), invitation).Take(ctx)
	if err != nil {
		return named(translate(err), "this wave has no such invitation")
	}
	e.AnswersStay = facts.mode == survey.Anonymous && there.UsedAt.Valid
	rows, err := rowsOf[responseRow](tx).Select("position", "id", "invitation_id").Where("wave_id = ? AND invitation_id = ?", string(wave), invitation).Find(ctx)
	if err != nil {
		return err
	}
	if err := eraseResponses(ctx, tx, wave, rows, e); err != nil {
		return err
	}
	if e.Drafts, err = rowsOf[draftRow](tx).Where("invitation_id = ?", invitation).Delete(ctx); err != nil {
		return err
	}
	if err := eraseBounces(tx, invitation); err != nil {
		return err
	}
	if err := s.eraseContact(ctx, tx, invitation, e); err != nil {
		return err
	}
	if _, err := rowsOf[outboxRow](tx).Where("invitation_id = ?", invitation).Delete(ctx); err != nil {
		return err
	}
	e.Links, err = rowsOf[invitationRow](tx).Where("id = ?", invitation).Delete(ctx)
	return err
}

// eraseBounces forgets that an address was refused, unless somebody else is known
// under it. That an address wants no mail is kept: it is only a hash, and the wish holds.
func eraseBounces(tx *gorm.DB, invitation string) error {
	return tx.Exec(`DELETE FROM bounces WHERE address_hash IN (SELECT r.email_hash FROM respondents r WHERE r.invitation_id = ?
		AND NOT EXISTS (SELECT 1 FROM respondents o WHERE o.email_hash = r.email_hash AND o.invitation_id <> r.invitation_id))`, invitation).Error
}

// eraseResponses removes responses and what was decided about them, and counts them:
// their positions are not given again.
func eraseResponses(ctx context.Context, tx *gorm.DB, wave survey.WaveID, rows []responseRow, e *Erased) error {
	for _, row := range rows {
		n, err := rowsOf[responseRow](tx).Where("wave_id = ? AND position = ?", string(wave), row.Position).Delete(ctx)
		if err != nil {
			return err
		}
		if _, err := rowsOf[exclusionRow](tx).Where("wave_id = ? AND response_id = ?", string(wave), row.ID).Delete(ctx); err != nil {
			return err
		}
		e.Responses += n
	}
	if e.Responses == 0 {
		return nil
	}
	_, err := rowsOf[wavePositionRow](tx).Where("wave_id = ?", string(wave)).Update(ctx, "removed", gorm.Expr("removed + ?", e.Responses))
	return err
}

// clearPatience is how long clearLog tries while somebody else has the log at hand.
const clearPatience = time.Second

// clearLog takes older states out of the write-ahead log of an SQLite file; the file
// itself overwrites what is removed. PostgreSQL keeps its log as it was set up.
func (s *Store) clearLog(ctx context.Context) bool {
	if s.dialect != onSQLite {
		return true
	}
	pool, err := s.writer.DB()
	if err != nil {
		return false
	}
	defer s.lite.checkpoints.pause()()
	bounded, cancel := context.WithTimeout(ctx, clearPatience)
	defer cancel()
	again := time.NewTicker(clearPatience / 50)
	defer again.Stop()
	for {
		var busy, pages, moved int
		err := pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
		if err == nil && busy == 0 {
			return true
		}
		select {
		case <-again.C: // a service, too, brings its log over, and nobody is made to wait for that
		case <-bounded.Done():
			return false
		}
	}
}

// InvitationsOf finds the invitations of a person in a wave by the reference of the
// roster, of one organization or of all. NotFound: no such wave.
func (s *Store) InvitationsOf(ctx context.Context, wave survey.WaveID, organization survey.OrganizationID, reference string) ([]survey.Invitation, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	all, err := list(ctx, s, invitationRow.invitation, "created_at, id", "wave_id = ? AND reference = ?", string(wave), reference)
	return slices.DeleteFunc(all, func(i survey.Invitation) bool { return organization != "" && i.OrganizationID != organization }), err
}

// PersonsByEmail finds whom an address belongs to, in all waves. Invalid: no address.
func (s *Store) PersonsByEmail(ctx context.Context, email string) ([]survey.Respondent, error) {
	if err := required("the address", email); err != nil {
		return nil, err // people without one have a blank one
	}
	rows, err := raw[listedRespondent](ctx, s, selectRespondents+"WHERE lower(r.email) = ? ORDER BY r.id", strings.ToLower(strings.TrimSpace(email)))
	people := make([]survey.Respondent, len(rows))
	for i, row := range rows {
		people[i] = row.respondent()
	}
	return people, err
}
