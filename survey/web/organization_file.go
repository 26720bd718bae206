package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

const organizationColumnsHint = "Comma-separated UTF-8 with a header: key and name, and where wanted industry, region, size (best codes of the questionnaire; you are told which are none) and teams (names separated by |). What the file has no column for stays as it is; nothing is removed. You see what would change before anything does."

// fileForm asks for a CSV file.
func fileForm(hint string) templates.Form {
	return templates.Form{Submit: "Send and compare", Upload: true, Fields: []templates.Field{
		{Kind: templates.FileField, Name: "file", Label: "CSV file", Required: true, Accept: ".csv,text/csv", Hint: hint}}}
}

// sentFile is the file of an upload form. Invalid: none was chosen.
func sentFile(c echo.Context) ([]byte, error) {
	content, _, err := uploaded(c, "file", MaxUploadBytes)
	if err == nil && len(content) == 0 {
		err = survey.Errorf(survey.Invalid, "please choose a file that is not empty")
	}
	return content, err
}

func (s *Server) organizationFilePage(c echo.Context) templates.FormPage {
	study := staffOf(c).study
	form := fileForm(organizationColumnsHint)
	form.Cancel = &templates.Link{Text: "Cancel", URL: studyPath(study, "/organizations")}
	return templates.FormPage{Base: s.staffBase(c, "Organizations from a file", organizationsCrumb(study), templates.Link{Text: "File", URL: studyPath(study, "/organization-file")}),
		Heading: "Organizations from a file", Form: form}
}

func (s *Server) askOrganizationFile(c echo.Context) error {
	return showForm(c, s.organizationFilePage(c))
}

