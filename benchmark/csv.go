package benchmark

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Table is one table of a result in plain texts, numbers in full precision.
type Table struct {
	Name   string // practices, organizations, ...; used as file name
	Title  string
	Header []string
	Rows   [][]string
}

// WriteCSV writes the table. A cell that a spreadsheet would take for a formula
// gets an apostrophe before it.
func (t Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(safeCells(t.Header)); err != nil {
		return err
	}
	for _, row := range t.Rows {
		if err := out.Write(safeCells(row)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func safeCells(cells []string) []string {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = SafeCell(c)
	}
	return safe
}

// SafeCell protects a text from being run as a formula by whatever opens the
// file. A plain number, also a negative one, stays a number.
func SafeCell(text string) string {
	trimmed := strings.TrimLeft(text, " \u00a0\ufeff")
	if trimmed == "" {
		return text
	}
	if strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(trimmed)[0]) && !isNumber(text) {
		return "'" + text
	}
	return text
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && !strings.ContainsAny(text, "xXpP_nN")
}

// estimateHeader is the header of the cells that cells gives.
func estimateHeader(prefix string) []string {
	return []string{prefix, prefix + "_lower", prefix + "_upper", prefix + "_n", prefix + "_status", prefix + "_reasons"}
}

// cells are a figure as a file needs it: value, interval, n, status, reasons.
func (e Estimate) cells() []string {
	out := []string{numberCell(e.Value), "", "", "", string(e.Status), ""}
	if e.CI != nil {
		out[1], out[2] = numberCell(stat.Some(e.CI.Lower)), numberCell(stat.Some(e.CI.Upper))
	}
	if e.N != nil {
		out[3] = strconv.Itoa(*e.N)
	}
	reasons := make([]string, len(e.Reasons))
	for i, r := range e.Reasons {
		reasons[i] = string(r)
	}
	out[5] = strings.Join(reasons, " ")
	return out
}

func numberCell(n stat.Number) string {
	if !n.Valid {
		return ""
	}
	return strconv.FormatFloat(n.Value+0, 'f', -1, 64)
}

// pCell writes a p-value with four digits that count; more would only look exact.
func pCell(p stat.Number) string {
	if !p.Valid {
		return ""
	}
	return strconv.FormatFloat(p.Value+0, 'g', 4, 64)
}

// row joins texts and figures to one line of a table.
func row(texts []string, figures ...Estimate) []string {
	line := append([]string{}, texts...)
	for _, e := range figures {
		line = append(line, e.cells()...)
	}
	return line
}

func header(texts []string, prefixes ...string) []string {
	line := append([]string{}, texts...)
	for _, p := range prefixes {
		line = append(line, estimateHeader(p)...)
	}
	return line
}
