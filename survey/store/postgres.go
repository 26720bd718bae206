package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/salesbench/salesbench/survey"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// openPostgres opens two pools, the second for what respondents do. Statements of
// the first are described once and cached by
// pgx without naming them on the server, which is what a pooler in front of the
// server can live with; GORM's PrepareStmt would not only break there, it is
// slower everywhere.
func openPostgres(ctx context.Context, address string) (db *gorm.DB, hot *sql.DB, err error) {
	config, err := parsePostgres(address)
	if err != nil {
		return nil, nil, err
	}
	pool := stdlib.OpenDB(*config)
	connections := max(8, 4*runtime.GOMAXPROCS(0))
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close() // the first error is the one worth telling
		return nil, nil, unreachable(config, err)
	}
	db, err = gorm.Open(postgres.New(postgres.Config{Conn: pool}), gormConfig())
	if err != nil {
		_ = pool.Close() // the first error is the one worth telling
		return nil, nil, translate(err)
	}
	return db, openHot(*config), nil
}

// parsePostgres reads the address and sets what the program relies on, unless
// the address itself says otherwise.
func parsePostgres(address string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The cause would repeat the address and with it the password.
		return nil, survey.Errorf(survey.Invalid, "the database address is not of the form postgres://user:password@host:port/database")
	}
	q := u.Query()
	if !q.Has("default_query_exec_mode") {
		q.Set("default_query_exec_mode", "cache_describe")
		u.RawQuery = q.Encode()
	}
	config, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, survey.Errorf(survey.Invalid, "the database address can not be read: %s", withoutSecret(err, u))
	}
	config.RuntimeParams["timezone"] = "UTC"
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "salesbench"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	return config, nil
}

func withoutSecret(err error, u *url.URL) string {
	text := err.Error()
	if password, ok := u.User.Password(); ok && password != "" {
		text = strings.ReplaceAll(text, password, "***")
	}
	return text
}

func unreachable(config *pgx.ConnConfig, err error) error {
	return &survey.Error{Kind: survey.Unavailable,
		Message: "the PostgreSQL server at " + config.Host + " does not take the connection (" + reason(err) + ")", Err: err}
}

// withPgx runs fn on the connection beneath a pool of GORM, for what database/sql
// can not say: several statements in one round trip.
func withPgx(ctx context.Context, db *gorm.DB, fn func(conn *pgx.Conn) error) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return onPgx(ctx, pool, fn)
}

func onPgx(ctx context.Context, pool *sql.DB, fn func(conn *pgx.Conn) error) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	err = onConnection(conn, fn)
	if e := conn.Close(); err == nil && !errors.Is(e, sql.ErrConnDone) {
		err = e
	}
	return err
}

// onConnection runs fn on one connection, within its transaction where it has one.
func onConnection(conn *sql.Conn, fn func(conn *pgx.Conn) error) error {
	return conn.Raw(func(driverConn any) error { return fn(driverConn.(*stdlib.Conn).Conn()) })
}
