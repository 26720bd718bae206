package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// languageQuery is the parameter of an address by which a page is asked for in a
// language. Whoever has begun has the language of the draft instead.
const languageQuery = "lang"

// varyLanguage is the Vary header of pages that follow the browser's language.
var varyLanguage = []string{"Accept-Encoding, Accept-Language"}

// languageAsked is the language of the address, else the one of those offered that
// the browser prefers.
func languageAsked(r *http.Request, offered []string) string {
	if r.URL.RawQuery != "" {
		if tag := r.URL.Query().Get(languageQuery); slices.Contains(offered, tag) {
			return tag
		}
	}
	return words.Best(r.Header.Get("Accept-Language"), offered)
}

// languageOf accepts a language of the instrument, else its first.
func languageOf(p place, asked string) string {
	if slices.Contains(p.instrument.Languages, asked) {
		return asked
	}
	return p.instrument.Languages[0]
}

// base is the frame of a respondent's page.
func (b *booklet) base(title string, how templates.Tongues) templates.Base {
	if len(b.in.Languages) > 1 {
		for _, tag := range b.in.Languages {
			how.Choices = append(how.Choices, templates.Tongue{Tag: tag, Name: b.catalogue.NameOf(tag), Current: tag == b.language})
		}
	}
	return templates.Base{Title: title, Language: b.language, Words: b.words, Tongues: how, Private: true}
}

// listener is the language in which whoever asked is told that something is wrong:
// that of the draft where it is at hand, else what the address or the browser asks
// for. Staff read English.
func (s *Server) listener(c echo.Context) *words.Language {
	if !forRespondents(c) {
		return s.Words.English()
	}
	if token := c.Param("token"); s.Intake != nil && (strings.HasPrefix(c.Path(), "/r/") || ofKiosk(c)) && auth.LooksLikeToken(token) {
		if e, ok := s.Intake.Recall(auth.HashToken(token)); ok && e.Started {
			return s.Words.For(e.Draft.Language)
		}
	}
	return s.Words.For(languageAsked(c.Request(), s.Words.Tags()))
}

// forRespondents says whether an address is of the respondent's journey, or none at
// all: a link that was cut off leads there.
func forRespondents(c echo.Context) bool {
	return strings.HasPrefix(c.Path(), "/r/") || strings.HasPrefix(c.Path(), "/o/") || ofKiosk(c) || c.Path() == optOutRoute || c.Path() == ""
}

// chooseLanguage goes on in another language. Pages of questions do it with what was
// typed; see goLanguage.
func (s *Server) chooseLanguage(c echo.Context) error {
	v, err := s.atWork(c)
	if err != nil || v == nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	tag, page := form.Get("language"), form.Get("page")
	if !slices.Contains(v.instrument.Languages, tag) || page != "review" && page != "saved" {
		return explained{kind: survey.Invalid, detail: "incomplete"}
	}
	for attempt := 1; v.draft.Language != tag; attempt++ {
		draft := v.draft
		draft.Language = tag
		saved, err := s.Intake.SaveDraft(c.Request().Context(), v.link, draft)
		if err == nil {
			v.took(saved)
			break
		}
		if survey.KindOf(err) != survey.Conflict || attempt == saveAttempts {
			return err
		}
		if err := s.renew(c.Request().Context(), v); err != nil {
			return err
		}
	}
	return see(c, v.then(page))
}
