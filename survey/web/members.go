package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// roleWords say what a role may do.
var roleWords = map[survey.StaffRole]string{
	survey.Administrator: "everything in this study, names of invited people included",
	survey.Researcher:    "waves, data and results; no names of invited people",
	survey.Coordinator:   "the fieldwork of named organizations, names included; no results",
	survey.Executive:     "the results of named organizations",
	survey.Viewer:        "results only",
}

// membersView is what the page of members is made from.
type membersView struct {
	users         map[survey.UserID]survey.User
	names         map[survey.OrganizationID]string
	members       []survey.Membership
	organizations []survey.Organization
}

func (s *Server) membersView(c echo.Context) (membersView, error) {
	ctx, study := c.Request().Context(), staffOf(c).study.ID
	v := membersView{users: make(map[survey.UserID]survey.User), names: make(map[survey.OrganizationID]string)}
	users, err := s.Store.Users(ctx)
	if err != nil {
		return v, err
	}
	for _, u := range users {
		v.users[u.ID] = u
	}
	if v.members, err = s.Store.Members(ctx, study); err != nil {
		return v, err
	}
	if v.organizations, err = s.Store.Organizations(ctx, study); err != nil {
		return v, err
	}
	inOrder(v.organizations, organizationNames)
	inOrder(v.members, func(m survey.Membership) []string { return []string{v.users[m.UserID].Name, v.users[m.UserID].Email} })
	for _, o := range v.organizations {
		v.names[o.ID] = o.Name
	}
	return v, nil
}

// namedOrganizations is how many organizations of a member are named.
const namedOrganizations = 5

// reach says for which organizations somebody is there.
func (v membersView) reach(m survey.Membership) string {
	if !m.Role.Bound() {
		return "the whole study"
	}
	names := make([]string, len(m.Organizations))
	for i, o := range m.Organizations {
		names[i] = v.names[o]
	}
	inOrder(names, func(name string) []string { return []string{name} })
	if rest := len(names) - namedOrganizations; rest > 1 {
		names = append(names[:namedOrganizations], "and "+thousands(rest)+" more")
	}
	return strings.Join(names, ", ")
}

func (s *Server) members(c echo.Context) error {
	return s.showMembers(c, url.Values{}, nil)
}

