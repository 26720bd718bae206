package stat

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// moment is in Unix nanoseconds and only ever moves on.
type moment struct{ atomic.Int64 }

func (m *moment) moveTo(t time.Time) {
	for at := t.UnixNano(); ; {
		if last := m.Load(); last >= at || m.CompareAndSwap(last, at) {
			return
		}
	}
}

func (m *moment) after(t time.Time) bool { return t.UnixNano() < m.Load() }

// Until when computations leave a core to others, and until when they let others go
// first as well.
var coreLeft, wayGiven moment

// LeaveCore has whatever is computed from now until a moment leave one core to
// others, where there are several. Results do not depend on it.
func LeaveCore(until time.Time) { coreLeft.moveTo(until) }

// GiveWay is LeaveCore, and lets those who wait for a core go first.
func GiveWay(until time.Time) {
	wayGiven.moveTo(until)
	coreLeft.moveTo(until)
}

// Rest is called after each of many pieces of long work, by whoever did it, with the
// time that it took, and may wait. Nil: nothing rests.
type Rest func(worked time.Duration)

func (r Rest) since(begun time.Time) {
	if r != nil {
		r(time.Since(begun))
	}
}

// turn is how long one core computes before it lets others go first: of less the
// change would cost more than it brings.
const turn = time.Millisecond

// cores is how many of all cores may compute at a moment.
func cores(all int, now time.Time) int {
	if coreLeft.after(now) {
		return max(1, all-1)
	}
	return all
}

// InParallel is inParallel for those who use this package.
func InParallel(n int, body func(i int)) { inParallel(n, body) }

// inParallel calls body for 0..n-1 on all cores, but for what GiveWay leaves to
// others. The body of one unit must write only to places of its own; results then
// do not depend on the order in which the units run.
func inParallel(n int, body func(i int)) {
	all := runtime.GOMAXPROCS(0)
	workers := min(cores(all, time.Now()), n)
	var next atomic.Int64
	work := func(worker int) {
		begun := time.Now()
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			body(i)
			now := time.Now()
			if worker > 0 && worker >= cores(all, now) {
				return // the others do the rest
			}
			if now.Sub(begun) >= turn && wayGiven.after(now) {
				runtime.Gosched()
				begun = time.Now()
			}
		}
	}
	var wait sync.WaitGroup
	for worker := 1; worker < workers; worker++ {
		wait.Go(func() { work(worker) })
	}
	work(0)
	wait.Wait()
}

// inBlocks splits 0..n-1 into runs of at most size and calls body for each run
// on all cores.
func inBlocks(n, size int, body func(from, to int)) {
	inParallel((n+size-1)/size, func(b int) {
		body(b*size, min(n, (b+1)*size))
	})
}
