package survey

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of one file. A record that is longer is nearly always a quote that was
// opened and never closed; without the bound it would fill the memory.
const (
	maxRecordBytes  = 1 << 20
	maxCellRunes    = 10000
	maxNameRunes    = 200
	maxColumns      = 5000
	maxRefusalsKept = 100
	maxLinesAbove   = 1000
)

// The codes of refusals.
const (
	RefusedEmptyFile     = "empty_file"
	RefusedNoRows        = "no_rows"
	RefusedEncoding      = "encoding"
	RefusedDelimiter     = "wrong_delimiter"
	RefusedMissingColumn = "missing_column"
	RefusedDoubleColumn  = "double_column"
	RefusedUnknownItem   = "unknown_item"
	RefusedQuote         = "quote"
	RefusedRagged        = "ragged_row"
	RefusedNullByte      = "null_byte"
	RefusedLongCell      = "long_cell"
	RefusedOutside       = "outside_scale"
	RefusedDecimalComma  = "decimal_comma"
	RefusedNotANumber    = "not_a_number"
	RefusedSum           = "sum"
	RefusedDuplicate     = "duplicate_respondent"
	RefusedNoName        = "organization_missing"
	RefusedTwice         = "organization_twice"
	RefusedRole          = "unknown_role"
	RefusedWeight        = "invalid_weight"
	RefusedCount         = "invalid_count"
)

// Refusal is one thing of a file that can not be taken.
type Refusal struct {
	Line    int    `json:"line"`             // in the file, from 1
	Column  string `json:"column,omitempty"` // as in the header
	Value   string `json:"value,omitempty"`  // the cell, shortened
	Code    string `json:"code"`
	Message string `json:"message"` // says what is wrong and what to do
}

// String is the refusal as one sentence with its place.
func (r Refusal) String() string {
	where := fmt.Sprintf("line %d", r.Line)
	if r.Column != "" {
		where += fmt.Sprintf(", column %q", r.Column)
	}
	return where + ": " + r.Message
}

// Report says what an import took, or would take, and what it refused.
type Report struct {
	Rows          int                `json:"rows"`     // below the header
	Taken         int                `json:"taken"`    // handed on
	Refused       int                `json:"refused"`  // rows with at least one refusal
	Excluded      int                `json:"excluded"` // rows the mapping leaves out
	Organizations int                `json:"organizations"`
	Unused        []string           `json:"unused_columns,omitempty"` // neither mapped nor listed under ignore
	Warnings      []string           `json:"warnings,omitempty"`       // what can be taken and is worth a look
	Refusals      []Refusal          `json:"refusals,omitempty"`       // the first ones; of broken encoding only the first
	Counts        map[string]int     `json:"refusal_counts,omitempty"` // all of them, by code
	Published     map[string]float64 `json:"published,omitempty"`      // the source's own benchmark row, as fractions by measure
}

// refuse counts a refusal and keeps it, if there is room. Cells in another
// encoding are described once: they are one fault of the file, and the same
// sentence for each of them would hide what else is wrong.
func (r *Report) refuse(refusal Refusal) {
	if r.Counts == nil {
		r.Counts = map[string]int{}
	}
	r.Counts[refusal.Code]++
	again := refusal.Code == RefusedEncoding && r.Counts[refusal.Code] > 1
	if len(r.Refusals) < maxRefusalsKept && !again {
		r.Refusals = append(r.Refusals, refusal)
	}
}

// dataset is a CSV file being read under a mapping.
type dataset struct {
	mapping  *Mapping
	report   *Report
	guard    *recordGuard
	csv      *csv.Reader
	header   []string
	position map[string]int
	above    int // lines before the header
	line     int // where the current record begins
	record   []string
	refused  bool // something of the current record was refused
}

// openDataset reads the beginning and the header. What makes the file unreadable
// as a whole is in the report, and its first sentence in the error.
func openDataset(r io.Reader, m *Mapping, report *Report) (*dataset, error) {
	d := &dataset{mapping: m, report: report, guard: &recordGuard{}, line: 1}
	buffered := bufio.NewReaderSize(r, 1<<16)
	start, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read data: %w", err)
	}
	if err := d.checkFormat(string(start)); err != nil {
		return nil, err
	}
	if _, err := buffered.Discard(markLength(start)); err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	d.above = max(m.HeaderLine-1, 0)
	for range d.above {
		if err := skipLine(buffered); err != nil {
			return nil, fmt.Errorf("read data: %w", err)
		}
	}
	if err := d.guessDelimiter(buffered); err != nil {
		return nil, err
	}
	d.guard.source = buffered
	d.csv = csv.NewReader(d.guard)
	d.csv.Comma = m.delimiter()
	d.csv.FieldsPerRecord = -1
	d.csv.ReuseRecord = true
	if err := d.readHeader(); err != nil {
		return nil, err
	}
	return d, d.skipRows()
}

