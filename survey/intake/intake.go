// Package intake turns many requests at once into few transactions and look-ups.
// While one is under way, the requests that arrive form the next: the previous
// one is the only timer, and a lone request waits for nothing. Nobody gets a
// receipt before the commit that holds the answers has returned.
package intake

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// keeper is what intake needs of a store.
type keeper interface {
	Prepare(ctx context.Context, submission survey.Submission) (*store.Prepared, error)
	PreparePacked(ctx context.Context, place *store.Place, submission survey.Submission, form survey.Packed) (*store.Prepared, error)
	SubmitPrepared(ctx context.Context, prepared []*store.Prepared) ([]store.Outcome, error)
	KeepDrafts(ctx context.Context, changes []store.DraftChange) ([]store.DraftOutcome, error)
	Entrances(ctx context.Context, hashes []auth.Hash) ([]store.Entrance, error)
	RememberedPlace(wave survey.WaveID, organization survey.OrganizationID) *store.Place
	PresentPlace(p *store.Place) *store.Place
	OneWriter() bool
}

// RetryAfter is how long somebody should wait who was told to try again.
const RetryAfter = 3 * time.Second

// Options have sensible values when they are zero.
type Options struct {
	Queue    int           // submissions that may wait; beyond that they are refused. 4096
	Batch    int           // submissions in one transaction. 256
	Attempts int           // how often a transaction is tried while the database is not available. 20
	Patience time.Duration // no attempt begins later than this after the first. 10 s
	Pause    time.Duration // before the second attempt; doubles with each further one, up to a second. 50 ms
	Timeout  time.Duration // of one attempt. 15 s
	Memory   time.Duration // how long Recall tells what was known of a link; negative: not at all. 1 s
	Links    int           // that Recall remembers at most. 65,536
	Logger   *slog.Logger
}

func (o Options) withDefaults() Options {
	o.Queue = cmp.Or(max(o.Queue, 0), 4096)
	o.Batch = cmp.Or(max(o.Batch, 0), 256)
	o.Attempts = cmp.Or(max(o.Attempts, 0), 20)
	o.Patience = cmp.Or(max(o.Patience, 0), 10*time.Second)
	o.Pause = cmp.Or(max(o.Pause, 0), 50*time.Millisecond)
	o.Timeout = cmp.Or(max(o.Timeout, 0), 15*time.Second)
	o.Memory = max(cmp.Or(o.Memory, time.Second), 1)
	o.Links = cmp.Or(max(o.Links, 0), 1<<16)
	o.Logger = cmp.Or(o.Logger, slog.Default())
	return o
}

// Intake takes requests from any number of goroutines.
type Intake struct {
	store  keeper
	cancel context.CancelFunc
	done   chan struct{} // closed when the last request is settled

	submissions road[*store.Prepared, store.Outcome]
	drafts      road[store.DraftChange, store.DraftOutcome]
	entrances   road[auth.Hash, store.Entrance]
	listeners   listeners
	memory      *memory
}

// Workers of each road. One transaction of submissions at a time makes the
// fullest batches; look-ups share nothing that would make one wait for another.
const (
	submissionWorkers = 1
	draftWorkers      = 1
	entranceWorkers   = 2
)

// New starts an intake. Drain ends it.
func New(s keeper, options Options) *Intake {
	ctx, cancel := context.WithCancel(context.Background())
	options = options.withDefaults()
	var writer turn
	if s.OneWriter() {
		writer = newTurn()
	}
	in := &Intake{store: s, cancel: cancel, done: make(chan struct{}), memory: newMemory(options.Memory, options.Links)}
	in.submissions = road[*store.Prepared, store.Outcome]{name: "submissions", limit: options.Queue, batch: options.Batch,
		run: s.SubmitPrepared, failed: func(o *store.Outcome) error { return o.Err }, again: func(**store.Prepared) {},
		done: in.announce, turn: writer, options: options, ctx: ctx}
	in.drafts = road[store.DraftChange, store.DraftOutcome]{name: "drafts", limit: options.Queue, batch: options.Batch,
		run: s.KeepDrafts, failed: func(o *store.DraftOutcome) error { return o.Err }, again: func(c *store.DraftChange) { c.Again = true },
		turn: writer, options: options, ctx: ctx}
	// Nobody knows yet whose link it is: all stand in one line.
	in.entrances = road[auth.Hash, store.Entrance]{name: "look-ups of links", limit: 2 * options.Queue, batch: options.Batch,
		run: s.Entrances, failed: func(e *store.Entrance) error { return e.Err }, again: func(*auth.Hash) {}, options: options, ctx: ctx}
	in.listeners.start()
	in.submissions.start(submissionWorkers)
	in.drafts.start(draftWorkers)
	in.entrances.start(entranceWorkers)
	go in.wait()
	return in
}

// wait closes done when nothing is under way any more.
func (in *Intake) wait() {
	defer close(in.done)
	in.entrances.workers.Wait()
	in.drafts.workers.Wait()
	in.submissions.workers.Wait()
	in.listeners.stop()
}

// OnCommitted has fn called with a wave and how many responses of it were kept,
// after they are durable, by one goroutine; several transactions may come in one
// call. What another replica keeps is not announced: whoever has to count exactly
// takes the call as a sign and reads Store.ResponsesAfter.
func (in *Intake) OnCommitted(fn func(wave survey.WaveID, kept int)) { in.listeners.add(fn) }

// announce tells the listeners what a transaction has kept.
func (in *Intake) announce(prepared []*store.Prepared, outcomes []store.Outcome) {
	for i := 0; i < len(outcomes); {
		wave, kept := prepared[i].Submission().Response.WaveID, 0
		for ; i < len(outcomes) && prepared[i].Submission().Response.WaveID == wave; i++ {
			if o := &outcomes[i]; o.Err == nil && !o.Receipt.Again {
				kept++
			}
		}
		in.listeners.announce(wave, kept)
	}
}

// Submit returns the receipt once the answers are durable. When ctx ends first
// the submission is carried on with, and submitting the same key again gives its
// receipt. Kinds of errors as Store.SubmitBatch, with the receipt of the first
// response beside a Conflict; Unavailable when the queue is full, the database
// does not come back or the service is about to end.
func (in *Intake) Submit(ctx context.Context, submission survey.Submission) (survey.Receipt, error) {
	prepared, err := in.store.Prepare(ctx, submission)
	return in.submit(ctx, submission.Response.OrganizationID, prepared, err)
}

// SubmitPacked is Submit for answers that were packed already with the instrument of
// the place, to which they belong.
func (in *Intake) SubmitPacked(ctx context.Context, place *store.Place, submission survey.Submission, form survey.Packed) (survey.Receipt, error) {
	prepared, err := in.store.PreparePacked(ctx, place, submission, form)
	return in.submit(ctx, place.Organization.ID, prepared, err)
}

// submit brings a submission on its way, unless err says why it could not be prepared.
func (in *Intake) submit(ctx context.Context, organization survey.OrganizationID, prepared *store.Prepared, err error) (survey.Receipt, error) {
	if err != nil {
		in.submissions.refused.Add(1)
		return survey.Receipt{}, err
	}
	outcome, err := in.submissions.ask(ctx, organization, prepared)
	return outcome.Receipt, err
}

// Drain refuses new requests, finishes those that wait and ends the intake. When
// ctx ends first it gives the rest up, who are told to submit again, and returns
// Unavailable.
func (in *Intake) Drain(ctx context.Context) error {
	in.entrances.close()
	in.drafts.close()
	in.submissions.close()
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
