package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/salesbench/salesbench/survey"
)

// keepPostgres is the transaction of a batch on PostgreSQL. Nearly always one
// statement takes the batch as it is. When something in it was submitted before,
// or does not fit, the careful way finds out what: in two round trips whatever
// the size of the batch, begin and look up; add, mark, remove and commit.
func (b *batch) keepPostgres(ctx context.Context) error {
	left, err := b.addPostgres(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	b = &batch{store: b.store, entries: left}
	return b.store.onHot(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		err := b.talkPostgres(ctx, conn)
		if err != nil && !conn.IsClosed() && conn.PgConn().TxStatus() != 'I' {
			// The rollback must not depend on a context that is perhaps the reason.
			rollback, cancel := context.WithTimeout(context.WithoutCancel(ctx), hotPatience)
			defer cancel()
			if _, e := conn.Exec(rollback, "rollback"); e != nil {
				err = errors.Join(err, e)
			}
		}
		return err
	})
}

func (b *batch) talkPostgres(ctx context.Context, conn *pgx.Conn) error {
	waves, err := b.findPostgres(ctx, conn)
	if err != nil {
		return err
	}
	rows, taken := b.decide(waves, b.store.now())
	if len(rows) == 0 {
		_, err := conn.Exec(ctx, "rollback")
		return err
	}
	moved, err := mix(rows, func(of crowd) ([]*responseRow, error) { return of.partnersPostgres(ctx, conn) })
	if err != nil {
		return err
	}
	var p pgx.Batch
	for wave, positions := range moved.from {
		p.Queue("DELETE FROM responses WHERE wave_id = $1::text::uuid AND position = ANY($2::bigint[])", wave, positions)
	}
	p.Queue(insertPostgres, responseArrays(moved.rows)...)
	for id, f := range waves {
		p.Queue("UPDATE wave_positions SET position = $2 WHERE wave_id = $1::text::uuid", string(id), f.position)
	}
	used := endsOf(taken)
	if len(used.invitations) > 0 {
		p.Queue("UPDATE invitations SET used_at = $2 WHERE id = ANY($1::text[]::uuid[])", used.invitations, b.store.now())
	}
	for wave, invitations := range used.hidden {
		p.Queue("UPDATE invitations SET used_at = $2 WHERE id = ANY($1::text[]::uuid[])", invitations, dateOf(waves[wave].wave))
	}
	for _, l := range used.links {
		p.Queue("INSERT INTO spent_links (token_hash, wave_id, organization_id) VALUES ($1, $2::text::uuid, $3::text::uuid)", l.TokenHash, l.WaveID, l.OrganizationID)
	}
	if len(used.drafts) > 0 {
		p.Queue("DELETE FROM drafts WHERE id = ANY($1::text[]::uuid[])", used.drafts)
	}
	p.Queue("commit")
	return conn.SendBatch(ctx, &p).Close()
}

// findPostgres begins the transaction. The position row is locked by a
// statement of its own: what follows then sees everything that was committed
// while this transaction waited for the lock.
func (b *batch) findPostgres(ctx context.Context, conn *pgx.Conn) (map[survey.WaveID]*found, error) {
	var p pgx.Batch
	p.Queue("begin")
	waves := map[survey.WaveID]*found{}
	for _, id := range b.waves() {
		f := newFound()
		waves[id] = f
		keys, invitations, drafts := keysOf(id, b.entries)
		p.Queue("SELECT position FROM wave_positions WHERE wave_id = $1::text::uuid FOR UPDATE", string(id)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&f.position) })
		p.Queue("SELECT opens_at, closes_at, late_hours, mode, created_at FROM waves WHERE id = $1::text::uuid", string(id)).
			QueryRow(f.scanWindow)
		p.Queue(earlierByKeyPostgres, marksOf(id, keys)).Query(every(f.scanEarlier))
		if len(invitations) > 0 {
			p.Queue(selectEarlierPostgres+"invitation_id = ANY($2::text[]::uuid[])", string(id), invitations).Query(every(f.scanEarlier))
			p.Queue("SELECT id::text, organization_id::text, used_at FROM invitations WHERE wave_id = $1::text::uuid AND id = ANY($2::text[]::uuid[])", string(id), invitations).
				Query(every(f.scanInvitation))
		}
		if len(drafts) > 0 {
			p.Queue("SELECT id::text, resume_hash, version FROM drafts WHERE wave_id = $1::text::uuid AND id = ANY($2::text[]::uuid[])", string(id), drafts).
				Query(every(f.scanDraft))
		}
	}
	return waves, conn.SendBatch(ctx, &p).Close()
}

const (
	earlierColumnsPostgres = "SELECT submission_key, id::text, submission_digest, receipt_code, submitted_at, organization_id::text, team_id::text, invitation_id::text FROM responses "
	selectEarlierPostgres  = earlierColumnsPostgres + "WHERE wave_id = $1::text::uuid AND "
)

// earlierByKeyPostgres asks for one mark after the other. Its plan is made while the table
// may be empty, and stays; a mark alone leads nowhere but to its index.
const earlierByKeyPostgres = "SELECT r.* FROM unnest($1::bytea[]) AS k (mark) CROSS JOIN LATERAL (" + earlierColumnsPostgres +
	"WHERE submission_mark = k.mark LIMIT 1) r"

func (f *found) scanWindow(row pgx.Row) error {
	var closes sql.NullTime
	err := row.Scan(&f.wave.OpensAt, &closes, &f.wave.LateHours, &f.wave.Mode, &f.wave.CreatedAt)
	f.wave.ClosesAt = closes.Time
	return err
}

// every hands each row of a result to scan.
func every(scan func(scanner) error) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}
