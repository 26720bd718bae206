package wire

import (
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// The states of a connection.
const (
	fresh  int32 = iota // nothing has come yet
	active              // a request is under way
	idle                // waits for the next one
	gone                // closed from outside
)

// headRoom is what a head, and a small body with it, is read into. A longer head
// is for the http.Server.
const headRoom = 4 << 10

// conn is one connection while it is served here.
type conn struct {
	net.Conn
	listener *Listener
	remote   string
	state    atomicState

	in         []byte // room of headRoom bytes
	from, to   int    // what was read and is not used up
	said       [requestKinds]said
	readUntil  time.Time
	writeUntil time.Time
	close      bool // after this answer
}

// rooms keeps what connections read into.
var rooms = sync.Pool{New: func() any { b := make([]byte, headRoom); return &b }}

func (c *conn) serve() {
	defer c.listener.left(c)
	room, _ := rooms.Get().(*[]byte)
	c.in = *room
	defer rooms.Put(room)
	keep := false
	defer func() {
		r := recover()
		if r != nil && r != http.ErrAbortHandler { //nolint:errorlint // what a handler panics with is no error that is wrapped
			c.listener.options.ErrorLog.Printf("panic while a request was answered: %T\n%s", r, debug.Stack())
		}
		if r != nil || !keep {
			_ = c.Conn.Close() // it ends either way
		}
	}()
	for {
		head, ok := c.head()
		switch {
		case !ok:
			return
		case head == nil:
			keep = c.handOver()
			return
		}
		x, _ := exchanges.Get().(*exchange)
		x.prepare(c)
		if !x.parse(head) {
			x.release()
			keep = c.handOver()
			return
		}
		c.from += len(head)
		ok = x.run()
		x.release()
		if !ok || c.close || !c.rest() {
			return
		}
	}
}

// head waits for a whole head. It returns nil where it is too long, and false when
// there will be none.
func (c *conn) head() ([]byte, bool) {
	o := &c.listener.options
	began := time.Time{}
	seen := c.from
	for {
		if c.to > c.from {
			c.wake()
		}
		if end := endOfHead(c.in[seen:c.to]); end >= 0 {
			return c.in[c.from : seen+end], c.state.Load() != gone
		}
		if endsBare(c.in[c.from:c.to]) {
			return nil, true
		}
		seen = max(c.from, c.to-3)
		if c.from > 0 {
			c.to = copy(c.in, c.in[c.from:c.to])
			seen -= c.from
			c.from = 0
		}
		switch {
		case c.to == len(c.in):
			return nil, true
		case c.to == 0 && c.state.Load() == idle:
			c.readWithin(o.IdleTimeout, o.IdleTimeout*3/4)
		case began.IsZero():
			began = time.Now()
			c.readUntil = began.Add(o.ReadHeaderTimeout)
			_ = c.SetReadDeadline(c.readUntil) // a closed connection says so when it is read
		}
		n, err := c.Read(c.in[c.to:])
		if c.to += n; n == 0 && err != nil {
			return nil, false
		}
	}
}

// wake says that a request has begun to arrive.
func (c *conn) wake() {
	if c.state.CompareAndSwap(idle, active) || c.state.CompareAndSwap(fresh, active) {
		c.listener.options.ConnState(c.Conn, http.StateActive)
	}
}

// rest waits for the next request; false: there shall be none.
func (c *conn) rest() bool {
	if !c.state.CompareAndSwap(active, idle) {
		return false
	}
	c.listener.options.ConnState(c.Conn, http.StateIdle)
	// Close may have looked at this connection just before it became idle.
	return !c.listener.closing.Load()
}

// readWithin sets the time for the next bytes, unless at least so much of an
// earlier one is left.
func (c *conn) readWithin(most, least time.Duration) {
	now := time.Now()
	if c.readUntil.Sub(now) < least || c.readUntil.Sub(now) > most {
		c.readUntil = now.Add(most)
		_ = c.SetReadDeadline(c.readUntil) // a closed connection says so when it is read
	}
}

// send writes an answer, or a part of it.
func (c *conn) send(b []byte) error {
	now, most := time.Now(), c.listener.options.WriteTimeout
	if c.writeUntil.Sub(now) < most/2 {
		c.writeUntil = now.Add(most)
		_ = c.SetWriteDeadline(c.writeUntil) // a closed connection says so when it is written to
	}
	_, err := c.Write(b)
	return err
}

// handOver gives the connection with all that is unread to the http.Server.
func (c *conn) handOver() bool {
	if err := errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{})); err != nil {
		return false
	}
	other := &handed{Conn: c.Conn, unread: append([]byte(nil), c.in[c.from:c.to]...)}
	select {
	case c.listener.others <- other:
		return true
	case <-c.listener.closed:
		return false
	}
}

// handed is a connection of which something was read already.
type handed struct {
	net.Conn
	unread []byte
}

// NetConn is the connection beneath.
func (h *handed) NetConn() net.Conn { return h.Conn }

// CloseWrite lets the http.Server say goodbye to whoever is still sending, as it does
// on a connection of its own: closing at once would take its last answer back.
func (h *handed) CloseWrite() error {
	if half, ok := h.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Read returns first what was read before.
func (h *handed) Read(b []byte) (int, error) {
	if len(h.unread) == 0 {
		return h.Conn.Read(b)
	}
	n := copy(b, h.unread)
	if h.unread = h.unread[n:]; len(h.unread) == 0 {
		h.unread = nil
	}
	return n, nil
}

// body is what follows a head: a known number of bytes.
type body struct {
	conn *conn
	left int64
	err  error // sticks
}

// Read implements io.Reader. A body that ends early is io.ErrUnexpectedEOF.
func (b *body) Read(p []byte) (int, error) {
	switch {
	case b.err != nil:
		return 0, b.err
	case b.left == 0:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	p = p[:min(int64(len(p)), b.left)]
	c := b.conn
	n := copy(p, c.in[c.from:c.to])
	c.from += n
	if n == 0 {
		var err error
		if n, err = c.Read(p); n == 0 && err != nil {
			if b.err = err; errors.Is(err, io.EOF) {
				b.err = io.ErrUnexpectedEOF
			}
			return 0, b.err
		}
	}
	if b.left -= int64(n); b.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

// Close implements io.Closer; the connection goes on.
func (b *body) Close() error { return nil }

// lingering bounds how long a client may go on sending what nobody reads any more.
const lingering = 500 * time.Millisecond

// linger lets an answer arrive before the connection ends: closing it while
// something unread comes in would take the answer back.
func (c *conn) linger() {
	if c.SetReadDeadline(time.Now().Add(lingering)) == nil {
		_, _ = io.CopyN(io.Discard, c.Conn, 1<<20) // whatever ends it ends it
	}
}
