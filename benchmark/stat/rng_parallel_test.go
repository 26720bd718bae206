package stat

import (
	"sync/atomic"
	"testing"
	"time"
)

// nobodyElse ends what GiveWay and LeaveCore have begun.
func nobodyElse() {
	coreLeft.Store(0)
	wayGiven.Store(0)
}

func TestEveryUnitIsDoneOnceWhetherOthersGoFirstOrNot(t *testing.T) {
	t.Cleanup(nobodyElse)
	for _, name := range []string{"alone", "beside others", "others begin meanwhile"} {
		for _, n := range []int{0, 1, 2, 1000} {
			nobodyElse()
			if name == "beside others" {
				GiveWay(time.Now().Add(time.Hour))
			}
			done := make([]atomic.Int32, n)
			InParallel(n, func(i int) {
				if i == 0 && name == "others begin meanwhile" {
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
		}
	}
}

func TestOneCoreIsLeftToOthers(t *testing.T) {
	nobodyElse()
	t.Cleanup(nobodyElse)
	now := time.Now()
	GiveWay(now.Add(time.Second))
	LeaveCore(now) // somebody who needs it for a shorter time
	for all, want := range map[int]int{1: 1, 2: 1, 16: 15} {
		if got := cores(all, now); got != want {
			t.Errorf("%d of %d cores compute", got, all)
		}
		if got := cores(all, now.Add(time.Second)); got != all {
			t.Errorf("afterwards %d of %d", got, all)
		}
	}
	if !wayGiven.after(now) || wayGiven.after(now.Add(time.Second)) {
		t.Error("others do not go first, or for ever")
	}
}
