package survey

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MappingKind says what a data file holds.
type MappingKind string

// The kinds of data files.
const (
	MapResponses  MappingKind = "responses"  // one row per respondent
	MapAggregates MappingKind = "aggregates" // one row per organization, shares of agreement
)

// Mapping is the document that says how a CSV file written by others becomes
// responses or aggregates. Columns are named as in the header of the file.
type Mapping struct {
	Kind         MappingKind      `json:"kind"`
	Title        string           `json:"title,omitempty"`
	Instrument   string           `json:"instrument,omitempty"`  // key of the instrument the items belong to
	Attribution  string           `json:"attribution,omitempty"` // credit and licence, shown on every page
	Delimiter    string           `json:"delimiter,omitempty"`   // one character, "," without it
	DecimalComma bool             `json:"decimal_comma,omitempty"`
	HeaderLine   int              `json:"header_line,omitempty"` // where the header stands, below a title for example; 1 without it
	SkipRows     int              `json:"skip_rows,omitempty"`   // rows below the header that hold explanations
	Organization NameMap          `json:"organization"`
	Industry     string           `json:"industry,omitempty"` // columns with facts about the organization
	Region       string           `json:"region,omitempty"`
	Size         string           `json:"size,omitempty"`
	Exclude      []RowTest        `json:"exclude,omitempty"` // rows that are no organization or no respondent
	Missing      map[string]State `json:"missing,omitempty"` // cell as written -> state, for every item; an empty cell is skipped without it
	Ignore       []string         `json:"ignore,omitempty"`  // columns that are left out on purpose

	// For responses.
	Respondent string        `json:"respondent,omitempty"` // column with an id that must not come twice
	Team       string        `json:"team,omitempty"`
	Role       *RoleMap      `json:"role,omitempty"`
	Weight     string        `json:"weight,omitempty"`
	Items      []ColumnGroup `json:"items,omitempty"`

	// For aggregates.
	Share     ShareUnit     `json:"share,omitempty"`
	Count     string        `json:"count,omitempty"`     // column with the number of respondents
	Published *RowTest      `json:"published,omitempty"` // the row with the source's own benchmark
	Measures  []ColumnGroup `json:"measures,omitempty"`
}

// NameMap makes the name of an organization of one or several columns.
type NameMap struct {
	Columns []string `json:"columns"`
	Label   string   `json:"label,omitempty"` // "Instructor {instr}, class {class}"; without it the columns joined by " / "
	Key     string   `json:"key,omitempty"`   // likewise, for addresses; without it made of the label
}

// RoleMap gives each response a role: from a column, or the same for all.
type RoleMap struct {
	Column string            `json:"column,omitempty"`
	Codes  map[string]string `json:"codes,omitempty"` // cell as written -> role; without it the cell is the role
	Value  string            `json:"value,omitempty"` // for all rows
}

// ColumnGroup maps columns that are coded alike to items or measures.
type ColumnGroup struct {
	Columns    []string          `json:"columns"`
	Items      []string          `json:"items,omitempty"`      // in the order of columns; without it the columns are named like the items
	Lowest     *int              `json:"lowest,omitempty"`     // what stands for scale point 1; 1 without it
	Highest    *int              `json:"highest,omitempty"`    // what stands for the last scale point
	Descending bool              `json:"descending,omitempty"` // the file counts agreement downwards: lowest stands for the last point
	Recode     map[string]string `json:"recode,omitempty"`     // cell as written -> scale point or option code
	Missing    map[string]State  `json:"missing,omitempty"`    // before that of the mapping
	Factor     float64           `json:"factor,omitempty"`     // numbers are multiplied by it
}

// RowTest picks rows by one column.
type RowTest struct {
	Column     string   `json:"column"`
	Equals     []string `json:"equals,omitempty"`
	StartsWith []string `json:"starts_with,omitempty"`
	EndsWith   []string `json:"ends_with,omitempty"`
}

func (r *RowTest) matches(cell string) bool {
	return slices.Contains(r.Equals, cell) ||
		slices.ContainsFunc(r.StartsWith, func(s string) bool { return strings.HasPrefix(cell, s) }) ||
		slices.ContainsFunc(r.EndsWith, func(s string) bool { return strings.HasSuffix(cell, s) })
}

// ShareUnit is how shares are written in a file.
type ShareUnit string

// The units of shares.
const (
	ShareFraction ShareUnit = "fraction" // 0..1
	SharePercent  ShareUnit = "percent"  // 0..100
)

// ParseMapping reads a mapping document as strictly as an instrument. The error
// is a *ParseError.
func ParseMapping(data []byte) (*Mapping, error) {
	m := new(Mapping)
	root, err := decodeDocument(data, m)
	if err != nil {
		return nil, err
	}
	path, message := m.fault()
	if message == "" {
		return m, nil
	}
	lines := map[string]int{}
	collectLines(root, "", &lineCounter{data: bytes.TrimPrefix(data, utf8Mark), line: 1}, lines)
	return nil, &ParseError{Line: max(lines[path], 1), Path: path, Message: message}
}

