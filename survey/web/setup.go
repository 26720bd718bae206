package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

func newPasswordField(label string) templates.Field {
	return templates.Field{Kind: templates.PasswordField, Name: "new-password", Label: label, Autocomplete: "new-password", Required: true,
		Hint: "At least 12 characters. Four words that nobody expects beside each other are better than signs and digits."}
}

func setUpPage(name, email string) templates.FormPage {
	return templates.FormPage{Base: templates.Base{Title: "Set up", SkipNote: true, Private: true, Styles: []string{"staff.css"}, Scripts: []string{"zone.js", "once.js"}}, Heading: "Welcome to salesbench",
		Lead: "This link makes the first account, once. It may do everything: make studies and give other people accounts.",
		Form: templates.Form{Submit: "Make the account", Tell: true, Fields: []templates.Field{
			{Kind: templates.TextField, Name: "name", Label: "Your name", Value: name, Autocomplete: "name", Required: true},
			{Kind: templates.EmailField, Name: "email", Label: "E-mail address", Value: email, Autocomplete: "username", Required: true},
			newPasswordField("Password"),
		}}}
}

// ticketOf finds the ticket in the address and checks what it is for.
func (s *Server) ticketOf(c echo.Context, purposes ...store.Purpose) (store.Ticket, auth.Hash, error) {
	token := c.Param("ticket")
	if !auth.LooksLikeToken(token) {
		return store.Ticket{}, auth.Hash{}, survey.Errorf(survey.NotFound, "this link is not complete: copy it again, in one piece")
	}
	hash := auth.HashToken(token)
	ticket, err := s.Store.TicketByToken(c.Request().Context(), hash)
	if err != nil {
		return ticket, hash, err
	}
	for _, purpose := range purposes {
		if ticket.Purpose == purpose {
			return ticket, hash, nil
		}
	}
	return ticket, hash, survey.Errorf(survey.NotFound, "this link is for something else")
}

func (s *Server) askSetUp(c echo.Context) error {
	if _, _, err := s.ticketOf(c, store.SetUp); err != nil {
		return err
	}
	return page(c, http.StatusOK, setUpPage("", ""))
}

// setUp makes the first account and signs it in.
func (s *Server) setUp(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	_, token, err := s.ticketOf(c, store.SetUp)
	if err != nil {
		return err
	}
	u := survey.User{Name: one(form, "name"), Email: one(form, "email")}
	password := last(form["new-password"])
	p := setUpPage(u.Name, u.Email)
	_, err = survey.NormalEmail(u.Email)
	if err := fieldProblem(&p.Form, "email", err); err != nil {
		return err
	}
	if u.Name == "" {
		p.Form.Fields[0].Problem = "Please give a name."
	}
	if err := fieldProblem(&p.Form, "new-password", auth.CheckPassword(password, u.Email, u.Name)); err != nil {
		return err
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	ctx := c.Request().Context()
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	user, err := s.Store.CreateFirstUser(ctx, survey.Actor{Origin: c.RealIP()}, u, hash, token)
	if err != nil {
		return err
	}
	if err := s.beginSession(c, user, "set-up"); err != nil {
		return err
	}
	return s.seeNotice(c, "/studies", "Your account is made, and you are signed in.")
}

func choosePasswordPage(purpose store.Purpose, email string) templates.FormPage {
	p := templates.FormPage{Base: templates.Base{Title: "Choose a password", SkipNote: true, Private: true, Styles: []string{"staff.css"}}, Heading: "Choose a new password",
		Lead: "For " + email + ". All sessions of the account end; then you sign in with the new password.",
		Form: templates.Form{Submit: "Keep this password", User: email, Fields: []templates.Field{newPasswordField("New password")}}}
	if purpose == store.Welcome {
		p.Heading, p.Lead = "Welcome: choose a password", "For your account "+email+". Then you sign in with it."
	}
	return p
}

// passwordTicket is a ticket for a password, with the account that it is for.
type passwordTicket struct {
	user  survey.User
	token auth.Hash
	page  templates.FormPage
}

func (s *Server) passwordTicket(c echo.Context) (passwordTicket, error) {
	ticket, token, err := s.ticketOf(c, store.Welcome, store.NewPassword)
	if err != nil {
		return passwordTicket{}, err
	}
	user, err := s.Store.UserByID(c.Request().Context(), ticket.UserID)
	return passwordTicket{user, token, choosePasswordPage(ticket.Purpose, user.Email)}, err
}

func (s *Server) askPassword(c echo.Context) error {
	ticket, err := s.passwordTicket(c)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, ticket.page)
}

// choosePassword uses the ticket.
func (s *Server) choosePassword(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	ticket, err := s.passwordTicket(c)
	if err != nil {
		return err
	}
	password := last(form["new-password"])
	if err := fieldProblem(&ticket.page.Form, "new-password", auth.CheckPassword(password, ticket.user.Email, ticket.user.Name)); err != nil {
		return err
	}
	if wrong(ticket.page.Form) {
		return showForm(c, ticket.page)
	}
	ctx := c.Request().Context()
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	user, err := s.Store.UsePasswordTicket(ctx, survey.Actor{Origin: c.RealIP()}, ticket.token, hash)
	if err != nil {
		return err
	}
	if err := s.Store.ForgetFailures(ctx, accountKey(user.Email)); err != nil {
		return err
	}
	return s.toSignIn(c, user.Email)
}

// toSignIn leads somebody who has chosen a password to the sign-in, which says so and
// knows the address. Whoever was signed in on this browser is not any more.
func (s *Server) toSignIn(c echo.Context, email string) error {
	ctx, err := s.session(c)
	if err != nil {
		return err
	}
	if err := s.sessions.Destroy(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionChosen, email)
	if err := s.keepSession(c); err != nil {
		return err
	}
	return see(c, "/sign-in")
}
