package store_test

import (
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// TestDraftsDoNotWaitForTheDiskAndSubmissionsDo looks at the one connection that
// writes between transactions, where alone the level can change: whoever gets it,
// while drafts are saved all the time, finds it waiting for the disk.
func TestDraftsDoNotWaitForTheDiskAndSubmissionsDo(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := storetest.OpenWave(t, s)
	var stop atomic.Bool
	var wg sync.WaitGroup
	for n := range 2 {
		wg.Go(func() {
			change := store.DraftChange{Start: true, Resume: auth.HashToken(string(rune('a' + n))), Draft: survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}}
			for !stop.Load() {
				outcomes, err := s.KeepDrafts(t.Context(), []store.DraftChange{change})
				if err != nil || outcomes[0].Err != nil {
					t.Errorf("%v, %+v", err, outcomes)
					return
				}
				change = store.DraftChange{Draft: outcomes[0].Draft}
			}
		})
	}
	for n := range 200 {
		if level := must[int](t)(s.Synchronous(t.Context())); level != 2 {
			t.Fatalf("a transaction begins with synchronous %d", level)
		}
		if n%20 == 0 {
			if outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(n)})); outcomes[0].Err != nil {
				t.Fatal(outcomes[0].Err)
			}
		}
	}
	stop.Store(true)
	wg.Wait()
}

// TestDraftsOnAServerWaitForTheDisk asks the server itself: what a commit has
// waited for is written.
func TestDraftsOnAServerWaitForTheDisk(t *testing.T) {
	config := storetest.Postgres(t)
	s := storetest.Open(t, config)
	f := storetest.OpenWave(t, s)
	db := open(t, config)
	change := store.DraftChange{Start: true, Resume: auth.HashToken("a"), Draft: survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}}
	before := 0
	for range 20 { // the server itself may write something in between
		outcomes := must[[]store.DraftOutcome](t)(s.KeepDrafts(t.Context(), []store.DraftChange{change}))
		if outcomes[0].Err != nil {
			t.Fatal(outcomes[0].Err)
		}
		change = store.DraftChange{Draft: outcomes[0].Draft}
		if lines(t, db, "SELECT CASE WHEN pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn() THEN 'before' ELSE 'after' END")[0] == "before" {
			before++
		}
	}
	if before > 4 {
		t.Errorf("%d of 20 drafts were not on the disk when their transaction returned", before)
	}
}

// TestAFullFileIsSaidAndTheServiceGoesOnWhenThereIsRoom limits the file, which is
// what SQLite also says of a full disk.
func TestAFullFileIsSaidAndTheServiceGoesOnWhenThereIsRoom(t *testing.T) {
	config := storetest.SQLite(t)
	s := storetest.Open(t, config)
	f := storetest.OpenWave(t, s)
	if err := s.LimitPages(t.Context(), 1); err != nil { // no page more than there are
		t.Fatal(err)
	}
	var batch []survey.Submission
	for n := range 60 {
		batch = append(batch, f.Submission(n))
	}
	says := func(err error) {
		t.Helper()
		wantKind(t, err, survey.Unavailable)
		if err == nil || !strings.Contains(err.Error(), "disk of the database file is full") {
			t.Errorf("error is %v", err)
		}
	}
	_, err := s.SubmitBatch(t.Context(), batch)
	says(err)
	_, err = s.KeepDrafts(t.Context(), []store.DraftChange{{Start: true, Resume: auth.HashToken("a"), Draft: survey.Draft{WaveID: f.Wave.ID,
		OrganizationID: f.Organization.ID, Answers: longAnswers(f, 60_000)}}})
	says(err)
	if err := s.LimitPages(t.Context(), 1_000_000); err != nil {
		t.Fatal(err)
	}
	for n, o := range must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch)) {
		if o.Err != nil || o.Receipt.Again {
			t.Errorf("submission %d: %+v", n, o)
		}
	}
	if level := must[int](t)(s.Synchronous(t.Context())); level != 2 {
		t.Errorf("synchronous is %d", level)
	}
}