// checkFormat knows what people send instead of CSV in UTF-8 by its first bytes.
func (d *dataset) checkFormat(start string) error {
	switch {
	case strings.TrimSpace(start) == "" && len(start) < 4:
		return d.unreadable(RefusedEmptyFile, "", "the file is empty")
	case strings.HasPrefix(start, "\x1f\x8b"):
		return d.unreadable(RefusedEncoding, "", "the file is compressed; unpack it, or name it .gz")
	case strings.HasPrefix(start, "PK\x03\x04"):
		return d.unreadable(RefusedEncoding, "", "the file is a workbook or an archive; save the table as CSV in UTF-8")
	case strings.HasPrefix(start, "\xff\xfe"), strings.HasPrefix(start, "\xfe\xff"), strings.IndexByte(start, 0) >= 0:
		return d.unreadable(RefusedEncoding, "", "the file is written in UTF-16 or is no text; save it as CSV in UTF-8")
	}
	return nil
}

// skipLine reads to the end of a line, or of the file.
func skipLine(r *bufio.Reader) error {
	for {
		_, err := r.ReadSlice('\n')
		switch {
		case err == nil, errors.Is(err, io.EOF):
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// skipRows passes over rows that explain the columns.
func (d *dataset) skipRows() error {
	for range d.mapping.SkipRows {
		d.guard.begin()
		_, err := d.csv.Read()
		var parse *csv.ParseError
		if err != nil && !errors.Is(err, io.EOF) && !errors.As(err, &parse) {
			return d.brokenRecord(err)
		}
	}
	return nil
}

// markLength is the length of the UTF-8 byte order mark, if there is one.
func markLength(start []byte) int {
	if strings.HasPrefix(string(start), string(utf8Mark)) {
		return len(utf8Mark)
	}
	return 0
}

// unreadable refuses the file as a whole.
func (d *dataset) unreadable(code, column, message string) error {
	refusal := Refusal{Line: d.line, Column: column, Code: code, Message: message}
	d.report.refuse(refusal)
	return Errorf(Invalid, "%s", refusal)
}

func (d *dataset) readHeader() error {
	d.line = 1 + d.above
	record, err := d.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return d.unreadable(RefusedEmptyFile, "", "the file is empty")
	case err != nil:
		return d.brokenRecord(err)
	case len(record) > maxColumns:
		return d.unreadable(RefusedDelimiter, "", fmt.Sprintf("the header has %d columns; at most %d are possible", len(record), maxColumns))
	}
	d.header = make([]string, len(record))
	for i, name := range record {
		if !utf8.ValidString(name) {
			return d.unreadable(RefusedEncoding, "", fmt.Sprintf("the name of column %d is not valid UTF-8; save the file as UTF-8", i+1))
		}
		if strings.Contains(strings.TrimSpace(name), "\r") {
			return d.unreadable(RefusedDelimiter, "", "the lines end with a carriage return alone; save the file with line feeds")
		}
		d.header[i] = strings.TrimSpace(strings.Clone(name))
	}
	return d.findColumns()
}

func (d *dataset) findColumns() error {
	d.position = map[string]int{}
	double := map[string]bool{}
	for i, name := range d.header {
		if _, taken := d.position[name]; taken {
			double[name] = true
			continue
		}
		d.position[name] = i
	}
	needed := d.mapping.columns()
	var first error
	for _, name := range needed {
		var err error
		if double[name] {
			err = d.unreadable(RefusedDoubleColumn, name, "the header names this column twice; rename one of them")
		} else if _, ok := d.position[name]; !ok {
			err = d.unreadable(RefusedMissingColumn, name, "the file has no such column"+d.similar(name))
		}
		if first == nil {
			first = err
		}
	}
	d.listUnused(needed)
	return first
}

// guessDelimiter looks at the header line as it stands in the file. Where the
// delimiter of the mapping finds none of its columns and another one does, that
// one is named.
func (d *dataset) guessDelimiter(file *bufio.Reader) error {
	start, _ := file.Peek(file.Size()) // what is wrong with reading shows when reading
	line, _, _ := strings.Cut(string(start), "\n")
	needed := map[string]bool{}
	for _, name := range d.mapping.columns() {
		needed[name] = true
	}
	own := d.mapping.delimiter()
	if columnsFound(line, own, needed) > 0 {
		return nil
	}
	for _, other := range []rune{',', ';', '\t', '|'} {
		if columnsFound(line, other, needed) > 0 && other != own {
			d.line = 1 + d.above
			return d.unreadable(RefusedDelimiter, "", fmt.Sprintf("the columns are separated by %q, not by %q: set \"delimiter\" in the mapping", string(other), string(own)))
		}
	}
	return nil
}

func columnsFound(line string, delimiter rune, needed map[string]bool) int {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma = delimiter
	r.LazyQuotes = true
	record, _ := r.Read()
	found := 0
	for _, name := range record {
		if needed[strings.TrimSpace(name)] {
			found++
		}
	}
	return found
}

func (d *dataset) similar(name string) string {
	for _, other := range d.header {
		if strings.EqualFold(other, name) || len(name) > 3 && distance(strings.ToLower(other), strings.ToLower(name)) == 1 {
			return fmt.Sprintf("; did you mean %q?", excerpt(other, 60))
		}
	}
	return ""
}

func (d *dataset) listUnused(needed []string) {
	known := map[string]bool{}
	for _, name := range needed {
		known[name] = true
	}
	for _, name := range d.mapping.Ignore {
		known[name] = true
	}
	for _, name := range d.header {
		if !known[name] && name != "" { // many programs write delimiters without columns
			d.report.Unused = append(d.report.Unused, excerpt(name, 60))
		}
	}
}

// next reads records until one can be looked into; false at the end.
func (d *dataset) next() (bool, error) {
	for {
		d.guard.begin()
		record, err := d.csv.Read()
		if errors.Is(err, io.EOF) {
			if d.report.Rows == 0 {
				return false, d.unreadable(RefusedNoRows, "", "there is no row below the header")
			}
			return false, nil
		}
		d.report.Rows++
		d.refused = false
		if err != nil {
			if err := d.brokenRecord(err); err != nil {
				return false, err
			}
			continue
		}
		line, _ := d.csv.FieldPos(0)
		d.line = line + d.above
		d.record = record
		if d.sound() {
			return true, nil
		}
		d.report.Refused++
	}
}

// brokenRecord refuses a row that is no CSV. It returns an error where reading
// can not go on.
func (d *dataset) brokenRecord(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		if errors.Is(err, errRecordTooLong) {
			return d.unreadable(RefusedQuote, "", fmt.Sprintf("a row goes on for more than %d bytes: a quote (\") before it is opened and not closed", maxRecordBytes))
		}
		return fmt.Errorf("read data after line %d: %w", d.line, err)
	}
	d.line = parse.StartLine + d.above
	message := "a quote (\") stands inside a cell that does not begin with one; double it and put the cell in quotes"
	if errors.Is(parse.Err, csv.ErrQuote) {
		message = "a quote (\") is opened here and not closed, or something follows after the closing one"
	}
	if d.header == nil {
		return d.unreadable(RefusedQuote, "", message)
	}
	d.refuseCell(RefusedQuote, "", "", message)
	d.report.Refused++
	return nil
}

// sound checks what must hold before any cell is understood.
func (d *dataset) sound() bool {
	if len(d.record) != len(d.header) {
		message := fmt.Sprintf("cells: %d in this row, %d in the header; a delimiter is missing or too many", len(d.record), len(d.header))
		if d.mapping.DecimalComma && d.mapping.delimiter() == ',' {
			message += "; with decimal commas the cells must be in quotes"
		}
		d.refuseCell(RefusedRagged, "", "", message)
		return false
	}
	for i, cell := range d.record {
		if len(cell) < 2 && (cell == "" || cell[0] < utf8.RuneSelf && cell[0] != 0) {
			continue
		}
		switch {
		case !utf8.ValidString(cell):
			d.refuseCell(RefusedEncoding, d.header[i], cell, "the cell is not valid UTF-8; save the file as UTF-8")
		case strings.IndexByte(cell, 0) >= 0:
			d.refuseCell(RefusedNullByte, d.header[i], cell, "the cell holds a NUL byte")
		case len(cell) > maxCellRunes && utf8.RuneCountInString(cell) > maxCellRunes:
			d.refuseCell(RefusedLongCell, d.header[i], cell, fmt.Sprintf("the cell has more than %d characters", maxCellRunes))
		}
	}
	return !d.refused
}

func (d *dataset) refuseCell(code, column, value, message string) {
	d.refused = true
	value = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, excerpt(value, 40))
	d.report.refuse(Refusal{Line: d.line, Column: excerpt(column, 60), Value: value, Code: code, Message: message})
}

