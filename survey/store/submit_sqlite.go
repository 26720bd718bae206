package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// liteStatements are prepared once on the one connection that writes. A
// transaction of GORM would prepare each of them anew, which took longer than
// running them.
type liteStatements struct {
	pool *sql.DB
	held, earlierByKey, earlierByInvitation, invitations, drafts,
	insertOne, position, useInvitations, removeDrafts,
	saveDraft, startDraft,
	partners, leavePlaces, insertLot, spendLink *sql.Stmt // of anonymous waves
	entrances, submitted *sql.Stmt    // on the connections that read
	direct               directInsert // on the connection that writes
	checkpoints          *checkpoints // of a service only
}

const (
	selectEarlier = "SELECT submission_key, id, submission_digest, receipt_code, submitted_at, organization_id, team_id, invitation_id FROM responses WHERE "
	inList        = " IN (SELECT value FROM json_each(?))"
)

// prepareSQLite looks after the log of the file at served; empty: it is not served.
func prepareSQLite(ctx context.Context, writer, reader *gorm.DB, served string) (*liteStatements, error) {
	pool, err := writer.DB()
	if err != nil {
		return nil, translate(err)
	}
	readers, err := reader.DB()
	if err != nil {
		return nil, translate(err)
	}
	l := &liteStatements{pool: pool}
	for statement, query := range map[**sql.Stmt]string{
		&l.held:                "SELECT p.position, w.opens_at, w.closes_at, w.late_hours, w.mode, w.created_at FROM wave_positions p JOIN waves w ON w.id = p.wave_id WHERE p.wave_id = ?",
		&l.earlierByKey:        selectEarlier + "submission_mark IN (SELECT unhex(value) FROM json_each(?))",
		&l.earlierByInvitation: selectEarlier + "wave_id = ? AND invitation_id" + inList,
		&l.invitations:         "SELECT id, organization_id, used_at FROM invitations WHERE wave_id = ? AND id" + inList,
		&l.drafts:              "SELECT id, resume_hash, version FROM drafts WHERE wave_id = ? AND id" + inList,
		&l.insertOne:           insertStatement(),
		&l.position:            "UPDATE wave_positions SET position = ? WHERE wave_id = ?",
		&l.useInvitations:      "UPDATE invitations SET used_at = ? WHERE id" + inList,
		&l.removeDrafts:        "DELETE FROM drafts WHERE id" + inList,
		&l.saveDraft:           saveDraftSQLite,
		&l.partners:            partnersSQLite,
		&l.leavePlaces:         "DELETE FROM responses WHERE wave_id = ? AND position" + inList,
		&l.insertLot:           insertStatement("lot"),
		&l.spendLink:           "INSERT INTO spent_links (token_hash, wave_id, organization_id) VALUES (?, ?, ?)",
		&l.startDraft:          startDraftSQLite,
	} {
		if *statement, err = pool.PrepareContext(ctx, query); err != nil {
			return nil, translate(err)
		}
	}
	if l.entrances, err = readers.PrepareContext(ctx, selectEntrancesSQLite); err != nil {
		return nil, translate(err)
	}
	if l.submitted, err = readers.PrepareContext(ctx, selectSubmittedSQLite); err != nil {
		return nil, translate(err)
	}
	if served == "" {
		return l, nil
	}
	return l, l.checkpoint(readers, served)
}

// liteTx is a transaction that uses the prepared statements.
type liteTx struct {
	*liteStatements
	ctx  context.Context
	tx   *sql.Tx
	conn *sql.Conn // that the transaction is on; nil where GORM began it
}

func (t *liteTx) exec(statement *sql.Stmt, args ...any) error {
	_, err := t.tx.StmtContext(t.ctx, statement).ExecContext(t.ctx, args...)
	return err
}

// each runs a query and hands every row to scan.
func (t *liteTx) each(scan func(scanner) error, statement *sql.Stmt, args ...any) error {
	rows, err := t.tx.StmtContext(t.ctx, statement).QueryContext(t.ctx, args...)
	return scanAll(rows, err, scan)
}

// keepSQLite is the transaction of a batch on SQLite. Only what was tried before
// is looked up; when something else in it was submitted before, the batch is
// begun again with all of it looked up.
func (b *batch) keepSQLite(ctx context.Context) error {
	_, b.before = b.store.tried.divide(b.entries)
	err := b.store.lite.transaction(ctx, waiting, b.talkSQLite)
	if err != nil && survey.KindOf(translate(err)) == survey.Conflict {
		b.before = b.entries
		for _, p := range b.entries {
			*p.outcome = Outcome{}
		}
		err = b.store.lite.transaction(ctx, waiting, b.talkSQLite)
	}
	return err
}

// durability says whether a transaction ends when it is on the disk or before.
type durability bool

const (
	waiting    durability = true
	notWaiting durability = false
)

