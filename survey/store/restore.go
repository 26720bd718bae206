package store

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/salesbench/salesbench/survey"
)

// OpenBackup reads the manifest of a backup and checks every byte of it, before
// anything is done with it. Invalid: no backup, or a damaged one; Conflict: one of
// a newer program. An error of the reader is returned as it is.
func OpenBackup(ctx context.Context, r io.ReaderAt, size int64, progress func(table string, rows int64)) (*OpenedBackup, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, survey.Errorf(survey.Invalid, "this is no backup, or its end is missing: %w", err)
	}
	b := &OpenedBackup{files: map[string]*zip.File{}, progress: progress}
	if b.progress == nil {
		b.progress = func(string, int64) {}
	}
	for _, file := range archive.File {
		b.files[file.Name] = file
	}
	if err := b.readManifest(); err != nil {
		return nil, err
	}
	if len(b.files) != len(archive.File) || len(archive.File) != len(b.Manifest.Tables)+1 {
		return nil, survey.Errorf(survey.Invalid, "the backup holds files that its manifest does not name")
	}
	for i := range b.Manifest.Tables {
		if err := b.each(ctx, &b.Manifest.Tables[i], func([]byte) error { return nil }); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// OpenedBackup is a backup whose check sums are right.
type OpenedBackup struct {
	Manifest BackupManifest
	files    map[string]*zip.File
	progress func(table string, rows int64)
}

// longestManifest and longestLine bound the memory for a file that somebody made up.
const (
	longestManifest = 1 << 20
	longestLine     = 64 << 20
)

func (b *OpenedBackup) readManifest() error {
	file := b.files[manifestName]
	if file == nil {
		return survey.Errorf(survey.Invalid, "this is no backup of salesbench: it has no %s", manifestName)
	}
	in, err := file.Open()
	if err != nil {
		return damagedBackup(manifestName, err)
	}
	document, err := io.ReadAll(io.LimitReader(in, longestManifest))
	if err := errors.Join(err, in.Close()); err != nil {
		return damagedBackup(manifestName, err)
	}
	m := &b.Manifest
	switch err := json.Unmarshal(document, m); {
	case err != nil || m.Format != backupFormat:
		return survey.Errorf(survey.Invalid, "this is no backup of salesbench: %s does not say so", manifestName)
	case m.FormatVersion > backupVersion:
		return survey.Errorf(survey.Conflict, "the backup was written by a newer program (%s, form %d): restore it with that one", m.Program, m.FormatVersion)
	}
	return nil
}

func damagedBackup(file string, err error) error {
	return survey.Errorf(survey.Invalid, "the backup is damaged: %s can not be read: %w", file, err)
}

// each hands over the lines of a table, and says at the end whether they are those
// that were written.
func (b *OpenedBackup) each(ctx context.Context, table *BackupTable, fn func(line []byte) error) error {
	file := b.files[table.File]
	if file == nil {
		return survey.Errorf(survey.Invalid, "the backup is damaged: %s is missing", table.File)
	}
	in, err := file.Open()
	if err != nil {
		return damagedBackup(table.File, err)
	}
	defer func() { _ = in.Close() }() // it was only read
	lines := &lineReader{in: bufio.NewReaderSize(in, 1<<18), hash: sha256.New()}
	rows := int64(0)
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return damagedBackup(table.File, err)
		}
		if rows++; rows%progressRows == 0 {
			b.progress(table.Name, rows)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if err := fn(line); err != nil {
			return err
		}
	}
	if rows != table.Rows || hex.EncodeToString(lines.hash.Sum(nil)) != table.SHA256 {
		return survey.Errorf(survey.Invalid, "the backup is damaged: %s is not what was written", table.File)
	}
	b.progress(table.Name, rows)
	return nil
}

// lineReader reads lines of any length and sums up what it has read.
type lineReader struct {
	in   *bufio.Reader
	hash hash.Hash
	long []byte
}

