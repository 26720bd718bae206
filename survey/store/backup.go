package store

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// A backup is a zip file with one file per table and manifest.json, which is the
// same whichever database it comes from; docs/backup.md describes it.
const (
	backupFormat  = "salesbench backup"
	backupVersion = 1
	manifestName  = "manifest.json"
)

// backupTables are the tables of a backup: each stands behind those that it refers
// to. A table that is neither here nor in leftOutTables fails a test.
var backupTables = []string{
	"studies", "retention", "instruments", "instrument_fields", "criteria", "waves", "wave_seals", "wave_targets", "window_changes", "wave_positions",
	"organizations", "teams", "invitations", "open_links", "spent_links", "drafts", "responses", "exclusions", "aggregates", "published_shares", "result_links",
	"users", "recovery_codes", "user_identities", "memberships", "membership_organizations", "audit_log", "audit_head", "draft_documents",
	"installation", "respondents", "opt_outs", "bounces", "mail_texts", "campaigns", "campaign_texts", "outbox", "erased_mail", "jobs",
}

// leftOutTables are in no backup, for a reason.
var leftOutTables = map[string]string{
	"sessions":         "whoever was signed in signs in again",
	"tickets":          "links that are used once end within days; they are asked for again",
	"sign_in_attempts": "counts of failed attempts of the last minutes",
	"uploads":          "files that wait for a day at most before somebody applies them",
	"duties":           "who does what comes again and again is settled anew",
	versionTable:       "the schema is made by the migrations",
	lockTable:          "a lock of the migrations",
}

// seededTables hold rows from the first migration on, which a restore replaces.
var seededTables = []string{"audit_head", "installation"}

// BackupManifest says what a backup holds.
type BackupManifest struct {
	Format        string        `json:"format"`
	FormatVersion int           `json:"format_version"`
	Program       string        `json:"program"`
	Schema        int64         `json:"schema"`
	Database      string        `json:"database"`
	CreatedAt     time.Time     `json:"created_at"`
	Tables        []BackupTable `json:"tables"`
}

// BackupTable is one table of a backup.
type BackupTable struct {
	Name    string         `json:"name"`
	File    string         `json:"file"`
	Columns []BackupColumn `json:"columns"`
	Rows    int64          `json:"rows"`
	SHA256  string         `json:"sha256"` // of the file as it is unpacked
}

// BackupColumn is a column with the kind of its values: text, integer, real, time
// or bytes.
type BackupColumn struct {
	Name string     `json:"name"`
	Kind columnKind `json:"kind"`
	uuid bool       // as PostgreSQL keeps it
	key  int        // place in the primary key, from 1; 0: none
}

type columnKind string

const (
	textColumn    columnKind = "text"
	integerColumn columnKind = "integer"
	realColumn    columnKind = "real"
	timeColumn    columnKind = "time"  // RFC 3339 in UTC
	bytesColumn   columnKind = "bytes" // base64
)

// columnKinds are the kinds of the types that either database declares.
var columnKinds = map[string]columnKind{
	"text": textColumn, "uuid": textColumn, "integer": integerColumn, "bigint": integerColumn, "real": realColumn, "double precision": realColumn,
	"timestamp": timeColumn, "timestamp with time zone": timeColumn, "blob": bytesColumn, "bytea": bytesColumn,
}

// BackupOptions say how a backup is made.
type BackupOptions struct {
	Program  string                         // version that writes it
	Progress func(table string, rows int64) // hears how far a table has come; may be nil
}

