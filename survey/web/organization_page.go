package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// organizationView is what the page of one organization is made from.
type organizationView struct {
	organization survey.Organization
	teams        []survey.Team
	codes        survey.FactCodes
	facts, add   templates.Form
}

func (s *Server) organizationView(c echo.Context) (organizationView, error) {
	o, err := s.ownOrganization(c, c.Param("org"))
	if err != nil {
		return organizationView{}, err
	}
	study := staffOf(c).study
	v := organizationView{organization: o}
	ctx := c.Request().Context()
	if v.codes, err = s.factCodes(ctx, study.ID); err != nil {
		return v, err
	}
	v.teams, err = s.Store.Teams(ctx, o.ID)
	inOrder(v.teams, func(t survey.Team) []string { return []string{t.Name} })
	v.facts = templates.Form{Action: organizationPath(study, o, ""), Submit: "Save", Fields: organizationFields(o, v.codes)}
	watch(&v.facts)
	v.add = templates.Form{Action: organizationPath(study, o, "/teams"), Submit: "Add these teams", Fields: []templates.Field{
		{Kind: templates.AreaField, Name: "teams", Label: "Names of teams", Rows: 3, Required: true, Hint: "One a line. What is there already stays."}}}
	return v, err
}

func (s *Server) organization(c echo.Context) error {
	v, err := s.organizationView(c)
	if err != nil {
		return err
	}
	return s.showOrganization(c, v)
}

// showOrganization shows an organization with its teams and what can be changed.
func (s *Server) showOrganization(c echo.Context, v organizationView) error {
	who, o := staffOf(c), v.organization
	search, text := searched(c, "Team")
	found := slices.DeleteFunc(slices.Clone(v.teams), func(t survey.Team) bool { return !strings.Contains(strings.ToLower(t.Name), text) })
	list := templates.List{ID: "teams", Caption: counted(len(found), "team", "teams"), Search: search, Empty: "No team has “" + search.Value + "” in its name.",
		Head: []templates.ListHead{{Text: "Team"}}}
	if len(v.teams) == 0 {
		list.Search, list.Empty = nil, "The organization has no teams. Without them people and links belong to the organization as a whole."
	}
	from, to, pager := paged(c, len(found), listed)
	list.Pager = pager
	for _, t := range found[from:to] {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: t.Name}}, Actions: []templates.Action{{Text: "Remove", Label: t.Name, Danger: true,
			URL: organizationPath(who.study, o, "/teams/remove"), Hidden: []templates.Hidden{{Name: "team", Value: string(t.ID)}}}}})
	}
	status := http.StatusOK
	if wrong(v.facts) || wrong(v.add) {
		status = http.StatusUnprocessableEntity
	}
	p := templates.ListPage{Base: s.staffBase(c, o.Name, organizationsCrumb(who.study), templates.Link{Text: o.Name, URL: organizationPath(who.study, o, "")}),
		Eyebrow: "Organization " + o.Key, Heading: o.Name, Lists: []templates.ListSection{{Heading: "Facts", Words: factHint, Form: &v.facts}, {Heading: "Teams", List: list, Form: &v.add}}}
	if who.is(runners.roles...) {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "Delete", Words: "Possible while nothing hangs on the organization: no answers, invited people, links, targets or roles. Its teams go with it.",
			Form: &templates.Form{Action: organizationPath(who.study, o, "/delete"), Submit: "Delete the organization “" + o.Name + "”", Danger: true}})
	}
	return page(c, status, p)
}

// changeOrganization keeps new facts.
func (s *Server) changeOrganization(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, err := s.organizationView(c)
	if err != nil {
		return err
	}
	merge(form, &v.facts)
	o := typedOrganization(form, v.organization, &v.facts)
	who := staffOf(c)
	if o.Name != v.organization.Name && who.place.Role.Bound() {
		err := s.nameStands(c, o.ID)
		if err := fieldProblem(&v.facts, "name", err); err != nil {
			return err
		}
	}
	if wrong(v.facts) {
		return s.showOrganization(c, v)
	}
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "organization.change", Object: "organization " + o.Key, Study: who.study.ID})
	if err := s.Store.ChangeOrganization(ctx, o); err != nil {
		return err
	}
	return s.seeNotice(c, organizationPath(who.study, o, ""), doubtNotice("Saved.", v.codes, o))
}

