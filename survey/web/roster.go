package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// rosterRoutes are the pages about the people who are invited to a wave.
func (s *Server) rosterRoutes() []route {
	return []route{
		{http.MethodGet, "/studies/:study/waves/:wave/roster", linkOwner, s.roster},
		{http.MethodGet, "/studies/:study/waves/:wave/roster/new", linkOwner, s.askNewPerson},
		{http.MethodPost, "/studies/:study/waves/:wave/roster/new", linkOwner, s.newPerson},
		{http.MethodGet, "/studies/:study/waves/:wave/roster/people/:person", linkOwner, s.person},
		{http.MethodPost, "/studies/:study/waves/:wave/roster/people/:person", linkOwner, s.changePerson},
		{http.MethodPost, "/studies/:study/waves/:wave/roster/people/:person/erase", linkOwner, s.erasePerson},
		{http.MethodGet, "/studies/:study/waves/:wave/roster/sheets", linkOwner, s.personSheets},
		{http.MethodGet, "/studies/:study/waves/:wave/roster/file", linkOwner, s.askRosterFile},
		{http.MethodPost, "/studies/:study/waves/:wave/roster/file", linkOwner, s.takeRosterFile},
		{http.MethodGet, "/studies/:study/waves/:wave/roster/file/:upload", linkOwner, s.lookAtRosterFile},
		{http.MethodPost, "/studies/:study/waves/:wave/roster/file/:upload", linkOwner, s.applyRosterFile},
		{http.MethodGet, "/studies/:study/waves/:wave/roster/file/:upload" + findingsPart, linkOwner, s.rosterFindings},
		{http.MethodPost, "/studies/:study/waves/:wave/roster/file/:upload/discard", linkOwner, s.discardRosterFile},
	}
}

func (p staff) rosterPath(part string) string { return wavePath(p.study, p.wave, "/roster"+part) }

func (p staff) rosterCrumb() templates.Link {
	return templates.Link{Text: "Roster", URL: p.rosterPath("")}
}

// bounds are the organizations that the person is there for; nil: all.
func (p staff) bounds() []survey.OrganizationID {
	if p.place.Role.Bound() {
		return p.place.Organizations
	}
	return nil
}

// roster lists the people of a wave, or counts them for whoever may not see names.
func (s *Server) roster(c echo.Context) error {
	if !staffOf(c).is(identities.roles...) {
		return s.rosterCounts(c)
	}
	who, ctx := staffOf(c), c.Request().Context()
	search, _ := searched(c, "Name, address or reference")
	query := store.RosterQuery{Organizations: who.bounds(), Search: search.Value, WithoutMail: c.QueryParam("mail") == "none"}
	if key := c.QueryParam("org"); key != "" {
		o, err := s.ownOrganization(c, key)
		if err != nil {
			return err
		}
		query.Organizations = []survey.OrganizationID{o.ID}
		search.Hidden = append(search.Hidden, templates.Hidden{Name: "org", Value: key})
	}
	total, err := s.Store.CountRoster(ctx, who.wave.ID, query)
	if err != nil {
		return err
	}
	from, to, pager := paged(c, total, listed)
	query.Offset, query.Limit = from, to-from
	people, err := s.Store.Roster(ctx, who.wave.ID, query)
	if err != nil {
		return err
	}
	names, err := s.rosterNames(ctx, who.study.ID)
	if err != nil {
		return err
	}
	list := templates.List{ID: "people", Caption: counted(total, "person", "people"), Search: search, Pager: pager, Rows: s.peopleRows(who, names, people),
		Empty: "Nobody is on the roster yet. Add people by a CSV file, or one by one.",
		Head:  []templates.ListHead{{Text: "Person"}, {Text: "Organization"}, {Text: "Team"}, {Text: "Language"}, {Text: "Role hint"}, {Text: "State"}}}
	if search.Value != "" || len(c.QueryParams()) > 0 {
		list.Empty = "Nobody on the roster matches."
	}
	p := templates.ListPage{Base: s.staffBase(c, "Roster", who.rosterCrumb()), Eyebrow: who.wave.Title, Heading: "Who is invited",
		Buttons: []templates.Link{{Text: "Send a CSV file", URL: who.rosterPath("/file"), Current: true}, {Text: "Add a person", URL: who.rosterPath("/new")},
			{Text: "People without an address", URL: who.rosterPath("?mail=none")}, {Text: "Print personal links", URL: who.rosterPath("/sheets?" + c.QueryParams().Encode())}},
		Lists: []templates.ListSection{{List: list}}}
	return page(c, http.StatusOK, p)
}

// rosterNames are organizations and teams by id.
type rosterNames struct {
	organizations map[survey.OrganizationID]survey.Organization
	teams         map[survey.TeamID]string
	list          []survey.Organization
	teamList      []survey.Team
}

func (s *Server) rosterNames(ctx context.Context, study survey.StudyID) (rosterNames, error) {
	n := rosterNames{organizations: make(map[survey.OrganizationID]survey.Organization), teams: make(map[survey.TeamID]string)}
	var err error
	if n.list, err = s.Store.Organizations(ctx, study); err != nil {
		return n, err
	}
	if n.teamList, err = s.Store.TeamsOfStudy(ctx, study); err != nil {
		return n, err
	}
	inOrder(n.list, organizationNames)
	inOrder(n.teamList, func(t survey.Team) []string { return []string{t.Name} })
	for _, o := range n.list {
		n.organizations[o.ID] = o
	}
	for _, t := range n.teamList {
		n.teams[t.ID] = t.Name
	}
	return n, nil
}

