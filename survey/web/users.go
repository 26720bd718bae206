package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// ticketLife is how long a link to choose a password counts.
const ticketLife = 72 * time.Hour

// userRoutes are the pages about the accounts of the installation.
func (s *Server) userRoutes() []route {
	return []route{
		{http.MethodGet, "/users", linkOwner, s.users},
		{http.MethodGet, "/users/new", linkOwner, s.askNewUser},
		{http.MethodPost, "/users/new", linkOwner, s.newUser},
		{http.MethodGet, "/users/:user", linkOwner, s.askUser},
		{http.MethodPost, "/users/:user", linkOwner, s.changeUser},
		{http.MethodPost, "/users/:user/link", linkOwner, s.linkUser},
		{http.MethodPost, "/users/:user/codes-off", linkOwner, s.takeCodesAway},
	}
}

var usersCrumb = templates.Link{Text: "People", URL: "/users"}

func userPath(id survey.UserID, part string) string {
	return "/users/" + url.PathEscape(string(id)) + part
}

func (s *Server) users(c echo.Context) error {
	users, err := s.Store.Users(c.Request().Context())
	if err != nil {
		return err
	}
	inOrder(users, func(u survey.User) []string { return []string{u.Name, u.Email} })
	bound, err := s.Store.BoundUsers(c.Request().Context())
	if err != nil {
		return err
	}
	list := templates.List{ID: "users", Caption: counted(len(users), "account", "accounts"), Empty: "Nobody has an account.",
		Head: []templates.ListHead{{Text: "Name"}, {Text: "E-mail address"}, {Text: "May"}, {Text: "Signs in by"}, {Text: "State"}, {Text: "Since"}}}
	for _, u := range users {
		may, state := "by roles in studies", templates.ListCell{Text: "active", Tag: "good"}
		if u.Administrator {
			may = "everything"
		}
		switch {
		case !u.DisabledAt.IsZero():
			state = templates.ListCell{Text: "disabled", Tag: "quiet"}
		case !u.HasPassword && !bound[u.ID]:
			state = templates.ListCell{Text: "has not signed in yet", Tag: "warn"}
		}
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: u.Name, URL: userPath(u.ID, "")}, {Text: u.Email}, {Text: may}, orNone(s.signsInBy(u, bound[u.ID])), state, momentCell(u.CreatedAt)}})
	}
	return page(c, http.StatusOK, templates.ListPage{Base: s.staffBase(c, "People", usersCrumb), Heading: "People with an account",
		Lead:    "Respondents are not among them: whoever is asked to answer needs no account.",
		Buttons: []templates.Link{{Text: "Add a person", URL: "/users/new", Current: true}}, Lists: []templates.ListSection{{List: list}}})
}

// signsInBy says how somebody proves who it is; empty: there is no way yet.
func (s *Server) signsInBy(u survey.User, bound bool) string {
	var ways []string
	if u.HasPassword {
		ways = append(ways, "password")
	}
	if bound {
		name := "a sign-in service" // that was set up before
		if s.SignIn != nil {
			name = s.SignIn.Name
		}
		ways = append(ways, name)
	}
	words := strings.Join(ways, " or ")
	if u.SecondFactor {
		words += ", with a code"
	}
	return words
}

func (s *Server) newUserPage(c echo.Context, u survey.User) templates.FormPage {
	return templates.FormPage{Base: s.staffBase(c, "Add a person", usersCrumb, templates.Link{Text: "Add", URL: "/users/new"}), Heading: "Add a person",
		Lead: "You get a link for them, with which they choose a password. Roles are given in each study.",
		Form: templates.Form{Submit: "Add", Fields: userFields(u), Cancel: &usersCrumb}}
}

func userFields(u survey.User) []templates.Field {
	return []templates.Field{
		{Kind: templates.TextField, Name: "name", Label: "Name", Value: u.Name, Autocomplete: "off", Required: true},
		{Kind: templates.EmailField, Name: "email", Label: "E-mail address", Value: u.Email, Autocomplete: "off", Required: true},
		{Kind: templates.CheckField, Name: "administrator", Label: "Administrator of the whole installation: may do everything in every study", Value: "yes", Checked: u.Administrator},
	}
}

func (s *Server) askNewUser(c echo.Context) error {
	return page(c, http.StatusOK, s.newUserPage(c, survey.User{Email: strings.TrimSpace(c.QueryParam("email"))}))
}

// typedUser reads the form of an account and says what is wrong with it.
func typedUser(form url.Values, into *templates.Form) (survey.User, error) {
	u := survey.User{Name: one(form, "name"), Email: one(form, "email"), Administrator: has(form, "administrator", "yes")}
	_, err := survey.NormalEmail(u.Email)
	if err := fieldProblem(into, "email", err); err != nil {
		return u, err
	}
	if u.Name == "" {
		return u, fieldProblem(into, "name", survey.Errorf(survey.Invalid, "please give a name"))
	}
	if err == nil {
		err = fieldProblem(into, "name", survey.CheckUser(u))
	} else {
		err = nil // it stands beside the address
	}
	return u, err
}

