package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// eraseRoutes are the pages on which a person is erased and periods are set.
func (s *Server) eraseRoutes() []route {
	const wave = "/studies/:study/waves/:wave"
	return []route{
		{http.MethodGet, wave + "/erase", linkOwner, s.askErase},
		{http.MethodPost, wave + "/erase", linkOwner, s.erase},
		{http.MethodGet, "/studies/:study/retention", linkOwner, s.askRetention},
		{http.MethodPost, "/studies/:study/retention", linkOwner, s.setRetention},
	}
}

// The ways in which somebody who asks to be erased is found.
const (
	byReceipt   = "receipt"
	byReference = "reference"
	byEmail     = "email"
)

func (s *Server) erasePage(c echo.Context) templates.FormPage {
	who := staffOf(c)
	p := templates.FormPage{Base: s.staffBase(c, "Erase a person", templates.Link{Text: "Erase a person", URL: wavePath(who.study, who.wave, "/erase")}), Eyebrow: who.wave.Title,
		Heading: "Erase a person for good",
		Lead:    "Answers, draft, invitation, contact data and mail are removed from the database at once, and from figures within seconds. It can not be taken back; backups from before still hold the person, and so does your own list of people: who is put on the roster again is invited again.",
		Form: templates.Form{Submit: "Erase this person for good", Danger: true, Cancel: &templates.Link{Text: "Cancel", URL: wavePath(who.study, who.wave, "")}, Fields: []templates.Field{
			{Kind: templates.RadioField, Name: "by", Label: "Found by", Required: true, Options: []templates.Choice{
				{Value: byReceipt, Label: "Receipt code, such as 7KQM-2XWD-9RTC", Checked: true}, {Value: byReference, Label: "Reference of the roster"}, {Value: byEmail, Label: "E-mail address"}}},
			{Kind: templates.TextField, Name: "value", Label: "Code, reference or address", Required: true, Autocomplete: "off"},
			{Kind: templates.CheckField, Name: "sure", Label: "I have made sure that this is the person who asked", Value: "yes"}}}}
	if who.wave.Mode == survey.Anonymous {
		p.Notes = []string{"This wave is anonymous: a reference or an address leads to the invitation only, a receipt to the answers only."}
	}
	return p
}

func (s *Server) askErase(c echo.Context) error { return showForm(c, s.erasePage(c)) }