func longAnswers(f storetest.Fieldwork, length int) survey.Answers {
	answers := f.Answers(1)
	for _, field := range f.Instrument.Fields() {
		if field.Kind == survey.LongText {
			answers[field.Index] = survey.Answer{State: survey.Valid, Text: strings.Repeat("long ", length/5)}
		}
	}
	return answers
}

// TestAConnectionThatGoesSilentCostsSeconds puts a proxy in between that takes
// bytes and passes nothing on.
func TestAConnectionThatGoesSilentCostsSeconds(t *testing.T) {
	config := storetest.Postgres(t)
	address := must[*url.URL](t)(url.Parse(config.URL))
	var silent atomic.Bool
	socket := proxy(t, filepath.Join(address.Query().Get("host"), ".s.PGSQL.5432"), &silent)
	config.URL = strings.Replace(config.URL, url.QueryEscape(address.Query().Get("host")), url.QueryEscape(filepath.Dir(socket)), 1)
	config.URL = strings.Replace(config.URL, address.Query().Get("host"), filepath.Dir(socket), 1)
	s := storetest.Open(t, config)
	f := storetest.OpenWave(t, s)
	if o := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1)})); o[0].Err != nil {
		t.Fatal(o[0].Err)
	}
	silent.Store(true)
	began := time.Now()
	_, err := s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(2)})
	wantKind(t, err, survey.Unavailable)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the silence lasted %v", took)
	}
	silent.Store(false)
	for range 3 {
		if o, err := s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(2)}); err != nil || o[0].Err != nil {
			t.Errorf("afterwards: %v, %+v", err, o)
		}
	}
}

// proxy passes connections on, and swallows what connections bring while silent;
// a connection that was swallowed from stays silent.
func proxy(t *testing.T, to string, silent *atomic.Bool) string {
	socket := filepath.Join(t.TempDir(), filepath.Base(to))
	listener := must[net.Listener](t)(net.Listen("unix", socket))
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", to)
			if err != nil {
				_ = client.Close()
				return
			}
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
			go func() { _, _ = io.Copy(&mouth{server, silent, false}, client); _ = server.Close() }()
		}
	}()
	return socket
}

type mouth struct {
	net.Conn
	silent  *atomic.Bool
	swallow bool
}

func (m *mouth) Write(p []byte) (int, error) {
	if m.swallow = m.swallow || m.silent.Load(); m.swallow {
		return len(p), nil
	}
	return m.Conn.Write(p)
}

// TestTwoReplicasTakeRetriesOfTheSameKeys has each submission come to both, at the
// same time and again.
func TestTwoReplicasTakeRetriesOfTheSameKeys(t *testing.T) {
	config := storetest.Postgres(t)
	replicas := [2]*store.Store{storetest.Open(t, config), storetest.Open(t, config)}
	f := storetest.OpenWave(t, replicas[0])
	const people, size = 120, 10
	var receipts sync.Map
	var wg sync.WaitGroup
	for _, s := range replicas {
		for range 2 {
			wg.Go(func() {
				for from := 0; from < people; from += size {
					var batch []survey.Submission
					for n := from; n < from+size; n++ {
						batch = append(batch, f.Submission(n))
					}
					outcomes, err := s.SubmitBatch(t.Context(), batch)
					if err != nil {
						t.Error(err)
						return
					}
					for i, o := range outcomes {
						code, _ := receipts.LoadOrStore(from+i, o.Receipt.Code)
						if o.Err != nil || code != o.Receipt.Code {
							t.Errorf("submission %d: receipt %s and %s, %v", from+i, code, o.Receipt.Code, o.Err)
						}
					}
				}
			})
		}
	}
	wg.Wait()
	if all := collect(t, replicas[1], f.Wave.ID); len(all) != people {
		t.Errorf("%d responses of %d people", len(all), people)
	}
	if edition := must[store.Edition](t)(replicas[0].CountResponses(t.Context(), f.Wave.ID)); edition.Position != people {
		t.Errorf("position %d", edition.Position)
	}
}