// next is a line without its end. It holds until the next one.
func (l *lineReader) next() ([]byte, error) {
	l.long = l.long[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		_, _ = l.hash.Write(part) // a hash takes everything
		switch {
		case err == nil && len(l.long) == 0:
			return part[:len(part)-1], nil
		case len(l.long)+len(part) > longestLine:
			return nil, survey.Errorf(survey.Invalid, "a line is longer than %d MB", longestLine>>20)
		}
		l.long = append(l.long, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(l.long, []byte{'\n'}), nil
		case errors.Is(err, io.EOF) && len(l.long) > 0:
			return nil, io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// Restore fills an empty database with a backup, all of it or nothing, whichever
// database it was made of. Where the database has no schema yet it gets the one of
// the backup first, and is brought up to date afterwards. Mail that was waiting is
// not sent, and work that was running is not taken up: the installation that made
// the backup may have done it since.
//
// Conflict: the database is not empty, or of another schema. Invalid: the backup
// does not fit.
func Restore(ctx context.Context, config Config, b *OpenedBackup) error {
	s, err := connect(ctx, config)
	if err != nil {
		return err
	}
	return closing(s, s.restore(ctx, b))
}

func (s *Store) restore(ctx context.Context, b *OpenedBackup) error {
	status, err := s.migrationStatus(ctx)
	switch {
	case err != nil:
		return err
	case len(status.Unknown) > 0 || status.Foreign:
		return status.refusal()
	case b.Manifest.Schema > status.Target:
		return survey.Errorf(survey.Conflict, "the backup has schema version %d, this program knows only up to %d: restore it with the newer program %s", b.Manifest.Schema, status.Target, b.Manifest.Program)
	case status.Current != 0 && status.Current != b.Manifest.Schema:
		return survey.Errorf(survey.Conflict, "the database has schema version %d already and the backup %d: give it a database without any table", status.Current, b.Manifest.Schema)
	}
	if status.Current == 0 {
		if err := s.migrateTo(ctx, b.Manifest.Schema); err != nil {
			return err
		}
	}
	if err := s.load(ctx, b); err != nil {
		return err
	}
	_, err = s.migrateUp(ctx)
	return err
}

// migrateTo gives an empty database the schema that a backup has.
func (s *Store) migrateTo(ctx context.Context, version int64) error {
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return survey.Errorf(survey.KindOf(translate(err)), "making schema version %d stopped: %w", version, err)
	}
	return nil
}

// load writes all tables in one transaction.
func (s *Store) load(ctx context.Context, b *OpenedBackup) error {
	pool, err := s.writer.DB()
	if err != nil {
		return translate(err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = conn.Close() }() // goes back to the pool, which is closed next
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	err = s.loadTables(ctx, conn, tx, b)
	if err != nil {
		return translate(errors.Join(err, tx.Rollback()))
	}
	return translate(tx.Commit())
}

func (s *Store) loadTables(ctx context.Context, conn *sql.Conn, tx *sql.Tx, b *OpenedBackup) error {
	if err := s.requireEmpty(ctx, tx); err != nil {
		return err
	}
	for i := range b.Manifest.Tables {
		table := &b.Manifest.Tables[i]
		if !slices.Contains(backupTables, table.Name) {
			return survey.Errorf(survey.Invalid, "the backup has a table %q, which this program does not know", table.Name)
		}
		columns, err := s.columns(ctx, tx, table.Name)
		if err != nil {
			return err
		}
		if !sameColumns(columns, table.Columns) {
			return survey.Errorf(survey.Invalid, "table %s of the backup has other columns than schema version %d: the backup was changed", table.Name, b.Manifest.Schema)
		}
		if err := s.loadTable(ctx, &loading{conn, tx, b, table, columns}); err != nil {
			return err
		}
	}
	return settleRestored(ctx, tx, b)
}

// requireEmpty refuses a database in which anything would be mixed with the backup,
// and empties what the migrations have put there.
func (s *Store) requireEmpty(ctx context.Context, tx *sql.Tx) error {
	names, err := s.tables(ctx, tx)
	if err != nil {
		return err
	}
	for name := range names {
		if _, left := leftOutTables[name]; left {
			continue
		}
		if slices.Contains(seededTables, name) {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+quoted(name)); err != nil {
				return err
			}
			continue
		}
		var filled bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+quoted(name)+")").Scan(&filled); err != nil {
			return err
		}
		if filled {
			return survey.Errorf(survey.Conflict, "the database is not empty (table %s has rows): restore into a new one, so that nothing is mixed or lost", name)
		}
	}
	return nil
}

func sameColumns(a, b []BackupColumn) bool {
	return slices.EqualFunc(a, b, func(a, b BackupColumn) bool { return a.Name == b.Name && a.Kind == b.Kind })
}

// loading is a table on its way into the database.
type loading struct {
	conn    *sql.Conn
	tx      *sql.Tx
	backup  *OpenedBackup
	table   *BackupTable
	columns []BackupColumn
}

func (s *Store) loadTable(ctx context.Context, l *loading) error {
	if s.dialect == onPostgres {
		return l.copyRows(ctx)
	}
	return l.insertRows(ctx)
}

// rows reads the rows of the table.
func (l *loading) rows(ctx context.Context, postgres bool, fn func(values []any) error) error {
	r := &restoreRow{columns: l.columns, postgres: postgres, values: make([]any, len(l.columns))}
	n := int64(0)
	return l.backup.each(ctx, l.table, func(line []byte) error {
		n++
		if err := r.read(line); err != nil {
			return survey.Errorf(survey.Invalid, "%s, line %d: %w", l.table.File, n, err)
		}
		return fn(r.values)
	})
}

// restoredRows is how many rows go into one statement, as far as the number of
// values in one allows.
const restoredRows = 50

// insertRows writes several rows by each prepared statement.
func (l *loading) insertRows(ctx context.Context) error {
	single, err := l.tx.PrepareContext(ctx, l.statement(1))
	if err != nil {
		return err
	}
	defer func() { _ = single.Close() }()
	many, err := l.tx.PrepareContext(ctx, l.statement(restoredRows))
	if err != nil {
		return err
	}
	defer func() { _ = many.Close() }()
	width := len(l.columns)
	pending := make([]any, 0, restoredRows*width)
	err = l.rows(ctx, false, func(values []any) error {
		if pending = append(pending, values...); len(pending) < restoredRows*width {
			return nil
		}
		_, err := many.ExecContext(ctx, pending...)
		pending = pending[:0]
		return err
	})
	for ; err == nil && len(pending) > 0; pending = pending[width:] {
		_, err = single.ExecContext(ctx, pending[:width]...)
	}
	return err
}

func (l *loading) statement(rows int) string {
	names := make([]string, len(l.columns))
	for i, c := range l.columns {
		names[i] = quoted(c.Name)
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(names)), ",") + ")"
	return "INSERT INTO " + quoted(l.table.Name) + " (" + strings.Join(names, ",") + ") VALUES " + strings.TrimSuffix(strings.Repeat(row+",", rows), ",")
}

