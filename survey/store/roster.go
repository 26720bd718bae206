package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/mail"
	"gorm.io/gorm"
)

// RosterRow is one person of a roster.
type RosterRow struct {
	OrganizationID survey.OrganizationID
	TeamID         survey.TeamID // may be empty
	Reference      string        // by which the person is known again; where it is empty, the address is
	Email          string
	Name           string // may be empty, as the following
	Language       string
	Role           string
}

// RosterOutcome is what a roster does with a row.
type RosterOutcome string

// The outcomes. Somebody whose link was made by hand keeps it: the program can not
// write it into a mail, since only its hash is kept.
const (
	RosterAdded     RosterOutcome = "added"
	RosterChanged   RosterOutcome = "changed"
	RosterUnchanged RosterOutcome = "unchanged"
	RosterHandMade  RosterOutcome = "hand_made"
)

// RosterProblem is a row that can not be taken.
type RosterProblem struct {
	Row     int // from 0
	Message string
}

// RosterPlan is what a roster would change, by row. With problems nothing is done.
type RosterPlan struct {
	Outcomes []RosterOutcome
	Problems []RosterProblem

	wave survey.WaveID
	key  auth.Key
	rows []plannedRow
}

// Count is the number of rows with the outcome.
func (p RosterPlan) Count(outcome RosterOutcome) int {
	n := 0
	for _, o := range p.Outcomes {
		if o == outcome {
			n++
		}
	}
	return n
}

// plannedRow is a row with what there is of the person.
type plannedRow struct {
	RosterRow
	outcome    RosterOutcome
	invitation string // empty: to be made
	respondent string // empty: to be made
	generation int
}

// invitedRow is an invitation of the wave with the contact data, if there are any.
type invitedRow struct {
	ID             string
	OrganizationID string
	TeamID         sql.NullString
	Reference      sql.NullString
	TokenHash      []byte
	RespondentID   sql.NullString
	Email          sql.NullString
	Name           sql.NullString
	Language       sql.NullString
	Role           sql.NullString
	LinkGeneration sql.NullInt64
}

const selectInvited = `SELECT i.id, i.organization_id, i.team_id, i.reference, i.token_hash,
	r.id AS respondent_id, r.email, r.name, r.language, r.role, r.link_generation
	FROM invitations i LEFT JOIN respondents r ON r.invitation_id = i.id WHERE i.wave_id = ?`

// rosterKey is how a person of an organization is known again.
type rosterKey struct {
	organization string
	reference    bool
	value        string
}

func keyOf(organization, reference, email string) rosterKey {
	if reference != "" {
		return rosterKey{organization, true, reference}
	}
	return rosterKey{organization, false, email}
}

// PlanRoster compares a roster with the people of a wave and changes nothing.
// NotFound: no such wave.
func (s *Store) PlanRoster(ctx context.Context, wave survey.WaveID, rows []RosterRow) (RosterPlan, error) {
	key, err := s.Key()
	if err != nil {
		return RosterPlan{}, err
	}
	if _, err := s.facts(ctx, wave); err != nil {
		return RosterPlan{}, err
	}
	invited, err := raw[invitedRow](ctx, s, selectInvited, string(wave))
	if err != nil {
		return RosterPlan{}, err
	}
	there := make(map[rosterKey]invitedRow, len(invited))
	for _, i := range invited {
		if i.Reference.Valid || i.Email.Valid {
			there[keyOf(i.OrganizationID, i.Reference.String, i.Email.String)] = i
		}
	}
	plan := RosterPlan{wave: wave, key: key, Outcomes: make([]RosterOutcome, len(rows)), rows: make([]plannedRow, len(rows))}
	first := make(map[rosterKey]int, len(rows))
	for n, row := range rows {
		row = tidyRow(row)
		wrong, err := s.checkRow(ctx, wave, row)
		if err != nil {
			return RosterPlan{}, err
		}
		k := keyOf(string(row.OrganizationID), row.Reference, row.Email)
		if before, twice := first[k]; twice && wrong == "" {
			wrong = fmt.Sprintf("the same person stands in row %d already", before+1)
		}
		first[k] = n
		if wrong != "" {
			plan.Problems = append(plan.Problems, RosterProblem{Row: n, Message: wrong})
			continue
		}
		plan.rows[n] = planRow(key, row, there[k])
		plan.Outcomes[n] = plan.rows[n].outcome
	}
	return plan, nil
}

func tidyRow(r RosterRow) RosterRow {
	r.Reference, r.Name, r.Role = strings.TrimSpace(r.Reference), strings.TrimSpace(r.Name), strings.TrimSpace(r.Role)
	r.Email = strings.ToLower(strings.TrimSpace(r.Email))
	r.Language = strings.ToLower(strings.TrimSpace(r.Language))
	return r
}

