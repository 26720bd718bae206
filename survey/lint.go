package survey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity grades a finding.
type Severity string

// The severities: an instrument with an error is refused by ParseInstrument; a
// warning is worth a look.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Finding is one thing that is wrong, or odd, with an instrument.
type Finding struct {
	Severity Severity `json:"severity"`
	Path     string   `json:"path"`           // sections[2].items[0].show_if; "criteria" for a criteria item
	Line     int      `json:"line,omitempty"` // 0: the instrument was not read from a document
	Message  string   `json:"message"`
}

// Bounds of an honest questionnaire.
const (
	maxFields    = 1000
	maxList      = 500 // sections, areas, scales
	maxRoles     = 50
	maxLanguages = 50
	maxTerms     = 100 // conditions joined by all or any
	maxOptions   = 1000
	maxPageItems = 16
	maxKeyLength = 60
)

// Lint looks for everything that is wrong with an instrument. criteriaItems are
// the items that a criteria document counts on; nil when there is none. Findings
// come in document order, those about criteria last.
func Lint(in *Instrument, criteriaItems []string) []Finding {
	l := &linter{in: in, x: in.compiled(), measures: map[string]string{}}
	if l.tooLarge() {
		return l.findings
	}
	l.collectUse()
	l.head()
	l.scaleList()
	l.keys("sections", len(in.Sections), func(i int) string { return in.Sections[i].Key })
	if len(in.Sections) == 0 {
		l.error("sections", "there is no section: nobody could be asked anything")
	}
	for s := range in.Sections {
		l.section(s)
	}
	l.roleItem()
	l.reach()
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(a.Line-b.Line, strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
	l.criteria(criteriaItems)
	return l.findings
}

type linter struct {
	in       *Instrument
	x        *index
	findings []Finding
	measures map[string]string // keys of items, parts and areas -> path of the first use
	areas    map[string]bool   // areas some item belongs to
	scales   map[string]bool   // scales some item uses
}

// tooLarge ends the examination of a document whose size alone makes it no
// questionnaire, before anything grows with the square of it.
func (l *linter) tooLarge() bool {
	in := l.in
	for _, c := range []struct {
		path    string
		n, most int
	}{
		{"languages", len(in.Languages), maxLanguages},
		{"roles", len(in.Roles), maxRoles},
		{"areas", len(in.Areas), maxList},
		{"scales", len(in.Scales), maxList},
		{"sections", len(in.Sections), maxList},
		{"sections", len(l.x.fields), maxFields},
	} {
		if c.n > c.most {
			l.error(c.path, "%d are too many; at most %d are possible", c.n, c.most)
		}
	}
	return len(l.findings) > 0
}

func (l *linter) collectUse() {
	l.areas, l.scales = map[string]bool{}, map[string]bool{}
	for _, f := range l.x.fields {
		l.areas[f.Item.Area] = true
		l.scales[f.Item.Scale] = true
	}
}

func (l *linter) add(severity Severity, path, format string, args ...any) {
	line, at := 0, path
	for line == 0 && at != "" {
		line = l.x.lines[at]
		at = at[:max(strings.LastIndexAny(at, ".["), 0)] // the field may be absent: take what it is missing from
	}
	if line == 0 {
		line = l.x.lines[""]
	}
	l.findings = append(l.findings, Finding{Severity: severity, Path: path, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (l *linter) error(path, format string, args ...any) { l.add(SeverityError, path, format, args...) }

func (l *linter) warn(path, format string, args ...any) {
	l.add(SeverityWarning, path, format, args...)
}

func (l *linter) head() {
	in := l.in
	l.key("key", in.Key)
	if in.Version < 1 {
		l.error("version", "the version must be 1 or more")
	}
	if len(in.Languages) == 0 {
		l.error("languages", "no language is listed; the first one is the default")
	}
	for i, tag := range in.Languages {
		if tag == "" || slices.Contains(in.Languages[:i], tag) {
			l.error(at("languages", i), "language %q is empty or listed twice", tag)
		}
	}
	l.text("title", in.Title)
	l.optionalText("attribution", in.Attribution)
	l.keys("roles", len(in.Roles), func(i int) string { return in.Roles[i].Key })
	for i, role := range in.Roles {
		l.text(at("roles", i)+".label", role.Label)
		l.textsFrom(at("roles", i)+".texts_from", role)
	}
	l.keys("areas", len(in.Areas), func(i int) string { return in.Areas[i].Key })
	for i, area := range in.Areas {
		l.text(at("areas", i)+".title", area.Title)
		l.measure(at("areas", i)+".key", area.Key)
		if !l.areas[area.Key] {
			l.warn(at("areas", i), "no item belongs to area %q", area.Key)
		}
	}
}

func (l *linter) textsFrom(path string, role Role) {
	if role.TextsFrom == "" {
		return
	}
	source, ok := l.in.RoleByKey(role.TextsFrom)
	switch {
	case !ok:
		l.error(path, "role %q does not exist", role.TextsFrom)
	case source.TextsFrom != "":
		l.error(path, "role %q has no texts of its own to read", role.TextsFrom)
	}
}

func (l *linter) scaleList() {
	l.keys("scales", len(l.in.Scales), func(i int) string { return l.in.Scales[i].Key })
	for i, scale := range l.in.Scales {
		path := at("scales", i)
		points := len(scale.Points)
		if points < 2 {
			l.error(path+".points", "scale %q needs at least 2 points; it has %d", scale.Key, points)
			continue
		}
		if scale.TopBox < 1 || scale.TopBox >= points {
			l.error(path+".top_box", "%d of %d points can not count as agreement; give 1 to %d", scale.TopBox, points, points-1)
		}
		for p, point := range scale.Points {
			where := at(path+".points", p)
			if point.Value != p+1 {
				l.error(where+".value", "the points must be numbered 1, 2, 3 and so on; here %d is expected", p+1)
			}
			l.text(where+".label", point.Label)
		}
		if !l.scales[scale.Key] {
			l.warn(path, "no item uses scale %q", scale.Key)
		}
	}
}

func (l *linter) section(s int) {
	section := &l.in.Sections[s]
	path := at("sections", s)
	l.text(path+".title", section.Title)
	l.optionalText(path+".intro", section.Intro)
	if len(section.Items) == 0 {
		l.error(path+".items", "section %q has no items", section.Key)
	}
	if len(section.Items) > maxPageItems {
		l.warn(path+".items", "%d items are much for one page; more than %d tire people", len(section.Items), maxPageItems)
	}
	if section.ShowIf != nil {
		l.condition(path+".show_if", section.ShowIf, place{section: s, item: -1})
	}
	for i := range section.Items {
		l.item(s, i)
	}
}

// keys checks a list of keys that must differ from each other.
func (l *linter) keys(list string, n int, keyOf func(int) string) {
	seen := map[string]bool{}
	for i := range n {
		key, path := keyOf(i), at(list, i)+".key"
		l.key(path, key)
		if seen[key] {
			l.error(path, "key %q is used twice in %s", key, list)
		}
		seen[key] = true
	}
}

// measure checks a key that names a column of results: items, parts and areas
// share one space.
func (l *linter) measure(path, key string) {
	if first, taken := l.measures[key]; taken {
		l.error(path, "key %q is already used by %s", key, first)
		return
	}
	l.measures[key] = path
	if strings.HasPrefix(key, "study_") {
		l.error(path, "key %q: keys that begin with study_ belong to published figures", key)
	}
}

func (l *linter) key(path, key string) {
	if key == "" || len(key) > maxKeyLength || !onlyKeyCharacters(key) {
		l.error(path, "key %q must be 1 to %d letters a-z, A-Z, digits, _ or -", excerpt(key, maxKeyLength), maxKeyLength)
	}
}

const keyCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

func onlyKeyCharacters(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return !strings.ContainsRune(keyCharacters, r) })
}

func (l *linter) optionalText(path string, text Text) {
	if len(text) > 0 {
		l.text(path, text)
	}
}

// text wants every language of the instrument: the default one strictly.
func (l *linter) text(path string, text Text) {
	for i, language := range l.in.Languages {
		if strings.TrimSpace(text[language]) != "" {
			continue
		}
		if i == 0 {
			l.error(path, "the text in the default language %q is missing", language)
		} else {
			l.warn(path, "the text in language %q is missing; %q is shown instead", language, l.in.Languages[0])
		}
	}
	for language := range text {
		if !slices.Contains(l.in.Languages, language) {
			l.warn(path, "language %q is not listed in languages", language)
		}
	}
}

func (l *linter) criteria(items []string) {
	for _, key := range items {
		item := l.x.items[key]
		switch {
		case item == nil:
			l.error("criteria", "the criteria count on item %q, which does not exist", key)
		case item.Kind != Likert:
			l.error("criteria", "the criteria count on item %q, which is no agreement item", key)
		}
	}
}

func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
