package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"golang.org/x/sync/singleflight"
)

func TestManyWhoAskForTheSameReadItOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight singleflight.Group
		var reads atomic.Int32
		release := make(chan struct{})
		read := func(ctx context.Context) (int, error) {
			reads.Add(1)
			select {
			case <-release:
				return 42, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		first, giveUp := context.WithCancel(t.Context())
		var impatient error
		var wg sync.WaitGroup
		wg.Go(func() { _, impatient = together(first, &flight, "key", read) })
		synctest.Wait()
		for range 100 {
			wg.Go(func() {
				if got, err := together(t.Context(), &flight, "key", read); got != 42 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			})
		}
		synctest.Wait()
		giveUp()
		synctest.Wait()
		close(release)
		wg.Wait()
		if reads.Load() != 1 || impatient == nil {
			t.Errorf("%d reads; who gave up got %v", reads.Load(), impatient)
		}
	})
}

func TestAReadThatHangsIsNotJoinedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight singleflight.Group
		_, err := together(t.Context(), &flight, "key", func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
