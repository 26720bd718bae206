package load

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Worker does one unit of work after the other on a connection of its own.
type Worker interface {
	// Do does one unit. Latency counts from when it was intended to begin.
	Do(intended time.Time) error
	Close()
}

// Load is how hard to drive. Length, or Units with a generous Length, ends it.
type Load struct {
	Clients int           // workers; in the open model the most that are under way at once
	Rate    float64       // arrivals per second; 0: closed, each worker goes on when it is done
	Warmup  time.Duration // not measured
	Length  time.Duration
	Units   int64         // at most so many are begun; 0: any number
	Pause   time.Duration // after a failed unit, so that refusals do not become the load
}

// Tally is what came of driving.
type Tally struct {
	Seconds float64
	Done    int64
	Failed  int64
}

// PerSecond is the rate of units that were done.
func (t Tally) PerSecond() float64 {
	if t.Seconds == 0 {
		return 0
	}
	return float64(t.Done) / t.Seconds
}

// Drive lets workers work, first for the warm-up, then for the length. measured is
// called when the warm-up is over. Units that have begun are finished and counted.
func Drive(ctx context.Context, l Load, m *Meter, worker func(client int) Worker, measured func()) Tally {
	workers := make([]Worker, l.Clients)
	for i := range workers {
		workers[i] = worker(i)
		defer workers[i].Close()
	}
	d := &drive{load: l, meter: m, workers: workers}
	if l.Warmup > 0 {
		d.run(ctx, l.Warmup)
		m.Reset()
		d.done.Store(0)
		d.failed.Store(0)
		d.begun.Store(0)
	}
	if measured != nil {
		measured()
	}
	start := time.Now()
	d.run(ctx, l.Length)
	return Tally{time.Since(start).Seconds(), d.done.Load(), d.failed.Load()}
}

// drive is the state of one Drive.
type drive struct {
	load         Load
	meter        *Meter
	workers      []Worker
	done, failed atomic.Int64
	begun        atomic.Int64
}

func (d *drive) run(ctx context.Context, length time.Duration) {
	ctx, stop := context.WithTimeout(ctx, length)
	defer stop()
	if d.load.Rate > 0 {
		d.open(ctx)
		return
	}
	var all sync.WaitGroup
	for _, w := range d.workers {
		all.Go(func() {
			for ctx.Err() == nil && d.more() {
				d.unit(ctx, w, time.Now())
			}
		})
	}
	all.Wait()
}

// more says whether another unit may begin.
func (d *drive) more() bool { return d.load.Units == 0 || d.begun.Add(1) <= d.load.Units }

// unit does one and counts it.
func (d *drive) unit(ctx context.Context, w Worker, intended time.Time) {
	err := w.Do(intended)
	if err == nil {
		d.done.Add(1)
		return
	}
	d.failed.Add(1)
	d.meter.Fail(err)
	if d.load.Pause > 0 {
		pause := time.NewTimer(d.load.Pause)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
}

// open has units arrive at random moments, whether or not earlier ones are done. Those
// that find no free worker wait, and their waiting counts.
func (d *drive) open(ctx context.Context) {
	arrivals := make(chan time.Time, 1<<20)
	var all sync.WaitGroup
	for _, w := range d.workers {
		all.Go(func() {
			for intended := range arrivals {
				d.unit(ctx, w, intended)
			}
		})
	}
	arrive(ctx, d.load.Rate, arrivals)
	close(arrivals)
	all.Wait()
}

// arrive sends the moments of a Poisson process until the context ends.
func arrive(ctx context.Context, rate float64, arrivals chan<- time.Time) {
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	next := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next = next.Add(time.Duration(random.ExpFloat64() / rate * float64(time.Second)))
		if wait := time.Until(next); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
		} else if ctx.Err() != nil {
			return
		}
		select {
		case arrivals <- next:
		case <-ctx.Done():
			return
		}
	}
}
