package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// moment is a random time within the range.
func moment(least, most time.Duration) time.Duration {
	return least + time.Duration(rand.Int64N(int64(most-least)))
}

// runKill kills the server again and again, on both databases.
func runKill(ctx context.Context, s *stage) error {
	o, err := s.sqlite()
	if err != nil {
		return err
	}
	if _, err := s.try(ctx, o, killing(choose(s, 5, 60))); err != nil {
		return err
	}
	if _, o, err = s.postgresTrial(1); err != nil {
		return err
	}
	_, err = s.try(ctx, o, killing(choose(s, 5, 60)))
	return err
}

func killing(kills int) mischief {
	return func(ctx context.Context, t *trial) (string, error) {
		for range kills {
			if !pause(ctx, moment(20*time.Millisecond, choose(t.stage, 300*time.Millisecond, 900*time.Millisecond))) {
				return "", ctx.Err()
			}
			if err := t.servers[0].Restart(); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("%d kills", kills), nil
	}
}

// runCrash stops PostgreSQL as a crash does. The server is not touched.
func runCrash(ctx context.Context, s *stage) error {
	pg, o, err := s.postgresTrial(1)
	if err != nil {
		return err
	}
	o.redoes = true
	crashes := choose(s, 2, 20)
	_, err = s.try(ctx, o, func(ctx context.Context, t *trial) (string, error) {
		longest := time.Duration(0)
		for range crashes {
			if !pause(ctx, moment(100*time.Millisecond, choose(s, 300*time.Millisecond, 1500*time.Millisecond))) {
				return "", ctx.Err()
			}
			back, err := t.crash(ctx, pg)
			if err != nil {
				return "", err
			}
			longest = max(longest, back)
		}
		return fmt.Sprintf("%d immediate stops; first receipt at most %v after PostgreSQL was back", crashes, longest.Round(time.Millisecond)), nil
	})
	return err
}

// crash stops and starts PostgreSQL and says how long after it the next receipt came.
func (t *trial) crash(ctx context.Context, pg *rig.Postgres) (time.Duration, error) {
	if err := pg.StopImmediate(); err != nil {
		return 0, err
	}
	pause(ctx, moment(0, choose(t.stage, 200*time.Millisecond, 3*time.Second)))
	if err := pg.Start(); err != nil {
		return 0, err
	}
	return t.crowd.awaitReceipts(ctx, 1, settling)
}
