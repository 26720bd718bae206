package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	modernc "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// sqliteDialector is GORM's SQLite over the driver written in Go. GORM's own
// translation knows the errors of the C driver only.
type sqliteDialector struct{ sqlite.Dialector }

// Translate names duplicate keys and missing parents the way GORM does.
func (sqliteDialector) Translate(err error) error {
	var e *modernc.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return errors.Join(gorm.ErrDuplicatedKey, err)
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return errors.Join(gorm.ErrForeignKeyViolated, err)
	case lib.SQLITE_CONSTRAINT_CHECK:
		return errors.Join(gorm.ErrCheckConstraintViolated, err)
	}
	return err
}

// inMemory as a path is a database that ends with the program, for asking what
// a fresh one would look like.
const inMemory = ":memory:"

// openSQLite opens the file twice: one connection that writes, several that
// read beside it. A commit is on the disk before it returns (synchronous FULL).
//
// The call is fdatasync, as in SQLite of every distribution: it writes the data and what
// is needed to read it back, and leaves out the time of the change, for which a file
// system waits. Where there is none it is fsync.
func openSQLite(ctx context.Context, path string, busy time.Duration) (writer, reader *gorm.DB, err error) {
	_, _ = modernc.Fdatasync(true)
	if err := withMarks(); err != nil {
		return nil, nil, translate(err)
	}
	if path == "" {
		return nil, nil, survey.Errorf(survey.Invalid, "neither a database address nor a database file is given")
	}
	if path == inMemory {
		// Every connection to memory is a database of its own, so there is one only.
		writer, err = openSQLitePool(ctx, path, busy, true)
		return writer, writer, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, nil, translate(err)
	}
	if info, e := os.Stat(filepath.Dir(path)); e != nil || !info.IsDir() {
		return nil, nil, survey.Errorf(survey.Unavailable, "the folder %s of the database file does not exist", filepath.Dir(path))
	}
	if err = private(path); err != nil {
		return nil, nil, inFile(path, err)
	}
	if writer, err = openSQLitePool(ctx, path, busy, true); err != nil {
		return nil, nil, inFile(path, err)
	}
	if reader, err = openSQLitePool(ctx, path, busy, false); err != nil {
		_ = closePool(writer) // the first error is the one worth telling
		return nil, nil, inFile(path, err)
	}
	return writer, reader, nil
}

// private makes the file for the eyes of its owner only, before SQLite does with
// what the umask allows; SQLite gives -wal and -shm the mode of the file. A file
// that others can read is tightened where it is ours to change: where it is not,
// opening it goes on.
func private(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return translate(file.Close())
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(path + end); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			_ = os.Chmod(path+end, info.Mode().Perm()&^0o077) // somebody else's file stays as it is
		}
	}
	return nil
}

// sqliteDSN sets what every connection needs. Times are stored in UTC in the
// one format that compares as text the way the moments do.
func sqliteDSN(path string, busy time.Duration, writes bool) string {
	q := url.Values{"_time_format": {"sqlite"}, "_timezone": {"UTC"}}
	for _, pragma := range []string{fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"} {
		q.Add("_pragma", pragma)
	}
	if writes {
		// A transaction in which a page was divided ends with a look at every page of the
		// cache: a larger one costs each of them more than it saves.
		q.Add("_pragma", "cache_size(-4000)")
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "secure_delete(1)") // what is removed, such as a draft that was sent, is overwritten
	} else {
		q.Add("_pragma", "cache_size(-32000)")
		q.Add("_pragma", "query_only(1)")
	}
	if path == inMemory {
		return "file::memory:?" + q.Encode()
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

func openSQLitePool(ctx context.Context, path string, busy time.Duration, writes bool) (*gorm.DB, error) {
	pool, err := sql.Open("sqlite", sqliteDSN(path, busy, writes))
	if err != nil {
		return nil, translate(err)
	}
	connections := 1
	if !writes {
		connections = max(4, 2*runtime.GOMAXPROCS(0))
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	if err := firstRead(ctx, pool, busy); err != nil {
		_ = pool.Close() // the first error is the one worth telling
		return nil, translate(err)
	}
	config := gormConfig()
	// Inside a transaction GORM would prepare each statement anew and gain nothing.
	config.PrepareStmt = !writes
	dialector := sqlite.New(sqlite.Config{DriverName: "sqlite", Conn: pool}).(*sqlite.Dialector)
	db, err := gorm.Open(sqliteDialector{*dialector}, config)
	if err != nil {
		_ = pool.Close() // the first error is the one worth telling
		return nil, translate(err)
	}
	return db, nil
}

// firstRead is where a locked or damaged file shows itself. Changing to WAL is
// the one thing for which SQLite itself does not wait while another program does
// the same.
func firstRead(ctx context.Context, pool *sql.DB, busy time.Duration) error {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	deadline := time.After(busy)
	for {
		var tables int
		err := pool.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
		var lite *modernc.Error
		if !errors.As(err, &lite) || lite.Code()&0xff != lib.SQLITE_BUSY {
			return err
		}
		select {
		case <-again.C:
		case <-deadline:
			return err
		case <-ctx.Done():
			return err
		}
	}
}

// inFile adds the name of the file to the sentence.
func inFile(path string, err error) error {
	return survey.Errorf(survey.KindOf(err), "database file %s: %w", path, err)
}
