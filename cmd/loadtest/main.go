// Loadtest measures salesbench under load beside what the machine, the database and
// the network stack allow, on both databases. docs/bench.md says how to read it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage: go run ./cmd/loadtest COMMAND [flags]

  bench   measure everything on SQLite and PostgreSQL beside the limits, and print the tables
  results read pages of results of a large wave while it grows, and print what each costs the other
  soak    submit millions of responses in one run and print the curve
  drive   load a service that runs already
  bare    answer one file by a bare Echo handler (bench starts it by itself)

"loadtest COMMAND -h" lists the flags of a command.
`

// streams are where a command writes to.
type streams struct{ out, err io.Writer }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
}

// run is the program without the process around it.
func run(ctx context.Context, args []string, s streams) error {
	commands := map[string]func(context.Context, []string, streams) error{
		"bench": bench, "soak": soak, "results": results, "drive": driveCommand, "bare": bare,
	}
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprint(s.err, usage)
		return flag.ErrHelp
	}
	return commands[args[0]](ctx, args[1:], s)
}