// nameStands says that the name of an organization is the researchers' alone, once a
// wave has opened in which people can answer for it: respondents and readers of results
// know it by that name. Conflict: so it is.
func (s *Server) nameStands(c echo.Context, id survey.OrganizationID) error {
	ctx := c.Request().Context()
	waves, err := s.Store.Waves(ctx, staffOf(c).study.ID)
	if err != nil {
		return err
	}
	for _, wave := range waves {
		if wave.State(s.Now()) == survey.WavePlanned {
			continue
		}
		people, err := s.Store.CountRoster(ctx, wave.ID, store.RosterQuery{Organizations: []survey.OrganizationID{id}})
		if err != nil {
			return err
		}
		links, err := s.Store.OpenLinks(ctx, wave.ID)
		if err != nil {
			return err
		}
		if people > 0 || slices.ContainsFunc(links, func(l store.ListedLink) bool { return l.OrganizationID == id }) {
			return survey.Errorf(survey.Conflict, "the wave “%s” has opened and shows this name to respondents and in results: ask a researcher of the study to change it", wave.Title)
		}
	}
	return nil
}

// mostTeams is how many may be added at once.
const mostTeams = 1000

// addTeams adds teams to an organization.
func (s *Server) addTeams(c echo.Context) error {
	form, err := readLongForm(c)
	if err != nil {
		return err
	}
	v, err := s.organizationView(c)
	if err != nil {
		return err
	}
	showTypedForm(form, &v.add)
	names, err := typedTeams(one(form, "teams"))
	if err := fieldProblem(&v.add, "teams", err); err != nil {
		return err
	}
	if wrong(v.add) {
		return s.showOrganization(c, v)
	}
	who, o := staffOf(c), v.organization
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "team.create", Object: "organization " + o.Key, Study: who.study.ID})
	if _, err := s.Store.PutTeams(ctx, o.ID, names); err != nil {
		return err
	}
	return s.seeNotice(c, organizationPath(who.study, o, ""), "The teams are there.")
}

// typedTeams reads one name from each line.
func typedTeams(text string) ([]string, error) {
	var names []string
	for line := range strings.Lines(text) {
		name := strings.TrimSpace(line)
		if name == "" || slices.Contains(names, name) {
			continue
		}
		if words := survey.CheckOrganizationName(name); words != "" {
			return nil, survey.Errorf(survey.Invalid, "the name of a team %s", words)
		}
		if names = append(names, name); len(names) > mostTeams {
			return nil, survey.Errorf(survey.Invalid, "these are more than %d teams: add them in parts, or by a CSV file", mostTeams)
		}
	}
	if len(names) == 0 {
		return nil, survey.Errorf(survey.Invalid, "please give at least one name")
	}
	return names, nil
}

// removeTeam removes a team on which nothing hangs.
func (s *Server) removeTeam(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, err := s.organizationView(c)
	if err != nil {
		return err
	}
	who, o, team := staffOf(c), v.organization, survey.TeamID(one(form, "team"))
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "team.delete", Object: fmt.Sprintf("team %s", team), Study: who.study.ID, Detail: "organization " + o.Key})
	if err := s.Store.RemoveTeam(ctx, o.ID, team); err != nil {
		if err := fieldProblem(&v.add, "", err); err != nil {
			return err
		}
		return s.showOrganization(c, v)
	}
	return s.seeNotice(c, organizationPath(who.study, o, ""), "The team is removed.")
}

// deleteOrganization removes an organization on which nothing hangs.
func (s *Server) deleteOrganization(c echo.Context) error {
	v, err := s.organizationView(c)
	if err != nil {
		return err
	}
	who, o := staffOf(c), v.organization
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "organization.delete", Object: "organization " + o.Key, Study: who.study.ID})
	if err := s.Store.RemoveOrganization(ctx, o.ID); err != nil {
		if err := fieldProblem(&v.facts, "", err); err != nil {
			return err
		}
		return s.showOrganization(c, v)
	}
	return s.seeNotice(c, studyPath(who.study, "/organizations"), "The organization “"+o.Name+"” is deleted.")
}
