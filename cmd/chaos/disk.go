package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// runDisk lets the file system of the database run full during load.
func runDisk(ctx context.Context, s *stage) error {
	if err := runDiskSQLite(ctx, s); err != nil {
		return err
	}
	return runDiskPostgres(ctx, s)
}

func runDiskSQLite(ctx context.Context, s *stage) error {
	disk, err := s.rig.MountDisk(choose(s, 64, 512))
	if err != nil {
		return err
	}
	rounds := choose(s, 2, 15)
	_, err = s.try(ctx, s.sqliteIn(disk.Dir), func(ctx context.Context, t *trial) (string, error) {
		slowest := time.Duration(0)
		for range rounds {
			back, err := t.fill(ctx, disk, nil, nil)
			if err != nil {
				return "", err
			}
			slowest = max(slowest, back)
		}
		return fmt.Sprintf("%d times full; first receipt at most %v after there was room", rounds, slowest.Round(time.Millisecond)), nil
	})
	return err
}

// small settings let PostgreSQL live on a small disk. Its log of changes is written
// into segments that are made when needed, which is when the disk is full.
var small = []string{"shared_buffers = 16MB", "min_wal_size = 32MB", "max_wal_size = 64MB", "wal_recycle = off", "wal_init_zero = on"}

func runDiskPostgres(ctx context.Context, s *stage) error {
	disk, err := s.rig.MountDisk(choose(s, 256, 768))
	if err != nil {
		return err
	}
	pg, err := s.rig.StartPostgres(rig.PostgresOptions{Dir: disk.Dir, Settings: small})
	if err != nil {
		return err
	}
	address, err := pg.CreateDatabase("chaos")
	if err != nil {
		return err
	}
	// A full disk makes PostgreSQL crash, too.
	o := trialOptions{name: "PostgreSQL", redoes: true, server: []rig.ServerOptions{{Binary: s.binary, Database: address}}}
	o.at.URL = address
	rounds, restarts := choose(s, 1, 8), 0
	_, err = s.try(ctx, o, func(ctx context.Context, t *trial) (string, error) {
		slowest := time.Duration(0)
		for range rounds {
			back, err := t.fill(ctx, disk, pg, func() error {
				if pg.Alive() {
					return nil
				}
				// It gives up when it can not even recover; whatever runs it starts it again.
				restarts++
				return pg.Start()
			})
			if err != nil {
				return "", err
			}
			slowest = max(slowest, back)
		}
		return fmt.Sprintf("%d times full; PostgreSQL ended itself and was started again %d times; first receipt at most %v after there was room",
			rounds, restarts, slowest.Round(time.Millisecond)), nil
	})
	return err
}

// fill makes the disk full until the server or PostgreSQL says so in its log, makes
// room after a moment, and says how long it took until receipts came again.
func (t *trial) fill(ctx context.Context, disk *rig.Disk, pg *rig.Postgres, restart func() error) (time.Duration, error) {
	if !pause(ctx, moment(100*time.Millisecond, choose(t.stage, 200*time.Millisecond, 2*time.Second))) {
		return 0, ctx.Err()
	}
	told := func() int {
		n := strings.Count(t.servers[0].Log(), "is full")
		if pg != nil {
			n += strings.Count(pg.Log(), "No space left")
		}
		return n
	}
	before, full := told(), time.Now()
	for told() == before {
		if time.Since(full) > settling {
			return 0, errors.New("the disk is full and nobody says so")
		}
		// What the database frees is filled again.
		if err := disk.Fill(0); err != nil {
			return 0, err
		}
		pause(ctx, 50*time.Millisecond)
	}
	pause(ctx, choose(t.stage, 200*time.Millisecond, time.Second))
	if err := disk.Empty(); err != nil {
		return 0, err
	}
	if restart != nil {
		if err := restart(); err != nil {
			return 0, err
		}
	}
	return t.crowd.awaitReceipts(ctx, 1, settling)
}
