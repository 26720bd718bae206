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

// factorLife is how long an authenticator may take to be set up.
const factorLife = 30 * time.Minute

// newFactor is an authenticator that is being set up on this browser. The secret waits
// as it will be kept: a dump of the sessions must not have it either.
type newFactor struct {
	Sealed string
	Until  time.Time
}

// pendingSecret is the secret that this browser was shown; empty: none, or its time is over.
func (s *Server) pendingSecret(c echo.Context) string {
	f := recall[newFactor](c.Request().Context(), s, sessionFactor)
	if f.Sealed == "" || !s.Now().Before(f.Until) {
		return ""
	}
	secret, err := s.Store.OpenFactor(staffOf(c).user.ID, f.Sealed)
	if err != nil {
		return "" // of another key: another secret is shown
	}
	return secret
}

var codesCrumbs = []templates.Link{{Text: "Your account", URL: "/account"}, {Text: "Codes", URL: "/account/codes"}}

func codesSection(u survey.User) templates.ListSection {
	section := templates.ListSection{Heading: "Codes at sign-in", Words: "A password can be guessed, read over a shoulder or lost with another site. " +
		"With a code from your phone as well it is of no use to anybody else.", Links: []templates.Link{{Text: "Set up codes", URL: "/account/codes"}}}
	if u.SecondFactor {
		section.Words = "After the password a code from your authenticator is asked for."
		section.Links[0].Text = "Recovery codes, and turning codes off"
	}
	return section
}

// askCodes shows how codes are set up or, where they are on, turned off.
func (s *Server) askCodes(c echo.Context) error {
	who := staffOf(c)
	if who.user.SecondFactor {
		p, err := s.codesOnPage(c)
		if err != nil {
			return err
		}
		return page(c, http.StatusOK, p)
	}
	secret, err := s.factorSecret(c)
	if err != nil {
		return err
	}
	p, err := s.setCodesPage(c, secret)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, p)
}

// factorSecret is the secret that this browser was shown, or a new one.
func (s *Server) factorSecret(c echo.Context) (string, error) {
	if secret := s.pendingSecret(c); secret != "" {
		return secret, nil
	}
	secret := auth.NewFactorSecret()
	sealed := s.Store.SealFactor(store.SecondFactor{UserID: staffOf(c).user.ID, Secret: secret})
	s.remember(c.Request().Context(), sessionFactor, newFactor{Sealed: sealed, Until: s.Now().Add(factorLife)})
	return secret, s.keepSession(c)
}

func (s *Server) setCodesPage(c echo.Context, secret string) (templates.FormPage, error) {
	who := staffOf(c)
	site := s.address(c)
	if u, err := url.Parse(site); err == nil {
		site = u.Hostname()
	}
	path, size, err := qrPath(auth.FactorAddress(secret, site, who.user.Email))
	if err != nil {
		return templates.FormPage{}, err
	}
	p := templates.FormPage{Base: s.staffBase(c, "Set up codes", codesCrumbs...), Heading: "Set up codes",
		Lead:  "Scan this with an authenticator on your phone, then type the code that it shows.",
		Code:  &templates.Code{Path: path, Size: size, Label: "QR code for an authenticator; the key below says the same"},
		Facts: []templates.Detail{{Name: "Key", Value: inFours(secret), Code: true, Small: "To type into an authenticator that can not scan."}},
		Form:  templates.Form{Action: "/account/codes", Submit: "Turn codes on", User: who.user.Email, Fields: proofFields(who.user), Cancel: &codesCrumbs[0]}}
	return p, nil
}

// proofFields ask for what an open screen does not give away. Whoever signs in
// elsewhere has no password here.
func proofFields(u survey.User) []templates.Field {
	code := codeOf(false)
	code.Focus = false
	if !u.HasPassword {
		return []templates.Field{code}
	}
	return []templates.Field{code, {Kind: templates.PasswordField, Name: "password", Label: "Your password", Autocomplete: "current-password", Required: true}}
}

