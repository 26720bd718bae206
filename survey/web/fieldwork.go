package web

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// fieldworkRoutes are the pages on which the fieldwork is watched.
func (s *Server) fieldworkRoutes() []route {
	const wave = "/studies/:study/waves/:wave"
	return []route{
		{http.MethodGet, wave + "/fieldwork", linkOwner, s.fieldwork},
		{http.MethodGet, wave + "/targets", linkOwner, s.askTargets},
		{http.MethodPost, wave + "/targets", linkOwner, s.putTargets},
	}
}

// fieldworkView is what the page of the fieldwork is made from.
type fieldworkView struct {
	wave          survey.Wave
	now           time.Time
	counts        store.FieldworkCounts
	organizations []survey.Organization
	teams         map[survey.OrganizationID][]survey.Team
	targets       []survey.Target
	roles         []survey.Role
}

func (s *Server) fieldworkView(c echo.Context) (fieldworkView, error) {
	who, ctx := staffOf(c), c.Request().Context()
	v := fieldworkView{wave: who.wave, now: s.Now(), teams: map[survey.OrganizationID][]survey.Team{}}
	var err error
	if v.counts, err = s.Store.FieldworkCounts(ctx, who.wave.ID); err != nil {
		return v, err
	}
	if v.organizations, err = s.ownOrganizations(c); err != nil {
		return v, err
	}
	teams, err := s.Store.TeamsOfStudy(ctx, who.study.ID)
	if err != nil {
		return v, err
	}
	inOrder(teams, func(t survey.Team) []string { return []string{t.Name} })
	for _, team := range teams {
		v.teams[team.OrganizationID] = append(v.teams[team.OrganizationID], team)
	}
	if v.targets, err = s.Store.Targets(ctx, who.wave.ID); err != nil {
		return v, err
	}
	in, err := s.Store.Instrument(ctx, who.wave.InstrumentHash)
	if err == nil {
		v.roles = in.Roles
	}
	return v, err
}

// target is the number of people that is wanted of a group; 0: none is set.
func (v fieldworkView) target(fits func(survey.Target) bool) int {
	for _, t := range v.targets {
		if fits(t) {
			return t.People
		}
	}
	return 0
}

// prospects in words, and whether they are good.
var prospectWords = map[survey.Prospect]struct{ words, tag string }{
	survey.Reached: {"reached", "good"}, survey.Likely: {"likely", "good"}, survey.Uncertain: {"uncertain", "plain"},
	survey.Unlikely: {"unlikely", "warn"}, survey.OutOfReach: {"out of reach", "warn"}, survey.NoForecast: {"no forecast yet", "quiet"},
}

// early says whether results are shown that are not final: then a group needs more
// answers to be among them than for the final ones.
func (v fieldworkView) early() bool {
	return v.wave.ShownFrom(v.now) > v.wave.MinimumGroup
}

// row is one organization: how far it is, and whether it will have as many as it needs.
func (v fieldworkView) row(name templates.ListCell, g store.GroupCount, target int) templates.ListRow {
	early := v.prospect(g, v.wave.ShownFrom(v.now))
	switch early.Text {
	case prospectWords[survey.Reached].words:
		early.Text = "shown now"
	case prospectWords[survey.OutOfReach].words:
		early = notBefore
	}
	return v.cells(name, g, target, early)
}

// part is a role or a team, of which nothing is shown before results are final.
func (v fieldworkView) part(name templates.ListCell, g store.GroupCount, target int) templates.ListRow {
	return v.cells(name, g, target, notBefore)
}

var notBefore = templates.ListCell{Text: "not before", Tag: "quiet"}

func (v fieldworkView) cells(name templates.ListCell, g store.GroupCount, target int, early templates.ListCell) templates.ListRow {
	cells := []templates.ListCell{name, number(g.Invited), number(g.Responses), rateCell(g), number(g.Drafts), v.prospect(g, v.wave.MinimumGroup)}
	if v.early() {
		cells = append(cells, early)
	}
	wanted := templates.ListCell{Text: "–"}
	if target > 0 {
		wanted = v.prospect(g, target)
		wanted.Small = strings.TrimSpace("of " + thousands(target) + " wanted " + atTheEnd(survey.Forecast(v.wave, v.now, g.Progress(), target)))
	}
	return templates.ListRow{Cells: append(cells, wanted)}
}

