package intake

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// road is how requests of one kind get to the database: what arrives while a
// batch is under way forms the next one. The previous batch is the only timer,
// and a lone request waits for nothing.
type road[Q, A any] struct {
	name  string // in the log
	limit int    // requests that may wait
	batch int    // requests in one batch
	// run answers a batch, each request by itself, or fails as a whole.
	run func(ctx context.Context, questions []Q) ([]A, error)
	// failed is the error of one answer.
	failed func(*A) error
	// again marks a request of which an earlier attempt was perhaps kept.
	again func(*Q)
	// done hears of every batch that ended well; it may be nil.
	done func(questions []Q, answers []A)
	// turn is shared by roads whose batches can not be under way at the same time; it may
	// be nil. Whoever has it takes what waits then, not what waited before.
	turn turn

	options Options
	ctx     context.Context // of the work itself, which outlives the callers
	counters

	mu       sync.Mutex
	queue    fairQueue[*ticket[Q, A]]
	failing  bool // the database has not been available for a while
	draining bool
	wake     chan struct{} // has a token when there may be something to do
	workers  sync.WaitGroup
	tickets  sync.Pool
}

// ticket is one request on its way; answer and err are there when settled has a
// token.
type ticket[Q, A any] struct {
	question Q
	answer   A
	err      error
	settled  chan struct{}
}

// start begins the work with a number of workers.
func (r *road[Q, A]) start(workers int) {
	r.wake = make(chan struct{}, workers)
	r.tickets.New = func() any { return &ticket[Q, A]{settled: make(chan struct{}, 1)} }
	for range workers {
		r.workers.Go(r.work)
	}
}

// ask returns the answer to a request of somebody of the organization.
func (r *road[Q, A]) ask(ctx context.Context, organization survey.OrganizationID, question Q) (A, error) {
	t := r.tickets.Get().(*ticket[Q, A])
	t.question = question
	if err := r.enter(organization, t); err != nil {
		r.refused.Add(1)
		r.tickets.Put(t)
		var none A
		return none, err
	}
	select {
	case <-t.settled:
		if t.err == nil {
			t.err = r.failed(&t.answer)
		}
		answer, err := t.answer, t.err
		*t = ticket[Q, A]{settled: t.settled}
		r.tickets.Put(t)
		if err != nil {
			r.refused.Add(1)
		} else {
			r.accepted.Add(1)
		}
		return answer, err
	case <-ctx.Done():
		var none A
		return none, &survey.Error{Kind: survey.Unavailable, Err: ctx.Err(),
			Message: "this takes longer than usual; try again, answers are kept once only"}
	}
}

// enter puts the ticket in the queue or refuses it.
func (r *road[Q, A]) enter(organization survey.OrganizationID, t *ticket[Q, A]) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining {
		return survey.Errorf(survey.Unavailable, "the service is restarting; what you have typed is still in this page, try again in a few seconds")
	}
	if r.failing {
		return survey.Errorf(survey.Unavailable, "the database does not answer at the moment; what you have typed is still in this page, try again in a few seconds")
	}
	if !r.queue.admits(organization, r.limit) {
		return survey.Errorf(survey.Unavailable, "very many answers arrive at this moment; what you have typed is still in this page, try again in a few seconds")
	}
	r.queue.push(organization, t)
	r.waiting.Add(1)
	r.nudge()
	return nil
}

// nudge wakes a worker; tokens that are there already are enough.
func (r *road[Q, A]) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *road[Q, A]) work() {
	for {
		// Whoever can run is let go first: those who have just been answered, and those
		// whose requests have just come in and belong into this batch. A lone request
		// waits for nobody.
		runtime.Gosched()
		r.turn.take()
		batch, end := r.next()
		if len(batch) == 0 {
			r.turn.give()
		}
		switch {
		case len(batch) > 0:
			r.bring(batch)
		case end:
			r.nudge() // the next worker must see it, too
			return
		default:
			<-r.wake
		}
	}
}

// next takes what waits, up to the size of a batch.
func (r *road[Q, A]) next() (batch []*ticket[Q, A], end bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	batch = r.queue.take(r.batch)
	r.waiting.Add(-int64(len(batch)))
	return batch, r.draining
}

