package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// preface stands before the results.
const preface = `# What was done to break it

Written by ` + "`make chaos`" + ` (` + "`go run ./cmd/chaos --long --report docs/chaos.md`" + `), which ends by itself. ` + "`go run ./cmd/chaos --list`" + ` names the
scenarios, ` + "`--scenario NAME`" + ` runs one, without ` + "`--long`" + ` in its short form; the short forms of all run with the tests.

Sixteen clients answer without a break: on the pages from open and personal links, and with whole questionnaires in one request. Each
tries again until it has a receipt, and now and then asks for it once more. A ledger apart from the service notes what was sent and
what was promised. Meanwhile the mishap happens. Afterwards plain SQL reads the database and every row is put beside the ledger:

- **lost**: acknowledged and not there. **doubled**: there more than once, under the same key or another.
- also looked for, and part of "agrees": another receipt at the second asking or in the database, other answers than were sent (all
  rows, of more than 5,000 a sample), rows that nobody sent, rows although the client was told no, invitations that count twice or
  not at all, holes in the positions that the panel follows.
- in the scenarios same and replicas also: pages, JSON and CSV of the wave and of an organization, read from every replica meanwhile. Answers that
  state the same edition must have the same bytes; those with figures are counted apart from those of a wave of which nothing can be shown yet.
- **retried**: keys that had to be sent more than once. **gap**: the longest time in which nobody got a receipt; it contains the mishap
  itself and the restart.

What is promised is the submission. Since drafts on PostgreSQL wait for the disk as well (decision 26), a crash or a promotion takes back
no page that was said to be saved. The clients are ready for it all the same: they look at the review, answer again what is missing, and begin again
when their draft is unknown. Each such case is counted below as "page shown again"; in all other scenarios it would be an error.

`

// write renders the results as Markdown.
func (s *stage) write(path string) error {
	var b bytes.Buffer
	b.WriteString(preface)
	fmt.Fprintf(&b, "Machine: %s; client, servers and databases on it together. %s.\n\n", machine(), s.versions())
	b.WriteString("| scenario | database | what was done | acknowledged | retried | lost | doubled | agrees | gap |\n|---|---|---|--:|--:|--:|--:|---|--:|\n")
	acknowledged, retried := 0, 0
	for _, r := range s.results {
		c := r.Comparison
		acknowledged, retried = acknowledged+c.Acknowledged, retried+c.Retried
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %d | %d | %d | %s | %s |\n", r.Scenario, r.Database, r.Faults, c.Acknowledged, c.Retried,
			len(c.Lost), len(c.Doubled), yes(r.wrong() == nil), inSeconds(r.Gap))
	}
	fmt.Fprintf(&b, "| **all** | | | **%d** | **%d** | | | | |\n", acknowledged, retried)
	b.WriteString("\n## What people were told meanwhile\n\nThe most frequent answers to clients, each kind of warning in the log, and the last words of servers that refused to start. N stands for numbers.\n")
	for _, r := range s.results {
		fmt.Fprintf(&b, "\n**%s, %s**\n\n", r.Scenario, r.Database)
		for _, words := range r.Said {
			fmt.Fprintf(&b, "- %s\n", strings.ReplaceAll(words, "|", "\\|"))
		}
		if len(r.Said) == 0 {
			b.WriteString("- nothing\n")
		}
	}
	b.WriteString(afterword)
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// afterword tells how to compare with one's own script.
const afterword = `
## Comparing with a script of your own

` + "`--ledger FOLDER`" + ` writes for each trial what the clients were promised, as ` + "`NAME.csv`" + ` with a row per submission key (columns key, digest, acked,
receipt, response, attempts, marker, refused) and the same as JSON, and beside it what the database holds, read by these statements:

` + "```sh" + `
sqlite3 -csv data/salesbench.db "SELECT submission_key, receipt_code, id FROM responses WHERE receipt_code IS NOT NULL ORDER BY 1"
psql postgres://... --csv -c "SELECT submission_key, receipt_code, id FROM responses WHERE receipt_code IS NOT NULL ORDER BY 1"
` + "```" + `

Keys with ` + "`acked`" + ` of 1 or more must each be there once, with that receipt:

` + "```sh" + `
awk -F, 'NR > 1 && $3 > 0 {print $1 "," $4}' ledger.csv | sort > promised.csv
awk -F, 'NR > 1 {print $1 "," $2}' rows.csv | sort > there.csv
comm -23 promised.csv there.csv    # lost, or another receipt: must be empty
cut -d, -f1 there.csv | uniq -d    # doubled: must be empty
` + "```" + `

The clock of one process can not be set on Linux, and a preloaded library does not reach Go. For the clock scenario the server is
built with a standard library whose time.Now adds seconds from a file while its monotonic part runs on, which is what a program
sees when the machine's clock is set.
`

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "**no**"
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// machine is what the figures were measured on.
func machine() string {
	model := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, found := strings.Cut(string(info), "model name"); found {
			line, _, _ := strings.Cut(rest, "\n")
			model = strings.TrimSpace(strings.TrimLeft(line, "\t :"))
		}
	}
	memory := ""
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kilobytes int
		if _, err := fmt.Sscanf(string(info), "MemTotal: %d kB", &kilobytes); err == nil {
			memory = fmt.Sprintf(", %d GB", (kilobytes+1<<19)>>20)
		}
	}
	return fmt.Sprintf("%s, %d cores%s, %s", model, runtime.NumCPU(), memory, runtime.GOOS)
}

// versions are those of what the service stood on.
func (s *stage) versions() string {
	words := runtime.Version()
	if s.pg != nil {
		if out, err := exec.Command(s.pg.Programs()+"/postgres", "--version").Output(); err == nil {
			words += ", " + strings.TrimSpace(strings.Replace(string(out), "postgres (PostgreSQL)", "PostgreSQL", 1))
		}
	}
	return words
}
