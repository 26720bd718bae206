package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"github.com/salesbench/salesbench/survey/wire"
)

// soon is the patience with what must happen at once.
const soon = 20 * time.Second

// listening is a server on a real port.
type listening struct {
	t       *testing.T
	address string
	server  *http.Server
	limits  *connections
	quick   *wire.Listener
}

// lockedLog is a log that several goroutines write.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), words)
}

// listen makes a server with limits of the test's own; start lets it serve.
func listen(t *testing.T, s *Server, log io.Writer, total, each int) *listening {
	t.Helper()
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listening{t: t, address: raw.Addr().String(), server: s.HTTPServer("")}
	l.limits = newConnections(raw, slog.New(slog.NewTextHandler(log, nil)), total, each)
	l.server.ReadHeaderTimeout, l.server.ReadTimeout, l.server.WriteTimeout = 300*time.Millisecond, 400*time.Millisecond, 400*time.Millisecond
	l.quick = wire.New(l.limits, wire.Options{Handler: s, Takes: func(string) bool { return true }, MaxBody: MaxBodyBytes, ConnState: noteState,
		ReadHeaderTimeout: l.server.ReadHeaderTimeout, ReadTimeout: l.server.ReadTimeout, WriteTimeout: l.server.WriteTimeout, IdleTimeout: l.server.IdleTimeout})
	return l
}

// start serves plain requests as the program does, and the others by net/http.
func (l *listening) start() {
	ended := make(chan error, 1)
	go func() { ended <- l.server.Serve(l.quick) }()
	l.t.Cleanup(func() {
		_ = l.server.Close() // the error of Serve tells more
		if err := <-ended; err != http.ErrServerClosed {
			l.t.Error(err)
		}
	})
}

// idle counts the connections without a request.
func (l *listening) idle() int {
	l.limits.mu.Lock()
	defer l.limits.mu.Unlock()
	n := 0
	for conn := range l.limits.open {
		if conn.idleSince.Load() != 0 {
			n++
		}
	}
	return n
}

func (l *listening) dial() net.Conn {
	l.t.Helper()
	conn, err := net.Dial("tcp", l.address)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = conn.Close() }) // a second time for most
	if err := conn.SetDeadline(time.Now().Add(soon)); err != nil {
		l.t.Fatal(err)
	}
	return conn
}

// ask sends a request on the connection and returns the status, 0 when the
// connection was closed instead.
func ask(conn net.Conn) int {
	if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return 0
	}
	return statusOn(conn)
}

func statusOn(conn net.Conn) int {
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body) // what matters is the status
	return res.StatusCode
}

// eventually waits until it holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(soon)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("never: " + what)
		}
	}
}

func TestAtTheLimitTheLongestIdleConnectionMakesRoom(t *testing.T) {
	s, _ := newBare(t, Options{})
	for name, limit := range map[string][2]int{"in all": {3, 100}, "from one address": {100, 3}} {
		l := listen(t, s, io.Discard, limit[0], limit[1])
		l.server.ReadTimeout, l.server.ReadHeaderTimeout = 0, 0 // idle ones stay until they are asked to go
		l.start()
		var conns []net.Conn
		for range 3 {
			conns = append(conns, l.dial())
			if ask(conns[len(conns)-1]) != 200 {
				t.Fatalf("%s: no answer below the limit", name)
			}
			eventually(t, "the connection is idle", func() bool { return l.idle() == len(conns) })
		}
		if ask(l.dial()) != 200 {
			t.Errorf("%s: a further connection gets no answer", name)
		}
		if ask(conns[0]) != 0 {
			t.Errorf("%s: the connection idle for longest is still open", name)
		}
		if ask(conns[2]) != 200 {
			t.Errorf("%s: a younger connection was closed", name)
		}
	}
}

