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
		{http.MethodGet, "/studies/:study", linkOwner, s.study},
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
	return page(c, http.StatusOK, templates.ListPage{Base: s.staffBase(c, "Studies"), Heading: "Studies", Lists: []templates.ListSection{{List: list}}})
}

// study shows one study with its waves.
func (s *Server) study(c echo.Context) error {
	who := staffOf(c)
	waves, err := s.Store.Waves(c.Request().Context(), who.study.ID)
	if err != nil {
		return err
	}
	list := templates.List{ID: "waves", Caption: "Waves", Empty: "This study has no wave yet.",
		Head: []templates.ListHead{{Text: "Wave"}, {Text: "State"}, {Text: "Opens"}, {Text: "Closes"}}}
	for _, wave := range waves {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: wave.Title}, stateCell(wave.State(s.Now())),
			momentCell(wave.OpensAt), momentCell(wave.ClosesAt)}})
	}
	p := templates.ListPage{Base: s.staffBase(c, who.study.Title), Heading: who.study.Title, Lead: who.study.Purpose, Lists: []templates.ListSection{{List: list}}}
	if who.is(survey.Administrator) {
		p.Buttons = append(p.Buttons, templates.Link{Text: "Members", URL: studyPath(who.study, "/members")})
	}
	return page(c, http.StatusOK, p)
}

func stateCell(state survey.WaveState) templates.ListCell {
	return templates.ListCell{Text: string(state), Tag: map[survey.WaveState]string{survey.WaveOpen: "good", survey.WavePlanned: "warn", survey.WaveClosed: "quiet"}[state]}
}
