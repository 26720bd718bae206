package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

var rosterColumnsHint = "Comma-separated UTF-8 with a header: organization (its short name), then what you have of reference, email, name, language (" + strings.Join(templates.MailLanguages(), ", ") + "), role and team. A person is known again by the reference, else by the address, so the same file can be sent again. What the file has no column for stays as it is; nobody is removed. You see what would change before anything does. The file is kept encrypted until it is applied or discarded, at most for a day."

func (s *Server) rosterFilePage(c echo.Context) templates.FormPage {
	who := staffOf(c)
	form := fileForm(rosterColumnsHint)
	form.Cancel = &templates.Link{Text: "Cancel", URL: who.rosterPath("")}
	return templates.FormPage{Base: s.staffBase(c, "Roster from a file", who.rosterCrumb(), templates.Link{Text: "File", URL: who.rosterPath("/file")}), Eyebrow: who.wave.Title,
		Heading: "Roster from a file", Form: form}
}

func (s *Server) askRosterFile(c echo.Context) error { return showForm(c, s.rosterFilePage(c)) }

// takeRosterFile keeps a file for being looked at.
func (s *Server) takeRosterFile(c echo.Context) error {
	if _, err := readUpload(c); err != nil {
		return err
	}
	who, ctx, p := staffOf(c), c.Request().Context(), s.rosterFilePage(c)
	content, err := sentFile(c)
	if err == nil {
		_, err = jobs.ReadRoster(content)
	}
	var kept store.Upload
	if err == nil {
		kept, err = s.Store.PutUpload(ctx, store.Upload{StudyID: who.study.ID, WaveID: who.wave.ID, Kind: store.RosterUpload, Content: content})
	}
	if err := fieldProblem(&p.Form, "file", err); err != nil {
		return err
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	return see(c, who.rosterPath("/file/"+kept.ID))
}

// rosterUpload is the file that the address names, compared with the roster. It is
// compared within the bounds of whoever asks: a coordinator who guesses the address
// of another's file reads mistakes only, without a name.
func (s *Server) rosterUpload(c echo.Context) (store.Upload, jobs.RosterFile, error) {
	who, ctx := staffOf(c), c.Request().Context()
	u, err := s.Store.UploadByID(ctx, who.study.ID, c.Param("upload"))
	if err == nil && (u.Kind != store.RosterUpload || u.WaveID != who.wave.ID) {
		err = survey.Errorf(survey.NotFound, "there is no such file")
	}
	if err != nil {
		return u, jobs.RosterFile{}, goneFile(err)
	}
	sheet, err := jobs.ReadRoster(u.Content)
	if err != nil {
		return u, jobs.RosterFile{}, err
	}
	file, err := jobs.PlanRoster(ctx, s.Store, who.wave, sheet, who.bounds())
	return u, file, err
}

// lookAtRosterFile shows what a file would change.
func (s *Server) lookAtRosterFile(c echo.Context) error {
	u, file, err := s.rosterUpload(c)
	if err != nil {
		return err
	}
	if u.JobID != "" {
		return see(c, jobPath(staffOf(c).study, u.JobID, ""))
	}
	return s.showRosterDiff(c, u, file, nil)
}

func (s *Server) showRosterDiff(c echo.Context, u store.Upload, file jobs.RosterFile, problem error) error {
	who := staffOf(c)
	at := who.rosterPath("/file/" + u.ID)
	p := templates.ListPage{Base: s.staffBase(c, "What the file would change", who.rosterCrumb(), templates.Link{Text: "File", URL: at}), Eyebrow: who.wave.Title,
		Heading: "What the file would change", Lead: "Nothing is changed yet."}
	discard := templates.Form{Action: at + "/discard", Submit: "Discard the file", Quiet: true}
	if file.Problems.Total() > 0 {
		p.Heading, p.Lead = "The file has to be mended first", mistakenLead(file.Problems)
		p.Lists = slices.Concat(mistakes(file.Problems, at+findingsPart), doubts(file.Doubts, at+findingsPart), []templates.ListSection{{Form: &discard}})
		return page(c, http.StatusUnprocessableEntity, p)
	}
	plan := file.Plan
	added, changed := plan.Count(store.RosterAdded), plan.Count(store.RosterChanged)
	p.Facts = []templates.Detail{{Name: "New", Value: thousands(added)}, {Name: "Changed", Value: thousands(changed)}, {Name: "Unchanged", Value: thousands(plan.Count(store.RosterUnchanged))},
		{Name: "Not in the file", Value: thousands(len(plan.Gone)), Small: "they stay"}}
	if n := plan.Count(store.RosterHandMade); n > 0 {
		p.Facts = append(p.Facts, templates.Detail{Name: "With a link made by hand", Value: thousands(n), Small: "they keep it and get no mail"})
	}
	names, err := s.rosterNames(c.Request().Context(), who.study.ID)
	if err != nil {
		return err
	}
	p.Lists = append(doubts(file.Doubts, at+findingsPart), templates.ListSection{Heading: "Differences", List: rosterDiff(c, names, file)})
	if added+changed > 0 {
		apply := templates.Form{Action: at, Submit: fmt.Sprintf("Apply: %s new, %s changed", thousands(added), thousands(changed))}
		if err := fieldProblem(&apply, "", problem); err != nil {
			return err
		}
		p.Lists = append(p.Lists, templates.ListSection{Form: &apply})
	}
	p.Lists = append(p.Lists, templates.ListSection{Form: &discard}, templates.ListSection{Heading: "Not in the file", List: goneList(names, plan.Gone)})
	status := http.StatusOK
	if problem != nil {
		status = http.StatusConflict
	}
	return page(c, status, p)
}

// rosterFindings sends all that was found in a file.
func (s *Server) rosterFindings(c echo.Context) error {
	_, file, err := s.rosterUpload(c)
	if err != nil {
		return err
	}
	return sendFindings(c, staffOf(c).wave.Key+"-roster-file-mistakes", file.Problems, file.Doubts)
}

// rosterDiff lists who is new and what changes.
func rosterDiff(c echo.Context, names rosterNames, file jobs.RosterFile) templates.List {
	var at []int
	for n, outcome := range file.Plan.Outcomes {
		if outcome == store.RosterAdded || outcome == store.RosterChanged {
			at = append(at, n)
		}
	}
	list := templates.List{ID: "diff", Caption: counted(len(at), "difference", "differences"), Empty: "Everybody in the file is on the roster already, word for word.", Head: diffHead("Person")}
	from, to, pager := paged(c, len(at), listed)
	list.Pager = pager
	for _, n := range at[from:to] {
		now, before := file.Plan.Row(n)
		list.Rows = append(list.Rows, comparedRow{rowName(now), names.organizations[now.OrganizationID].Name, file.Sheet.Rows[n].Line,
			file.Plan.Outcomes[n] == store.RosterChanged, personChanges(names, before, now)}.row())
	}
	return list
}

func rowName(r store.RosterRow) string {
	return personName(store.RosterPerson{Respondent: survey.Respondent{Name: r.Name, Email: r.Email, Reference: r.Reference}})
}

func personChanges(names rosterNames, before, now store.RosterRow) []string {
	return slices.Concat(fieldChange("name", before.Name, now.Name), fieldChange("address", before.Email, now.Email), fieldChange("reference", before.Reference, now.Reference),
		fieldChange("team", names.teams[before.TeamID], names.teams[now.TeamID]), fieldChange("language", before.Language, now.Language), fieldChange("role hint", before.Role, now.Role))
}

// mostGone is how many of those who are not in the file are listed.
const mostGone = 200

// goneList lists who is on the roster and not in the file.
func goneList(names rosterNames, gone []store.RosterRow) templates.List {
	list := templates.List{ID: "gone", Caption: counted(len(gone), "person stays", "people stay"), Empty: "Everybody of these organizations is in the file.",
		Head: []templates.ListHead{{Text: "Person"}, {Text: "Organization"}}}
	if len(gone) > mostGone {
		list.Caption += fmt.Sprintf(", the first %d", mostGone)
	}
	for _, r := range gone[:min(len(gone), mostGone)] {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: rowName(r), Small: r.Reference}, {Text: names.organizations[r.OrganizationID].Name}}})
	}
	return list
}