func (s *Server) newUser(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	p := s.newUserPage(c, survey.User{})
	u, err := typedUser(form, &p.Form)
	if err != nil {
		return err
	}
	problems := p.Form
	p = s.newUserPage(c, u)
	for i, field := range problems.Fields {
		p.Form.Fields[i].Problem = field.Problem
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	u, err = s.Store.CreateUser(c.Request().Context(), staffOf(c).actor(c), u)
	if err := fieldProblem(&p.Form, "email", err); err != nil {
		return err
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	return s.showTicket(c, u, allPeople)
}

// allPeople is where a link for a password is made.
var allPeople = templates.Link{Text: "Back to all people", URL: "/users"}

// showTicket sends a link for choosing a password by mail, or shows it, once, where no
// mail leaves. Then it goes back, saying first what else was done.
func (s *Server) showTicket(c echo.Context, u survey.User, back templates.Link, done ...string) error {
	purpose := store.NewPassword
	if !u.HasPassword {
		purpose = store.Welcome
	}
	if s.MailBase != "" {
		ticket := store.Ticket{Purpose: purpose, UserID: u.ID, ExpiresAt: s.Now().Add(ticketLife)}
		if err := s.mailTicket(c.Request().Context(), staffOf(c).actor(c), u, ticket); err != nil {
			return err
		}
		return s.seeNotice(c, back.URL, strings.Join(append(done, ""), " ")+"A mail with a link to choose a password is on its way to "+u.Email+". It counts once, for three days.")
	}
	token := auth.NewToken()
	ticket := store.Ticket{Purpose: purpose, UserID: u.ID, ExpiresAt: s.Now().Add(ticketLife)}
	ctx := store.Audited(c.Request().Context(), staffOf(c).actor(c), store.Deed{Action: "user.link", Object: "user " + u.Email, Detail: "shown on a page"})
	if err := s.Store.CreateTicket(ctx, ticket, auth.HashToken(token)); err != nil {
		return err
	}
	base := s.staffBase(c, "Link", usersCrumb, templates.Link{Text: u.Name, URL: userPath(u.ID, "")})
	base.Notice = strings.Join(done, " ")
	return page(c, http.StatusOK, templates.ListPage{Base: base,
		Heading: "Give this link to " + u.Name,
		Lead:    "With it a password for " + u.Email + " is chosen, once, within three days. It is shown only now; a newer link replaces it.",
		Facts:   []templates.Detail{{Name: "Link", Value: s.address(c) + "/password/" + token, Code: true}},
		Buttons: []templates.Link{back}})
}

func (s *Server) userOf(c echo.Context) (survey.User, error) {
	return s.Store.UserByID(c.Request().Context(), survey.UserID(c.Param("user")))
}

func (s *Server) userPage(c echo.Context, u survey.User, form templates.Form) templates.ListPage {
	link := templates.Form{Action: userPath(u.ID, "/link"), Submit: "Make a link for a new password"}
	p := templates.ListPage{Base: s.staffBase(c, u.Name, usersCrumb, templates.Link{Text: u.Name, URL: userPath(u.ID, "")}), Heading: u.Name,
		Lists: []templates.ListSection{{Heading: "Account", Form: &form},
			{Heading: "Password", Words: "Whoever has forgotten it chooses a new one by a link that counts once.", Form: &link}}}
	if u.SecondFactor {
		off := templates.Form{Action: userPath(u.ID, "/codes-off"), Submit: "Turn codes off for " + u.Name, Danger: true}
		p.Lists = append(p.Lists, templates.ListSection{Heading: "Codes at sign-in", Words: "A code is asked for after the password. " +
			"Turn that off only when you are sure that it is this person who has lost phone and recovery codes: ask face to face or by telephone.", Form: &off})
	}
	return p
}

// takeCodesAway lets somebody in again whose authenticator is lost.
func (s *Server) takeCodesAway(c echo.Context) error {
	u, err := s.userOf(c)
	if err != nil {
		return err
	}
	if err := s.Store.RemoveSecondFactor(c.Request().Context(), staffOf(c).actor(c), u.ID); err != nil {
		return err
	}
	return s.seeNotice(c, userPath(u.ID, ""), "No code is asked of "+u.Name+" any more.")
}

func userForm(u survey.User) templates.Form {
	f := templates.Form{Submit: "Save", Fields: append(userFields(u), templates.Field{Kind: templates.CheckField, Name: "disabled",
		Label: "Disabled: may not sign in, and is signed out everywhere", Value: "yes", Checked: !u.DisabledAt.IsZero()})}
	watch(&f)
	return f
}

func (s *Server) askUser(c echo.Context) error {
	u, err := s.userOf(c)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, s.userPage(c, u, userForm(u)))
}

func (s *Server) changeUser(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	old, err := s.userOf(c)
	if err != nil {
		return err
	}
	answer := userForm(old)
	merge(form, &answer)
	typed, err := typedUser(form, &answer)
	if err != nil {
		return err
	}
	typed.ID = old.ID
	if has(form, "disabled", "yes") {
		typed.DisabledAt = s.Now()
	}
	problems := answer
	answer = userForm(typed)
	for i, field := range problems.Fields {
		answer.Fields[i].Problem = field.Problem
	}
	answer.Was = problems.Was
	if !wrong(answer) {
		err := s.Store.ChangeUser(c.Request().Context(), staffOf(c).actor(c), typed)
		if err := fieldProblem(&answer, "", err); err != nil {
			return err
		}
	}
	if wrong(answer) {
		return page(c, http.StatusUnprocessableEntity, s.userPage(c, old, answer))
	}
	return s.seeNotice(c, userPath(old.ID, ""), "Saved.")
}

func (s *Server) linkUser(c echo.Context) error {
	u, err := s.userOf(c)
	if err != nil {
		return err
	}
	return s.showTicket(c, u, allPeople)
}