func atTheEnd(o survey.Outlook) string {
	if o.Prospect == survey.NoForecast || o.Prospect == survey.Reached {
		return ""
	}
	return fmt.Sprintf("(about %s at the end)", thousands(int(math.Round(o.Expected))))
}

func rateCell(g store.GroupCount) templates.ListCell {
	if g.Invited == 0 {
		return templates.ListCell{Text: "–", Num: true}
	}
	return templates.ListCell{Text: strconv.Itoa(int(math.Round(100*float64(g.Used)/float64(g.Invited)))) + "%", Num: true}
}

// prospect says whether the group will have as many answers.
func (v fieldworkView) prospect(g store.GroupCount, wanted int) templates.ListCell {
	p := prospectWords[survey.Forecast(v.wave, v.now, g.Progress(), wanted).Prospect]
	return templates.ListCell{Text: p.words, Tag: p.tag}
}

// head names the columns, with how many answers it takes.
func (v fieldworkView) head() []templates.ListHead {
	head := []templates.ListHead{{Text: "Group"}, {Text: "Invited", Num: true}, {Text: "Answered", Num: true}, {Text: "Response rate", Num: true}, {Text: "Begun, not sent", Num: true},
		{Text: fmt.Sprintf("Final results (%d answers)", v.wave.MinimumGroup)}}
	if v.early() {
		head = append(head, templates.ListHead{Text: fmt.Sprintf("Shown before (%d answers)", v.wave.ShownFrom(v.now))})
	}
	return append(head, templates.ListHead{Text: "Target"})
}

// rules say what the columns mean.
func (v fieldworkView) rules() string {
	k, from := v.wave.MinimumGroup, v.wave.ShownFrom(v.now)
	words := fmt.Sprintf("The final results show organizations with %d answers or more, and roles of so many. ", k)
	switch {
	case from == 0:
		words += "Nothing is shown before, since the wave is anonymous. "
	case from > k:
		words += fmt.Sprintf("Before they are final an organization is shown from %d answers on, because answers enter in steps of %d and the last step waits: so nobody's answers can be told from two looks. Roles are shown in the final results only. ", from, k)
	}
	return words + "Results never show teams. A forecast says what comes of it if it goes on as in the last week; reminders are not in it. " +
		"Likely means a probability of 80% or more, unlikely 20% or less. The response rate counts used invitations; answers by open links have none."
}

const organizationsAPage = 100

// fieldwork shows how far the fieldwork is, by organization, team and role.
func (s *Server) fieldwork(c echo.Context) error {
	v, err := s.fieldworkView(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	p := templates.ListPage{Base: s.staffBase(c, "Fieldwork", templates.Link{Text: "Fieldwork", URL: wavePath(who.study, who.wave, "/fieldwork")}), Eyebrow: who.wave.Title,
		Buttons: beside(s.way(c, "Roster", "/roster"), s.way(c, "Mailings", "/mailings"), s.way(c, "Targets", "/targets"))}
	p.Heading, p.Lead = v.heading(who.place.Role.Bound())
	p.Lists = append(p.Lists, templates.ListSection{Heading: "Organizations", List: v.organizationList(c)})
	if list := v.roleList(); len(list.Rows) > 0 && !who.place.Role.Bound() {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "Roles", Words: "A role is known from an answer; nobody is invited as one. So no role has invited people or a response rate.", List: list})
	}
	if list := v.teamList(); len(list.Rows) > 0 {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "Teams", List: list})
	}
	p.Lists = append(p.Lists, templates.ListSection{Words: v.rules()})
	return page(c, http.StatusOK, p)
}

// heading says the finding: how many organizations have enough answers for the final
// results, and how many are shown before.
func (v fieldworkView) heading(bound bool) (heading, lead string) {
	var reached, good, shown int
	var total store.GroupCount
	for _, o := range v.organizations {
		g := v.counts.Organizations[o.ID]
		total.Invited, total.Used, total.Responses = total.Invited+g.Invited, total.Used+g.Used, total.Responses+g.Responses
		switch survey.Forecast(v.wave, v.now, g.Progress(), v.wave.MinimumGroup).Prospect {
		case survey.Reached:
			reached++
		case survey.Likely:
			good++
		}
		if g.Responses >= v.wave.ShownFrom(v.now) {
			shown++
		}
	}
	heading = fmt.Sprintf("%s of %s enough answers for the final results", thousands(reached), counted(len(v.organizations), "organization has", "organizations have"))
	if good > 0 {
		heading += ", " + thousands(good) + " more will"
	}
	return heading, v.lead(total, shown, bound)
}

