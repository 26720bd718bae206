package intake

import (
	"sync/atomic"
	"time"
)

// Stats are the counters of one kind of work since the intake was started. They
// only grow, but for Waiting and Last.
type Stats struct {
	Submissions, Drafts, Entrances Work
}

// Work counts what one kind of request did.
type Work struct {
	Waiting  int64 // at this moment
	Accepted int64 // with success, those that had been taken before included
	Refused  int64 // with an error: of the respondent, or because there was no room
	Retried  int64 // tried again, because the database was not available
	Batches  int64 // transactions, or look-ups, that ended well
	Rows     int64 // in them
	Last     time.Duration
	Duration Histogram // of batches, in seconds
	Size     Histogram // of batches, in rows
}

// Histogram counts values by size. Counts has one element more than Bounds: the
// last counts what is above the last bound. They are not cumulative.
type Histogram struct {
	Bounds []float64 // upper ones, each included
	Counts []int64
	Sum    float64
}

var (
	durationBounds = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
	sizeBounds     = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}
)

// counters are what Work is read from, without a lock.
type counters struct {
	waiting, accepted, refused, retried, batches, rows, last, nanoseconds atomic.Int64
	durations                                                             [15]atomic.Int64
	sizes                                                                 [11]atomic.Int64
}

// ended counts a batch that ended well.
func (c *counters) ended(rows int, took time.Duration) {
	c.batches.Add(1)
	c.rows.Add(int64(rows))
	c.last.Store(int64(took))
	c.nanoseconds.Add(int64(took))
	c.durations[slot(durationBounds, took.Seconds())].Add(1)
	c.sizes[slot(sizeBounds, float64(rows))].Add(1)
}

func slot(bounds []float64, value float64) int {
	for i, bound := range bounds {
		if value <= bound {
			return i
		}
	}
	return len(bounds)
}

func (c *counters) read() Work {
	w := Work{Waiting: c.waiting.Load(), Accepted: c.accepted.Load(), Refused: c.refused.Load(), Retried: c.retried.Load(),
		Batches: c.batches.Load(), Rows: c.rows.Load(), Last: time.Duration(c.last.Load())}
	w.Duration = Histogram{Bounds: durationBounds, Counts: make([]int64, len(c.durations)), Sum: time.Duration(c.nanoseconds.Load()).Seconds()}
	for i := range c.durations {
		w.Duration.Counts[i] = c.durations[i].Load()
	}
	w.Size = Histogram{Bounds: sizeBounds, Counts: make([]int64, len(c.sizes)), Sum: float64(w.Rows)}
	for i := range c.sizes {
		w.Size.Counts[i] = c.sizes[i].Load()
	}
	return w
}

// Stats returns the counters as they are now.
func (in *Intake) Stats() Stats {
	return Stats{Submissions: in.submissions.read(), Drafts: in.drafts.read(), Entrances: in.entrances.read()}
}