// fault finds the first thing that makes no sense whatever the file holds.
func (m *Mapping) fault() (path, message string) {
	if m.Kind != MapResponses && m.Kind != MapAggregates {
		return "kind", "must be responses or aggregates"
	}
	if d := m.delimiter(); m.Delimiter != "" && (utf8.RuneCountInString(m.Delimiter) != 1 || d == '"' || d == '\n' || d == '\r' || d == utf8.RuneError) {
		return "delimiter", "must be one character, such as \",\" or \";\" or \"\\t\""
	}
	if m.HeaderLine < 0 || m.HeaderLine > maxLinesAbove {
		return "header_line", "must be a line from 1 to " + strconv.Itoa(maxLinesAbove)
	}
	if m.SkipRows < 0 || m.SkipRows > maxLinesAbove {
		return "skip_rows", "must be a number from 0 to " + strconv.Itoa(maxLinesAbove)
	}
	if len(m.Organization.Columns) == 0 {
		return "organization", "the columns that name the organization are missing"
	}
	for _, template := range []struct{ path, text string }{{"organization.label", m.Organization.Label}, {"organization.key", m.Organization.Key}} {
		if strings.Contains(template.text, "{") != strings.Contains(template.text, "}") || template.text != "" && !strings.Contains(template.text, "{") {
			return template.path, "must name its columns in braces, such as \"{code}\""
		}
	}
	if cell, ok := validAmongMissing(m.Missing); ok {
		return joinPath("missing", cell), "valid is no missing answer; use recode"
	}
	for i := range m.Exclude {
		if path, message := m.Exclude[i].fault(at("exclude", i)); message != "" {
			return path, message
		}
	}
	if m.Kind == MapAggregates {
		return m.faultOfAggregates()
	}
	return m.faultOfResponses()
}

func (m *Mapping) faultOfResponses() (path, message string) {
	switch {
	case len(m.Measures) > 0:
		return "measures", "belong to aggregates; responses have items"
	case m.Published != nil:
		return "published", "belongs to aggregates"
	case m.Share != "":
		return "share", "belongs to aggregates"
	case m.Count != "":
		return "count", "belongs to aggregates"
	case m.Role != nil && (m.Role.Column == "") == (m.Role.Value == ""):
		return "role", "needs either a column or a value for all rows"
	}
	return faultOfGroups("items", m.Items)
}

func (m *Mapping) faultOfAggregates() (path, message string) {
	switch {
	case len(m.Items) > 0:
		return "items", "belong to responses; aggregates have measures"
	case m.Respondent != "" || m.Team != "" || m.Weight != "" || m.Role != nil:
		return "kind", "respondent, team, role and weight belong to responses"
	case m.Share != ShareFraction && m.Share != SharePercent:
		return "share", "must be fraction (0 to 1) or percent (0 to 100)"
	case m.Published != nil:
		if path, message := m.Published.fault("published"); message != "" {
			return path, message
		}
	}
	return faultOfGroups("measures", m.Measures)
}

func (r *RowTest) fault(path string) (string, string) {
	if r.Column == "" {
		return path + ".column", "the column is missing"
	}
	if len(r.Equals)+len(r.StartsWith)+len(r.EndsWith) == 0 {
		return path, "needs equals, starts_with or ends_with"
	}
	if slices.Contains(r.StartsWith, "") || slices.Contains(r.EndsWith, "") {
		return path, "an empty text fits every row"
	}
	return "", ""
}

func faultOfGroups(list string, groups []ColumnGroup) (path, message string) {
	if len(groups) == 0 {
		return list, "no column is mapped to anything"
	}
	columns, items := map[string]bool{}, map[string]bool{}
	for i, g := range groups {
		path := at(list, i)
		if len(g.Columns) == 0 {
			return path + ".columns", "no column is listed"
		}
		if len(g.Items) > 0 && len(g.Items) != len(g.Columns) {
			return path + ".items", "there must be one item for each column"
		}
		if (g.Lowest == nil) != (g.Highest == nil) || g.Lowest != nil && *g.Lowest >= *g.Highest {
			return path, "lowest and highest are given together, lowest below highest"
		}
		if cell, ok := validAmongMissing(g.Missing); ok {
			return joinPath(path+".missing", cell), "valid is no missing answer; use recode"
		}
		for c, column := range g.Columns {
			if columns[column] {
				return at(path+".columns", c), "the column is mapped twice"
			}
			if item := g.item(c); items[item] {
				return at(path+".items", c), "the item is mapped twice"
			}
			columns[column], items[g.item(c)] = true, true
		}
	}
	return "", ""
}

func validAmongMissing(missing map[string]State) (cell string, found bool) {
	for cell, state := range missing {
		if state == Valid {
			return cell, true
		}
	}
	return "", false
}

// item is the item or measure that column c of the group stands for.
func (g *ColumnGroup) item(c int) string {
	if len(g.Items) > 0 {
		return g.Items[c]
	}
	return g.Columns[c]
}

func (m *Mapping) delimiter() rune {
	if m.Delimiter == "" {
		return ','
	}
	r, _ := utf8.DecodeRuneInString(m.Delimiter)
	return r
}

// columns returns every column the mapping needs, in the order of the document.
func (m *Mapping) columns() []string {
	needed := slices.Clone(m.Organization.Columns)
	for _, template := range []string{m.Organization.Label, m.Organization.Key} {
		needed = append(needed, templateColumns(template)...)
	}
	needed = append(needed, m.Industry, m.Region, m.Size, m.Respondent, m.Team, m.Weight, m.Count)
	if m.Role != nil {
		needed = append(needed, m.Role.Column)
	}
	for _, test := range m.Exclude {
		needed = append(needed, test.Column)
	}
	if m.Published != nil {
		needed = append(needed, m.Published.Column)
	}
	for _, g := range slices.Concat(m.Items, m.Measures) {
		needed = append(needed, g.Columns...)
	}
	seen := map[string]bool{"": true}
	return slices.DeleteFunc(needed, func(name string) bool {
		before := seen[name]
		seen[name] = true
		return before
	})
}

// templateColumns lists the names in braces.
func templateColumns(template string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(template, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return names
		}
		names = append(names, name)
		template = after
	}
}
