// Package words holds what the pages of respondents say, in every language. A
// language is one file of this folder, named after its tag: a new file is all
// that a further language needs. English is the measure: a file that lacks one of
// its messages, or a plural form of its own language, is refused with the reason.
package words

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// source is the language that all others are compared with, and that stands in
// where an instrument has a language without a file.
const source = "en"

// Catalogue is all languages.
type Catalogue struct {
	languages []*Language // English first, the others by their tags
	byTag     map[string]*Language
}

// Embedded returns the catalogue of this program.
var Embedded = sync.OnceValue(func() *Catalogue {
	c, err := Read(files)
	if err != nil {
		panic("words: " + err.Error())
	}
	return c
})

// Read makes a catalogue of all files TAG.json in the folder.
func Read(folder fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	c := &Catalogue{byTag: make(map[string]*Language)}
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		l, err := parse(strings.TrimSuffix(path.Base(name), ".json"), data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c.languages, c.byTag[l.tag.String()] = append(c.languages, l), l
	}
	english := c.byTag[source]
	if english == nil {
		return nil, fmt.Errorf("there is no %s.json, with which the others are compared", source)
	}
	for _, l := range c.languages {
		if err := l.compare(english); err != nil {
			return nil, fmt.Errorf("%s.json: %w", l.tag, err)
		}
	}
	slices.SortStableFunc(c.languages, func(a, b *Language) int { return rank(a) - rank(b) })
	return c, nil
}

// rank puts English first; files come by name.
func rank(l *Language) int {
	if l.tag.String() == source {
		return 0
	}
	return 1
}

// Languages are all languages, English first.
func (c *Catalogue) Languages() []*Language { return slices.Clone(c.languages) }

// English is the language of staff, and of whoever has none.
func (c *Catalogue) English() *Language { return c.byTag[source] }

// Tags are the tags of all languages, English first.
func (c *Catalogue) Tags() []string {
	tags := make([]string, len(c.languages))
	for i, l := range c.languages {
		tags[i] = l.Tag()
	}
	return tags
}

// For returns the language of the tag, or of its base ("de" for "de-AT"), else English.
func (c *Catalogue) For(tag string) *Language {
	if l, ok := c.known(tag); ok {
		return l
	}
	return c.English()
}

func (c *Catalogue) known(tag string) (*Language, bool) {
	if l, ok := c.byTag[tag]; ok {
		return l, true
	}
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	l, ok := c.byTag[base]
	return l, ok
}

// NameOf is the name of a language in itself. One without a file is called by its tag.
func (c *Catalogue) NameOf(tag string) string {
	if l, ok := c.known(tag); ok {
		return l.Name()
	}
	return tag
}

// Best picks the language that an Accept-Language header asks for; without one
// that suits it is the first of those offered.
func Best(accept string, offered []string) string {
	if len(offered) == 0 {
		return source
	}
	if accept == "" {
		return offered[0]
	}
	first, _, _ := strings.Cut(accept, ",")
	if at := slices.Index(offered, first); at >= 0 { // what most browsers send begins like this
		return offered[at]
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return offered[0]
	}
	tags := make([]language.Tag, len(offered))
	for i, tag := range offered {
		tags[i] = language.Make(tag)
	}
	_, at, how := language.NewMatcher(tags).Match(wanted...)
	if how == language.No {
		return offered[0]
	}
	return offered[at]
}

// rightToLeft are the scripts that are written from right to left.
var rightToLeft = []string{"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"}

// DirectionOf is the direction in which a language is written: ltr or rtl.
func DirectionOf(tag string) string {
	script, _ := language.Make(tag).Script()
	if slices.Contains(rightToLeft, script.String()) {
		return "rtl"
	}
	return "ltr"
}
