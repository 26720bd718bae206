package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// openWindow is the condition that the wave w takes answers at the moment.
const openWindow = "w.opens_at <= $1 AND (w.closes_at IS NULL OR w.closes_at > $1)"

// openToDrafts is openWindow for drafts, which were all begun before the close.
const openToDrafts = "w.opens_at <= $1 AND (w.late_until IS NULL OR w.late_until > $1)"

// saveDrafts waits for the disk as submissions do: a server that is stopped or
// fails over would otherwise forget pages that people were told are saved.
const saveDrafts = `UPDATE drafts d SET role = u.role, language = u.language, closed = u.closed, numbers = u.numbers,
	texts = u.texts, seconds = u.seconds, version = d.version + 1, updated_at = $1
FROM unnest($2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
	WITH ORDINALITY AS u (id, wave_id, version, role, language, closed, numbers, texts, seconds, n)
JOIN waves w ON w.id = u.wave_id
WHERE d.id = u.id AND d.wave_id = u.wave_id AND d.version = u.version AND ` + openToDrafts + `
RETURNING u.n`

// A draft is not begun where it exists, where its invitation is used or is for
// another place, and where its answers are submitted.
const startDrafts = `INSERT INTO drafts (id, wave_id, organization_id, team_id, invitation_id, resume_hash,
	role, language, closed, numbers, texts, seconds, version, started_at, updated_at)
SELECT u.id, u.wave_id, u.organization_id, u.team_id, u.invitation_id, u.resume_hash,
	u.role, u.language, u.closed, u.numbers, u.texts, u.seconds, 1, u.started_at, u.started_at
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bytea[], $8::text[], $9::text[],
	$10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[])
	AS u (id, wave_id, organization_id, team_id, invitation_id, resume_hash, role, language, closed, numbers, texts, seconds, started_at)
JOIN waves w ON w.id = u.wave_id
WHERE ` + openWindow + `
	AND (u.invitation_id IS NULL OR EXISTS (SELECT 1 FROM invitations i WHERE i.id = u.invitation_id
		AND i.wave_id IS NOT DISTINCT FROM u.wave_id AND i.organization_id IS NOT DISTINCT FROM u.organization_id AND i.used_at IS NULL))
	AND (u.resume_hash IS NULL OR NOT EXISTS (SELECT 1 FROM responses r WHERE r.resume_hash = u.resume_hash)
		AND NOT EXISTS (SELECT 1 FROM spent_links s WHERE s.token_hash = u.resume_hash))
ON CONFLICT DO NOTHING
RETURNING id`

// keepDraftsPostgres is one round trip.
func (s *Store) keepDraftsPostgres(ctx context.Context, saves, starts []*draftEntry, now time.Time) error {
	var save, start []any
	if len(saves) > 0 {
		columns := newArrays(len(saves))
		defer columns.release()
		save = saveArguments(columns, saves, now)
	}
	if len(starts) > 0 {
		columns := newArrays(len(starts))
		defer columns.release()
		start = startArguments(columns, starts, now)
	}
	return s.onHot(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		var p pgx.Batch
		if save != nil {
			p.Queue(saveDrafts, save...).Query(func(rows pgx.Rows) error {
				return everyRaw(rows, func(r *rawReader) {
					if n := int(r.number()); n >= 1 && n <= len(saves) {
						saves[n-1].kept = true
					}
				})
			})
		}
		if start != nil {
			p.Queue(startDrafts, start...).Query(func(rows pgx.Rows) error {
				return everyRaw(rows, func(r *rawReader) {
					id := r.id()
					for _, e := range starts {
						e.kept = e.kept || e.row.ID == id
					}
				})
			})
		}
		return lastWord(conn.SendBatch(ctx, &p).Close())
	})
}

// everyRaw hands each row of a result to scan.
func everyRaw(rows pgx.Rows, scan func(*rawReader)) error {
	for rows.Next() {
		r := rawReader{values: rows.RawValues()}
		scan(&r)
		if err := r.err(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// draftTexts are the columns that saves and starts have in common.
type draftTexts struct{ role, language, closed, numbers, texts, seconds *array }

func textsOf(a *arrays, entries []*draftEntry) draftTexts {
	t := draftTexts{a.texts(), a.texts(), a.texts(), a.texts(), a.texts(), a.texts()}
	for _, e := range entries {
		t.role.text(e.row.Role)
		t.language.text(e.row.Language)
		t.closed.text(e.row.Closed)
		t.numbers.text(e.row.Numbers)
		t.texts.text(e.row.Texts)
		t.seconds.optionalText(e.row.Seconds.String, e.row.Seconds.Valid)
	}
	return t
}

func saveArguments(a *arrays, entries []*draftEntry, now time.Time) []any {
	id, wave, version := a.ids(), a.ids(), a.column(pgtype.Int4OID)
	for _, e := range entries {
		id.id(e.row.ID)
		wave.id(e.row.WaveID)
		version.integer(int32(e.row.Version))
	}
	t := textsOf(a, entries)
	return []any{now, id, wave, version, t.role, t.language, t.closed, t.numbers, t.texts, t.seconds}
}

func startArguments(a *arrays, entries []*draftEntry, now time.Time) []any {
	id, wave, organization, team, invitation := a.ids(), a.ids(), a.ids(), a.ids(), a.ids()
	resume, started := a.column(pgtype.ByteaOID), a.moments()
	for _, e := range entries {
		id.id(e.row.ID)
		wave.id(e.row.WaveID)
		organization.id(e.row.OrganizationID)
		team.id(e.row.TeamID.String)
		invitation.id(e.row.InvitationID.String)
		resume.bytes(e.row.ResumeHash)
		started.moment(e.row.StartedAt)
	}
	t := textsOf(a, entries)
	return []any{now, id, wave, organization, team, invitation, resume, t.role, t.language, t.closed, t.numbers, t.texts, t.seconds, started}
}