// cell returns a cell without the spaces around it; "" for a column not mapped.
func (d *dataset) cell(column string) string {
	if column == "" {
		return ""
	}
	return strings.TrimSpace(d.record[d.position[column]])
}

// name returns a cell that names something: on one line, and short enough to
// be shown.
func (d *dataset) name(column string) string {
	s := d.cell(column)
	if len(s) > maxNameRunes && utf8.RuneCountInString(s) > maxNameRunes {
		d.refuseCell(RefusedLongCell, column, s, fmt.Sprintf("a name may have at most %d characters", maxNameRunes))
		return ""
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
	}
	return s
}

// kept is the name taken out of the buffer that the next record is read into.
func (d *dataset) kept(column string) string { return strings.Clone(d.name(column)) }

// excluded says whether the mapping leaves the row out.
func (d *dataset) excluded() bool {
	for i := range d.mapping.Exclude {
		if test := &d.mapping.Exclude[i]; test.matches(d.cell(test.Column)) {
			return true
		}
	}
	return false
}

var errRecordTooLong = errors.New("record too long")

// recordGuard stops a record that never ends.
type recordGuard struct {
	source io.Reader
	read   int
}

func (g *recordGuard) begin() { g.read = 0 }

func (g *recordGuard) Read(p []byte) (int, error) {
	if g.read > maxRecordBytes {
		return 0, errRecordTooLong
	}
	n, err := g.source.Read(p)
	g.read += n
	return n, err
}
