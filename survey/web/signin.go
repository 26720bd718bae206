package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// passwordsAtOnce bounds the memory that hashing takes: 64 MiB each.
const passwordsAtOnce = 2

// staffRoutes are the pages of people with an account.
func (s *Server) staffRoutes() []route {
	return []route{
		{http.MethodGet, "/setup/:ticket", linkOwner, s.askSetUp},
		{http.MethodPost, "/setup/:ticket", linkOwner, s.setUp},
		{http.MethodGet, "/sign-in", linkOwner, s.askSignIn},
		{http.MethodPost, "/sign-in", linkOwner, s.signIn},
		{http.MethodGet, "/forgotten", linkOwner, s.askForgotten},
		{http.MethodPost, "/forgotten", linkOwner, s.forgotten},
		{http.MethodGet, "/sign-in/code", linkOwner, s.askCode},
		{http.MethodPost, "/sign-in/code", linkOwner, s.signInWithCode},
		{http.MethodGet, "/sign-in/service", linkOwner, s.toService},
		{http.MethodGet, "/sign-in/service/back", linkOwner, s.fromService},
		{http.MethodPost, "/sign-out", linkOwner, s.signOut},
		{http.MethodGet, "/password/:ticket", linkOwner, s.askPassword},
		{http.MethodPost, "/password/:ticket", linkOwner, s.choosePassword},
		{http.MethodGet, "/account", linkOwner, s.account},
		{http.MethodPost, "/account/password", linkOwner, s.changePassword},
		{http.MethodPost, "/account/sign-out", linkOwner, s.signOutEverywhere},
		{http.MethodPost, "/account/sessions/end", linkOwner, s.endOneSession},
		{http.MethodGet, "/account/codes", linkOwner, s.askCodes},
		{http.MethodPost, "/account/codes", linkOwner, s.turnCodesOn},
		{http.MethodPost, "/account/codes/recovery", linkOwner, s.renewRecovery},
		{http.MethodPost, "/account/zone", linkOwner, s.setZone},
		{http.MethodPost, "/account/codes/off", linkOwner, s.turnCodesOff},
	}
}

func (s *Server) signInPage(email, next string) templates.FormPage {
	action := "/sign-in"
	if next != "" {
		action += "?next=" + url.QueryEscape(next)
	}
	p := templates.FormPage{Base: templates.Base{Title: "Sign in", SkipNote: true, Styles: []string{"staff.css"}, Scripts: []string{"zone.js"}}, Heading: "Sign in",
		Lead:    "For people who run a study or read its results. Whoever was asked to answer needs no account.",
		Buttons: s.serviceButton(next),
		Form: templates.Form{Action: action, Submit: "Sign in", Tell: true, Fields: []templates.Field{
			{Kind: templates.EmailField, Name: "email", Label: "E-mail address", Value: email, Autocomplete: "username", Required: true, Focus: email == ""},
			{Kind: templates.PasswordField, Name: "password", Label: "Password", Autocomplete: "current-password", Required: true, Focus: email != ""},
		}}}
	if s.MailBase != "" {
		p.Links = []templates.Link{{Text: "Forgotten password?", URL: "/forgotten"}}
	}
	return p
}

func (s *Server) askSignIn(c echo.Context) error {
	user, err := s.signedInUser(c)
	if err != nil {
		return err
	}
	if user.ID != "" {
		return see(c, nextOf(c.QueryParam("next")))
	}
	if s.sessions == nil {
		return page(c, http.StatusOK, s.signInPage("", c.QueryParam("next")))
	}
	chosen := s.sessions.PopString(c.Request().Context(), sessionChosen)
	p := s.signInPage(chosen, c.QueryParam("next"))
	if chosen != "" {
		p.Notice = "Your password is set. Sign in."
		// Being told twice does no harm.
		_ = s.keepSession(c)
	}
	return page(c, http.StatusOK, p)
}

// nextOf is where to go after the sign-in: only to a page of this site.
func nextOf(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/studies"
	}
	return next
}

// signIn checks address and password. What is wrong is said in one sentence for
// both, in the same time, so that nobody learns who has an account.
func (s *Server) signIn(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	typed := strings.ToLower(one(form, "email"))
	try, err := s.beginAttempt(c, typed)
	if err != nil {
		return err
	}
	user, hash, err := s.Store.Credentials(ctx, typed)
	if err != nil && survey.KindOf(err) != survey.NotFound {
		return err
	}
	right, err := s.passwordIs(ctx, last(form["password"]), hash)
	if err != nil {
		return err
	}
	if !right || !user.DisabledAt.IsZero() {
		if err := s.attemptFailed(c, try); err != nil {
			return err
		}
		p := s.signInPage(typed, c.QueryParam("next"))
		p.Form.Error = "Address and password do not fit together."
		return showForm(c, p)
	}
	if user.SecondFactor {
		// The account's failures stay until there was a code, or whoever knows the
		// password could try one code after the other.
		err = s.Store.ReturnAttempt(ctx, try.address.key)
	} else {
		err = s.attemptRight(c, try)
	}
	if err != nil {
		return err
	}
	return s.welcome(c, user, half{User: user.ID, Mark: passwordMark(hash), How: "password", Next: nextOf(c.QueryParam("next"))})
}

// last is a value as it was typed, blanks included.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// passwordIs compares, a few at a time.
func (s *Server) passwordIs(ctx context.Context, password, hash string) (bool, error) {
	if len(password) > 4*auth.LongestPassword {
		return false, nil
	}
	if err := s.hashing(ctx); err != nil {
		return false, err
	}
	defer func() { <-s.passwords }()
	return auth.PasswordIs(password, hash), nil
}

// hashPassword hashes, a few at a time.
func (s *Server) hashPassword(ctx context.Context, password string) (string, error) {
	if err := s.hashing(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.passwords }()
	return auth.HashPassword(password)
}

// hashing waits for a place.
func (s *Server) hashing(ctx context.Context) error {
	select {
	case s.passwords <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// signOut ends the session of this browser.
func (s *Server) signOut(c echo.Context) error {
	user, err := s.signedInUser(c)
	if err != nil {
		return err
	}
	if user.ID != "" {
		deed := store.Deed{Action: "session.end", Object: "user " + user.Email}
		if err := s.Store.Record(c.Request().Context(), staff{user: user}.actor(c), deed); err != nil {
			return err
		}
	}
	if err := s.endSession(c); err != nil {
		return err
	}
	return see(c, "/sign-in")
}
