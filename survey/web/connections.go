package web

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// How many connections there may be. One address may have a good part of them,
// because a whole office can be behind it; browsers hold several each.
const (
	maxConnections    = 16384
	spareFiles        = 64 // file descriptors that are not for connections
	addressShare      = 4  // one address may have a quarter of all
	acceptPause       = 50 * time.Millisecond
	exhaustedFor      = 10 * time.Second
	warnEvery         = time.Minute
	shedWhenExhausted = 16 // idle connections closed at once when there are no descriptors left
)

// LimitConnections bounds how many connections come in over the listener, in
// all and, unless proxies stand between, from one address. At a limit the
// connection that has been idle for longest makes room; without an idle one a
// new connection waits, or is closed when its address has too many. When the
// system has no file descriptors left, idle connections are closed and accepting
// goes on when there are some again.
func (s *Server) LimitConnections(l net.Listener) net.Listener {
	total := connectionLimit()
	each := max(total/addressShare, 1)
	if len(s.TrustedProxies) > 0 {
		each = total
	}
	c := newConnections(l, s.Log, total, each)
	s.metrics.registry.MustRegister(c)
	return c
}

// connections is a listener that knows what it has let in.
type connections struct {
	net.Listener
	log   *slog.Logger
	total int
	each  int // from one address

	mu        sync.Mutex
	room      *sync.Cond // somebody left
	open      map[*connection]struct{}
	byAddr    map[netip.Addr]int
	closed    bool
	exhausted time.Time // when there was last no descriptor; zero: that is over
	refused   int64     // closed at once, because their address had too many
	warned    time.Time // when the log last said so
}

// connection is one of them.
type connection struct {
	net.Conn
	owner     *connections
	address   netip.Addr
	idleSince atomic.Int64 // in nanoseconds; 0: a request is under way or expected
	left      sync.Once
}

func newConnections(l net.Listener, log *slog.Logger, total, each int) *connections {
	c := &connections{Listener: l, log: log, total: total, each: each, open: map[*connection]struct{}{}, byAddr: map[netip.Addr]int{}}
	c.room = sync.NewCond(&c.mu)
	return c
}

// Accept waits for a connection, and until there is room for it.
func (c *connections) Accept() (net.Conn, error) {
	for {
		raw, err := c.Listener.Accept()
		switch {
		case err == nil:
			c.recovered()
			conn, err := c.enter(raw)
			if conn != nil || err != nil {
				return conn, err
			}
		case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
			c.exhaust(err)
		default:
			return nil, err
		}
	}
}

// Close ends the listener; whoever waits in Accept learns of it.
func (c *connections) Close() error {
	c.mu.Lock()
	c.closed = true
	c.room.Broadcast()
	c.mu.Unlock()
	return c.Listener.Close()
}

// enter lets a connection in when there is room, or closes it when its address
// has too many; then it returns neither connection nor error.
func (c *connections) enter(raw net.Conn) (net.Conn, error) {
	conn := &connection{Conn: raw, owner: c, address: addressOf(raw)}
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.closed && len(c.open) >= c.total {
		if !c.shed(netip.Addr{}) {
			c.room.Wait()
		}
	}
	for !c.closed && c.byAddr[conn.address] >= c.each {
		if !c.shed(conn.address) {
			c.refuse()
			_ = raw.Close() // nobody waits for it
			return nil, nil //nolint:nilnil // the caller goes on with the next
		}
	}
	if c.closed {
		return nil, errors.Join(net.ErrClosed, raw.Close())
	}
	c.open[conn] = struct{}{}
	c.byAddr[conn.address]++
	return conn, nil
}

// refuse counts a connection that is closed at once, and says so now and then.
// The address stays out of the log. The lock is held.
func (c *connections) refuse() {
	c.refused++
	if now := time.Now(); now.Sub(c.warned) > warnEvery {
		c.warned = now
		c.log.Warn("connections are refused: one address has as many as it may; behind a proxy name it with --trusted-proxies",
			"limit", c.each, "connections", len(c.open), "refused_so_far", c.refused)
	}
}

// shed closes the connection that has been idle for longest, of the address
// where one is given. The lock is held, and let go of meanwhile.
func (c *connections) shed(address netip.Addr) bool {
	var oldest *connection
	since := int64(0)
	for conn := range c.open {
		idle := conn.idleSince.Load()
		if idle != 0 && (since == 0 || idle < since) && (!address.IsValid() || conn.address == address) {
			oldest, since = conn, idle
		}
	}
	if oldest == nil {
		return false
	}
	c.mu.Unlock()
	_ = oldest.Close() // it was idle: nothing is lost with it
	c.mu.Lock()
	return true
}

// exhaust makes room when the system has no file descriptors left, and says so once.
func (c *connections) exhaust(err error) {
	c.mu.Lock()
	first := c.exhausted.IsZero()
	c.exhausted = time.Now()
	shed := 0
	for shed < shedWhenExhausted && c.shed(netip.Addr{}) {
		shed++
	}
	open := len(c.open)
	c.mu.Unlock()
	if first {
		c.log.Error("no file descriptors are left: idle connections are closed, new ones wait; raise the limit of open files (ulimit -n)",
			"connections", open, "closed", shed, "error", err)
	}
	if shed == 0 {
		pause := time.NewTimer(acceptPause)
		<-pause.C
	}
}

// recovered says that it is over when it has been for a while: at the edge it
// comes and goes many times a second.
func (c *connections) recovered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.exhausted.IsZero() && time.Since(c.exhausted) > exhaustedFor {
		c.exhausted = time.Time{}
		c.log.Info("connections are accepted again", "connections", len(c.open))
	}
}

// Close gives the place back.
func (c *connection) Close() error {
	err := c.Conn.Close()
	c.left.Do(func() {
		o := c.owner
		o.mu.Lock()
		defer o.mu.Unlock()
		if _, in := o.open[c]; !in {
			return // it never came in
		}
		delete(o.open, c)
		if o.byAddr[c.address]--; o.byAddr[c.address] == 0 {
			delete(o.byAddr, c.address)
		}
		o.room.Signal()
	})
	return err
}

// noteState remembers which connections are idle. It runs twice for each request.
func noteState(conn net.Conn, state http.ConnState) {
	if above, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = above.NetConn()
	}
	c, ok := conn.(*connection)
	if !ok {
		return
	}
	switch state {
	case http.StateIdle:
		c.idleSince.Store(time.Now().UnixNano())
	case http.StateActive:
		c.idleSince.Store(0)
	}
}

func addressOf(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}
