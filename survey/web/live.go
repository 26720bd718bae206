package web

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// stepRule is what decides which responses of a wave may be shown. Results made
// under another rule are never shown in its place.
type stepRule struct {
	group  int
	moving bool
}

func ruleOf(w resultWave, now time.Time) stepRule {
	return stepRule{w.MinimumGroup, benchmark.Moving(w.study, w.Wave, now)}
}

// liveView is one state of a wave as it may be shown: it never changes.
type liveView struct {
	wave      resultWave // with its organizations
	rule      stepRule
	snapshot  *panel.Snapshot
	input     benchmark.Input
	state     string // names everything that a result depends on, besides the program; never sent
	undrawn   string // the part of it without what is drawn; empty where that is made at once
	terms     uint32 // the part of it that is not about responses
	sequence  int64  // a later view has a larger one
	busy      bool   // many responses arrive
	published time.Time
}

// livePanel is the panel of one wave and the goroutine that brings it forward.
// Only that goroutine touches the fields below worker; readers take the view.
type livePanel struct {
	id      survey.WaveID
	live    *live
	cancel  context.CancelFunc
	wake    chan struct{} // has a token when there may be something to do
	hurry   chan struct{} // has a token when somebody waits for it
	changed notice

	view     atomic.Pointer[liveView]
	ahead    atomic.Pointer[liveView] // a newer state of which the tiers are known so far
	failure  atomic.Pointer[failedUpdate]
	asked    atomic.Int64 // when somebody read it last, in nanoseconds
	read     readParts
	position atomic.Int64 // how far it has come
	revision atomic.Int64 // of what counts, as it was seen last
	known    atomic.Int64 // where the database was seen at last
	target   atomic.Int64 // where the database stood when the loading began
	started  atomic.Int64 // rounds of the worker
	ended    atomic.Int64
	anew     atomic.Bool // it does not agree with the database
	loaded   atomic.Bool // there has been a view
	figures  atomic.Bool // the first result of the start was computed, or can not be
	bytes    atomic.Int64
	checking atomic.Bool
	checked  atomic.Int64 // when it was compared with the database last, in nanoseconds
	mark     atomic.Pointer[mark]
	drawn    atomic.Pointer[drawing]
	drawing  atomic.Bool  // figures are being drawn
	slept    atomic.Int64 // meanwhile, in nanoseconds, over all cores
	behind   atomic.Int64 // since when it has not shown what the database has, in nanoseconds; 0: it does

	// worker
	steps     *panel.Steps
	kept      *benchmark.Kept // of these steps
	rule      stepRule
	digest    store.Digest
	removed   int64               // how many responses had been erased when it was built
	left      map[survey.UID]bool // what it was built without
	directory directory
	rested    time.Time // end of the last round
	moved     bool      // the last round took in what was new
	busy      bool      // many responses arrive
}

// mark says what the panel had taken at one moment.
type mark struct {
	position int64
	digest   store.Digest
}

type failedUpdate struct{ err error }

// notice wakes up everybody who waits for something to change.
type notice struct {
	mu sync.Mutex
	ch chan struct{}
}

// next is closed at the next change.
func (n *notice) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ch == nil {
		n.ch = make(chan struct{})
	}
	return n.ch
}

func (n *notice) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ch != nil {
		close(n.ch)
		n.ch = nil
	}
}

func nudge(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}

// taken takes the token where there is one.
func taken(token chan struct{}) bool {
	select {
	case <-token:
		return true
	default:
		return false
	}
}

// work brings the panel forward whenever it is woken, until it is forgotten.
func (p *livePanel) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		p.started.Add(1)
		begun := time.Now()
		err := p.update(ctx, taken(p.hurry))
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			p.upToDate(begun)
		}
		p.tellFailure(ctx, err)
		p.ended.Add(1)
		p.changed.tell()
		p.rest(ctx, time.Since(begun))
		p.rested = time.Now()
	}
}

