package web

import (
	"container/list"
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

// Guessing a link is hopeless (160 bits), but trying costs the database a read.
// Whoever asks for unknown links again and again is answered slowly; a link that
// exists always opens, also from an address where somebody else is guessing.
const (
	guessBurst   = 20               // unknown links an address may ask for at once
	guessRefill  = 15 * time.Second // after which it may ask for one more
	guessTable   = 1 << 16          // addresses that are remembered
	guessLookups = 4                // look-ups at the same time for all addresses over their limit
)

// guesses remembers which addresses asked for unknown links. Each replica has
// its own: to be told apart by many is no help to somebody who guesses.
type guesses struct {
	now     func() time.Time
	lookups chan struct{} // one token for each look-up under way
	active  atomic.Int64  // addresses in the table; 0 costs nothing

	mu     sync.Mutex
	byAddr map[netip.Prefix]*list.Element
	order  list.List // of *guesser, who guessed last in front
}

// guesser is one address: its unknown links of late, as a leaking bucket.
type guesser struct {
	address netip.Prefix
	level   float64
	at      time.Time
}

func newGuesses(now func() time.Time) *guesses {
	if now == nil {
		now = time.Now
	}
	return &guesses{now: now, lookups: make(chan struct{}, guessLookups), byAddr: map[netip.Prefix]*list.Element{}}
}

// over says how long the address must wait before an unknown link is looked up
// for it as usual; 0: not at all.
func (g *guesses) over(address netip.Prefix) time.Duration {
	if g.active.Load() == 0 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	e, ok := g.byAddr[address]
	if !ok {
		return 0
	}
	level := e.Value.(*guesser).leak(g.now())
	if level < guessBurst {
		return 0
	}
	return time.Duration((level - guessBurst + 1) * float64(guessRefill))
}

// count notes an unknown link.
func (g *guesses) count(address netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e, ok := g.byAddr[address]
	if !ok {
		if len(g.byAddr) == guessTable {
			last := g.order.Back()
			delete(g.byAddr, last.Value.(*guesser).address)
			g.order.Remove(last)
		}
		e = g.order.PushFront(&guesser{address: address, at: g.now()})
		g.byAddr[address] = e
		g.active.Store(int64(len(g.byAddr)))
	}
	w := e.Value.(*guesser)
	// Above its limit an address gains nothing by going on, and loses nothing more.
	w.level = min(w.leak(g.now())+1, guessBurst+1)
	g.order.MoveToFront(e)
}

// leak lets go of what time has forgiven.
func (w *guesser) leak(now time.Time) float64 {
	w.level = max(0, w.level-float64(max(0, now.Sub(w.at)))/float64(guessRefill))
	w.at = now
	return w.level
}

// clientOf is the address by which a client is known: whoever has one IPv6
// address has all of its network.
func clientOf(c echo.Context) netip.Prefix {
	address, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return netip.Prefix{}
	}
	address = address.Unmap().WithZone("")
	bits := 64
	if address.Is4() {
		bits = 32
	}
	prefix, _ := address.Prefix(bits) // the length fits
	return prefix
}

// watchGuesses counts unknown links and makes more of them slow.
func (s *Server) watchGuesses(c echo.Context, next echo.HandlerFunc) error {
	if s.guesses.active.Load() > 0 {
		if wait := s.guesses.over(clientOf(c)); wait > 0 {
			if err := s.lookFirst(c, wait); err != nil {
				return err
			}
		}
	}
	err := next(c)
	if err != nil && isUnknownLink(c, err) {
		s.guesses.count(clientOf(c))
	}
	return err
}

// lookFirst answers an address over its limit: known links go their way, for
// unknown ones few are looked up at the same time.
func (s *Server) lookFirst(c echo.Context, wait time.Duration) error {
	token := askedFor(c)
	if !auth.LooksLikeToken(token) {
		return nil // the handler refuses it without a look-up
	}
	ctx := c.Request().Context()
	select {
	case s.guesses.lookups <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	err := s.lookUp(ctx, c.Path(), auth.HashToken(token))
	<-s.guesses.lookups
	if survey.KindOf(err) == survey.NotFound {
		s.guesses.count(clientOf(c))
		return tooManyGuesses(wait)
	}
	return nil // known, or the handler says what is wrong
}

// askedFor is the token in the address; that of results may stand behind a name.
func askedFor(c echo.Context) string {
	if key := c.QueryParam("key"); key != "" && strings.HasPrefix(c.Path(), "/results/") {
		return key
	}
	return c.Param("token")
}

// lookUp asks whether there is such a link, for the least it can cost.
func (s *Server) lookUp(ctx context.Context, path string, hash auth.Hash) error {
	switch {
	case strings.HasPrefix(path, "/o/"), strings.HasPrefix(path, "/k/"):
		_, _, err := s.Store.OpenEntrance(ctx, hash)
		return err
	case strings.HasPrefix(path, "/r/"):
		_, err := s.Intake.Enter(ctx, hash)
		return err
	}
	_, err := s.Store.ResultLinkByToken(ctx, hash)
	return err
}

// unknownWords begin every refusal of a link that nobody was given.
const unknownWords = "this link is not known"

func unknownLink() error {
	return survey.Errorf(survey.NotFound, unknownWords+": check that it was copied completely")
}

// isUnknownLink tells a link that does not exist, and was looked up, from a page
// that a known link does not have. Links to results never say which it is.
func isUnknownLink(c echo.Context, err error) bool {
	if !auth.LooksLikeToken(askedFor(c)) {
		return false
	}
	if strings.HasPrefix(c.Path(), "/results/") {
		return survey.KindOf(err) == survey.Forbidden
	}
	return survey.KindOf(err) == survey.NotFound && strings.HasPrefix(err.Error(), unknownWords)
}

// tooManyGuesses is told to whoever asks for unknown links too often.
func tooManyGuesses(wait time.Duration) error {
	return refused{failure{status: http.StatusTooManyRequests, kind: "too_many", says: "guesses", retryAfter: seconds(wait)}}
}

// seconds is a time in the words of the Retry-After header.
func seconds(d time.Duration) string { return strconv.Itoa(int(max(1, (d+time.Second-1)/time.Second))) }