// Backup writes everything the database holds, as it is at one moment, while
// services go on. It needs little memory, whatever the size. An error of the
// writer is returned as it is; what was written then is no backup.
func (s *Store) Backup(ctx context.Context, w io.Writer, o BackupOptions) (BackupManifest, error) {
	if o.Progress == nil {
		o.Progress = func(string, int64) {}
	}
	m := BackupManifest{Format: backupFormat, FormatVersion: backupVersion, Program: o.Program, Database: s.Database(), CreatedAt: s.now()}
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	err := s.atOneMoment(ctx, func(tx *sql.Tx) error {
		if err := s.checkTables(ctx, tx); err != nil {
			return err
		}
		applied := tx.QueryRowContext(ctx, "SELECT max(version_id) FROM "+versionTable+" WHERE is_applied")
		if err := applied.Scan(&m.Schema); err != nil {
			return err
		}
		for i, name := range backupTables {
			table := BackupTable{Name: name, File: tableFile(i, name)}
			if err := s.backupTable(ctx, tx, archive, &table, o.Progress); err != nil {
				return err
			}
			m.Tables = append(m.Tables, table)
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	out, err := archive.Create(manifestName)
	if err != nil {
		return m, err
	}
	document, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		_, err = out.Write(append(document, '\n'))
	}
	if err == nil {
		err = archive.Close()
	}
	return m, err
}

func tableFile(i int, name string) string {
	return "tables/" + string([]byte{'0' + byte(i/10), '0' + byte(i%10)}) + "-" + name + ".ndjson"
}

// atOneMoment runs fn in a transaction that reads, and that sees what was committed
// when it began.
func (s *Store) atOneMoment(ctx context.Context, fn func(tx *sql.Tx) error) error {
	options := &sql.TxOptions{}
	if s.dialect == onPostgres {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	pool, err := s.reader.DB()
	if err != nil {
		return translate(err)
	}
	var tx *sql.Tx
	err = retryLost(ctx, func() error {
		tx, err = pool.BeginTx(ctx, options)
		return err
	})
	if err != nil {
		return translate(err)
	}
	err = fn(tx)
	if e := tx.Rollback(); err == nil && !errors.Is(e, sql.ErrTxDone) { // there is nothing to keep
		err = e
	}
	return translate(err)
}

// checkTables refuses a database with a table of which nobody has said whether it
// belongs into a backup.
func (s *Store) checkTables(ctx context.Context, tx *sql.Tx) error {
	names, err := s.tables(ctx, tx)
	if err != nil {
		return err
	}
	for name := range names {
		if _, left := leftOutTables[name]; !left && !slices.Contains(backupTables, name) {
			return survey.Errorf(survey.Internal, "table %s is in no backup", name)
		}
	}
	return nil
}

// backupTable writes one table, in the order of its primary key: the order in which
// rows came says nothing then.
func (s *Store) backupTable(ctx context.Context, tx *sql.Tx, archive *zip.Writer, table *BackupTable, progress func(string, int64)) error {
	var err error
	if table.Columns, err = s.columns(ctx, tx, table.Name); err != nil {
		return err
	}
	file, err := archive.Create(table.File)
	if err != nil {
		return sourceError{err}
	}
	hash := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(file, hash), 1<<18)
	rows, err := tx.QueryContext(ctx, s.selectTable(table))
	r := newBackupRow(table.Columns)
	err = scanAll(rows, err, func(row scanner) error {
		if err := row.Scan(r.targets...); err != nil {
			return err
		}
		line, err := r.line()
		if err != nil {
			return survey.Errorf(survey.Internal, "table %s, row %d: %w", table.Name, table.Rows+1, err)
		}
		if table.Rows++; table.Rows%progressRows == 0 {
			progress(table.Name, table.Rows)
		}
		if _, err := out.Write(line); err != nil {
			return sourceError{err}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return sourceError{err}
	}
	table.SHA256 = hex.EncodeToString(hash.Sum(nil))
	progress(table.Name, table.Rows)
	return nil
}

// progressRows is how many rows lie between two reports.
const progressRows = 10_000

// selectTable reads times on SQLite as the text that they are, as selectResponses does.
func (s *Store) selectTable(table *BackupTable) string {
	var columns, order []string
	keys := make([]string, len(table.Columns)+1)
	for _, c := range table.Columns {
		name := quoted(c.Name)
		if c.key > 0 {
			keys[c.key] = name
			if c.Kind == textColumn && !c.uuid && s.dialect == onPostgres {
				keys[c.key] += ` COLLATE "C"` // the order of SQLite
			}
		}
		if c.Kind == timeColumn && s.dialect == onSQLite {
			name = "CAST(" + name + " AS text)"
		}
		columns = append(columns, name)
	}
	for _, key := range keys {
		if key != "" {
			order = append(order, key)
		}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + quoted(table.Name) + " ORDER BY " + strings.Join(order, ", ")
}

// quoted is the name of a table or column inside a statement.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

const (
	columnsSQLite   = "SELECT name, lower(type), pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid"
	columnsPostgres = `SELECT c.column_name, c.data_type, coalesce(array_position(k.conkey, a.attnum), 0)
		FROM information_schema.columns c
		JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(c.table_name)) AND a.attname = c.column_name
		LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
		WHERE c.table_schema = current_schema() AND c.table_name = $1 AND c.is_generated = 'NEVER' ORDER BY c.ordinal_position`
)

// columns lists the columns of a table that hold what was written into them.
func (s *Store) columns(ctx context.Context, db querier, table string) ([]BackupColumn, error) {
	query := columnsSQLite
	if s.dialect == onPostgres {
		query = columnsPostgres
	}
	var columns []BackupColumn
	rows, err := db.QueryContext(ctx, query, table)
	err = scanAll(rows, err, func(row scanner) error {
		var c BackupColumn
		var declared string
		if err := row.Scan(&c.Name, &declared, &c.key); err != nil {
			return err
		}
		c.Kind, c.uuid = columnKinds[declared], declared == "uuid"
		if c.Kind == "" {
			return survey.Errorf(survey.Internal, "column %s of table %s is of type %s, which no backup knows", c.Name, table, declared)
		}
		columns = append(columns, c)
		return nil
	})
	if err == nil && len(columns) == 0 {
		err = survey.Errorf(survey.Internal, "the database has no table %s", table)
	}
	return columns, err
}

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}
