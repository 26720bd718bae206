package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// databaseFile is the embedded database inside the data folder.
const databaseFile = "salesbench.db"

// config is how the store reaches the data.
func (f storeFlags) config(p *program, logger *slog.Logger) store.Config {
	config := store.Config{URL: f.Database, Clock: p.now, Logger: logger}
	if f.Database == "" {
		config.Path = filepath.Join(f.Data, databaseFile)
	}
	return config
}

// absent says whether there is no embedded database yet. Looking at one that is
// absent would make it.
func (f storeFlags) absent() bool {
	if f.Database != "" {
		return false
	}
	_, err := os.Stat(filepath.Join(f.Data, databaseFile))
	return errors.Is(err, fs.ErrNotExist)
}

// open opens the database of a command that is not a service. A command that may
// begin a new installation makes the embedded database where it is absent, and the
// tables where a PostgreSQL database is empty; an existing one is never migrated
// in passing.
func (f storeFlags) open(ctx context.Context, p *program, begin bool) (*store.Store, error) {
	if err := f.check().orNil(); err != nil {
		return nil, err
	}
	config := f.config(p, p.logger())
	if f.absent() {
		if !begin {
			return nil, survey.Errorf(survey.NotFound, "there is no database in %s: name another --data or --database, or begin with \"salesbench wave create\" or \"salesbench serve\"", f.Data)
		}
		if err := f.folder(); err != nil {
			return nil, err
		}
		config.Migrate = true
	}
	if begin && f.Database != "" {
		status, err := store.ReadMigrationStatus(ctx, config)
		if err != nil {
			return nil, err
		}
		config.Migrate = status.Current == 0 // an empty one is begun, as the embedded one is
	}
	return store.Open(ctx, config)
}

// logger is that of a command: it tells what goes wrong.
func (p *program) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(p.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// closing closes the database after a command and does not lose an error.
func closing(s *store.Store, err error) error {
	if e := s.Close(); e != nil && err == nil {
		return fmt.Errorf("closing the database: %w", e)
	}
	return err
}

// withStore runs a command's work on an open database.
func (f storeFlags) withStore(ctx context.Context, p *program, begin bool, work func(*store.Store) error) error {
	s, err := f.open(ctx, p, begin)
	if err != nil {
		return err
	}
	return closing(s, work(s))
}