// takeOrganizationFile keeps a file for being looked at.
func (s *Server) takeOrganizationFile(c echo.Context) error {
	if _, err := readUpload(c); err != nil {
		return err
	}
	who, ctx, p := staffOf(c), c.Request().Context(), s.organizationFilePage(c)
	content, err := sentFile(c)
	if err == nil {
		_, err = s.compareOrganizations(ctx, who.study.ID, content)
	}
	var kept store.Upload
	if err == nil {
		kept, err = s.Store.PutUpload(ctx, store.Upload{StudyID: who.study.ID, Kind: store.OrganizationsUpload, Content: content})
	}
	if err := fieldProblem(&p.Form, "file", err); err != nil {
		return err
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	return see(c, organizationFilePath(who.study, kept.ID, ""))
}

func organizationFilePath(study survey.Study, upload, part string) string {
	return studyPath(study, "/organization-file/"+upload+part)
}

// organizationDiff is what a file would change.
type organizationDiff struct {
	listed    []survey.ListedOrganization
	problems  *survey.Complaints
	doubts    *survey.Complaints
	codes     survey.FactCodes
	rows      []templates.ListRow
	added     int
	changed   int
	unchanged int
}

// compareOrganizations compares a file with what there is.
func (s *Server) compareOrganizations(ctx context.Context, study survey.StudyID, content []byte) (organizationDiff, error) {
	sheet, err := survey.ParseSheet("the file", content, survey.OrganizationColumns, survey.OrganizationExtraColumns)
	if err != nil {
		return organizationDiff{}, err
	}
	known, err := s.Store.Organizations(ctx, study)
	if err != nil {
		return organizationDiff{}, err
	}
	teams, err := s.Store.TeamsOfStudy(ctx, study)
	if err != nil {
		return organizationDiff{}, err
	}
	places := survey.NewRosterPlaces(known, teams)
	d := organizationDiff{}
	if d.codes, err = s.factCodes(ctx, study); err != nil {
		return d, err
	}
	d.listed, d.problems = survey.ReadOrganizations(sheet, known)
	d.doubts = survey.DoubtOrganizations(sheet, d.listed, known, d.codes)
	for _, o := range d.listed {
		before, there := places.Organizations[o.Key]
		var more []string
		for _, team := range o.Teams {
			if _, ok := places.Teams[o.ID][team]; !ok {
				more = append(more, team)
			}
		}
		switch changes := organizationChanges(before, o.Organization, more); {
		case !there:
			d.added++
			d.rows = append(d.rows, comparedRow{o.Name, o.Key, o.Line, false, organizationChanges(survey.Organization{Name: o.Name}, o.Organization, more)}.row())
		case len(changes) > 0:
			d.changed++
			d.rows = append(d.rows, comparedRow{before.Name, o.Key, o.Line, true, changes}.row())
		default:
			d.unchanged++
		}
	}
	return d, nil
}

// comparedRow is one line of a comparison.
type comparedRow struct {
	name, small string
	line        int
	there       bool // it is changed, not new
	changes     []string
}

func (d comparedRow) row() templates.ListRow {
	word, tag := "new", "good"
	if d.there {
		word, tag = "changed", "warn"
	}
	return templates.ListRow{Cells: []templates.ListCell{{Text: d.name, Small: d.small}, {Text: thousands(d.line), Num: true}, {Text: word, Tag: tag}, {Text: strings.Join(d.changes, "; ")}}}
}

// diffHead are its columns.
func diffHead(first string) []templates.ListHead {
	return []templates.ListHead{{Text: first}, {Text: "Line", Num: true}, {Text: "What"}, {Text: "Old → new"}}
}

// fieldChange says how a field would change; nothing where it stays.
func fieldChange(name, before, now string) []string {
	if before == now {
		return nil
	}
	quoted := func(text string) string {
		if text == "" {
			return "nothing"
		}
		return "“" + text + "”"
	}
	return []string{name + ": " + quoted(before) + " → " + quoted(now)}
}

func organizationChanges(before, now survey.Organization, teams []string) []string {
	changes := slices.Concat(fieldChange("name", before.Name, now.Name), fieldChange("industry", before.Industry, now.Industry),
		fieldChange("region", before.Region, now.Region), fieldChange("size", before.Size, now.Size))
	if len(teams) > 0 {
		changes = append(changes, "new teams: “"+strings.Join(teams, "”, “")+"”")
	}
	return changes
}

// doubts is the section about what is worth a look before a file is applied; none
// where there is nothing.
func doubts(c *survey.Complaints, all string, words ...string) []templates.ListSection {
	if c.Total() == 0 {
		return nil
	}
	words = append([]string{"None of this keeps the file from being applied."}, words...)
	for i := range words {
		words[i] = sentence(words[i])
	}
	return []templates.ListSection{{Heading: "Worth a look", Words: strings.Join(words, " "), Links: allFindings(all), List: complaintList("doubt", "doubts", c)}}
}

// fileGone is the error of a file that is not waiting any more.
type fileGone struct{ error }

func (e fileGone) Unwrap() error { return e.error }

func (e fileGone) failure() failure {
	return failure{status: http.StatusNotFound, kind: survey.NotFound, heading: "This file is done with", message: sentence(e.Error()),
		advice: []string{"Look at what there is now from one of the pages that the button leads to."}}
}

// goneFile tells of a file that nobody finds as of one that was applied or discarded.
func goneFile(err error) error {
	if err != nil && survey.KindOf(err) == survey.NotFound {
		return fileGone{err}
	}
	return err
}

// organizationUpload is the file that the address names.
func (s *Server) organizationUpload(c echo.Context) (store.Upload, error) {
	u, err := s.Store.UploadByID(c.Request().Context(), staffOf(c).study.ID, c.Param("upload"))
	if err == nil && u.Kind != store.OrganizationsUpload {
		err = survey.Errorf(survey.NotFound, "there is no such file")
	}
	return u, goneFile(err)
}

// lookAtOrganizationFile shows what a file would change.
func (s *Server) lookAtOrganizationFile(c echo.Context) error {
	u, err := s.organizationUpload(c)
	if err != nil {
		return err
	}
	d, err := s.compareOrganizations(c.Request().Context(), staffOf(c).study.ID, u.Content)
	if err != nil {
		return err
	}
	return s.showOrganizationDiff(c, u, d)
}

func (s *Server) showOrganizationDiff(c echo.Context, u store.Upload, d organizationDiff) error {
	study := staffOf(c).study
	p := templates.ListPage{Base: s.staffBase(c, "What the file would change", organizationsCrumb(study), templates.Link{Text: "File", URL: organizationFilePath(study, u.ID, "")}),
		Heading: "What the file would change", Lead: "Nothing is changed yet."}
	findings := organizationFilePath(study, u.ID, findingsPart)
	discard := templates.Form{Action: organizationFilePath(study, u.ID, "/discard"), Submit: "Discard the file", Quiet: true}
	if d.problems.Total() > 0 {
		p.Heading, p.Lead = "The file has to be mended first", mistakenLead(d.problems)
		p.Lists = slices.Concat(mistakes(d.problems, findings), doubts(d.doubts, findings, d.codes.UnknownWords(d.doubts)...), []templates.ListSection{{Form: &discard}})
		return page(c, http.StatusUnprocessableEntity, p)
	}
	p.Facts = []templates.Detail{{Name: "New", Value: thousands(d.added)}, {Name: "Changed", Value: thousands(d.changed)}, {Name: "Unchanged", Value: thousands(d.unchanged)}}
	list := templates.List{ID: "diff", Caption: counted(len(d.rows), "difference", "differences"), Empty: "Everything in the file is here already, word for word.", Head: diffHead("Organization")}
	from, to, pager := paged(c, len(d.rows), listed)
	list.Rows, list.Pager = d.rows[from:to], pager
	p.Lists = append(doubts(d.doubts, findings, d.codes.UnknownWords(d.doubts)...), templates.ListSection{Heading: "Differences", List: list})
	if len(d.rows) > 0 {
		p.Lists = append(p.Lists, templates.ListSection{Form: &templates.Form{Action: organizationFilePath(study, u.ID, ""), Submit: fmt.Sprintf("Apply: %s new, %s changed", thousands(d.added), thousands(d.changed))}})
	}
	p.Lists = append(p.Lists, templates.ListSection{Form: &discard})
	return page(c, http.StatusOK, p)
}

// organizationFindings sends all that was found in a file.
func (s *Server) organizationFindings(c echo.Context) error {
	u, err := s.organizationUpload(c)
	if err != nil {
		return err
	}
	study := staffOf(c).study
	d, err := s.compareOrganizations(c.Request().Context(), study.ID, u.Content)
	if err != nil {
		return err
	}
	return sendFindings(c, study.Key+"-organizations-file-mistakes", d.problems, d.doubts)
}

// applyOrganizationFile does what the file says, and removes it.
func (s *Server) applyOrganizationFile(c echo.Context) error {
	u, err := s.organizationUpload(c)
	if err != nil {
		return err
	}
	who, ctx := staffOf(c), c.Request().Context()
	d, err := s.compareOrganizations(ctx, who.study.ID, u.Content)
	if err != nil {
		return err
	}
	if d.problems.Total() > 0 {
		return s.showOrganizationDiff(c, u, d)
	}
	words := fmt.Sprintf("%s new, %s changed, %s unchanged", thousands(d.added), thousands(d.changed), thousands(d.unchanged))
	audited := store.Audited(ctx, who.actor(c), store.Deed{Action: "organization.import", Object: "study " + who.study.Key, Study: who.study.ID, Detail: words})
	if _, err := s.Store.PutListedOrganizations(audited, who.study.ID, d.listed); err != nil {
		return err
	}
	if err := s.Store.RemoveUpload(ctx, who.study.ID, u.ID); err != nil && survey.KindOf(err) != survey.NotFound {
		return err
	}
	return s.seeNotice(c, studyPath(who.study, "/organizations"), "The file is applied: "+words+".")
}

func (s *Server) discardOrganizationFile(c echo.Context) error {
	study := staffOf(c).study
	if _, err := s.organizationUpload(c); err != nil {
		return err
	}
	if err := s.Store.RemoveUpload(c.Request().Context(), study.ID, c.Param("upload")); err != nil {
		return err
	}
	return s.seeNotice(c, studyPath(study, "/organizations"), "The file is discarded; nothing was changed.")
}