// copyRows writes by COPY, on the connection of the transaction.
func (l *loading) copyRows(ctx context.Context) error {
	names := make([]string, len(l.columns))
	for i, c := range l.columns {
		names[i] = c.Name
	}
	return onConnection(l.conn, func(conn *pgx.Conn) error {
		ctx, cancel := context.WithCancel(ctx)
		source := &copySource{rows: make(chan []any, 64)}
		read := make(chan error, 1)
		go func() {
			defer close(source.rows)
			err := l.rows(ctx, true, func(values []any) error {
				select {
				case source.rows <- slices.Clone(values):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			source.err = err
			read <- err
		}()
		_, err := conn.CopyFrom(ctx, pgx.Identifier{l.table.Name}, names, source)
		cancel()
		if e := <-read; e != nil && !errors.Is(e, context.Canceled) {
			return e
		}
		return err
	})
}

// copySource hands rows from the goroutine that reads to the one that writes.
type copySource struct {
	rows  chan []any
	row   []any
	ended bool
	err   error // set before rows is closed
}

// Next implements pgx.CopyFromSource.
func (c *copySource) Next() bool {
	row, more := <-c.rows
	c.row, c.ended = row, !more
	return more
}

// Values implements pgx.CopyFromSource.
func (c *copySource) Values() ([]any, error) { return c.row, nil }

// Err implements pgx.CopyFromSource: COPY must not end as if all rows had come. It is
// asked between rows too, when err may still be written.
func (c *copySource) Err() error {
	if !c.ended {
		return nil
	}
	return c.err
}

// afterRestore ends what the installation that made the backup may have done since.
var afterRestore = []struct{ table, statement string }{
	{"outbox", "UPDATE outbox SET status = 'uncertain', reason = 'restored from a backup', lease_holder = NULL, leased_until = NULL WHERE status IN ('queued', 'claimed', 'sending')"},
	{"campaigns", "UPDATE campaigns SET status = 'paused' WHERE status IN ('planned', 'running')"},
	{"jobs", "UPDATE jobs SET status = 'cancelled', lease_holder = NULL, leased_until = NULL WHERE status IN ('waiting', 'running')"},
}

func settleRestored(ctx context.Context, tx *sql.Tx, b *OpenedBackup) error {
	for _, after := range afterRestore {
		if !slices.ContainsFunc(b.Manifest.Tables, func(t BackupTable) bool { return t.Name == after.table }) {
			continue
		}
		if _, err := tx.ExecContext(ctx, after.statement); err != nil {
			return err
		}
	}
	return nil
}
