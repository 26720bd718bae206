package store

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/salesbench/salesbench/survey"
)

// backupRow turns rows of a table into lines: a JSON array of the values in the
// order of the columns. The same row is the same line on both databases.
type backupRow struct {
	cells   []backupCell
	targets []any // cells as Scan takes them
	buffer  []byte
}

// backupCell takes the value of one column from a driver.
type backupCell struct {
	kind  columnKind
	value any // as the driver gave it; it holds until the next row
}

// Scan implements sql.Scanner.
func (c *backupCell) Scan(value any) error {
	c.value = value
	return nil
}

func newBackupRow(columns []BackupColumn) *backupRow {
	r := &backupRow{cells: make([]backupCell, len(columns))}
	for i, c := range columns {
		r.cells[i].kind = c.Kind
		r.targets = append(r.targets, &r.cells[i])
	}
	return r
}

// line is the current row. It holds until the next one is asked for.
func (r *backupRow) line() ([]byte, error) {
	b := append(r.buffer[:0], '[')
	for i := range r.cells {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = r.cells[i].append(b); err != nil {
			return nil, fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	r.buffer = append(b, ']', '\n')
	return r.buffer, nil
}

func (c *backupCell) append(b []byte) ([]byte, error) {
	if c.value == nil {
		return append(b, "null"...), nil
	}
	switch c.kind {
	case textColumn:
		return c.appendText(b)
	case integerColumn:
		if v, ok := c.value.(int64); ok {
			return strconv.AppendInt(b, v, 10), nil
		}
	case realColumn:
		switch v := c.value.(type) {
		case float64:
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				return strconv.AppendFloat(b, v, 'g', -1, 64), nil
			}
		case int64: // SQLite may keep a whole number as one
			return strconv.AppendFloat(b, float64(v), 'g', -1, 64), nil
		}
	case timeColumn:
		var m moment
		if err := m.Scan(c.value); err == nil {
			b = append(b, '"')
			return append(time.Time(m).UTC().AppendFormat(b, time.RFC3339Nano), '"'), nil
		}
	case bytesColumn:
		if v, ok := c.value.([]byte); ok {
			b = append(b, '"')
			return append(base64.StdEncoding.AppendEncode(b, v), '"'), nil
		}
	}
	return nil, survey.Errorf(survey.Internal, "a value of %T is no %s", c.value, c.kind)
}

func (c *backupCell) appendText(b []byte) ([]byte, error) {
	var text []byte
	switch v := c.value.(type) {
	case string:
		return appendQuoted(b, v)
	case []byte:
		text = v
	default:
		return nil, survey.Errorf(survey.Internal, "a value of %T is no text", c.value)
	}
	return appendQuoted(b, string(text))
}

// appendQuoted writes a text as JSON. A text that is not UTF-8 would come back as
// another one, so it is refused.
func appendQuoted(b []byte, text string) ([]byte, error) {
	if !utf8.ValidString(text) {
		return nil, survey.Errorf(survey.Internal, "a text is not valid UTF-8")
	}
	const hex = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[from:i]...)
		from = i + 1
		if c == '"' || c == '\\' {
			b = append(b, '\\', c)
		} else {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(b, text[from:]...), '"'), nil
}

// restoreRow reads lines back into values as the database takes them.
type restoreRow struct {
	columns  []BackupColumn
	postgres bool
	values   []any
}

// read takes a line apart. The values hold until the next line.
func (r *restoreRow) read(line []byte) error {
	rest, ok := bytes.CutPrefix(line, []byte{'['})
	if !ok {
		return errLine
	}
	for i, c := range r.columns {
		if i > 0 {
			if rest, ok = bytes.CutPrefix(rest, []byte{','}); !ok {
				return errLine
			}
		}
		token, after, ok := cutValue(rest)
		if !ok {
			return errLine
		}
		rest = after
		var err error
		if r.values[i], err = r.value(c, token); err != nil {
			return err
		}
	}
	if string(rest) != "]" {
		return errLine
	}
	return nil
}

var errLine = survey.Errorf(survey.Invalid, "a line is no list of the table's columns")

// cutValue takes the first JSON value, which is a text, a number or null.
func cutValue(b []byte) (value, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	if b[0] != '"' {
		end := bytes.IndexAny(b, ",]")
		return b[:max(end, 0)], b[max(end, 0):], end > 0
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[:i+1], b[i+1:], true
		}
	}
	return nil, nil, false
}

// value reads one value of a column.
func (r *restoreRow) value(c BackupColumn, token []byte) (any, error) {
	if string(token) == "null" {
		return nil, nil
	}
	if c.Kind == integerColumn {
		v, err := strconv.ParseInt(string(token), 10, 64)
		return v, wrongValue(c, err)
	}
	if c.Kind == realColumn {
		v, err := strconv.ParseFloat(string(token), 64)
		return v, wrongValue(c, err)
	}
	text, err := unquoted(token)
	if err != nil {
		return nil, wrongValue(c, err)
	}
	switch {
	case c.Kind == timeColumn:
		v, err := time.Parse(time.RFC3339Nano, text)
		return v.UTC(), wrongValue(c, err)
	case c.Kind == bytesColumn:
		v, err := base64.StdEncoding.DecodeString(text)
		return v, wrongValue(c, err)
	case c.uuid && r.postgres:
		id, ok := survey.ParseUID(text)
		if !ok {
			return nil, wrongValue(c, errLine)
		}
		return pgtype.UUID{Bytes: id, Valid: true}, nil
	}
	return text, nil
}

func unquoted(token []byte) (string, error) {
	if len(token) < 2 || token[0] != '"' {
		return "", errLine
	}
	if bytes.IndexByte(token, '\\') < 0 {
		return string(token[1 : len(token)-1]), nil
	}
	var text string
	err := json.Unmarshal(token, &text)
	return text, err
}

func wrongValue(c BackupColumn, err error) error {
	if err == nil {
		return nil
	}
	return survey.Errorf(survey.Invalid, "column %s holds something that is no %s", c.Name, c.Kind)
}