// showMembers shows who has a role, and the form that gives one.
func (s *Server) showMembers(c echo.Context, typed url.Values, problem error) error {
	v, err := s.membersView(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	list := templates.List{ID: "members", Caption: counted(len(v.members), "person has a role", "people have a role"),
		Empty: "Nobody has a role in this study. Administrators of the installation may do everything without one.",
		Head:  []templates.ListHead{{Text: "Person"}, {Text: "Role"}, {Text: "Organizations"}}}
	from, to, pager := paged(c, len(v.members), listed)
	list.Pager = pager
	for _, m := range v.members[from:to] {
		u := v.users[m.UserID]
		list.Rows = append(list.Rows, templates.ListRow{
			Cells: []templates.ListCell{{Text: u.Name, Small: u.Email}, {Text: string(m.Role), Small: roleWords[m.Role]}, {Text: v.reach(m)}},
			Actions: []templates.Action{{Text: "Remove", Label: u.Name, Danger: true, URL: studyPath(who.study, "/members/remove"),
				Hidden: []templates.Hidden{{Name: "user", Value: string(u.ID)}}}}})
	}
	form := v.form(who, typed)
	picked(typed, &form)
	field := "email"
	var nameless noName
	switch {
	case errors.As(problem, &nameless):
		field, problem = "name", nameless.error
	case survey.KindOf(problem) != survey.Invalid:
	case one(typed, "role") == "", len(v.organizations) == 0:
		field = "role"
	default:
		field = "organization"
	}
	if err := fieldProblem(&form, field, problem); err != nil {
		return err
	}
	if survey.KindOf(problem) == survey.NotFound && problem != nil {
		form.Fields[0].Problem += " Ask an administrator of the installation for one."
	}
	status := http.StatusOK
	if wrong(form) {
		status = http.StatusUnprocessableEntity
	}
	base := s.staffBase(c, "Members", templates.Link{Text: "Members", URL: studyPath(who.study, "/members")})
	base.Scripts = append(base.Scripts, "pick.js")
	return page(c, status, templates.ListPage{Base: base,
		Heading: "Who may do what in this study", Lists: []templates.ListSection{{List: list}, {Heading: "Give a role", Form: &form}}})
}

func (v membersView) form(who staff, typed url.Values) templates.Form {
	chosen := make(map[string]bool, len(typed["organization"]))
	for _, o := range typed["organization"] {
		chosen[o] = true
	}
	f := templates.Form{Submit: "Give this role", Fields: []templates.Field{
		{Kind: templates.EmailField, Name: "email", Label: "E-mail address", Value: one(typed, "email"), Required: true, Autocomplete: "off",
			Hint: "Whoever has a role already gets this one instead. Without an account nobody can have a role: an administrator of the installation makes one here, too."},
		{Kind: templates.RadioField, Name: "role", Label: "Role", Required: true},
		organizationPick(v.organizations, func(o survey.Organization) bool { return chosen[string(o.ID)] }),
	}}
	if who.user.Administrator {
		f.Fields[0].Hint = "Whoever has a role already gets this one instead."
		f.Fields = slices.Insert(f.Fields, 1, templates.Field{Kind: templates.TextField, Name: "name", Label: "Name", Value: one(typed, "name"), Autocomplete: "off",
			Hint: "Only for somebody new: an account is made for the address, and a link with which a password is chosen."})
	}
	last := len(f.Fields) - 1
	role := &f.Fields[last-1]
	f.Fields[last].Required, f.Fields[last].Hint = true, "A coordinator or an executive needs at least one. The other roles are for the whole study: tick none."
	for _, r := range survey.StaffRoles() {
		role.Options = append(role.Options, templates.Choice{Value: string(r), Label: strings.ToUpper(string(r[:1])) + string(r[1:]) + ": " + roleWords[r],
			Checked: one(typed, "role") == string(r)})
	}
	if len(v.organizations) == 0 {
		f.Fields = f.Fields[:last]
	}
	return f
}

func (s *Server) putMember(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if picks(form, "organization") {
		return s.showMembers(c, form, nil)
	}
	who, ctx := staffOf(c), c.Request().Context()
	m := survey.Membership{StudyID: who.study.ID, Role: survey.StaffRole(one(form, "role"))}
	for _, o := range form["organization"] {
		m.Organizations = append(m.Organizations, survey.OrganizationID(o))
	}
	user, made, err := s.memberUser(c, form, m)
	if err != nil {
		return s.showMembers(c, form, err)
	}
	m.UserID = user.ID
	if err := s.Store.PutMembership(ctx, who.actor(c), m); err != nil {
		return s.showMembers(c, form, err)
	}
	done, back := user.Name+" is "+string(m.Role)+" now.", templates.Link{Text: "Back to the members", URL: studyPath(who.study, "/members")}
	if made {
		return s.showTicket(c, user, back, done)
	}
	return s.seeNotice(c, back.URL, done)
}

// noName is the error of somebody new who has no name yet.
type noName struct{ error }

// memberUser finds the account of the address. An administrator of the installation
// makes one where there is none, after the role was found right.
func (s *Server) memberUser(c echo.Context, form url.Values, m survey.Membership) (u survey.User, made bool, err error) {
	who, ctx := staffOf(c), c.Request().Context()
	u, err = s.Store.UserByEmail(ctx, strings.ToLower(one(form, "email")))
	if survey.KindOf(err) != survey.NotFound || err == nil || !who.user.Administrator {
		return u, false, err
	}
	u = survey.User{Email: one(form, "email"), Name: one(form, "name")}
	if _, err := survey.NormalEmail(u.Email); err != nil {
		return u, false, survey.Errorf(survey.Conflict, "%w", err) // it stands beside the address
	}
	if u.Name == "" {
		return u, false, noName{survey.Errorf(survey.Conflict, "there is no account for this address yet: give the person's name, and one is made")}
	}
	if err := survey.CheckMembership(m); err != nil {
		return u, false, err
	}
	u, err = s.Store.CreateUser(ctx, who.actor(c), u)
	if survey.KindOf(err) == survey.Invalid {
		err = noName{err}
	}
	return u, err == nil, err
}

func (s *Server) removeMember(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	if err := s.Store.RemoveMembership(c.Request().Context(), who.actor(c), survey.UserID(one(form, "user")), who.study.ID); err != nil {
		return err
	}
	return s.seeNotice(c, studyPath(who.study, "/members"), "The role is taken away.")
}
