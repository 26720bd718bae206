// Package store keeps studies, waves, links, drafts and responses in SQLite
// (the embedded default) or PostgreSQL, with one behaviour. It is the only
// package that knows GORM, goose or SQL.
//
// Each exported method is one transaction and names the kinds of errors
// (survey.ErrorKind) that a caller should expect besides Unavailable and Internal.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"golang.org/x/sync/singleflight"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Config says where the data are kept.
type Config struct {
	URL  string // postgres://...; empty: the SQLite file at Path
	Path string // SQLite file, made when it is absent
	// Busy is how long to wait for another program that holds the SQLite file. 10 s unless set.
	Busy time.Duration
	// Serves says that this program is a service. An SQLite file has one only, and
	// a second one is refused; commands may work on the file beside it.
	Serves  bool
	Migrate bool             // bring a fresh or older database up to date before use
	Clock   func() time.Time // time.Now unless a test sets it
	Logger  *slog.Logger     // slog.Default() unless set; never sees answers, names or tokens
}

func (c Config) clock() func() time.Time {
	if c.Clock != nil {
		return c.Clock
	}
	return time.Now
}

func (c Config) logger() *slog.Logger {
	if c.Logger != nil {
		return c.Logger
	}
	return slog.Default()
}

// dialect says which of the two databases a store speaks to.
type dialect string

const (
	onSQLite   dialect = "sqlite"
	onPostgres dialect = "postgres"
)

// Store is the durable memory of an installation. It is safe for concurrent use.
type Store struct {
	dialect dialect
	// On SQLite writer has one connection, because the file has one writer, and
	// reader has several that never wait for it. On PostgreSQL they are one pool.
	writer *gorm.DB
	reader *gorm.DB
	clock  func() time.Time
	log    *slog.Logger

	path string          // of the SQLite file
	lite *liteStatements // SQLite only
	hot  *sql.DB         // PostgreSQL only: the connections that serve respondents
	lock *os.File        // of a service on an SQLite file, for as long as it lives

	// Documents and facts that never change once written.
	instruments   sync.Map // hash -> *survey.Instrument
	waves         sync.Map // survey.WaveID -> waveFacts
	reads         singleflight.Group
	organizations sync.Map // survey.OrganizationID -> survey.StudyID
	teams         sync.Map // survey.TeamID -> survey.OrganizationID

	key    atomic.Pointer[auth.Key] // of the installation; nil until UseKey
	tried  *tried
	places places // what changes now and then, for less than a second
	ahead  ahead
}

// Open connects to the database and checks that its schema is the one this
// program was built for. With Migrate it first applies what is missing.
// Unavailable: no connection, a locked or damaged file. Conflict: a schema that
// is behind, ahead or incomplete.
func Open(ctx context.Context, config Config) (*Store, error) {
	s, err := connect(ctx, config)
	if err != nil {
		return nil, err
	}
	if config.Serves && s.dialect == onSQLite {
		if err := s.intactAtStart(ctx, quickAtStart); err != nil {
			return nil, closing(s, err)
		}
	}
	if config.Migrate {
		if _, err := s.migrateUp(ctx); err != nil {
			return nil, closing(s, err)
		}
	}
	status, err := s.migrationStatus(ctx)
	if err != nil {
		return nil, closing(s, err)
	}
	if err := status.refusal(); err != nil {
		return nil, closing(s, err)
	}
	if s.dialect == onSQLite {
		served := ""
		if config.Serves {
			served = s.path
		}
		if s.lite, err = prepareSQLite(ctx, s.writer, s.reader, served); err != nil {
			return nil, closing(s, err)
		}
	}
	if config.Migrate || config.Serves {
		if err := s.sealOlder(ctx); err != nil {
			return nil, closing(s, err)
		}
	}
	return s, nil
}

// closing gives up a store that could not be opened completely.
func closing(s *Store, err error) error {
	_ = s.Close() // the first error is the one worth telling
	return err
}

// connect opens the pools and nothing else.
func connect(ctx context.Context, config Config) (*Store, error) {
	s := &Store{dialect: onSQLite, clock: config.clock(), log: config.logger(), tried: newTried()}
	s.places.forget()
	var err error
	if config.URL != "" {
		s.dialect = onPostgres
		s.writer, s.hot, err = openPostgres(ctx, config.URL)
		s.reader = s.writer
	} else {
		if config.Serves {
			if s.lock, err = lockService(config.Path); err != nil {
				return nil, err
			}
		}
		s.path = config.Path
		s.writer, s.reader, err = openSQLite(ctx, config.Path, cmp.Or(config.Busy, 10*time.Second))
	}
	if err != nil {
		return nil, errors.Join(err, s.unlock())
	}
	return s, nil
}