// checkRow says in words what is wrong with a row; the error is for the database.
func (s *Store) checkRow(ctx context.Context, wave survey.WaveID, row RosterRow) (string, error) {
	if err := mail.CheckAddress(mail.Address{Name: row.Name, Email: row.Email}); err != nil {
		return err.Error(), nil
	}
	for _, cell := range []struct{ what, value string }{{"reference", row.Reference}, {"language", row.Language}, {"role", row.Role}} {
		if len(cell.value) > 200 || strings.ContainsAny(cell.value, "\r\n\x00") {
			return "the " + cell.what + " has a line break or is longer than 200 characters", nil
		}
	}
	err := firstOf(s.checkPlace(ctx, wave, row.OrganizationID), s.checkTeam(ctx, row.OrganizationID, row.TeamID))
	if err != nil && survey.KindOf(err) == survey.Invalid {
		return err.Error(), nil
	}
	return "", err
}

// generationsTried is how often a link may have been made anew while the contact
// data were erased.
const generationsTried = 8

func planRow(key auth.Key, row RosterRow, there invitedRow) plannedRow {
	p := plannedRow{RosterRow: row, outcome: RosterAdded, invitation: there.ID, respondent: there.RespondentID.String}
	switch {
	case there.ID == "":
	case there.RespondentID.Valid:
		p.generation, p.outcome = int(there.LinkGeneration.Int64), RosterChanged
		if there.Email.String == row.Email && there.Name.String == row.Name && there.Language.String == row.Language &&
			there.Role.String == row.Role && there.TeamID.String == string(row.TeamID) {
			p.outcome = RosterUnchanged
		}
	default:
		p.outcome = RosterHandMade
		for g := range generationsTried {
			if hash := auth.HashToken(key.InvitationToken(there.ID, g)); bytes.Equal(hash[:], there.TokenHash) {
				p.generation, p.outcome = g, RosterChanged
			}
		}
	}
	return p
}

// rosterStep is how many people are added in one transaction: respondents who
// submit meanwhile wait for one step only.
const rosterStep = 1000

// ApplyRoster does what the plan says, in steps, and tells after each how many
// rows are done. Broken off it has done some of them; planned and applied again it
// does the rest. Invalid: the plan has problems. Conflict: somebody else has added
// one of its people meanwhile.
func (s *Store) ApplyRoster(ctx context.Context, plan RosterPlan, progress func(done int)) error {
	if len(plan.Problems) > 0 {
		return survey.Errorf(survey.Invalid, "row %d of the roster: %s", plan.Problems[0].Row+1, plan.Problems[0].Message)
	}
	for begin := 0; begin < len(plan.rows); begin += rosterStep {
		step := plan.rows[begin:min(begin+rosterStep, len(plan.rows))]
		err := s.write(ctx, func(tx *gorm.DB) error { return s.applyStep(ctx, tx, plan, step) })
		if survey.KindOf(err) == survey.Conflict && err != nil {
			return survey.Errorf(survey.Conflict, "somebody else is adding people of this roster: look at it again, what was added stays")
		}
		if err != nil {
			return err
		}
		progress(begin + len(step))
	}
	return nil
}

func (s *Store) applyStep(ctx context.Context, tx *gorm.DB, plan RosterPlan, step []plannedRow) error {
	var invitations []invitationRow
	var people []respondentRow
	for _, p := range step {
		if p.outcome == RosterUnchanged || p.outcome == RosterHandMade {
			continue
		}
		if p.invitation == "" {
			p.invitation = newID()
			token := auth.HashToken(plan.key.InvitationToken(p.invitation, 0))
			invitations = append(invitations, invitationRow{ID: p.invitation, WaveID: string(plan.wave), OrganizationID: string(p.OrganizationID),
				TeamID: optional(p.TeamID), Reference: optional(p.Reference), TokenHash: token[:], CreatedAt: s.now()})
		} else if err := moveTeam(ctx, tx, p); err != nil {
			return err
		}
		hash := plan.key.AddressHash(p.Email)
		person := respondentRow{ID: newID(), WaveID: string(plan.wave), InvitationID: p.invitation, Email: p.Email, EmailHash: hash[:],
			Name: p.Name, Language: p.Language, Role: p.Role, LinkGeneration: p.generation, CreatedAt: s.now()}
		if p.respondent == "" {
			people = append(people, person)
			continue
		}
		_, err := rowsOf[respondentRow](tx).Where("invitation_id = ?", p.invitation).
			Select("email", "email_hash", "name", "language", "role").Updates(ctx, person)
		if err != nil {
			return err
		}
	}
	if err := createAll(ctx, tx, invitations); err != nil {
		return err
	}
	return createAll(ctx, tx, people)
}

// moveTeam moves somebody to another team unless the answers have been given.
func moveTeam(ctx context.Context, tx *gorm.DB, p plannedRow) error {
	_, err := rowsOf[invitationRow](tx).Where("id = ? AND used_at IS NULL", p.invitation).Update(ctx, "team_id", optional(p.TeamID))
	return err
}

func createAll[R any](ctx context.Context, tx *gorm.DB, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	return rowsOf[R](tx).CreateInBatches(ctx, &rows, rowsPerInsert)
}
