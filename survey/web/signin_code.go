package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// halfLife is how long a right password waits for its code.
const halfLife = 5 * time.Minute

// half is a sign-in that waits for a code. Nothing but the page of the code knows it:
// to every other page nobody is signed in.
type half struct {
	User  survey.UserID
	Mark  []byte // of the password, so that a new one ends it
	How   string // what proved who it is so far
	Next  string // where to go afterwards
	Until time.Time
}

// passwordMark tells whether a password was changed, and nothing else.
func passwordMark(hash string) []byte {
	mark := auth.Digest([]byte("mark"), []byte(hash))
	return mark[:]
}

// welcome signs the user in, or asks for a code first.
func (s *Server) welcome(c echo.Context, user survey.User, h half) error {
	if !user.SecondFactor {
		if err := s.beginSession(c, user, h.How); err != nil {
			return err
		}
		return see(c, h.Next)
	}
	ctx, err := s.session(c)
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	h.Until = s.Now().Add(halfLife)
	s.sessions.Remove(ctx, sessionUser)
	s.remember(ctx, sessionHalf, h)
	if err := s.keepSession(c); err != nil {
		return err
	}
	return see(c, "/sign-in/code")
}

// halfOf is the sign-in of this browser that waits for a code, with its account; a
// zero user where there is none, its time is over or the account has changed.
func (s *Server) halfOf(c echo.Context) (half, survey.User, error) {
	ctx, err := s.session(c)
	if err != nil {
		return half{}, survey.User{}, err
	}
	h := recall[half](ctx, s, sessionHalf)
	if h.User == "" || !s.Now().Before(h.Until) {
		return half{}, survey.User{}, nil
	}
	user, err := s.Store.UserByID(ctx, h.User)
	if err == nil {
		var hash string
		user, hash, err = s.Store.Credentials(ctx, user.Email)
		if err == nil && auth.Equal(string(passwordMark(hash)), string(h.Mark)) && user.DisabledAt.IsZero() {
			return h, user, nil
		}
	}
	if survey.KindOf(err) == survey.NotFound {
		err = nil
	}
	return half{}, survey.User{}, err
}

const (
	byRecovery = "recovery"
	codeField  = "code"
)

// codeOf is the field for a code: of the authenticator, or one that replaces it.
func codeOf(recovery bool) templates.Field {
	if recovery {
		return templates.Field{Kind: templates.TextField, Name: codeField, Label: "Recovery code", Autocomplete: "off", Required: true, Focus: true,
			Hint: "One of the ten that were shown when the authenticator was set up, such as abcd-efgh-ijkl-mnop. Each counts once."}
	}
	return templates.Field{Kind: templates.NumberField, Name: codeField, Label: "Code", Autocomplete: "one-time-code", Required: true, Focus: true,
		Hint: "Six digits, as your authenticator shows them now."}
}

func signInCodePage(recovery bool) templates.FormPage {
	p := templates.FormPage{Base: templates.Base{Title: "Code", SkipNote: true, Styles: []string{"staff.css"}, Scripts: []string{"zone.js", "once.js"}}, Heading: "One more step: a code",
		Lead:  "Your password is right. This account asks for a code as well.",
		Form:  templates.Form{Submit: "Sign in", Tell: true, Fields: []templates.Field{codeOf(recovery)}, Cancel: &templates.Link{Text: "Start again", URL: "/sign-in"}},
		Links: []templates.Link{{Text: "The phone is not at hand: use a recovery code", URL: "/sign-in/code?" + byRecovery + "=1"}},
		Notes: []string{"Phone and recovery codes are both lost? The administrator of this installation can turn codes off for your account."}}
	if recovery {
		p.Form.Hidden = []templates.Hidden{{Name: byRecovery, Value: "1"}}
		p.Links[0] = templates.Link{Text: "Use a code of the authenticator", URL: "/sign-in/code"}
	}
	return p
}

func (s *Server) askCode(c echo.Context) error {
	_, user, err := s.halfOf(c)
	if err != nil {
		return err
	}
	if user.ID == "" {
		return see(c, "/sign-in")
	}
	return page(c, http.StatusOK, signInCodePage(c.QueryParam(byRecovery) != ""))
}

// signInWithCode is the second step.
func (s *Server) signInWithCode(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	h, user, err := s.halfOf(c)
	if err != nil {
		return err
	}
	if user.ID == "" {
		return see(c, "/sign-in")
	}
	recovery := one(form, byRecovery) != ""
	p := signInCodePage(recovery)
	problem, err := s.useCode(c, user, typedCode{text: one(form, codeField), recovery: recovery})
	if err != nil {
		return err
	}
	if p.Form.Fields[0].Problem = problem; problem != "" {
		return showForm(c, p)
	}
	ctx := c.Request().Context()
	s.sessions.Remove(ctx, sessionHalf)
	if err := s.beginSession(c, user, h.How+" and "+map[bool]string{false: "code", true: "recovery code"}[recovery]); err != nil {
		return err
	}
	if !recovery {
		return see(c, h.Next)
	}
	f, err := s.Store.SecondFactorOf(ctx, user.ID)
	if err != nil {
		return err
	}
	return s.seeNotice(c, h.Next, "That recovery code is used up. "+strconv.Itoa(len(f.Recovery))+" are left; you get new ones under your account.")
}

// typedCode is what somebody proves with that the authenticator is theirs.
type typedCode struct {
	text     string
	recovery bool
}

// useCode takes a code of the account, and says what is wrong with it. An attempt
// counts before it is made.
func (s *Server) useCode(c echo.Context, user survey.User, typed typedCode) (problem string, err error) {
	try, err := s.beginAttempt(c, user.Email)
	if err != nil {
		return "", err
	}
	err = s.takeCode(c.Request().Context(), staff{user: user}.actor(c), user, typed)
	switch survey.KindOf(err) {
	case survey.Invalid, survey.NotFound, survey.Conflict:
		return sentence(err.Error()), s.attemptFailed(c, try)
	}
	if err != nil {
		return "", err
	}
	return "", s.attemptRight(c, try)
}

func (s *Server) takeCode(ctx context.Context, by survey.Actor, user survey.User, typed typedCode) error {
	if typed.recovery {
		hash, ok := auth.HashRecovery(user.ID, typed.text)
		if !ok {
			return survey.Errorf(survey.Invalid, "a recovery code has four groups of four letters or digits")
		}
		return s.Store.UseRecoveryCode(ctx, by, user.ID, hash)
	}
	f, err := s.Store.SecondFactorOf(ctx, user.ID)
	if err != nil {
		return err
	}
	step, ok := auth.FactorStep(f.Secret, typed.text, s.Now())
	if !ok {
		return survey.Errorf(survey.Invalid, "this is not the present code: wait for the next one, and see that the clock of the phone is right")
	}
	return s.Store.UseFactorStep(ctx, user.ID, step)
}
