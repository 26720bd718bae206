package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

// Entrance is what the link of a respondent opens.
type Entrance struct {
	Place      *Place
	Invitation survey.Invitation // zero: the draft was begun from an open link
	Draft      survey.Draft      // set when Started
	Started    bool
	// Submitted says that the link has done its work: ResponseByInvitation or,
	// without an invitation, ResponseByToken has the receipt.
	Submitted bool
	Kept      *Kept // what was submitted, where an intake has just seen it; nil: ask
	Err       error // NotFound: no link has this token
}

// entranceRow is what the database says about one link.
type entranceRow struct {
	n          int // which hash
	invitation invitationRow
	draft      draftRow
}

const entranceColumns = `i.id, i.team_id, i.reference, i.created_at, i.used_at,
	d.id, d.team_id, d.role, d.language, d.closed, d.numbers, d.texts, d.seconds, d.version, d.started_at, d.updated_at`

// The first half finds personal links, the second those of drafts that were
// begun from an open link.
const selectEntrances = `SELECT h.n, i.wave_id, i.organization_id, ` + entranceColumns + `
FROM unnest($1::bytea[]) WITH ORDINALITY AS h (hash, n)
JOIN invitations i ON i.token_hash = h.hash
LEFT JOIN drafts d ON d.invitation_id = i.id
UNION ALL
SELECT h.n, d.wave_id, d.organization_id, NULL, NULL, NULL, NULL, NULL,
	d.id, d.team_id, d.role, d.language, d.closed, d.numbers, d.texts, d.seconds, d.version, d.started_at, d.updated_at
FROM unnest($1::bytea[]) WITH ORDINALITY AS h (hash, n)
JOIN drafts d ON d.resume_hash = h.hash`

const selectSubmitted = `SELECT h.n, r.wave_id, r.organization_id
FROM unnest($1::bytea[]) WITH ORDINALITY AS h (hash, n)
JOIN responses r ON r.resume_hash = h.hash
UNION ALL
SELECT h.n, s.wave_id, s.organization_id
FROM unnest($1::bytea[]) WITH ORDINALITY AS h (hash, n)
JOIN spent_links s ON s.token_hash = h.hash`

// The same on SQLite, which takes a list as JSON. CROSS JOIN keeps the order, and
// times are read as the text that they are.
const (
	selectEntrancesSQLite = `SELECT h.key + 1, i.wave_id, i.organization_id, i.id, i.team_id, i.reference, CAST(i.created_at AS text), CAST(i.used_at AS text),
	d.id, d.team_id, d.role, d.language, d.closed, d.numbers, d.texts, d.seconds, d.version, CAST(d.started_at AS text), CAST(d.updated_at AS text)
FROM json_each(?) h CROSS JOIN invitations i ON i.token_hash = unhex(h.value)
LEFT JOIN drafts d ON d.invitation_id = i.id
UNION ALL
SELECT h.key + 1, d.wave_id, d.organization_id, NULL, NULL, NULL, NULL, NULL,
	d.id, d.team_id, d.role, d.language, d.closed, d.numbers, d.texts, d.seconds, d.version, CAST(d.started_at AS text), CAST(d.updated_at AS text)
FROM json_each(?) h CROSS JOIN drafts d ON d.resume_hash = unhex(h.value)`
	selectSubmittedSQLite = `SELECT h.key + 1, r.wave_id, r.organization_id
FROM json_each(?) h CROSS JOIN responses r ON r.resume_hash = unhex(h.value)
UNION ALL
SELECT h.key + 1, s.wave_id, s.organization_id
FROM json_each(?) h CROSS JOIN spent_links s ON s.token_hash = unhex(h.value)`
)

// Entrances looks up the links with the hashes of their tokens, personal ones
// and those of drafts that were begun from an open link, and returns one
// entrance for each hash. It costs one statement for one hash and for a hundred,
// and sometimes another for the places they lead to.
func (s *Store) Entrances(ctx context.Context, hashes []auth.Hash) ([]Entrance, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	rows, err := s.entranceRows(ctx, hashes)
	if err != nil {
		return nil, err
	}
	entrances := make([]Entrance, len(hashes))
	keys := make([]placeKey, len(hashes)) // empty: not known yet
	for i := range rows {
		row := &rows[i]
		keys[row.n] = placeKey{survey.WaveID(row.invitation.WaveID), survey.OrganizationID(row.invitation.OrganizationID)}
		entrances[row.n].Err = s.fillEntrance(ctx, &entrances[row.n], row)
	}
	if err := s.findSubmitted(ctx, hashes, entrances, keys); err != nil {
		return nil, err
	}
	return entrances, s.findPlaces(ctx, entrances, keys)
}

func (s *Store) fillEntrance(ctx context.Context, e *Entrance, row *entranceRow) error {
	if row.invitation.ID != "" {
		e.Invitation = row.invitation.invitation()
	}
	if row.invitation.UsedAt.Valid {
		e.Submitted = true
		return nil
	}
	if row.draft.ID == "" {
		return nil
	}
	facts, err := s.facts(ctx, survey.WaveID(row.draft.WaveID))
	if err != nil {
		return err
	}
	e.Started = true
	e.Draft, err = row.draft.draft(facts.instrument)
	return err
}

