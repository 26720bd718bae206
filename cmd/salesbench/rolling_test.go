package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// balancer passes requests on to the backends that say they are ready. It tries
// another backend only where a connection was refused, when nothing was sent yet:
// whatever else goes wrong is a failed request.
type balancer struct {
	mu       sync.Mutex
	backends map[string]bool // address -> ready
	turn     int
	through  http.Transport
}

func (b *balancer) set(address string, ready bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backends[address] = ready
}

func (b *balancer) remove(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.backends, address)
}

func (b *balancer) list() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var addresses []string
	for address := range b.backends {
		addresses = append(addresses, address)
	}
	return addresses
}

// next is the next backend that is ready, or any but those tried.
func (b *balancer) next(tried map[string]bool) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ready, any []string
	for address, up := range b.backends {
		if tried[address] {
			continue
		}
		any = append(any, address)
		if up {
			ready = append(ready, address)
		}
	}
	if b.turn++; len(ready) > 0 {
		return ready[b.turn%len(ready)]
	}
	if len(any) > 0 {
		return any[b.turn%len(any)]
	}
	return ""
}

// RoundTrip implements http.RoundTripper.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var content []byte
	if r.Body != nil {
		var err error
		if content, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	tried := map[string]bool{}
	for {
		address := b.next(tried)
		if address == "" {
			return nil, errors.New("no backend")
		}
		tried[address] = true
		attempt := r.Clone(r.Context())
		attempt.URL.Scheme, attempt.URL.Host = "http", address
		if r.Body != nil {
			attempt.Body = io.NopCloser(bytes.NewReader(content))
		}
		response, err := b.through.RoundTrip(attempt)
		if err != nil && errors.Is(err, syscall.ECONNREFUSED) {
			continue
		}
		return response, err
	}
}

// probe asks every backend until the test ends.
func (b *balancer) probe(done <-chan struct{}) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Second}
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		for _, address := range b.list() {
			response, err := client.Get("http://" + address + "/readyz")
			ready := err == nil && response.StatusCode == http.StatusOK
			if err == nil {
				_ = response.Body.Close() // nothing was asked but the status
			}
			b.mu.Lock()
			if _, there := b.backends[address]; there {
				b.backends[address] = ready
			}
			b.mu.Unlock()
		}
		select {
		case <-done:
			return
		case <-ticker.C:
		}
	}
}

// rollingLoad sends what respondents and readers send, and notes what failed.
type rollingLoad struct {
	front   string // of the balancer
	link    string // open link, its path
	body    func(n int) []byte
	client  *http.Client
	sent    atomic.Int64
	got     atomic.Int64 // answered as wanted
	receipt sync.Map     // response id -> true
	failed  sync.Map     // words -> true
}

func (l *rollingLoad) run(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		default:
		}
		n := l.sent.Add(1)
		switch n % 4 {
		case 0:
			l.ask(http.MethodGet, "/", nil, http.StatusOK)
		case 1:
			l.ask(http.MethodGet, l.link, nil, http.StatusOK)
		case 2:
			l.ask(http.MethodGet, "/waves/autumn", nil, http.StatusOK)
		default:
			l.ask(http.MethodPost, l.link+"/responses", l.body(int(n)), http.StatusCreated)
		}
	}
}

func (l *rollingLoad) ask(method, path string, content []byte, wanted int) {
	request, err := http.NewRequest(method, l.front+path, bytes.NewReader(content))
	if err != nil {
		l.failed.Store(err.Error(), true)
		return
	}
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := l.client.Do(request)
	if err != nil {
		l.failed.Store(err.Error(), true)
		return
	}
	text, err := io.ReadAll(response.Body)
	if e := response.Body.Close(); err != nil || e != nil || response.StatusCode != wanted {
		l.failed.Store(fmt.Sprintf("%s %s: %d, %v: %.300s", method, strings.Replace(path, l.link, "LINK", 1), response.StatusCode, errors.Join(err, e), text), true)
		return
	}
	l.got.Add(1)
	if method == http.MethodPost {
		var receipt struct {
			ID string `json:"response_id"`
		}
		if err := json.Unmarshal(text, &receipt); err != nil || receipt.ID == "" {
			l.failed.Store(fmt.Sprintf("a receipt without an id: %.200s", text), true)
		}
		l.receipt.Store(receipt.ID, true)
	}
}

