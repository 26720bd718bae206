package peers

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5"
	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// measured is the best time of an engine in one of its ways.
type measured struct {
	engine string
	time   time.Duration
}

// best is the shortest of several runs: the one that others disturbed least.
func best(runs int, run func()) time.Duration {
	shortest := time.Duration(1<<63 - 1)
	for range runs {
		start := time.Now()
		run()
		shortest = min(shortest, time.Since(start))
	}
	return shortest
}

// same compares the counts of an engine with those of the panel: for each
// organization in order the answers and the upper box of each item.
func same(t *testing.T, engine string, want *panel.BoxCounts, organization int, counts []int64) {
	t.Helper()
	for i := range want.Answered {
		if counts[2*i] != int64(want.Answered[i][organization]) || counts[2*i+1] != int64(want.Inside[i][organization]) {
			t.Fatalf("%s: organization %d, item %d: %d of %d, the panel has %d of %d", engine, organization, i,
				counts[2*i+1], counts[2*i], want.Inside[i][organization], want.Answered[i][organization])
		}
	}
}

// columns is a list of expressions, one per item, with the item's number for %d.
func columns(items int, pattern string) string {
	list := make([]string, items)
	for i := range list {
		list[i] = strings.ReplaceAll(pattern, "%d", strconv.Itoa(i))
	}
	return strings.Join(list, ", ")
}

// rows is what both databases give back.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

func checkRows(t *testing.T, engine string, want *panel.BoxCounts, found rows) {
	t.Helper()
	n := 2 * len(want.Answered)
	var organization int
	counts := make([]int64, n)
	targets := []any{&organization}
	for i := range counts {
		targets = append(targets, &counts[i])
	}
	seen := 0
	for ; found.Next(); seen++ {
		if err := found.Scan(targets...); err != nil {
			t.Fatal(engine, err)
		}
		same(t, engine, want, organization, counts)
	}
	if err := found.Err(); err != nil || seen != len(want.Answered[0]) {
		t.Fatalf("%s: %d organizations, %v", engine, seen, err)
	}
}

func duckDB(t *testing.T, items int, want *panel.BoxCounts, csv string) []measured {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	run := func(statement string) {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("DuckDB: %v", err)
		}
	}
	run("CREATE TABLE r (org INTEGER, " + columns(items, "q%d UTINYINT") + ")")
	run("COPY r FROM '" + csv + "' (HEADER false, NULLSTR '')")
	query := "SELECT org, " + columns(items, "count(q%d), coalesce(sum(q%d >= "+strconv.Itoa(topFrom)+"), 0)") + " FROM r GROUP BY org"
	found, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, "DuckDB", want, found)
	_ = found.Close()
	var out []measured
	for _, threads := range []int{1, 2} {
		run(fmt.Sprintf("SET threads = %d", threads))
		took := best(3, func() { run("CREATE OR REPLACE TEMP TABLE result AS " + query) })
		out = append(out, measured{fmt.Sprintf("DuckDB, %d thread(s), %d columns of one byte", threads, items), took})
	}
	return out
}

