// Command chaos breaks salesbench on purpose while many clients answer, and
// compares what the clients were promised with what the database holds: every
// acknowledged submission once, every other at most once. docs/chaos.md has the
// results of the long form.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// settings are the command line.
type settings struct {
	list     bool
	long     bool
	race     bool
	json     bool
	scenario string
	report   string
	binary   string
	ledger   string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

// run reads the command line and performs the scenarios.
func run(ctx context.Context, args []string, out io.Writer) error {
	var c settings
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.BoolVar(&c.list, "list", false, "list the scenarios")
	flags.StringVar(&c.scenario, "scenario", "", "perform only this scenario")
	flags.BoolVar(&c.long, "long", false, "perform the long form, about ten minutes")
	flags.BoolVar(&c.race, "race", false, "build the server with the race detector")
	flags.BoolVar(&c.json, "json", false, "print the results as JSON")
	flags.StringVar(&c.report, "report", "", "write the results to this Markdown file (of all scenarios: docs/chaos.md)")
	flags.StringVar(&c.ledger, "ledger", "", "write ledgers and what the databases hold to this folder")
	flags.StringVar(&c.binary, "binary", "", "break this server instead of building one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if c.list {
		for _, s := range scenarios {
			fmt.Fprintf(out, "%-9s %s\n", s.name, s.about)
		}
		return nil
	}
	return c.perform(ctx, out)
}

// perform runs the chosen scenarios and fails when anything was lost or doubled.
func (c settings) perform(ctx context.Context, out io.Writer) (err error) {
	chosen, err := chosenBy(c.scenario)
	if err != nil {
		return err
	}
	s := &stage{long: c.long, race: c.race, ledger: c.ledger, out: out}
	if c.json {
		s.out = io.Discard
	}
	if s.rig, err = rig.New(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.rig.Close()) }()
	if s.binary = c.binary; s.binary == "" {
		if s.binary, err = s.build(); err != nil {
			return err
		}
	}
	var wrong []error
	for _, sc := range chosen {
		wrong = append(wrong, s.performOne(ctx, sc))
	}
	if c.json {
		if err := json.NewEncoder(out).Encode(s.results); err != nil {
			return err
		}
	}
	if c.report != "" {
		if err := s.write(c.report); err != nil {
			return err
		}
	}
	return errors.Join(wrong...)
}

func chosenBy(name string) ([]scenario, error) {
	if name == "" {
		return scenarios, nil
	}
	for _, s := range scenarios {
		if s.name == name {
			return []scenario{s}, nil
		}
	}
	return nil, fmt.Errorf("there is no scenario %q; --list names them", name)
}

// build compiles the server.
func (s *stage) build() (string, error) {
	if s.race {
		return s.rig.Build("-race")
	}
	return s.rig.Build()
}

// performOne runs one scenario and says what is wrong with its results.
func (s *stage) performOne(ctx context.Context, sc scenario) error {
	fmt.Fprintf(s.out, "%s: %s\n", sc.name, sc.about)
	before := len(s.results)
	err := sc.run(ctx, s)
	var wrong []error
	if err != nil {
		fmt.Fprintf(s.out, "  %v\n", err)
		wrong = append(wrong, fmt.Errorf("%s: %w", sc.name, err))
	}
	for _, r := range s.results[before:] {
		r.Scenario = sc.name
		if err := r.wrong(); err != nil {
			wrong = append(wrong, fmt.Errorf("%s on %s: %w", sc.name, r.Database, err))
		}
	}
	return errors.Join(wrong...)
}
