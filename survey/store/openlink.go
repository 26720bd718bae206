package store

import (
	"bytes"
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type openLinkRow struct {
	ID             string
	WaveID         string
	OrganizationID string
	TeamID         sql.NullString
	TokenHash      []byte
	CreatedAt      time.Time
	RevokedAt      sql.NullTime
}

func (openLinkRow) TableName() string { return "open_links" }

func (r openLinkRow) openLink() survey.OpenLink {
	return survey.OpenLink{ID: r.ID, WaveID: survey.WaveID(r.WaveID), OrganizationID: survey.OrganizationID(r.OrganizationID),
		TeamID: survey.TeamID(r.TeamID.String), CreatedAt: r.CreatedAt.UTC(), RevokedAt: timeOf(r.RevokedAt)}
}

// CreateOpenLink keeps the hash of a link with which anybody may answer for the
// organization. NotFound: no such wave. Invalid: the organization or team is not
// of the wave's study. Conflict: the token is in use.
func (s *Store) CreateOpenLink(ctx context.Context, link survey.OpenLink, token auth.Hash) error {
	return s.CreateOpenLinks(ctx, link.WaveID, []survey.OpenLink{link}, []auth.Hash{token})
}

// CreateOpenLinks keeps the hashes of many links of a wave, one for each, all or
// none. The same errors.
func (s *Store) CreateOpenLinks(ctx context.Context, wave survey.WaveID, links []survey.OpenLink, tokens []auth.Hash) error {
	if err := s.checkPlaces(ctx, wave, links); err != nil {
		return err
	}
	rows := make([]openLinkRow, len(links))
	for i, link := range links {
		rows[i] = openLinkRow{ID: newID(), WaveID: string(wave), OrganizationID: string(link.OrganizationID),
			TeamID: optional(link.TeamID), TokenHash: tokens[i][:], CreatedAt: s.now()}
	}
	return s.write(ctx, func(tx *gorm.DB) error { return addLinks(ctx, tx, rows) })
}

// checkPlaces is checkPlace for the organizations of many links, without asking for
// each of them.
func (s *Store) checkPlaces(ctx context.Context, wave survey.WaveID, links []survey.OpenLink) error {
	if len(links) == 1 {
		return s.checkPlace(ctx, wave, links[0].OrganizationID)
	}
	facts, err := s.facts(ctx, wave)
	if err != nil {
		return err
	}
	organizations, err := s.Organizations(ctx, facts.studyID)
	if err != nil {
		return err
	}
	of := make(map[survey.OrganizationID]bool, len(organizations))
	for _, o := range organizations {
		of[o.ID] = true
	}
	for _, link := range links {
		if !of[link.OrganizationID] {
			return notOfStudy()
		}
	}
	return nil
}

// OpenLinkByToken finds an open link by the hash of its token. NotFound. Closed: it
// was withdrawn; the link is returned all the same.
func (s *Store) OpenLinkByToken(ctx context.Context, token auth.Hash) (survey.OpenLink, error) {
	row, err := take[openLinkRow](ctx, s, "token_hash = ?", token[:])
	if err == nil && row.RevokedAt.Valid {
		err = survey.Errorf(survey.Closed, "this link was withdrawn by whoever runs the study: ask them for a new one")
	}
	return row.openLink(), named(err, "this link is not known: check that it was copied completely")
}

// MakeOpenLinks makes open links whose tokens the key of the installation brings
// forth again, so that they can be shown and printed later, all or none. Invalid: an
// organization or team that is not of the wave's study.
func (s *Store) MakeOpenLinks(ctx context.Context, wave survey.WaveID, links []survey.OpenLink) ([]survey.OpenLink, error) {
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	rows, made := make([]openLinkRow, len(links)), make([]survey.OpenLink, len(links))
	for i, link := range links {
		if err := firstOf(s.checkPlace(ctx, wave, link.OrganizationID), s.checkTeam(ctx, link.OrganizationID, link.TeamID)); err != nil {
			return nil, err
		}
		id := newID()
		token := auth.HashToken(key.OpenLinkToken(id))
		rows[i] = openLinkRow{ID: id, WaveID: string(wave), OrganizationID: string(link.OrganizationID),
			TeamID: optional(link.TeamID), TokenHash: token[:], CreatedAt: s.now()}
		made[i] = rows[i].openLink()
	}
	return made, s.write(ctx, func(tx *gorm.DB) error { return addLinks(ctx, tx, rows) })
}

// addLinks adds open links of one wave, and tells the audit log for whom.
func addLinks(ctx context.Context, tx *gorm.DB, rows []openLinkRow) error {
	if len(rows) == 1 {
		if err := tellLink(ctx, tx, rows[0]); err != nil {
			return err
		}
	}
	if len(rows) < 2 {
		return createAll(ctx, tx, rows)
	}
	names, err := placesOfWave(ctx, tx, rows[0].WaveID)
	if err != nil {
		return err
	}
	var told changes
	for _, row := range rows {
		told.list = append(told.list, "for "+names.place(row.OrganizationID, row.TeamID.String))
	}
	tell(ctx, told)
	return createAll(ctx, tx, rows)
}

// tellLink tells the audit log for whom a single link is.
func tellLink(ctx context.Context, tx *gorm.DB, row openLinkRow) error {
	place, err := onePlace(ctx, tx, row.OrganizationID, row.TeamID.String)
	tell(ctx, changes{list: []string{"for " + place}})
	return err
}

// ListedLink is an open link as those see it who hand it out.
type ListedLink struct {
	survey.OpenLink
	Token string // empty: it was made by hand, and only its hash is kept
}

// OpenLinks lists the open links of a wave, those of the newest first.
func (s *Store) OpenLinks(ctx context.Context, wave survey.WaveID) ([]ListedLink, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	return list(ctx, s, func(r openLinkRow) ListedLink { return r.listed(key) }, "created_at DESC, id", "wave_id = ?", string(wave))
}

// CountOpenLinks is how many open links of a wave are valid.
func (s *Store) CountOpenLinks(ctx context.Context, wave survey.WaveID) (int, error) {
	if err := known("wave", wave); err != nil {
		return 0, err
	}
	count, err := raw[struct{ N int }](ctx, s, "SELECT count(*) AS n FROM open_links WHERE wave_id = ? AND revoked_at IS NULL", string(wave))
	if err != nil {
		return 0, err
	}
	return count[0].N, nil
}

func (r openLinkRow) listed(key auth.Key) ListedLink {
	l := ListedLink{OpenLink: r.openLink()}
	token := key.OpenLinkToken(r.ID)
	if hash := auth.HashToken(token); bytes.Equal(hash[:], r.TokenHash) {
		l.Token = token
	}
	return l
}

// OpenLinkByID finds an open link of a wave. NotFound.
func (s *Store) OpenLinkByID(ctx context.Context, wave survey.WaveID, id string) (ListedLink, error) {
	if err := firstOf(known("wave", wave), known("link", id)); err != nil {
		return ListedLink{}, err
	}
	key, err := s.Key()
	if err != nil {
		return ListedLink{}, err
	}
	row, err := take[openLinkRow](ctx, s, "id = ? AND wave_id = ?", id, string(wave))
	return row.listed(key), named(err, "this wave has no such link")
}

// RevokeOpenLink withdraws an open link; a second time changes nothing. Whoever has
// begun by it can go on. NotFound.
func (s *Store) RevokeOpenLink(ctx context.Context, wave survey.WaveID, id string) error {
	if err := firstOf(known("wave", wave), known("link", id)); err != nil {
		return err
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := rowsOf[openLinkRow](tx, clause.Locking{Strength: "UPDATE"}).Where("id = ? AND wave_id = ?", id, string(wave)).Take(ctx)
		if err != nil || row.RevokedAt.Valid {
			return err
		}
		if err := tellLink(ctx, tx, row); err != nil {
			return err
		}
		_, err = rowsOf[openLinkRow](tx).Where("id = ?", id).Update(ctx, "revoked_at", s.now())
		return err
	})
	s.places.forget()
	return named(err, "this wave has no such link")
}
