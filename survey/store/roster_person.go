package store

import (
	"context"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// PlanPerson plans what becomes of one person who is there, whatever changes of what
// they are known by. NotFound.
func (s *Store) PlanPerson(ctx context.Context, wave survey.WaveID, invitation survey.InvitationID, row RosterRow) (RosterPlan, error) {
	key, err := s.Key()
	if err != nil {
		return RosterPlan{}, err
	}
	there, err := s.whoIsThere(ctx, wave)
	if err != nil {
		return RosterPlan{}, err
	}
	row = tidyRow(row)
	for _, i := range there.invited {
		if i.ID != string(invitation) {
			continue
		}
		if i.Used {
			row.TeamID = survey.TeamID(i.TeamID.String)
		}
		plan := RosterPlan{wave: wave, key: key, rows: []plannedRow{planRow(key, row, i)}}
		plan.Outcomes = []RosterOutcome{plan.rows[0].outcome}
		faults, err := s.checkRow(ctx, wave, row)
		if at := there.find(row); at >= 0 && there.invited[at].ID != i.ID {
			faults = append(faults, survey.Faultf("", "somebody else of the organization has this reference or address"))
		}
		if plan.Outcomes[0] == RosterHandMade {
			faults = []survey.Fault{survey.Faultf("", "the link of this person was made by hand, so nothing but the reference is kept: add the person anew to send mail")}
		}
		if i.Begun && row.Email != i.Email.String {
			faults = append(faults, addressStays)
		}
		for _, fault := range faults {
			plan.Problems = append(plan.Problems, RosterProblem{0, -1, fault})
		}
		return plan, err
	}
	return RosterPlan{}, survey.Errorf(survey.NotFound, "this person is not on the roster")
}

// addressStays is said of a new address for somebody who has begun: with a reminder the
// link would go there, which opens what is saved.
var addressStays = survey.Faultf("email", "this person has begun to answer, and the link in a mail to another address would open what is saved: the address stays until the answers are sent")

// checkMoved looks once more whether somebody who is given another address has begun
// since the plan was made.
func checkMoved(ctx context.Context, tx *gorm.DB, step []plannedRow) error {
	var moved []string
	for _, p := range step {
		if p.outcome == RosterChanged && p.Email != p.before.Email {
			moved = append(moved, p.invitation)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	n, err := rowsOf[draftRow](tx).Where("invitation_id IN ?", moved).Count(ctx, "*")
	if err == nil && n > 0 {
		err = survey.Errorf(survey.Conflict, "%s", addressStays.Message)
	}
	return err
}
