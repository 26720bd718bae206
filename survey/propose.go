package survey

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ProposalOptions say what is known about a data file before its documents exist.
type ProposalOptions struct {
	Key   string   // of the instrument
	Title string   // of both documents
	Group []string // columns that name the organization
	Items []string // columns with answers or shares, by name or by PREFIX*
	Kind  MappingKind
	Min   int // scale of responses: lowest and highest point
	Max   int
	Share ShareUnit // of aggregates

	// Columns of responses, where the file has them.
	Respondent string
	Team       string
	Weight     string
	Role       string
	Roles      []string // the different cells of the role column, as ReadValues finds them
}

// named lists the columns that the options name themselves.
func (o ProposalOptions) named() []string {
	columns := slices.Clone(o.Group)
	for _, column := range []string{o.Respondent, o.Team, o.Weight, o.Role} {
		if column != "" {
			columns = append(columns, column)
		}
	}
	return columns
}

// Propose writes the instrument and the mapping that a data file needs, from its
// header: every item with its column's name as label, all other columns
// ignored. They are meant to be read and bettered before the import. A column
// that does not exist or exists twice, or a scale of fewer than two points, is
// Invalid.
func Propose(header []string, delimiter rune, o ProposalOptions) (*Instrument, *Mapping, error) {
	if o.Kind == MapResponses && o.Max-o.Min < 1 {
		return nil, nil, Errorf(Invalid, "the scale %d:%d has no two points; give the lowest and the highest, such as 1:5", o.Min, o.Max)
	}
	taken := o.named()
	for _, column := range taken {
		if !slices.Contains(header, column) {
			return nil, nil, Errorf(Invalid, "the file has no column %q; its columns are: %s", column, strings.Join(header, ", "))
		}
	}
	items, err := matchColumns(header, o.Items, taken)
	if err != nil {
		return nil, nil, err
	}
	used := slices.Concat(taken, items)
	if double := firstDouble(header, used); double != "" {
		return nil, nil, Errorf(Invalid, "line 1, column %q: the header names this column twice; rename one of them", double)
	}
	m := &Mapping{Kind: o.Kind, Title: o.Title, Instrument: o.Key, Organization: NameMap{Columns: o.Group},
		Respondent: o.Respondent, Team: o.Team, Weight: o.Weight}
	if delimiter != ',' {
		m.Delimiter = string(delimiter)
	}
	group := ColumnGroup{Columns: items, Items: fieldKeys(items)}
	if slices.Equal(group.Items, items) {
		group.Items = nil
	}
	for _, column := range header {
		if column != "" && !slices.Contains(used, column) && !slices.Contains(m.Ignore, column) {
			m.Ignore = append(m.Ignore, column)
		}
	}
	if o.Kind == MapAggregates {
		m.Share, m.Measures = o.Share, []ColumnGroup{group}
		return proposedInstrument(o, items, 5), m, nil
	}
	if o.Role != "" {
		m.Role = &RoleMap{Column: o.Role, Codes: map[string]string{}}
		for i, key := range roleKeys(o.Roles) {
			m.Role.Codes[o.Roles[i]] = key
		}
	}
	if o.Min != 1 {
		group.Lowest, group.Highest = &o.Min, &o.Max
	}
	m.Items = []ColumnGroup{group}
	return proposedInstrument(o, items, o.Max-o.Min+1), m, nil
}

func matchColumns(header, patterns, taken []string) ([]string, error) {
	var items []string
	for _, pattern := range patterns {
		prefix, many := strings.CutSuffix(pattern, "*")
		before := len(items)
		for _, column := range header {
			fits := column == pattern || many && strings.HasPrefix(column, prefix)
			if fits && !slices.Contains(items, column) && !slices.Contains(taken, column) {
				items = append(items, column)
			}
		}
		if len(items) == before {
			return nil, Errorf(Invalid, "%q matches no further column; the columns are: %s", pattern, strings.Join(header, ", "))
		}
	}
	return items, nil
}

// fieldKeys makes item keys of column names.
func fieldKeys(columns []string) []string { return plainKeys("item_", columns) }

// plainKeys makes keys of names: letters, digits and _, each once, after the prefix
// where they could not stand alone.
func plainKeys(prefix string, columns []string) []string {
	keys := make([]string, len(columns))
	for i, column := range columns {
		key := strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
				return r
			}
			return '_'
		}, column)
		if key == "" || key[0] >= '0' && key[0] <= '9' || strings.HasPrefix(key, "study_") {
			key = prefix + key
		}
		base := key
		for n := 2; slices.Contains(keys[:i], key); n++ {
			key = base + "_" + strconv.Itoa(n)
		}
		keys[i] = key
	}
	return keys
}

// roleKeys makes keys of the names of roles.
func roleKeys(names []string) []string {
	lower := make([]string, len(names))
	for i, name := range names {
		lower[i] = strings.ToLower(name)
	}
	return plainKeys("role_", lower)
}

