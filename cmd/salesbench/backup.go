package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/salesbench/salesbench/survey/store"
)

// backupCommand writes everything into one file.
type backupCommand struct {
	storeFlags
	File string `arg:"" help:"File to write; it must not exist yet."`
	JSON bool   `name:"json" help:"Print the manifest of the backup as JSON."`
}

// Help is the manual page.
func (backupCommand) Help() string {
	return `Writes everything that the database holds, as it is at one moment, into one file, while a service goes on. The file holds answers, addresses and the hashes of links and passwords: keep it as carefully as the database, and note that what is erased later is still in it. The key of the installation is not in it; it is a file of its own.

It is a zip file with one file per table and check sums, the same whichever database it comes from: "salesbench restore" fills an SQLite file or a PostgreSQL database from it. docs/backup.md describes the form.

  salesbench backup salesbench-2026-11-30.zip`
}

// Run writes the backup.
func (c *backupCommand) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		lines := &tableLines{w: p.Err}
		var manifest store.BackupManifest
		err := newFile(c.File, func(w io.Writer) error {
			var err error
			manifest, err = s.Backup(ctx, w, store.BackupOptions{Program: version, Progress: lines.set})
			return err
		})
		lines.done()
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(p.Out, manifest)
		}
		fmt.Fprintf(p.Out, "%s of %s written to %s\n", plural(int(rowsOf(manifest)), "row"), plural(len(manifest.Tables), "table"), c.File)
		return nil
	})
}

func rowsOf(manifest store.BackupManifest) int64 {
	n := int64(0)
	for _, table := range manifest.Tables {
		n += table.Rows
	}
	return n
}

// tableLines shows how far long work on tables has come: a bar on a terminal, a
// line for each table anywhere else.
type tableLines struct {
	w     io.Writer
	bar   progress
	table string
	rows  int64
}

func (t *tableLines) set(table string, rows int64) {
	if table != t.table {
		t.done()
		t.table, t.bar = table, newProgress(t.w, -1, table)
	}
	t.rows = rows
	t.bar.set(rows)
}

// done ends the line of the table.
func (t *tableLines) done() {
	if t.table == "" {
		return
	}
	t.bar.done()
	if t.rows > 0 {
		fmt.Fprintf(t.w, "%s: %s\n", t.table, plural(int(t.rows), "row"))
	}
	t.table, t.rows = "", 0
}

// restoreCommand fills an empty database from a backup.
type restoreCommand struct {
	storeFlags
	File string `arg:"" help:"File that \"salesbench backup\" has written."`
	JSON bool   `name:"json" help:"Print the manifest of the backup as JSON."`
}

// Help is the manual page.
func (restoreCommand) Help() string {
	return `Fills a new SQLite file or an empty PostgreSQL database from a backup, all of it or nothing, whichever of the two it was made of. Every check sum is verified before anything is written. A backup of an older version is taken too, and brought up to date.

Mail that was waiting when the backup was made is not sent, campaigns are paused and running work is cancelled: the other installation may have done it since. Everybody signs in again. Put the key of the installation back beside the data.

  salesbench restore salesbench-2026-11-30.zip --database postgres://user:password@host/salesbench`
}

// Run restores the backup.
func (c *restoreCommand) Run(ctx context.Context, p *program) (err error) {
	if err := c.check().orNil(); err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	lines := &tableLines{w: p.Err}
	fmt.Fprintln(p.Err, "checking")
	backup, err := store.OpenBackup(ctx, file, info.Size(), lines.set)
	lines.done()
	if err != nil {
		return err
	}
	if c.absent() {
		if err := c.folder(); err != nil {
			return err
		}
	}
	fmt.Fprintln(p.Err, "restoring")
	err = store.Restore(ctx, c.config(p, p.logger()), backup)
	lines.done()
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.Out, backup.Manifest)
	}
	fmt.Fprintf(p.Out, "%s of %s restored, as they were on %s\n", plural(int(rowsOf(backup.Manifest)), "row"),
		plural(len(backup.Manifest.Tables), "table"), backup.Manifest.CreatedAt.Local().Format("2006-01-02 15:04:05"))
	return nil
}
