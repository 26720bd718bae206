package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/salesbench/salesbench/survey/store"
)

// migrateCommand looks after the database schema.
type migrateCommand struct {
	Status migrateStatus `cmd:"" help:"Compare the schema of the database with this program."`
	Up     migrateUp     `cmd:"" help:"Bring the schema up to date."`
}

type migrateStatus struct {
	storeFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (migrateStatus) Help() string {
	return `Changes nothing. Exit code 1 when the schema is not the one that this program needs: behind (run "salesbench migrate up"), ahead (start the newer program) or half-migrated.`
}

// Run prints the status.
func (c *migrateStatus) Run(ctx context.Context, p *program) error {
	if err := c.check().orNil(); err != nil {
		return err
	}
	status, err := c.status(ctx, p)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := writeJSON(p.Out, status); err != nil {
			return err
		}
	} else if err := printStatus(p, status); err != nil {
		return err
	}
	if status.Current != status.Target || len(status.Unknown) > 0 || status.Foreign {
		return fmt.Errorf("the schema is not the one that this program needs")
	}
	return nil
}

// status reads the migration status; an embedded database that is absent is at
// version 0, and stays absent.
func (f storeFlags) status(ctx context.Context, p *program) (store.MigrationStatus, error) {
	config := f.config(p, slog.New(slog.DiscardHandler))
	if f.absent() {
		config.Path = ":memory:"
	}
	return store.ReadMigrationStatus(ctx, config)
}

func printStatus(p *program, status store.MigrationStatus) error {
	fmt.Fprintf(p.Out, "schema version %d, this program needs %d\n\n", status.Current, status.Target)
	var rows [][]string
	for _, m := range status.Migrations {
		state := "missing"
		if m.Applied {
			state = "applied"
		}
		rows = append(rows, []string{fmt.Sprint(m.Version), state, m.Name})
	}
	for _, version := range status.Unknown {
		rows = append(rows, []string{fmt.Sprint(version), "unknown", "applied by a newer program"})
	}
	return columns(p.Out, []string{"VERSION", "STATE", "NAME"}, rows)
}

type migrateUp struct{ storeFlags }

// Help is the manual page.
func (migrateUp) Help() string {
	return `Applies the missing steps in order, each in one transaction; steps are never undone. Make a backup first. Several programs may be started at once: one works, the others wait for it.`
}

// Run applies what is missing.
func (c *migrateUp) Run(ctx context.Context, p *program) error {
	if err := c.check().orNil(); err != nil {
		return err
	}
	if c.Database == "" {
		if err := c.folder(); err != nil {
			return err
		}
	}
	applied, err := store.MigrateUp(ctx, c.config(p, slog.New(slog.DiscardHandler)))
	for _, name := range applied {
		fmt.Fprintln(p.Out, "applied", name)
	}
	if err != nil {
		return err
	}
	if len(applied) == 0 {
		fmt.Fprintln(p.Out, "nothing to do")
	}
	return nil
}
