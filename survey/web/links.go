package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// linkRoutes are the pages about open links and what is printed of links.
func (s *Server) linkRoutes() []route {
	return []route{
		{http.MethodGet, "/studies/:study/waves/:wave/links", linkOwner, s.links},
		{http.MethodPost, "/studies/:study/waves/:wave/links", linkOwner, s.makeLinks},
		{http.MethodGet, "/studies/:study/waves/:wave/links/sheets", linkOwner, s.linkSheets},
		{http.MethodGet, "/studies/:study/waves/:wave/links/:link", linkOwner, s.link},
		{http.MethodPost, "/studies/:study/waves/:wave/links/:link/revoke", linkOwner, s.revokeLink},
	}
}

func (p staff) linksPath(part string) string { return wavePath(p.study, p.wave, "/links"+part) }

func (p staff) linksCrumb() templates.Link {
	return templates.Link{Text: "Open links", URL: p.linksPath("")}
}

// openPath and kioskPath are the addresses of an open link.
func openPath(token string) string  { return "/o/" + token }
func kioskPath(token string) string { return "/k/" + token }

// Ways to make links at once.
const (
	everyOrganization = "organizations" // that has no valid link as a whole
	everyTeam         = "teams"         // that has none
)

// ownLinks are the open links of the organizations that the person is there for.
func (s *Server) ownLinks(c echo.Context) ([]store.ListedLink, rosterNames, error) {
	who, ctx := staffOf(c), c.Request().Context()
	names, err := s.rosterNames(ctx, who.study.ID)
	if err != nil {
		return nil, names, err
	}
	all, err := s.Store.OpenLinks(ctx, who.wave.ID)
	all = slices.DeleteFunc(all, func(l store.ListedLink) bool { return !who.place.For(l.OrganizationID) })
	// By place, the valid one of each before those that were withdrawn.
	slices.SortStableFunc(all, func(a, b store.ListedLink) int {
		return cmp.Or(a.RevokedAt.Compare(b.RevokedAt), b.CreatedAt.Compare(a.CreatedAt))
	})
	inOrder(all, func(l store.ListedLink) []string {
		return []string{names.organizations[l.OrganizationID].Name, string(l.OrganizationID), names.teams[l.TeamID]}
	})
	return all, names, err
}

// places says in words where a link leads.
func (n rosterNames) place(l survey.OpenLink) string {
	if l.TeamID == "" {
		return n.organizations[l.OrganizationID].Name
	}
	return n.organizations[l.OrganizationID].Name + ", " + n.teams[l.TeamID]
}

func (s *Server) makeLinksForm(names rosterNames, who staff) templates.Form {
	place := names.placeField(who, "")
	place.Label, place.Options[0] = "For", templates.Choice{Value: everyOrganization, Label: "Every organization that has none", Checked: true}
	place.Options = slices.Insert(place.Options, 1, templates.Choice{Value: everyTeam, Label: "Every team that has none"})
	place.Hint = "Earlier links stay valid until they are withdrawn."
	return templates.Form{Submit: "Make links", Fields: []templates.Field{place}}
}

func (s *Server) links(c echo.Context) error {
	all, names, err := s.ownLinks(c)
	if err != nil {
		return err
	}
	return s.showLinks(c, all, names, s.makeLinksForm(names, staffOf(c)))
}

func linkState(l store.ListedLink) templates.ListCell {
	if !l.RevokedAt.IsZero() {
		return templates.ListCell{Text: "withdrawn", Tag: "quiet"}
	}
	return templates.ListCell{Text: "valid", Tag: "good"}
}

