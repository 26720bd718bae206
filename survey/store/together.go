package store

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"
)

// sharedReadLimit ends a read that several wait for, so that one that hangs is not
// joined for ever.
const sharedReadLimit = 15 * time.Second

// together lets those who ask for the same at the same time share one read: after a
// start hundreds of submissions would read and compile the same questionnaire
// otherwise. One who gives up leaves the others their read.
func together[T any](ctx context.Context, flight *singleflight.Group, key string, read func(context.Context) (T, error)) (T, error) {
	shared := flight.DoChan(key, func() (any, error) {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), sharedReadLimit)
		defer cancel()
		return read(bounded)
	})
	select {
	case got := <-shared:
		value, _ := got.Val.(T) // nil beside some errors
		return value, got.Err
	case <-ctx.Done():
		var none T
		return none, translate(context.Cause(ctx))
	}
}
