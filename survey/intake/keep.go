package intake

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// keep brings a batch to an end: every ticket is settled when it returns. What
// the database could not take at the moment is tried again; that is safe because
// each submission has its key.
func (in *Intake) keep(batch []*ticket) {
	pause := in.options.Pause
	for attempt := 1; ; attempt++ {
		left, err := in.try(batch)
		if len(left) == 0 {
			return
		}
		if attempt >= in.options.Attempts || !in.wait(pause) {
			in.options.Logger.Error("submissions are given up for now", "count", len(left), "attempts", attempt, "error", err)
			giveUp(left, err)
			return
		}
		in.options.Logger.Warn("submissions are tried again", "count", len(left), "attempt", attempt, "error", err)
		batch, pause = left, 2*pause
	}
}

// try runs one transaction and returns what should be tried again.
func (in *Intake) try(batch []*ticket) (left []*ticket, err error) {
	outcomes, err := in.submit(batch)
	if err != nil && survey.KindOf(err) != survey.Unavailable && len(batch) > 1 {
		return in.tryEach(batch)
	}
	if err != nil {
		if survey.KindOf(err) == survey.Unavailable {
			doubt(batch)
			return batch, err
		}
		giveUp(batch, err)
		return nil, err
	}
	var committed []survey.Response
	for i, t := range batch {
		outcome := outcomes[i]
		if outcome.Err != nil && survey.KindOf(outcome.Err) == survey.Unavailable {
			left, err = append(left, t), outcome.Err
			continue
		}
		t.settle(outcome)
		if t.outcome.Err == nil && !t.outcome.Receipt.Again {
			committed = append(committed, t.response())
		}
	}
	doubt(left)
	in.listeners.announce(committed)
	return left, err
}

// tryEach is for a batch that was refused as a whole: whichever submission is
// the reason must not take the others with it.
func (in *Intake) tryEach(batch []*ticket) (left []*ticket, err error) {
	for _, t := range batch {
		again, e := in.try([]*ticket{t})
		if len(again) > 0 {
			left, err = append(left, again...), e
		}
	}
	return left, err
}

func (in *Intake) submit(batch []*ticket) ([]store.Outcome, error) {
	ctx, cancel := context.WithTimeout(in.ctx, in.options.Timeout)
	defer cancel()
	submissions := make([]survey.Submission, len(batch))
	for i, t := range batch {
		submissions[i] = t.submission
	}
	return in.store.SubmitBatch(ctx, submissions)
}

// response is what was kept, as the receipt names it.
func (t *ticket) response() survey.Response {
	r := t.submission.Response
	r.ID, r.SubmittedAt = t.outcome.Receipt.ResponseID, t.outcome.Receipt.SubmittedAt
	if r.Weight == 0 {
		r.Weight = 1
	}
	return r
}

func doubt(batch []*ticket) {
	for _, t := range batch {
		t.doubtful = true
	}
}

func giveUp(batch []*ticket, err error) {
	for _, t := range batch {
		t.settle(store.Outcome{Err: err})
	}
}

// wait pauses between attempts; false: the intake is being given up.
func (in *Intake) wait(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-in.ctx.Done():
		return false
	}
}
