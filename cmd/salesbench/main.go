// Command salesbench serves sales best-practice questionnaires, keeps the answers
// and shows organizations how they compare with World-Class. `salesbench help` is
// its manual.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones of forms, also on machines without them
)

// errTerminated is why a command ends that was sent a termination signal, as opposed
// to Ctrl-C by somebody who waits for it.
var errTerminated = errors.New("termination signal")

func main() {
	ctx, end := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		cause := context.Canceled
		if <-signals == syscall.SIGTERM {
			cause = errTerminated
		}
		signal.Stop(signals) // a second one ends at once
		end(cause)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