func (s *Server) showLinks(c echo.Context, all []store.ListedLink, names rosterNames, form templates.Form) error {
	who := staffOf(c)
	search, text := searched(c, "Organization or team")
	found := slices.DeleteFunc(slices.Clone(all), func(l store.ListedLink) bool {
		return !strings.Contains(strings.ToLower(names.place(l.OpenLink)), text)
	})
	list := templates.List{ID: "links", Caption: counted(len(found), "open link", "open links"), Search: search, Empty: "No link leads to an organization or team of that name.",
		Head: []templates.ListHead{{Text: "Leads to"}, {Text: "State"}, {Text: "Made"}}}
	if len(all) == 0 {
		list.Search, list.Empty = nil, "There are no open links yet. Whoever has one may answer once per browser; personal invitations come from the roster."
	}
	from, to, pager := paged(c, len(found), listed)
	list.Pager = pager
	for _, l := range found[from:to] {
		row := templates.ListRow{Cells: []templates.ListCell{{Text: names.place(l.OpenLink), Small: handMade(l), URL: who.linksPath("/" + l.ID)}, linkState(l), momentCell(l.CreatedAt)}}
		if l.RevokedAt.IsZero() {
			row.Actions = []templates.Action{{Text: "Withdraw", Label: "the link of " + names.place(l.OpenLink), Danger: true, URL: who.linksPath("/" + l.ID + "/revoke")}}
		}
		list.Rows = append(list.Rows, row)
	}
	p := templates.ListPage{Base: s.staffBase(c, "Open links", who.linksCrumb()), Eyebrow: who.wave.Title, Heading: "Open links",
		Lead:  "For people without a personal invitation: on a poster, in a team chat, or on a shared tablet.",
		Lists: []templates.ListSection{{List: list}, {Heading: "Make links", Form: &form}}}
	if slices.ContainsFunc(found, printable) {
		p.Buttons = []templates.Link{{Text: "Print sheets with QR codes", URL: who.linksPath("/sheets?" + url.Values{"q": {search.Value}}.Encode()), Current: true}}
	}
	status := http.StatusOK
	if wrong(form) {
		status = http.StatusUnprocessableEntity
	}
	return page(c, status, p)
}

func printable(l store.ListedLink) bool { return l.Token != "" && l.RevokedAt.IsZero() }

// linkWords is the address of a link where it can be made again.
func (s *Server) linkWords(c echo.Context, l store.ListedLink) string {
	if l.Token == "" {
		return handMade(l)
	}
	return s.address(c) + openPath(l.Token)
}

// handMade says why a link can not be shown.
func handMade(l store.ListedLink) string {
	if l.Token == "" {
		return "made by hand: only its hash is kept"
	}
	return ""
}

// makeLinks makes a link for one place or for all that have none.
func (s *Server) makeLinks(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	all, names, err := s.ownLinks(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	answer := s.makeLinksForm(names, who)
	showTypedForm(form, &answer)
	wanted, err := names.wantedLinks(form, who, all)
	if err := fieldProblem(&answer, "place", err); err != nil {
		return err
	}
	if !wrong(answer) {
		ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "link.create", Object: "wave " + who.wave.Key, Study: who.study.ID})
		_, err := s.Store.MakeOpenLinks(ctx, who.wave.ID, wanted)
		if err := fieldProblem(&answer, "place", err); err != nil {
			return err
		}
	}
	if wrong(answer) {
		return s.showLinks(c, all, names, answer)
	}
	return s.seeNotice(c, who.linksPath(""), counted(len(wanted), "link is", "links are")+" made.")
}

// wantedLinks are the links that the form asks for.
func (n rosterNames) wantedLinks(form url.Values, who staff, all []store.ListedLink) ([]survey.OpenLink, error) {
	choice := one(form, "place")
	if choice != everyOrganization && choice != everyTeam {
		organization, team, err := typedPlace(form, who)
		return []survey.OpenLink{{OrganizationID: organization, TeamID: team}}, err
	}
	there := make(map[string]bool)
	for _, l := range all {
		if l.RevokedAt.IsZero() {
			there[teamChoice(l.OrganizationID, l.TeamID)] = true
		}
	}
	var wanted []survey.OpenLink
	add := func(organization survey.OrganizationID, team survey.TeamID) {
		if who.place.For(organization) && !there[teamChoice(organization, team)] {
			wanted = append(wanted, survey.OpenLink{OrganizationID: organization, TeamID: team})
		}
	}
	if choice == everyOrganization {
		for _, o := range n.list {
			add(o.ID, "")
		}
	} else {
		for _, t := range n.teamList {
			add(t.OrganizationID, t.ID)
		}
	}
	if len(wanted) == 0 {
		return nil, survey.Errorf(survey.Invalid, "all of these have a valid link already, or there are none of them")
	}
	return wanted, nil
}

