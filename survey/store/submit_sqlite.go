package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// keepSQLite is the transaction of a batch on SQLite. It speaks to GORM's pool
// of prepared statements directly: the statements are always the same few, and
// building them anew took longer than running them.
func (b *batch) keepSQLite(ctx context.Context) error {
	return b.store.writer.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		pool := tx.Statement.ConnPool
		waves := map[survey.WaveID]*found{}
		for _, id := range b.waves() {
			f, err := b.findSQLite(ctx, pool, id)
			if err != nil {
				return err
			}
			waves[id] = f
		}
		rows := b.decide(waves)
		if len(rows) == 0 {
			return nil
		}
		if err := insertSQLite(ctx, pool, rows); err != nil {
			return err
		}
		for id, f := range waves {
			if _, err := pool.ExecContext(ctx, "UPDATE wave_positions SET position = ? WHERE wave_id = ?", f.position, string(id)); err != nil {
				return err
			}
		}
		return b.endSQLite(ctx, pool, rows)
	})
}

func (b *batch) findSQLite(ctx context.Context, pool gorm.ConnPool, id survey.WaveID) (*found, error) {
	f := newFound()
	keys, invitations, drafts := b.keysOf(id)
	var closes sql.NullTime
	err := pool.QueryRowContext(ctx, "SELECT p.position, w.opens_at, w.closes_at FROM wave_positions p JOIN waves w ON w.id = p.wave_id WHERE p.wave_id = ?", string(id)).
		Scan(&f.position, &f.wave.OpensAt, &closes)
	if err != nil {
		return nil, err
	}
	f.wave.ClosesAt = closes.Time
	err = each(ctx, pool, f.scanEarlier, selectEarlier+"submission_key IN (SELECT value FROM json_each(?))", string(id), jsonList(keys))
	if err == nil && len(invitations) > 0 {
		err = each(ctx, pool, f.scanEarlier, selectEarlier+"invitation_id IN (SELECT value FROM json_each(?))", string(id), jsonList(invitations))
	}
	if err == nil && len(invitations) > 0 {
		err = each(ctx, pool, f.scanInvitation, "SELECT id, organization_id, used_at FROM invitations WHERE wave_id = ? AND id IN (SELECT value FROM json_each(?))", string(id), jsonList(invitations))
	}
	if err == nil && len(drafts) > 0 {
		err = each(ctx, pool, f.scanDraft, "SELECT id, resume_hash FROM drafts WHERE wave_id = ? AND id IN (SELECT value FROM json_each(?))", string(id), jsonList(drafts))
	}
	return f, err
}

const selectEarlier = "SELECT submission_key, id, submission_digest, receipt_code, submitted_at, invitation_id FROM responses WHERE wave_id = ? AND "

// scanner is the part of *sql.Rows and pgx.Rows that reads one row.
type scanner interface{ Scan(into ...any) error }

func (f *found) scanEarlier(row scanner) error {
	var r earlierRow
	if err := row.Scan(&r.key, &r.id, &r.digest, &r.code, &r.submittedAt, &r.invitation); err != nil {
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
	if err := row.Scan(&id, &resume); err != nil {
		return err
	}
	f.resume[survey.DraftID(id)] = resume
	return nil
}

// each runs a query and hands every row to scan.
func each(ctx context.Context, pool gorm.ConnPool, scan func(scanner) error, query string, args ...any) error {
	rows, err := pool.QueryContext(ctx, query, args...)
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
func jsonList(values []string) string {
	b, err := json.Marshal(values)
	if err != nil {
		panic("store: a list of strings can not be written as JSON: " + err.Error())
	}
	return string(b)
}

// insertRows is how many rows one prepared statement adds; the rest goes singly.
const insertRows = 16

var (
	insertOne  = insertStatement(1)
	insertMany = insertStatement(insertRows)
)

func insertStatement(rows int) string {
	group := "(" + strings.Repeat("?, ", len(responseColumns)-1) + "?)"
	return "INSERT INTO responses (" + strings.Join(responseColumns, ", ") + ") VALUES " + strings.Repeat(group+", ", rows-1) + group
}

func insertSQLite(ctx context.Context, pool gorm.ConnPool, rows []*responseRow) error {
	args := make([]any, 0, insertRows*len(responseColumns))
	for len(rows) > 0 {
		n, statement := insertRows, insertMany
		if len(rows) < insertRows {
			n, statement = 1, insertOne
		}
		args = args[:0]
		for _, row := range rows[:n] {
			args = row.appendValues(args)
		}
		if _, err := pool.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// endSQLite marks invitations as used and removes drafts.
func (b *batch) endSQLite(ctx context.Context, pool gorm.ConnPool, rows []*responseRow) error {
	invitations, drafts := b.ends(rows)
	if len(invitations) > 0 {
		_, err := pool.ExecContext(ctx, "UPDATE invitations SET used_at = ? WHERE id IN (SELECT value FROM json_each(?))", b.store.now(), jsonList(invitations))
		if err != nil {
			return err
		}
	}
	if len(drafts) > 0 {
		_, err := pool.ExecContext(ctx, "DELETE FROM drafts WHERE id IN (SELECT value FROM json_each(?))", jsonList(drafts))
		return err
	}
	return nil
}
