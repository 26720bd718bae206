package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// benchOptions are the flags of bench.
type benchOptions struct {
	databases []string
	parts     []string
	clients   []int
	rounds    int
	length    time.Duration
	warmup    time.Duration
	scripts   int
	binary    string
	args      []string
	json      string
}

// parts in the order in which they run.
var parts = []string{"submissions", "section", "journeys", "half"}

// bench measures the service and the limits beside it, round after round in turns.
func bench(ctx context.Context, args []string, s streams) error {
	o, err := benchFlags(args, s)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, o, s)
	if err != nil {
		return err
	}
	return errors.Join(b.runAll(ctx), b.rig.Close())
}

func benchFlags(args []string, s streams) (benchOptions, error) {
	var o benchOptions
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(s.err)
	databases := flags.String("databases", "SQLite,PostgreSQL", "which databases, separated by commas")
	only := flags.String("parts", strings.Join(parts, ","), "what to measure, separated by commas")
	clients := flags.String("clients", "1,16,64,256", "clients at once, separated by commas")
	flags.IntVar(&o.rounds, "rounds", 5, "rounds; the medians are reported")
	flags.DurationVar(&o.length, "length", 3*time.Second, "of each measurement")
	flags.DurationVar(&o.warmup, "warmup", 500*time.Millisecond, "before each measurement")
	flags.IntVar(&o.scripts, "scripts", 32, "different respondents")
	flags.StringVar(&o.binary, "binary", "", "salesbench to measure; empty: built from this module")
	serverArgs := flags.String("server-args", "", `further flags of "salesbench serve", separated by blanks`)
	flags.StringVar(&o.json, "json", "", "file to write every round to")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.args = strings.Fields(*serverArgs)
	o.databases, o.parts = strings.Split(*databases, ","), strings.Split(*only, ",")
	for _, part := range o.parts {
		if !slices.Contains(parts, part) {
			return o, fmt.Errorf("--parts: %q is none of %s", part, strings.Join(parts, ", "))
		}
	}
	for _, d := range o.databases {
		if d != "SQLite" && d != "PostgreSQL" {
			return o, fmt.Errorf("--databases: %q is neither SQLite nor PostgreSQL", d)
		}
	}
	for _, text := range strings.Split(*clients, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return o, fmt.Errorf("--clients: %q is not a number of clients", text)
		}
		o.clients = append(o.clients, n)
	}
	return o, nil
}

// benchmark is one run of bench.
type benchmark struct {
	benchOptions
	streams
	rig   *rig.Rig
	beds  []*bed
	cases []*bencher
	aims  []aim
}

func newBench(ctx context.Context, o benchOptions, s streams) (*benchmark, error) {
	b := &benchmark{benchOptions: o, streams: s}
	var err error
	if b.rig, err = rig.New(); err != nil {
		return nil, err
	}
	if err := b.prepare(ctx); err != nil {
		return nil, errors.Join(err, b.rig.Close())
	}
	return b, nil
}

func (b *benchmark) prepare(ctx context.Context) error {
	var err error
	if b.binary == "" {
		fmt.Fprintln(b.err, "building salesbench")
		if b.binary, err = b.rig.Build(); err != nil {
			return err
		}
	}
	for _, kind := range b.databases {
		fmt.Fprintln(b.err, "preparing", kind)
		bed, err := layOut(ctx, kind, bedOptions{rig: b.rig, binary: b.binary, serverArgs: b.args, links: 64, scripts: b.scripts, pgClients: b.most()})
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		b.beds = append(b.beds, bed)
	}
	return nil
}

// most is the number of clients that the aims speak of: 64, or the most there are.
func (b *benchmark) most() int {
	if slices.Contains(b.clients, 64) {
		return 64
	}
	return slices.Max(b.clients)
}

// runAll measures part after part and prints each as soon as it is there.
func (b *benchmark) runAll(ctx context.Context) error {
	fmt.Fprintln(b.out, machine())
	for _, part := range b.parts {
		cases, end, err := b.casesOf(part)
		if err != nil {
			return err
		}
		err = b.take(ctx, part, cases)
		if err := errors.Join(err, end()); err != nil {
			return err
		}
		b.cases = append(b.cases, cases...)
		fmt.Fprintf(b.out, "\n## %s\n\n", titles[part])
		casesTable(cases).print(b.out)
		if part == "journeys" {
			fmt.Fprintln(b.out)
			pagesTable(cases, journeyPages()).print(b.out)
		}
		printFaults(b.out, cases)
		b.aims = append(b.aims, aimsOf(part, cases)...)
	}
	fmt.Fprint(b.out, "\n## Beside the aims\n\n")
	aimsTable(b.aims).print(b.out)
	return errors.Join(b.writeJSON(), b.counted(ctx))
}

// counted compares what the databases hold with what was acknowledged. What failed for
// the client may be there nevertheless, but not more than that.
func (b *benchmark) counted(ctx context.Context) error {
	fmt.Fprintln(b.out)
	for _, bed := range b.beds {
		kept, err := bed.count(ctx)
		if err != nil {
			return err
		}
		acknowledged, failed := bed.target.Acknowledged(), int64(0)
		for _, c := range b.cases {
			if c.Database == bed.kind {
				failed += c.summarize().Failed
			}
		}
		fmt.Fprintf(b.out, "%s: %d responses acknowledged, %d kept.\n", bed.kind, acknowledged, kept)
		if kept < acknowledged || kept > acknowledged+failed {
			return fmt.Errorf("%s keeps %d responses, and %d were acknowledged", bed.kind, kept, acknowledged)
		}
	}
	return nil
}

// take runs all cases in turns, so that a slow moment of the machine meets each of them.
func (b *benchmark) take(ctx context.Context, part string, cases []*bencher) error {
	for round := range b.rounds {
		for _, c := range cases {
			fmt.Fprintf(b.err, "%s: round %d of %d: %s, %s\n", part, round+1, b.rounds, c.Name, c.Database)
			o, err := c.run(ctx)
			if err != nil {
				return fmt.Errorf("%s, %s on %s: %w", part, c.Name, c.Database, err)
			}
			c.Rounds = append(c.Rounds, o)
		}
	}
	return nil
}

func printFaults(w io.Writer, cases []*bencher) {
	for _, c := range cases {
		if s := c.summarize(); s.Failed > 0 {
			fmt.Fprintf(w, "\nFailed in %q on %s with %d clients: %s\n", c.Name, c.Database, c.Clients, faultText(s.Faults))
		}
	}
}

func (b *benchmark) writeJSON() error {
	if b.json == "" {
		return nil
	}
	document, err := json.MarshalIndent(struct {
		Machine string     `json:"machine"`
		Cases   []*bencher `json:"cases"`
		Aims    []aim      `json:"aims"`
	}{machine(), b.cases, b.aims}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(b.json, append(document, '\n'), 0o600)
}