// erase removes whoever is found, and says what was removed.
func (s *Server) erase(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	p := s.erasePage(c)
	showTypedForm(form, &p.Form)
	if !has(form, "sure", "yes") {
		p.Form.Fields[2].Problem = "Please make sure first: nothing was erased."
	}
	value := one(form, "value")
	if value == "" {
		p.Form.Fields[1].Problem = "Please fill this in."
	}
	var erased store.Erased
	if !wrong(p.Form) {
		began := s.Now()
		erased, err = s.eraseFound(c, one(form, "by"), value)
		if err := fieldProblem(&p.Form, "value", err); err != nil {
			return err
		}
		if erased.MailFiles, err = jobs.ClearFolder(c.Request().Context(), s.Store, s.Outbox, began); err != nil {
			return err
		}
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	who := staffOf(c)
	return s.seeNotice(c, wavePath(who.study, who.wave, ""), erasedWords(erased))
}

// eraseFound erases by receipt, or each invitation of the person in this wave.
func (s *Server) eraseFound(c echo.Context, by, value string) (store.Erased, error) {
	who, ctx := staffOf(c), c.Request().Context()
	var invitations []survey.InvitationID
	switch by {
	case byReceipt:
		return s.Store.EraseByReceipt(ctx, who.actor(c), who.wave.ID, value)
	case byReference:
		found, err := s.Store.InvitationsOf(ctx, who.wave.ID, "", value)
		if err != nil {
			return store.Erased{}, err
		}
		for _, i := range found {
			invitations = append(invitations, i.ID)
		}
	case byEmail:
		found, err := s.Store.PersonsByEmail(ctx, value)
		if err != nil {
			return store.Erased{}, err
		}
		for _, person := range found {
			if person.WaveID == who.wave.ID {
				invitations = append(invitations, person.InvitationID)
			}
		}
	}
	if len(invitations) == 0 {
		return store.Erased{}, survey.Errorf(survey.NotFound, "nobody in this wave is known by it: nothing was erased")
	}
	var all store.Erased
	for _, invitation := range invitations {
		erased, err := s.Store.EraseByInvitation(ctx, who.actor(c), who.wave.ID, invitation)
		if err != nil {
			return all, err
		}
		all.Add(erased)
	}
	return all, nil
}

// erasedWords say what was removed.
func erasedWords(e store.Erased) string {
	var parts []string
	for _, part := range []struct {
		n         int
		one, many string
	}{{e.Responses, "response", "responses"}, {e.Drafts, "draft", "drafts"}, {e.Contacts, "set of contact data", "sets of contact data"}, {e.Links, "invitation", "invitations"}, {e.Mail, "waiting mail", "waiting mails"},
		{e.MailFiles, "file of mail", "files of mail"}} {
		if part.n > 0 {
			parts = append(parts, counted(part.n, part.one, part.many))
		}
	}
	words := "Erased: " + strings.Join(parts, ", ") + "."
	if gone := e.Sent - e.MailFiles; gone > 0 {
		words += " " + counted(gone, "mail", "mails") + " had left before: what a mail server has taken can not be called back; another machine that wrote mail to files removes them within a minute."
	}
	if e.AnswersStay {
		words += " Nothing leads from the invitation to answers in an anonymous wave: they stay, unless they are erased by their receipt."
	}
	return words
}

func retentionFields(r survey.Retention) []templates.Field {
	days := func(name, label, hint string, n int) templates.Field {
		return templates.Field{Kind: templates.NumberField, Name: name, Label: label, Hint: hint, Unit: "days after the close of a wave", Value: strconv.Itoa(n), Required: true}
	}
	return []templates.Field{
		days("identity", "Names, addresses, references and links", "Afterwards nothing leads from a person to a response. 0: kept.", r.IdentityDays),
		days("drafts", "Answers that were never sent", "0: kept.", r.DraftDays),
		days("responses", "Responses", "0: kept, as most studies want it.", r.ResponseDays),
	}
}

func (s *Server) retentionPage(c echo.Context) (templates.FormPage, error) {
	who := staffOf(c)
	r, err := s.Store.Retention(c.Request().Context(), who.study.ID)
	p := templates.FormPage{Base: s.staffBase(c, "How long data are kept", templates.Link{Text: "How long data are kept", URL: studyPath(who.study, "/retention")}), Heading: "How long data are kept",
		Lead: "What has been kept for long enough is really deleted, by the service itself.",
		Form: templates.Form{Submit: "Save", Fields: retentionFields(r), Cancel: &templates.Link{Text: "Cancel", URL: studyPath(who.study, "")}}}
	watch(&p.Form)
	return p, err
}

func (s *Server) askRetention(c echo.Context) error {
	p, err := s.retentionPage(c)
	if err != nil {
		return err
	}
	return showForm(c, p)
}

func (s *Server) setRetention(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	p, err := s.retentionPage(c)
	if err != nil {
		return err
	}
	merge(form, &p.Form)
	showTypedForm(form, &p.Form)
	var r survey.Retention
	for name, days := range map[string]*int{"identity": &r.IdentityDays, "drafts": &r.DraftDays, "responses": &r.ResponseDays} {
		*days, err = typedCount(form, name, 0, 36_500)
		_ = fieldProblem(&p.Form, name, err)
	}
	who := staffOf(c)
	if !wrong(p.Form) {
		if err := fieldProblem(&p.Form, "", s.Store.SetRetention(c.Request().Context(), who.actor(c), who.study.ID, r)); err != nil {
			return err
		}
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	return s.seeNotice(c, studyPath(who.study, ""), "The periods are kept.")
}
