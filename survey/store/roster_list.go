package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/words"
)

// RosterQuery says which people of a wave to list.
type RosterQuery struct {
	Organizations []survey.OrganizationID // nil: of all
	Team          survey.TeamID           // empty: of all
	Invitation    survey.InvitationID     // empty: all people
	Search        string                  // in name, address and reference
	WithoutMail   bool                    // only those who can be given a printed link alone
	Unanswered    bool
	Unbegun       bool // only those who have saved nothing: a link opens what is saved
	Offset, Limit int
}

// RosterPerson is somebody who is invited, with the link.
type RosterPerson struct {
	survey.Respondent
	Token string            // empty: the link was made by hand, and only its hash is kept
	Mail  survey.MailStatus // of the last message that was meant for the person; empty: there was none
	Begun bool              // answers are saved; of an anonymous wave it is not told
}

const (
	rosterColumns = `SELECT COALESCE(CAST(r.id AS text), '') AS id, i.wave_id, i.id AS invitation_id, i.organization_id, i.team_id, i.reference,
	COALESCE(r.email, '') AS email, COALESCE(r.name, '') AS name, COALESCE(r.language, '') AS language, COALESCE(r.role, '') AS role,
	` + hasAnswered + ` AS answered, ` + cameBack + ` AS bounced, ` + wantsNoMail + ` AS opted_out, i.created_at, i.token_hash, r.link_generation,
	COALESCE((SELECT x.status FROM outbox x WHERE x.invitation_id = i.id AND x.status NOT IN ('skipped', 'cancelled') ORDER BY x.created_at DESC, x.id DESC LIMIT 1), '') AS mail,
	(w.mode = 'confidential' AND ` + hasBegun + `) AS begun
	FROM invitations i JOIN waves w ON w.id = i.wave_id LEFT JOIN respondents r ON r.invitation_id = i.id WHERE i.id IN ?`
	rosterCount = "SELECT count(*) AS n FROM invitations i LEFT JOIN respondents r ON r.invitation_id = i.id"

	// In which organizations there is somebody, and who stands in some of them.
	rosterPlaces = "SELECT o.id, o.name, o.key, count(*) AS n FROM invitations i JOIN organizations o ON o.id = i.organization_id LEFT JOIN respondents r ON r.invitation_id = i.id"
	rosterNames  = `SELECT i.id, i.organization_id, i.reference, r.name, r.email FROM invitations i LEFT JOIN respondents r ON r.invitation_id = i.id`
)

// where is the condition of the query.
func (q RosterQuery) where(wave survey.WaveID) (string, []any) {
	query, args := " WHERE i.wave_id = ?", []any{string(wave)}
	if q.Organizations != nil {
		query, args = query+" AND i.organization_id IN ?", append(args, append(texts(q.Organizations), noID))
	}
	if q.Team != "" {
		query, args = query+" AND i.team_id = ?", append(args, string(q.Team))
	}
	if q.Invitation != "" {
		query, args = query+" AND i.id = ?", append(args, string(q.Invitation))
	}
	if search := strings.ToLower(strings.TrimSpace(q.Search)); search != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(search) + "%"
		query += ` AND (lower(r.name) LIKE ? ESCAPE '\' OR lower(r.email) LIKE ? ESCAPE '\' OR lower(i.reference) LIKE ? ESCAPE '\')`
		args = append(args, like, like, like)
	}
	if q.WithoutMail {
		query += " AND COALESCE(r.email, '') = ''"
	}
	if q.Unanswered {
		query += " AND i.used_at IS NULL"
	}
	if q.Unbegun {
		query += " AND NOT " + hasBegun
	}
	return query, args
}

// noID keeps a list of ids from being empty, which no database takes.
const noID = "00000000-0000-0000-0000-000000000000"

// unknown says whether the query names something that can not exist.
func (q RosterQuery) unknown() bool {
	return q.Team != "" && known("team", q.Team) != nil || q.Invitation != "" && known("invitation", q.Invitation) != nil
}

// CountRoster counts the people that the query means.
func (s *Store) CountRoster(ctx context.Context, wave survey.WaveID, q RosterQuery) (int, error) {
	if err := known("wave", wave); err != nil || q.unknown() {
		return 0, err
	}
	where, args := q.where(wave)
	count, err := raw[struct{ N int }](ctx, s, rosterCount+where, args...)
	if err != nil {
		return 0, err
	}
	return count[0].N, nil
}

