package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// studyRoutes are the pages of a study.
func (s *Server) studyRoutes() []route {
	return []route{
		{http.MethodGet, "/studies", linkOwner, s.studies},
		{http.MethodGet, "/studies/new", linkOwner, s.askNewStudy},
		{http.MethodPost, "/studies/new", linkOwner, s.newStudy},
		{http.MethodGet, "/studies/:study", linkOwner, s.study},
		{http.MethodGet, "/studies/:study/settings", linkOwner, s.askStudySettings},
		{http.MethodPost, "/studies/:study/settings", linkOwner, s.studySettings},
		{http.MethodGet, "/studies/:study/members", linkOwner, s.members},
		{http.MethodPost, "/studies/:study/members", linkOwner, s.putMember},
		{http.MethodPost, "/studies/:study/members/remove", linkOwner, s.removeMember},
	}
}

// studies lists the studies in which the person has a role.
func (s *Server) studies(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	studies, err := s.Store.Studies(ctx)
	if err != nil {
		return err
	}
	roles := make(map[survey.StudyID]survey.StaffRole)
	places, err := s.Store.MembershipsOf(ctx, who.user.ID)
	if err != nil {
		return err
	}
	for _, place := range places {
		roles[place.StudyID] = place.Role
	}
	list := templates.List{ID: "studies", Caption: "Your studies", Empty: "You have no role in a study yet. Ask whoever gave you the account for one.",
		Head: []templates.ListHead{{Text: "Study"}, {Text: "Data"}, {Text: "Your role"}}}
	if who.user.Administrator {
		list.Empty = "There is no study yet."
	}
	for _, study := range studies {
		role := roles[study.ID]
		if who.user.Administrator {
			role = survey.Administrator
		}
		if role == "" {
			continue
		}
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: study.Title, URL: studyPath(study, "")},
			{Text: originWord(study.Origin)}, {Text: string(role)}}})
	}
	p := templates.ListPage{Base: s.staffBase(c, "Studies"), Heading: "Studies", Lists: []templates.ListSection{{List: list}}}
	if s.mayOpen(c, "/studies/new") {
		p.Buttons = []templates.Link{{Text: "New study", URL: "/studies/new", Current: true}}
	}
	return page(c, http.StatusOK, p)
}