// ReadValues lists the different cells of a column that holds roles, in the order
// of the file. Invalid: the column does not exist, is empty, or holds too many.
func ReadValues(r io.Reader, delimiter rune, column string) ([]string, error) {
	d, err := openDataset(r, &Mapping{Delimiter: string(delimiter), Organization: NameMap{Columns: []string{column}}}, &Report{})
	if err != nil {
		return nil, err
	}
	var values []string
	for {
		more, err := d.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if cell := d.cell(column); cell != "" && !slices.Contains(values, cell) {
			values = append(values, strings.Clone(cell))
		}
		if len(values) > maxRoles {
			return nil, Errorf(Invalid, "column %q has more than %d different cells; it does not look like roles", column, maxRoles)
		}
	}
	if len(values) == 0 {
		return nil, Errorf(Invalid, "column %q is empty", column)
	}
	return values, nil
}

func proposedInstrument(o ProposalOptions, columns []string, points int) *Instrument {
	scale := Scale{Key: "scale", TopBox: 2}
	if points == 2 {
		scale.TopBox = 1
	}
	lowest := 1
	if o.Kind == MapResponses {
		lowest = o.Min
	}
	for v := 1; v <= points; v++ {
		scale.Points = append(scale.Points, Point{Value: v, Label: Text{"en": strconv.Itoa(v + lowest - 1)}})
	}
	section := Section{Key: "items", Title: Text{"en": o.Title}}
	for i, key := range fieldKeys(columns) {
		label := Text{"en": columns[i]}
		section.Items = append(section.Items, Item{
			Key: key, Kind: Likert, Block: "practice", Area: "all", Scale: scale.Key, Label: label, Texts: map[string]Text{"*": label},
		})
	}
	var roles []Role
	for i, key := range roleKeys(o.Roles) {
		roles = append(roles, Role{Key: key, Label: Text{"en": o.Roles[i]}})
	}
	return &Instrument{
		Roles: roles, Key: o.Key, Version: 1, Title: Text{"en": o.Title}, Languages: []string{"en"},
		Areas: []Area{{Key: "all", Title: Text{"en": "All items"}}}, Scales: []Scale{scale}, Sections: []Section{section},
	}
}

// firstDouble is the first of the used columns that the header names twice.
func firstDouble(header, used []string) string {
	seen := map[string]bool{}
	for _, column := range header {
		if seen[column] && slices.Contains(used, column) {
			return column
		}
		seen[column] = true
	}
	return ""
}

// SuggestRespondent names the first of the columns whose name says that it holds
// ids of people; "" when none does.
func SuggestRespondent(columns []string) string {
	plain := strings.NewReplacer(" ", "", "_", "", "-", "", ".", "")
	for _, column := range columns {
		switch plain.Replace(strings.ToLower(column)) {
		case "id", "uid", "uuid", "guid", "token", "respondent", "respondentid", "person", "personid", "participant",
			"participantid", "responseid", "caseid", "subject", "subjectid", "userid", "employeeid", "memberid":
			return column
		}
	}
	return ""
}

// ReadHeader reads the names of the columns and finds the delimiter: the one of
// comma, semicolon, tab and bar that the first line holds most often. It reads on
// to the end, so that a file that is no text in UTF-8 is Invalid here, with the
// words of the import, and not after the documents are written.
func ReadHeader(r io.Reader) (header []string, delimiter rune, err error) {
	start := make([]byte, 1<<20)
	n, err := io.ReadFull(r, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, 0, err
	}
	if n == 0 {
		return nil, 0, Errorf(Invalid, "the file is empty; its first line must hold the names of the columns")
	}
	line, _, _ := strings.Cut(string(start[:n]), "\n")
	delimiter = ','
	for _, candidate := range ";\t|" {
		if strings.Count(line, string(candidate)) > strings.Count(line, string(delimiter)) {
			delimiter = candidate
		}
	}
	d, err := openDataset(bytes.NewReader(start[:n]), &Mapping{Delimiter: string(delimiter)}, &Report{})
	if err != nil {
		return nil, 0, err
	}
	return d.header, delimiter, checkText(io.MultiReader(bytes.NewReader(start[:n]), r))
}

// checkText reads to the end and says where something is no text in UTF-8.
func checkText(r io.Reader) error {
	buffer := make([]byte, 1<<16)
	line, kept := 1, 0
	for {
		n, err := r.Read(buffer[kept:])
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read data after line %d: %w", line, err)
		}
		chunk := buffer[:kept+n]
		whole := len(chunk)
		if err == nil {
			whole -= cutRune(chunk)
		}
		if at := firstNoText(chunk[:whole]); at >= 0 {
			line += bytes.Count(chunk[:at], []byte("\n"))
			if chunk[at] == 0 {
				return Errorf(Invalid, "line %d: there is a NUL byte; save the file as CSV in UTF-8", line)
			}
			return Errorf(Invalid, "line %d: this is not valid UTF-8; save the file as UTF-8", line)
		}
		if err != nil {
			return nil
		}
		line += bytes.Count(chunk[:whole], []byte("\n"))
		kept = copy(buffer, chunk[whole:])
	}
}

// cutRune is the length of the beginning of a character at the end of the bytes.
func cutRune(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// firstNoText is the place of the first NUL or byte that is not UTF-8, -1 without.
func firstNoText(b []byte) int {
	if utf8.Valid(b) {
		return bytes.IndexByte(b, 0)
	}
	at := 0
	for at < len(b) && b[at] != 0 {
		r, size := utf8.DecodeRune(b[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}
