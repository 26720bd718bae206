package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/load"
	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// bed is one service on one kind of database, with links to answer, and beside it the
// bare database.
type bed struct {
	kind     string // SQLite or PostgreSQL
	server   *rig.Server
	postgres *rig.Postgres // nil on SQLite
	target   *load.Target
	study    *rig.Study
	bare     limits
}

// limits are the ways of measuring the bare database.
type limits interface {
	// measure inserts rows of the same bytes for a while. A rate of 0 is as fast as it goes.
	measure(ctx context.Context, table string, rate float64, length time.Duration) (outcome, error)
}

// The tables that the bare database is measured with: a plain one, and the one that
// the service has.
const (
	plainTable = "plain"
	realTable  = "responses"
)

// bedOptions say what to lay out.
type bedOptions struct {
	rig        *rig.Rig
	binary     string
	serverArgs []string
	links      int
	scripts    int
	pgClients  int // of pgbench

	organizations int // at least as many as links
	responses     int // that are there before
}

// layOut prepares a database with a study, starts the service and rehearses.
func layOut(ctx context.Context, kind string, o bedOptions) (*bed, error) {
	b := &bed{kind: kind}
	options := rig.ServerOptions{Binary: o.binary, Args: o.serverArgs}
	var err error
	if kind == "PostgreSQL" {
		if b.postgres, err = o.rig.StartPostgres(rig.PostgresOptions{}); err != nil {
			return nil, err
		}
		options.Database, err = b.postgres.CreateDatabase("service")
	} else {
		options.Data, err = o.rig.Dir("data")
	}
	if err != nil {
		return nil, err
	}
	if b.server, err = o.rig.NewServer(options); err != nil {
		return nil, err
	}
	b.study, err = rig.Prepare(ctx, b.server.StoreConfig(), rig.Plan{Organizations: max(o.links, o.organizations), Links: o.links, Responses: o.responses})
	if err != nil {
		return nil, err
	}
	if err := b.server.Start(); err != nil {
		return nil, err
	}
	var links []string
	for _, organization := range b.study.Organizations[:o.links] {
		links = append(links, "/o/"+organization.Open)
	}
	if b.target, err = load.NewTarget(b.server.Address(), links, o.scripts); err != nil {
		return nil, err
	}
	return b, b.prepareLimits(ctx, o)
}

// prepareLimits submits a response, so that the bare database gets the same bytes.
func (b *bed) prepareLimits(ctx context.Context, o bedOptions) error {
	submitter := load.NewSubmitter(b.target, load.NewMeter(), 0)
	defer submitter.Close()
	if err := submitter.Do(time.Now()); err != nil {
		return fmt.Errorf("a complete submission: %w", err)
	}
	var err error
	if b.postgres != nil {
		b.bare, err = newPgbench(ctx, b, o)
	} else {
		b.bare, err = newLoop(ctx, b, o)
	}
	return err
}

// counters are what processes have cost so far.
type counters struct {
	server, database rig.Usage
	client           time.Duration
}

func (b *bed) counters() (counters, error) {
	var c counters
	var err, other error
	c.server, err = b.server.Usage()
	if b.postgres != nil {
		c.database, other = b.postgres.Usage()
	}
	var own syscall.Rusage
	third := syscall.Getrusage(syscall.RUSAGE_SELF, &own)
	c.client = time.Duration(own.Utime.Nano() + own.Stime.Nano())
	return c, errors.Join(err, other, third)
}

// drive loads the service and adds what it cost.
func (b *bed) drive(ctx context.Context, l load.Load, make func(*load.Meter) func(int) load.Worker) (outcome, error) {
	meter := load.NewMeter()
	var before, after counters
	var err error
	tally := load.Drive(ctx, l, meter, make(meter), func() { before, err = b.counters() })
	if err != nil {
		return outcome{}, err
	}
	if after, err = b.counters(); err != nil {
		return outcome{}, err
	}
	o := outcome{PerSecond: tally.PerSecond(), Failed: tally.Failed, Faults: meter.Faults(), Latencies: meter.Latencies()}
	if tally.Done > 0 {
		per := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(tally.Done) }
		o.ServerCPU, o.DatabaseCPU = per(after.server.CPU-before.server.CPU), per(after.database.CPU-before.database.CPU)
		o.ClientCPU = per(after.client - before.client)
	}
	o.ServerMB = float64(after.server.RSS) / (1 << 20)
	return o, ctx.Err()
}

// bareHandler is a child process that answers one file.
type bareHandler struct {
	address string
	cmd     *exec.Cmd
	end     func() error
}

// startBare starts this program once more, as a bare handler. It ends with its input.
func startBare(folder string, page []byte, gzip bool) (*bareHandler, error) {
	file := filepath.Join(folder, "page")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return nil, err
	}
	port, err := rig.FreePort()
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	h := &bareHandler{address: fmt.Sprintf("127.0.0.1:%d", port)}
	h.cmd = exec.Command(program, "bare", "-listen", h.address, "-file", file, fmt.Sprintf("-gzip=%t", gzip))
	h.cmd.Stderr = os.Stderr
	input, err := h.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	h.end = func() error { return errors.Join(input.Close(), h.cmd.Wait()) }
	if err := awaitListener(h.address); err != nil {
		return nil, errors.Join(err, h.end())
	}
	return h, nil
}

// awaitListener waits until somebody listens.
func awaitListener(address string) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	var err error
	for range 1000 {
		var socket net.Conn
		if socket, err = net.Dial("tcp", address); err == nil {
			return socket.Close()
		}
		<-ticker.C
	}
	return err
}