// Roster lists the people of a wave by organization and name, as a reader looks them
// up. No database orders like that, so the organizations are ordered here, and of the
// people only those of the organizations that the page shows: a page costs the same
// wherever it is.
func (s *Store) Roster(ctx context.Context, wave survey.WaveID, q RosterQuery) ([]RosterPerson, error) {
	if err := known("wave", wave); err != nil || q.unknown() {
		return nil, err
	}
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	ids, err := s.rosterPage(ctx, wave, q)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	rows, err := raw[listedRespondent](ctx, s, rosterColumns, ids)
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(ids))
	for n, id := range ids {
		at[id] = n
	}
	slices.SortFunc(rows, func(a, b listedRespondent) int { return cmp.Compare(at[a.InvitationID], at[b.InvitationID]) })
	people := make([]RosterPerson, len(rows))
	for n, row := range rows {
		people[n] = RosterPerson{row.respondent(), row.token(key), survey.MailStatus(row.Mail), row.Begun}
	}
	return people, nil
}

type rosterPlaceRow struct {
	ID   string
	Name string
	Key  string
	N    int
}

type rosterNameRow struct {
	ID             string
	OrganizationID string
	Reference      sql.NullString
	Name           sql.NullString
	Email          sql.NullString
}

// rosterPage finds the invitations that stand on the page, in their order.
func (s *Store) rosterPage(ctx context.Context, wave survey.WaveID, q RosterQuery) ([]string, error) {
	where, args := q.where(wave)
	places, err := raw[rosterPlaceRow](ctx, s, rosterPlaces+where+" GROUP BY o.id, o.name, o.key", args...)
	if err != nil {
		return nil, err
	}
	words.SortBy(listLanguage, places, func(p rosterPlaceRow) []string { return []string{p.Name, p.Key} })
	var on []string
	rank := make(map[string]int)
	begins, first, last := 0, 0, q.Offset+q.Limit
	for n, place := range places {
		if ends := begins + place.N; ends > q.Offset && begins < last {
			if len(on) == 0 {
				first = begins
			}
			on, rank[place.ID] = append(on, place.ID), n
		}
		begins += place.N
	}
	if len(on) == 0 {
		return nil, nil
	}
	rows, err := raw[rosterNameRow](ctx, s, rosterNames+where+" AND i.organization_id IN ?", append(args, on)...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b rosterNameRow) int { return strings.Compare(a.ID, b.ID) }) // the last word where all else is equal
	words.SortBy(listLanguage, rows, rosterNameRow.names)
	slices.SortStableFunc(rows, func(a, b rosterNameRow) int { return cmp.Compare(rank[a.OrganizationID], rank[b.OrganizationID]) })
	rows = rows[min(q.Offset-first, len(rows)):min(last-first, len(rows))]
	ids := make([]string, len(rows))
	for n, row := range rows {
		ids[n] = row.ID
	}
	return ids, nil
}

// listLanguage is the language in which staff read lists.
const listLanguage = "en"

// names are what the person is looked up by: the name, else the address, else the
// reference.
func (r rosterNameRow) names() []string {
	return []string{cmp.Or(r.Name.String, r.Email.String, r.Reference.String), r.Reference.String}
}

func (r listedRespondent) token(key auth.Key) string {
	generations := []int{int(r.LinkGeneration.Int64)}
	if !r.LinkGeneration.Valid {
		generations = generations[:0]
		for g := range generationsTried {
			generations = append(generations, g)
		}
	}
	for _, g := range generations {
		token := key.InvitationToken(r.InvitationID, g)
		if hash := auth.HashToken(token); bytes.Equal(hash[:], r.TokenHash) {
			return token
		}
	}
	return ""
}

// RosterCount is how many people of an organization are invited.
type RosterCount struct {
	OrganizationID survey.OrganizationID
	Invited        int
	WithMail       int
	Answered       int
}

type rosterCountRow struct {
	OrganizationID string
	Invited        int
	WithMail       int
	Answered       int
}

// RosterCounts counts the people of a wave by organization, without saying who they are.
func (s *Store) RosterCounts(ctx context.Context, wave survey.WaveID) ([]RosterCount, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	rows, err := raw[rosterCountRow](ctx, s, `SELECT i.organization_id, count(*) AS invited,
	sum(CASE WHEN r.email <> '' THEN 1 ELSE 0 END) AS with_mail, sum(CASE WHEN `+hasAnswered+` THEN 1 ELSE 0 END) AS answered
	FROM invitations i LEFT JOIN respondents r ON r.invitation_id = i.id WHERE i.wave_id = ? GROUP BY i.organization_id`, string(wave))
	counts := make([]RosterCount, len(rows))
	for n, row := range rows {
		counts[n] = RosterCount{survey.OrganizationID(row.OrganizationID), row.Invited, row.WithMail, row.Answered}
	}
	return counts, err
}
