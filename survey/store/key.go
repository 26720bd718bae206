package store

import (
	"bytes"
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
)

type installationRow struct {
	ID               int
	KeyFingerprint   []byte
	MailTrouble      string
	MailTroubleSince sql.NullTime
}

func (installationRow) TableName() string { return "installation" }

func (s *Store) installation(ctx context.Context) (installationRow, error) {
	return take[installationRow](ctx, s, "id = 1")
}

// HasKey says whether the database was begun with a key: another one must then
// not be made.
func (s *Store) HasKey(ctx context.Context) (bool, error) {
	row, err := s.installation(ctx)
	return len(row.KeyFingerprint) > 0, err
}

// MeetsKey says whether the database was begun with this key, or with none yet, and
// changes nothing. Conflict: with another one.
func (s *Store) MeetsKey(ctx context.Context, key auth.Key) error {
	row, err := s.installation(ctx)
	mark := key.Fingerprint()
	if err == nil && len(row.KeyFingerprint) > 0 && !bytes.Equal(row.KeyFingerprint, mark[:]) {
		return errOtherKey
	}
	return err
}

var errOtherKey = survey.Errorf(survey.Conflict, "the key is not the one with which this database was begun: use that one, with another no link that was sent can be made again")

// UseKey gives the store the key of the installation, which links of mail and the
// list of addresses that want none are made with. The first one that a database
// meets is that of the installation. Conflict: the database was begun with another.
func (s *Store) UseKey(ctx context.Context, key auth.Key) error {
	mark := key.Fingerprint()
	err := s.write(ctx, func(tx *gorm.DB) error {
		first, err := rowsOf[installationRow](tx).Where("id = 1 AND key_fingerprint IS NULL").Update(ctx, "key_fingerprint", mark[:])
		if err != nil || first == 1 {
			return err
		}
		row, err := rowsOf[installationRow](tx).Where("id = 1").Take(ctx)
		if err == nil && !bytes.Equal(row.KeyFingerprint, mark[:]) {
			return errOtherKey
		}
		return err
	})
	if err == nil {
		s.key.Store(&key)
	}
	return err
}

// Key returns the key of the installation. Unavailable: this program was given none.
func (s *Store) Key() (auth.Key, error) {
	if key := s.key.Load(); key != nil {
		return *key, nil
	}
	return auth.Key{}, survey.Errorf(survey.Unavailable, "this program has no key of the installation, so it can neither write to anybody nor read who wants no mail: see \"salesbench help serve\"")
}

// MailTrouble is why no mail leaves at present.
type MailTrouble struct {
	Reason string // empty: none
	Since  time.Time
}

// MailTrouble returns why no mail leaves, as the replicas have last seen it.
func (s *Store) MailTrouble(ctx context.Context) (MailTrouble, error) {
	row, err := s.installation(ctx)
	if err != nil || row.MailTrouble == "" {
		return MailTrouble{}, err
	}
	return MailTrouble{Reason: row.MailTrouble, Since: row.MailTroubleSince.Time.UTC()}, nil
}

// NoteMailTrouble keeps why no mail leaves; an empty reason says that it does again.
func (s *Store) NoteMailTrouble(ctx context.Context, reason string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		change := map[string]any{"mail_trouble": reason}
		before := "mail_trouble <> ''"
		if reason != "" {
			before = "mail_trouble = ''"
		}
		since := sql.NullTime{Time: s.now(), Valid: reason != ""}
		if err := tx.Model(&installationRow{}).Where("id = 1 AND "+before).Update("mail_trouble_since", since).Error; err != nil {
			return err
		}
		return tx.Model(&installationRow{}).Where("id = 1").Updates(change).Error
	})
}
