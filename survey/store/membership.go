package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type membershipRow struct {
	UserID    string
	StudyID   string
	Role      string
	CreatedAt time.Time
}

func (membershipRow) TableName() string { return "memberships" }

type membershipOrganizationRow struct {
	UserID         string
	StudyID        string
	OrganizationID string
}

func (membershipOrganizationRow) TableName() string { return "membership_organizations" }

// PutMembership gives a user a role in a study, instead of the one before. Invalid:
// no such role, or organizations that do not fit it or are not of the study.
func (s *Store) PutMembership(ctx context.Context, by survey.Actor, m survey.Membership) error {
	if err := firstOf(known("account", m.UserID), known("study", m.StudyID), survey.CheckMembership(m)); err != nil {
		return err
	}
	for _, o := range m.Organizations {
		if study, err := s.studyOf(ctx, o); err != nil || study != m.StudyID {
			return survey.Errorf(survey.Invalid, "an organization that was chosen is not one of this study")
		}
	}
	row := membershipRow{UserID: string(m.UserID), StudyID: string(m.StudyID), Role: string(m.Role), CreatedAt: s.now()}
	change := clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}, {Name: "study_id"}}, DoUpdates: clause.AssignmentColumns([]string{"role"})}
	return s.write(ctx, func(tx *gorm.DB) error {
		deed, err := memberDeed(ctx, tx, "member.put", m)
		if err != nil {
			return err
		}
		if err := rowsOf[membershipRow](tx, change).Create(ctx, &row); err != nil {
			return err
		}
		if _, err := rowsOf[membershipOrganizationRow](tx).Where("user_id = ? AND study_id = ?", row.UserID, row.StudyID).Delete(ctx); err != nil {
			return err
		}
		links := make([]membershipOrganizationRow, len(m.Organizations))
		for i, o := range m.Organizations {
			links[i] = membershipOrganizationRow{UserID: row.UserID, StudyID: row.StudyID, OrganizationID: string(o)}
		}
		if err := createAll(ctx, tx, links); err != nil {
			return err
		}
		return s.record(ctx, tx, by, deed)
	})
}

// memberDeed tells the audit log whose role becomes which, and for which
// organizations, before it does. Without a role it is taken away.
func memberDeed(ctx context.Context, tx *gorm.DB, action string, m survey.Membership) (Deed, error) {
	user, study := string(m.UserID), string(m.StudyID)
	old, err := before[membershipRow](ctx, tx, "user_id = ? AND study_id = ?", user, study)
	if err != nil {
		return Deed{}, err
	}
	rows, err := rowsOf[membershipOrganizationRow](tx).Where("user_id = ? AND study_id = ?", user, study).Find(ctx)
	if err != nil {
		return Deed{}, err
	}
	var were []survey.OrganizationID
	for _, row := range rows {
		were = append(were, survey.OrganizationID(row.OrganizationID))
	}
	names, err := placesOfStudy(ctx, tx, study)
	if err != nil {
		return Deed{}, err
	}
	account, err := before[userRow](ctx, tx, "id = ?", user)
	told := changes{made: old.Role == ""}
	told.value("role", old.Role, string(m.Role))
	told.value("organizations", names.keys(were), names.keys(m.Organizations))
	return Deed{Action: action, Object: "user " + account.Email, Study: m.StudyID, Detail: told.words()}, err
}

// RemoveMembership takes a user's role in a study away. NotFound.
func (s *Store) RemoveMembership(ctx context.Context, by survey.Actor, user survey.UserID, study survey.StudyID) error {
	if err := firstOf(known("account", user), known("study", study)); err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		deed, err := memberDeed(ctx, tx, "member.remove", survey.Membership{UserID: user, StudyID: study})
		if err != nil {
			return err
		}
		gone, err := rowsOf[membershipRow](tx).Where("user_id = ? AND study_id = ?", string(user), string(study)).Delete(ctx)
		if err == nil && gone == 0 {
			err = survey.Errorf(survey.NotFound, "this person has no role in the study")
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, by, deed)
	})
}

// MembershipsOf lists the roles of a user in all studies.
func (s *Store) MembershipsOf(ctx context.Context, user survey.UserID) ([]survey.Membership, error) {
	if err := known("account", user); err != nil {
		return nil, err
	}
	return s.memberships(ctx, "user_id = ?", string(user))
}

// Members lists the roles of all users in a study.
func (s *Store) Members(ctx context.Context, study survey.StudyID) ([]survey.Membership, error) {
	if err := known("study", study); err != nil {
		return nil, err
	}
	return s.memberships(ctx, "study_id = ?", string(study))
}

func (s *Store) memberships(ctx context.Context, where, id string) ([]survey.Membership, error) {
	members, err := list(ctx, s, func(r membershipRow) survey.Membership {
		return survey.Membership{UserID: survey.UserID(r.UserID), StudyID: survey.StudyID(r.StudyID), Role: survey.StaffRole(r.Role)}
	}, "created_at, user_id", where, id)
	if err != nil {
		return nil, err
	}
	organizations, err := list(ctx, s, func(r membershipOrganizationRow) membershipOrganizationRow { return r }, "organization_id", where, id)
	if err != nil {
		return nil, err
	}
	for i, m := range members {
		for _, o := range organizations {
			if o.UserID == string(m.UserID) && o.StudyID == string(m.StudyID) {
				members[i].Organizations = append(members[i].Organizations, survey.OrganizationID(o.OrganizationID))
			}
		}
	}
	return members, nil
}
