package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// previewWidths are the widths at which a questionnaire is looked at, in pixels.
var previewWidths = []struct{ name, label string }{{"phone", "Phone"}, {"desktop", "Desktop"}}

func previewPath(study survey.Study, document, part string) string {
	return studyPath(study, "/preview/"+url.PathEscape(document)+part)
}

// previewed finds what is looked at.
func (s *Server) previewed(c echo.Context) (*survey.Instrument, error) {
	id, err := url.PathUnescape(c.Param("document"))
	if err != nil {
		id = c.Param("document")
	}
	return s.instrumentNamed(c, id)
}

// instrumentNamed finds a published questionnaire by its hash, or a draft of the study.
func (s *Server) instrumentNamed(c echo.Context, id string) (*survey.Instrument, error) {
	if strings.HasPrefix(id, "sha256:") {
		if builtin := survey.Builtin(); id == builtin.Hash() {
			return builtin, nil
		}
		return s.Store.Instrument(c.Request().Context(), id)
	}
	d, err := s.Store.DraftDocumentByID(c.Request().Context(), staffOf(c).study.ID, id)
	if err != nil {
		return nil, err
	}
	return survey.ParseInstrument(d.Document)
}

// previewChoice is what the reader asked to look at.
type previewChoice struct{ role, language, width string }

func (p previewChoice) query() string {
	return "?" + url.Values{"role": {p.role}, "language": {p.language}, "width": {p.width}}.Encode()
}

// previewChoiceOf takes what fits from the address, else the first of each.
func previewChoiceOf(c echo.Context, in *survey.Instrument) previewChoice {
	p := previewChoice{role: c.QueryParam("role"), language: c.QueryParam("language"), width: c.QueryParam("width")}
	if _, ok := in.RoleByKey(p.role); !ok && len(in.Roles) > 0 {
		p.role = in.Roles[0].Key
	}
	if !slices.Contains(in.Languages, p.language) && len(in.Languages) > 0 {
		p.language = in.Languages[0]
	}
	if p.width != "desktop" {
		p.width = "phone"
	}
	return p
}

// preview shows a questionnaire as a role sees it, in a frame of a phone's or a
// desktop's width.
func (s *Server) preview(c echo.Context) error {
	in, err := s.previewed(c)
	if err != nil {
		return err
	}
	who, chosen := staffOf(c), previewChoiceOf(c, in)
	address := previewPath(who.study, c.Param("document"), "")
	p := templates.Preview{Base: s.staffBase(c, "Preview", templates.Link{Text: "Questionnaires and criteria", URL: studyPath(who.study, "/documents")}, templates.Link{Text: "Preview", URL: address}),
		Heading: in.Title.In("en"), Width: chosen.width, Frame: previewPath(who.study, c.Param("document"), "/page") + chosen.query()}
	group := func(label string, n int, choose func(i int, p *previewChoice) string) {
		var links []templates.Link
		for i := range n {
			other := chosen
			text := choose(i, &other)
			links = append(links, templates.Link{Text: text, URL: address + other.query(), Current: other == chosen})
		}
		if len(links) > 1 {
			p.Choices = append(p.Choices, templates.PreviewChoice{Label: label, Links: links})
		}
	}
	group("Role", len(in.Roles), func(i int, p *previewChoice) string { p.role = in.Roles[i].Key; return in.Roles[i].Label.In("en") })
	group("Language", len(in.Languages), func(i int, p *previewChoice) string { p.language = in.Languages[i]; return in.Languages[i] })
	group("Width", len(previewWidths), func(i int, p *previewChoice) string { p.width = previewWidths[i].name; return previewWidths[i].label })
	c.Response().Header()["Content-Security-Policy"] = []string{strings.Replace(contentPolicy, "default-src 'none'", "default-src 'none'; frame-src 'self'", 1)}
	return page(c, http.StatusOK, p)
}

// previewSheet is what stands in the frame: all pages that the role may meet.
func (s *Server) previewSheet(c echo.Context) error {
	in, err := s.previewed(c)
	if err != nil {
		return err
	}
	chosen := previewChoiceOf(c, in)
	view := &sectionView{in: in, role: chosen.role, language: chosen.language, words: s.booklets.catalogue.For(chosen.language)}
	p := templates.PreviewSheet{Base: templates.Base{Title: "Preview", Private: true, SkipNote: true, Language: chosen.language, Words: view.words}}
	for i := range in.Sections {
		section := &in.Sections[i]
		var items []*survey.Item
		for j := range section.Items {
			if _, asked := in.ItemText(&section.Items[j], chosen.role); asked || section.Items[j].Key == in.RoleItem {
				items = append(items, &section.Items[j])
			}
		}
		if len(items) == 0 {
			continue
		}
		p.Sections = append(p.Sections, templates.PreviewSection{Heading: view.text(section.Title), Intro: view.text(section.Intro),
			Conditional: section.ShowIf != nil, Questions: view.questions(items)})
	}
	c.Response().Header()["Content-Security-Policy"] = []string{strings.Replace(contentPolicy, "frame-ancestors 'none'", "frame-ancestors 'self'", 1)}
	return page(c, http.StatusOK, p)
}
