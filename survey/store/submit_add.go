package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/salesbench/salesbench/survey"
)

// addResponses takes a batch of one wave in one statement, or nothing of it.
//
// The row of the wave is locked first and gives the positions; where its window
// has changed since this program looked, there is no such row and nothing
// happens. A key that is there already, or two equal ones, break a unique index;
// an invitation that is used or is for another place, and a draft that was saved since
// it was looked at, leave organization_id null; each ends the statement without a trace. A draft that is removed here
// is still seen by the subquery, because all parts see the state at the beginning.
const addResponses = `WITH held AS (
	UPDATE wave_positions SET position = position + $2 WHERE wave_id = $1 AND window_revision = $3 RETURNING position - $2 AS base
), used AS (
	UPDATE invitations i SET used_at = $4 FROM held WHERE i.id = ANY($8::uuid[])
), done AS (
	DELETE FROM drafts d USING held WHERE d.id = ANY($9::uuid[]) AND d.wave_id = $1
)
INSERT INTO responses (wave_id, id, position, organization_id, team_id, invitation_id, resume_hash,
	role, language, closed, numbers, texts, seconds, weight, started_at, submitted_at,
	submission_key, submission_digest, receipt_code)
SELECT $1, u.id, held.base + u.n,
	CASE WHEN u.draft_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.id = u.draft_id AND d.wave_id = $1 AND d.version = u.draft_version) THEN NULL
		WHEN u.invitation_id IS NULL THEN u.organization_id ELSE (SELECT i.organization_id FROM invitations i
		WHERE i.id = u.invitation_id AND i.wave_id = $1 AND i.organization_id = u.organization_id AND i.used_at IS NULL) END,
	u.team_id, u.invitation_id, (SELECT d.resume_hash FROM drafts d WHERE d.id = u.draft_id AND d.wave_id = $1),
	u.role, u.language, u.closed, u.numbers, u.texts, u.seconds, u.weight, u.started_at, u.submitted_at,
	u.submission_key, u.submission_digest, u.receipt_code
FROM held, unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
	$16::double precision[], $17::timestamptz[], $18::timestamptz[], $19::text[], $20::bytea[], $21::text[], $22::integer[])
	WITH ORDINALITY AS u (id, organization_id, team_id, invitation_id, draft_id, role, language, closed, numbers, texts, seconds,
	weight, started_at, submitted_at, submission_key, submission_digest, receipt_code, draft_version, n)`

// addPostgres tries the one statement and returns what needs a closer look.
func (b *batch) addPostgres(ctx context.Context) (left []*Prepared, err error) {
	now := b.store.now()
	for wave, entries := range b.byWave() {
		known, err := b.store.waveNow(ctx, wave)
		if err != nil {
			return nil, err
		}
		if known.wave.State(now) != survey.WaveOpen || known.wave.Mode == survey.Anonymous {
			left = append(left, entries...)
			continue
		}
		fresh, before := b.store.tried.divide(entries)
		added, f, err := b.store.addBatch(ctx, known, fresh, before, now)
		switch {
		case err != nil && !refusedByConstraint(err):
			return nil, err
		case err != nil || !added:
			b.store.places.now.Load().waves.CompareAndDelete(wave, known)
			left = append(left, entries...)
			continue
		}
		for _, p := range fresh {
			_, submitted := p.times(now)
			p.outcome.Receipt = p.receiptAt(submitted)
		}
		for _, p := range before {
			if _, there := f.byKey[p.submission.Key]; !there {
				left = append(left, p)
				continue
			}
			p.decide(f, now) // adds nothing
		}
	}
	return left, nil
}

// byWave divides the batch; nearly always there is one wave.
func (b *batch) byWave() map[survey.WaveID][]*Prepared {
	waves := make(map[survey.WaveID][]*Prepared, 1)
	for _, p := range b.entries {
		id := p.submission.Response.WaveID
		waves[id] = append(waves[id], p)
	}
	return waves
}

// refusedByConstraint says whether the careful way may know more. An engine that
// can not do all of it in one statement says so by class 0A.
func refusedByConstraint(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "23") || strings.HasPrefix(pg.Code, "0A"))
}

// addBatch adds what was not tried before and looks up what was, in one round
// trip and one transaction.
func (s *Store) addBatch(ctx context.Context, known *waveNow, fresh, before []*Prepared, now time.Time) (added bool, f *found, err error) {
	var add, look []any
	if len(fresh) > 0 {
		add = addArguments(known, fresh, now)
	}
	if len(before) > 0 {
		keys := make([]string, len(before))
		for i, p := range before {
			keys[i] = p.submission.Key
		}
		look = []any{string(known.wave.ID), keys}
	}
	err = s.onHot(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		added, f = len(fresh) == 0, newFound()
		took := func(tag pgconn.CommandTag) error {
			added = tag.RowsAffected() == int64(len(fresh))
			return nil
		}
		if look == nil {
			tag, err := conn.Exec(ctx, addResponses, add...)
			return errors.Join(err, took(tag))
		}
		var p pgx.Batch
		if add != nil {
			p.Queue(addResponses, add...).Exec(took)
		}
		p.Queue(earlierByKeyPostgres, look...).Query(every(f.scanEarlier))
		return conn.SendBatch(ctx, &p).Close()
	})
	return added, f, err
}

// addArguments turns submissions into one array per column.
func addArguments(known *waveNow, entries []*Prepared, now time.Time) []any {
	n := len(entries)
	ids := make([]pgtype.UUID, 5*n)
	id, organization, team, invitation, draft := ids[:n], ids[n:2*n], ids[2*n:3*n], ids[3*n:4*n], ids[4*n:]
	texts := make([]string, 7*n)
	role, language, closed, numbers, open, key, receipt := texts[:n], texts[n:2*n], texts[2*n:3*n], texts[3*n:4*n], texts[4*n:5*n], texts[5*n:6*n], texts[6*n:]
	seconds, weight, digest, version := make([]pgtype.Text, n), make([]float64, n), make([][]byte, n), make([]pgtype.Int4, n)
	times := make([]time.Time, 2*n)
	started, submitted := times[:n], times[n:]
	for i, p := range entries {
		sub, r := &p.submission, &p.submission.Response
		id[i], organization[i], team[i] = argument(p.id), argument(r.OrganizationID), argument(r.TeamID)
		invitation[i], draft[i] = argument(sub.InvitationID), argument(sub.DraftID)
		role[i], language[i], closed[i], numbers[i], open[i] = r.Role, r.Language, p.packed.Closed, p.packed.Numbers, p.packed.Texts
		seconds[i], weight[i] = optionalArgument(p.packed.seconds), p.weight
		started[i], submitted[i] = p.times(now)
		key[i], digest[i], receipt[i] = sub.Key, sub.Digest[:], p.receipt
		version[i] = pgtype.Int4{Int32: int32(sub.DraftVersion), Valid: sub.DraftVersion > 0}
	}
	return []any{argument(known.wave.ID), int64(n), known.revision, now, id, organization, team, invitation, draft,
		role, language, closed, numbers, open, seconds, weight, started, submitted, key, digest, receipt, version}
}