// postgres counts in wide columns, and in the packed form where there is a file of it.
func postgres(t *testing.T, items int, want *panel.BoxCounts, wide, packed string) []measured {
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, storetest.EmptyPostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	run := func(statement string) {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("PostgreSQL: %v", err)
		}
	}
	load := func(table, path string) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := conn.PgConn().CopyFrom(ctx, f, "COPY "+table+" FROM STDIN (FORMAT csv)"); err != nil {
			t.Fatal(err)
		}
		run("VACUUM ANALYZE " + table)
	}
	run("CREATE UNLOGGED TABLE wide (org integer, " + columns(items, "q%d smallint") + ")")
	load("wide", wide)
	run("SET work_mem = '512MB'")
	run("SET jit = off")
	type layout struct {
		name  string
		runs  int
		query string
	}
	queries := []layout{{"wide smallint columns", 2, "SELECT org, " + columns(items, "count(q%d), count(*) FILTER (WHERE q%d >= "+strconv.Itoa(topFrom)+")") + " FROM wide GROUP BY org"}}
	if packed != "" {
		run("CREATE UNLOGGED TABLE packed (org integer, closed text)")
		load("packed", packed)
		queries = append(queries, layout{"the packed form as stored", 1, "SELECT org, " + strings.Join(packedColumns(items), ", ") + " FROM (SELECT org, convert_to(closed, 'UTF8') AS b FROM packed OFFSET 0) r GROUP BY org"})
	}
	var out []measured
	for _, q := range queries {
		found, err := conn.Query(ctx, q.query)
		if err != nil {
			t.Fatal(err)
		}
		checkRows(t, "PostgreSQL, "+q.name, want, found)
		for _, workers := range []int{0, 2} {
			run(fmt.Sprintf("SET max_parallel_workers_per_gather = %d", workers))
			took := best(q.runs, func() { run("EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) " + q.query) })
			out = append(out, measured{fmt.Sprintf("PostgreSQL, %s, %d more worker(s)", q.name, workers), took})
		}
	}
	return out
}

// packedColumns count characters of the packed form: answers stand above '0'. As
// bytes they are found many times as quickly as by substr.
func packedColumns(items int) []string {
	var list []string
	for i := range items {
		at := fmt.Sprintf("get_byte(b, %d)", i)
		list = append(list, fmt.Sprintf("count(*) FILTER (WHERE %s > %d)", at, '0'), fmt.Sprintf("count(*) FILTER (WHERE %s >= %d)", at, '0'+topFrom))
	}
	return list
}

// dataTable runs R; nothing where it is not installed.
func dataTable(t *testing.T, items int, want *panel.BoxCounts, csv string) []measured {
	script, out := filepath.Join(t.TempDir(), "sum.R"), filepath.Join(t.TempDir(), "counts.bin")
	if err := os.WriteFile(script, []byte(rScript), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), "Rscript", script, csv, out, strconv.Itoa(topFrom)).Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil
	}
	if err != nil {
		t.Fatalf("R: %v %s", err, text)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int64, 2*items)
	organizations := len(want.Answered[0])
	if len(content) != 4*organizations*(1+2*items) {
		t.Fatalf("R gives %d bytes", len(content))
	}
	cell := func(column, row int) int64 {
		return int64(int32(binary.LittleEndian.Uint32(content[4*(column*organizations+row):])))
	}
	for row := range organizations {
		for i := range items {
			counts[2*i], counts[2*i+1] = cell(1+i, row), cell(1+items+i, row)
		}
		same(t, "data.table", want, int(cell(0, row)), counts)
	}
	var ms [2]float64
	if _, err := fmt.Sscan(string(text), &ms[0], &ms[1]); err != nil {
		t.Fatalf("R: %v in %q", err, text)
	}
	return []measured{
		{fmt.Sprintf("R data.table, sums of %d columns of 0 and 1 made before, 2 threads", 2*items), time.Duration(ms[1] * 1e6)},
		{"R data.table, with making them", time.Duration((ms[0] + ms[1]) * 1e6)},
	}
}

const rScript = `suppressMessages(library(data.table))
setDTthreads(2)
a <- commandArgs(TRUE)
d <- fread(a[1], header = FALSE)
items <- setdiff(names(d), "V1")
from <- as.integer(a[3])
ms <- function(e) { t <- proc.time()[[3]]; force(e); 1000 * (proc.time()[[3]] - t) }
prepare <- ms({
  d[, paste0("n", items) := lapply(.SD, function(x) as.integer(!is.na(x))), .SDcols = items]
  d[, paste0("t", items) := lapply(.SD, function(x) as.integer(!is.na(x) & x >= from)), .SDcols = items]
})
columns <- c(paste0("n", items), paste0("t", items))
took <- Inf
for (i in 1:3) took <- min(took, ms(r <- d[, lapply(.SD, sum), by = V1, .SDcols = columns]))
out <- file(a[2], "wb")
for (column in r) writeBin(as.integer(column), out)
close(out)
cat(prepare, took)
`
