package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// runClosing closes the wave while answers arrive.
func runClosing(ctx context.Context, s *stage) error {
	o, err := s.sqlite()
	if err != nil {
		return err
	}
	if _, err := s.try(ctx, o, closing); err != nil {
		return err
	}
	if _, o, err = s.postgresTrial(2); err != nil {
		return err
	}
	_, err = s.try(ctx, o, closing)
	return err
}

// closing closes the wave by the command, then asks again for receipts that were
// given before.
func closing(ctx context.Context, t *trial) (string, error) {
	if !pause(ctx, choose(t.stage, 500*time.Millisecond, 10*time.Second)) {
		return "", ctx.Err()
	}
	place := []string{"--data", strings.TrimSuffix(t.database.Path, "/salesbench.db")}
	if t.database.URL != "" {
		place = []string{"--database", t.database.URL}
	}
	if err := t.closeWave(ctx, place...); err != nil {
		return "", err
	}
	// Everybody who has a receipt now has it from before the end, or from a batch
	// that committed before it.
	again, err := t.again(ctx, choose(t.stage, 100, 2000))
	return fmt.Sprintf("closed by command; %d receipts asked for again afterwards", again), err
}

// closeWave closes the wave by the command.
func (t *trial) closeWave(ctx context.Context, place ...string) error {
	out, err := exec.CommandContext(ctx, t.binary, append([]string{"wave", "close", t.study.Wave.Key}, place...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("wave close: %w: %s", err, out)
	}
	return nil
}

// again submits what was acknowledged once more, and the receipt must come.
func (t *trial) again(ctx context.Context, most int) (int, error) {
	cl := t.crowd.client(0)
	defer cl.http.CloseIdleConnections()
	done := 0
	for _, w := range t.crowd.finished(most) {
		w.client = cl
		if _, err := w.step(ctx); err != nil {
			return done, fmt.Errorf("asking for a receipt after the end of the wave: %w", errors.Join(err))
		}
		done++
	}
	if done == 0 {
		return 0, errors.New("nobody had a receipt when the wave closed")
	}
	return done, nil
}
