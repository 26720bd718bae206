package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/salesbench/salesbench/cmd/internal/load"
	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// soakOptions are the flags of soak.
type soakOptions struct {
	submissions int64
	before      int64
	databases   []string
	clients     int
	scripts     int
	binary      string
	args        []string
	json        string
}

// slices of a soak; each is a point of the curve.
const soakSlices = 20

// stretch is one point of the curve.
type stretch struct {
	Submissions int64   `json:"submissions"` // in all so far
	PerSecond   float64 `json:"per_second"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	Max         float64 `json:"max_ms"`
	ServerCPU   float64 `json:"server_cpu_ms"`
	DatabaseCPU float64 `json:"database_cpu_ms"`
	ServerMB    float64 `json:"server_mb"`
	DatabaseMB  float64 `json:"database_mb"`
	Failed      int64   `json:"failed"`
}

// soak submits complete responses in one run and shows whether rate, latency and
// memory stay what they were.
func soak(ctx context.Context, args []string, s streams) error {
	var o soakOptions
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(s.err)
	flags.Int64Var(&o.submissions, "submissions", 5_000_000, "complete submissions on each database")
	flags.Int64Var(&o.before, "before", 0, "responses that are put there before, by SQL: the end of a long run in a short one")
	databases := flags.String("databases", "SQLite,PostgreSQL", "which databases, separated by commas")
	flags.IntVar(&o.clients, "clients", 64, "clients at once")
	flags.IntVar(&o.scripts, "scripts", 32, "different respondents")
	flags.StringVar(&o.binary, "binary", "", "salesbench to measure; empty: built from this module")
	serverArgs := flags.String("server-args", "", `further flags of "salesbench serve", separated by blanks`)
	flags.StringVar(&o.json, "json", "", "file to write the curves to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.databases, o.args = strings.Split(*databases, ","), strings.Fields(*serverArgs)
	if err := enoughRoom(o.before + o.submissions); err != nil {
		return err
	}
	curves := make(map[string][]stretch)
	fmt.Fprintln(s.out, machine())
	for _, kind := range o.databases {
		curve, err := soakOn(ctx, kind, o, s)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		curves[kind] = curve
	}
	if o.json == "" {
		return nil
	}
	document, err := json.MarshalIndent(curves, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, append(document, '\n'), 0o600)
}

// enoughRoom refuses to begin what would fill the disk: a response takes about half a
// kilobyte, its indexes and the write-ahead log as much again.
func enoughRoom(submissions int64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(os.TempDir(), &disk); err != nil {
		return err
	}
	free, needed := int64(disk.Bavail)*disk.Bsize, submissions*1500+3<<30
	if free < needed {
		return fmt.Errorf("%s has %d MB free, and %d submissions may need %d MB: set TMPDIR to a larger disk", os.TempDir(), free>>20, submissions, needed>>20)
	}
	return nil
}

// soakOn is the run on one database, in a rig of its own, so that the disk is free again.
func soakOn(ctx context.Context, kind string, o soakOptions, s streams) (curve []stretch, err error) {
	r, err := rig.New()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if o.binary == "" {
		if o.binary, err = r.Build(); err != nil {
			return nil, err
		}
	}
	b, err := layOut(ctx, kind, bedOptions{rig: r, binary: o.binary, serverArgs: o.args, links: 64, scripts: o.scripts, pgClients: o.clients})
	if err != nil {
		return nil, err
	}
	if err := b.putBefore(ctx, o.before); err != nil {
		return nil, err
	}
	fmt.Fprintf(s.out, "\n## %d submissions on %s, %d clients, %d responses before\n\n", o.submissions, kind, o.clients, o.before)
	t := &table{head: []string{"submissions", "per second", "p50", "p99", "max ms", "server CPU ms", "database CPU ms", "server MB", "database MB", "failed"}}
	for i := range int64(soakSlices) {
		point, err := b.stretch(ctx, o, (i+1)*o.submissions/soakSlices-i*o.submissions/soakSlices)
		if err != nil {
			return nil, err
		}
		point.Submissions = (i + 1) * o.submissions / soakSlices
		curve = append(curve, point)
		fmt.Fprintf(s.err, "%s: %d submissions, %s per second, p99 %s ms, %s MB\n", kind, point.Submissions, figure(point.PerSecond), figure(point.P99), figure(point.ServerMB))
		t.add(fmt.Sprint(point.Submissions), figure(point.PerSecond), figure(point.P50), figure(point.P99), figure(point.Max),
			figure(point.ServerCPU), figure(point.DatabaseCPU), figure(point.ServerMB), figure(point.DatabaseMB), fmt.Sprint(point.Failed))
	}
	t.print(s.out)
	fmt.Fprintln(s.out, "\n"+verdict(curve))
	return curve, b.allKept(ctx, curve, s, o.before)
}

// stretch submits one slice.
func (b *bed) stretch(ctx context.Context, o soakOptions, units int64) (stretch, error) {
	out, err := b.drive(ctx, load.Load{Clients: o.clients, Units: units, Length: 24 * time.Hour, Pause: pause}, submitters(b.target))
	if err != nil {
		return stretch{}, err
	}
	l := out.Latencies[load.Complete.String()]
	point := stretch{PerSecond: out.PerSecond, P50: l.P50, P99: l.P99, Max: l.Max, ServerCPU: out.ServerCPU, DatabaseCPU: out.DatabaseCPU,
		ServerMB: out.ServerMB, Failed: out.Failed}
	point.DatabaseMB, err = b.size(ctx)
	return point, err
}

// verdict compares the last tenth with the first.
func verdict(curve []stretch) string {
	tenth := max(1, len(curve)/10)
	over := func(points []stretch, of func(stretch) float64) float64 {
		sum := 0.0
		for _, p := range points {
			sum += of(p)
		}
		return sum / float64(len(points))
	}
	first, last := curve[:tenth], curve[len(curve)-tenth:]
	rate := func(p stretch) float64 { return p.PerSecond }
	p99 := func(p stretch) float64 { return p.P99 }
	memory := func(p stretch) float64 { return p.ServerMB }
	return fmt.Sprintf("The last tenth ran at %.2f times the rate of the first (%s to %s per second), p99 %s ms to %s ms, memory of the server %s MB to %s MB.",
		over(last, rate)/over(first, rate), figure(over(first, rate)), figure(over(last, rate)), figure(over(first, p99)), figure(over(last, p99)),
		figure(over(first, memory)), figure(over(last, memory)))
}

// allKept counts the responses in the database, without those that were there before.
func (b *bed) allKept(ctx context.Context, curve []stretch, s streams, before int64) error {
	kept, err := b.count(ctx)
	if err != nil {
		return err
	}
	kept -= before
	acknowledged, failed := b.target.Acknowledged(), int64(0)
	for _, p := range curve {
		failed += p.Failed
	}
	fmt.Fprintf(s.out, "%d responses acknowledged, %d kept.\n", acknowledged, kept)
	if kept < acknowledged || kept > acknowledged+failed {
		return fmt.Errorf("%d responses are kept, and %d were acknowledged", kept, acknowledged)
	}
	return nil
}

// count counts the responses in the service's database.
func (b *bed) count(ctx context.Context) (n int64, err error) {
	return b.ask(ctx, "SELECT count(*) FROM responses")
}

// size is what the database takes on the disk, in megabytes.
func (b *bed) size(ctx context.Context) (float64, error) {
	if b.postgres != nil {
		n, err := b.ask(ctx, "SELECT pg_database_size(current_database())")
		return float64(n) / (1 << 20), err
	}
	files, err := filepath.Glob(b.server.File() + "*")
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			return 0, err
		}
		total += info.Size()
	}
	return float64(total) / (1 << 20), nil
}

// ask reads one number from the service's database.
func (b *bed) ask(ctx context.Context, question string) (n int64, err error) {
	if b.postgres != nil {
		conn, err := pgx.Connect(ctx, b.server.StoreConfig().URL)
		if err != nil {
			return 0, err
		}
		err = conn.QueryRow(ctx, question).Scan(&n)
		return n, errors.Join(err, conn.Close(ctx))
	}
	db, err := sql.Open("sqlite", "file:"+b.server.File()+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, question).Scan(&n)
	return n, errors.Join(err, db.Close())
}
