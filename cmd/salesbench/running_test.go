package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// watched collects output and wakes up whoever waits for a text in it.
type watched struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{}
}

func newWatched() *watched { return &watched{grown: make(chan struct{}, 1)} }

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.grown <- struct{}{}:
	default:
	}
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// running is a command that serves until it is told to end.
type running struct {
	out, err *watched
	stop     context.CancelCauseFunc
	ended    chan int
}

// start runs a serving command in-process and waits until it says so.
func start(t *testing.T, env []string, says string, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancelCause(context.Background())
	r := &running{out: newWatched(), err: newWatched(), stop: stop, ended: make(chan int, 1)}
	go func() {
		r.ended <- run(ctx, args, env, streams{In: strings.NewReader(""), Out: r.out, Err: r.err})
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("output:\n%s\nerrors:\n%s", r.out, r.err)
		}
		stop(nil)
	})
	patience := time.NewTimer(2 * time.Minute)
	defer patience.Stop()
	for !strings.Contains(r.out.String(), says) {
		select {
		case <-r.out.grown:
		case code := <-r.ended:
			t.Fatalf("%v ended with code %d: %s", args, code, r.err)
		case <-patience.C:
			t.Fatalf("%v does not say %q", args, says)
		}
	}
	return r
}

// end does what Ctrl-C does and returns the exit code.
func (r *running) end(t *testing.T) int {
	t.Helper()
	return r.endBy(t, nil)
}

// endBy ends it for a reason.
func (r *running) endBy(t *testing.T, cause error) int {
	t.Helper()
	r.stop(cause)
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	select {
	case code := <-r.ended:
		return code
	case <-patience.C:
		t.Fatal("the command does not end")
		return -1
	}
}

var address = regexp.MustCompile(`http://[^\s]+`)

// addresses are all links that the command printed.
func (r *running) addresses() []string { return address.FindAllString(r.out.String(), -1) }

// base is the address the service answers at.
func (r *running) base(t *testing.T) string {
	t.Helper()
	first := address.FindString(r.out.String())
	if first == "" {
		t.Fatalf("no address in %q", r.out)
	}
	return strings.Join(strings.SplitN(first, "/", 4)[:3], "/")
}

// get fetches a page.
func get(t *testing.T, address string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if e := response.Body.Close(); err != nil || e != nil {
		t.Fatal(err, e)
	}
	return response.StatusCode, string(body)
}
