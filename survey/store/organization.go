package store

import (
	"context"
	"slices"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type organizationRow struct {
	ID       string
	StudyID  string
	Key      string
	Name     string
	Industry string
	Region   string
	Size     string
}

func (organizationRow) TableName() string { return "organizations" }

func (r organizationRow) organization() survey.Organization {
	return survey.Organization{ID: survey.OrganizationID(r.ID), StudyID: survey.StudyID(r.StudyID), Key: r.Key,
		Name: r.Name, Industry: r.Industry, Region: r.Region, Size: r.Size}
}

// rowsPerInsert keeps a statement below the number of parameters that both
// databases take.
const rowsPerInsert = 500

// PutOrganizations adds organizations to the study, or changes those that have
// the key, all or none, and returns them with their ids in the order given.
// Invalid: a blank key or name, or one key twice. NotFound: no such study.
func (s *Store) PutOrganizations(ctx context.Context, study survey.StudyID, organizations []survey.Organization) ([]survey.Organization, error) {
	return s.putOrganizations(ctx, study, organizations, func(*gorm.DB, []survey.Organization) error { return nil })
}

// putOrganizations is PutOrganizations with what belongs to them in the same transaction.
func (s *Store) putOrganizations(ctx context.Context, study survey.StudyID, organizations []survey.Organization, with func(*gorm.DB, []survey.Organization) error) ([]survey.Organization, error) {
	if err := known("study", study); err != nil {
		return nil, err
	}
	rows := make([]organizationRow, len(organizations))
	seen := make(map[string]bool, len(organizations))
	for i, o := range organizations {
		if err := firstOf(required("the key of an organization", o.Key), required("the name of organization "+o.Key, o.Name)); err != nil {
			return nil, err
		}
		if seen[o.Key] {
			return nil, survey.Errorf(survey.Invalid, "organization %q is given twice", o.Key)
		}
		seen[o.Key] = true
		rows[i] = organizationRow{ID: newID(), StudyID: string(study), Key: o.Key, Name: o.Name, Industry: o.Industry, Region: o.Region, Size: o.Size}
	}
	var out []survey.Organization
	err := s.write(ctx, func(tx *gorm.DB) error {
		if _, err := rowsOf[studyRow](tx).Where("id = ?", string(study)).Take(ctx); err != nil {
			return err
		}
		old, err := rowsOf[organizationRow](tx).Where("study_id = ?", string(study)).Find(ctx)
		if err != nil {
			return err
		}
		tell(ctx, changedOrganizations(old, rows))
		if err := upsertOrganizations(ctx, tx, rows); err != nil {
			return err
		}
		if out, err = organizationsInOrder(ctx, tx, study, organizations); err != nil {
			return err
		}
		return with(tx, out)
	})
	s.places.forget()
	return out, named(err, "this study does not exist")
}

func upsertOrganizations(ctx context.Context, tx *gorm.DB, rows []organizationRow) error {
	if len(rows) == 0 {
		return nil
	}
	update := clause.OnConflict{Columns: []clause.Column{{Name: "study_id"}, {Name: "key"}},
		DoUpdates: clause.AssignmentColumns([]string{"name", "industry", "region", "size"})}
	return rowsOf[organizationRow](tx, update).CreateInBatches(ctx, &rows, rowsPerInsert)
}

// organizationsInOrder reads back what was written: the id of an organization
// that existed is not the one that was offered.
func organizationsInOrder(ctx context.Context, tx *gorm.DB, study survey.StudyID, organizations []survey.Organization) ([]survey.Organization, error) {
	rows, err := rowsOf[organizationRow](tx).Where("study_id = ?", string(study)).Find(ctx)
	if err != nil {
		return nil, err
	}
	byKey := make(map[string]survey.Organization, len(rows))
	for _, row := range rows {
		byKey[row.Key] = row.organization()
	}
	out := make([]survey.Organization, len(organizations))
	for i, o := range organizations {
		out[i] = byKey[o.Key]
	}
	return out, nil
}

// PutOrganization adds one organization to its study, or changes the one that
// has the key. Errors as PutOrganizations.
func (s *Store) PutOrganization(ctx context.Context, organization survey.Organization) (survey.Organization, error) {
	out, err := s.PutOrganizations(ctx, organization.StudyID, []survey.Organization{organization})
	if err != nil {
		return survey.Organization{}, err
	}
	return out[0], nil
}

// Organizations lists the organizations of a study by name.
func (s *Store) Organizations(ctx context.Context, study survey.StudyID) ([]survey.Organization, error) {
	if err := known("study", study); err != nil {
		return nil, err
	}
	return list(ctx, s, organizationRow.organization, "name, key", "study_id = ?", string(study))
}

// CountOrganizations says how many organizations a study has.
func (s *Store) CountOrganizations(ctx context.Context, study survey.StudyID) (n int64, err error) {
	if err := known("study", study); err != nil {
		return 0, err
	}
	err = s.read(ctx, func(tx *gorm.DB) error {
		n, err = rowsOf[organizationRow](tx).Where("study_id = ?", string(study)).Count(ctx, "*")
		return err
	})
	return n, err
}

// OrganizationByKey finds an organization of a study. NotFound.
func (s *Store) OrganizationByKey(ctx context.Context, study survey.StudyID, key string) (survey.Organization, error) {
	if err := known("study", study); err != nil {
		return survey.Organization{}, err
	}
	row, err := take[organizationRow](ctx, s, "study_id = ? AND key = ?", string(study), key)
	return row.organization(), named(err, "there is no organization %q in this study", key)
}

// OrganizationByID finds an organization. NotFound.
func (s *Store) OrganizationByID(ctx context.Context, id survey.OrganizationID) (survey.Organization, error) {
	if err := known("organization", id); err != nil {
		return survey.Organization{}, err
	}
	row, err := take[organizationRow](ctx, s, "id = ?", string(id))
	return row.organization(), named(err, "this organization does not exist")
}

// studyOf returns the study of an organization, from memory after the first
// time: an organization never changes its study.
func (s *Store) studyOf(ctx context.Context, id survey.OrganizationID) (survey.StudyID, error) {
	if study, ok := s.organizations.Load(id); ok {
		return study.(survey.StudyID), nil
	}
	organization, err := s.OrganizationByID(ctx, id)
	if err != nil {
		return "", err
	}
	s.organizations.Store(id, organization.StudyID)
	return organization.StudyID, nil
}

// checkTeam says whether the team, if there is one, belongs to the organization,
// from memory after the first time: a team stays where it is.
func (s *Store) checkTeam(ctx context.Context, organization survey.OrganizationID, team survey.TeamID) error {
	if team == "" {
		return nil
	}
	if of, ok := s.teams.Load(team); ok && of == organization {
		return nil
	}
	if err := known("team", team); err != nil {
		return survey.Errorf(survey.Invalid, orphanMessage)
	}
	row, err := take[teamRow](ctx, s, "id = ?", string(team))
	switch {
	case survey.KindOf(err) == survey.NotFound && err != nil, err == nil && row.OrganizationID != string(organization):
		return survey.Errorf(survey.Invalid, "the team is not one of the organization")
	case err != nil:
		return err
	}
	s.teams.Store(team, organization)
	return nil
}

type teamRow struct {
	ID             string
	OrganizationID string
	Name           string
}

func (teamRow) TableName() string { return "teams" }

func (r teamRow) team() survey.Team {
	return survey.Team{ID: survey.TeamID(r.ID), OrganizationID: survey.OrganizationID(r.OrganizationID), Name: r.Name}
}

// PutTeams adds the teams that the organization does not have yet and returns
// all teams of the names given, in that order. Invalid: a blank name.
// NotFound: no such organization.
func (s *Store) PutTeams(ctx context.Context, organization survey.OrganizationID, names []string) ([]survey.Team, error) {
	if err := known("organization", organization); err != nil {
		return nil, err
	}
	rows := make([]teamRow, len(names))
	for i, name := range names {
		if err := required("the name of a team", name); err != nil {
			return nil, err
		}
		rows[i] = teamRow{ID: newID(), OrganizationID: string(organization), Name: name}
	}
	teams := make([]survey.Team, len(names))
	err := s.write(ctx, func(tx *gorm.DB) error {
		was, err := rowsOf[teamRow](tx).Where("organization_id = ?", string(organization)).Find(ctx)
		if err != nil {
			return err
		}
		if err := insertTeams(ctx, tx, rows); err != nil {
			return err
		}
		all, err := rowsOf[teamRow](tx).Where("organization_id = ?", string(organization)).Find(ctx)
		if err != nil {
			return err
		}
		byName := make(map[string]survey.Team, len(all))
		told := changes{made: true}
		for _, row := range all {
			byName[row.Name] = row.team()
			if !slices.Contains(was, row) {
				told.text("team", "", row.Name)
			}
		}
		slices.Sort(told.list)
		tell(ctx, told)
		for i, name := range names {
			teams[i] = byName[name]
		}
		return nil
	})
	if survey.KindOf(err) == survey.Invalid {
		err = survey.Errorf(survey.NotFound, "this organization does not exist")
	}
	return teams, err
}

// Teams lists the teams of an organization by name.
func (s *Store) Teams(ctx context.Context, organization survey.OrganizationID) ([]survey.Team, error) {
	if err := known("organization", organization); err != nil {
		return nil, err
	}
	return list(ctx, s, teamRow.team, "name", "organization_id = ?", string(organization))
}

// TeamsOfStudy lists the teams of all organizations of a study.
func (s *Store) TeamsOfStudy(ctx context.Context, study survey.StudyID) ([]survey.Team, error) {
	if err := known("study", study); err != nil {
		return nil, err
	}
	return list(ctx, s, teamRow.team, "organization_id, name", "organization_id IN (SELECT id FROM organizations WHERE study_id = ?)", string(study))
}

// PutListedOrganizations adds organizations with their teams, or changes those that
// have the key, all or none. Errors as PutOrganizations.
func (s *Store) PutListedOrganizations(ctx context.Context, study survey.StudyID, listed []survey.ListedOrganization) ([]survey.Organization, error) {
	organizations := make([]survey.Organization, len(listed))
	for i, l := range listed {
		organizations[i] = l.Organization
	}
	return s.putOrganizations(ctx, study, organizations, func(tx *gorm.DB, kept []survey.Organization) error {
		var rows []teamRow
		for i, l := range listed {
			for _, name := range l.Teams {
				rows = append(rows, teamRow{ID: newID(), OrganizationID: string(kept[i].ID), Name: name})
			}
		}
		return insertTeams(ctx, tx, rows)
	})
}

// insertTeams adds the teams that are not there yet.
func insertTeams(ctx context.Context, tx *gorm.DB, rows []teamRow) error {
	if len(rows) == 0 {
		return nil
	}
	return rowsOf[teamRow](tx, clause.OnConflict{DoNothing: true}).CreateInBatches(ctx, &rows, rowsPerInsert)
}
