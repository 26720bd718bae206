package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/ledger"
	"github.com/salesbench/salesbench/cmd/internal/rig"
	"github.com/salesbench/salesbench/survey/auth"
)

// crowd is the load: clients that answer one after the other for many persons,
// and try again until they have a receipt.
type crowd struct {
	study   *rig.Study
	bases   []string // of the replicas
	clients int
	both    bool // whole submissions go to two replicas at the same time
	redoes  bool // drafts may be older than they were: PostgreSQL crashes
	patient bool // a wave that is over may open again: the clock jumps
	book    *ledger.Ledger
	asked   map[string][]question // by role
	openAt  map[string]int        // by role: optional questions that stay open

	mu          sync.Mutex
	began       time.Time
	lastAck     time.Time
	longest     time.Duration // between two receipts, while the crowd was complete
	acks        int
	acked       chan struct{} // has a token after a receipt
	sayings     map[string]int
	surprises   map[string]int
	operator    []string // what refusing servers said
	invitations []string // tokens nobody has used
	wholes      []whole  // submissions in one request that have a receipt
}

// lost is an answer that did not come.
type lost struct{ error }

// asked is a request of the service to try again later.
type asked struct{ words string }

func (a asked) Error() string { return a.words }

// redo is a page that a person sees again. Drafts are confirmed before they are on
// the disk, so after a crash of PostgreSQL the last page may have to be answered
// again; anything else must not lead there.
type redo struct{ words string }

func (r redo) Error() string { return r.words }

// errOver ends somebody's attempts: the wave takes no answers.
var errOver = errors.New("the wave is over")

// newCrowd looks at the questionnaire through the first replica.
func newCrowd(ctx context.Context, study *rig.Study, bases []string, clients int) (*crowd, error) {
	c := &crowd{study: study, bases: bases, clients: clients, book: ledger.New(), asked: map[string][]question{}, openAt: map[string]int{}, acked: make(chan struct{}, 1),
		sayings: map[string]int{}, surprises: map[string]int{}, invitations: study.Invitations}
	for _, role := range []string{"salesperson", "manager"} {
		asked, err := c.look(ctx, role)
		if err != nil {
			return nil, fmt.Errorf("looking at the questionnaire as %s: %w", role, err)
		}
		c.asked[role] = asked
	}
	return c, nil
}

// look walks through the pages once, without sending anything for good.
func (c *crowd) look(ctx context.Context, role string) ([]question, error) {
	j := &journey{client: c.client(0), person: &person{role: role, typed: map[string]string{"role": role}}, link: "/r/" + auth.NewToken()}
	a, err := j.post(ctx, "/o/"+c.study.Organizations[0].Open, map[string][]string{"start": {strings.TrimPrefix(j.link, "/r/")}, "language": {"en"}})
	if err == nil {
		a, err = j.get(ctx, j.link)
	}
	var all []question
	for err == nil && !strings.Contains(a.location, "/review") {
		if a.location == "" {
			return nil, errors.New(a.said())
		}
		var page answer
		if page, err = j.get(ctx, a.location); err != nil {
			break
		}
		here := questionsOn(page.body)
		all = append(all, here...)
		j.person = newPerson(role, all)
		a, err = j.section(ctx, a.location)
	}
	if err == nil {
		a, err = j.get(ctx, a.location)
		c.openAt[role] = strings.Count(a.body, absent)
	}
	return all, err
}

// client is one of the clients.
type client struct {
	*crowd
	*browser
}

func (c *crowd) client(number int) *client { return &client{c, newBrowser(c.bases, number)} }

// run begins with persons until begin ends, then lets all finish until ctx ends.
func (c *crowd) run(ctx, begin context.Context) {
	c.mu.Lock()
	c.began, c.lastAck = time.Now(), time.Now()
	c.mu.Unlock()
	var all sync.WaitGroup
	for i := range c.clients {
		all.Go(func() {
			for n := i; begin.Err() == nil; n++ {
				c.serve(ctx, begin, i, n)
				pause(begin, time.Duration(2+rand.IntN(8))*time.Millisecond)
			}
		})
	}
	<-begin.Done()
	c.gap(time.Now())
	all.Wait()
}

