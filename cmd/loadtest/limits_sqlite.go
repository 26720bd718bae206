package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/salesbench/salesbench/cmd/internal/load"
	"github.com/salesbench/salesbench/cmd/internal/rig"
	"github.com/salesbench/salesbench/survey/store"
	_ "modernc.org/sqlite" // the driver of the service
)

// loop is a plain program on an SQLite file: one row, one durable transaction, again.
type loop struct {
	db       *sql.DB
	inserts  map[string]*insert
	position int64
}

// insert is a statement with the values of one response; some are made anew each time.
type insert struct {
	statement string
	columns   []string
	values    []any
}

// durably opens an SQLite file as the service does: WAL, and every commit synced.
const durably = "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate"

const plainSQLite = `CREATE TABLE plain (id text NOT NULL PRIMARY KEY, wave_id text NOT NULL, organization_id text NOT NULL,
	closed text NOT NULL, numbers text NOT NULL, texts text NOT NULL, submission_key text NOT NULL, submission_digest blob NOT NULL,
	started_at timestamp NOT NULL, submitted_at timestamp NOT NULL);
CREATE INDEX plain_by_organization ON plain (wave_id, organization_id)`

// plainColumns are those of the plain table.
var plainColumns = []string{"id", "wave_id", "organization_id", "closed", "numbers", "texts", "submission_key", "submission_digest", "started_at", "submitted_at"}

// newLoop makes a second file beside the service's, with the same schema and a plain table.
func newLoop(ctx context.Context, b *bed, o bedOptions) (*loop, error) {
	folder, err := o.rig.Dir("limits")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, "limits.db")
	if _, err := rig.Prepare(ctx, store.Config{Path: path}, rig.Plan{}); err != nil {
		return nil, err
	}
	l := &loop{inserts: make(map[string]*insert)}
	if l.db, err = sql.Open("sqlite", "file:"+path+durably); err != nil {
		return nil, err
	}
	l.db.SetMaxOpenConns(1)
	if _, err := l.db.ExecContext(ctx, plainSQLite); err != nil {
		return nil, err
	}
	columns, values, err := sampleSQLite(ctx, b.server.File())
	if err != nil {
		return nil, err
	}
	l.inserts[realTable] = newInsert(realTable, columns, values)
	var kept []any
	for _, column := range plainColumns {
		kept = append(kept, values[slices.Index(columns, column)])
	}
	l.inserts[plainTable] = newInsert(plainTable, plainColumns, kept)
	return l, nil
}

// sampleSQLite reads the last response that the service has kept.
func sampleSQLite(ctx context.Context, path string) (columns []string, values []any, err error) {
	db, err := sql.Open("sqlite", "file:"+path+durably)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, "SELECT * FROM responses ORDER BY position DESC LIMIT 1")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	if !rows.Next() {
		return nil, nil, errors.New("the service has kept no response")
	}
	values = make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	return columns, values, rows.Scan(into...)
}

func newInsert(table string, columns []string, values []any) *insert {
	return &insert{columns: columns, values: slices.Clone(values), statement: fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
		table, strings.Join(columns, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", "))}
}

// renew makes a new row of the same bytes.
func (l *loop) renew(in *insert) {
	l.position++
	for i, column := range in.columns {
		switch column {
		case "id", "submission_key":
			in.values[i] = uuid.NewString()
		case "receipt_code":
			in.values[i] = rand.Text()[:20]
		case "submission_mark":
			in.values[i] = []byte(rand.Text()[:15])
		case "position":
			in.values[i] = l.position
		}
	}
}

// measure runs the loop. At a rate the latency counts from when a row was due.
func (l *loop) measure(ctx context.Context, table string, rate float64, length time.Duration) (outcome, error) {
	in := l.inserts[table]
	statement, err := l.db.PrepareContext(ctx, in.statement)
	if err != nil {
		return outcome{}, err
	}
	defer func() { _ = statement.Close() }() // the database goes with the run
	timer := time.NewTimer(0)
	defer timer.Stop()
	h := load.NewHistogram()
	start, done := time.Now(), 0
	for due := start; time.Since(start) < length && ctx.Err() == nil; done++ {
		if rate > 0 {
			due = due.Add(time.Duration(float64(time.Second) / rate))
			timer.Reset(time.Until(due))
			<-timer.C
		} else {
			due = time.Now()
		}
		if err := l.commit(ctx, statement, in); err != nil {
			return outcome{}, err
		}
		_ = h.RecordValue(time.Since(due).Microseconds()) // a minute is far
	}
	return outcome{PerSecond: float64(done) / time.Since(start).Seconds(), Latencies: map[string]load.Latency{commitLatency: load.Summarize(h)}}, ctx.Err()
}

func (l *loop) commit(ctx context.Context, statement *sql.Stmt, in *insert) error {
	l.renew(in)
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.StmtContext(ctx, statement).ExecContext(ctx, in.values...); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