func (s *Server) peopleRows(who staff, names rosterNames, people []store.RosterPerson) []templates.ListRow {
	var rows []templates.ListRow
	for _, p := range people {
		rows = append(rows, templates.ListRow{Cells: []templates.ListCell{{Text: personName(p), Small: personMarks(p), URL: who.rosterPath("/people/" + string(p.InvitationID))},
			{Text: names.organizations[p.OrganizationID].Name}, orNone(names.teams[p.TeamID]), orNone(p.Language), orNone(p.Role), personState(p)}})
	}
	return rows
}

// mailStates say what became of the last message to somebody.
var mailStates = map[survey.MailStatus]templates.ListCell{
	survey.MailQueued: {Text: "mail queued", Tag: "plain"}, survey.MailClaimed: {Text: "mail queued", Tag: "plain"}, survey.MailSending: {Text: "mail is leaving", Tag: "plain"},
	survey.MailSent: {Text: "mail sent", Tag: "plain"}, survey.MailUncertain: {Text: "mail perhaps sent", Tag: "warn"}, survey.MailFailed: {Text: "mail given up", Tag: "warn"},
	survey.MailBounced: {Text: "mail came back", Tag: "warn"},
}

// personState is how far somebody is. Of an anonymous wave it tells no more than that
// the invitation was used, which reminders need.
func personState(p store.RosterPerson) templates.ListCell {
	mailed, told := mailStates[p.Mail]
	switch {
	case p.Answered:
		return templates.ListCell{Text: "answered", Tag: "good"}
	case p.Begun:
		return templates.ListCell{Text: "started", Tag: "plain", Small: mailed.Text}
	case p.OptedOut:
		return templates.ListCell{Text: "wants no mail", Tag: "quiet"}
	case p.Bounced:
		return mailStates[survey.MailBounced]
	case told:
		return mailed
	case p.Email == "":
		return templates.ListCell{Text: "no address", Tag: "quiet"}
	}
	return templates.ListCell{Text: "no mail yet", Tag: "quiet"}
}

// personName is what the person is called in a list.
func personName(p store.RosterPerson) string {
	for _, name := range []string{p.Name, p.Email, p.Reference} {
		if name != "" {
			return name
		}
	}
	return "(nothing is known)"
}

// personMarks are the other things by which the person is known.
func personMarks(p store.RosterPerson) string {
	marks := slices.DeleteFunc([]string{p.Email, p.Reference}, func(mark string) bool { return mark == "" || mark == personName(p) })
	return strings.Join(marks, " · ")
}

// rosterCounts is the roster without names.
func (s *Server) rosterCounts(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	counts, err := s.Store.RosterCounts(ctx, who.wave.ID)
	if err != nil {
		return err
	}
	names, err := s.rosterNames(ctx, who.study.ID)
	if err != nil {
		return err
	}
	inOrder(counts, func(n store.RosterCount) []string { return []string{names.organizations[n.OrganizationID].Name} })
	list := templates.List{ID: "counts", Caption: "Invited people by organization", Empty: "Nobody is on the roster yet. Administrators and coordinators keep it.",
		Head: []templates.ListHead{{Text: "Organization"}, {Text: "Invited", Num: true}, {Text: "With an address", Num: true}, {Text: "Answered", Num: true}}}
	from, to, pager := paged(c, len(counts), listed)
	list.Pager = pager
	for _, n := range counts[from:to] {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: names.organizations[n.OrganizationID].Name}, {Text: thousands(n.Invited), Num: true},
			{Text: thousands(n.WithMail), Num: true}, {Text: thousands(n.Answered), Num: true}}})
	}
	return page(c, http.StatusOK, templates.ListPage{Base: s.staffBase(c, "Roster", who.rosterCrumb()), Eyebrow: who.wave.Title, Heading: "Who is invited",
		Lead:  "Your role sees how many people there are, not who: names and addresses are for administrators and coordinators.",
		Lists: []templates.ListSection{{List: list}}})
}

// teamChoice names organization and team in one control.
func teamChoice(organization survey.OrganizationID, team survey.TeamID) string {
	return string(organization) + " " + string(team)
}

// placeField offers the organizations that the person is there for, with their teams.
func (n rosterNames) placeField(who staff, chosen string) templates.Field {
	f := templates.Field{Kind: templates.SelectField, Name: "place", Label: "Organization and team", Required: true, Options: []templates.Choice{{Label: "Please choose", Checked: chosen == ""}}}
	teams := make(map[survey.OrganizationID][]survey.Team)
	for _, t := range n.teamList {
		teams[t.OrganizationID] = append(teams[t.OrganizationID], t)
	}
	for _, o := range n.list {
		if !who.place.For(o.ID) {
			continue
		}
		value := teamChoice(o.ID, "")
		f.Options = append(f.Options, templates.Choice{Value: value, Label: o.Name, Checked: chosen == value})
		for _, t := range teams[o.ID] {
			value := teamChoice(o.ID, t.ID)
			f.Options = append(f.Options, templates.Choice{Value: value, Label: o.Name + ", " + t.Name, Checked: chosen == value})
		}
	}
	return f
}

// typedPlace reads what was chosen. Invalid: nothing, or what the person is not there for.
func typedPlace(form url.Values, who staff) (survey.OrganizationID, survey.TeamID, error) {
	organization, team, _ := strings.Cut(one(form, "place"), " ")
	if organization == "" || !who.place.For(survey.OrganizationID(organization)) {
		return "", "", survey.Errorf(survey.Invalid, "please choose one of the organizations")
	}
	return survey.OrganizationID(organization), survey.TeamID(team), nil
}
