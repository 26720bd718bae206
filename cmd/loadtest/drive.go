package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/load"
)

// driveCommand loads a service that somebody else has started, over the open links
// that "salesbench wave links" has written.
func driveCommand(ctx context.Context, args []string, s streams) error {
	flags := flag.NewFlagSet("drive", flag.ContinueOnError)
	flags.SetOutput(s.err)
	address := flags.String("address", "127.0.0.1:8080", "host:port of the service, without encryption")
	file := flags.String("links", "open-links.csv", `file of "salesbench wave links"`)
	what := flags.String("what", "journeys", "journeys, submissions or section")
	scripts := flags.Int("scripts", 32, "different respondents")
	l := load.Load{Pause: 100 * time.Millisecond}
	flags.IntVar(&l.Clients, "clients", 64, "clients at once")
	flags.Float64Var(&l.Rate, "rate", 0, "arrivals per second; 0: each client sends the next when the last is answered")
	flags.DurationVar(&l.Warmup, "warmup", time.Second, "not measured")
	flags.DurationVar(&l.Length, "length", 5*time.Second, "measured")
	if err := flags.Parse(args); err != nil {
		return err
	}
	links, err := readLinks(*file)
	if err != nil {
		return err
	}
	target, err := load.NewTarget(*address, links, *scripts)
	if err != nil {
		return err
	}
	meter := load.NewMeter()
	worker, err := workersFor(*what, target, meter)
	if err != nil {
		return err
	}
	tally := load.Drive(ctx, l, meter, worker, nil)
	fmt.Fprintf(s.out, "%s: %.0f/s (%d in %.1f s, %d failed)\n", *what, tally.PerSecond(), tally.Done, tally.Seconds, tally.Failed)
	if *what == "journeys" {
		fmt.Fprintf(s.out, "a journey is %d requests\n", target.Scripts[0].Requests)
	}
	fmt.Fprintf(s.out, "%-28s %9s   p50 / p90 / p99 / p99.9 / max ms\n", "", "n")
	for _, k := range load.Kinds() {
		if latency := meter.Latency(k); latency.N > 0 {
			fmt.Fprintf(s.out, "%-28s %9d   %s\n", k, latency.N, latency)
		}
	}
	for fault, n := range meter.Faults() {
		fmt.Fprintf(s.out, "%9d x %s\n", n, fault)
	}
	return nil
}

// workersFor returns how to make the workers of a kind of load.
func workersFor(what string, t *load.Target, m *load.Meter) (func(int) load.Worker, error) {
	switch what {
	case "journeys":
		return func(i int) load.Worker { return load.NewRespondent(t, m, i) }, nil
	case "submissions":
		return func(i int) load.Worker { return load.NewSubmitter(t, m, i) }, nil
	case "section":
		pages := make([]*load.Arrived, min(len(t.Links), 16))
		for i := range pages {
			page, err := load.ArriveAt(t, t.Links[i], sectionStep, false)
			if err != nil {
				return nil, err
			}
			pages[i] = page
		}
		return func(i int) load.Worker { return load.NewReader(t.Address, pages[i%len(pages)].Path, m) }, nil
	}
	return nil, fmt.Errorf("--what: %q is none of journeys, submissions, section", what)
}

// sectionStep is the page that is measured by itself: a full page of practices.
const sectionStep = "/s/3"

// readLinks takes the paths of the links out of the file.
func readLinks(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var links []string
	for _, row := range rows {
		for _, cell := range slices.Backward(row) {
			if u, err := url.Parse(cell); err == nil && strings.HasPrefix(u.Path, "/o/") {
				links = append(links, u.Path)
				break
			}
		}
	}
	if len(links) == 0 {
		return nil, fmt.Errorf("%s: holds no open link", file)
	}
	return links, nil
}
