package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/load"
	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// resultsOptions are the flags of results.
type resultsOptions struct {
	databases     []string
	organizations int
	responses     int
	pageRate      float64
	clients       int
	rounds        int
	length        time.Duration
	samples       int
	binary        string
	args          []string
}

// results reads pages of organizations of a large wave, at random and at a set rate,
// while it is submitted to: alone, at half of what the intake takes, and at all of it.
func results(ctx context.Context, args []string, s streams) error {
	var o resultsOptions
	flags := flag.NewFlagSet("results", flag.ContinueOnError)
	flags.SetOutput(s.err)
	databases := flags.String("databases", "SQLite,PostgreSQL", "which databases, separated by commas")
	flags.IntVar(&o.organizations, "organizations", 10_000, "organizations")
	flags.IntVar(&o.responses, "responses", 1_000_000, "responses that are there before")
	flags.Float64Var(&o.pageRate, "page-rate", 20, "pages read per second, arriving at random")
	flags.IntVar(&o.clients, "clients", 64, "clients that submit at once")
	flags.IntVar(&o.rounds, "rounds", 5, "rounds; the medians are reported")
	flags.DurationVar(&o.length, "length", 5*time.Second, "of each measurement")
	flags.IntVar(&o.samples, "lags", 20, "receipts of which is measured when the page has them, alone and beside half of the intake; 0: none")
	flags.StringVar(&o.binary, "binary", "", "salesbench to measure; empty: built from this module")
	serverArgs := flags.String("server-args", "", `further flags of "salesbench serve", separated by blanks`)
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.databases, o.args = strings.Split(*databases, ","), append(strings.Fields(*serverArgs), "--results", "open")
	fmt.Fprintln(s.out, machine())
	for _, kind := range o.databases {
		if err := resultsOn(ctx, kind, o, s); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

// readersAtOnce are the most pages that are under way at once.
const readersAtOnce = 32

// resultsOn measures one database, in a rig of its own.
func resultsOn(ctx context.Context, kind string, o resultsOptions, s streams) (err error) {
	r, err := rig.New()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if o.binary == "" {
		if o.binary, err = r.Build(); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.err, "%s: preparing %d responses\n", kind, o.responses)
	b, err := layOut(ctx, kind, bedOptions{rig: r, binary: o.binary, serverArgs: o.args, links: 64, scripts: 8, pgClients: o.clients,
		organizations: o.organizations, responses: o.responses})
	if err != nil {
		return err
	}
	run := &readings{resultsOptions: o, bed: b}
	for _, organization := range b.study.Organizations {
		run.paths = append(run.paths, []byte("/waves/"+b.study.Wave.Key+"/organizations/"+organization.Key))
	}
	if err := run.all(ctx, s); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n## %s: %d responses of %d organizations before, %.0f pages per second\n\n", kind, o.responses, o.organizations, o.pageRate)
	run.print(s)
	before := int64(o.responses)
	if o.samples > 0 {
		receipts, err := run.measureLags(ctx, r, s)
		if err != nil {
			return err
		}
		before += receipts
	}
	return b.allKept(ctx, []stretch{{Failed: run.failed}}, s, before)
}

// readings is one run on one database.
type readings struct {
	resultsOptions
	bed    *bed
	paths  [][]byte
	cases  []*reading
	failed int64 // submissions
}

// reading is one case: how hard is submitted, and whether pages are read meanwhile.
type reading struct {
	name        string
	submit      bool
	half, pages bool
	rates       []float64 // of submissions, a round each
	submissions []load.Latency
	results     []load.Latency
	faults      map[string]int
}

func (r *readings) all(ctx context.Context, s streams) error {
	r.cases = []*reading{
		{name: "pages alone", pages: true},
		{name: "all that the intake takes, nobody reads", submit: true},
		{name: "all that the intake takes, pages beside it", submit: true, pages: true},
		{name: "half of it, pages beside it", submit: true, half: true, pages: true},
	}
	for round := range r.rounds {
		for _, c := range r.cases {
			fmt.Fprintf(s.err, "%s: round %d of %d: %s\n", r.bed.kind, round+1, r.rounds, c.name)
			r.measure(ctx, c)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return nil
}

// measure is one round of a case.
func (r *readings) measure(ctx context.Context, c *reading) {
	pages, submissions := load.NewMeter(), load.NewMeter()
	var both sync.WaitGroup
	if c.pages {
		both.Go(func() {
			load.Drive(ctx, load.Load{Clients: readersAtOnce, Rate: r.pageRate, Warmup: r.length / 10, Length: r.length, Pause: pause}, pages,
				func(i int) load.Worker { return load.NewVisitor(r.bed.server.Address(), r.paths, pages, i) }, nil)
		})
	}
	if c.submit {
		both.Go(func() {
			l := load.Load{Clients: r.clients, Warmup: r.length / 10, Length: r.length, Pause: pause}
			if c.half {
				l.Clients, l.Rate = 4*r.clients, median(r.cases[1].rates)/2
			}
			tally := load.Drive(ctx, l, submissions, submitters(r.bed.target)(submissions), nil)
			c.rates = append(c.rates, tally.PerSecond())
			r.failed += tally.Failed
		})
	}
	both.Wait()
	c.submissions = append(c.submissions, submissions.Latency(load.Complete))
	c.results = append(c.results, pages.Latency(load.Results))
	for _, m := range []*load.Meter{pages, submissions} {
		for fault, n := range m.Faults() {
			if c.faults == nil {
				c.faults = make(map[string]int)
			}
			c.faults[fault] += n
		}
	}
}

func (r *readings) print(s streams) {
	over := func(all []load.Latency, of func(load.Latency) float64) string {
		values := make([]float64, len(all))
		for i, l := range all {
			values[i] = of(l)
		}
		return figure(median(values))
	}
	p50, p99 := func(l load.Latency) float64 { return l.P50 }, func(l load.Latency) float64 { return l.P99 }
	t := &table{head: []string{"case", "submissions per second", "p50 ms", "p99 ms", "page p50 ms", "page p99 ms", "failed"}}
	for _, c := range r.cases {
		t.add(c.name, figure(median(c.rates)), over(c.submissions, p50), over(c.submissions, p99), over(c.results, p50), over(c.results, p99), faultText(c.faults))
	}
	t.print(s.out)
	lost := 1 - median(r.cases[2].rates)/median(r.cases[1].rates)
	fmt.Fprintf(s.out, "\nReading costs the intake %.1f %% of its rate.\n", 100*lost)
}
