package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// passes is how many turns it takes to put responses there. Each adds its part in the
// order of the index over keys, which is much faster than any other and leaves the pages
// of the index as full as random keys do.
const passes = 20

// putBefore puts responses into the wave, by SQL and not through the service: copies of
// one that it has kept, each with an id, a key and a receipt of its own. The service goes
// on meanwhile, so that it does not read them at its start.
func (b *bed) putBefore(ctx context.Context, rows int64) error {
	if rows > 0 && b.postgres != nil {
		return b.putBeforePostgres(ctx, rows)
	}
	if rows > 0 {
		return b.putBeforeSQLite(ctx, rows)
	}
	return nil
}

// copies is the statement that adds one pass. What is not made anew stays as it was.
func copies(columns []string, anew map[string]string, numbers string) string {
	values := make([]string, len(columns))
	for i, column := range columns {
		if values[i] = anew[column]; values[i] == "" {
			values[i] = "r." + column
		}
	}
	return fmt.Sprintf("INSERT INTO responses (%s) SELECT %s FROM (SELECT * FROM responses ORDER BY position DESC LIMIT 1) r, %s ORDER BY %d",
		strings.Join(columns, ", "), strings.Join(values, ", "), numbers, 1+slices.Index(columns, "submission_mark"))
}

// numbersSQLite are as many numbers as the second argument says, after the first.
const numbersSQLite = "(WITH RECURSIVE c (n) AS (SELECT ?1 + 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?1 + ?2) SELECT n FROM c)"

const uuidSQLite = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(6)))"

func (b *bed) putBeforeSQLite(ctx context.Context, rows int64) (err error) {
	columns, _, err := sampleSQLite(ctx, b.server.File())
	if err != nil {
		return err
	}
	statement := copies(columns, map[string]string{"id": uuidSQLite, "submission_key": uuidSQLite, "submission_mark": "randomblob(15)",
		"receipt_code": "hex(randomblob(10))", "position": "n"}, numbersSQLite)
	db, err := sql.Open("sqlite", "file:"+b.server.File()+"?_pragma=busy_timeout(60000)&_pragma=synchronous(OFF)&_pragma=cache_size(-400000)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	for i := range int64(passes) {
		if err := putPassSQLite(ctx, db, statement, (i+1)*rows/passes-i*rows/passes); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

func putPassSQLite(ctx context.Context, db *sql.DB, statement string, n int64) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	var position int64
	err = tx.QueryRowContext(ctx, "SELECT max(position) FROM wave_positions").Scan(&position)
	if err == nil && n > 0 {
		_, err = tx.ExecContext(ctx, statement, position, n)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "UPDATE wave_positions SET position = position + ?", n)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (b *bed) putBeforePostgres(ctx context.Context, rows int64) (err error) {
	cells, err := samplePostgres(ctx, b.server.StoreConfig().URL)
	if err != nil {
		return err
	}
	columns, anew := make([]string, len(cells)), map[string]string{"position": "n"}
	for i, c := range cells {
		if columns[i] = c.column; c.column == "id" || c.column == "receipt_code" || strings.HasPrefix(c.column, "submission_") && c.column != "submission_digest" {
			anew[c.column] = c.expression()
		}
	}
	statement := copies(columns, anew, "generate_series($1::bigint + 1, $1::bigint + $2::bigint) n")
	conn, err := pgx.Connect(ctx, b.server.StoreConfig().URL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, "SET synchronous_commit = off"); err != nil {
		return err
	}
	for i := range int64(passes) {
		n := (i+1)*rows/passes - i*rows/passes
		var position int64
		if err := conn.QueryRow(ctx, "UPDATE wave_positions SET position = position + $1 RETURNING position - $1", n).Scan(&position); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, statement, position, n); err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, "ANALYZE responses")
	return err
}
