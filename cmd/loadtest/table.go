package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table is printed in Markdown with aligned columns, so that it can be read as it is
// and pasted into a document.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the table; the first column is for words, the others are for figures.
func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	line := func(row []string) {
		for i, cell := range row {
			blank := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				fmt.Fprint(w, "| ", cell, blank)
			} else {
				fmt.Fprint(w, " | ", blank, cell)
			}
		}
		fmt.Fprintln(w, " |")
	}
	line(t.head)
	for i, width := range widths {
		if i == 0 {
			fmt.Fprint(w, "|", strings.Repeat("-", width+2))
		} else {
			fmt.Fprint(w, "|", strings.Repeat("-", width+1), ":")
		}
	}
	fmt.Fprintln(w, "|")
	for _, row := range t.rows {
		line(row)
	}
}

// casesTable shows all cases of a part.
func casesTable(cases []*bencher) *table {
	t := &table{head: []string{"case", "database", "clients", "per second", "lowest to highest", "p50", "p90", "p99", "p99.9", "max ms",
		"server CPU ms", "database CPU ms", "client CPU ms", "server MB", "failed"}}
	for _, c := range cases {
		s := c.summarize()
		clients := "-"
		if c.Clients > 0 {
			clients = fmt.Sprint(c.Clients)
		}
		t.add(c.Name, c.Database, clients, figure(s.PerSecond), figure(s.Low)+" to "+figure(s.High),
			figure(s.Latency.P50), figure(s.Latency.P90), figure(s.Latency.P99), figure(s.Latency.P999), figure(s.Latency.Max),
			figure(s.ServerCPU), figure(s.DatabaseCPU), figure(s.ClientCPU), figure(s.ServerMB), fmt.Sprint(s.Failed))
	}
	return t
}

// pagesTable shows the latency of each kind of request of the journeys.
func pagesTable(cases []*bencher, names []string) *table {
	t := &table{head: []string{"request", "database", "clients", "p50", "p90", "p99", "p99.9", "max ms"}}
	for _, c := range cases {
		for _, name := range names {
			one := *c
			one.unit = name
			if s := one.summarize(); s.Latency.N > 0 {
				t.add(name, c.Database, fmt.Sprint(c.Clients), figure(s.Latency.P50), figure(s.Latency.P90), figure(s.Latency.P99), figure(s.Latency.P999), figure(s.Latency.Max))
			}
		}
	}
	return t
}

// figure shows three digits that count; a dash is what was not measured.
func figure(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v < 0.1:
		return fmt.Sprintf("%.3f", v)
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	whole := fmt.Sprintf("%.0f", v)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole
}
