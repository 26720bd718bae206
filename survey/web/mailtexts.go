package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

func (s *Server) mailTextPath(c echo.Context, text survey.MailText, part string) string {
	who := staffOf(c)
	return wavePath(who.study, who.wave, "/mail-texts/"+string(text.Kind)+"/"+text.Language+part)
}

// textsSection lists the texts of a wave by language.
func (s *Server) textsSection(c echo.Context) (templates.ListSection, error) {
	list := templates.List{ID: "texts", Caption: "Texts by language", Head: []templates.ListHead{{Text: "Text"}, {Text: "Language"}, {Text: "Subject"}, {Text: "Whose"}}}
	for _, kind := range mailKinds {
		texts, err := s.Store.MailTexts(c.Request().Context(), staffOf(c).wave.ID, kind.kind)
		if err != nil {
			return templates.ListSection{}, err
		}
		for _, text := range texts {
			whose := "comes with salesbench"
			if text.Own {
				whose = "own"
			}
			list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: kind.name, URL: s.mailTextPath(c, text.MailText, "")}, {Text: templates.MailLanguageName(text.Language)}, {Text: text.Subject, Lang: text.Language}, {Text: whose}}})
		}
	}
	return templates.ListSection{Heading: "Texts", Words: "Everybody gets the text in the language of the roster, else in English. What runs already keeps the texts with which it began.", List: list}, nil
}

// mailTextOf finds the text that the address names.
func (s *Server) mailTextOf(c echo.Context) (store.WaveMailText, error) {
	kind := survey.MailKind(c.Param("kind"))
	if kind != survey.InvitationMail && kind != survey.ReminderMail {
		return store.WaveMailText{}, survey.Errorf(survey.NotFound, "there is no mail of this kind")
	}
	texts, err := s.Store.MailTexts(c.Request().Context(), staffOf(c).wave.ID, kind)
	if err != nil {
		return store.WaveMailText{}, err
	}
	for _, text := range texts {
		if text.Language == c.Param("language") {
			return text, nil
		}
	}
	return store.WaveMailText{}, survey.Errorf(survey.NotFound, "there is no mail in this language")
}

func (s *Server) mailTextForm(c echo.Context, text store.WaveMailText) templates.Form {
	direction := templates.MailDirection(text.Language)
	return templates.Form{Submit: "Keep this text", Look: "Preview", Cancel: &templates.Link{Text: "Back to the mailings", URL: s.mailingsPath(c, "")}, Fields: []templates.Field{
		{Kind: templates.TextField, Name: "subject", Label: "Subject", Value: text.Subject, Required: true, Language: text.Language, Direction: direction},
		{Kind: templates.AreaField, Name: "body", Label: "Text", Value: text.Body, Rows: 16, Required: true, Language: text.Language, Direction: direction,
			Hint: "{link}, the personal link, and {optout}, the link to end mail, must stand in it. {greeting} greets by name where one is known; {name}, {study}, {organization} and {closes} may stand in it, too. A line is left out where its value is empty."},
	}}
}

func (s *Server) askMailText(c echo.Context) error {
	text, err := s.mailTextOf(c)
	if err != nil {
		return err
	}
	form := s.mailTextForm(c, text)
	watch(&form)
	return s.showMailText(c, text, form, nil)
}

// showMailText shows the form of a text and, where somebody asked for it, the mail
// that would come of it.
func (s *Server) showMailText(c echo.Context, text store.WaveMailText, form templates.Form, letter *templates.Letter) error {
	status := http.StatusOK
	if wrong(form) {
		status = http.StatusUnprocessableEntity
	}
	name := mailKindName(text.Kind) + " in " + templates.MailLanguageName(text.Language)
	p := templates.ListPage{Base: s.staffBase(c, name, s.mailingsCrumb(c), templates.Link{Text: name, URL: s.mailTextPath(c, text.MailText, "")}), Heading: name,
		Lists: []templates.ListSection{{Form: &form}}}
	if letter != nil {
		p.Lists = []templates.ListSection{{Heading: "As it would arrive", Words: "This is not kept yet.", Letter: letter}, {Heading: "Text", Form: &form}}
	}
	if text.Own {
		drop := templates.Form{Submit: "Go back to the text that comes with salesbench", Danger: true, Hidden: []templates.Hidden{{Name: "drop", Value: "yes"}}}
		p.Lists = append(p.Lists, templates.ListSection{Form: &drop})
	}
	return page(c, status, p)
}

func (s *Server) putMailText(c echo.Context) error {
	form, err := readLongForm(c)
	if err != nil {
		return err
	}
	text, err := s.mailTextOf(c)
	if err != nil {
		return err
	}
	ctx := s.auditWave(c, "mailing.text")
	if has(form, "drop", "yes") {
		if err := s.Store.DropMailText(ctx, staffOf(c).wave.ID, text.Kind, text.Language); err != nil {
			return err
		}
		return s.seeNotice(c, s.mailTextPath(c, text.MailText, ""), "The text that comes with salesbench is used again.")
	}
	now := s.mailTextForm(c, text)
	merge(form, &now)
	text.Subject, text.Body = one(form, "subject"), last(form["body"])
	answer := s.mailTextForm(c, text)
	answer.Was = now.Was
	for i := range answer.Fields {
		answer.Fields[i].Problem = now.Fields[i].Problem
	}
	if has(form, "go", "look") {
		return s.lookAtMailText(c, text, answer)
	}
	if !wrong(answer) {
		if err := fieldProblem(&answer, "body", s.Store.PutMailText(ctx, staffOf(c).wave.ID, text.MailText)); err != nil {
			return err
		}
	}
	if wrong(answer) {
		return s.showMailText(c, text, answer, nil)
	}
	return s.seeNotice(c, s.mailTextPath(c, text.MailText, ""), "The text is kept.")
}

// lookAtMailText shows what would come of a text that is typed and not kept.
func (s *Server) lookAtMailText(c echo.Context, text store.WaveMailText, form templates.Form) error {
	if wrong := survey.CheckMailText(text.MailText); len(wrong) > 0 {
		_ = fieldProblem(&form, "body", survey.Errorf(survey.Invalid, "%s", strings.Join(wrong, "; ")))
		return s.showMailText(c, text, form, nil)
	}
	letter, err := s.letter(c, text.MailText)
	if err != nil {
		return err
	}
	return s.showMailText(c, text, form, &letter)
}

// letter is the mail with the names of the wave and of somebody who does not exist.
func (s *Server) letter(c echo.Context, text survey.MailText) (templates.Letter, error) {
	who := staffOf(c)
	preview, err := jobs.PreviewMail(text, who.study, who.wave, "Example Ltd")
	return templates.Letter{Language: preview.Language, Direction: preview.Direction, Subject: preview.Subject, Text: preview.Text}, err
}

// mailPreview shows the mail as a receiver would see it.
func (s *Server) mailPreview(c echo.Context) error {
	text, err := s.mailTextOf(c)
	if err != nil {
		return err
	}
	letter, err := s.letter(c, text.MailText)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, templates.MailPreview{Base: s.staffBase(c, "Preview", s.mailingsCrumb(c), templates.Link{Text: "Preview", URL: s.mailTextPath(c, text.MailText, "/preview")}),
		Heading: "The mail as it arrives", Letter: letter})
}