// transaction runs fn in one transaction on the connection that writes. One that
// does not wait for the disk is taken along by the next that does.
func (l *liteStatements) transaction(ctx context.Context, d durability, fn func(*liteTx) error) (err error) {
	ctx = context.WithoutCancel(ctx) // a statement that can be stopped costs a goroutine, and a file waits for busy_timeout only
	conn, err := l.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if d == notWaiting {
		if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, l.waitAgain(ctx, conn)) }()
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(&liteTx{liteStatements: l, ctx: ctx, tx: tx, conn: conn}); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		// On a full disk the transaction can be open still; if not, this fails and changes nothing.
		_, _ = conn.ExecContext(ctx, "ROLLBACK")
		return err
	}
	l.checkpoints.committed(ctx, conn)
	return nil
}

// waitAgain makes the next transaction of the connection wait for the disk. When
// that can not be had, nobody gets the connection.
func (l *liteStatements) waitAgain(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "PRAGMA synchronous = FULL")
	if err != nil {
		l.drop(conn)
	}
	return err
}

// drop ends the connection that writes: the pool makes a new one.
func (l *liteStatements) drop(conn *sql.Conn) {
	_ = conn.Raw(func(any) error {
		l.direct.close()
		return driver.ErrBadConn
	})
}

// close ends what goes on beside the pools, after the transaction that is under way.
func (l *liteStatements) close() {
	if l == nil {
		return
	}
	l.checkpoints.close()
	if conn, err := l.pool.Conn(context.Background()); err == nil { // else it is closed already
		_ = conn.Raw(func(any) error {
			l.direct.close()
			return nil
		})
		_ = conn.Close() // gives it back
	}
}

func (b *batch) talkSQLite(t *liteTx) error {
	waves, now := map[survey.WaveID]*found{}, b.store.now()
	for _, id := range b.waves() {
		f, err := b.findSQLite(t, id, now)
		if err != nil {
			return err
		}
		waves[id] = f
	}
	rows, taken := b.decide(waves, now)
	if len(rows) == 0 {
		return nil
	}
	moved, err := mix(rows, func(of crowd) ([]*responseRow, error) { return of.partnersSQLite(t) })
	if err != nil {
		return err
	}
	if err := t.insertMoved(moved); err != nil {
		return err
	}
	for id, f := range waves {
		if err := t.exec(t.position, f.position, string(id)); err != nil {
			return err
		}
	}
	return t.use(endsOf(taken), waves, now)
}

func (b *batch) findSQLite(t *liteTx, id survey.WaveID, now time.Time) (*found, error) {
	f := newFound()
	_, invitations, drafts := keysOf(id, b.entries)
	err := t.each(f.scanHeld, t.held, string(id))
	keys, _, _ := keysOf(id, b.before)
	if err == nil && (closedError(f.wave, now) != nil || f.wave.Mode == survey.Anonymous) {
		keys, _, _ = keysOf(id, b.entries) // no index says what is there: nothing will be added, or the invitation says only that it is used
	}
	if err == nil && len(keys) > 0 {
		err = t.each(f.scanEarlier, t.earlierByKey, hexList(marksOf(id, keys)))
	}
	if err == nil && len(invitations) > 0 {
		list := jsonList(invitations)
		err = errors.Join(t.each(f.scanEarlier, t.earlierByInvitation, string(id), list), t.each(f.scanInvitation, t.invitations, string(id), list))
	}
	if err == nil && len(drafts) > 0 {
		err = t.each(f.scanDraft, t.drafts, string(id), jsonList(drafts))
	}
	return f, err
}

func (f *found) scanHeld(row scanner) error {
	var closes sql.NullTime
	err := row.Scan(&f.position, &f.wave.OpensAt, &closes, &f.wave.LateHours, &f.wave.Mode, &f.wave.CreatedAt)
	f.wave.ClosesAt = closes.Time
	return err
}

// scanner is the part of *sql.Rows and pgx.Rows that reads one row.
type scanner interface{ Scan(into ...any) error }

func (f *found) scanEarlier(row scanner) error {
	var r earlierRow
	if err := row.Scan(&r.key, &r.id, &r.digest, &r.code, &r.submittedAt, &r.organization, &r.team, &r.invitation); err != nil {
		return err
	}
	f.add(r)
	return nil
}

func (f *found) scanInvitation(row scanner) error {
	var r invitationRow
	if err := row.Scan(&r.ID, &r.OrganizationID, &r.UsedAt); err != nil {
		return err
	}
	f.invitations[survey.InvitationID(r.ID)] = r.invitation()
	return nil
}

func (f *found) scanDraft(row scanner) error {
	var id string
	var resume []byte
	var version int
	if err := row.Scan(&id, &resume, &version); err != nil {
		return err
	}
	f.resume[survey.DraftID(id)], f.version[survey.DraftID(id)] = resume, version
	return nil
}

// scanAll hands every row of a result to scan.
func scanAll(rows *sql.Rows, err error, scan func(scanner) error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// jsonList lets one prepared statement take any number of values.
func jsonList[T string | int64](values []T) string {
	b, err := json.Marshal(values)
	if err != nil {
		panic("store: a list can not be written as JSON: " + err.Error())
	}
	return string(b)
}

// hexList is jsonList for bytes, which JSON has no form for.
func hexList(values [][]byte) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = hex.EncodeToString(v)
	}
	return jsonList(list)
}
