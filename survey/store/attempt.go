package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// attemptMemory is how long failed attempts count.
const attemptMemory = time.Hour

type attemptRow struct {
	KeyHash  []byte
	Failures int
	FailedAt time.Time
}

func (attemptRow) TableName() string { return "sign_in_attempts" }

// Attempts are the failures that count against a key, and the last one's time.
type Attempts struct {
	Failures int
	FailedAt time.Time
}

// FailedAttempts returns what counts against the key: an account or an address.
func (s *Store) FailedAttempts(ctx context.Context, key auth.Hash) (Attempts, error) {
	rows, err := list(ctx, s, func(r attemptRow) Attempts { return Attempts{r.Failures, r.FailedAt.UTC()} }, "key_hash",
		"key_hash = ? AND failed_at > ?", key[:], s.now().Add(-attemptMemory))
	if err != nil || len(rows) == 0 {
		return Attempts{}, err
	}
	return rows[0], nil
}

// CountFailure adds a failed attempt to each of the keys. What is older than an hour
// is forgotten first.
func (s *Store) CountFailure(ctx context.Context, keys ...auth.Hash) error {
	now := s.now()
	return s.write(ctx, func(tx *gorm.DB) error {
		for _, key := range keys {
			if _, err := rowsOf[attemptRow](tx).Where("key_hash = ? AND failed_at <= ?", key[:], now.Add(-attemptMemory)).Delete(ctx); err != nil {
				return err
			}
			more := clause.OnConflict{Columns: []clause.Column{{Name: "key_hash"}}, DoUpdates: clause.Assignments(map[string]any{
				"failures": gorm.Expr("sign_in_attempts.failures + 1"), "failed_at": now})}
			row := attemptRow{KeyHash: key[:], Failures: 1, FailedAt: now}
			if err := rowsOf[attemptRow](tx, more).Create(ctx, &row); err != nil {
				return err
			}
		}
		return nil
	})
}

// ForgetFailures lets the key start anew.
func (s *Store) ForgetFailures(ctx context.Context, key auth.Hash) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		_, err := rowsOf[attemptRow](tx).Where("key_hash = ?", key[:]).Delete(ctx)
		return err
	})
}
