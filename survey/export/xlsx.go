package export

import (
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/xuri/excelize/v2"
)

// Limits of a sheet. https://support.microsoft.com, "Excel specifications and limits".
const (
	sheetRows    = 1_048_576
	sheetColumns = 16_384
	cellUnits    = 32_767 // UTF-16 code units
)

// The sheets of a workbook.
const (
	dataSheet     = "data"
	labelsSheet   = "labels"
	codebookSheet = "codebook"
)

// workbook writes one XLSX file; rows go to the disk beside it as they come.
type workbook struct {
	file   *excelize.File
	bold   int
	sheets []*bookSheet
}

// bookSheet is one sheet that is written row by row.
type bookSheet struct {
	*sheet
	name   string
	stream *excelize.StreamWriter
	next   int // row
}

func newWorkbook() (*workbook, error) {
	b := &workbook{file: excelize.NewFile()}
	var err error
	b.bold, err = b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	return b, err
}

// add begins a sheet with a header that stays in view.
func (b *workbook) add(name string, columns []string) (*bookSheet, error) {
	if len(columns) > sheetColumns {
		return nil, survey.Errorf(survey.TooLarge, "the sheet %q would have %d columns, XLSX takes %d: export CSV", name, len(columns), sheetColumns)
	}
	if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	panes := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := errors.Join(stream.SetPanes(panes), stream.SetColWidth(1, len(columns), 14)); err != nil {
		return nil, err
	}
	s := &bookSheet{name: name, stream: stream, next: 1}
	b.sheets = append(b.sheets, s)
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = excelize.Cell{StyleID: b.bold, Value: c}
	}
	return s, s.write(cells)
}

func (s *bookSheet) write(cells []any) error {
	if s.next > sheetRows {
		return survey.Errorf(survey.TooLarge, "XLSX takes %d rows and the wave has more responses: export CSV", sheetRows)
	}
	name, err := excelize.CoordinatesToCellName(1, s.next)
	if err != nil {
		return err
	}
	s.next++
	return s.stream.SetRow(name, cells)
}

// finish writes the file.
func (b *workbook) finish(out io.Writer) error {
	for _, s := range b.sheets {
		if err := s.stream.Flush(); err != nil {
			return err
		}
	}
	if err := b.file.DeleteSheet("Sheet1"); err != nil { // the one every new file has
		return err
	}
	_, err := b.file.WriteTo(out)
	return err
}

// xlsxPart is what a reader has made of some responses: rows for each sheet.
type xlsxPart struct {
	rows   [][][]any
	counts counts
	cut    int64
}

// xlsxReader makes cells of responses. Several work at the same time.
type xlsxReader struct {
	sheets []*bookSheet
	part   xlsxPart
}

// Append implements store.PackedReader.
func (x *xlsxReader) Append(r *survey.PackedResponse) error {
	in := x.sheets[0].instrument
	if x.part.rows == nil {
		x.part = xlsxPart{rows: make([][][]any, len(x.sheets)), counts: newCounts(in)}
	}
	row, err := newRow(in, r)
	if err != nil {
		return err
	}
	x.part.counts.add(row.answers)
	for i, s := range x.sheets {
		cells := make([]any, len(s.columns))
		for k, column := range s.columns {
			value, cut := xlsxValue(s.cell(column, row))
			cells[k] = value
			if cut && i == 0 {
				x.part.cut++
			}
		}
		x.part.rows[i] = append(x.part.rows[i], cells)
	}
	return nil
}

// Cut implements store.PackedReader.
func (x *xlsxReader) Cut() xlsxPart {
	part := x.part
	x.part = xlsxPart{}
	return part
}

// xlsxValue is a cell as excelize takes it. A text is stored as a text and never
// as a formula, whatever it begins with.
func xlsxValue(c cell) (value any, cut bool) {
	if c.text == "" {
		return nil, false
	}
	if c.number {
		if v, err := strconv.ParseFloat(c.text, 64); err == nil {
			return v, false
		}
	}
	return fitting(c.text)
}

// fitting cuts a text at the end of the last character that a cell has room for.
func fitting(text string) (string, bool) {
	if len(text) <= cellUnits {
		return text, false
	}
	units := 0
	for i, r := range text {
		units++
		if r > 0xffff {
			units++
		}
		if units > cellUnits {
			return text[:i], true
		}
	}
	return text, false
}

func writeXLSX(ctx context.Context, out io.Writer, s *store.Store, w Wave, o Options) (summary Summary, err error) {
	edition, err := s.CountResponses(ctx, w.Wave.ID)
	if err != nil {
		return summary, err
	}
	if edition.Responses >= sheetRows {
		return summary, survey.Errorf(survey.TooLarge, "a sheet of XLSX takes %d rows and the wave has %d responses: export CSV", sheetRows, edition.Responses)
	}
	book, err := newWorkbook()
	if err != nil {
		return summary, err
	}
	defer func() { err = errors.Join(err, book.file.Close()) }() // removes what lies on the disk
	if err := book.addData(w, o); err != nil {
		return summary, err
	}
	data := book.sheets
	summary.Columns = len(data[0].columns)
	total := newCounts(w.Instrument)
	_, err = store.StreamPacked(ctx, s, w.Wave.ID, 0, store.PackedSink[xlsxPart]{
		NewReader: func() store.PackedReader[xlsxPart] { return &xlsxReader{sheets: data} },
		Take: func(part xlsxPart, _ int64) error {
			if part.rows == nil {
				return nil
			}
			for i, s := range data {
				for _, cells := range part.rows[i] {
					if err := s.write(cells); err != nil {
						return err
					}
				}
			}
			total.merge(part.counts)
			summary.Responses += int64(len(part.rows[0]))
			summary.CutTexts += part.cut
			o.Progress(summary.Responses)
			return nil
		},
	})
	if err != nil {
		return summary, err
	}
	if err := book.addCodebook(w, o, total); err != nil {
		return summary, err
	}
	return summary, book.finish(out)
}

// addData begins the sheets of answers.
func (b *workbook) addData(w Wave, o Options) error {
	names, points := newNames(w), newPoints(w.Instrument, o.Language)
	for _, s := range []struct {
		name   string
		values Values
	}{{dataSheet, Codes}, {labelsSheet, Labels}} {
		if o.Values != Both && o.Values != s.values {
			continue
		}
		columns := layout(w.Instrument, s.values)
		made, err := b.add(s.name, header(columns))
		if err != nil {
			return err
		}
		made.sheet = &sheet{w.Instrument, names, points, columns}
	}
	return nil
}
