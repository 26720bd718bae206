package survey

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
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
	Name  string
	Rows  []SheetRow
	wrong Complaints // about its form: NewComplaints goes on from there
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
// required and no unknown column, in any order. What is wrong with header and rows is
// collected for NewComplaints, so that whoever sent the file reads everything at once.
// An error means that it can not be read as a table at all.
func ParseSheet(name string, data []byte, required, optional []string) (*Sheet, error) {
	switch {
	case len(data) > MostSheetBytes:
		return nil, Errorf(TooLarge, "%s: is larger than %d MB", name, MostSheetBytes>>20)
	case !utf8.Valid(data):
		return nil, Errorf(Invalid, "%s: line %d is not UTF-8; save the file as CSV UTF-8", name, brokenLine(data))
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, Errorf(Invalid, "%s: is empty; the first line must name the columns %s", name, strings.Join(required, ", "))
	}
	if err != nil {
		return nil, Errorf(Invalid, "%s: %s", name, err.Error())
	}
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t|") {
		return nil, Errorf(Invalid, "%s: line 1 has one column; the cells must be separated by commas, not by semicolons or tabs", name)
	}
	s := &Sheet{Name: name}
	s.wrong.Sheet = s
	first, _ := reader.FieldPos(0)
	columns := s.readHeader(first, header, required, optional)
	if err := s.readRows(reader, columns, len(header)); err != nil {
		return nil, err
	}
	if len(s.Rows) == 0 && s.wrong.Total() == 0 {
		return nil, Errorf(Invalid, "%s: has a header and no rows", name)
	}
	return s, nil
}

// readRows reads what stands below the header. A row with too few or too many cells
// is named and left out: nobody knows which of them is missing.
func (s *Sheet) readRows(reader *csv.Reader, columns map[string]int, cells int) error {
	for n := 0; ; n++ {
		record, err := reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case n == MostSheetRows:
			return Errorf(TooLarge, "%s: has more than %s rows; send it in parts", s.Name, Thousands(MostSheetRows))
		case errors.As(err, &broken):
			s.wrong.AddFault(broken.StartLine, Faultf("", "a quotation mark stands where none can: %s", broken.Err))
			continue
		case err != nil:
			return Errorf(Invalid, "%s: %s", s.Name, err.Error())
		}
		line, _ := reader.FieldPos(0)
		if len(record) != cells {
			s.wrong.AddFault(line, Faultf("", "has %s where the header has %d; a comma inside a cell needs quotation marks around the cell", cellWords(len(record)), cells))
			continue
		}
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		s.Rows = append(s.Rows, SheetRow{line, columns, record})
	}
}

func cellWords(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return strconv.Itoa(n) + " cells"
}

// readHeader finds the columns by their names.
func (s *Sheet) readHeader(line int, header, required, optional []string) map[string]int {
	columns := make(map[string]int, len(header))
	known := slices.Concat(required, optional)
	for i, column := range header {
		column = strings.TrimSpace(column)
		if _, twice := columns[column]; twice {
			s.wrong.AddFault(line, Faultf(column, "names the column %q twice", column))
			continue
		}
		columns[column] = i
		if !slices.Contains(known, column) {
			s.wrong.AddFault(line, Faultf(column, "has the unknown column %q; known are %s", column, strings.Join(known, ", ")))
		}
	}
	for _, column := range required {
		if _, ok := columns[column]; !ok {
			s.wrong.AddFault(line, Faultf(column, "lacks the column %q", column))
		}
	}
	return columns
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
