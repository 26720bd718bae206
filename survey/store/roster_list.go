package store

import (
	"bytes"
	"context"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
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
	Token string // empty: the link was made by hand, and only its hash is kept
}

const (
	rosterColumns = `SELECT COALESCE(CAST(r.id AS text), '') AS id, i.wave_id, i.id AS invitation_id, i.organization_id, i.team_id, i.reference,
	COALESCE(r.email, '') AS email, COALESCE(r.name, '') AS name, COALESCE(r.language, '') AS language, COALESCE(r.role, '') AS role,
	` + hasAnswered + ` AS answered, ` + cameBack + ` AS bounced, ` + wantsNoMail + ` AS opted_out, i.created_at, i.token_hash, r.link_generation`
	// Who stands on the page is found first: bounces and opt-outs are looked up for
	// these alone.
	rosterOrder = " ORDER BY o.name, o.key, r.name, i.reference, i.id"
	rosterPage  = ` FROM invitations i JOIN waves w ON w.id = i.wave_id JOIN organizations o ON o.id = i.organization_id
	LEFT JOIN respondents r ON r.invitation_id = i.id WHERE i.id IN (SELECT i.id FROM invitations i JOIN organizations o ON o.id = i.organization_id
	LEFT JOIN respondents r ON r.invitation_id = i.id`
	rosterCount = "SELECT count(*) AS n FROM invitations i LEFT JOIN respondents r ON r.invitation_id = i.id"
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
		query += " AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.invitation_id = i.id)"
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

// Roster lists the people of a wave by organization and name.
func (s *Store) Roster(ctx context.Context, wave survey.WaveID, q RosterQuery) ([]RosterPerson, error) {
	if err := known("wave", wave); err != nil || q.unknown() {
		return nil, err
	}
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	where, args := q.where(wave)
	rows, err := raw[listedRespondent](ctx, s, rosterColumns+rosterPage+where+rosterOrder+" LIMIT ? OFFSET ?)"+rosterOrder, append(args, q.Limit, q.Offset)...)
	people := make([]RosterPerson, len(rows))
	for n, row := range rows {
		people[n] = RosterPerson{row.respondent(), row.token(key)}
	}
	return people, err
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
