package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// forgottenLife is how long a link counts that somebody has asked for by mail.
const forgottenLife = time.Hour

// Mails that may be asked for within an hour: to one address of mail, whether it has
// an account or not, and from one network address.
const (
	mailsToAccount   = 3
	mailsFromAddress = 20
)

// noMail is told where this installation sends none.
var noMail = survey.Errorf(survey.NotFound, "this installation sends no mail: ask its administrator for a link to choose a new password")

func forgottenPage() templates.FormPage {
	return templates.FormPage{Base: templates.Base{Title: "Forgotten password", SkipNote: true, Styles: []string{"staff.css"}}, Heading: "Forgotten password",
		Lead: "You get a mail with a link. With it you choose a new password, once, within an hour.",
		Form: templates.Form{Submit: "Send the mail", Cancel: &templates.Link{Text: "Back to the sign-in", URL: "/sign-in"}, Fields: []templates.Field{
			{Kind: templates.EmailField, Name: "email", Label: "E-mail address of your account", Autocomplete: "username", Required: true, Focus: true}}}}
}

func (s *Server) askForgotten(c echo.Context) error {
	if s.MailBase == "" {
		return noMail
	}
	return page(c, http.StatusOK, forgottenPage())
}

// ForgottenJob is the kind of job that mails a link to choose a password, where there
// is an account.
const ForgottenJob = "password.mail"

// askedMail is what such a job is about. It waits sealed: an address that was typed is
// that of a person, whether it has an account or not.
type askedMail struct {
	Email  string `json:"email"`
	Origin string `json:"origin"`
}

// forgotten answers the same whether the address has an account or not, before it is
// looked up, so that neither words nor time tell who has one. What was asked for is
// durable by then.
func (s *Server) forgotten(c echo.Context) error {
	if s.MailBase == "" {
		return noMail
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	email, err := survey.NormalEmail(one(form, "email"))
	p := forgottenPage()
	p.Form.Fields[0].Value = one(form, "email")
	if err := fieldProblem(&p.Form, "email", err); err != nil {
		return err
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	allowed, err := s.mayBeMailed(c, email)
	if err != nil {
		return err
	}
	if allowed {
		asked, err := json.Marshal(askedMail{email, c.RealIP()})
		if err == nil {
			err = s.Store.StartSealedJob(c.Request().Context(), store.NewJob{Kind: ForgottenJob, Key: auth.NewToken()}, asked)
		}
		if err != nil {
			return err
		}
	}
	return page(c, http.StatusOK, templates.ListPage{Base: templates.Base{Title: "Look into your mail", SkipNote: true, Styles: []string{"staff.css"}}, Heading: "Look into your mail",
		Lead:    "If there is an account for " + email + ", a mail with a link is on its way. It counts for an hour, and only the newest one counts.",
		Buttons: []templates.Link{{Text: "Back to the sign-in", URL: "/sign-in"}}})
}

// mayBeMailed counts what is asked for, of accounts and of other addresses alike.
func (s *Server) mayBeMailed(c echo.Context, email string) (bool, error) {
	ctx := c.Request().Context()
	after := func(free int) func(int) time.Duration {
		return func(asked int) time.Duration {
			if asked < free {
				return 0
			}
			return time.Hour
		}
	}
	from := auth.Digest([]byte("forgotten from"), []byte(clientOf(c).String()))
	if _, rest, err := s.Store.TakeAttempt(ctx, from, after(mailsFromAddress)); err != nil || rest > 0 {
		if err == nil {
			err = tooManyAttempts(rest)
		}
		return false, err
	}
	_, rest, err := s.Store.TakeAttempt(ctx, auth.Digest([]byte("forgotten"), []byte(email)), after(mailsToAccount))
	return rest == 0, err
}

// MailForgotten is the handler of ForgottenJob: it sends the mail, where there is an
// account that may sign in. What it says is the same either way.
func (s *Server) MailForgotten(ctx context.Context, w *jobs.Work) (string, error) {
	var asked askedMail
	plain, err := s.Store.SealedParameters(w.Job())
	if err == nil {
		err = json.Unmarshal(plain, &asked)
	}
	if err != nil {
		return "", err
	}
	return "looked for the account", s.mailForgotten(ctx, survey.Actor{Name: "nobody signed in", Origin: asked.Origin}, asked.Email)
}

func (s *Server) mailForgotten(ctx context.Context, by survey.Actor, email string) error {
	user, err := s.Store.UserByEmail(ctx, email)
	if survey.KindOf(err) == survey.NotFound {
		return nil
	}
	if err != nil || !user.DisabledAt.IsZero() {
		return err
	}
	return s.mailTicket(ctx, by, user, store.Ticket{Purpose: store.NewPassword, UserID: user.ID, ExpiresAt: s.Now().Add(forgottenLife)})
}

// mailTicket makes a link to choose a password and puts the mail that carries it into
// the outbox. The link begins with the address that was set up, never with one that a
// request has named.
func (s *Server) mailTicket(ctx context.Context, by survey.Actor, user survey.User, ticket store.Ticket) error {
	token := auth.NewToken()
	link := strings.TrimRight(s.MailBase, "/") + "/password/" + token
	text := templates.MailText(survey.PasswordMail, "en")
	if ticket.Purpose == store.Welcome {
		text.Subject, text.Body = "Your account", welcomeMail
	}
	m := store.SingleMail{Kind: survey.PasswordMail, Email: user.Email, Name: user.Name, Language: text.Language}
	m.Subject, m.Body = text.Fill(survey.MailValues{Link: link, Name: user.Name, Greeting: templates.MailGreeting(text.Language, user.Name)})
	return s.Store.MailTicket(ctx, by, ticket, auth.HashToken(token), m)
}

// welcomeMail is the text for somebody who was given an account.
const welcomeMail = `Hello {name},

you were given an account for a study. Choose a password for it here:
{link}

The link works once and for three days. Whoever gave you the account can send another.
`
