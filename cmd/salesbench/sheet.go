package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a roster or a list of organizations; far above any honest one.
const (
	maxSheetBytes  = 64 << 20
	maxSheetErrors = 20 // so that a wrong file does not print a complaint per row
)

// sheet is a CSV file with named columns.
type sheet struct {
	name string
	rows []sheetRow
}

// sheetRow is one row by column name, with the line where it begins.
type sheetRow struct {
	line  int
	cells map[string]string
}

// readSheet reads a CSV file from disk; - is standard input.
func readSheet(p *program, file string, required, optional []string) (*sheet, error) {
	var data []byte
	var err error
	if file == "-" {
		data, err = io.ReadAll(io.LimitReader(p.In, maxSheetBytes+1))
	} else {
		data, err = readLimited(file)
	}
	if err != nil {
		return nil, err
	}
	return parseSheet(file, data, required, optional)
}

func readLimited(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSheetBytes+1))
	if e := f.Close(); err == nil {
		err = e
	}
	return data, err
}

// parseSheet reads CSV strictly: comma-separated UTF-8 with a header that has every
// required and no unknown column, in any order.
func parseSheet(name string, data []byte, required, optional []string) (*sheet, error) {
	switch {
	case len(data) > maxSheetBytes:
		return nil, fmt.Errorf("%s: is larger than %d MB", name, maxSheetBytes>>20)
	case !utf8.Valid(data):
		return nil, fmt.Errorf("%s: line %d is not UTF-8; save the file as CSV UTF-8", name, brokenLine(data))
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: is empty; the first line must name the columns %s", name, strings.Join(required, ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := checkHeader(name, header, required, optional); err != nil {
		return nil, err
	}
	s := &sheet{name: name}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := reader.FieldPos(0)
		row := sheetRow{line, make(map[string]string, len(header))}
		for i, column := range header {
			row.cells[trimmed(column)] = trimmed(record[i])
		}
		s.rows = append(s.rows, row)
	}
	if len(s.rows) == 0 {
		return nil, fmt.Errorf("%s: has a header and no rows", name)
	}
	return s, nil
}

func trimmed(cell string) string { return strings.TrimSpace(cell) }

func checkHeader(name string, header, required, optional []string) error {
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t|") {
		return fmt.Errorf("%s: line 1 has one column; the cells must be separated by commas, not by semicolons or tabs", name)
	}
	seen := make(map[string]bool)
	for _, column := range header {
		column = trimmed(column)
		if seen[column] {
			return fmt.Errorf("%s: line 1 names the column %q twice", name, column)
		}
		seen[column] = true
		if !slices.Contains(required, column) && !slices.Contains(optional, column) {
			return fmt.Errorf("%s: line 1 has the unknown column %q; known are %s", name, column, strings.Join(slices.Concat(required, optional), ", "))
		}
	}
	for _, column := range required {
		if !seen[column] {
			return fmt.Errorf("%s: line 1 lacks the column %q", name, column)
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

// complaints collects what is wrong with rows, up to a bearable number.
type complaints struct {
	sheet *sheet
	wrong problems
	more  int
}

func (c *complaints) add(row sheetRow, column, format string, args ...any) {
	if len(c.wrong) >= maxSheetErrors {
		c.more++
		return
	}
	c.wrong = append(c.wrong, fmt.Errorf("%s: line %d, %s: %s", c.sheet.name, row.line, column, fmt.Sprintf(format, args...)))
}

// err is nil when nothing is wrong.
func (c *complaints) err() error {
	if c.more > 0 {
		c.wrong = append(c.wrong, fmt.Errorf("%s: and %d more", c.sheet.name, c.more))
	}
	if len(c.wrong) == 0 {
		return nil
	}
	return c.wrong
}
