package store

import (
	"context"
	"testing"
)

func TestNothingIsReadAheadAfterTheEnd(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	var a ahead
	a.begin(func(ctx context.Context) {
		close(begun)
		<-ctx.Done()
		ended <- ctx.Err()
	})
	<-begun
	a.begin(func(context.Context) { t.Error("two are under way at once") })
	a.close()
	if err := <-ended; err == nil {
		t.Error("what was under way was not ended")
	}
	a.begin(func(context.Context) { t.Error("one began after the end") })
	a.close()
}
