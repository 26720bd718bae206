package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	modernc "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// translate turns an error of GORM or of a driver into one of survey's kinds.
// It is the only place that knows codes of SQLite and PostgreSQL. An error that
// is classified already stays what it is.
func translate(err error) error {
	var source sourceError
	if errors.As(err, &source) {
		return source.error
	}
	var classified *survey.Error
	switch {
	case err == nil || errors.As(err, &classified):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return as(survey.Unavailable, "the database did not answer in time", err)
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows):
		return as(survey.NotFound, "nothing is stored under this name", err)
	}
	var lite *modernc.Error
	if errors.As(err, &lite) {
		return translateSQLite(lite, err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return translatePostgres(pg, err)
	}
	if lostConnection(err) {
		return as(survey.Unavailable, "the connection to the database is lost", err)
	}
	return as(survey.Internal, "the database refused an operation", err)
}

func as(kind survey.ErrorKind, message string, err error) error {
	return &survey.Error{Kind: kind, Message: message, Err: err}
}

func translateSQLite(e *modernc.Error, err error) error {
	switch e.Code() {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return as(survey.Conflict, duplicateMessage, err)
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return as(survey.Invalid, orphanMessage, err)
	case lib.SQLITE_CONSTRAINT_CHECK, lib.SQLITE_CONSTRAINT_NOTNULL:
		return as(survey.Invalid, checkMessage, err)
	}
	switch e.Code() & 0xff { // the primary code beneath the extended one
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return as(survey.Unavailable, "the database file is in use by another program; end that program or wait until it has finished", err)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return damaged(err)
	case lib.SQLITE_FULL:
		return as(survey.Unavailable, "the disk of the database file is full; make room, nothing that was confirmed is lost", err)
	case lib.SQLITE_READONLY, lib.SQLITE_PERM:
		return as(survey.Unavailable, "the database file can not be written; check who owns the file and its folder", err)
	case lib.SQLITE_CANTOPEN:
		return as(survey.Unavailable, "the database file can not be opened; check that its folder exists and may be written", err)
	case lib.SQLITE_IOERR:
		return as(survey.Unavailable, "the disk of the database file reports errors", err)
	case lib.SQLITE_INTERRUPT:
		return as(survey.Unavailable, "the database did not answer in time", err)
	case lib.SQLITE_TOOBIG:
		return as(survey.TooLarge, "a value is too large for the database", err)
	}
	return as(survey.Internal, "the database refused an operation", err)
}

const (
	duplicateMessage = "this exists already under the same key"
	orphanMessage    = "this refers to something that does not exist"
	checkMessage     = "a value is outside what may be stored"
)

// translatePostgres goes by SQLSTATE; see appendix A of the PostgreSQL manual.
func translatePostgres(e *pgconn.PgError, err error) error {
	switch e.Code {
	case "23505":
		return as(survey.Conflict, duplicateMessage, err)
	case "23503":
		return as(survey.Invalid, orphanMessage, err)
	case "23514", "23502":
		return as(survey.Invalid, checkMessage, err)
	case "22P02":
		// A text that is no UUID names nothing that could exist.
		return as(survey.NotFound, "nothing is stored under this name", err)
	case "22021", "22P05":
		return as(survey.Invalid, "a text has characters that can not be stored", err)
	case "25006":
		return as(survey.Unavailable, "the database server takes no changes (standby or read-only)", err)
	case "3D000":
		return as(survey.Unavailable, "the database does not exist on the server; create it first", err)
	case "57P03":
		return as(survey.Unavailable, "the database server is starting up or shutting down", err)
	case "53100":
		return as(survey.Unavailable, "the disk of the database server is full; make room, nothing that was confirmed is lost", err)
	case "53300":
		return as(survey.Unavailable, "the database server takes no more connections; raise its max_connections or end other programs", err)
	case "XX001", "XX002":
		return as(survey.Unavailable, "the database server reports damaged data; restore it from a backup", err)
	case "40001", "40P01", "55P03":
		return as(survey.Unavailable, "the database could not put simultaneous changes in order; try again", err)
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "08", "57":
		return as(survey.Unavailable, "the connection to the database is lost", err)
	case "28":
		return as(survey.Unavailable, "the database server does not accept the user or the password", err)
	case "53":
		return as(survey.Unavailable, "the database server is out of memory or another resource", err)
	case "58":
		return as(survey.Unavailable, "the disk of the database server reports errors", err)
	case "54":
		return as(survey.TooLarge, "a value is too large for the database", err)
	}
	return as(survey.Internal, "the database refused an operation", err)
}

// lostConnection recognizes the ways in which a connection goes away.
func lostConnection(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || strings.Contains(err.Error(), "conn closed") || pgconn.Timeout(err)
}

// deadConnection says whether the connection had ended before, or was ended by
// the server, as opposed to a server that can not be reached at all.
func deadConnection(err error) bool {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "57P01" || pg.Code == "57P02" || strings.HasPrefix(pg.Code, "08")
	}
	return lostConnection(err)
}

// violates says whether an error comes from the constraint. SQLite names the
// columns of a unique constraint where PostgreSQL names the constraint.
func violates(err error, constraint, columns string) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.ConstraintName == constraint
	}
	var lite *modernc.Error
	return errors.As(err, &lite) && (strings.Contains(lite.Error(), constraint) || strings.Contains(lite.Error(), columns))
}

// reason is the shortest form of a connection error, without the address that
// may hold a password.
func reason(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Message
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return "no answer"
}
