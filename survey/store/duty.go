package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type dutyRow struct {
	Name        string
	DueAt       time.Time
	LeaseHolder sql.NullString
	LeasedUntil sql.NullTime
	EndedAt     sql.NullTime
	Trouble     string
}

func (dutyRow) TableName() string { return "duties" }

// Duty is work that comes again and again.
type Duty struct {
	Name    string
	EndedAt time.Time // zero: never done
	Trouble string    // of the last time; empty: none
}

// Duties lists what is done again and again, by name.
func (s *Store) Duties(ctx context.Context) ([]Duty, error) {
	return list(ctx, s, func(r dutyRow) Duty {
		return Duty{Name: r.Name, EndedAt: timeOf(r.EndedAt), Trouble: r.Trouble}
	}, "name", "1 = 1")
}

// TakeDuty says whether this runner shall do the duty now, and keeps others from
// it for the time of the lease. Its holder is empty where it is not due.
func (s *Store) TakeDuty(ctx context.Context, name string, lease time.Duration) (holder string, err error) {
	now := s.now()
	const free = "due_at <= ? AND (leased_until IS NULL OR leased_until < ?)"
	row, err := take[dutyRow](ctx, s, "name = ?", name)
	switch {
	case err != nil && survey.KindOf(err) == survey.NotFound:
	case err != nil:
		return "", err
	case row.DueAt.After(now) || row.LeasedUntil.Valid && !row.LeasedUntil.Time.Before(now):
		return "", nil
	}
	holder = newID()
	var taken int
	err = s.write(ctx, func(tx *gorm.DB) error {
		first := dutyRow{Name: name, DueAt: now}
		if err := rowsOf[dutyRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &first); err != nil {
			return err
		}
		var err error
		taken, err = rowsOf[dutyRow](tx).Where("name = ?", name).Where(free, now, now).
			Select("lease_holder", "leased_until").Updates(ctx, dutyRow{LeaseHolder: optional(holder), LeasedUntil: nullTime(now.Add(lease))})
		return err
	})
	if taken == 0 {
		holder = ""
	}
	return holder, err
}

// EndDuty says that the duty is done, with what was wrong, and when it comes again.
// Somebody who took too long is not heard any more.
func (s *Store) EndDuty(ctx context.Context, name, holder, trouble string, again time.Time) error {
	row := dutyRow{DueAt: stored(again), EndedAt: nullTime(s.now()), Trouble: trouble}
	return s.write(ctx, func(tx *gorm.DB) error {
		_, err := rowsOf[dutyRow](tx).Where("name = ? AND lease_holder = ?", name, holder).
			Select("due_at", "lease_holder", "leased_until", "ended_at", "trouble").Updates(ctx, row)
		return err
	})
}
