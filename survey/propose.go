package survey

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
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
}

// Propose writes the instrument and the mapping that a data file needs, from its
// header: every item with its column's name as label, all other columns
// ignored. They are meant to be read and bettered before the import. A column
// that does not exist, or a scale of fewer than two points, is Invalid.
func Propose(header []string, delimiter rune, o ProposalOptions) (*Instrument, *Mapping, error) {
	if o.Kind == MapResponses && o.Max-o.Min < 1 {
		return nil, nil, Errorf(Invalid, "the scale %d:%d has no two points; give the lowest and the highest, such as 1:5", o.Min, o.Max)
	}
	for _, column := range o.Group {
		if !slices.Contains(header, column) {
			return nil, nil, Errorf(Invalid, "the file has no column %q; its columns are: %s", column, strings.Join(header, ", "))
		}
	}
	items, err := matchColumns(header, o.Items, o.Group)
	if err != nil {
		return nil, nil, err
	}
	m := &Mapping{Kind: o.Kind, Title: o.Title, Instrument: o.Key, Organization: NameMap{Columns: o.Group}}
	if delimiter != ',' {
		m.Delimiter = string(delimiter)
	}
	group := ColumnGroup{Columns: items, Items: fieldKeys(items)}
	if slices.Equal(group.Items, items) {
		group.Items = nil
	}
	for _, column := range header {
		if !slices.Contains(items, column) && !slices.Contains(o.Group, column) {
			m.Ignore = append(m.Ignore, column)
		}
	}
	if o.Kind == MapAggregates {
		m.Share, m.Measures = o.Share, []ColumnGroup{group}
		return proposedInstrument(o, items, 5), m, nil
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

// fieldKeys makes item keys of column names: small letters, digits and _, each once.
func fieldKeys(columns []string) []string {
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
			key = "item_" + key
		}
		base := key
		for n := 2; slices.Contains(keys[:i], key); n++ {
			key = base + "_" + strconv.Itoa(n)
		}
		keys[i] = key
	}
	return keys
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
	return &Instrument{
		Key: o.Key, Version: 1, Title: Text{"en": o.Title}, Languages: []string{"en"},
		Areas: []Area{{Key: "all", Title: Text{"en": "All items"}}}, Scales: []Scale{scale}, Sections: []Section{section},
	}
}

// ReadHeader reads the names of the columns and finds the delimiter: the one of
// comma, semicolon, tab and bar that the first line holds most often.
func ReadHeader(r io.Reader) (header []string, delimiter rune, err error) {
	start := make([]byte, 1<<20)
	n, err := io.ReadFull(r, start)
	if n == 0 {
		return nil, 0, Errorf(Invalid, "the file is empty; its first line must hold the names of the columns")
	}
	text := strings.TrimPrefix(string(start[:n]), "\ufeff")
	line, _, _ := strings.Cut(text, "\n")
	delimiter = ','
	for _, candidate := range ";\t|" {
		if strings.Count(line, string(candidate)) > strings.Count(line, string(delimiter)) {
			delimiter = candidate
		}
	}
	rows := csv.NewReader(strings.NewReader(text))
	rows.Comma = delimiter
	header, err = rows.Read()
	if err != nil {
		return nil, 0, Errorf(Invalid, "the first line does not read as names of columns: %w", err)
	}
	return header, delimiter, nil
}