// applyRosterFile starts the job that takes the file into the wave.
func (s *Server) applyRosterFile(c echo.Context) error {
	u, file, err := s.rosterUpload(c)
	if err != nil {
		return err
	}
	if file.Problems.Total() > 0 {
		return s.showRosterDiff(c, u, file, nil)
	}
	who := staffOf(c)
	order := jobs.RosterOrder{By: jobs.By{User: who.user.ID, Back: who.rosterPath("")}, Upload: u.ID, Wave: who.wave.ID, Organizations: who.bounds(),
		Added: file.Plan.Count(store.RosterAdded), Changed: file.Plan.Count(store.RosterChanged)}
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "roster.apply", Object: "wave " + who.wave.Key, Study: who.study.ID,
		Detail: fmt.Sprintf("%d rows: %d new, %d changed", len(file.Sheet.Rows), order.Added, order.Changed)})
	job, err := s.Store.StartUploadJob(ctx, u.ID, store.NewJob{Kind: jobs.ApplyRoster, Key: string(who.wave.ID), StudyID: who.study.ID, Parameters: order.Parameters(), Total: int64(len(file.Sheet.Rows))})
	if survey.KindOf(err) == survey.Conflict && err != nil {
		return s.showRosterDiff(c, u, file, err)
	}
	if err != nil {
		return err
	}
	return see(c, jobPath(who.study, job.ID, ""))
}

func (s *Server) discardRosterFile(c echo.Context) error {
	who := staffOf(c)
	if _, _, err := s.rosterUpload(c); err != nil {
		return err
	}
	if err := s.Store.RemoveUpload(c.Request().Context(), who.study.ID, c.Param("upload")); err != nil {
		return err
	}
	return s.seeNotice(c, who.rosterPath(""), "The file is discarded; nothing was changed.")
}
