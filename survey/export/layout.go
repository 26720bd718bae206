package export

import (
	"slices"

	"github.com/salesbench/salesbench/survey"
)

// content says what a column holds.
type content uint8

const (
	responseID content = iota
	organizationKey
	organizationName
	teamName
	roleKey
	languageTag
	submittedAt
	weightOf
	excludedFor
	codeOf    // of a closed field
	labelOf   // of a closed field
	numberOf  // or why there is none
	textOf    // empty where there is none
	missingOf // why there is no text; empty where there is one
	secondsOn // a section
)

// column is one column of a sheet.
type column struct {
	name    string
	content content
	at      int // field or section
}

// attributes are the columns before the answers. Their names have a dot, which
// no key of an item has, so that none of them can hide an item.
var attributes = []column{
	{"response.id", responseID, 0}, {"organization.key", organizationKey, 0}, {"organization.name", organizationName, 0}, {"team.name", teamName, 0},
	{"response.role", roleKey, 0}, {"response.language", languageTag, 0}, {"response.submitted", submittedAt, 0}, {"response.weight", weightOf, 0},
	{"response.excluded", excludedFor, 0},
}

// layout lists the columns of a sheet in their order.
func layout(in *survey.Instrument, values Values) []column {
	columns := slices.Clone(attributes)
	for _, f := range in.Fields() {
		switch {
		case f.Closed():
			if values != Labels {
				columns = append(columns, column{f.Key, codeOf, f.Index})
			}
			if values == Labels {
				columns = append(columns, column{f.Key, labelOf, f.Index})
			}
			if values == Both {
				columns = append(columns, column{f.Key + ".label", labelOf, f.Index})
			}
		case f.Kind == survey.LongText:
			columns = append(columns, column{f.Key, textOf, f.Index}, column{f.Key + ".missing", missingOf, f.Index})
		default:
			columns = append(columns, column{f.Key, numberOf, f.Index})
		}
	}
	for s := range in.Sections {
		columns = append(columns, column{"seconds." + in.Sections[s].Key, secondsOn, s})
	}
	return columns
}

// header is the first row of a sheet.
func header(columns []column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// points are the codes and labels of the closed fields, made once.
type points struct {
	codes  [][]string // by field, by code - 1
	labels [][]string
	scale  []bool // the code is a number
}

func newPoints(in *survey.Instrument, language string) points {
	n := len(in.Fields())
	p := points{make([][]string, n), make([][]string, n), make([]bool, n)}
	for _, f := range in.Fields() {
		if scale := in.ScaleOf(f.Item); scale != nil {
			p.scale[f.Index] = true
			for code, point := range scale.Points {
				p.codes[f.Index] = append(p.codes[f.Index], number(float64(code+1)))
				p.labels[f.Index] = append(p.labels[f.Index], orElse(point.Label.In(language), number(float64(code+1))))
			}
		}
		for _, option := range f.Item.Options {
			p.codes[f.Index] = append(p.codes[f.Index], option.Code)
			p.labels[f.Index] = append(p.labels[f.Index], orElse(option.Label.In(language), option.Code))
		}
	}
	return p
}

// orElse is the text, or another where a translation is blank, so that no answer is an
// empty cell.
func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
