// Package wire reads plain HTTP/1.1 requests off connections and answers them by
// an http.Handler, for a fraction of what net/http needs for each. It takes only
// requests whose form leaves no doubt and whose paths it was told of. At anything
// else, however slightly unusual, the connection goes to an http.Server with all
// that was read of it, which then behaves as if nobody had stood in between.
package wire

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a listener needs. The times are those of the http.Server.
type Options struct {
	Handler           http.Handler
	Takes             func(path string) bool // whether a path is answered here
	MaxBody           int64                  // a request that announces more goes to the http.Server
	ReadHeaderTimeout time.Duration
	ReadTimeout       time.Duration
	WriteTimeout      time.Duration
	IdleTimeout       time.Duration
	ErrorLog          *log.Logger                    // what handlers panicked with; nil: nowhere
	ConnState         func(net.Conn, http.ConnState) // as in http.Server: StateActive and StateIdle; may be nil
}

// Listener serves what comes in over another one. Its own Accept returns the
// connections that are for the http.Server: give it to http.Server.Serve, and at
// the end call Drain beside http.Server.Shutdown.
type Listener struct {
	net.Listener
	options Options
	base    *http.Request // of every request: has the context
	cancel  context.CancelFunc

	begin   sync.Once
	others  chan net.Conn
	failed  chan error
	closing atomic.Bool
	closed  chan struct{}

	mu    sync.Mutex
	conns map[*conn]struct{}
	ended *sync.Cond // one of conns has left
}

// New returns a listener around another one.
func New(inner net.Listener, o Options) *Listener {
	if o.ConnState == nil {
		o.ConnState = func(net.Conn, http.ConnState) {}
	}
	if o.ErrorLog == nil {
		o.ErrorLog = log.New(io.Discard, "", 0)
	}
	ctx, cancel := context.WithCancel(context.Background())
	base := (&http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	l := &Listener{Listener: inner, options: o, base: base, cancel: cancel, others: make(chan net.Conn), failed: make(chan error),
		closed: make(chan struct{}), conns: make(map[*conn]struct{})}
	l.ended = sync.NewCond(&l.mu)
	return l
}

// Accept waits for a connection that is not served here.
func (l *Listener) Accept() (net.Conn, error) {
	l.begin.Do(func() { go l.acceptAll() })
	select {
	case c := <-l.others:
		return c, nil
	case err := <-l.failed:
		return nil, err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// acceptAll takes connections in. What goes wrong is for the http.Server to judge,
// which asks again after what passes.
func (l *Listener) acceptAll() {
	for {
		raw, err := l.Listener.Accept()
		if err == nil {
			l.serve(raw)
			continue
		}
		select {
		case l.failed <- err:
		case <-l.closed:
			return
		}
	}
}

func (l *Listener) serve(raw net.Conn) {
	c := &conn{Conn: raw, listener: l, remote: raw.RemoteAddr().String()}
	l.mu.Lock()
	l.conns[c] = struct{}{}
	l.mu.Unlock()
	go c.serve()
}

// left takes a connection off the list.
func (l *Listener) left(c *conn) {
	l.mu.Lock()
	delete(l.conns, c)
	l.ended.Broadcast()
	l.mu.Unlock()
}

// Close accepts nothing more and closes connections on which nothing is under way.
// What is under way is answered.
func (l *Listener) Close() error {
	if l.closing.Swap(true) {
		return nil
	}
	close(l.closed)
	err := l.Listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		if c.state.CompareAndSwap(idle, gone) {
			_ = c.Conn.Close() // nobody waits for an answer
		}
	}
	return err
}

// Drain waits until everything that is under way is answered. When ctx ends first
// it closes the connections and returns its error.
func (l *Listener) Drain(ctx context.Context) error {
	err := l.Close()
	defer l.cancel()
	stop := context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for c := range l.conns {
			_ = c.Conn.Close() // it was given its time
		}
		l.ended.Broadcast()
	})
	defer stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.conns) > 0 && ctx.Err() == nil {
		l.ended.Wait()
	}
	return errors.Join(err, ctx.Err())
}