// lead says the numbers behind the finding.
func (v fieldworkView) lead(total store.GroupCount, shown int, bound bool) string {
	lead := counted(total.Responses, "person has answered", "people have answered")
	if !bound {
		total.Responses = v.counts.Total.Responses
		lead = counted(total.Responses, "answer", "answers")
	}
	if total.Invited > 0 {
		lead += fmt.Sprintf("; %s of %s invited people (%d%%) have used their invitation", thousands(total.Used), thousands(total.Invited), int(math.Round(100*float64(total.Used)/float64(total.Invited))))
	}
	if target := v.target(func(t survey.Target) bool { return t == (survey.Target{People: t.People}) }); target > 0 && !bound {
		lead += fmt.Sprintf("; %s are wanted", thousands(target))
	}
	if v.early() {
		lead += fmt.Sprintf(". Until the results are final %s shown, from %d answers on", counted(shown, "organization is", "organizations are"), v.wave.ShownFrom(v.now))
	}
	return lead + "."
}

func (v fieldworkView) organizationList(c echo.Context) templates.List {
	list := templates.List{ID: "fieldwork-organizations", Caption: counted(len(v.organizations), "organization", "organizations"), Head: v.head(),
		Empty: "No organization yet: add them to the study first."}
	list.Search = searchOf(c, "Name of an organization")
	organizations := slices.DeleteFunc(slices.Clone(v.organizations), func(o survey.Organization) bool { return !found(list.Search, o.Name, o.Key) })
	part, pager := pageOf(c, organizations, organizationsAPage)
	list.Pager = pager
	for _, o := range part {
		list.Rows = append(list.Rows, v.row(templates.ListCell{Text: o.Name}, v.counts.Organizations[o.ID], v.target(func(t survey.Target) bool { return t.OrganizationID == o.ID })))
	}
	if len(organizations) == 0 && len(v.organizations) > 0 {
		list.Empty = "No organization has this in its name."
	}
	return list
}

func (v fieldworkView) roleList() templates.List {
	list := templates.List{ID: "fieldwork-roles", Caption: "By role", Head: v.head()}
	for _, role := range v.roles {
		g, ok := v.counts.Roles[role.Key]
		target := v.target(func(t survey.Target) bool { return t.Role == role.Key })
		if ok || target > 0 {
			list.Rows = append(list.Rows, v.part(templates.ListCell{Text: role.Label.In("en")}, g, target))
		}
	}
	return list
}

func (v fieldworkView) teamList() templates.List {
	list := templates.List{ID: "fieldwork-teams", Caption: "By team", Head: v.head()}
	for _, o := range v.organizations {
		for _, team := range v.teams[o.ID] {
			g, ok := v.counts.Teams[team.ID]
			target := v.target(func(t survey.Target) bool { return t.TeamID == team.ID })
			if (ok || target > 0) && len(list.Rows) < 500 {
				list.Rows = append(list.Rows, v.part(templates.ListCell{Text: team.Name, Small: o.Name}, g, target))
			}
		}
	}
	return list
}

// searchOf is the search box of a list with what was asked for.
func searchOf(c echo.Context, label string) *templates.Search {
	return &templates.Search{Label: label, Name: "q", Value: strings.TrimSpace(c.QueryParam("q"))}
}

// found says whether one of the texts has what was asked for.
func found(search *templates.Search, texts ...string) bool {
	q := strings.ToLower(search.Value)
	return q == "" || slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), q) })
}

// pageOf cuts the part out of a list that the address asks for.
func pageOf[T any](c echo.Context, all []T, size int) ([]T, *templates.Pager) {
	if len(all) <= size {
		return all, nil
	}
	n, err := strconv.Atoi(c.QueryParam("page"))
	last := (len(all) - 1) / size
	if err != nil || n < 1 {
		n = 1
	}
	n = min(n-1, last)
	address := func(n int) string {
		query := c.QueryParams()
		kept := url.Values{"page": {strconv.Itoa(n + 1)}}
		if q := query.Get("q"); q != "" {
			kept.Set("q", q)
		}
		return "?" + kept.Encode()
	}
	from, to := n*size, min(len(all), (n+1)*size)
	pager := &templates.Pager{Words: fmt.Sprintf("%s to %s of %s", thousands(from+1), thousands(to), thousands(len(all)))}
	if n > 0 {
		pager.Previous = address(n - 1)
	}
	if n < last {
		pager.Next = address(n + 1)
	}
	return all[from:to], pager
}