// inFours writes a secret in groups that people can copy.
func inFours(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// turnCodesOn checks that the authenticator has the secret, and shows the recovery codes.
func (s *Server) turnCodesOn(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	who, ctx := staffOf(c), c.Request().Context()
	secret := s.pendingSecret(c)
	if who.user.SecondFactor || secret == "" {
		return see(c, "/account/codes")
	}
	p, err := s.setCodesPage(c, secret)
	if err != nil {
		return err
	}
	step, ok := auth.FactorStep(secret, one(form, codeField), s.Now())
	if !ok {
		p.Form.Fields[0].Problem = "This is not the present code: wait for the next one, and see that the clock of the phone is right."
	} else if who.user.HasPassword {
		if p.Form.Fields[1].Problem, err = s.ownPassword(c, last(form["password"])); err != nil {
			return err
		}
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	codes, hashes := newRecovery(who.user.ID)
	if err := s.Store.SetSecondFactor(ctx, who.actor(c), store.SecondFactor{UserID: who.user.ID, Secret: secret, Step: step, Recovery: hashes}, s.sessionHash(c)); err != nil {
		return err
	}
	s.sessions.Remove(ctx, sessionFactor)
	if err := s.keepSession(c); err != nil {
		return err
	}
	return page(c, http.StatusOK, s.recoveryPage(c, "Codes are on", codes))
}

func newRecovery(user survey.UserID) (codes []string, hashes []auth.Hash) {
	codes = auth.NewRecoveryCodes()
	for _, code := range codes {
		hash, _ := auth.HashRecovery(user, code) // it was made a moment ago
		hashes = append(hashes, hash)
	}
	return codes, hashes
}

// recoveryPage shows the recovery codes, once.
func (s *Server) recoveryPage(c echo.Context, heading string, codes []string) templates.ListPage {
	list := templates.List{ID: "recovery", Caption: "Recovery codes", Head: []templates.ListHead{{Text: "Code"}}}
	for _, code := range codes {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: code, Code: true}}})
	}
	return templates.ListPage{Base: s.staffBase(c, "Recovery codes", codesCrumbs...), Heading: heading,
		Lead:    "Print these or write them down, and keep them apart from your phone. Each lets you sign in once when the phone is not at hand. They are shown only now.",
		Lists:   []templates.ListSection{{List: list}},
		Buttons: []templates.Link{{Text: "I have kept them: back to the account", URL: "/account", Current: true}}}
}

// codesOnPage is the page of somebody of whom codes are asked.
func (s *Server) codesOnPage(c echo.Context) (templates.ListPage, error) {
	who := staffOf(c)
	f, err := s.Store.SecondFactorOf(c.Request().Context(), who.user.ID)
	if err != nil {
		return templates.ListPage{}, err
	}
	renew, off := renewForm(), codesOffForm(who.user)
	return templates.ListPage{Base: s.staffBase(c, "Codes", codesCrumbs...), Heading: "Codes at sign-in",
		Lead: "After the password a code from your authenticator is asked for.",
		Lists: []templates.ListSection{
			{Heading: "Recovery codes", Words: counted(len(f.Recovery), "code is left.", "codes are left.") + " New ones replace them.", Form: &renew},
			{Heading: "Turn codes off", Words: "Then the password alone is enough again. Do this before you change to another phone, and set up codes anew there.", Form: &off},
		}}, nil
}

func renewForm() templates.Form {
	code := codeOf(false)
	code.Focus = false
	return templates.Form{Action: "/account/codes/recovery", Submit: "Make new recovery codes", Fields: []templates.Field{code}}
}

func codesOffForm(u survey.User) templates.Form {
	f := templates.Form{Action: "/account/codes/off", Submit: "Turn codes off", User: u.Email, Danger: true, Fields: proofFields(u)}
	f.Fields[0] = templates.Field{Kind: templates.TextField, Name: codeField + "-off", Label: "Code of the authenticator, or a recovery code", Autocomplete: "one-time-code", Required: true}
	return f
}

// showCodes shows the page of codes again with what is wrong in one of its forms.
func (s *Server) showCodes(c echo.Context, section int, form templates.Form) error {
	p, err := s.codesOnPage(c)
	if err != nil {
		return err
	}
	p.Lists[section].Form = &form
	return page(c, http.StatusUnprocessableEntity, p)
}

// renewRecovery replaces the recovery codes.
func (s *Server) renewRecovery(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	if !who.user.SecondFactor {
		return see(c, "/account/codes")
	}
	answer := renewForm()
	if answer.Fields[0].Problem, err = s.useCode(c, who.user, typedCode{text: one(form, codeField)}); err != nil {
		return err
	}
	if wrong(answer) {
		return s.showCodes(c, 0, answer)
	}
	codes, hashes := newRecovery(who.user.ID)
	if err := s.Store.NewRecoveryCodes(c.Request().Context(), who.actor(c), store.SecondFactor{UserID: who.user.ID, Recovery: hashes}); err != nil {
		return err
	}
	return page(c, http.StatusOK, s.recoveryPage(c, "New recovery codes", codes))
}

// turnCodesOff wants the password and a code: neither of them alone may weaken the account.
func (s *Server) turnCodesOff(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	if !who.user.SecondFactor {
		return see(c, "/account/codes")
	}
	answer := codesOffForm(who.user)
	if who.user.HasPassword { // first, so that a wrong one costs no code
		if answer.Fields[1].Problem, err = s.ownPassword(c, last(form["password"])); err != nil {
			return err
		}
	}
	if !wrong(answer) {
		typed := one(form, codeField+"-off")
		_, recovery := auth.HashRecovery(who.user.ID, typed)
		if answer.Fields[0].Problem, err = s.useCode(c, who.user, typedCode{text: typed, recovery: recovery}); err != nil {
			return err
		}
	}
	if wrong(answer) {
		return s.showCodes(c, 1, answer)
	}
	if err := s.Store.RemoveSecondFactor(c.Request().Context(), who.actor(c), who.user.ID); err != nil {
		return err
	}
	return s.seeNotice(c, "/account", "Codes are off: the password alone is enough again.")
}
