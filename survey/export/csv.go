package export

import (
	"context"
	"io"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// csvPart is what a reader has made of some responses.
type csvPart struct {
	lines []byte
	rows  int64
}

// csvReader writes responses as lines. Several work at the same time.
type csvReader struct {
	sheet *sheet
	part  csvPart
	room  int // what the last part took
}

// Append implements store.PackedReader.
func (c *csvReader) Append(r *survey.PackedResponse) error {
	if c.part.lines == nil {
		c.part.lines = make([]byte, 0, c.room+c.room/8)
	}
	row, err := newRow(c.sheet.instrument, r)
	if err != nil {
		return err
	}
	for i, column := range c.sheet.columns {
		if i > 0 {
			c.part.lines = append(c.part.lines, ',')
		}
		c.part.lines = appendCSV(c.part.lines, c.sheet.cell(column, row))
	}
	c.part.lines = append(c.part.lines, '\n')
	c.part.rows++
	return nil
}

// Cut implements store.PackedReader.
func (c *csvReader) Cut() csvPart {
	part := c.part
	c.room, c.part = len(part.lines), csvPart{}
	return part
}

// appendCSV writes a cell as RFC 4180 has it. What a spreadsheet would take for a
// formula gets an apostrophe before it.
func appendCSV(b []byte, c cell) []byte {
	text := c.text
	if !c.plain {
		text = benchmark.SafeCell(text)
		if strings.ContainsAny(text, "\",\r\n") || strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") {
			b = append(b, '"')
			for from := text; ; {
				before, after, found := strings.Cut(from, `"`)
				b = append(b, before...)
				if !found {
					return append(b, '"')
				}
				b, from = append(b, '"', '"'), after
			}
		}
	}
	return append(b, text...)
}

func writeCSV(ctx context.Context, out io.Writer, s *store.Store, w Wave, o Options) (Summary, error) {
	sheet := &sheet{w.Instrument, newNames(w), newPoints(w.Instrument, o.Language), layout(w.Instrument, o.Values)}
	summary := Summary{Columns: len(sheet.columns)}
	if _, err := out.Write(headerLine(sheet.columns)); err != nil {
		return summary, err
	}
	_, err := store.StreamPacked(ctx, s, w.Wave.ID, 0, store.PackedSink[csvPart]{
		NewReader: func() store.PackedReader[csvPart] { return &csvReader{sheet: sheet} },
		Take: func(part csvPart, _ int64) error {
			_, err := out.Write(part.lines)
			summary.Responses += part.rows
			o.Progress(summary.Responses)
			return err
		},
	})
	return summary, err
}

func headerLine(columns []column) []byte {
	var line []byte
	for i, name := range header(columns) {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendCSV(line, foreignCell(name))
	}
	return append(line, '\n')
}