// findSubmitted looks for what is left among the drafts that were submitted.
func (s *Store) findSubmitted(ctx context.Context, hashes []auth.Hash, entrances []Entrance, keys []placeKey) error {
	var unknown []auth.Hash
	var at []int
	for i, key := range keys {
		if key == (placeKey{}) {
			unknown, at = append(unknown, hashes[i]), append(at, i)
			entrances[i].Err = survey.Errorf(survey.NotFound, "this link is not known: check that it was copied completely")
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return s.eachSubmitted(ctx, unknown, func(n int, key placeKey) {
		i := at[n]
		keys[i], entrances[i] = key, Entrance{Submitted: true}
	})
}

// findPlaces adds the places, from memory for most.
func (s *Store) findPlaces(ctx context.Context, entrances []Entrance, keys []placeKey) error {
	var missing []placeKey
	for i := range entrances {
		if e := &entrances[i]; e.Err == nil {
			if e.Place = s.RememberedPlace(keys[i].wave, keys[i].organization); e.Place == nil && !slices.Contains(missing, keys[i]) {
				missing = append(missing, keys[i])
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	read, err := s.readPlaces(ctx, missing)
	if err != nil {
		return err
	}
	for i := range entrances {
		if e := &entrances[i]; e.Err == nil && e.Place == nil {
			if e.Place = read[keys[i]]; e.Place == nil {
				e.Err = survey.Errorf(survey.NotFound, "this organization does not exist")
			}
		}
	}
	return nil
}

func (s *Store) entranceRows(ctx context.Context, hashes []auth.Hash) ([]entranceRow, error) {
	rows := make([]entranceRow, 0, len(hashes))
	if s.dialect == onPostgres {
		list := hashArray(hashes)
		err := s.onHot(ctx, func(ctx context.Context, conn *pgx.Conn) error {
			rows = rows[:0]
			return eachRaw(ctx, conn, func(values [][]byte) error {
				rows = append(rows, entranceRow{})
				return rows[len(rows)-1].readRaw(values)
			}, selectEntrances, list)
		})
		return rows, translate(err)
	}
	list := hashList(hashes)
	result, err := s.lite.entrances.QueryContext(context.WithoutCancel(ctx), list, list)
	err = scanAll(result, err, func(row scanner) error {
		rows = append(rows, entranceRow{})
		return rows[len(rows)-1].scan(row)
	})
	return rows, translate(err)
}

func (e *entranceRow) readRaw(values [][]byte) error {
	r := rawReader{values: values}
	e.n = int(r.number()) - 1
	i, d := &e.invitation, &e.draft
	i.WaveID, i.OrganizationID = r.id(), r.id()
	i.ID, i.TeamID, i.Reference, i.CreatedAt = r.id(), optional(r.id()), r.optionalText(), r.time()
	i.UsedAt.Time = r.time()
	i.UsedAt.Valid = !i.UsedAt.Time.IsZero()
	d.ID, d.TeamID, d.Role, d.Language = r.id(), optional(r.id()), r.text(), r.text()
	d.Closed, d.Numbers, d.Texts, d.Seconds = r.text(), r.text(), r.text(), r.optionalText()
	d.Version, d.StartedAt, d.UpdatedAt = int(r.number()), r.time(), r.time()
	d.WaveID, d.OrganizationID, d.InvitationID = i.WaveID, i.OrganizationID, optional(i.ID)
	return r.err()
}

func (e *entranceRow) scan(row scanner) error {
	var invitation, draft, role, language, closed, numbers, texts sql.NullString
	var version sql.NullInt64
	var created, used, started, updated optionalMoment
	i, d := &e.invitation, &e.draft
	err := row.Scan(&e.n, &i.WaveID, &i.OrganizationID, &invitation, &i.TeamID, &i.Reference, &created, &used,
		&draft, &d.TeamID, &role, &language, &closed, &numbers, &texts, &d.Seconds, &version, &started, &updated)
	e.n--
	i.ID, i.CreatedAt, i.UsedAt = invitation.String, created.Time, sql.NullTime(used)
	d.ID, d.Role, d.Language, d.Closed, d.Numbers, d.Texts = draft.String, role.String, language.String, closed.String, numbers.String, texts.String
	d.Version, d.StartedAt, d.UpdatedAt = int(version.Int64), started.Time, updated.Time
	d.WaveID, d.OrganizationID, d.InvitationID = i.WaveID, i.OrganizationID, invitation
	return err
}

func (s *Store) eachSubmitted(ctx context.Context, hashes []auth.Hash, fn func(n int, key placeKey)) error {
	if s.dialect == onPostgres {
		return translate(s.onHot(ctx, func(ctx context.Context, conn *pgx.Conn) error {
			return eachRaw(ctx, conn, func(values [][]byte) error {
				r := rawReader{values: values}
				n, wave, organization := int(r.number()), r.id(), r.id()
				fn(n-1, placeKey{survey.WaveID(wave), survey.OrganizationID(organization)})
				return r.err()
			}, selectSubmitted, hashArray(hashes))
		}))
	}
	list := hashList(hashes)
	result, err := s.lite.submitted.QueryContext(context.WithoutCancel(ctx), list, list)
	return translate(scanAll(result, err, func(row scanner) error {
		var n int
		var key placeKey
		err := row.Scan(&n, &key.wave, &key.organization)
		fn(n-1, key)
		return err
	}))
}

// optionalMoment scans a time of SQLite, or NULL.
type optionalMoment sql.NullTime

// Scan implements sql.Scanner.
func (m *optionalMoment) Scan(value any) error {
	if value == nil {
		return nil
	}
	m.Valid = true
	return (*moment)(&m.Time).Scan(value)
}

func hashArray(hashes []auth.Hash) [][]byte {
	list := make([][]byte, len(hashes))
	for i := range hashes {
		list[i] = hashes[i][:]
	}
	return list
}

// hashList is a JSON list of the hashes in hexadecimal.
func hashList(hashes []auth.Hash) string {
	b := make([]byte, 0, len(hashes)*(2*len(auth.Hash{})+3)+2)
	for i := range hashes {
		b = append(b, "[,"[min(i, 1)], '"')
		b = append(hex.AppendEncode(b, hashes[i][:]), '"')
	}
	return string(append(b, ']'))
}
