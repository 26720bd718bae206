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
// IS NOT DISTINCT FROM is = that no index serves: with = a plan that is made while
// there are few invitations would look through all of an organization's ever after.
const addResponses = `WITH held AS (
	UPDATE wave_positions SET position = position + $2 WHERE wave_id = $1 AND window_revision = $3 RETURNING position - $2 AS base
), used AS (
	UPDATE invitations i SET used_at = $4 FROM held WHERE i.id = ANY($8::uuid[])
), done AS (
	DELETE FROM drafts d USING held WHERE d.id = ANY($9::uuid[]) AND d.wave_id = $1
)
INSERT INTO responses (wave_id, id, position, organization_id, team_id, invitation_id, resume_hash,
	role, language, closed, numbers, texts, seconds, weight, started_at, submitted_at,
	submission_key, submission_mark, submission_digest, receipt_code)
SELECT $1, u.id, held.base + u.n,
	CASE WHEN u.draft_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.id = u.draft_id AND d.wave_id = $1 AND d.version = u.draft_version) THEN NULL
		WHEN u.invitation_id IS NULL THEN u.organization_id ELSE (SELECT i.organization_id FROM invitations i
		WHERE i.id = u.invitation_id AND i.wave_id IS NOT DISTINCT FROM $1 AND i.organization_id IS NOT DISTINCT FROM u.organization_id AND i.used_at IS NULL) END,
	u.team_id, u.invitation_id, (SELECT d.resume_hash FROM drafts d WHERE d.id = u.draft_id AND d.wave_id = $1),
	u.role, u.language, u.closed, u.numbers, u.texts, u.seconds, u.weight, u.started_at, u.submitted_at,
	u.submission_key, u.submission_mark, u.submission_digest, u.receipt_code
FROM held, unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
	$16::double precision[], $17::timestamptz[], $18::timestamptz[], $19::text[], $20::bytea[], $21::bytea[], $22::text[], $23::integer[])
	WITH ORDINALITY AS u (id, organization_id, team_id, invitation_id, draft_id, role, language, closed, numbers, texts, seconds,
	weight, started_at, submitted_at, submission_key, submission_mark, submission_digest, receipt_code, draft_version, n)`

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
		columns := newArrays(len(fresh))
		defer columns.release()
		add = addArguments(columns, known, fresh, now)
	}
	if len(before) > 0 {
		marks := make([][]byte, len(before))
		for i, p := range before {
			marks[i] = p.mark
		}
		look = []any{marks}
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
func addArguments(a *arrays, known *waveNow, entries []*Prepared, now time.Time) []any {
	id, organization, team, invitation, draft := a.ids(), a.ids(), a.ids(), a.ids(), a.ids()
	role, language, closed, numbers, texts, seconds := a.texts(), a.texts(), a.texts(), a.texts(), a.texts(), a.texts()
	weight, started, submitted := a.column(pgtype.Float8OID), a.moments(), a.moments()
	key, mark, digest, receipt, version := a.texts(), a.column(pgtype.ByteaOID), a.column(pgtype.ByteaOID), a.texts(), a.column(pgtype.Int4OID)
	for _, p := range entries {
		sub, r := &p.submission, &p.submission.Response
		id.id(p.id)
		organization.id(string(r.OrganizationID))
		team.id(string(r.TeamID))
		invitation.id(string(sub.InvitationID))
		draft.id(string(sub.DraftID))
		role.text(r.Role)
		language.text(r.Language)
		closed.text(p.packed.Closed)
		numbers.text(p.packed.Numbers)
		texts.text(p.packed.Texts)
		seconds.optionalText(p.packed.seconds.String, p.packed.seconds.Valid)
		weight.number(p.weight)
		began, ended := p.times(now)
		started.moment(began)
		submitted.moment(ended)
		key.text(sub.Key)
		mark.bytes(p.mark)
		digest.bytes(sub.Digest[:])
		receipt.text(p.receipt)
		if sub.DraftVersion > 0 {
			version.integer(int32(sub.DraftVersion))
		} else {
			version.null()
		}
	}
	return []any{argument(known.wave.ID), int64(len(entries)), known.revision, now, id, organization, team, invitation, draft,
		role, language, closed, numbers, texts, seconds, weight, started, submitted, key, mark, digest, receipt, version}
}