// ownLink is the link that the address names.
func (s *Server) ownLink(c echo.Context) (store.ListedLink, error) {
	who := staffOf(c)
	l, err := s.Store.OpenLinkByID(c.Request().Context(), who.wave.ID, c.Param("link"))
	if err == nil && !who.place.For(l.OrganizationID) || survey.KindOf(err) == survey.NotFound && err != nil {
		return store.ListedLink{}, notYours()
	}
	return l, err
}

// link shows one link and what can be done with it.
func (s *Server) link(c echo.Context) error {
	l, err := s.ownLink(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	names, err := s.rosterNames(c.Request().Context(), who.study.ID)
	if err != nil {
		return err
	}
	place := names.place(l.OpenLink)
	p := templates.ListPage{Base: s.staffBase(c, place, who.linksCrumb(), templates.Link{Text: place, URL: who.linksPath("/" + l.ID)}), Eyebrow: "Open link", Heading: place,
		Facts: []templates.Detail{{Name: "State", Value: linkState(l).Text}, momentDetail("Made", l.CreatedAt, ""), {Name: "Address", Value: s.linkWords(c, l), Code: true}}}
	if l.Token != "" {
		p.Facts = append(p.Facts, templates.Detail{Name: "For a shared tablet", Value: s.address(c) + kioskPath(l.Token), Code: true, Small: "comes back to its first page by itself, and keeps nothing"})
	}
	if printable(l) {
		p.Buttons = []templates.Link{{Text: "Print its sheet", URL: who.linksPath("/sheets?" + url.Values{"link": {l.ID}}.Encode()), Current: true}}
	}
	if l.RevokedAt.IsZero() {
		p.Lists = []templates.ListSection{{Heading: "Withdraw", Words: "Whoever opens the link afterwards reads that it was withdrawn; who has begun by it can finish. It can not be made valid again.",
			Form: &templates.Form{Action: who.linksPath("/" + l.ID + "/revoke"), Submit: "Withdraw the link of “" + place + "”", Danger: true}}}
	}
	return page(c, http.StatusOK, p)
}

// revokeLink withdraws a link.
func (s *Server) revokeLink(c echo.Context) error {
	l, err := s.ownLink(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "link.revoke", Object: "open link " + l.ID, Study: who.study.ID, Detail: "wave " + who.wave.Key})
	if err := s.Store.RevokeOpenLink(ctx, who.wave.ID, l.ID); err != nil {
		return err
	}
	return s.seeNotice(c, who.linksPath(""), "The link is withdrawn.")
}

// withdrawn is what an open link says that nobody shall use any more.
type withdrawn struct{}

func (withdrawn) Error() string { return "the open link was withdrawn" }

func (withdrawn) failure() failure {
	return failure{status: http.StatusGone, kind: survey.Closed, says: "withdrawn"}
}

// sheetsAtOnce is how many sheets are printed by one page: a browser must be able
// to lay them out.
const sheetsAtOnce = 200

