package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// ApplyRoster is the kind of the job that takes a roster into a wave.
const ApplyRoster = "roster.apply"

// uploadLife is how long a file waits for somebody who applies it.
const uploadLife = 24 * time.Hour

// Columns of a roster. The reference tells people of an organization apart; without
// one their addresses do.
var (
	RosterColumns      = []string{"organization"}
	RosterExtraColumns = []string{"reference", "email", "name", "language", "role", "team"}
)

// By says in the parameters of a job who asked for it and where it leads back to.
type By struct {
	User survey.UserID `json:"user,omitempty"`
	Back string        `json:"back,omitempty"`
}

// AskedBy reads who asked for a job; zero: the program itself.
func AskedBy(j survey.Job) By {
	var p struct{ By By }
	if err := json.Unmarshal([]byte(j.Parameters), &p); err != nil {
		return By{}
	}
	return p.By
}

// RosterOrder is what ApplyRoster is asked for.
type RosterOrder struct {
	By            By                      `json:"by"`
	Upload        string                  `json:"upload"`
	Wave          survey.WaveID           `json:"wave"`
	Organizations []survey.OrganizationID `json:"organizations,omitempty"` // that whoever asks is there for; empty: all
	Added         int                     `json:"added"`                   // as the roster was looked at
	Changed       int                     `json:"changed"`
}

// Parameters is the order as a job keeps it.
func (o RosterOrder) Parameters() string {
	data, err := json.Marshal(o)
	if err != nil {
		panic("jobs: an order can not be written: " + err.Error())
	}
	return string(data)
}

// RosterFile is a roster that was compared with the people of a wave.
type RosterFile struct {
	Sheet    *survey.Sheet
	Plan     store.RosterPlan
	Problems *survey.Complaints // with any of them nothing is done
	Doubts   *survey.Complaints // what is worth a look before it is applied
}

// ReadRoster reads a roster that somebody sent. Invalid: it can not be read at all.
func ReadRoster(content []byte) (*survey.Sheet, error) {
	return survey.ParseSheet("the file", content, RosterColumns, RosterExtraColumns)
}

// PlanRoster compares a roster with the people of the wave. A row of an organization
// that is not among the given ones (none: all are allowed) is a problem.
func PlanRoster(ctx context.Context, s *store.Store, wave survey.Wave, sheet *survey.Sheet, allowed []survey.OrganizationID) (RosterFile, error) {
	places, err := rosterPlaces(ctx, s, wave.StudyID, allowed)
	if err != nil {
		return RosterFile{}, err
	}
	f := RosterFile{Sheet: sheet, Problems: survey.NewComplaints(sheet), Doubts: &survey.Complaints{Sheet: sheet}}
	rows, at := make([]store.RosterRow, 0, len(sheet.Rows)), make([]int, 0, len(sheet.Rows))
	given := store.RosterColumns{}
	for n, row := range sheet.Rows {
		given = store.RosterColumns{Team: row.Has("team"), Email: row.Has("email"), Name: row.Has("name"), Language: row.Has("language"), Role: row.Has("role")}
		organization, team, ok := places.Find(row, f.Problems)
		one := store.RosterRow{OrganizationID: organization.ID, TeamID: team, Reference: row.Cell("reference"), Email: row.Cell("email"),
			Name: row.Cell("name"), Language: row.Cell("language"), Role: row.Cell("role")}
		f.doubtLanguage(row)
		if ok {
			rows, at = append(rows, one), append(at, n)
			continue
		}
		for _, fault := range store.CheckRosterRow(one) {
			f.Problems.AddFault(row.Line, fault)
		}
	}
	f.Plan, err = s.PlanRosterColumns(ctx, wave.ID, rows, given)
	line := func(n int) int { return sheet.Rows[at[n]].Line }
	for _, p := range f.Plan.Problems {
		if p.Twin >= 0 {
			p.Fault = survey.Faultf("", "the same person stands in line %d already", line(p.Twin))
		}
		f.Problems.AddFault(line(p.Row), p.Fault)
	}
	for _, shared := range f.Plan.Shared {
		switch name := places.Name(shared.Organization); {
		case shared.Other >= 0:
			f.Doubts.AddFault(line(shared.Row), survey.Faultf("email", "the same address stands in line %d: both get mail", line(shared.Other)))
		case name != "": // else it is somebody of whom whoever asks shall not hear
			f.Doubts.AddFault(line(shared.Row), survey.Faultf("email", "somebody of %s who is on the roster has the same address: both get mail", name))
		}
	}
	return f, err
}

// doubtLanguage notes a language in which there is no mail.
func (f *RosterFile) doubtLanguage(row survey.SheetRow) {
	preferred := strings.ToLower(row.Cell("language"))
	used := templates.MailLanguage(preferred)
	if general, _, _ := strings.Cut(preferred, "-"); preferred != "" && used != general && used != preferred {
		f.Doubts.Add(row, "language", "mails are in %s: whoever prefers %q gets them in %s", strings.Join(templates.MailLanguages(), ", "), preferred, used)
	}
}

func rosterPlaces(ctx context.Context, s *store.Store, study survey.StudyID, allowed []survey.OrganizationID) (survey.RosterPlaces, error) {
	organizations, err := s.Organizations(ctx, study)
	if err != nil {
		return survey.RosterPlaces{}, err
	}
	teams, err := s.TeamsOfStudy(ctx, study)
	if len(allowed) > 0 {
		reach := survey.Membership{Role: survey.Coordinator, Organizations: allowed}
		kept := organizations[:0]
		for _, o := range organizations {
			if reach.For(o.ID) {
				kept = append(kept, o)
			}
		}
		organizations = kept
	}
	return survey.NewRosterPlaces(organizations, teams), err
}

// applyRoster is the handler of ApplyRoster. Broken off and begun again it compares
// anew, so that only what is left is done.
func (r *Runner) applyRoster(ctx context.Context, w *Work) (string, error) {
	var order RosterOrder
	if err := json.Unmarshal([]byte(w.Job().Parameters), &order); err != nil {
		return "", survey.Errorf(survey.Internal, "the order of a job can not be read: %w", err)
	}
	w.Progress(0, 0, "comparing the file with the people of the wave")
	upload, err := r.Store.UploadByID(ctx, w.Job().StudyID, order.Upload)
	if err != nil {
		return "", err
	}
	wave, err := r.Store.WaveByID(ctx, order.Wave)
	if err != nil {
		return "", err
	}
	sheet, err := ReadRoster(upload.Content)
	if err != nil {
		return "", err
	}
	file, err := PlanRoster(ctx, r.Store, wave, sheet, order.Organizations)
	if err != nil {
		return "", err
	}
	if err := file.Problems.Err(); err != nil {
		return "", survey.Errorf(survey.Invalid, "the study has changed since the file was looked at: send it again to see what is wrong with it")
	}
	total := int64(len(file.Sheet.Rows))
	w.Progress(0, total, "taking people into the wave")
	err = r.Store.ApplyRoster(ctx, file.Plan, func(done int) { w.Progress(int64(done), total, "taking people into the wave") })
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s people in the file: %s added, %s changed, the others were as they are", survey.Thousands(int(total)), survey.Thousands(order.Added), survey.Thousands(order.Changed)), nil
}

// forgetUploads removes files that nobody has applied.
func (r *Runner) forgetUploads(ctx context.Context) error {
	_, err := r.Store.ForgetUploads(ctx, r.Now().Add(-uploadLife))
	return err
}
