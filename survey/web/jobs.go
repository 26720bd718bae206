package web

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// jobRoutes are the pages about long work.
func (s *Server) jobRoutes() []route {
	return []route{
		{http.MethodGet, "/studies/:study/jobs", linkOwner, s.jobList},
		{http.MethodGet, "/studies/:study/jobs/:job", linkOwner, s.job},
		{http.MethodPost, "/studies/:study/jobs/:job/cancel", linkOwner, s.cancelJob},
	}
}

func jobPath(study survey.Study, id survey.JobID, part string) string {
	return studyPath(study, "/jobs/"+string(id)+part)
}

// jobWords say what a kind of job does.
var jobWords = map[string]string{jobs.ApplyRoster: "Roster from a file", jobs.QueueCampaign: "Mail into the outbox"}

func jobName(j survey.Job) string {
	if words, ok := jobWords[j.Kind]; ok {
		return words
	}
	return j.Kind
}

// seesJob says whether the job is anything to the person: what others do elsewhere
// is nothing to a coordinator.
func (p staff) seesJob(j survey.Job) bool {
	return j.StudyID == p.study.ID && (!p.place.Role.Bound() || jobs.AskedBy(j).User == p.user.ID)
}

func jobState(j survey.Job) templates.ListCell {
	cell := templates.ListCell{Text: string(j.Status), Tag: map[survey.JobStatus]string{survey.JobWaiting: "quiet", survey.JobRunning: "plain", survey.JobDone: "good",
		survey.JobFailed: "bad", survey.JobCancelled: "quiet"}[j.Status]}
	if j.Cancelling && !j.Ended() {
		cell = templates.ListCell{Text: "being cancelled", Tag: "warn"}
	}
	return cell
}

// jobList shows what was asked for lately.
func (s *Server) jobList(c echo.Context) error {
	who := staffOf(c)
	all, err := s.Store.Jobs(c.Request().Context(), who.study.ID)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(j survey.Job) bool { return !who.seesJob(j) })
	list := templates.List{ID: "jobs", Caption: "Work of the last month, the newest first", Empty: "Nothing was asked for in the last month.",
		Head: []templates.ListHead{{Text: "Work"}, {Text: "State"}, {Text: "Begun"}, {Text: "Ended"}, {Text: "Result"}}}
	from, to, pager := paged(c, len(all), listed)
	list.Pager = pager
	for _, j := range all[from:to] {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: jobName(j), URL: jobPath(who.study, j.ID, "")}, jobState(j),
			momentCell(j.CreatedAt), momentCell(j.EndedAt), orNone(sentence(j.Result))}})
	}
	return page(c, http.StatusOK, templates.ListPage{Base: s.staffBase(c, "Work in the background", jobsCrumb(who.study)), Heading: "Work in the background",
		Lead: "What takes longer than a page may: files that are taken in, and mail that is put into the outbox. It goes on when you leave.", Lists: []templates.ListSection{{List: list}}})
}

func jobsCrumb(study survey.Study) templates.Link {
	return templates.Link{Text: "Work in the background", URL: studyPath(study, "/jobs")}
}

func (s *Server) jobOf(c echo.Context) (survey.Job, error) {
	j, err := s.Store.JobByID(c.Request().Context(), survey.JobID(c.Param("job")))
	if err == nil && !staffOf(c).seesJob(j) || survey.KindOf(err) == survey.NotFound && err != nil {
		return j, notYours()
	}
	return j, err
}

// job shows how far a job is. The page asks again by itself while there is more to
// come, without scripts.
func (s *Server) job(c echo.Context) error {
	j, err := s.jobOf(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	at := jobPath(who.study, j.ID, "")
	p := templates.ListPage{Base: s.staffBase(c, jobName(j)+": "+jobState(j).Text, jobsCrumb(who.study), templates.Link{Text: jobName(j), URL: at}), Heading: jobName(j), Lead: jobLead(j),
		Facts: []templates.Detail{{Name: "State", Value: jobState(j).Text}, momentDetail("Asked for", j.CreatedAt, ""), momentDetail("Begun", j.StartedAt, "not yet"), momentDetail("Ended", j.EndedAt, "not yet")}}
	if back := jobs.AskedBy(j).Back; back != "" {
		p.Buttons = []templates.Link{{Text: "Back to where it was asked for", URL: back, Current: j.Ended()}}
	}
	if j.Ended() {
		return page(c, http.StatusOK, p)
	}
	c.Response().Header().Set("Refresh", "2")
	p.Progress = &templates.Progress{Done: int(j.Done), Total: int(j.Total), Words: jobProgress(j)}
	if !j.Cancelling {
		p.Lists = []templates.ListSection{{Words: "This page looks again by itself every two seconds. The work goes on whether it is open or not.",
			Form: &templates.Form{Action: at + "/cancel", Submit: "Cancel “" + jobName(j) + "”", Danger: true}}}
	}
	return page(c, http.StatusOK, p)
}

func jobLead(j survey.Job) string {
	switch {
	case j.Status == survey.JobFailed:
		return "It ended without a result. " + sentence(j.Result)
	case j.Ended():
		return sentence(j.Result)
	case j.Cancelling:
		return "It ends with the step that is under way; what was done until then stays."
	}
	return ""
}

func jobProgress(j survey.Job) string {
	words := j.Words
	if words == "" {
		words = "waiting for its turn"
	}
	if j.Total > 0 && j.Status == survey.JobRunning {
		return fmt.Sprintf("%s: %s of %s (%d %%)", words, thousands(int(j.Done)), thousands(int(j.Total)), 100*j.Done/j.Total)
	}
	return words
}

// cancelJob asks for the end of a job.
func (s *Server) cancelJob(c echo.Context) error {
	j, err := s.jobOf(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "job.cancel", Object: "job " + string(j.ID), Study: who.study.ID, Detail: j.Kind})
	if _, err := s.Store.CancelJob(ctx, j.ID); err != nil {
		return err
	}
	return see(c, jobPath(who.study, j.ID, ""))
}
