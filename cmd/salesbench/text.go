package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/salesbench/salesbench/benchmark"
)

// printer writes text for a terminal and remembers the first error, so that
// printing a long result reads as a list of what is printed.
type printer struct {
	w    io.Writer
	err  error
	page *analysisPage // takes what is printed instead, where it is set
}

func (p *printer) line(format string, args ...any) {
	if p.page != nil {
		p.page.say(fmt.Sprintf(format, args...))
	} else if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// paragraphs prints sentences, wrapped for reading.
func (p *printer) paragraphs(texts ...string) {
	for _, text := range texts {
		if text != "" {
			if p.page == nil {
				text = wrapped(plain(text))
			}
			p.line("%s", text)
		}
	}
}

// wrapped breaks a text into lines of at most 100 characters.
func wrapped(text string) string {
	var b strings.Builder
	width := 0
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i > 0 && width+1+n > 100:
			b.WriteByte('\n')
			width = 0
		case i > 0:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}

// table prints rows under a title with columns aligned; the first column is text,
// the others are set to the right. A table without rows is left out.
func (p *printer) table(title string, header []string, rows [][]string) {
	if len(rows) == 0 || p.err != nil {
		return
	}
	if p.page != nil {
		p.page.table(title, header, rows)
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

// withInterval is an estimate with its interval behind it.
func withInterval(e benchmark.Estimate) string {
	if e.Range() == "" || !e.Shown() {
		return e.Text()
	}
	return e.Text() + " (" + e.Range() + ")"
}

// count is a number of people or organizations that may be withheld.
func count(n *int) string {
	if n == nil {
		return "withheld"
	}
	return strconv.Itoa(*n)
}

// words turns a code such as high_performing into words.
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }
