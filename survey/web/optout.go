package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// optOutRoute is where the link at the end of a mail leads. Its mark is signed, so
// that an invented one costs no look into the database.
const optOutRoute = "/optout/:mark"

// showOptOut asks whether mail shall end. Opening the link ends nothing: programs
// that look at the links of a mail would do so.
func (s *Server) showOptOut(c echo.Context) error {
	place, err := s.Store.OptOutByToken(c.Request().Context(), c.Param("mark"))
	if err != nil {
		return err
	}
	language := s.listener(c)
	if place.Language != "" && !c.QueryParams().Has(languageQuery) {
		language = s.Words.For(place.Language)
	}
	base := templates.Base{Title: language.Say("optout_heading"), Language: language.Tag(), Words: language, Private: true, SkipNote: true}
	return page(c, http.StatusOK, templates.OptOut{Base: base, Study: place.Study.Title, Erased: place.Email == "",
		Done: place.OptedOut, Everywhere: place.Everywhere, Action: c.Request().URL.Path})
}

// optOut ends mail. The button of a mail program posts List-Unsubscribe=One-Click
// and reads no page (RFC 8058), in whatever form it likes.
func (s *Server) optOut(c echo.Context) error {
	form, err := readForm(c)
	if err != nil && mediaType(c.Request()) != "multipart/form-data" {
		return err
	}
	source := store.OptOutPage
	byProgram := form == nil || form.Has("List-Unsubscribe")
	if byProgram {
		source = store.OptOutOneClick
	}
	if err := s.Store.OptOut(c.Request().Context(), c.Param("mark"), form.Get("everywhere") == "1", source); err != nil {
		return err
	}
	if byProgram {
		return c.NoContent(http.StatusOK)
	}
	return see(c, c.Request().URL.Path)
}
