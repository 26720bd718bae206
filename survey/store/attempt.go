package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
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

// errTooSoon takes back an attempt that must not be made yet.
var errTooSoon = survey.Errorf(survey.Conflict, "too many attempts")

// TakeAttempt counts an attempt for the key, an account or an address, before it is
// made: many at the same moment count like as many in a row. Wait says how long
// after the failures so far another one has to wait; where that is not over,
// nothing is counted and the rest of it is returned. Failures older than an hour are forgotten.
func (s *Store) TakeAttempt(ctx context.Context, key auth.Hash, wait func(failures int) time.Duration) (failures int, rest time.Duration, err error) {
	now := s.now()
	err = s.write(ctx, func(tx *gorm.DB) error {
		rest = 0
		if _, err := rowsOf[attemptRow](tx).Where("key_hash = ? AND failed_at <= ?", key[:], now.Add(-attemptMemory)).Delete(ctx); err != nil {
			return err
		}
		// Whoever counts for the same key waits here, so what is read next is the last word.
		more := clause.OnConflict{Columns: []clause.Column{{Name: "key_hash"}}, DoUpdates: clause.Assignments(map[string]any{
			"failures": gorm.Expr("sign_in_attempts.failures + 1")})}
		row := attemptRow{KeyHash: key[:], Failures: 1, FailedAt: now}
		if err := rowsOf[attemptRow](tx, more).Create(ctx, &row); err != nil {
			return err
		}
		row, err := rowsOf[attemptRow](tx).Where("key_hash = ?", key[:]).Take(ctx)
		if err != nil {
			return err
		}
		failures = row.Failures
		if rest = row.FailedAt.Add(wait(failures - 1)).Sub(now); rest > 0 && failures > 1 {
			return errTooSoon
		}
		rest = 0
		_, err = rowsOf[attemptRow](tx).Where("key_hash = ?", key[:]).Update(ctx, "failed_at", now)
		return err
	})
	if rest > 0 {
		return failures - 1, rest, nil
	}
	return failures, 0, err
}

// ReturnAttempt takes one attempt of the key back: it was no failure.
func (s *Store) ReturnAttempt(ctx context.Context, key auth.Hash) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		gone, err := rowsOf[attemptRow](tx).Where("key_hash = ? AND failures = 1", key[:]).Delete(ctx)
		if err == nil && gone == 0 {
			_, err = rowsOf[attemptRow](tx).Where("key_hash = ?", key[:]).Update(ctx, "failures", gorm.Expr("failures - 1"))
		}
		return err
	})
}

// ForgetFailures lets the key start anew.
func (s *Store) ForgetFailures(ctx context.Context, key auth.Hash) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		_, err := rowsOf[attemptRow](tx).Where("key_hash = ?", key[:]).Delete(ctx)
		return err
	})
}
