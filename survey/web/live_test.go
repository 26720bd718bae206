package web

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// cluster is an open wave with several organizations on one database, and the
// clock of all replicas.
type cluster struct {
	storetest.Fieldwork
	t             *testing.T
	config        store.Config
	organizations []survey.Organization
	now           atomic.Int64 // nanoseconds
	submitted     atomic.Int64
}

func newCluster(t *testing.T, config store.Config) *cluster {
	t.Helper()
	c := &cluster{t: t}
	c.now.Store(storetest.Now.UnixNano())
	config.Clock = c.clock
	c.config = config
	s := storetest.Open(t, config)
	c.Fieldwork = storetest.OpenWave(t, s, func(_ *store.Store, wave *survey.Wave) { wave.MinimumGroup = 10 })
	for i := range 12 {
		o, err := s.PutOrganization(t.Context(), survey.Organization{StudyID: c.Study.ID, Key: fmt.Sprintf("org-%02d", i), Name: fmt.Sprintf("Organization %d", i)})
		if err != nil {
			t.Fatal(err)
		}
		c.organizations = append(c.organizations, o)
	}
	return c
}

func (c *cluster) clock() time.Time { return time.Unix(0, c.now.Load()) }

// replica is a server with a connection of its own to the database.
type replica struct {
	cluster *cluster
	store   *store.Store
	server  *Server
	log     *syncLog
}

// syncLog is a log that the goroutines of a server write to while a test reads it.
type syncLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *syncLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *syncLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// testPatience is far more than anything here takes.
const testPatience = time.Minute

// testPace looks often and waits long, so that a test ends soon on any machine.
var testPace = Pace{First: time.Minute, Newer: time.Millisecond, Poll: 20 * time.Millisecond}