// linkSheets prints the open links, one sheet for each.
func (s *Server) linkSheets(c echo.Context) error {
	all, names, err := s.ownLinks(c)
	if err != nil {
		return err
	}
	who, text := staffOf(c), strings.ToLower(c.QueryParam("q"))
	all = slices.DeleteFunc(all, func(l store.ListedLink) bool {
		return !printable(l) || c.QueryParam("link") != "" && l.ID != c.QueryParam("link") || !strings.Contains(strings.ToLower(names.place(l.OpenLink)), text)
	})
	from, to, pager := paged(c, len(all), sheetsAtOnce)
	sheets := make([]templates.PrintSheet, 0, to-from)
	for _, l := range all[from:to] {
		sheets = append(sheets, templates.PrintSheet{For: names.place(l.OpenLink), Link: s.address(c) + openPath(l.Token)})
	}
	return s.printSheets(c, sheets, pager, who.linksCrumb())
}

// printSheets sends a page of which each sheet is printed on one of paper.
func (s *Server) printSheets(c echo.Context, sheets []templates.PrintSheet, pager *templates.Pager, crumb templates.Link) error {
	who := staffOf(c)
	in, err := s.Store.Instrument(c.Request().Context(), who.wave.InstrumentHash)
	if err != nil {
		return err
	}
	b := s.booklets.of(in, "", in.Languages[0])
	for i := range sheets {
		if sheets[i].QRPath, sheets[i].QRSize, err = qrPath(sheets[i].Link); err != nil {
			return err
		}
	}
	p := templates.PrintSheets{Base: s.staffBase(c, "Sheets to print", crumb, templates.Link{Text: "Sheets", URL: c.Request().URL.RequestURI()}),
		Heading: counted(len(sheets), "sheet", "sheets") + " to print", Tag: b.words.Tag(), Dir: b.words.Direction(), Study: who.study.Title,
		Lead: b.words.Say("poster_lead", "Minutes", s.effortOf(in).minutes.of(b.words, "minutes_span")), Or: b.words.Say("poster_type"), Code: b.words.Say("poster_code"),
		Note: b.words.Say("poster_groups"), Alone: b.words.Say("sheet_personal"), Sheets: sheets, Pager: pager}
	if ends := instant(b.words, who.wave.Local(who.wave.ClosesAt)); ends.Words != "" {
		p.Closes = b.words.Say("poster_closes", "Time", ends.Words)
	}
	return page(c, http.StatusOK, p)
}

// personSheets prints personal links, for people who get no mail and have not begun:
// whoever has the link of somebody who has begun can read the answers saved so far.
func (s *Server) personSheets(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	query := store.RosterQuery{Organizations: who.bounds(), Invitation: survey.InvitationID(c.QueryParam("person")), Search: c.QueryParam("q"),
		WithoutMail: c.QueryParam("mail") == "none", Unanswered: true, Unbegun: true}
	if key := c.QueryParam("org"); key != "" {
		o, err := s.ownOrganization(c, key)
		if err != nil {
			return err
		}
		query.Organizations = []survey.OrganizationID{o.ID}
	}
	total, err := s.Store.CountRoster(ctx, who.wave.ID, query)
	if err != nil {
		return err
	}
	from, to, pager := paged(c, total, sheetsAtOnce)
	query.Offset, query.Limit = from, to-from
	people, err := s.Store.Roster(ctx, who.wave.ID, query)
	if err != nil {
		return err
	}
	names, err := s.rosterNames(ctx, who.study.ID)
	if err != nil {
		return err
	}
	sheets := make([]templates.PrintSheet, 0, len(people))
	for _, p := range people {
		if p.Token != "" {
			sheets = append(sheets, templates.PrintSheet{For: personName(p), Small: names.place(survey.OpenLink{OrganizationID: p.OrganizationID, TeamID: p.TeamID}), Link: s.address(c) + "/r/" + p.Token, Personal: true})
		}
	}
	deed := store.Deed{Action: "invitation.print", Object: "wave " + who.wave.Key, Study: who.study.ID, Detail: counted(len(sheets), "personal link", "personal links")}
	if err := s.Store.Record(ctx, who.actor(c), deed); err != nil {
		return err
	}
	return s.printSheets(c, sheets, pager, who.rosterCrumb())
}
