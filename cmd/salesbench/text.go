package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/stat"
)

// printer writes text for a terminal and remembers the first error, so that
// printing a long result reads as a list of what is printed.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) paragraphs(texts ...string) {
	for _, text := range texts {
		if text != "" {
			p.line("%s", plain(text))
		}
	}
}

// table prints rows under a title with columns aligned; the first column is text,
// the others are set to the right. A table without rows is left out.
func (p *printer) table(title string, header []string, rows [][]string) {
	if len(rows) == 0 || p.err != nil {
		return
	}
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(plain(cell))))
		}
	}
	p.line("\n%s", title)
	for _, row := range append([][]string{header}, rows...) {
		var line strings.Builder
		for i, cell := range row {
			cell = plain(cell)
			gap := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if i == 0 {
				line.WriteString(cell + gap)
			} else {
				line.WriteString("  " + gap + cell)
			}
		}
		p.line("%s", strings.TrimRight(line.String(), " "))
	}
}

// columns prints rows of texts, left-aligned.
func columns(w io.Writer, header []string, rows [][]string) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(header, "\t"))
	for _, row := range rows {
		for i := range row {
			row[i] = plain(row[i])
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

// plain takes control characters out of a text: names are hostile input, and a
// terminal obeys escape sequences.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, s)
}

// figure is an estimate in words and digits, without its interval.
func figure(e benchmark.Estimate) string {
	switch {
	case e.Status == benchmark.Withheld:
		return "withheld"
	case e.Bound != "":
		return e.Bound
	case !e.Value.Valid:
		return "-"
	}
	return quantity(e.Value.Value, e.Unit)
}

// quantity rounds once, half away from zero, as the pages do.
func quantity(value float64, unit string) string {
	switch unit {
	case "proportion":
		return strconv.FormatFloat(math.Round(100*value), 'f', 0, 64) + "%"
	case "points":
		return fmt.Sprintf("%+.0f", math.Round(value)+0) // + 0 turns a negative zero into 0
	case "percent":
		return strconv.FormatFloat(math.Round(value), 'f', 0, 64) + "%"
	}
	return strconv.FormatFloat(math.Round(10*value)/10, 'f', 1, 64)
}

// withInterval is an estimate with its interval behind it.
func withInterval(e benchmark.Estimate) string {
	if e.CI == nil || e.Status == benchmark.Withheld || !e.Value.Valid {
		return figure(e)
	}
	return fmt.Sprintf("%s (%s to %s)", figure(e), quantity(e.CI.Lower, e.Unit), quantity(e.CI.Upper, e.Unit))
}

// count is a number of people or organizations that may be withheld.
func count(n *int) string {
	if n == nil {
		return "withheld"
	}
	return strconv.Itoa(*n)
}

// number is a bare figure with the decimals.
func number(n stat.Number, decimals int) string {
	if !n.Valid {
		return "-"
	}
	return strconv.FormatFloat(n.Value, 'f', decimals, 64)
}

// words turns a code such as high_performing into words.
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }
