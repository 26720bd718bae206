package stat

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestEveryUnitIsDoneOnceWhetherOthersGoFirstOrNot(t *testing.T) {
	t.Cleanup(func() { GiveWay(time.Time{}) })
	for name, until := range map[string]time.Time{"alone": {}, "beside others": time.Now().Add(time.Hour)} {
		GiveWay(until)
		for _, n := range []int{0, 1, 2, 1000} {
			done := make([]atomic.Int32, n)
			InParallel(n, func(i int) {
				if i == 0 { // others begin meanwhile, and stop
					GiveWay(time.Now().Add(time.Hour))
				}
				for begun := time.Now(); time.Since(begun) < turn/100; {
				}
				done[i].Add(1)
			})
			for i := range done {
				if got := done[i].Load(); got != 1 {
					t.Errorf("%s: unit %d of %d was done %d times", name, i, n, got)
				}
			}
			GiveWay(until)
		}
	}
}

func TestOneCoreIsLeftToOthers(t *testing.T) {
	t.Cleanup(func() { GiveWay(time.Time{}) })
	all, now := runtime.GOMAXPROCS(0), time.Now()
	GiveWay(now.Add(time.Second))
	if got := cores(now); got != max(1, all-1) {
		t.Errorf("%d of %d cores compute", got, all)
	}
	if got := cores(now.Add(time.Second)); got != all {
		t.Errorf("afterwards %d of %d", got, all)
	}
}
