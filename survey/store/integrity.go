package store

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// quickAtStart is how long a service looks through its file before it serves: a
// large one is not seen to its end then, which the log says.
const quickAtStart = 5 * time.Second

// wholeBelow is the size of a file that Intact checks with its indexes too.
const wholeBelow = 1 << 30

// Intact reads the whole SQLite file and says whether it is damaged; PostgreSQL
// looks after its own. It takes about a second for 100 MB. Unavailable: damaged.
func (s *Store) Intact(ctx context.Context) error {
	if s.dialect != onSQLite {
		return nil
	}
	check := "PRAGMA integrity_check(1)"
	if info, err := os.Stat(s.path); err == nil && info.Size() > wholeBelow {
		check = "PRAGMA quick_check(1)"
	}
	return s.look(ctx, check)
}

// intactAtStart is Intact with a limit of time.
func (s *Store) intactAtStart(ctx context.Context, limit time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := s.look(bounded, "PRAGMA quick_check(1)")
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		s.log.Warn("the database file is large: it was looked through in part only; \"salesbench doctor\" reads all of it", "seconds", limit.Seconds())
		return nil
	}
	return err
}

// look runs one of SQLite's own checks, which answers "ok" or with the first damage.
func (s *Store) look(ctx context.Context, check string) error {
	var said string
	err := s.read(ctx, func(db *gorm.DB) error { return db.Raw(check).Scan(&said).Error })
	if err == nil && said != "ok" {
		err = damaged(errors.New(said))
	}
	if err != nil && s.path != "" {
		err = inFile(s.path, err)
	}
	return err
}

func damaged(err error) error {
	return as(survey.Unavailable, "the database file is damaged or is no SQLite database; restore it from a backup and keep this file for examination", err)
}
