package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// noteErased keeps the ids of those messages of the outbox that may have left, for
// everybody who writes mail to a folder; it returns how many there are.
func noteErased(tx *gorm.DB, now time.Time, which string, args ...any) (int, error) {
	noted := tx.Exec("INSERT INTO erased_mail (id, erased_at) SELECT id, ? FROM outbox WHERE status NOT IN ('queued', 'skipped', 'cancelled') AND "+which+
		" ON CONFLICT (id) DO NOTHING", append([]any{now}, args...)...)
	return int(noted.RowsAffected), noted.Error
}

// ErasedMail are the messages to people who were erased since the moment; the zero
// moment means ever.
func (s *Store) ErasedMail(ctx context.Context, since time.Time) ([]survey.MailID, error) {
	rows, err := raw[struct{ ID string }](ctx, s, "SELECT id FROM erased_mail WHERE erased_at >= ? ORDER BY erased_at, id", stored(since))
	ids := make([]survey.MailID, len(rows))
	for i, row := range rows {
		ids[i] = survey.MailID(row.ID)
	}
	return ids, err
}
