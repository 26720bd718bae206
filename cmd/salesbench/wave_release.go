package main

import (
	"context"
	"fmt"

	"github.com/salesbench/salesbench/survey/store"
)

type waveHold struct {
	storeFlags
	Wave string `arg:"" help:"Short name of the wave."`
}

// Help is the manual page.
func (waveHold) Help() string {
	return `When a wave closes its results become final at once. A wave that is held stays as it moves while it is open, until "salesbench wave release": meanwhile its responses can be looked through and excluded ("salesbench help responses"). It has to be held before it closes.`
}

// Run holds the wave.
func (c *waveHold) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		wave, err := s.WaveByKey(ctx, c.Wave)
		if err != nil {
			return err
		}
		if wave, err = s.HoldWave(ctx, onCommandLine(), wave.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Out, "the results of wave %s become final when they are released\n", wave.Key)
		return nil
	})
}

type waveRelease struct {
	storeFlags
	Wave string `arg:"" help:"Short name of the wave."`
}

// Help is the manual page.
func (waveRelease) Help() string {
	return `The results of a wave that was held become final, without what is excluded. This can not be undone.`
}

// Run releases the results.
func (c *waveRelease) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		wave, err := s.WaveByKey(ctx, c.Wave)
		if err != nil {
			return err
		}
		if wave, err = s.ReleaseWave(ctx, onCommandLine(), wave.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Out, "the results of wave %s are final since %s\n", wave.Key, wave.ReleasedAt.Local().Format("2006-01-02 15:04:05"))
		return nil
	})
}
