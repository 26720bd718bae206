package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// runTwice sends every whole submission to two replicas at the same time and each
// page of the others to the next replica, while one of the two is killed.
func runTwice(ctx context.Context, s *stage) error {
	_, o, err := s.postgresTrial(2)
	if err != nil {
		return err
	}
	o.both = true
	kills := choose(s, 3, 40)
	_, err = s.try(ctx, o, func(ctx context.Context, t *trial) (string, error) {
		for range kills {
			if !pause(ctx, moment(50*time.Millisecond, choose(s, 200*time.Millisecond, 1500*time.Millisecond))) {
				return "", ctx.Err()
			}
			if err := t.servers[rand.IntN(len(t.servers))].Restart(); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("2 replicas, %d kills of either", kills), nil
	})
	return err
}
