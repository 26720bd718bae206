package web

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// Pace says how long readers of results wait and how often the service looks at
// the database for what other replicas have kept. Zero fields have sensible values.
type Pace struct {
	First  time.Duration // a first result, before a page tells how far it has come. 800 ms
	Newer  time.Duration // a newer edition, before the last one is shown once more. 25 ms
	Poll   time.Duration // between two looks at what other replicas have kept. 400 ms
	Forget time.Duration // a wave that nobody reads any more. 15 min
	Check  time.Duration // between two comparisons of a panel with the database. 10 min
	Wanted time.Duration // a result that is being made goes on for so long after somebody last asked for it. 50 s
}

func (p Pace) withDefaults() Pace {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&p.First, 800 * time.Millisecond}, {&p.Newer, 25 * time.Millisecond}, {&p.Poll, 400 * time.Millisecond},
		{&p.Forget, 15 * time.Minute}, {&p.Check, 10 * time.Minute}, {&p.Wanted, 50 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return p
}

const (
	// hotFor is how long a wave counts as being read after its last reader.
	hotFor = time.Minute
	// Rounds that take in so many responses, and so many a second, are those of a
	// wave that many answer.
	busyRound = 100
	busyRate  = 100
	// editionEvery is how long after the beginning of one edition the next begins where
	// that one did not take long: so much less than a second that it is there within a
	// second of the receipts in it.
	editionEvery = 600 * time.Millisecond
	longestPause = 5 * time.Second
	// lateAfter is how long an edition may stand there before a reader waits for it.
	lateAfter = 400 * time.Millisecond
	// littleOlder is how long after it was made a result may be shown once more where a
	// newer one would be waited for: not every edition has one that nobody has read.
	littleOlder = time.Second
	// loadsAtOnce bounds how many waves are read from the beginning at a time.
	loadsAtOnce = 2
)

// pause is how long work that took a time on some cores should be followed by none,
// so that it costs one part in so many of one processor.
func pause(took time.Duration, cores, part int) time.Duration {
	return took * time.Duration(part*cores-1)
}

const (
	// editionPart of one processor is what editions may cost while responses come in.
	editionPart = 2
	// usualPart is what making one page anew may cost, and what is drawn.
	usualPart = 3
	// smallPart is enough for what nobody waits for while many come in.
	smallPart = 20
)

// pauseOfRounds is how long after a round that took a time the next begins: so that
// rounds cost a small part, as far as nothing grows older than a second for that,
// and half of one processor at most.
func pauseOfRounds(took time.Duration, cores int) time.Duration {
	inTime := min(pause(took, cores, smallPart), editionEvery-took)
	return min(max(inTime, pause(took, cores, editionPart)), longestPause)
}

// live follows the database for the waves whose results are read. A panel is
// brought forward at once when this replica has kept something, and by a look at
// all positions where another one has; positions are in the order of commits and
// have no holes, so nothing is missed and nothing comes twice.
type live struct {
	store   *store.Store
	results *resultSource
	now     func() time.Time
	log     *slog.Logger
	pace    Pace
	memory  func() (available int64, known bool)

	ctx      context.Context // of all goroutines
	end      context.CancelFunc
	running  sync.WaitGroup
	sequence atomic.Int64
	loads    chan struct{}
	drawings chan struct{}
	apart    int // responses from which what takes long is drawn apart
	arrivals arrivals

	mu      sync.Mutex
	panels  map[survey.WaveID]*livePanel
	ticking bool
	warming *warming // nil: nobody asked for it
}

func newLive(o Options, results *resultSource) *live {
	ctx, end := context.WithCancel(context.Background())
	return &live{store: o.Store, results: results, now: o.Now, log: o.Log, pace: o.Pace.withDefaults(), memory: MemoryAvailable,
		ctx: ctx, end: end, loads: make(chan struct{}, loadsAtOnce), drawings: make(chan struct{}, drawingsAtOnce), apart: drawnApart, panels: map[survey.WaveID]*livePanel{}}
}

// close ends all goroutines.
func (l *live) close() {
	l.mu.Lock()
	l.end()
	l.mu.Unlock()
	l.running.Wait()
}