func TestWhoeverHoldsAllConnectionsBusyIsTimedOut(t *testing.T) {
	s, _ := newBare(t, Options{})
	l := listen(t, s, io.Discard, 4, 4)
	l.start()
	for range 4 { // a header that never ends
		if _, err := io.WriteString(l.dial(), "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "an answer beside slow headers", func() bool { return ask(l.dial()) == 200 })
}

func TestSlowClientsAreGivenUp(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	l := listen(t, f.server, io.Discard, 100, 100)
	l.start()
	link := f.invited()
	for name, opening := range map[string]string{
		"a header drop by drop": "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"a body drop by drop":   "POST " + link + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n",
		"nothing at all":        "",
	} {
		conn := l.dial()
		if _, err := io.WriteString(conn, opening); err != nil {
			t.Fatal(err)
		}
		go func() {
			drop := time.NewTicker(50 * time.Millisecond)
			defer drop.Stop()
			for range drop.C {
				if _, err := io.WriteString(conn, "x"); err != nil || name == "nothing at all" {
					return
				}
			}
		}()
		if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: the connection stays open", name)
		}
	}
	eventually(t, "all connections given back", func() bool { l.limits.mu.Lock(); defer l.limits.mu.Unlock(); return len(l.limits.open) == 0 })
}

func TestHalfABodyAndGoneLeavesNothing(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	l := listen(t, f.server, io.Discard, 100, 100)
	l.start()
	open := "/o/" + f.openToken()
	before := runtime.NumGoroutine()
	for n := range 20 {
		conn := l.dial()
		fmt.Fprintf(conn, "POST %s/responses HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"key\":\"%s\",\"answers\":{", open, aKey)
		if n%2 == 0 {
			_ = conn.(*net.TCPConn).SetLinger(0) // a reset instead of a goodbye
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= before+2 })
	if _, err := f.store.ResponseByKey(t.Context(), f.Wave.ID, aKey); survey.KindOf(err) != survey.NotFound {
		t.Errorf("something was kept: %v", err)
	}
	if got := f.tell(open, whole(aKey)); got.status != 201 {
		t.Errorf("the whole afterwards: %+v", got)
	}
}

func TestRequestsThatCanBeReadInTwoWaysAreRefused(t *testing.T) {
	s, _ := newBare(t, Options{})
	l := listen(t, s, io.Discard, 100, 100)
	l.start()
	const hidden = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, header := range map[string]string{
		"two lengths":              "Content-Length: 5\r\nContent-Length: 40\r\n",
		"a list of lengths":        "Content-Length: 5, 40\r\n",
		"a length with a sign":     "Content-Length: +5\r\n",
		"a negative length":        "Content-Length: -5\r\n",
		"an unknown coding":        "Transfer-Encoding: xchunked\r\n",
		"a coding twice":           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
		"a coding with another":    "Transfer-Encoding: chunked, identity\r\n",
		"a blank before the colon": "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
		"a folded header":          "X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: nonsense\r\n",
		"no end of a number":       "Content-Length: 5\x0040\r\n",
		"a header that is too big": "X-A: " + strings.Repeat("a", MaxHeaderBytes+8<<10) + "\r\n",
	} {
		conn := l.dial()
		if _, err := io.WriteString(conn, "POST /healthz HTTP/1.1\r\nHost: x\r\n"+header+"\r\n"+hidden+hidden); err != nil && len(header) < 1000 {
			t.Fatal(err)
		}
		all, _ := io.ReadAll(conn) // a reset ends it as well as a goodbye
		if answers := strings.Count(string(all), "HTTP/1.1 "); answers > 1 || answers == 1 && !strings.Contains(string(all), "HTTP/1.1 4") && !strings.Contains(string(all), "HTTP/1.1 501") {
			t.Errorf("%s: %q", name, all)
		}
	}
	// Requests one after the other without waiting are no trick.
	conn := l.dial()
	if _, err := io.WriteString(conn, strings.Repeat("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 2)+"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if n := strings.Count(string(all), "HTTP/1.1 200"); err != nil || n != 3 {
		t.Errorf("%d answers to three requests: %v\n%s", n, err, all)
	}
}

// exhaustedMark tells a child process of the next test what it is.
const exhaustedMark = "SALESBENCH_TEST_FEW_FILES"

func TestTheServerOutlivesTheEndOfFileDescriptors(t *testing.T) {
	if os.Getenv(exhaustedMark) != "" {
		exhaustDescriptors(t)
		return
	}
	child := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n 64 && exec "$0" -test.run '^TestTheServerOutlivesTheEndOfFileDescriptors$' -test.v`, os.Args[0])
	child.Env = append(os.Environ(), exhaustedMark+"=yes")
	out, err := child.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Fatalf("%v\n%s", err, out)
	}
}

// exhaustDescriptors opens connections until there is no descriptor left.
func exhaustDescriptors(t *testing.T) {
	s, _ := newBare(t, Options{})
	var log lockedLog
	l := listen(t, s, &log, 10_000, 10_000)
	l.server.ReadHeaderTimeout, l.server.ReadTimeout = 0, 0
	l.start()
	var conns []net.Conn
	for range 200 { // both ends are in this process
		conn, err := net.Dial("tcp", l.address)
		if err != nil {
			break
		}
		conns = append(conns, conn)
	}
	if len(conns) < 8 || len(conns) > 60 {
		t.Fatalf("%d connections with 64 descriptors", len(conns))
	}
	eventually(t, "the log says why", func() bool { return log.count("no file descriptors are left") > 0 })
	for _, conn := range conns {
		_ = conn.Close() // most were closed by the server
	}
	eventually(t, "answers again", func() bool {
		conn, err := net.Dial("tcp", l.address)
		if err != nil {
			return false
		}
		defer conn.Close()
		return conn.SetDeadline(time.Now().Add(time.Second)) == nil && ask(conn) == 200
	})
	if n := log.count("no file descriptors are left"); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
}
