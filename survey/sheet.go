package survey

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a roster or a list of organizations; far above any honest one.
const (
	MostSheetBytes = 64 << 20
	MostSheetRows  = 250_000
)

// Sheet is a CSV file with named columns.
type Sheet struct {
	Name string
	Rows []SheetRow
}

// SheetRow is one row, with the line where it begins.
type SheetRow struct {
	Line    int
	columns map[string]int // of the whole sheet
	cells   []string
}

// Cell is what stands in the column; empty where the sheet has none of the name.
func (r SheetRow) Cell(column string) string {
	if i, ok := r.columns[column]; ok {
		return r.cells[i]
	}
	return ""
}

// Has says whether the sheet has the column.
func (r SheetRow) Has(column string) bool {
	_, ok := r.columns[column]
	return ok
}

// ParseSheet reads CSV strictly: comma-separated UTF-8 with a header that has every
// required and no unknown column, in any order.
func ParseSheet(name string, data []byte, required, optional []string) (*Sheet, error) {
	switch {
	case len(data) > MostSheetBytes:
		return nil, Errorf(TooLarge, "%s: is larger than %d MB", name, MostSheetBytes>>20)
	case !utf8.Valid(data):
		return nil, Errorf(Invalid, "%s: line %d is not UTF-8; save the file as CSV UTF-8", name, brokenLine(data))
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, Errorf(Invalid, "%s: is empty; the first line must name the columns %s", name, strings.Join(required, ", "))
	}
	if err != nil {
		return nil, Errorf(Invalid, "%s: %s", name, err.Error())
	}
	if err := checkHeader(name, header, required, optional); err != nil {
		return nil, err
	}
	columns := make(map[string]int, len(header))
	for i, column := range header {
		columns[strings.TrimSpace(column)] = i
	}
	s := &Sheet{Name: name}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, Errorf(Invalid, "%s: %s", name, err.Error())
		}
		if len(s.Rows) == MostSheetRows {
			return nil, Errorf(TooLarge, "%s: has more than %d rows; send it in parts", name, MostSheetRows)
		}
		line, _ := reader.FieldPos(0)
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		s.Rows = append(s.Rows, SheetRow{line, columns, record})
	}
	if len(s.Rows) == 0 {
		return nil, Errorf(Invalid, "%s: has a header and no rows", name)
	}
	return s, nil
}

func checkHeader(name string, header, required, optional []string) error {
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t|") {
		return Errorf(Invalid, "%s: line 1 has one column; the cells must be separated by commas, not by semicolons or tabs", name)
	}
	seen := make(map[string]bool)
	for _, column := range header {
		column = strings.TrimSpace(column)
		if seen[column] {
			return Errorf(Invalid, "%s: line 1 names the column %q twice", name, column)
		}
		seen[column] = true
		if !slices.Contains(required, column) && !slices.Contains(optional, column) {
			return Errorf(Invalid, "%s: line 1 has the unknown column %q; known are %s", name, column, strings.Join(slices.Concat(required, optional), ", "))
		}
	}
	for _, column := range required {
		if !seen[column] {
			return Errorf(Invalid, "%s: line 1 lacks the column %q", name, column)
		}
	}
	return nil
}

// brokenLine is the line of the first byte that is not UTF-8.
func brokenLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}

// MostComplaints is how many are listed, so that a wrong file does not bring one
// per row.
const MostComplaints = 20

// Complaint is what is wrong with one cell of a sheet.
type Complaint struct {
	Line    int
	Column  string
	Message string
}

// Complaints collects what is wrong with rows, up to a bearable number.
type Complaints struct {
	Sheet *Sheet
	List  []Complaint
	More  int // that are not listed
}

// Add notes a mistake in a cell of the row.
func (c *Complaints) Add(row SheetRow, column, format string, args ...any) {
	if len(c.List) >= MostComplaints {
		c.More++
		return
	}
	c.List = append(c.List, Complaint{row.Line, column, fmt.Sprintf(format, args...)})
}

// Lines are the complaints, one sentence each.
func (c *Complaints) Lines() []string {
	lines := make([]string, 0, len(c.List)+1)
	for _, one := range c.List {
		lines = append(lines, fmt.Sprintf("%s: line %d, %s: %s", c.Sheet.Name, one.Line, one.Column, one.Message))
	}
	if c.More > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more", c.Sheet.Name, c.More))
	}
	return lines
}

// Err is nil when nothing is wrong.
func (c *Complaints) Err() error {
	if len(c.List) == 0 {
		return nil
	}
	return Errorf(Invalid, "%s", strings.Join(c.Lines(), "\n"))
}
