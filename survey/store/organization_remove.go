package store

import (
	"context"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// ChangeOrganization keeps new facts of an organization; its key stays. NotFound.
func (s *Store) ChangeOrganization(ctx context.Context, o survey.Organization) error {
	if err := firstOf(known("organization", o.ID), required("the name of organization "+o.Key, o.Name)); err != nil {
		return err
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[organizationRow](ctx, tx, "id = ?", string(o.ID))
		if err != nil {
			return err
		}
		now := organizationRow{Name: o.Name, Industry: o.Industry, Region: o.Region, Size: o.Size}
		tell(ctx, old.changed(now))
		n, err := rowsOf[organizationRow](tx).Where("id = ?", string(o.ID)).Select("name", "industry", "region", "size").Updates(ctx, now)
		if err == nil && n == 0 {
			err = survey.Errorf(survey.NotFound, "this organization does not exist")
		}
		return err
	})
	s.places.forget()
	return err
}

// namedIn is a table in which something of a place may stand. Without an index on it,
// it is asked before the transaction: nobody who submits shall wait for that.
type namedIn struct {
	what  string
	query string
}

var (
	answersOfOrganization = namedIn{"answers", "SELECT 1 FROM responses WHERE organization_id = ?"}
	answersOfTeam         = namedIn{"answers", "SELECT 1 FROM responses WHERE team_id = ?"}

	ofOrganization = []namedIn{
		{"drafts", "SELECT 1 FROM drafts WHERE organization_id = ?"},
		{"invited people", "SELECT 1 FROM invitations WHERE organization_id = ?"},
		{"open links", "SELECT 1 FROM open_links WHERE organization_id = ?"},
		{"links to results", "SELECT 1 FROM result_links WHERE organization_id = ?"},
		{"figures without answers", "SELECT 1 FROM aggregates WHERE organization_id = ?"},
		{"target numbers", "SELECT 1 FROM wave_targets WHERE scope = 'organization' AND reference = ?"},
		{"roles of coordinators or executives", "SELECT 1 FROM membership_organizations WHERE organization_id = ?"},
		{"target numbers of teams", "SELECT 1 FROM wave_targets WHERE scope = 'team' AND reference IN (SELECT CAST(id AS text) FROM teams WHERE organization_id = ?)"},
	}
	ofTeam = []namedIn{
		{"drafts", "SELECT 1 FROM drafts WHERE team_id = ?"},
		{"invited people", "SELECT 1 FROM invitations WHERE team_id = ?"},
		{"open links", "SELECT 1 FROM open_links WHERE team_id = ?"},
		{"target numbers", "SELECT 1 FROM wave_targets WHERE scope = 'team' AND reference = ?"},
	}
)

// nothingOf says in words what still stands in the tables.
func nothingOf(tx *gorm.DB, what, id string, tables ...namedIn) error {
	for _, t := range tables {
		var found []int
		if err := tx.Raw(t.query+" LIMIT 1", id).Scan(&found).Error; err != nil {
			return err
		}
		if len(found) > 0 {
			return survey.Errorf(survey.Conflict, "%s can not be removed: there are %s of it", what, t.what)
		}
	}
	return nil
}

// RemoveOrganization removes an organization and its teams. Conflict: something hangs
// on it, in words. NotFound.
func (s *Store) RemoveOrganization(ctx context.Context, id survey.OrganizationID) error {
	if err := known("organization", id); err != nil {
		return err
	}
	err := s.read(ctx, func(db *gorm.DB) error { return nothingOf(db, "the organization", string(id), answersOfOrganization) })
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := nothingOf(tx, "the organization", string(id), ofOrganization...); err != nil {
			return err
		}
		old, err := before[organizationRow](ctx, tx, "id = ?", string(id))
		if err != nil {
			return err
		}
		teams, err := rowsOf[teamRow](tx).Where("organization_id = ?", string(id)).Delete(ctx)
		if err != nil {
			return err
		}
		told := old.changed(organizationRow{})
		told.number("teams", teams, 0)
		tell(ctx, told)
		n, err := rowsOf[organizationRow](tx).Where("id = ?", string(id)).Delete(ctx)
		if err == nil && n == 0 {
			err = survey.Errorf(survey.NotFound, "this organization does not exist")
		}
		return err
	})
	s.places.forget()
	s.organizations.Delete(id)
	return stillNamed(err, "the organization")
}

// RemoveTeam removes a team of an organization. Conflict: something hangs on it. NotFound.
func (s *Store) RemoveTeam(ctx context.Context, organization survey.OrganizationID, id survey.TeamID) error {
	if err := firstOf(known("organization", organization), known("team", id)); err != nil {
		return err
	}
	err := s.read(ctx, func(db *gorm.DB) error { return nothingOf(db, "the team", string(id), answersOfTeam) })
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := nothingOf(tx, "the team", string(id), ofTeam...); err != nil {
			return err
		}
		old, err := before[teamRow](ctx, tx, "id = ?", string(id))
		if err != nil {
			return err
		}
		var told changes
		told.text("name", old.Name, "")
		tell(ctx, told)
		n, err := rowsOf[teamRow](tx).Where("id = ? AND organization_id = ?", string(id), string(organization)).Delete(ctx)
		if err == nil && n == 0 {
			err = survey.Errorf(survey.NotFound, "the organization has no such team")
		}
		return err
	})
	s.teams.Delete(id)
	return stillNamed(err, "the team")
}

// stillNamed puts a foreign key that held into words.
func stillNamed(err error, what string) error {
	if err != nil && survey.KindOf(err) == survey.Invalid {
		return survey.Errorf(survey.Conflict, "%s can not be removed: something in the study still names it", what)
	}
	return err
}
