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
	"github.com/salesbench/salesbench/survey/words"
)

// Folders are listed by hand: a pattern would skip names it does not like.
//
//go:embed layout/*.html part/*.html page/*.html
var files embed.FS

// Page is a struct that fills one file of page/.
type Page interface {
	// Template is the name of the file in page/, without its ending.
	Template() string
	// In is the language of its words; Base has it.
	In() *words.Language
}

// Base is what every page needs. Its zero value is a page in English without a title.
type Base struct {
	Title    string          // of the document; the site's name is added
	Language string          // BCP 47 tag of the content; empty is English
	Words    *words.Language // of everything around the content; nil is English
	Tongues  Tongues         // what the reader can choose from
	Wide     bool            // for tables and charts; respondent pages are narrow
	Private  bool            // a respondent's page: no link leads away from it, no robot may keep it
	Nav      []Link          // of the header
	Styles   []string        // besides app.css
	Scripts  []string
	Account  string // name of whoever is signed in; empty: nobody
	Crumbs   []Link // the way from the top to this page
	Notice   string // what was done by the request before
	SkipNote bool   // hides the footer's words on method and data
	Idle     int    // of a shared tablet: seconds without a touch after which the first page comes back; 0: the device is somebody's own
	Inline   bool   // the style stands in the page, for whoever comes from elsewhere and has nothing of this site yet
}

// Tongues are the languages of a page, with the way in which another one is chosen:
// by a link, by a form of its own, or else by a button of the page's form, which
// keeps what was typed. Without choices nothing is shown.
type Tongues struct {
	ByLink  bool
	ByForm  bool
	Page    string // for the form: where to go back to
	Choices []Tongue
}

// Tongue is a language that can be chosen, by its own name.
type Tongue struct {
	Tag     string
	Name    string
	Current bool
}

// Moment is a point in time: in words with its zone, and for the script that shows
// it in the zone of the reader. Without words there is none.
type Moment struct{ ISO, Words string }

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
func (b Base) Dir() string { return words.DirectionOf(b.Lang()) }

// In is the language of the words around the content.
func (b Base) In() *words.Language {
	if b.Words == nil {
		return words.Embedded().English()
	}
	return b.Words
}

// set is what the files say, parsed once: a template that can not be parsed stops the
// first test. It is never executed, since only then can it be cloned.
var set = sync.OnceValue(parse)

func parse() map[string]*template.Template {
	shared := template.Must(template.New("").Funcs(funcs).Funcs(speaking(nil)).ParseFS(files, "layout/*.html", "part/*.html"))
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

// spoken holds a template per page and language, made when it is first needed.
var spoken sync.Map

// in is one page's file in one language.
func in(page string, l *words.Language) (*template.Template, bool) {
	type key struct {
		page     string
		language *words.Language
	}
	if kept, ok := spoken.Load(key{page, l}); ok {
		t, ok := kept.(*template.Template)
		return t, ok
	}
	silent, ok := set()[page]
	if !ok {
		return nil, false
	}
	kept, _ := spoken.LoadOrStore(key{page, l}, template.Must(silent.Clone()).Funcs(speaking(l)))
	t, ok := kept.(*template.Template)
	return t, ok
}

// Render returns the HTML of the page.
func Render(page Page) ([]byte, error) {
	t, ok := in(page.Template(), page.In())
	if !ok {
		return nil, fmt.Errorf("templates: no file page/%s.html", page.Template())
	}
	out, _ := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(out)
	out.Reset()
	if err := t.ExecuteTemplate(out, "layout", page); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return bytes.Clone(out.Bytes()), nil
}

// buffers are used again: a page of results has a hundred kilobytes, and would be
// copied ten times while it grows.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// RenderPart returns what one part of a page's file makes of its data, exactly
// as it stands in the page. Only parts that stand between elements can be
// rendered alone: elsewhere their escaping would be another.
func RenderPart(l *words.Language, page, part string, data any) ([]byte, error) {
	t, ok := in(page, l)
	if !ok || t.Lookup(part) == nil {
		return nil, fmt.Errorf("templates: no part %s in page/%s.html", part, page)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, part, data); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return out.Bytes(), nil
}
