package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// hotPatience ends a statement of the respondents' road on a connection that has
// gone silent. Trying again is safe for each of them.
const hotPatience = 5 * time.Second

// hotStatements are prepared on every connection of the hot pool.
var hotStatements = []string{selectEntrances, selectSubmitted, addResponses, earlierByKeyPostgres, saveDrafts, startDrafts}

// openHot opens the connections on which respondents are served: few, because
// many requests share each statement, and each with its statements prepared.
func openHot(config pgx.ConnConfig) *sql.DB {
	config.ConnectTimeout = min(config.ConnectTimeout, hotPatience/2)
	if mode := config.DefaultQueryExecMode; mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol {
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // the others know no types, which written arrays need
	}
	pool := stdlib.OpenDB(config, stdlib.OptionAfterConnect(prepareHot))
	pool.SetMaxOpenConns(hotConnections)
	pool.SetMaxIdleConns(hotConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool
}

// hotConnections are enough for the workers of an intake, with some to spare.
var hotConnections = 2 + 2*runtime.GOMAXPROCS(0)

// prepareHot makes the plans once for the life of the connection: by index, for
// a plan made while a table was small would read the whole table ever after.
// Between a pooler and the server nothing may be kept for a connection; there
// the statements are planned each time.
func prepareHot(ctx context.Context, conn *pgx.Conn) error {
	sentAsTheyAre(conn)
	var pid uint32
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return err
	}
	if pid != conn.PgConn().PID() {
		return nil
	}
	const settings = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; SET plan_cache_mode = force_generic_plan"
	if err := conn.PgConn().Exec(ctx, settings).Close(); err != nil {
		return err
	}
	for _, statement := range hotStatements {
		if _, err := conn.Prepare(ctx, statement, statement); err != nil {
			return err
		}
	}
	return nil
}

// onHot runs fn on a connection of the hot pool, again when it was a dead one: fn
// must be such that this is safe.
func (s *Store) onHot(ctx context.Context, fn func(ctx context.Context, conn *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, hotPatience)
	defer cancel()
	err := retryLost(ctx, func() error {
		return onPgx(ctx, s.hot, func(conn *pgx.Conn) error { return fn(ctx, conn) })
	})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		// Where one connection has gone silent the others have, too: begin anew.
		s.hot.SetMaxIdleConns(0)
		s.hot.SetMaxIdleConns(hotConnections)
	}
	return err
}

// eachRaw runs a hot statement and hands over the rows in the form in which they
// arrive: PostgreSQL's binary one for all types but text.
func eachRaw(ctx context.Context, conn *pgx.Conn, row func(values [][]byte) error, statement string, args ...any) error {
	rows, err := conn.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.RawValues()); err != nil {
			return err
		}
	}
	return rows.Err()
}

var errRaw = errors.New("a value of the database has an unexpected form")

// rawReader reads the values of one row in their order.
type rawReader struct {
	values [][]byte
	wrong  bool
}

func (r *rawReader) next() []byte {
	if len(r.values) == 0 {
		r.wrong = true
		return nil
	}
	v := r.values[0]
	r.values = r.values[1:]
	return v
}

func (r *rawReader) text() string { return string(r.next()) }

func (r *rawReader) optionalText() sql.NullString {
	v := r.next()
	return sql.NullString{String: string(v), Valid: v != nil}
}

// id reads a UUID; NULL is empty.
func (r *rawReader) id() string {
	v := r.next()
	if v == nil {
		return ""
	}
	if len(v) != 16 {
		r.wrong = true
		return ""
	}
	return textOfUUID(v)
}

func textOfUUID(v []byte) string {
	var b [36]byte
	hex.Encode(b[:8], v[:4])
	hex.Encode(b[9:13], v[4:6])
	hex.Encode(b[14:18], v[6:8])
	hex.Encode(b[19:23], v[8:10])
	hex.Encode(b[24:], v[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// number reads an integer of any size.
func (r *rawReader) number() int64 {
	switch v := r.next(); len(v) {
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 0:
		return 0
	}
	r.wrong = true
	return 0
}

var rawEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// time reads a moment; NULL is the zero time.
func (r *rawReader) time() time.Time {
	v := r.next()
	if v == nil {
		return time.Time{}
	}
	if len(v) != 8 {
		r.wrong = true
		return time.Time{}
	}
	return rawEpoch.Add(time.Duration(int64(binary.BigEndian.Uint64(v))) * time.Microsecond)
}

func (r *rawReader) err() error {
	if r.wrong || len(r.values) > 0 {
		return errRaw
	}
	return nil
}

// argument is an id as PostgreSQL takes it; empty is NULL.
func argument[T ~string](id T) pgtype.UUID {
	if id == "" {
		return pgtype.UUID{}
	}
	u, err := uuid.Parse(string(id))
	return pgtype.UUID{Bytes: u, Valid: err == nil}
}