// tellFailure keeps the reason why the panel is not up to date and logs it once.
func (p *livePanel) tellFailure(ctx context.Context, err error) {
	if err == nil {
		if p.failure.Swap(nil) != nil {
			p.live.log.LogAttrs(ctx, slog.LevelInfo, "the panel follows again", slog.String("wave", string(p.id)))
		}
		return
	}
	last := p.failure.Swap(&failedUpdate{err})
	if last == nil || last.err.Error() != err.Error() {
		p.live.log.LogAttrs(ctx, slog.LevelError, "the panel does not follow the database", slog.String("wave", string(p.id)), slog.String("error", err.Error()))
	}
}

// rest follows a round that took in what somebody has submitted. Somebody who waits
// ends it.
func (p *livePanel) rest(ctx context.Context, took time.Duration) {
	if !p.moved {
		return
	}
	timer := time.NewTimer(pauseOfRounds(took, p.live.arrivals.cores(time.Now())))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-p.hurry:
	case <-timer.C:
	}
}

// update is one round: read what is new and make it the view. Where somebody
// waits for it, names are read again too.
func (p *livePanel) update(ctx context.Context, hurried bool) error {
	if p.view.Load() == nil {
		select {
		case p.live.loads <- struct{}{}:
			defer func() { <-p.live.loads }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	w, err := p.live.definition(ctx, p.id)
	if err != nil {
		return err
	}
	rule := ruleOf(w, p.live.now())
	changed, err := p.review(ctx, w)
	if err != nil {
		return err
	}
	if p.steps == nil || p.anew.Swap(false) || changed || p.rule.group != rule.group || rule.moving && p.steps.Released() {
		if p.steps, err = benchmark.NewSteps(w.instrument, w.Wave); err != nil {
			return err
		}
		p.digest, p.kept = store.Digest{}, &benchmark.Kept{}
		p.position.Store(0)
	}
	p.rule = rule
	if err := p.directory.renew(ctx, p.live.results, w, hurried); err != nil {
		return err
	}
	if err := p.load(ctx, w); err != nil {
		return err
	}
	if !rule.moving && !p.steps.Released() {
		if err := p.steps.Release(); err != nil {
			return err
		}
	}
	return p.show(ctx, w)
}

// review reads what does not count. It says whether the panel has to be built anew:
// something it holds was erased, excluded or let in again.
func (p *livePanel) review(ctx context.Context, w resultWave) (changed bool, err error) {
	standings, err := p.live.store.Standings(ctx, []survey.WaveID{p.id})
	if err != nil {
		return false, err
	}
	now := standings[p.id]
	var left map[survey.UID]bool
	if now.Revision > 0 && benchmark.Reviewed(w.study, w.Wave, p.live.now()) {
		if left, err = p.live.store.LeftOut(ctx, p.id, false); err != nil {
			return false, err
		}
	}
	changed = now.Removed != p.removed || !maps.Equal(left, p.left)
	p.removed, p.left = now.Removed, left
	p.revision.Store(now.Revision)
	return changed, nil
}

// load takes the responses that the panel does not have yet.
func (p *livePanel) load(ctx context.Context, w resultWave) error {
	standings, err := p.live.store.Standings(ctx, []survey.WaveID{p.id})
	if err != nil {
		return err
	}
	p.busy, p.moved = false, false
	from, to := p.position.Load(), standings[p.id].Position
	p.known.Store(to)
	switch {
	case to == from:
		return nil
	case to < from:
		return p.startOver(ctx, "the database has fewer responses than the panel: it was restored, or responses were removed")
	}
	if err := p.live.fits(w, int64(len(p.directory.organizations)), to-from); err != nil {
		return err
	}
	p.target.Store(to)
	if err := p.take(ctx, from); err != nil {
		return err
	}
	rows := p.position.Load() - from
	p.moved = p.loaded.Load()
	p.busy = p.moved && rows >= busyRound && float64(rows) > busyRate*time.Since(p.rested).Seconds()
	if p.busy {
		p.live.arrivals.areMany(time.Now())
	}
	p.mark.Store(&mark{p.position.Load(), p.digest})
	return nil
}

// startOver has the next round build the panel from nothing.
func (p *livePanel) startOver(ctx context.Context, why string) error {
	p.live.log.LogAttrs(ctx, slog.LevelError, "the panel is built anew", slog.String("wave", string(p.id)), slog.String("why", why))
	p.anew.Store(true)
	nudge(p.wake)
	return nil
}

// take reads the responses after a position. A whole wave becomes visible at once.
func (p *livePanel) take(ctx context.Context, from int64) error {
	read := func() error {
		_, err := store.StreamPacked(ctx, p.live.store, p.id, from, store.PackedSink[segment]{
			NewReader: func() store.PackedReader[segment] { return &segmentReader{decoder: p.steps.NewDecoder(), left: p.left} },
			Take: func(s segment, last int64) error {
				if err := p.steps.AddBatch(s.batch); err != nil {
					return err
				}
				p.digest.Responses, p.digest.Sum = p.digest.Responses+s.digest.Responses, p.digest.Sum+s.digest.Sum
				p.position.Store(last)
				return nil
			},
		})
		return err
	}
	if from > 0 {
		return read()
	}
	return p.steps.Fill(read)
}

// segment is a part of a wave on its way from the database into the panel.
type segment struct {
	batch  *panel.Batch
	digest store.Digest
}

// segmentReader reads responses into a segment.
type segmentReader struct {
	decoder *panel.Decoder
	digest  store.Digest
	left    map[survey.UID]bool // does not count
}

// Append takes one response. The digest is over those that do not count, too: it is
// compared with the database.
func (r *segmentReader) Append(response *survey.PackedResponse) error {
	r.digest.Add(response.ID)
	if r.left[response.ID] {
		return nil
	}
	return r.decoder.Append(response)
}

// Cut returns what was taken since the last cut.
func (r *segmentReader) Cut() segment {
	s := segment{r.decoder.Cut(), r.digest}
	r.digest = store.Digest{}
	return s
}

// show makes what the panel holds the view. What is read of it is computed first, so
// that the step to a newer edition costs a reader nothing.
func (p *livePanel) show(ctx context.Context, w resultWave) error {
	w.organizations = p.directory.organizations
	next := &liveView{wave: w, rule: p.rule, snapshot: p.steps.Snapshot(), sequence: p.live.sequence.Add(1)}
	var err error
	if next.input, err = p.live.results.input(ctx, w, next.snapshot); err != nil {
		return err
	}
	next.state, next.terms = w.state(next.snapshot, p.directory.names), w.terms(next.snapshot.Moving(), p.directory.names)
	next.input.Kept = p.kept
	p.addDrawn(next)
	defer p.draw(ctx, next)
	p.bytes.Store(panelBytes(w.instrument, p.position.Load()))
	last := p.view.Load()
	if last != nil && last.state == next.state && last.rule == next.rule {
		return nil
	}
	if last != nil && last.rule == next.rule && p.hot(time.Now()) {
		p.classify(ctx, next)
		// An error is for the reader who asks: there it has a page.
		_ = p.live.results.prepare(ctx, next, p.read.parts(time.Now()))
	}
	next.busy, next.published = p.busy, time.Now()
	p.view.Store(next)
	p.ahead.Store(nil)
	p.loaded.Store(true)
	return nil
}

// upToDate notes that what the database had when the round began is shown. What
// has come since is waited for since then at the longest.
func (p *livePanel) upToDate(begun time.Time) {
	p.behind.Store(0)
	if len(p.wake) > 0 {
		p.fallBehind(begun)
	}
}

// hot says whether somebody reads the results of the wave these minutes.
func (p *livePanel) hot(now time.Time) bool {
	return now.Sub(time.Unix(0, p.asked.Load())) < hotFor
}

// percent is how much of a first load is done.
func (p *livePanel) percent() int {
	if to := p.target.Load(); to > 0 {
		return int(min(p.position.Load(), to) * 100 / to)
	}
	return 0
}

// catchUp has the panel look at the database now and waits until it has.
func (p *livePanel) catchUp(ctx context.Context) error {
	wanted := p.started.Load() + 1
	for {
		changed := p.changed.next()
		if p.ended.Load() >= wanted {
			return nil
		}
		nudge(p.hurry)
		nudge(p.wake)
		select {
		case <-ctx.Done():
			return fmt.Errorf("results of wave %s: %w", p.id, ctx.Err())
		case <-p.live.ctx.Done():
			return fmt.Errorf("results of wave %s: the service ends", p.id)
		case <-changed:
		}
	}
}
