package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/salesbench/salesbench/survey"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrationFiles embed.FS

// Migration is one numbered step of the schema.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// MigrationStatus compares the schema of a database with this program.
type MigrationStatus struct {
	Current    int64       `json:"current"` // highest version in the database; 0: none
	Target     int64       `json:"target"`  // version this program was built for
	Migrations []Migration `json:"migrations"`
	Unknown    []int64     `json:"unknown,omitempty"` // applied, but not known to this program
	Foreign    bool        `json:"foreign,omitempty"` // the database holds tables that are not ours
}

// refusal is the sentence with which a program refuses to work on a schema, or nil.
func (m MigrationStatus) refusal() error {
	if len(m.Unknown) > 0 {
		return survey.Errorf(survey.Conflict, "the database has schema version %d, this program knows only up to %d: start the newer program that changed it, or restore a backup from before", m.Current, m.Target)
	}
	if m.Foreign {
		return survey.Errorf(survey.Conflict, "the database holds tables of another program: give salesbench a database of its own")
	}
	for _, step := range m.Migrations {
		if !step.Applied && step.Version < m.Current {
			return survey.Errorf(survey.Conflict, "the database has schema version %d, but step %d is missing in between: restore a backup, the schema was changed by hand or half-migrated", m.Current, step.Version)
		}
	}
	if m.Current < m.Target {
		return survey.Errorf(survey.Conflict, "the database has schema version %d, this program needs %d: make a backup and run `salesbench migrate up`", m.Current, m.Target)
	}
	return nil
}

// ReadMigrationStatus compares the schema of the database with this program
// without changing anything and without refusing a schema that does not fit.
func ReadMigrationStatus(ctx context.Context, config Config) (MigrationStatus, error) {
	s, err := connect(ctx, config)
	if err != nil {
		return MigrationStatus{}, err
	}
	status, err := s.migrationStatus(ctx)
	return status, closing(s, err)
}

// MigrateUp applies what is missing, in order, and returns the names of the
// applied steps. Several programs may do so at once: one works, the others wait.
// Conflict: the database is ahead of this program or was changed by hand.
func MigrateUp(ctx context.Context, config Config) ([]string, error) {
	s, err := connect(ctx, config)
	if err != nil {
		return nil, err
	}
	applied, err := s.migrateUp(ctx)
	return applied, closing(s, err)
}

// SchemaVersion returns the schema version of the open database.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	status, err := s.migrationStatus(ctx)
	return status.Current, err
}

func (s *Store) migrateUp(ctx context.Context) ([]string, error) {
	status, err := s.migrationStatus(ctx)
	if err != nil {
		return nil, err
	}
	if status.Current == status.Target || len(status.Unknown) > 0 || status.Foreign {
		return nil, status.refusal()
	}
	provider, err := s.migrations()
	if err != nil {
		return nil, err
	}
	var names []string
	for range migrationAttempts {
		var results []*goose.MigrationResult
		results, err = provider.Up(ctx)
		for _, r := range results {
			names = append(names, r.Source.Path)
		}
		if err == nil {
			return names, nil
		}
		if now, e := s.migrationStatus(ctx); e == nil && now.refusal() == nil {
			return names, nil
		}
	}
	return names, survey.Errorf(survey.KindOf(translate(err)), "migrating the database stopped, everything before the failing step is kept: %w", err)
}

// migrationAttempts is more than one because an SQLite file has no lock over all
// steps: a second program fails at a step that the first has just done, and
// goes on from there.
const migrationAttempts = 5

// migrations is goose on the writing pool, with a lock in a table: it needs no
// session, so that it works through a pooler and on engines without advisory locks.
func (s *Store) migrations() (*goose.Provider, error) {
	pool, err := s.writer.DB()
	if err != nil {
		return nil, translate(err)
	}
	files, err := fs.Sub(migrationFiles, "migrations/"+string(s.dialect))
	if err != nil {
		return nil, translate(err)
	}
	options := []goose.ProviderOption{goose.WithTableName(versionTable), goose.WithSlog(s.log)}
	gooseDialect := goose.DialectSQLite3
	if s.dialect == onPostgres {
		gooseDialect = goose.DialectPostgres
		locker, err := lock.NewPostgresTableLocker(lock.WithTableName(lockTable), lock.WithTableLogger(s.log))
		if err != nil {
			return nil, translate(err)
		}
		options = append(options, goose.WithLocker(locker))
	}
	provider, err := goose.NewProvider(gooseDialect, pool, files, options...)
	if err != nil {
		return nil, translate(err)
	}
	return provider, nil
}

const (
	versionTable = "schema_versions"
	lockTable    = "schema_lock"
)

// migrationStatus reads the versions itself: goose would make its table, and a
// question must not change the database.
func (s *Store) migrationStatus(ctx context.Context) (MigrationStatus, error) {
	provider, err := s.migrations()
	if err != nil {
		return MigrationStatus{}, err
	}
	pool, err := s.writer.DB()
	if err != nil {
		return MigrationStatus{}, translate(err)
	}
	tables, err := s.tables(ctx, pool)
	if err != nil {
		return MigrationStatus{}, err
	}
	applied := map[int64]bool{}
	if tables[versionTable] {
		if applied, err = appliedVersions(ctx, pool); err != nil {
			return MigrationStatus{}, err
		}
	}
	var status MigrationStatus
	for _, source := range provider.ListSources() {
		status.Migrations = append(status.Migrations, Migration{Version: source.Version, Name: source.Path, Applied: applied[source.Version]})
		status.Target = max(status.Target, source.Version)
		if applied[source.Version] {
			status.Current = max(status.Current, source.Version)
		}
		delete(applied, source.Version)
	}
	for version := range applied {
		status.Unknown = append(status.Unknown, version)
		status.Current = max(status.Current, version)
	}
	delete(tables, versionTable)
	delete(tables, lockTable)
	status.Foreign = status.Current == 0 && len(tables) > 0
	return status, nil
}

func appliedVersions(ctx context.Context, pool *sql.DB) (map[int64]bool, error) {
	return queryMap(ctx, pool, fmt.Sprintf("SELECT version_id FROM %s WHERE is_applied AND version_id > 0", versionTable), map[int64]bool{})
}

// tables lists the tables of the database.
func (s *Store) tables(ctx context.Context, pool querier) (map[string]bool, error) {
	query := "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if s.dialect == onPostgres {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
	}
	return queryMap(ctx, pool, query, map[string]bool{})
}

// queryMap collects the first column of a query as a set.
func queryMap[K comparable](ctx context.Context, pool querier, query string, set map[K]bool) (map[K]bool, error) {
	rows, err := pool.QueryContext(ctx, query)
	if err != nil {
		return nil, translate(err)
	}
	for rows.Next() {
		var key K
		if err := rows.Scan(&key); err != nil {
			return nil, translate(errors.Join(err, rows.Close()))
		}
		set[key] = true
	}
	return set, translate(errors.Join(rows.Err(), rows.Close()))
}
