package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// Handler does long work of one kind and returns what came of it in a sentence. It
// may be broken off at any moment and begun again by another runner, so doing it
// twice must be the same as doing it once. It ends when its context does.
type Handler func(ctx context.Context, w *Work) (result string, err error)

// Work is a job in the hands of its handler.
type Work struct {
	mutex sync.Mutex
	job   store.ClaimedJob
}

// Job returns the job.
func (w *Work) Job() survey.Job {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.job.Job
}

// Progress says how far the work is. It costs nothing: what was said last is kept
// about once a second.
func (w *Work) Progress(done, total int64, words string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.job.Done, w.job.Total, w.job.Words = done, total, words
}

func (w *Work) claimed() store.ClaimedJob {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.job
}

// mostAttempts ends a job whose runner dies each time.
const mostAttempts = 20

// DoJob does the job that has waited longest.
func (r *Runner) DoJob(ctx context.Context) (more bool) {
	job, err := r.Store.ClaimJob(ctx, r.kinds, r.Pace.Lease)
	if err != nil {
		if survey.KindOf(err) != survey.NotFound {
			r.logDatabase("taking a job", err)
		}
		return false
	}
	w := &Work{job: job}
	if job.Attempts > mostAttempts {
		r.endJob(w, survey.JobFailed, fmt.Sprintf("the work was broken off %d times", mostAttempts), time.Time{})
		return true
	}
	working, end := context.WithCancelCause(ctx)
	var beat sync.WaitGroup
	beat.Go(func() { r.keepJob(working, end, w) })
	result, err := r.handle(working, w)
	cause := context.Cause(working)
	end(nil)
	beat.Wait()
	r.finishJob(w, result, err, cause)
	return true
}

// handle keeps a mistake in a handler from ending the service.
func (r *Runner) handle(ctx context.Context, w *Work) (result string, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("a job broke off", "job", w.job.ID, "kind", w.job.Kind, "panic", p)
			err = survey.Errorf(survey.Internal, "the work met a mistake of the program")
		}
	}()
	return r.Handlers[w.job.Kind](ctx, w)
}

// keepJob keeps progress and lease while the handler works, and ends its context
// when somebody asked for that or another runner has the job.
func (r *Runner) keepJob(ctx context.Context, end context.CancelCauseFunc, w *Work) {
	look := time.NewTicker(r.Pace.Look)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		err := r.Store.KeepJob(ctx, w.claimed(), r.Pace.Lease)
		if kind := survey.KindOf(err); err != nil && (kind == survey.Closed || kind == survey.Conflict) {
			end(err)
			return
		}
	}
}

// finishJob keeps what came of the work.
func (r *Runner) finishJob(w *Work, result string, err, cause error) {
	job := w.claimed()
	log := r.Log.With("job", job.ID, "kind", job.Kind)
	switch {
	case err == nil:
		r.endJob(w, survey.JobDone, result, time.Time{})
	case cause != nil && survey.KindOf(cause) == survey.Closed:
		r.endJob(w, survey.JobCancelled, "cancelled; what was done until then stays", time.Time{})
	case cause != nil && survey.KindOf(cause) == survey.Conflict:
		log.Warn("another runner has taken the job")
	case r.stop.Err() != nil:
		r.endJob(w, survey.JobWaiting, "", r.Now())
	case survey.KindOf(err) == survey.Unavailable && job.Attempts < mostAttempts:
		log.Warn("a job is tried again", "error", err)
		r.endJob(w, survey.JobWaiting, sentence(err), r.Now().Add(time.Duration(job.Attempts)*10*time.Second))
	default:
		log.Warn("a job ended without result", "error", err)
		r.endJob(w, survey.JobFailed, sentence(err), time.Time{})
	}
}

// sentence is what a person may read of an error.
func sentence(err error) string {
	var e *survey.Error
	if !errors.As(err, &e) || e.Kind == survey.Internal {
		return "the work met an error of the program; the log of the service says which"
	}
	return e.Message
}

func (r *Runner) endJob(w *Work, status survey.JobStatus, result string, again time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.abort), 20*time.Second)
	defer cancel()
	r.logDatabase("keeping what came of a job", r.Store.EndJob(ctx, w.claimed(), status, result, again))
}
