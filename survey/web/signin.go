package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// Failed attempts that are free before each further one has to wait, twice as long
// as the one before. Behind one address a whole office may sign in.
const (
	freeAttemptsOfAccount = 5
	freeAttemptsOfAddress = 50
	longestWait           = 15 * time.Minute
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
		{http.MethodPost, "/sign-out", linkOwner, s.signOut},
		{http.MethodGet, "/password/:ticket", linkOwner, s.askPassword},
		{http.MethodPost, "/password/:ticket", linkOwner, s.choosePassword},
		{http.MethodGet, "/account", linkOwner, s.account},
		{http.MethodPost, "/account/password", linkOwner, s.changePassword},
		{http.MethodPost, "/account/sign-out", linkOwner, s.signOutEverywhere},
	}
}

func signInPage(email string) templates.FormPage {
	return templates.FormPage{Base: templates.Base{Title: "Sign in", SkipNote: true, Styles: []string{"staff.css"}}, Heading: "Sign in",
		Lead: "For people who run a study or read its results. Whoever was asked to answer needs no account.",
		Form: templates.Form{Submit: "Sign in", Fields: []templates.Field{
			{Kind: templates.EmailField, Name: "email", Label: "E-mail address", Value: email, Autocomplete: "username", Required: true},
			{Kind: templates.PasswordField, Name: "password", Label: "Password", Autocomplete: "current-password", Required: true},
		}}}
}

func (s *Server) askSignIn(c echo.Context) error {
	user, err := s.signedInUser(c)
	if err != nil {
		return err
	}
	if user.ID != "" {
		return see(c, nextOf(c.QueryParam("next")))
	}
	return page(c, http.StatusOK, signInPage(""))
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
	if err := s.mayTry(c, typed); err != nil {
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
		if err := s.Store.CountFailure(ctx, accountKey(typed), addressKey(c)); err != nil {
			return err
		}
		p := signInPage(typed)
		p.Form.Error = "Address and password do not fit together."
		return showForm(c, p)
	}
	if err := s.Store.ForgetFailures(ctx, accountKey(typed)); err != nil {
		return err
	}
	if err := s.beginSession(c, user); err != nil {
		return err
	}
	return see(c, nextOf(c.QueryParam("next")))
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

func accountKey(email string) auth.Hash { return auth.Digest([]byte("account"), []byte(email)) }

func addressKey(c echo.Context) auth.Hash {
	return auth.Digest([]byte("address"), []byte(clientOf(c).String()))
}

// mayTry refuses an attempt that comes too soon after too many that failed.
func (s *Server) mayTry(c echo.Context, email string) error {
	for _, limit := range []struct {
		key  auth.Hash
		free int
	}{{accountKey(email), freeAttemptsOfAccount}, {addressKey(c), freeAttemptsOfAddress}} {
		failed, err := s.Store.FailedAttempts(c.Request().Context(), limit.key)
		if err != nil {
			return err
		}
		if wait := failed.FailedAt.Add(penalty(failed.Failures - limit.free)).Sub(s.Now()); failed.Failures >= limit.free && wait > 0 {
			return tooManyAttempts(wait)
		}
	}
	return nil
}

// penalty grows with each failure: 2, 4, 8 seconds, up to a quarter of an hour.
func penalty(over int) time.Duration {
	if over < 0 {
		return 0
	}
	return min(longestWait, 2*time.Second<<min(over, 20))
}

func tooManyAttempts(wait time.Duration) error {
	return refused{failure{status: http.StatusTooManyRequests, kind: "too_many", heading: "Too many attempts",
		message: "Signing in failed too often for this account or from this address. Please wait " + seconds(wait) + " seconds.",
		advice:  []string{"Wait, then try again.", "If you have forgotten your password, ask the administrator of this installation for a new link."}, retryAfter: seconds(wait)}}
}

// signOut ends the session of this browser.
func (s *Server) signOut(c echo.Context) error {
	if err := s.endSession(c); err != nil {
		return err
	}
	return see(c, "/sign-in")
}
