// Package storetest gives tests real databases: each test its own SQLite file
// and its own database on a PostgreSQL server that the test process starts.
package storetest

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/store"
)

// Now is the moment at which the clock of a store from this package stands.
var Now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// Each runs the test on a fresh store on SQLite and on one on PostgreSQL.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachConfig(t, func(t *testing.T, config store.Config) { test(t, Open(t, config)) })
}

// EachConfig is Each for tests that open the store themselves, perhaps twice.
// Both databases are migrated.
func EachConfig(t *testing.T, test func(t *testing.T, config store.Config)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns the configuration of a fresh, migrated SQLite file.
func SQLite(t testing.TB) store.Config {
	t.Helper()
	config := EmptySQLite(t)
	image, err := migrated()
	if err == nil {
		err = os.WriteFile(config.Path, image, 0o600)
	}
	if err != nil {
		t.Fatalf("copying the migrated file: %v", err)
	}
	return config
}

// EmptySQLite is SQLite without a file: it is made when the store is opened.
func EmptySQLite(t testing.TB) store.Config {
	t.Helper()
	path := filepath.Join(folder(t), "salesbench.db")
	return store.Config{Path: path, Migrate: true, Clock: clock, Logger: quiet}
}

// migrated is a file that has its tables and nothing else. It is made once per process,
// for migrating costs more than most tests.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "salesbench-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "salesbench.db")
	if _, err := store.MigrateUp(context.Background(), store.Config{Path: path, Clock: clock, Logger: quiet}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Postgres returns the configuration of a fresh, migrated PostgreSQL database.
func Postgres(t testing.TB) store.Config {
	t.Helper()
	return store.Config{URL: PostgresURL(t), Clock: clock, Logger: quiet}
}

func clock() time.Time { return Now }

// Open opens a store that is closed after the test.
func Open(t testing.TB, config store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), config)
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}

// folder is the test's own, or one that stays when the test fails and Keep is set.
func folder(t testing.TB) string {
	t.Helper()
	if os.Getenv(Keep) == "" {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp("", "salesbench-sqlite-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the database is kept in %s", dir)
			return
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
