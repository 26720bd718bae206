// Package templates holds the HTML of all pages, embedded in the binary, and one
// typed struct per page. A page is rendered whole to memory before a byte is
// sent, so that an error never leaves half a page behind.
//
// A new page is a file in page/, a struct that embeds Base and says which file
// it fills, and samples in a test (see samples in templates_test.go).
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"sync"

	"github.com/salesbench/salesbench/static"
)

// Folders are listed by hand: a pattern would skip names it does not like.
//
//go:embed layout/*.html part/*.html page/*.html
var files embed.FS

// Page is a struct that fills one file of page/.
type Page interface {
	// Template is the name of the file in page/, without its ending.
	Template() string
}

// Base is what every page needs. Its zero value is a page in English without a title.
type Base struct {
	Title     string   // of the document; the site's name is added
	Language  string   // BCP 47 tag; empty is English
	Direction string   // rtl where the language runs from right to left
	Wide      bool     // for tables and charts; respondent pages are narrow
	Private   bool     // a respondent's page: no link leads away from it, no robot may keep it
	Nav       []Link   // of the header
	Styles    []string // besides app.css
	Scripts   []string
	Account   string // name of whoever is signed in; empty: nobody
	Crumbs    []Link // the way from the top to this page
	Notice    string // what was done by the request before
	SkipNote  bool   // hides the footer's words on method and data
	Inline    bool   // the style stands in the page, for whoever comes from elsewhere and has nothing of this site yet
}

// Link is an address with its text.
type Link struct {
	Text    string
	URL     string
	Current bool
}

// Lang is the language of the page.
func (b Base) Lang() string {
	if b.Language == "" {
		return "en"
	}
	return b.Language
}

// Dir is the direction of the page.
func (b Base) Dir() string {
	if b.Direction == "" {
		return "ltr"
	}
	return b.Direction
}

// set is parsed once: a template that can not be parsed stops the first test.
var set = sync.OnceValue(parse)

func parse() map[string]*template.Template {
	shared := template.Must(template.New("").Funcs(funcs).ParseFS(files, "layout/*.html", "part/*.html"))
	template.Must(shared.New("style").Parse("<style>" + static.InlineStyle() + "</style>"))
	names, err := fs.Glob(files, "page/*.html")
	if err != nil {
		panic(err)
	}
	pages := make(map[string]*template.Template, len(names))
	for _, name := range names {
		own := template.Must(shared.Clone())
		stem := path.Base(name[:len(name)-len(".html")])
		pages[stem] = template.Must(own.ParseFS(files, name))
	}
	return pages
}

// Render returns the HTML of the page.
func Render(page Page) ([]byte, error) {
	t, ok := set()[page.Template()]
	if !ok {
		return nil, fmt.Errorf("templates: no file page/%s.html", page.Template())
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout", page); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return out.Bytes(), nil
}

// RenderPart returns what one part of a page's file makes of its data, exactly
// as it stands in the page. Only parts that stand between elements can be
// rendered alone: elsewhere their escaping would be another.
func RenderPart(page, part string, data any) ([]byte, error) {
	t, ok := set()[page]
	if !ok || t.Lookup(part) == nil {
		return nil, fmt.Errorf("templates: no part %s in page/%s.html", part, page)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, part, data); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return out.Bytes(), nil
}
