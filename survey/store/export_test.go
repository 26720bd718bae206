package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/salesbench/salesbench/survey/auth"
)

// Synchronous asks the connection of an SQLite store that writes how long it
// waits for the disk, as whoever gets it next would find it: 1 NORMAL, 2 FULL.
func (s *Store) Synchronous(ctx context.Context) (level int, err error) {
	pool, err := s.writer.DB()
	if err == nil {
		err = pool.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&level)
	}
	return level, err
}

// LimitPages keeps an SQLite file from growing beyond a number of pages, or beyond
// its present size where that is more.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	pool, err := s.writer.DB()
	if err == nil {
		_, err = pool.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	}
	return err
}

// HotPlans are the plans that a connection of the hot pool makes once, for its whole
// life, by statement.
func (s *Store) HotPlans(ctx context.Context) (map[string]string, error) {
	plans := map[string]string{}
	err := s.onHot(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		for _, statement := range hotStatements {
			prepared, err := conn.Prepare(ctx, statement, statement)
			if err != nil {
				return err
			}
			arguments := strings.TrimSuffix(strings.Repeat("NULL,", len(prepared.ParamOIDs)), ",")
			rows, err := conn.Query(ctx, "EXPLAIN (COSTS OFF) EXECUTE \""+prepared.Name+"\" ("+arguments+")", pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				return err
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			plans[statement] = strings.Join(lines, "\n")
		}
		return nil
	})
	return plans, err
}

// MarkOf is what stands for a submission key in the database.
var MarkOf = markOf

// MigrateTo gives an empty database the schema of a version.
func MigrateTo(ctx context.Context, config Config, version int64) error {
	s, err := connect(ctx, config)
	if err != nil {
		return err
	}
	return closing(s, s.migrateTo(ctx, version))
}

// Checkpoint brings the log of an SQLite file over as a service does now and then, and
// says whether little is left for the connection that writes.
func (s *Store) Checkpoint(ctx context.Context) (rest bool) {
	s.lite.checkpoints.pass(ctx)
	return s.lite.checkpoints.rest.Load()
}

// DropWriter has the next transaction on an SQLite store write on a new connection.
func (s *Store) DropWriter(ctx context.Context) error {
	conn, err := s.lite.pool.Conn(ctx)
	if err == nil {
		s.lite.drop(conn)
	}
	return err
}

// The ages from which what is remembered is read anew, and from which it is not believed.
const (
	AheadAfter = aheadAfter
	PlaceLife  = placeLife
)

// AgePlaces gives what is remembered of places an age.
func (s *Store) AgePlaces(age time.Duration) {
	m, read, of := s.places.now.Load(), time.Now().Add(-age), map[*Place]bool{}
	m.waves.Range(func(_, known any) bool {
		known.(*waveNow).read = read
		return true
	})
	m.at.Range(func(key, known any) bool {
		of[known.(placeNow).place] = true
		m.at.Store(key, placeNow{known.(placeNow).place, read})
		return true
	})
	m.open.Range(func(_, known any) bool {
		known.(*openNow).read = read
		of[known.(*openNow).place] = true
		return true
	})
	for place := range of {
		place.read = read
	}
}

// LinksReadSince counts the links that were read since a moment.
func (s *Store) LinksReadSince(moment time.Time) int {
	n := 0
	s.places.now.Load().open.Range(func(_, known any) bool {
		if known.(*openNow).read.After(moment) {
			n++
		}
		return true
	})
	return n
}

// AwaitAhead waits for what is being read ahead.
func (s *Store) AwaitAhead() { s.ahead.running.Wait() }

// WithdrawElsewhere withdraws a link as another program does.
func (s *Store) WithdrawElsewhere(token auth.Hash) error {
	return s.writer.Exec("UPDATE open_links SET revoked_at = created_at WHERE token_hash = ?", token[:]).Error
}