// panelOf returns the panel of the wave and begins to follow it at its first use.
func (l *live) panelOf(wave survey.WaveID) *livePanel {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.panels[wave]
	if p != nil || l.ctx.Err() != nil {
		return p
	}
	ctx, cancel := context.WithCancel(l.ctx)
	p = &livePanel{id: wave, live: l, cancel: cancel, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1)}
	p.asked.Store(time.Now().UnixNano())
	l.panels[wave] = p
	l.running.Go(func() { p.work(ctx) })
	if !l.ticking {
		l.ticking = true
		l.running.Go(l.tick)
	}
	nudge(p.wake)
	return p
}

// followed lists the panels there are.
func (l *live) followed() []*livePanel {
	l.mu.Lock()
	defer l.mu.Unlock()
	panels := make([]*livePanel, 0, len(l.panels))
	for _, p := range l.panels {
		panels = append(panels, p)
	}
	slices.SortFunc(panels, func(a, b *livePanel) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
	return panels
}

// arrivals knows whether many responses arrive, whatever their wave.
type arrivals struct {
	mu    sync.Mutex
	since time.Time
	kept  int
	until atomic.Int64 // they count as many, in nanoseconds
}

const (
	arrivalsOver = 250 * time.Millisecond // are counted before they are called many
	manyFor      = 2 * time.Second        // they are called so at least
)

// add counts responses that this replica has kept.
func (a *arrivals) add(now time.Time, kept int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept += kept
	over := now.Sub(a.since)
	if over < arrivalsOver {
		return
	}
	if float64(a.kept) > busyRate*over.Seconds() {
		a.areMany(now)
	}
	a.since, a.kept = now, 0
}

// areMany has computations give way to those who submit and read.
func (a *arrivals) areMany(now time.Time) {
	until := now.Add(manyFor)
	a.until.Store(until.UnixNano())
	benchmark.GiveWay(until)
}

// many says whether many responses arrive.
func (a *arrivals) many(now time.Time) bool { return now.UnixNano() < a.until.Load() }

// cores is how many of them computations use now; more than a few do not make one
// edition any quicker.
func (a *arrivals) cores(now time.Time) int {
	cores := runtime.GOMAXPROCS(0)
	if a.many(now) {
		cores-- // see benchmark.GiveWay
	}
	return min(max(cores, 1), 4)
}

// committed is the sign that this replica has kept responses of the wave.
func (l *live) committed(wave survey.WaveID, kept int) {
	l.arrivals.add(time.Now(), kept)
	l.mu.Lock()
	p := l.panels[wave]
	l.mu.Unlock()
	if p != nil {
		p.fallBehind(time.Now())
		nudge(p.wake)
	}
}

// fallBehind notes since when the panel lacks something.
func (p *livePanel) fallBehind(now time.Time) { p.behind.CompareAndSwap(0, now.UnixNano()) }

// tick looks at the database until the end.
func (l *live) tick() {
	ticker := time.NewTicker(l.pace.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-ticker.C:
			l.forget()
			l.look()
		}
	}
}

// look wakes the panels that are not where the database is.
func (l *live) look() {
	panels := l.followed()
	waves := make([]survey.WaveID, len(panels))
	for i, p := range panels {
		waves[i] = p.id
	}
	ctx, cancel := context.WithTimeout(l.ctx, lookLimit)
	defer cancel()
	standings, err := l.store.Standings(ctx, waves)
	if err != nil {
		return // whoever reads results is told by the query of the page
	}
	looked := time.Now()
	for _, p := range panels {
		now := standings[p.id]
		p.known.Store(now.Position)
		if now.Position != p.position.Load() || now.Revision != p.revision.Load() {
			p.fallBehind(looked)
			nudge(p.wake)
		}
		if p.failure.Load() != nil || p.hot(looked) && p.directory.old(looked) {
			nudge(p.wake)
		}
		p.compareNowAndThen(looked)
	}
}

// lookLimit ends a look that the database does not answer.
const lookLimit = 5 * time.Second

// forget drops the panels that nobody reads.
func (l *live) forget() {
	limit := time.Now().Add(-l.pace.Forget).UnixNano()
	l.mu.Lock()
	defer l.mu.Unlock()
	for wave, p := range l.panels {
		if p.asked.Load() < limit {
			p.cancel()
			delete(l.panels, wave)
			l.results.drop(wave)
		}
	}
}

// catchUp has every panel look at the database now and waits for all of them.
func (l *live) catchUp(ctx context.Context) error {
	for _, p := range l.followed() {
		if err := p.catchUp(ctx); err != nil {
			return err
		}
	}
	return nil
}
