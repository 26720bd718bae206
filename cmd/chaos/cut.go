package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// runCut puts a proxy between the server and PostgreSQL and does each kind of harm
// to the connections.
func runCut(ctx context.Context, s *stage) error {
	pg, o, err := s.postgresTrial(1)
	if err != nil {
		return err
	}
	p, err := newProxy(pg.Address())
	if err != nil {
		return err
	}
	o.server[0].Database = strings.Replace(o.at.URL, pg.Address(), p.address, 1)
	_, err = s.try(ctx, o, func(ctx context.Context, t *trial) (string, error) { return t.cut(ctx, p) })
	return errors.Join(err, p.close())
}

// cut does the harm in rounds and waits after each until receipts come again.
func (t *trial) cut(ctx context.Context, p *proxy) (string, error) {
	var faults []string
	slowestBack := time.Duration(0)
	for _, h := range t.harms() {
		for range h.times {
			if !pause(ctx, moment(20*time.Millisecond, 120*time.Millisecond)) {
				return "", ctx.Err()
			}
			back, err := t.suffer(ctx, p, h)
			if err != nil {
				return "", fmt.Errorf("%s: %w", h.name, err)
			}
			slowestBack = max(slowestBack, back)
		}
		faults = append(faults, fmt.Sprintf("%d x %s", h.times, h.name))
	}
	return strings.Join(faults, ", ") + fmt.Sprintf("; first receipt at most %v after the end of a fault", slowestBack.Round(time.Millisecond)), nil
}

// harm is one kind of fault with its length.
type harm struct {
	name   string
	times  int
	length time.Duration
	faults func() []fault // nil: all connections are closed and new ones refused
}

func (t *trial) harms() []harm {
	one := func(kind, stream string, attributes map[string]any) func() []fault {
		return func() []fault { return []fault{{Type: kind, Stream: stream, Attributes: attributes}} }
	}
	within := func(stream string) func() []fault {
		// The connection is closed in the middle of what is being said.
		return func() []fault {
			return []fault{{Type: "limit_data", Stream: stream, Attributes: map[string]any{"bytes": 1 + rand.IntN(20_000)}}}
		}
	}
	n := func(short, long int) int { return choose(t.stage, short, long) }
	d := func(short, long time.Duration) time.Duration { return choose(t.stage, short, long) }
	return []harm{
		{"connections closed and refused", n(1, 10), d(100*time.Millisecond, time.Second), nil},
		{"reset", n(1, 10), d(50*time.Millisecond, 300*time.Millisecond), one("reset_peer", "downstream", map[string]any{"timeout": 0})},
		{"closed in the middle of a statement", n(2, 30), d(50*time.Millisecond, 200*time.Millisecond), within("upstream")},
		{"closed in the middle of an answer", n(2, 30), d(50*time.Millisecond, 200*time.Millisecond), within("downstream")},
		{"answers of commits swallowed, then cut", n(1, 20), d(100*time.Millisecond, 400*time.Millisecond), one("timeout", "downstream", map[string]any{"timeout": 0})},
		{"500 ms latency", n(1, 2), d(1200*time.Millisecond, 5*time.Second), one("latency", "downstream", map[string]any{"latency": 500})},
		{"20 kB/s", n(1, 2), d(300*time.Millisecond, 5*time.Second), one("bandwidth", "upstream", map[string]any{"rate": 20})},
		{"blackhole both ways", n(1, 2), d(500*time.Millisecond, 10*time.Second), func() []fault {
			return []fault{{Type: "timeout", Stream: "upstream", Attributes: map[string]any{"timeout": 0}}, {Type: "timeout", Stream: "downstream", Attributes: map[string]any{"timeout": 0}}}
		}},
	}
}

// suffer does one fault for its length and says how long after it the next
// receipt came.
func (t *trial) suffer(ctx context.Context, p *proxy, h harm) (time.Duration, error) {
	if h.faults == nil {
		p.cut()
		pause(ctx, h.length)
		if err := p.restore(); err != nil {
			return 0, err
		}
		return t.crowd.awaitReceipts(ctx, 1, settling)
	}
	faults := h.faults()
	for _, f := range faults {
		if err := p.harm(f); err != nil {
			return 0, err
		}
	}
	pause(ctx, h.length)
	for _, f := range faults {
		if err := p.heal(f); err != nil {
			return 0, err
		}
	}
	return t.crowd.awaitReceipts(ctx, 1, settling)
}
