package store

import (
	"bytes"
	"context"
	"database/sql"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/templates"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// RosterRow is one person of a roster.
type RosterRow struct {
	OrganizationID survey.OrganizationID
	TeamID         survey.TeamID // may be empty
	Reference      string        // by which the person is known again; where it is empty, the address is
	Email          string        // empty: the person is given a printed link
	Name           string        // may be empty, as the following
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

// RosterProblem is one thing for which a row can not be taken.
type RosterProblem struct {
	Row  int // from 0
	Twin int // the row in which the same person stands already; -1: it is something else
	survey.Fault
}

// SharedAddress is an address that two people have, who would both get mail.
type SharedAddress struct {
	Row          int                   // from 0
	Other        int                   // the row of the other person; -1: somebody of the wave who is not in the roster
	Organization survey.OrganizationID // of the other person
}

// RosterPlan is what a roster would change, by row. With problems nothing is done.
type RosterPlan struct {
	Outcomes []RosterOutcome
	Problems []RosterProblem
	Shared   []SharedAddress // one address may be right for two people: it is told, not refused
	Gone     []RosterRow     // of the same organizations, in the wave and not in the roster; they stay

	wave survey.WaveID
	key  auth.Key
	rows []plannedRow
}

// Row is a row of the roster as it would be kept, beside what there is.
func (p RosterPlan) Row(n int) (now, before RosterRow) { return p.rows[n].RosterRow, p.rows[n].before }

// RosterColumns says what a roster tells of its people. What it has no column for
// stays as it is.
type RosterColumns struct{ Team, Email, Name, Language, Role bool }

var allRosterColumns = RosterColumns{true, true, true, true, true}

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
	before     RosterRow
	outcome    RosterOutcome
	invitation string // empty: to be made
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
	Used           bool
	Begun          bool // answers are saved and not sent
}

func (r invitedRow) row() RosterRow {
	return RosterRow{OrganizationID: survey.OrganizationID(r.OrganizationID), TeamID: survey.TeamID(r.TeamID.String), Reference: r.Reference.String,
		Email: r.Email.String, Name: r.Name.String, Language: r.Language.String, Role: r.Role.String}
}

const selectInvited = `SELECT i.id, i.organization_id, i.team_id, i.reference, i.token_hash,
	r.id AS respondent_id, r.email, r.name, r.language, r.role, r.link_generation, ` + hasAnswered + ` AS used, ` + hasBegun + ` AS begun
	FROM invitations i LEFT JOIN respondents r ON r.invitation_id = i.id WHERE i.wave_id = ?`

// rosterKey is how a person of an organization is known again.
type rosterKey struct{ organization, value string }

// whoIsThere finds people of the wave again, by reference or by address.
type whoIsThere struct {
	invited     []invitedRow
	byReference map[rosterKey]int
	byEmail     map[rosterKey]int // -1: several have it
}

func (s *Store) whoIsThere(ctx context.Context, wave survey.WaveID) (whoIsThere, error) {
	invited, err := raw[invitedRow](ctx, s, selectInvited, string(wave))
	w := whoIsThere{invited, make(map[rosterKey]int, len(invited)), make(map[rosterKey]int, len(invited))}
	for n, i := range invited {
		if i.Reference.Valid {
			w.byReference[rosterKey{i.OrganizationID, i.Reference.String}] = n
		}
		if k := (rosterKey{i.OrganizationID, i.Email.String}); i.Email.String != "" {
			if _, twice := w.byEmail[k]; twice {
				n = -1
			}
			w.byEmail[k] = n
		}
	}
	return w, err
}

// find returns the place of the person in the list, or -1. Somebody who was known by
// the address alone and now has a reference is the same person.
func (w whoIsThere) find(row RosterRow) int {
	organization := string(row.OrganizationID)
	if row.Reference != "" {
		if n, ok := w.byReference[rosterKey{organization, row.Reference}]; ok {
			return n
		}
	}
	n, ok := w.byEmail[rosterKey{organization, row.Email}]
	if !ok || n >= 0 && row.Reference != "" && w.invited[n].Reference.Valid {
		return -1
	}
	return n
}

// PlanRoster compares a roster with the people of a wave and changes nothing.
// NotFound: no such wave.
func (s *Store) PlanRoster(ctx context.Context, wave survey.WaveID, rows []RosterRow) (RosterPlan, error) {
	return s.PlanRosterColumns(ctx, wave, rows, allRosterColumns)
}

// PlanRosterColumns is PlanRoster for a roster that lacks some columns.
func (s *Store) PlanRosterColumns(ctx context.Context, wave survey.WaveID, rows []RosterRow, given RosterColumns) (RosterPlan, error) {
	key, err := s.Key()
	if err != nil {
		return RosterPlan{}, err
	}
	if _, err := s.facts(ctx, wave); err != nil {
		return RosterPlan{}, err
	}
	there, err := s.whoIsThere(ctx, wave)
	if err != nil {
		return RosterPlan{}, err
	}
	p := &rosterPlanner{whoIsThere: there, given: given, first: make(map[rosterKey]int, len(rows)), met: make(map[int]int, len(rows)),
		plan: RosterPlan{wave: wave, key: key, Outcomes: make([]RosterOutcome, len(rows)), rows: make([]plannedRow, len(rows))}}
	for n, row := range rows {
		if err := p.take(ctx, s, n, row); err != nil {
			return RosterPlan{}, err
		}
	}
	p.listGone(rows)
	p.listShared()
	return p.plan, nil
}

// rosterPlanner goes through a roster.
type rosterPlanner struct {
	whoIsThere
	given RosterColumns
	first map[rosterKey]int // in which row a reference or address stood first
	met   map[int]int       // in which row somebody who is there was met
	plan  RosterPlan
}

// take plans one row, or notes what is wrong with it; the error is for the database.
func (p *rosterPlanner) take(ctx context.Context, s *Store, n int, row RosterRow) error {
	row = tidyRow(row)
	at := p.find(row)
	var there invitedRow
	if at >= 0 {
		there = p.invited[at]
		row = p.keep(row, there)
	}
	faults, err := s.checkRow(ctx, p.plan.wave, row)
	if err != nil {
		return err
	}
	if at >= 0 && there.Begun && row.Email != there.Email.String {
		faults = append(faults, addressStays)
	}
	for _, fault := range faults {
		p.plan.Problems = append(p.plan.Problems, RosterProblem{n, -1, fault})
	}
	if row.Reference == "" && row.Email == "" {
		return nil // nobody knows whether it is the same person as another
	}
	k := rosterKey{string(row.OrganizationID), row.Reference}
	if row.Reference == "" {
		k.value = "\x00" + row.Email // no reference begins with that
	}
	before, twice := p.first[k]
	if !twice && at >= 0 {
		before, twice = p.met[at]
	}
	if twice {
		p.plan.Problems = append(p.plan.Problems, RosterProblem{n, before, survey.Faultf("", "the same person stands in row %d already", before+1)})
		return nil
	}
	p.first[k] = n
	if at >= 0 {
		p.met[at] = n
	}
	p.plan.rows[n] = planRow(p.plan.key, row, there)
	p.plan.Outcomes[n] = p.plan.rows[n].outcome
	return nil
}

// listShared lists addresses that two people have, of the roster or of the wave.
func (p *rosterPlanner) listShared() {
	rows := make(map[string]int, len(p.plan.rows))
	for n, row := range p.plan.rows {
		if row.Email == "" {
			continue
		}
		if other, ok := rows[row.Email]; ok {
			p.plan.Shared = append(p.plan.Shared, SharedAddress{n, other, p.plan.rows[other].OrganizationID})
			continue
		}
		rows[row.Email] = n
	}
	for at, i := range p.invited {
		if _, met := p.met[at]; met || i.Email.String == "" {
			continue
		}
		if n, ok := rows[i.Email.String]; ok {
			p.plan.Shared = append(p.plan.Shared, SharedAddress{n, -1, survey.OrganizationID(i.OrganizationID)})
		}
	}
}

// keep fills in what the roster does not tell, and what can not change: the team of
// somebody who has answered stands with the answers.
func (p *rosterPlanner) keep(row RosterRow, there invitedRow) RosterRow {
	is := there.row()
	if row.Reference == "" {
		row.Reference = is.Reference
	}
	if !p.given.Team || there.Used {
		row.TeamID = is.TeamID
	}
	for _, column := range []struct {
		given bool
		now   *string
		is    string
	}{{p.given.Email, &row.Email, is.Email}, {p.given.Name, &row.Name, is.Name}, {p.given.Language, &row.Language, is.Language}, {p.given.Role, &row.Role, is.Role}} {
		if !column.given {
			*column.now = column.is
		}
	}
	return row
}

// listGone lists who is in the wave and not in the roster, in the organizations that
// the roster speaks of.
func (p *rosterPlanner) listGone(rows []RosterRow) {
	spoken := make(map[string]bool)
	for _, row := range rows {
		spoken[string(row.OrganizationID)] = true
	}
	for n, i := range p.invited {
		if _, met := p.met[n]; !met && spoken[i.OrganizationID] {
			p.plan.Gone = append(p.plan.Gone, i.row())
		}
	}
}

func tidyRow(r RosterRow) RosterRow {
	r.Reference, r.Name, r.Role = strings.TrimSpace(r.Reference), strings.TrimSpace(r.Name), strings.TrimSpace(r.Role)
	r.Email = strings.ToLower(strings.TrimSpace(r.Email))
	r.Language = strings.ToLower(strings.TrimSpace(r.Language))
	return r
}

// checkRow says what is wrong with a row; the error is for the database.
func (s *Store) checkRow(ctx context.Context, wave survey.WaveID, row RosterRow) ([]survey.Fault, error) {
	faults := CheckRosterRow(row)
	for _, place := range []struct {
		column string
		err    error
	}{{"organization", s.checkPlace(ctx, wave, row.OrganizationID)}, {"team", s.checkTeam(ctx, row.OrganizationID, row.TeamID)}} {
		if place.err != nil && survey.KindOf(place.err) != survey.Invalid {
			return nil, place.err
		}
		if place.err != nil {
			faults = append(faults, survey.Saying(place.column, place.err.Error()))
		}
	}
	return faults, nil
}

// languageTag is a tag of a language, without a look at whether there is one.
var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{1,8})*$`)

// CheckRosterRow says what is wrong with a row apart from the place that it names.
func CheckRosterRow(row RosterRow) []survey.Fault {
	row = tidyRow(row)
	var faults []survey.Fault
	if row.Email == "" && row.Reference == "" {
		faults = append(faults, survey.Faultf("", "the row has neither a reference nor an e-mail address, by one of which the person is known again"))
	}
	if err := mail.CheckAddress(mail.Address{Email: row.Email}); err != nil && row.Email != "" {
		fault := survey.Saying("email", "is not an e-mail address")
		fault.Message = err.Error()
		faults = append(faults, fault)
	}
	for _, cell := range []struct{ column, value string }{{"reference", row.Reference}, {"name", row.Name}, {"language", row.Language}, {"role", row.Role}} {
		if utf8.RuneCountInString(cell.value) > 200 || strings.ContainsFunc(cell.value, unicode.IsControl) {
			faults = append(faults, survey.Faultf(cell.column, "has a line break or is longer than 200 characters"))
		} else if cell.column == "language" && cell.value != "" && !languageTag.MatchString(cell.value) {
			faults = append(faults, survey.Faultf("language", "%q is no code of a language; mails are in %s", cell.value, strings.Join(templates.MailLanguages(), ", ")))
		}
	}
	return faults
}

// generationsTried is how often a link may have been made anew while the contact
// data were erased.
const generationsTried = 8

func planRow(key auth.Key, row RosterRow, there invitedRow) plannedRow {
	p := plannedRow{RosterRow: row, before: there.row(), outcome: RosterAdded, invitation: there.ID}
	switch {
	case there.ID == "":
	case there.RespondentID.Valid:
		p.generation, p.outcome = int(there.LinkGeneration.Int64), RosterChanged
		if p.before == row {
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
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
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
	if err := checkMoved(ctx, tx, step); err != nil {
		return err
	}
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
		} else if err := moveInvitation(ctx, tx, p); err != nil {
			return err
		}
		hash := plan.key.AddressHash(p.Email)
		people = append(people, respondentRow{ID: newID(), WaveID: string(plan.wave), InvitationID: p.invitation, Email: p.Email, EmailHash: hash[:],
			Name: p.Name, Language: p.Language, Role: p.Role, LinkGeneration: p.generation, CreatedAt: s.now()})
	}
	if len(step) == 1 && len(people) == 1 {
		if err := tellPerson(ctx, tx, step[0], people[0].InvitationID); err != nil {
			return err
		}
	}
	if err := createAll(ctx, tx, invitations); err != nil || len(people) == 0 {
		return err
	}
	change := clause.OnConflict{Columns: []clause.Column{{Name: "invitation_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"email", "email_hash", "name", "language", "role"})}
	return rowsOf[respondentRow](tx, change).CreateInBatches(ctx, &people, rowsPerInsert)
}

// moveInvitation gives somebody another team or a reference.
func moveInvitation(ctx context.Context, tx *gorm.DB, p plannedRow) error {
	if p.TeamID == p.before.TeamID && p.Reference == p.before.Reference {
		return nil
	}
	_, err := rowsOf[invitationRow](tx).Where("id = ?", p.invitation).Select("team_id", "reference").
		Updates(ctx, invitationRow{TeamID: optional(p.TeamID), Reference: optional(p.Reference)})
	return err
}

func createAll[R any](ctx context.Context, tx *gorm.DB, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	return rowsOf[R](tx).CreateInBatches(ctx, &rows, rowsPerInsert)
}
