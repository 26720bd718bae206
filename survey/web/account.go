package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// account shows who is signed in and where.
func (s *Server) account(c echo.Context) error {
	p, err := s.accountPage(c)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, p)
}

func (s *Server) accountPage(c echo.Context) (templates.ListPage, error) {
	who := staffOf(c)
	sessions, err := s.Store.SessionsOf(c.Request().Context(), who.user.ID)
	if err != nil {
		return templates.ListPage{}, err
	}
	list := templates.List{ID: "sessions", Caption: "Where you are signed in", Empty: "You are signed in nowhere.",
		Head: []templates.ListHead{{Text: "Browser"}, {Text: "Network address"}, {Text: "Since"}, {Text: "Until"}}}
	for _, n := range sessions {
		list.Rows = append(list.Rows, sessionRow(n, n.TokenHash == s.sessionHash(c)))
	}
	return templates.ListPage{Base: s.staffBase(c, "Your account", templates.Link{Text: "Your account", URL: "/account"}), Heading: "Your account",
		Facts: []templates.Detail{{Name: "Name", Value: who.user.Name}, {Name: "E-mail address", Value: who.user.Email}},
		Lists: []templates.ListSection{
			{Heading: "Sessions", List: list, Form: &templates.Form{Action: "/account/sign-out", Submit: "Sign out everywhere", Danger: true}},
			{Heading: "Password", Form: changePasswordForm(who.user)},
			codesSection(who.user),
			zoneSection(who.user),
		}}, nil
}

func sessionRow(n store.Session, here bool) templates.ListRow {
	browser := templates.ListCell{Text: browserName(n.Agent), Small: n.Agent}
	if here {
		browser = templates.ListCell{Text: browser.Text, Small: "this browser"}
	}
	return templates.ListRow{Cells: []templates.ListCell{browser, {Text: n.Origin}, momentCell(n.CreatedAt), momentCell(n.ExpiresAt)},
		Actions: []templates.Action{{Text: "End", Label: "the session of " + browser.Text + " at " + n.Origin, Danger: true, URL: "/account/sessions/end",
			Hidden: []templates.Hidden{{Name: "session", Value: hex.EncodeToString(n.TokenHash[:])}}}}}
}

// endOneSession ends a session of the account. Its name is the hash of a token: it
// opens nothing.
func (s *Server) endOneSession(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	named, err := hex.DecodeString(one(form, "session"))
	if err != nil || len(named) != sha256.Size {
		return survey.Errorf(survey.Invalid, "no session is named: go back and use the button beside it")
	}
	who := staffOf(c)
	if err := s.Store.EndSessionOf(c.Request().Context(), who.actor(c), who.user.ID, [32]byte(named)); err != nil {
		return err
	}
	if [32]byte(named) == s.sessionHash(c) {
		return s.signOut(c)
	}
	return s.seeNotice(c, "/account", "That session has ended.")
}

func changePasswordForm(u survey.User) *templates.Form {
	return &templates.Form{Action: "/account/password", Submit: "Change the password", User: u.Email, Fields: []templates.Field{
		{Kind: templates.PasswordField, Name: "password", Label: "Password until now", Autocomplete: "current-password", Required: true},
		newPasswordField("New password"),
	}}
}

// changePassword asks for the old one: an open screen must not be enough.
func (s *Server) changePassword(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	who, ctx := staffOf(c), c.Request().Context()
	answer := changePasswordForm(who.user)
	if answer.Fields[0].Problem, err = s.ownPassword(c, last(form["password"])); err != nil {
		return err
	}
	password := last(form["new-password"])
	if err := fieldProblem(answer, "new-password", auth.CheckPassword(password, who.user.Email, who.user.Name)); err != nil {
		return err
	}
	if wrong(*answer) {
		p, err := s.accountPage(c)
		if err != nil {
			return err
		}
		p.Lists[1].Form = answer
		return page(c, http.StatusUnprocessableEntity, p)
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	change := store.PasswordChange{UserID: who.user.ID, Hash: hash, Keep: s.sessionHash(c)}
	if err := s.Store.SetPassword(ctx, who.actor(c), change); err != nil {
		return err
	}
	return s.seeNotice(c, "/account", "The password is changed. All your other sessions have ended.")
}

// ownPassword says what is wrong with what somebody typed as the password of their
// account.
func (s *Server) ownPassword(c echo.Context, typed string) (problem string, err error) {
	who, ctx := staffOf(c), c.Request().Context()
	try, err := s.beginAttempt(c, who.user.Email)
	if err != nil {
		return "", err
	}
	_, hash, err := s.Store.Credentials(ctx, who.user.Email)
	if err != nil {
		return "", err
	}
	right, err := s.passwordIs(ctx, typed, hash)
	if err != nil {
		return "", err
	}
	if !right {
		return "This is not your password.", s.attemptFailed(c, try)
	}
	return "", s.attemptRight(c, try)
}

// signOutEverywhere ends all sessions of the account, this one included.
func (s *Server) signOutEverywhere(c echo.Context) error {
	who := staffOf(c)
	if _, err := s.Store.EndSessionsOf(c.Request().Context(), who.actor(c), who.user.ID); err != nil {
		return err
	}
	return s.signOut(c)
}

// counted writes "1 session", "3 sessions", "20,000 sessions".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// browserName finds the name that people know in what a browser calls itself. The
// order matters: most claim to be others, too.
func browserName(agent string) string {
	for _, known := range []struct{ mark, name string }{{"Firefox/", "Firefox"}, {"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, known.mark) {
			return known.name
		}
	}
	return "Another program"
}