// close refuses new requests; those that wait are brought to an end.
func (r *road[Q, A]) close() {
	r.mu.Lock()
	r.draining = true
	r.nudge()
	r.mu.Unlock()
}

// turn is had by one road at a time, in the order in which they ask.
type turn chan struct{}

func newTurn() turn {
	t := make(turn, 1)
	t.give()
	return t
}

func (t turn) take() {
	if t != nil {
		<-t
	}
}

func (t turn) give() {
	if t != nil {
		t <- struct{}{}
	}
}

// bring brings a batch to an end: every ticket is settled when it returns. It begins
// with the turn, and gives it up before it pauses. What
// the database could not take at the moment is tried again; requests are such
// that this is safe. While that lasts longer than a moment new requests are
// refused at once, and when it is given up, what waits is given up with it.
func (r *road[Q, A]) bring(batch []*ticket[Q, A]) {
	pause, began := r.options.Pause, time.Now()
	for attempt := 1; ; attempt++ {
		if attempt > 1 {
			r.turn.take()
		}
		left, err := r.try(batch)
		r.turn.give()
		if len(left) == 0 {
			return
		}
		if attempt >= r.options.Attempts || time.Since(began) > r.options.Patience || !r.pause(pause) {
			left = append(left, r.everybody()...)
			r.options.Logger.Error(r.name+" are given up for now", "count", len(left), "attempts", attempt, "error", err)
			settle(left, err)
			return
		}
		r.options.Logger.Warn(r.name+" are tried again", "count", len(left), "attempt", attempt, "error", err)
		r.retried.Add(int64(len(left)))
		for _, t := range left {
			r.again(&t.question)
		}
		r.setFailing(time.Since(began) > shortWhile)
		batch, pause = left, min(2*pause, longestPause)
	}
}

const (
	shortWhile   = time.Second // in which the end of a connection goes unnoticed
	longestPause = time.Second // between attempts: so soon the service goes on by itself
)

func (r *road[Q, A]) setFailing(failing bool) {
	r.mu.Lock()
	r.failing = failing
	r.mu.Unlock()
}

// everybody takes all who wait, and lets the next ones in: they find out whether
// the database is back.
func (r *road[Q, A]) everybody() []*ticket[Q, A] {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing = false
	all := r.queue.take(r.queue.length)
	r.waiting.Add(-int64(len(all)))
	return all
}

// try runs one batch and returns what should be tried again.
func (r *road[Q, A]) try(batch []*ticket[Q, A]) (left []*ticket[Q, A], err error) {
	questions := make([]Q, len(batch))
	for i, t := range batch {
		questions[i] = t.question
	}
	began := time.Now()
	answers, err := r.once(questions)
	switch {
	case err == nil:
	case survey.KindOf(err) == survey.Unavailable:
		return batch, err
	case len(batch) > 1:
		return r.tryEach(batch)
	default:
		r.setFailing(false)
		settle(batch, err)
		return nil, err
	}
	r.ended(len(batch), time.Since(began))
	r.setFailing(false) // before anybody hears of it and comes again
	if r.done != nil {
		r.done(questions, answers)
	}
	for i, t := range batch {
		if e := r.failed(&answers[i]); e != nil && survey.KindOf(e) == survey.Unavailable {
			left, err = append(left, t), e
			continue
		}
		t.answer = answers[i]
		t.settled <- struct{}{}
	}
	return left, err
}

func (r *road[Q, A]) once(questions []Q) ([]A, error) {
	ctx, cancel := context.WithTimeout(r.ctx, r.options.Timeout)
	defer cancel()
	return r.run(ctx, questions)
}

// tryEach is for a batch that was refused as a whole: whichever request is the
// reason must not take the others with it.
func (r *road[Q, A]) tryEach(batch []*ticket[Q, A]) (left []*ticket[Q, A], err error) {
	for _, t := range batch {
		again, e := r.try([]*ticket[Q, A]{t})
		if len(again) > 0 {
			left, err = append(left, again...), e
		}
	}
	return left, err
}

// settle ends tickets with an error.
func settle[Q, A any](batch []*ticket[Q, A], err error) {
	for _, t := range batch {
		t.err = err
		t.settled <- struct{}{}
	}
}

// pause waits between attempts; false: the work is being given up.
func (r *road[Q, A]) pause(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}
