package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// SignInService is a provider of identities (OpenID Connect) at which people sign
// in besides by password.
type SignInService struct {
	Provider *auth.Provider
	Name     string   // on the button
	Domains  []string // whose verified addresses get an account of their own accord
}

// makes says whether somebody with the address gets an account.
func (o *SignInService) makes(email string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(email), "@")
	return slices.Contains(o.Domains, domain)
}

// handshakeLife is how long somebody may take at the provider.
const handshakeLife = 10 * time.Minute

// handshake is a sign-in that goes on at the provider.
type handshake struct {
	auth.Handshake
	Next  string
	Zone  string // of the browser; empty where it runs no scripts
	Until time.Time
}

// serviceButton leads to the provider, where there is one.
func (s *Server) serviceButton(next string) []templates.Link {
	if s.SignIn == nil {
		return nil
	}
	address := "/sign-in/service"
	if next != "" {
		address += "?next=" + url.QueryEscape(next)
	}
	return []templates.Link{{Text: "Sign in with " + s.SignIn.Name, URL: address, Current: true}}
}

// noService answers where no provider was set up.
var noService = survey.Errorf(survey.NotFound, "this installation has no sign-in service: sign in with a password")

// toService sends the browser to the provider.
func (s *Server) toService(c echo.Context) error {
	if s.SignIn == nil {
		return noService
	}
	ctx, err := s.session(c)
	if err != nil {
		return err
	}
	next := nextOf(c.QueryParam("next"))
	shaken, address, err := s.SignIn.Provider.Begin(ctx, s.address(c)+"/sign-in/service/back")
	if err != nil {
		return s.serviceFailed(c, err)
	}
	s.remember(ctx, sessionService, handshake{Handshake: shaken, Next: next, Zone: c.QueryParam("zone"), Until: s.Now().Add(handshakeLife)})
	if err := s.keepSession(c); err != nil {
		return err
	}
	return see(c, address)
}

// fromService takes up the sign-in where the provider has sent the browser back.
func (s *Server) fromService(c echo.Context) error {
	if s.SignIn == nil {
		return noService
	}
	ctx, err := s.session(c)
	if err != nil {
		return err
	}
	shaken := recall[handshake](ctx, s, sessionService)
	s.sessions.Remove(ctx, sessionService) // whatever follows, it counts once
	if err := s.keepSession(c); err != nil {
		return err
	}
	user, err := s.servicePerson(c, shaken)
	if err != nil {
		return s.serviceFailed(c, err)
	}
	_, hash, err := s.Store.Credentials(ctx, user.Email)
	if err != nil {
		return err
	}
	return s.welcome(c, user, half{User: user.ID, Mark: passwordMark(hash), How: s.SignIn.Name, Next: shaken.Next})
}

// servicePerson checks that the answer belongs to the sign-in which this browser has
// begun, and finds the account.
func (s *Server) servicePerson(c echo.Context, shaken handshake) (survey.User, error) {
	switch {
	case shaken.State == "" || !s.Now().Before(shaken.Until) || !auth.Equal(shaken.State, c.QueryParam("state")):
		return survey.User{}, survey.Errorf(survey.Forbidden, "this sign-in was not begun on this browser, was used already or took longer than ten minutes: begin again")
	case c.QueryParam("error") == "access_denied":
		return survey.User{}, survey.Errorf(survey.Forbidden, "you have stopped the sign-in at %s, or may not use it for this site", s.SignIn.Name)
	case c.QueryParam("code") == "":
		return survey.User{}, survey.Errorf(survey.Forbidden, "%s has sent you back without a confirmation: begin again, and tell the administrator of this installation if it happens again", s.SignIn.Name)
	}
	ctx := c.Request().Context()
	id, err := s.SignIn.Provider.Finish(ctx, shaken.Handshake, c.QueryParam("code"))
	if err != nil {
		return survey.User{}, err
	}
	by := survey.Actor{Name: s.SignIn.Name, Origin: c.RealIP()}
	user, err := s.Store.SignInIdentity(ctx, by, id, id.Verified && s.SignIn.makes(id.Email))
	if err != nil {
		return user, err
	}
	return user, s.learnZone(c, user, id.Zone, shaken.Zone)
}

// serviceFailed says on the page of the sign-in what was wrong: a password may still do.
func (s *Server) serviceFailed(c echo.Context, err error) error {
	switch survey.KindOf(err) {
	case survey.Forbidden, survey.Unavailable:
	default:
		return err
	}
	f := describe(err)
	s.logFailure(c, f, err)
	p := s.signInPage("", "")
	p.Form.Error = f.message
	return page(c, f.status, p)
}
