package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/jackc/pgx/v5"
	"github.com/salesbench/salesbench/cmd/internal/load"
	"github.com/salesbench/salesbench/cmd/internal/rig"
	"github.com/salesbench/salesbench/survey/store"
)

// pgbench measures the bare database with the program that comes with it: many
// connections, each with one prepared single-row insert per transaction.
type pgbench struct {
	program string
	address string
	folder  string
	clients int
}

// limitsDatabase is beside the service's on the same server.
const limitsDatabase = "limits"

const plainPostgres = `CREATE TABLE plain (id uuid PRIMARY KEY, wave_id uuid NOT NULL, organization_id uuid NOT NULL,
	closed text NOT NULL, numbers text NOT NULL, texts text NOT NULL, submission_key text NOT NULL, submission_digest bytea NOT NULL,
	started_at timestamptz NOT NULL, submitted_at timestamptz NOT NULL);
CREATE INDEX plain_by_organization ON plain (wave_id, organization_id);
CREATE SEQUENCE bench_position`

// cell is a column of a response with its value as a text.
type cell struct {
	column, kind string
	value        *string
}

func newPgbench(ctx context.Context, b *bed, o bedOptions) (*pgbench, error) {
	address, err := b.postgres.CreateDatabase(limitsDatabase)
	if err != nil {
		return nil, err
	}
	if _, err := rig.Prepare(ctx, store.Config{URL: address}, rig.Plan{}); err != nil {
		return nil, err
	}
	if err := b.postgres.Exec(limitsDatabase, plainPostgres); err != nil {
		return nil, err
	}
	p := &pgbench{address: address, clients: o.pgClients, program: filepath.Join(b.postgres.Programs(), "pgbench")}
	if p.folder, err = o.rig.Dir("pgbench"); err != nil {
		return nil, err
	}
	cells, err := samplePostgres(ctx, b.server.StoreConfig().URL)
	if err != nil {
		return nil, err
	}
	plain := slices.DeleteFunc(slices.Clone(cells), func(c cell) bool { return !slices.Contains(plainColumns, c.column) })
	return p, errors.Join(p.write(realTable, cells), p.write(plainTable, plain))
}

// samplePostgres reads the last response that the service has kept.
func samplePostgres(ctx context.Context, address string) (cells []cell, err error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	rows, err := conn.Query(ctx, `SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), e.value
		FROM (SELECT * FROM responses ORDER BY position DESC LIMIT 1) r
		CROSS JOIN jsonb_each_text(to_jsonb(r)) e
		JOIN pg_attribute a ON a.attrelid = 'responses'::regclass AND a.attname = e.key ORDER BY a.attnum`)
	if err != nil {
		return nil, err
	}
	cells, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (cell, error) {
		var c cell
		err := row.Scan(&c.column, &c.kind, &c.value)
		return c, err
	})
	if err == nil && len(cells) == 0 {
		err = errors.New("the service has kept no response")
	}
	return cells, err
}

// write makes the script of one table: each row has new keys and the same bytes.
func (p *pgbench) write(table string, cells []cell) error {
	var columns, values []string
	for _, c := range cells {
		columns = append(columns, c.column)
		values = append(values, c.expression())
	}
	script := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s);\n", table, strings.Join(columns, ", "), strings.Join(values, ", "))
	return os.WriteFile(p.script(table), []byte(script), 0o600)
}

func (p *pgbench) script(table string) string { return filepath.Join(p.folder, table+".sql") }

func (c cell) expression() string {
	switch c.column {
	case "id":
		return "gen_random_uuid()"
	case "position":
		return "nextval('bench_position')"
	case "submission_key":
		return "gen_random_uuid()::text"
	case "submission_mark":
		return "substr(uuid_send(gen_random_uuid()), 1, 15)"
	case "receipt_code":
		return "substr(gen_random_uuid()::text, 1, 20)"
	}
	if c.value == nil {
		return "NULL"
	}
	// pgbench takes a colon for the beginning of a variable, also inside quotes.
	text := strings.NewReplacer(`\`, `\\`, `'`, `''`, ":", `\x3A`, "\n", `\n`, ";", `\x3B`).Replace(*c.value)
	return fmt.Sprintf("E'%s'::%s", text, c.kind)
}

// measure runs pgbench. At a rate, its latencies count from when a row was due.
func (p *pgbench) measure(ctx context.Context, table string, rate float64, length time.Duration) (outcome, error) {
	logs, err := os.MkdirTemp(p.folder, "log-")
	if err != nil {
		return outcome{}, err
	}
	seconds := max(1, int(length.Round(time.Second).Seconds()))
	args := []string{"-n", "-M", "prepared", "-c", strconv.Itoa(p.clients), "-j", strconv.Itoa(min(2, p.clients)), "-T", strconv.Itoa(seconds), "-f", p.script(table)}
	if rate > 0 {
		args = append(args, "-l", "--log-prefix", filepath.Join(logs, "log"), "-R", strconv.FormatFloat(rate, 'f', 1, 64))
	}
	cmd := exec.CommandContext(ctx, p.program, append(args, p.address)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return outcome{}, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	o := outcome{}
	if o.PerSecond, err = transactionsPerSecond(string(out)); err != nil {
		return o, err
	}
	if rate > 0 {
		h, err := readLogs(logs)
		if err != nil {
			return o, err
		}
		o.Latencies = map[string]load.Latency{commitLatency: load.Summarize(h)}
	}
	return o, nil
}

func transactionsPerSecond(out string) (float64, error) {
	_, rest, found := strings.Cut(out, "\ntps = ")
	number, _, _ := strings.Cut(rest, " ")
	tps, err := strconv.ParseFloat(number, 64)
	if !found || err != nil {
		return 0, fmt.Errorf("pgbench says no tps: %s", out)
	}
	return tps, nil
}

// readLogs reads the latency of each transaction, in microseconds, in the third column.
func readLogs(folder string) (*hdrhistogram.Histogram, error) {
	files, err := filepath.Glob(filepath.Join(folder, "log*"))
	if err != nil {
		return nil, err
	}
	h := load.NewHistogram()
	for _, path := range files {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			columns := strings.Fields(lines.Text())
			if len(columns) < 3 {
				continue
			}
			if took, err := strconv.ParseInt(columns[2], 10, 64); err == nil {
				_ = h.RecordValue(took) // a minute is far
			}
		}
		if err := errors.Join(lines.Err(), file.Close()); err != nil {
			return nil, err
		}
	}
	return h, nil
}
