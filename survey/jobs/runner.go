// Package jobs does what nobody waits for in front of a page: it sends the mail of
// the outbox, does long work with progress, and what comes again and again. Every
// replica has one Runner; they share their work through leases in the database and
// know nothing else of one another.
package jobs

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
)

// Options are what a runner stands on. All but Store have defaults.
type Options struct {
	Store    *store.Store
	Sender   mail.Sender  // nil: mail stays in the outbox
	Outbox   mail.Folder  // files of mail that were written once, whatever the sender is now; without a path: none
	From     mail.Address // of every mail
	BaseURL  string       // address that respondents use, in front of every link
	Handlers map[string]Handler
	Duties   []Duty
	Log      *slog.Logger // never gets addresses, names or links
	Now      func() time.Time
	Pace     Pace
}

// Pace are times that tests shorten.
type Pace struct {
	Look      time.Duration // how often to look for something to do: 1 s
	Senders   int           // connections to the mail server at a time: 4
	Claim     int           // messages that one sender takes at a time: 20
	Lease     time.Duration // of messages that are prepared, of jobs and of duties: 2 min
	SendLease time.Duration // of a message on its way; must outlast the mail server's patience: 10 min
	Again     []time.Duration
}

func (p Pace) orDefault() Pace {
	p.Look, p.Senders, p.Claim = cmp.Or(p.Look, time.Second), cmp.Or(p.Senders, 4), cmp.Or(p.Claim, 20)
	p.Lease, p.SendLease = cmp.Or(p.Lease, 2*time.Minute), cmp.Or(p.SendLease, 10*time.Minute)
	if p.Again == nil {
		p.Again = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour}
	}
	return p
}

// Runner works beside the pages of one replica.
type Runner struct {
	Options
	kinds []string

	// stop ends the taking of new work, abort what is under way as well.
	stop, abort       context.Context
	endStop, endAbort context.CancelFunc
	working           sync.WaitGroup
	wake              chan struct{}

	server serverState
	folder folderState
}

// New makes a runner; Start lets it work.
func New(o Options) *Runner {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Pace = o.Pace.orDefault()
	r := &Runner{Options: o, wake: make(chan struct{}, 1)}
	r.Handlers = map[string]Handler{QueueCampaign: r.queueCampaign, ApplyRoster: r.applyRoster}
	maps.Copy(r.Handlers, o.Handlers)
	for kind := range r.Handlers {
		r.kinds = append(r.kinds, kind)
	}
	r.Duties = append([]Duty{
		{Name: "campaigns", Every: r.Pace.Look, Due: r.Store.CampaignsDue, Do: r.turnCampaigns},
		{Name: "waves.note", Every: r.Pace.Look, Due: r.Store.WavesToNote, Do: r.noteWaves},
		{Name: "mail.reclaim", Every: r.Pace.Look, Due: r.Store.MailLost, Do: r.reclaimMail},
		{Name: "uploads.forget", Every: 30 * time.Minute, Do: r.forgetUploads},
		{Name: "jobs.forget", Every: 6 * time.Hour, Do: r.forgetJobs},
		{Name: "retention", Every: time.Hour, Do: r.keepRetention},
	}, o.Duties...)
	r.stop, r.endStop = context.WithCancel(context.Background())
	r.abort, r.endAbort = context.WithCancel(context.Background())
	return r
}

// Start begins to work.
func (r *Runner) Start() {
	r.again("duties", r.DoDuties)
	r.again("jobs", r.DoJob)
	if r.Outbox.Path != "" {
		r.again("folder", r.clearFolder)
	}
	if r.Sender == nil {
		return
	}
	for range r.Pace.Senders {
		r.again("mail", r.SendMail)
	}
}

// Wake says that there is something to do, so that nobody waits for the next look.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Drain takes nothing new and waits until what is under way is done, or breaks it
// off when the context ends: a message on its way is then uncertain, a job is
// taken up by another runner.
func (r *Runner) Drain(ctx context.Context) error {
	r.endStop()
	done := make(chan struct{})
	go func() { r.working.Wait(); close(done) }()
	defer r.endAbort()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		r.endAbort()
		<-done
		return context.Cause(ctx)
	}
}

// again does the work until there is none, then waits for the next look.
func (r *Runner) again(what string, work func(context.Context) (more bool)) {
	r.working.Go(func() {
		look := time.NewTicker(r.Pace.Look)
		defer look.Stop()
		for r.stop.Err() == nil {
			if r.guarded(what, work) && r.stop.Err() == nil {
				continue
			}
			select {
			case <-look.C:
			case <-r.wake:
			case <-r.stop.Done():
			}
		}
	})
}

// guarded keeps a mistake in one piece of work from ending the service.
func (r *Runner) guarded(what string, work func(context.Context) bool) (more bool) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("work broke off", "what", what, "panic", p)
		}
	}()
	return work(r.stop)
}

// wait waits for a moment of the runner's clock, or until nothing new is taken.
func (r *Runner) wait(ctx context.Context, until time.Time) bool {
	left := until.Sub(r.Now())
	if left <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