// waitFor lets the load go on until so many more requests were answered.
func (l *rollingLoad) waitFor(t *testing.T, more int64) {
	t.Helper()
	until := l.got.Load() + more
	ticker, patience := time.NewTicker(10*time.Millisecond), time.NewTimer(time.Minute)
	defer ticker.Stop()
	defer patience.Stop()
	for l.got.Load() < until {
		select {
		case <-ticker.C:
		case <-patience.C:
			t.Fatalf("the load has stopped at %d answers", l.got.Load())
		}
	}
}

// wholeResponse is a complete response of the built-in questionnaire.
func wholeResponse(t *testing.T) func(n int) []byte {
	answers := map[string]any{}
	for _, f := range survey.Builtin().Fields() {
		switch {
		case f.Key == survey.Builtin().RoleItem:
			answers[f.Key] = "manager"
		case f.Kind == survey.Likert:
			answers[f.Key] = 5
		case f.Kind == survey.SingleChoice:
			answers[f.Key] = f.Item.Options[0].Code
		}
	}
	return func(n int) []byte {
		content, err := json.Marshal(map[string]any{"key": fmt.Sprintf("rolling-%012d", n), "language": "en", "answers": answers})
		if err != nil {
			t.Error(err)
		}
		return content
	}
}

func TestReplicasAreRestartedInTurnWithoutAFailedRequest(t *testing.T) {
	place := []string{"--database", storetest.EmptyPostgresURL(t)}
	must(t, with(place, "migrate", "up")...)
	prepare(t, place)
	link := decodeLinks(t, must(t, with(place, "wave", "links", "autumn", "--json")...))[0].Link
	path := link[strings.Index(link, "/o/"):]
	replica := func() *running {
		return start(t, nil, "serves", with(place, "serve", "--listen", "127.0.0.1:0", "--results", "open", "--drain-wait", "400ms", "--log-level", "warn")...)
	}
	b := &balancer{backends: map[string]bool{}}
	b.through.MaxIdleConnsPerHost = 16
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "backend"}) }, Transport: b,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "balancer: "+err.Error(), http.StatusBadGateway)
		}})
	defer front.Close()
	done := make(chan struct{})
	replicas := []*running{replica(), replica()}
	for _, r := range replicas {
		b.set(hostOf(t, r), true)
	}
	load := &rollingLoad{front: front.URL, link: path, body: wholeResponse(t), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: 30 * time.Second}}
	var clients sync.WaitGroup
	clients.Go(func() { b.probe(done) })
	for range 6 {
		clients.Go(func() { load.run(done) })
	}
	for i := range replicas {
		load.waitFor(t, 100)
		address := hostOf(t, replicas[i])
		if code := replicas[i].endBy(t, errTerminated); code != exitOK {
			t.Errorf("replica %d ended with code %d: %s", i, code, replicas[i].err)
		}
		b.remove(address)
		load.waitFor(t, 50) // the other one carries all
		replicas[i] = replica()
		b.set(hostOf(t, replicas[i]), true)
	}
	load.waitFor(t, 100)
	close(done)
	clients.Wait()
	load.failed.Range(func(words, _ any) bool { t.Error(words); return true })
	acknowledged := 0
	load.receipt.Range(func(_, _ any) bool { acknowledged++; return true })
	if got := showWave(t, place).Responses; got != acknowledged || acknowledged == 0 {
		t.Errorf("%d responses were acknowledged and %d are kept", acknowledged, got)
	}
	for _, r := range replicas {
		if code := r.end(t); code != exitOK {
			t.Errorf("code %d at the end: %s", code, r.err)
		}
	}
}

// hostOf is the address of the replica as a balancer needs it.
func hostOf(t *testing.T, r *running) string {
	t.Helper()
	u, err := url.Parse(r.base(t))
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}