// serve brings one person to a receipt, by one of four ways.
func (c *crowd) serve(ctx, begin context.Context, number, n int) {
	role := "salesperson"
	if rand.IntN(3) == 0 {
		role = "manager"
	}
	cl, p := c.client(n), newPerson(role, c.asked[role])
	defer cl.http.CloseIdleConnections()
	open := c.study.Organizations[rand.IntN(len(c.study.Organizations))].Open
	switch {
	case number%4 == 0:
		j := &journey{client: cl, person: p, link: "/r/" + auth.NewToken(), open: "/o/" + open}
		c.insist(ctx, j.step)
	case number%4 == 1 && n%3 > 0:
		if token, left := c.invitation(); left {
			link := "/r/" + token
			if n%3 == 1 {
				c.insist(ctx, (&journey{client: cl, person: p, link: link}).step)
			} else {
				c.whole(ctx, begin, cl, p, link+"/responses")
			}
			return
		}
		fallthrough
	default:
		c.whole(ctx, begin, cl, p, "/o/"+open+"/responses")
	}
}

// whole sends everything in one request, to two replicas at once where asked,
// and sometimes once more after the receipt.
func (c *crowd) whole(ctx, begin context.Context, cl *client, p *person, path string) {
	w := &whole{client: cl, person: p, path: path}
	if c.both {
		twin := &whole{client: c.client(cl.turn + 1), person: p, path: path}
		defer twin.http.CloseIdleConnections()
		var both sync.WaitGroup
		both.Go(func() { c.insist(ctx, twin.step) })
		c.insist(ctx, w.step)
		both.Wait()
	} else {
		c.insist(ctx, w.step)
	}
	if rand.IntN(5) == 0 && begin.Err() == nil {
		c.insist(ctx, w.step)
	}
}

// keepForLater keeps some of the submissions that have a receipt.
func (c *crowd) keepForLater(w whole) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wholes) < 2000 {
		c.wholes = append(c.wholes, w)
	}
}

// finished are submissions that have a receipt.
func (c *crowd) finished(most int) []whole {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.wholes[:min(most, len(c.wholes))])
}

// insist takes steps until one is the last.
func (c *crowd) insist(ctx context.Context, step func(context.Context) (bool, error)) {
	for ctx.Err() == nil {
		done, err := step(ctx)
		if done && errors.Is(err, errOver) && c.patient {
			done = false
		}
		if err != nil && ctx.Err() == nil {
			c.note(err)
		}
		if done || !pause(ctx, time.Duration(10+rand.IntN(60))*time.Millisecond) {
			return
		}
	}
}

// note counts what the clients were told instead of what they wanted.
func (c *crowd) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var away lost
	var wait asked
	var again redo
	switch {
	case errors.As(err, &away):
		c.sayings["no answer"]++
	case errors.As(err, &wait):
		c.sayings[wait.words]++
	case errors.As(err, &again) && c.redoes:
		c.sayings["page shown again: "+again.words]++
	case errors.Is(err, errOver):
		c.sayings[errOver.Error()]++
	default:
		c.surprises[err.Error()]++
	}
}

// acknowledged notes a receipt in the books.
func (c *crowd) acknowledged(key string, r ledger.Receipt) {
	c.book.Acknowledged(key, r)
	now := time.Now()
	c.gap(now)
	c.mu.Lock()
	c.lastAck = now
	c.acks++
	c.mu.Unlock()
	select {
	case c.acked <- struct{}{}:
	default:
	}
}

// refused notes a refusal; a patient crowd tries again.
func (c *crowd) refused(key, why string) {
	if !c.patient {
		c.book.Refused(key, why)
	}
}

// gap looks how long ago the last receipt was. After the end of the wave there are
// none to wait for.
func (c *crowd) gap(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.patient && c.sayings[errOver.Error()] > 0 {
		return
	}
	c.longest = max(c.longest, now.Sub(c.lastAck))
}

// awaitReceipts waits until n more receipts have come and says how long it took.
func (c *crowd) awaitReceipts(ctx context.Context, n int, patience time.Duration) (time.Duration, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-c.acked: // one of before
	default:
	}
	for range n {
		select {
		case <-c.acked:
		case <-ctx.Done():
			return time.Since(start), fmt.Errorf("%w for %v", errNoReceipt, patience)
		}
	}
	return time.Since(start), nil
}

// say adds what an operator was told to the report.
func (c *crowd) say(words string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.operator = append(c.operator, words)
}

// told is what the clients were told, for messages.
func (c *crowd) told() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(append(mostFrequent(c.surprises, 5), mostFrequent(c.sayings, 5)...), "; ")
}

// closed says whether somebody heard that the wave is over.
func (c *crowd) closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.patient && c.sayings[errOver.Error()] > 0
}

// invitation draws a personal link that nobody has used.
func (c *crowd) invitation() (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.invitations) == 0 {
		return "", false
	}
	token := c.invitations[0]
	c.invitations = c.invitations[1:]
	return token, true
}

// pause waits; false: the context has ended before.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
