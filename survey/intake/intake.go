// Package intake turns many submissions at once into few durable transactions.
// While one transaction commits, the submissions that arrive form the next: the
// previous commit is the only timer, and a lone submission waits for nothing.
// Nobody gets a receipt before the commit that holds the answers has returned.
package intake

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// keeper is what intake needs of a store.
type keeper interface {
	SubmitBatch(ctx context.Context, submissions []survey.Submission) ([]store.Outcome, error)
	KeepDrafts(ctx context.Context, changes []store.DraftChange) ([]store.DraftOutcome, error)
	Entrances(ctx context.Context, hashes []auth.Hash) ([]store.Entrance, error)
}

// RetryAfter is how long somebody should wait who was told to try again.
const RetryAfter = 3 * time.Second

// Options have sensible values when they are zero.
type Options struct {
	Queue    int           // submissions that may wait; beyond that they are refused. 4096
	Batch    int           // submissions in one transaction. 256
	Attempts int           // how often a transaction is tried while the database is not available. 6
	Pause    time.Duration // before the second attempt; doubles with each further one. 50 ms
	Timeout  time.Duration // of one attempt. 30 s
	Logger   *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Queue <= 0 {
		o.Queue = 4096
	}
	if o.Batch <= 0 {
		o.Batch = 256
	}
	if o.Attempts <= 0 {
		o.Attempts = 6
	}
	if o.Pause <= 0 {
		o.Pause = 50 * time.Millisecond
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Intake takes submissions from any number of goroutines.
type Intake struct {
	store   keeper
	options Options
	ctx     context.Context // of the work itself, which outlives the callers
	cancel  context.CancelFunc
	done    chan struct{} // closed when the last submission is settled

	mu       sync.Mutex
	queue    fairQueue
	draining bool
	wake     chan struct{} // has a token when there may be something to do

	listeners listeners

	submissions, drafts, entrances counters
}

// ticket is one submission on its way; result is filled before settled closes.
type ticket struct {
	submission survey.Submission
	doubtful   bool // an attempt ended in a way that leaves open whether it was kept
	outcome    store.Outcome
	settled    chan struct{}
}

// New starts an intake. Drain ends it.
func New(s keeper, options Options) *Intake {
	ctx, cancel := context.WithCancel(context.Background())
	in := &Intake{store: s, options: options.withDefaults(), ctx: ctx, cancel: cancel,
		done: make(chan struct{}), wake: make(chan struct{}, 1)}
	in.listeners.start()
	go in.work()
	return in
}

// OnCommitted has fn called with the responses of each transaction after it is
// durable, in that order, by one goroutine; several transactions may come in one
// call. After a broken connection a response can be announced twice, and what
// another replica keeps is not announced: whoever has to count exactly takes the
// call as a sign and reads Store.ResponsesAfter.
func (in *Intake) OnCommitted(fn func([]survey.Response)) { in.listeners.add(fn) }

// Submit returns the receipt once the answers are durable. When ctx ends first
// the submission is carried on with, and submitting the same key again gives its
// receipt. Kinds of errors as Store.SubmitBatch, with the receipt of the first
// response beside a Conflict; Unavailable when the queue is full, the database
// does not come back or the service is about to end.
func (in *Intake) Submit(ctx context.Context, submission survey.Submission) (survey.Receipt, error) {
	t := &ticket{submission: submission, settled: make(chan struct{})}
	if err := in.enter(t); err != nil {
		return survey.Receipt{}, err
	}
	select {
	case <-t.settled:
		return t.outcome.Receipt, t.outcome.Err
	case <-ctx.Done():
		return survey.Receipt{}, &survey.Error{Kind: survey.Unavailable, Err: ctx.Err(),
			Message: "saving the answers takes longer than usual; submit again to get the receipt, they are kept once only"}
	}
}

// enter puts the ticket in the queue or refuses it.
func (in *Intake) enter(t *ticket) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.draining {
		return survey.Errorf(survey.Unavailable, "the service is restarting; your answers are still in this page, submit again in a few seconds")
	}
	if !in.queue.admits(t.submission.Response.OrganizationID, in.options.Queue) {
		return survey.Errorf(survey.Unavailable, "very many answers arrive at this moment; yours are still in this page, submit again in a few seconds")
	}
	in.queue.push(t)
	in.nudge()
	return nil
}

// nudge wakes the worker; a token that is there already is enough.
func (in *Intake) nudge() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// work is the one goroutine that writes.
func (in *Intake) work() {
	defer close(in.done)
	defer in.listeners.stop()
	for {
		batch, end := in.next()
		switch {
		case len(batch) > 0:
			in.keep(batch)
		case end:
			return
		default:
			<-in.wake
		}
	}
}

// next takes what waits, up to the size of a batch.
func (in *Intake) next() (batch []*ticket, end bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.queue.take(in.options.Batch), in.draining
}

// Drain refuses new submissions, finishes those that wait and ends the intake.
// When ctx ends first it gives the rest up, who are told to submit again, and
// returns Unavailable.
func (in *Intake) Drain(ctx context.Context) error {
	in.mu.Lock()
	in.draining = true
	in.nudge()
	in.mu.Unlock()
	select {
	case <-in.done:
		in.cancel()
		return nil
	case <-ctx.Done():
		in.cancel()
		<-in.done
		return &survey.Error{Kind: survey.Unavailable, Err: ctx.Err(), Message: "the time to finish waiting submissions was too short; those were told to submit again"}
	}
}

// settle tells the submitter.
func (t *ticket) settle(outcome store.Outcome) {
	if t.doubtful && outcome.Err == nil {
		// The earlier attempt was our own and was kept after all.
		outcome.Receipt.Again = false
	}
	t.outcome = outcome
	close(t.settled)
}
