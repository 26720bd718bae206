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
		AND i.wave_id = u.wave_id AND i.organization_id = u.organization_id AND i.used_at IS NULL))
	AND (u.resume_hash IS NULL OR NOT EXISTS (SELECT 1 FROM responses r WHERE r.resume_hash = u.resume_hash)
		AND NOT EXISTS (SELECT 1 FROM spent_links s WHERE s.token_hash = u.resume_hash))
ON CONFLICT DO NOTHING
RETURNING id`

// keepDraftsPostgres is one round trip.
func (s *Store) keepDraftsPostgres(ctx context.Context, saves, starts []*draftEntry, now time.Time) error {
	return s.onHot(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		var p pgx.Batch
		if len(saves) > 0 {
			p.Queue(saveDrafts, saveArguments(saves, now)...).Query(func(rows pgx.Rows) error {
				return everyRaw(rows, func(r *rawReader) {
					if n := int(r.number()); n >= 1 && n <= len(saves) {
						saves[n-1].kept = true
					}
				})
			})
		}
		if len(starts) > 0 {
			p.Queue(startDrafts, startArguments(starts, now)...).Query(func(rows pgx.Rows) error {
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

// texts are the columns that saves and starts have in common.
type draftTexts struct {
	role, language, closed, numbers, texts []string
	seconds                                []pgtype.Text
}

func textsOf(entries []*draftEntry) draftTexts {
	n := len(entries)
	t := draftTexts{make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]pgtype.Text, n)}
	for i, e := range entries {
		t.role[i], t.language[i], t.closed[i], t.numbers[i], t.texts[i] = e.row.Role, e.row.Language, e.row.Closed, e.row.Numbers, e.row.Texts
		t.seconds[i] = optionalArgument(e.row.Seconds)
	}
	return t
}

func saveArguments(entries []*draftEntry, now time.Time) []any {
	n := len(entries)
	ids, waves, versions := make([]pgtype.UUID, n), make([]pgtype.UUID, n), make([]int32, n)
	for i, e := range entries {
		ids[i], waves[i], versions[i] = argument(e.row.ID), argument(e.row.WaveID), int32(e.row.Version)
	}
	t := textsOf(entries)
	return []any{now, ids, waves, versions, t.role, t.language, t.closed, t.numbers, t.texts, t.seconds}
}

func startArguments(entries []*draftEntry, now time.Time) []any {
	n := len(entries)
	ids, waves, organizations := make([]pgtype.UUID, n), make([]pgtype.UUID, n), make([]pgtype.UUID, n)
	teams, invitations := make([]pgtype.UUID, n), make([]pgtype.UUID, n)
	resumes, started := make([][]byte, n), make([]time.Time, n)
	for i, e := range entries {
		ids[i], waves[i], organizations[i] = argument(e.row.ID), argument(e.row.WaveID), argument(e.row.OrganizationID)
		teams[i], invitations[i] = argument(e.row.TeamID.String), argument(e.row.InvitationID.String)
		resumes[i], started[i] = e.row.ResumeHash, e.row.StartedAt
	}
	t := textsOf(entries)
	return []any{now, ids, waves, organizations, teams, invitations, resumes, t.role, t.language, t.closed, t.numbers, t.texts, t.seconds, started}
}
