package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
)

// ahead is how far before their turn messages are taken. Between their turns
// nobody has to look.
const ahead = time.Second

// serverState is what the senders of this process know of the mail server.
type serverState struct {
	sync.Mutex
	failures int
	rest     time.Time // nobody tries before
	told     bool      // the database knows whether there is trouble
}

// longestRest bounds the time until a mail server that came back is found.
const longestRest = time.Minute

// SendMail sends what is due over one connection, until nothing is due. It claims
// only when the mail server is there: while it is not, nothing happens to messages.
func (r *Runner) SendMail(ctx context.Context) (more bool) {
	if r.resting() {
		return false
	}
	due, err := r.Store.MailDue(ctx, ahead)
	if err != nil || !due {
		r.logDatabase("looking for mail", err)
		return false
	}
	session, err := r.Sender.Open(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.serverFails(ctx, mail.AsError(err))
		}
		return false
	}
	defer func() {
		if err := session.Close(); err != nil {
			r.Log.Debug("leaving the mail server", "error", err)
		}
	}()
	for session.Alive() && ctx.Err() == nil && !r.resting() {
		mails, err := r.Store.ClaimMail(ctx, store.Claim{Limit: r.Pace.Claim, Lease: r.Pace.Lease, Ahead: ahead})
		if err != nil || len(mails) == 0 {
			r.logDatabase("taking mail", err)
			return false
		}
		r.sendAll(ctx, session, mails)
	}
	return true
}

// sendAll sends each message at its turn and gives back what it does not come to.
func (r *Runner) sendAll(ctx context.Context, session mail.Session, mails []store.ClaimedMail) {
	for i, m := range mails {
		if !session.Alive() || r.resting() || !r.wait(ctx, m.SendAt) {
			for _, left := range mails[i:] {
				r.settle(left, store.MailOutcome{Status: survey.MailQueued, Again: r.Now(), Unblamed: true})
			}
			return
		}
		r.send(session, m)
	}
}

// send sends one message. What is under way is not broken off when the runner is
// told to end: that would only make it uncertain.
func (r *Runner) send(session mail.Session, m store.ClaimedMail) {
	message, err := r.compose(m)
	if err != nil {
		r.settle(m, store.MailOutcome{Status: survey.MailFailed, Reason: err.Error()})
		return
	}
	var held error
	err = session.Send(r.abort, message, func(ctx context.Context) error {
		held = r.Store.HoldMail(ctx, m, r.Pace.SendLease)
		return held
	})
	switch {
	case err == nil:
		r.settle(m, store.MailOutcome{Status: survey.MailSent})
		r.serverWorks()
	case held != nil && survey.KindOf(held) == survey.Conflict:
		// What became of it is kept already.
	case held != nil:
		// The mark may stand although nobody heard of it, and nothing has left.
		r.logDatabase("marking a message", held)
		r.settle(m, store.MailOutcome{Status: survey.MailQueued, Again: r.Now().Add(r.Pace.Look), Unblamed: true})
	default:
		r.settle(m, r.outcome(m, mail.AsError(err)))
	}
}

// outcome decides what an error of the mail server means for the message.
func (r *Runner) outcome(m store.ClaimedMail, e *mail.Error) store.MailOutcome {
	switch {
	case e.Uncertain:
		return store.MailOutcome{Status: survey.MailUncertain, Reason: e.Error()}
	case e.Phase == mail.From && e.Code != 552:
		// Who sends is the same for all messages: that is not the fault of this one.
		r.serverFails(r.stop, e)
		return store.MailOutcome{Status: survey.MailQueued, Reason: e.Error(), Again: r.Now().Add(r.Pace.Look), Unblamed: true}
	case e.AddressIsBad():
		return store.MailOutcome{Status: survey.MailBounced, Reason: e.Error(), SMTP: e.Status}
	case e.Permanent || m.Attempts >= len(r.Pace.Again):
		return store.MailOutcome{Status: survey.MailFailed, Reason: e.Error()}
	}
	return store.MailOutcome{Status: survey.MailQueued, Reason: e.Error(), Again: r.Now().Add(r.Pace.Again[m.Attempts])}
}

// settle keeps what became of a message, however long the database is away: as long
// as it does not know, the message counts as on its way, and then as uncertain.
func (r *Runner) settle(m store.ClaimedMail, o store.MailOutcome) {
	if o.Status != survey.MailSent && o.Reason != "" {
		r.Log.Warn("a message was not sent", "message", m.ID, "becomes", o.Status, "reason", o.Reason)
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		ctx, cancel := context.WithTimeout(r.abort, 20*time.Second)
		err := r.Store.EndMail(ctx, m, o)
		cancel()
		kind := survey.KindOf(err)
		if err == nil || kind == survey.Conflict {
			return
		}
		r.logDatabase("keeping what became of a message", err)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-r.abort.Done():
			timer.Stop()
			return
		}
	}
}

func (r *Runner) resting() bool {
	r.server.Lock()
	defer r.server.Unlock()
	return r.Now().Before(r.server.rest)
}

// serverFails lets all senders of this process rest, longer each time.
func (r *Runner) serverFails(ctx context.Context, e *mail.Error) {
	r.server.Lock()
	r.server.failures++
	r.server.rest = r.Now().Add(min(r.Pace.Look<<min(r.server.failures-1, 10), longestRest))
	first := r.server.failures == 1
	r.server.told = true
	r.server.Unlock()
	if first {
		r.Log.Warn("no mail leaves", "phase", e.Phase, "reason", e.Error())
	}
	err := r.Store.NoteMailTrouble(ctx, e.Error())
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	r.logDatabase("noting the state of the mail server", err)
}

// serverWorks notes that mail leaves, where something else may be noted.
func (r *Runner) serverWorks() {
	r.server.Lock()
	clear := r.server.failures > 0 || !r.server.told
	r.server.failures, r.server.told = 0, true
	r.server.Unlock()
	if clear {
		r.logDatabase("noting the state of the mail server", r.Store.NoteMailTrouble(r.abort, ""))
	}
}

// logDatabase tells once per occasion that the database did not do what it should.
func (r *Runner) logDatabase(doing string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		r.Log.Warn("the database did not answer", "doing", doing, "error", err)
	}
}