// unlock lets another service have the file.
func (s *Store) unlock() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

// Close ends all connections. Transactions that are under way end first.
func (s *Store) Close() error {
	s.ahead.close()
	s.lite.close()
	err := closePool(s.writer)
	if s.reader != s.writer {
		if e := closePool(s.reader); err == nil {
			err = e
		}
	}
	if s.hot != nil {
		if e := s.hot.Close(); err == nil {
			err = e
		}
	}
	if s.lite != nil {
		if e := s.lite.checkpoints.closeFile(); err == nil {
			err = e
		}
	}
	if e := s.unlock(); err == nil {
		err = e
	}
	return translate(err)
}

func closePool(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// Database says in words where the data are, without any secret.
func (s *Store) Database() string {
	if s.dialect == onPostgres {
		return "PostgreSQL"
	}
	return "SQLite"
}

// OneWriter says whether transactions that change something can only follow each
// other. What is to share one is then best gathered until its turn has come.
func (s *Store) OneWriter() bool { return s.dialect == onSQLite }

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.read(ctx, func(db *gorm.DB) error { return db.Exec("SELECT 1").Error })
}

// errNotKept takes a transaction back that was only a trial.
var errNotKept = errors.New("this was only a trial")

// WritableCheck makes a change in a transaction and takes it back: it fails on
// a full disk, a read-only file or a standby server. Unavailable: not writable.
func (s *Store) WritableCheck(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.write(ctx, func(tx *gorm.DB) error {
		row := criteriaRow{Hash: "check-" + newID(), Name: "check", CreatedAt: s.now()}
		if err := rowsOf[criteriaRow](tx).Create(ctx, &row); err != nil {
			return err
		}
		return sourceError{errNotKept}
	})
	if errors.Is(err, errNotKept) {
		return nil
	}
	return err
}

// now is the moment in the precision that both databases keep.
func (s *Store) now() time.Time { return stored(s.clock()) }

// stored rounds a time to what both databases keep: microseconds in UTC.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// write runs fn in one transaction that is kept only if fn returns nil. It is
// the only door to a transaction that changes anything, beside SubmitBatch.
func (s *Store) write(ctx context.Context, fn func(tx *gorm.DB) error) error {
	var tx *gorm.DB
	err := retryLost(ctx, func() error {
		tx = s.writer.WithContext(ctx).Begin()
		return tx.Error
	})
	if err != nil {
		return translate(err)
	}
	open := true
	defer func() {
		if open {
			tx.Rollback() // fn has panicked
		}
	}()
	if err = fn(tx); err == nil {
		err = s.recordAsked(ctx, tx)
	}
	open = false
	if err != nil {
		// A failed rollback changes nothing: the server has dropped the transaction then.
		tx.Rollback()
		return translate(err)
	}
	if err = tx.Commit().Error; err != nil && s.dialect == onSQLite {
		// On a full disk the transaction can be open still; if not, this fails and changes nothing.
		_ = s.writer.Exec("ROLLBACK").Error
	}
	return translate(err)
}

// read gives fn connections for reading; each statement sees one state of the
// data. fn is called again when its connection turns out to be dead.
func (s *Store) read(ctx context.Context, fn func(db *gorm.DB) error) error {
	return translate(retryLost(ctx, func() error { return fn(s.reader.WithContext(ctx)) }))
}

// connectionAttempts is enough to get past every dead connection that a pool
// may have kept over a restart of the server.
const connectionAttempts = 20

// retryLost repeats what may be repeated while connections turn out to be dead:
// after a restart of the server, or of something in between, a pool hands them
// out until it has met each of them.
func retryLost(ctx context.Context, fn func() error) error {
	var err error
	for range connectionAttempts {
		err = fn()
		var final finalError
		if errors.As(err, &final) {
			return final.error
		}
		if err == nil || ctx.Err() != nil || !deadConnection(err) {
			break
		}
	}
	return err
}

// finalError is one after which retryLost must not repeat: the transaction was
// perhaps kept.
type finalError struct{ error }

func lastWord(err error) error {
	if err == nil {
		return nil
	}
	return finalError{err}
}

// gormConfig is the same for both databases: errors are translated, no hidden
// transactions, and GORM itself logs nothing because its log would show values.
func gormConfig() *gorm.Config {
	return &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true,
		Logger:                 logger.Discard,
	}
}

// optional is the stored form of a text that may be absent.
func optional[T ~string](text T) sql.NullString {
	return sql.NullString{String: string(text), Valid: text != ""}
}

// required refuses a blank field of something that is to be stored.
func required(what, value string) error {
	if strings.TrimSpace(value) == "" {
		return survey.Errorf(survey.Invalid, "%s is missing", what)
	}
	return nil
}
