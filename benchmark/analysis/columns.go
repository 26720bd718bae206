// Package analysis is the whole analysis of one Likert file with organizations,
// without a server: a table in, one Analysis out, printed as text, JSON or a page.
package analysis

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/salesbench/salesbench/survey"
)

// Columns says which columns of a file hold what.
type Columns struct {
	Group   []string // organization; several columns are joined with " / "
	Items   []string // names, or prefixes ending in *
	Reverse []string // items worded the other way round, recoded as Min + Max - x
	Role    string   // optional
	Outcome string   // optional, numeric
	Weight  string   // optional, numeric, not negative
	Min     int      // lowest scale point
	Max     int      // highest scale point
}

// Points returns the number of scale points A.
func (c Columns) Points() int { return c.Max - c.Min + 1 }

// maxPoints keeps an answer in one byte.
const maxPoints = 100

func (c Columns) check() error {
	switch {
	case len(c.Group) == 0:
		return survey.Errorf(survey.Invalid, "no group column named: say which column holds the organization with --group COLUMN")
	case len(c.Items) == 0:
		return survey.Errorf(survey.Invalid, "no items named: list them with --items Q1,Q2 or a prefix such as --items 'Q*'")
	case c.Points() < 2 || c.Points() > maxPoints:
		return survey.Errorf(survey.Invalid, "scale %d:%d has %d points; it must run from a lower to a higher whole number and have 2 to %d points, such as --scale 1:5", c.Min, c.Max, c.Points(), maxPoints)
	}
	return nil
}

// role of a column in the file
type use uint8

const (
	skip use = iota
	useItem
	useGroup
	useRole
	useOutcome
	useWeight
)

// slot says what to do with one column: its use, and the position of the item
// or of the part of the group name.
type slot struct {
	use   use
	index int
}

// layout is a header matched against Columns.
type layout struct {
	comma    byte
	header   []string
	slots    []slot
	items    []string
	reversed []bool
	groups   int
}

func newLayout(header []string, comma byte, c Columns) (*layout, error) {
	l := &layout{comma: comma, header: header, slots: make([]slot, len(header)), groups: len(c.Group)}
	place := func(name, flag string, u use, index int) error {
		if name == "" {
			return nil
		}
		at := slices.Index(header, name)
		if at < 0 {
			return survey.Errorf(survey.Invalid, "%s names the column %q, which the file does not have; its columns are: %s", flag, name, list(header))
		}
		if l.slots[at].use != skip {
			return survey.Errorf(survey.Invalid, "%s names the column %q, which another option uses already", flag, name)
		}
		l.slots[at] = slot{u, index}
		return nil
	}
	for i, name := range c.Group {
		if err := place(name, "--group", useGroup, i); err != nil {
			return nil, err
		}
	}
	for _, named := range []struct {
		name, flag string
		use        use
	}{{c.Role, "--role", useRole}, {c.Outcome, "--outcome", useOutcome}, {c.Weight, "--weight", useWeight}} {
		if err := place(named.name, named.flag, named.use, 0); err != nil {
			return nil, err
		}
	}
	if err := l.placeItems(c.Items, place); err != nil {
		return nil, err
	}
	return l, l.markReversed(c.Reverse)
}

func (l *layout) placeItems(patterns []string, place func(string, string, use, int) error) error {
	for _, pattern := range patterns {
		names := []string{pattern}
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
			names = nil
			for i, name := range l.header {
				if strings.HasPrefix(name, prefix) && l.slots[i].use == skip {
					names = append(names, name)
				}
			}
			if len(names) == 0 {
				return survey.Errorf(survey.Invalid, "--items %s matches no free column; the columns are: %s", pattern, list(l.header))
			}
		}
		for _, name := range names {
			if err := place(name, "--items", useItem, len(l.items)); err != nil {
				return err
			}
			l.items = append(l.items, name)
		}
	}
	return nil
}

func (l *layout) markReversed(names []string) error {
	l.reversed = make([]bool, len(l.items))
	for _, name := range names {
		at := slices.Index(l.items, name)
		if at < 0 {
			return survey.Errorf(survey.Invalid, "--reverse names %q, which is not among the items", name)
		}
		l.reversed[at] = true
	}
	return nil
}

// readHeader takes the first line apart: delimiter by majority, byte order mark
// dropped, quotes removed. rest is what follows the line.
func readHeader(block []byte) (header []string, comma byte, rest []byte, err error) {
	block = bytes.TrimPrefix(block, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(block, []byte("\xff\xfe")) || bytes.HasPrefix(block, []byte("\xfe\xff")) {
		return nil, 0, nil, survey.Errorf(survey.Invalid, "the file is UTF-16; save it as UTF-8")
	}
	line, rest, _ := bytes.Cut(block, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if len(bytes.TrimSpace(line)) == 0 {
		return nil, 0, nil, survey.Errorf(survey.Invalid, "the file is empty: its first line must hold the column names")
	}
	if !utf8.Valid(line) {
		return nil, 0, nil, survey.Errorf(survey.Invalid, "line 1 is not UTF-8; save the file as UTF-8")
	}
	comma = ','
	for _, candidate := range []byte(";\t|") {
		if bytes.Count(line, []byte{candidate}) > bytes.Count(line, []byte{comma}) {
			comma = candidate
		}
	}
	seen := map[string]bool{}
	for cell := range cells(line, comma) {
		name := strings.TrimSpace(string(cell))
		if name != "" && seen[name] {
			return nil, 0, nil, survey.Errorf(survey.Invalid, "line 1 has the column name %q twice; names must be unique", name)
		}
		seen[name] = true
		header = append(header, name)
	}
	return header, comma, rest, nil
}

// list names columns for a message, the first twenty of them.
func list(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
