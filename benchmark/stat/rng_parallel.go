package stat

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls body for 0..n-1 on all cores. The body of one unit must
// write only to places of its own; results then do not depend on the order in
// which the units run.
func inParallel(n int, body func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			body(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				body(i)
			}
		})
	}
	wait.Wait()
}

// inBlocks splits 0..n-1 into runs of at most size and calls body for each run
// on all cores.
func inBlocks(n, size int, body func(from, to int)) {
	inParallel((n+size-1)/size, func(b int) {
		body(b*size, min(n, (b+1)*size))
	})
}