func (c *cluster) replica(pace Pace) *replica {
	c.t.Helper()
	r := &replica{cluster: c, store: storetest.Open(c.t, c.config), log: &syncLog{}}
	var err error
	r.server, err = New(Options{Store: r.store, Now: c.clock, OpenResults: true, Version: "test", Pace: pace, Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(r.server.Close)
	return r
}

// submit keeps n responses of an organization through the replica.
func (r *replica) submit(organization, n int) {
	c := r.cluster
	submissions := make([]survey.Submission, n)
	for i := range submissions {
		submissions[i] = c.Submission(int(c.submitted.Add(1)))
		submissions[i].Response.OrganizationID = c.organizations[organization].ID
	}
	outcomes, err := r.store.SubmitBatch(context.WithoutCancel(c.t.Context()), submissions)
	if err != nil {
		c.t.Error(err)
		return
	}
	for _, o := range outcomes {
		if o.Err != nil {
			c.t.Error(o.Err)
		}
	}
	r.server.Committed(submissions[0].Response.WaveID, n)
}

// sent is what a replica answered.
type sent struct {
	status int
	header http.Header
	body   string
}

func (s sent) edition() string { return s.header.Get("ETag") }

func (r *replica) get(path string) sent {
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return sent{w.Code, w.Header(), w.Body.String()}
}

// until asks again and again until the answer is as wanted.
func (r *replica) until(path, what string, wanted func(sent) bool) sent {
	r.cluster.t.Helper()
	patience, again := time.NewTimer(testPatience), time.NewTicker(20*time.Millisecond)
	defer patience.Stop()
	defer again.Stop()
	for {
		got := r.get(path)
		if wanted(got) {
			return got
		}
		select {
		case <-again.C:
		case <-patience.C:
			r.cluster.t.Fatalf("%s: not %s; %d, edition %s: %.500s", path, what, got.status, got.edition(), got.body)
		}
	}
}

// people wants so many responses in the edition.
func people(n int) func(sent) bool {
	return func(s sent) bool { return strings.HasPrefix(s.edition(), fmt.Sprintf(`W/"%d-`, n)) }
}

func TestAReceiptIsFollowedByItsEditionOnEveryReplica(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		c := newCluster(t, config)
		a, b := c.replica(Pace{First: time.Minute}), c.replica(Pace{First: time.Minute})
		// An open wave moves in steps of ten for each organization, one step behind.
		a.submit(0, 20)
		a.until("/waves/spring.json", "at the first step", people(10))
		b.until("/waves/spring.json", "at the first step", people(10))
		in := intake.New(a.store, intake.Options{Logger: logTo(a.log)})
		in.OnCommitted(a.server.Committed)
		for i := range 10 {
			s := c.Submission(1000 + i)
			s.Response.OrganizationID = c.organizations[0].ID
			if _, err := in.Submit(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		if err := in.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := a.until("/waves/spring.json", "at the second step", people(20))
		if other := b.until("/waves/spring.json", "at the second step", people(20)); other.body != first.body || other.edition() != first.edition() {
			t.Errorf("the replicas show %s and %s", first.edition(), other.edition())
		}
		c.now.Store(c.Wave.ClosesAt.Add(1).UnixNano())
		for _, r := range []*replica{a, b} {
			if got := r.get("/waves/spring.json"); !people(30)(got) {
				t.Errorf("the closed wave is shown in edition %s, want all 30 at once", got.edition())
			}
		}
		c.now.Store(c.Wave.OpensAt.Add(1).UnixNano())
		if got := a.get("/waves/spring.json"); !people(20)(got) {
			t.Errorf("the wave was opened again and shows %s, want what may be shown of an open one", got.edition())
		}
	})
}

func TestTheSameEditionHasTheSameBytesOnEveryReplica(t *testing.T) {
	const writers, batches, parts = 2, 40, 3 // after each part there is a newer edition, however slow the machine
	c := newCluster(t, storetest.Postgres(t))
	a, b := c.replica(testPace), c.replica(testPace)
	paths := []string{"/waves/spring", "/waves/spring.json", "/waves/spring?format=csv", "/waves/spring?format=csv&table=organizations",
		"/waves/spring/trust", "/waves/spring/trust.json", "/waves/spring/drivers.json", "/waves/spring/group.json?role=manager",
		"/waves/spring/organizations/org-03", "/waves/spring/organizations/org-03.json", "/waves/spring/organizations/org-07.csv"}
	seen, compared := map[string]string{}, 0
	compare := func(replicas ...*replica) {
		for _, r := range replicas {
			for _, path := range paths {
				got := r.get(path)
				if got.status != http.StatusOK || got.edition() == "" {
					t.Fatalf("%s: %d, edition %q: %.500s", path, got.status, got.edition(), got.body)
				}
				name := path + " in " + got.edition()
				if before, ok := seen[name]; ok {
					compared++
					if before != got.body {
						t.Fatalf("%s has two bodies:\n%s", name, whereTheyPart(before, got.body))
					}
				}
				seen[name] = got.body
			}
		}
	}
	last := ""
	for part := range parts {
		var writing sync.WaitGroup
		for w := range writers {
			through := []*replica{a, b}[w%2]
			writing.Go(func() {
				for i := part * batches / parts; i < (part+1)*batches/parts; i++ {
					through.submit((i*7+w*5)%len(c.organizations), 7)
				}
			})
		}
		done := make(chan struct{})
		go func() { writing.Wait(); close(done) }()
		for end := false; !end; {
			select {
			case <-done:
				end = true
			default:
			}
			compare(a, b)
		}
		last = a.until("/waves/spring.json", "at a newer edition", func(got sent) bool { return got.status == http.StatusOK && got.edition() != last }).edition()
		compare(a, b)
		if part == 0 { // a replica is replaced by one that has read nothing yet
			extra := c.replica(testPace)
			compare(extra)
			extra.server.Close()
		}
	}
	fresh := c.replica(testPace)
	c.now.Store(c.Wave.ClosesAt.Add(1).UnixNano())
	for _, r := range []*replica{a, b, fresh} {
		r.until("/waves/spring.json", "the whole wave", people(writers*batches*7))
	}
	compare(a, b, fresh)
	compare(a, b, fresh)
	if editions := editionsOf(seen); compared < 3*len(paths) || len(editions) < 3 {
		t.Errorf("%d answers compared of editions %v: too few to show anything", compared, editions)
	}
}

func editionsOf(seen map[string]string) []string {
	editions := map[string]bool{}
	for name := range seen {
		if edition, ok := strings.CutPrefix(name, "/waves/spring.json in "); ok {
			editions[edition] = true
		}
	}
	return slices.Sorted(maps.Keys(editions))
}

// whereTheyPart is where two bodies part.
func whereTheyPart(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-200)
	return a[from:min(len(a), i+200)] + "\n---\n" + b[from:min(len(b), i+200)]
}

func TestAResultThatIsKnownIsNotSentAgain(t *testing.T) {
	c := newCluster(t, storetest.SQLite(t))
	r := c.replica(testPace)
	r.submit(0, 20)
	page := r.until("/waves/spring", "at the first step", people(10))
	asked := func(path, tag string) int {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		request.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		r.server.ServeHTTP(w, request)
		if w.Code == http.StatusNotModified && (w.Body.Len() > 0 || w.Header().Get("ETag") != tag) {
			t.Errorf("304 with %d bytes and the tag %s", w.Body.Len(), w.Header().Get("ETag"))
		}
		return w.Code
	}
	if code := asked("/waves/spring", page.edition()); code != http.StatusNotModified {
		t.Errorf("a page that is known is sent again: %d", code)
	}
	if code := asked("/waves/spring.json", page.edition()); code != http.StatusOK {
		t.Errorf("the tag of the page stands for the JSON: %d", code)
	}
	r.submit(0, 10)
	r.until("/waves/spring", "at the second step", people(20))
	if code := asked("/waves/spring", page.edition()); code != http.StatusOK {
		t.Errorf("the tag of an older edition stands for the newer one: %d", code)
	}
}
