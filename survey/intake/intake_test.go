package intake_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// patience is what a crowd on a slow machine needs, watched by the race detector.
const patience = time.Minute

// keeper stands between intake and a real store, to make it slow or broken.
type keeper struct {
	*store.Store
	submit func(ctx context.Context, submissions []*store.Prepared) ([]store.Outcome, error)
}

func (k keeper) SubmitPrepared(ctx context.Context, submissions []*store.Prepared) ([]store.Outcome, error) {
	return k.submit(ctx, submissions)
}

func drain(t *testing.T, in *intake.Intake) {
	t.Helper()
	if err := in.Drain(context.Background()); err != nil {
		t.Errorf("drain: %v", err)
	}
}

func responses(t *testing.T, s *store.Store, f storetest.Fieldwork) map[survey.ResponseID]*survey.Response {
	t.Helper()
	all := map[survey.ResponseID]*survey.Response{}
	err := s.EachResponse(t.Context(), f.Wave.ID, func(r *survey.Response) error { all[r.ID] = r; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestManyAtOnceEachGetOneReceiptForOneResponse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		in := intake.New(s, intake.Options{Patience: patience, Batch: 50, Logger: quiet})
		var heard atomic.Int64
		in.OnCommitted(func(wave survey.WaveID, kept int) {
			if wave != f.Wave.ID || kept <= 0 {
				t.Errorf("%d responses of wave %s were announced", kept, wave)
			}
			heard.Add(int64(kept))
		})
		const people, clicks = 200, 3
		var receipts [people][clicks]survey.Receipt
		var wg sync.WaitGroup
		for n := range people {
			for click := range clicks {
				wg.Go(func() {
					receipt, err := in.Submit(t.Context(), f.Submission(n))
					if err != nil {
						t.Errorf("submission %d: %v", n, err)
					}
					receipts[n][click] = receipt
				})
			}
		}
		wg.Wait()
		drain(t, in)
		kept := responses(t, s, f)
		if len(kept) != people || heard.Load() != people {
			t.Errorf("%d responses of %d people, %d announced", len(kept), people, heard.Load())
		}
		for n, clicked := range receipts {
			first := 0
			for _, r := range clicked {
				if r.Code == "" || r.Code != clicked[0].Code || r.ResponseID != clicked[0].ResponseID {
					t.Errorf("person %d got receipts %+v", n, clicked)
				}
				if !r.Again {
					first++
				}
			}
			response := kept[clicked[0].ResponseID]
			if first != 1 || response == nil || !reflect.DeepEqual(response.Answers, f.Answers(n)) {
				t.Errorf("person %d: %d first receipts, kept %+v", n, first, response)
			}
		}
	})
}

func TestAPoisonedSubmissionFailsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		for name, refuse := range map[string]func([]*store.Prepared) error{
			"refused by the store": func([]*store.Prepared) error { return nil },
			"fails its whole batch": func(submissions []*store.Prepared) error {
				for _, sub := range submissions {
					if sub.Submission().Response.Role == "poison" {
						return survey.Errorf(survey.Internal, "the database refused an operation")
					}
				}
				return nil
			},
		} {
			t.Run(name, func(t *testing.T) {
				entered, release := make(chan struct{}, 1), make(chan struct{})
				in := intake.New(keeper{s, func(ctx context.Context, submissions []*store.Prepared) ([]store.Outcome, error) {
					select {
					case entered <- struct{}{}:
						<-release // the rest gathers behind the first transaction
					default:
					}
					if err := refuse(submissions); err != nil {
						return nil, err
					}
					return s.SubmitPrepared(ctx, submissions)
				}}, intake.Options{Patience: patience, Logger: quiet})
				var wg sync.WaitGroup
				submit := func(sub survey.Submission, bad bool) {
					wg.Go(func() {
						if _, err := in.Submit(t.Context(), sub); (err != nil) != bad {
							t.Errorf("%s: %v", sub.Key, err)
						}
					})
				}
				submit(f.Submission(0), false)
				<-entered
				for n := range 20 {
					sub := f.Submission(n)
					sub.Key = name + sub.Key
					if n == 7 {
						sub.Response.Role, sub.InvitationID = "poison", survey.InvitationID(store.NewResponseID())
					}
					submit(sub, n == 7)
				}
				close(release)
				wg.Wait()
				drain(t, in)
			})
		}
		if n := len(responses(t, s, f)); n != 1+2*19 {
			t.Errorf("%d responses, expected %d", n, 1+2*19)
		}
	})
}

func TestABrokenConnectionIsTriedAgainAndNothingIsDoubled(t *testing.T) {
	lost := &survey.Error{Kind: survey.Unavailable, Message: "the connection to the database is lost", Err: errors.New("reset")}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		var calls atomic.Int64
		in := intake.New(keeper{s, func(ctx context.Context, submissions []*store.Prepared) ([]store.Outcome, error) {
			switch calls.Add(1) % 3 {
			case 1: // before anything happened
				return nil, lost
			case 2: // after the commit, before the answer
				if _, err := s.SubmitPrepared(ctx, submissions); err != nil {
					return nil, err
				}
				return nil, lost
			}
			return s.SubmitPrepared(ctx, submissions)
		}}, intake.Options{Patience: patience, Pause: time.Millisecond, Batch: 8, Logger: quiet})
		var wg sync.WaitGroup
		for n := range 60 {
			wg.Go(func() {
				receipt, err := in.Submit(t.Context(), f.Submission(n))
				if err != nil || receipt.Again {
					t.Errorf("submission %d: %+v, %v", n, receipt, err)
				}
			})
		}
		wg.Wait()
		drain(t, in)
		if n := len(responses(t, s, f)); n != 60 {
			t.Errorf("%d responses", n)
		}
	})
}

func TestConnectionsThatAreCutLoseAndDoubleNothing(t *testing.T) {
	config := storetest.Postgres(t)
	s := storetest.Open(t, config)
	f := storetest.OpenWave(t, s)
	knife, err := sql.Open("pgx", config.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = knife.Close() })
	calls := 0
	in := intake.New(keeper{s, func(ctx context.Context, submissions []*store.Prepared) ([]store.Outcome, error) {
		var cutting sync.WaitGroup
		defer cutting.Wait()
		if calls++; calls%2 == 0 { // beside every second transaction, at whatever moment it is
			cutting.Go(func() {
				if _, err := knife.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
					t.Error(err)
				}
			})
		}
		return s.SubmitPrepared(ctx, submissions)
	}}, intake.Options{Patience: patience, Batch: 10, Pause: time.Millisecond, Logger: quiet})
	var receipts sync.Map
	var wg sync.WaitGroup
	for n := range 400 {
		wg.Go(func() {
			receipt, err := in.Submit(t.Context(), f.Submission(n))
			for err != nil && survey.KindOf(err) == survey.Unavailable {
				receipt, err = in.Submit(t.Context(), f.Submission(n))
			}
			if err != nil {
				t.Errorf("submission %d: %v", n, err)
			}
			receipts.Store(receipt.ResponseID, n)
		})
	}
	wg.Wait()
	drain(t, in)
	kept := responses(t, s, f)
	for id, response := range kept {
		n, ok := receipts.Load(id)
		if !ok || !reflect.DeepEqual(response.Answers, f.Answers(n.(int))) {
			t.Errorf("response %s of submission %v is not what was confirmed", id, n)
		}
	}
	if len(kept) != 400 {
		t.Errorf("%d responses", len(kept))
	}
}

func TestADatabaseThatStaysAwayIsSaidAndALaterSubmitWorks(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := storetest.OpenWave(t, s)
	var down atomic.Bool
	down.Store(true)
	in := intake.New(keeper{s, func(ctx context.Context, submissions []*store.Prepared) ([]store.Outcome, error) {
		if down.Load() {
			return nil, survey.Errorf(survey.Unavailable, "the connection to the database is lost")
		}
		return s.SubmitPrepared(ctx, submissions)
	}}, intake.Options{Patience: patience, Attempts: 3, Pause: time.Millisecond, Logger: quiet})
	_, err := in.Submit(t.Context(), f.Submission(1))
	if survey.KindOf(err) != survey.Unavailable || err == nil {
		t.Errorf("error is %v", err)
	}
	down.Store(false)
	if _, err := in.Submit(t.Context(), f.Submission(1)); err != nil {
		t.Error(err)
	}
	drain(t, in)
}

// held is a store whose first transaction waits until release is closed.
func held(s *store.Store) (k keeper, entered, release chan struct{}, batches *[][]*store.Prepared) {
	entered, release, batches = make(chan struct{}), make(chan struct{}), new([][]*store.Prepared)
	return keeper{s, func(ctx context.Context, submissions []*store.Prepared) ([]store.Outcome, error) {
		*batches = append(*batches, submissions)
		if len(*batches) == 1 {
			close(entered)
			<-release
		}
		return s.SubmitPrepared(ctx, submissions)
	}}, entered, release, batches
}

func TestWhatArrivesDuringACommitSharesTheNextOneFairly(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := storetest.OpenWave(t, s)
	small, err := s.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "small", Name: "Small"})
	if err != nil {
		t.Fatal(err)
	}
	k, entered, release, batches := held(s)
	in := intake.New(k, intake.Options{Patience: patience, Batch: 10, Queue: 80, Logger: quiet})
	first := make(chan error, 1)
	go func() {
		_, err := in.Submit(t.Context(), f.Submission(0))
		first <- err
	}()
	<-entered
	// Who has gone away already stays in the queue, which makes the order certain.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for n := 1; n <= 40; n++ { // half of the queue
		if _, err := in.Submit(gone, f.Submission(n)); !errors.Is(err, context.Canceled) {
			t.Errorf("submission %d: %v", n, err)
		}
	}
	if _, err := in.Submit(gone, f.Submission(41)); survey.KindOf(err) != survey.Unavailable || errors.Is(err, context.Canceled) {
		t.Errorf("the one too many got %v", err)
	}
	sub := f.Submission(1000)
	sub.Response.OrganizationID = small.ID
	if _, err := s.Prepare(t.Context(), sub); err != nil { // so that the organization is known
		t.Fatal(err)
	}
	if _, err := in.Submit(gone, sub); !errors.Is(err, context.Canceled) {
		t.Errorf("the small organization is locked out: %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	drain(t, in)
	second := (*batches)[1]
	if len(*batches) != 6 || len(second) != 10 {
		t.Errorf("%d transactions, the second with %d submissions", len(*batches), len(second))
	}
	if !containsOrganization(second, small.ID) {
		t.Error("the one submission of the small organization waits behind the many of the large one")
	}
	if n := len(responses(t, s, f)); n != 42 {
		t.Errorf("%d responses", n)
	}
}

func containsOrganization(submissions []*store.Prepared, id survey.OrganizationID) bool {
	for _, sub := range submissions {
		if sub.Submission().Response.OrganizationID == id {
			return true
		}
	}
	return false
}

func TestASubmissionWhoseBrowserWentAwayIsKept(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := storetest.OpenWave(t, s)
	k, entered, release, _ := held(s)
	in := intake.New(k, intake.Options{Patience: patience, Logger: quiet})
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := in.Submit(ctx, f.Submission(1))
		result <- err
	}()
	<-entered
	cancel()
	if err := <-result; survey.KindOf(err) != survey.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	close(release)
	drain(t, in)
	if n := len(responses(t, s, f)); n != 1 {
		t.Errorf("%d responses", n)
	}
}

func TestDrainFinishesWhatWaitsAndTakesNothingNew(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := storetest.OpenWave(t, s)
	k, entered, release, _ := held(s)
	in := intake.New(k, intake.Options{Patience: patience, Batch: 4, Logger: quiet})
	var told atomic.Int64
	in.OnCommitted(func(_ survey.WaveID, kept int) { told.Add(int64(kept)) })
	var wg sync.WaitGroup
	for n := range 15 {
		wg.Go(func() {
			if _, err := in.Submit(t.Context(), f.Submission(n)); err != nil && survey.KindOf(err) != survey.Unavailable {
				t.Errorf("submission %d: %v", n, err)
			}
		})
	}
	<-entered
	drained := make(chan error, 1)
	go func() { drained <- in.Drain(t.Context()) }()
	for refused := false; !refused; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, err := in.Submit(ctx, f.Submission(0))
		cancel()
		refused = !errors.Is(err, context.DeadlineExceeded)
		if refused && survey.KindOf(err) != survey.Unavailable {
			t.Errorf("a submission during the drain got %v", err)
		}
	}
	close(release)
	if err := <-drained; err != nil {
		t.Error(err)
	}
	wg.Wait()
	if n := len(responses(t, s, f)); int64(n) != told.Load() || n == 0 {
		t.Errorf("%d responses, %d announced", n, told.Load())
	}
}

func TestDrainGivesUpWhenItsTimeIsOver(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := storetest.OpenWave(t, s)
	entered := make(chan struct{}, 10)
	in := intake.New(keeper{s, func(ctx context.Context, _ []*store.Prepared) ([]store.Outcome, error) {
		entered <- struct{}{}
		<-ctx.Done()
		return nil, &survey.Error{Kind: survey.Unavailable, Message: "the database did not answer in time", Err: ctx.Err()}
	}}, intake.Options{Patience: patience, Logger: quiet})
	result := make(chan error, 1)
	go func() {
		_, err := in.Submit(t.Context(), f.Submission(1))
		result <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := in.Drain(ctx); survey.KindOf(err) != survey.Unavailable || err == nil {
		t.Errorf("drain: %v", err)
	}
	if err := <-result; survey.KindOf(err) != survey.Unavailable || err == nil {
		t.Errorf("the submitter got %v", err)
	}
}

func TestErrorsOfTheStoreReachTheSubmitterWithTheReceipt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		in := intake.New(s, intake.Options{Patience: patience, Logger: quiet})
		first, err := in.Submit(t.Context(), f.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		other := f.Submission(1)
		other.Digest[0]++
		receipt, err := in.Submit(t.Context(), other)
		if survey.KindOf(err) != survey.Conflict || err == nil || receipt.Code != first.Code {
			t.Errorf("other answers under the key: %+v, %v", receipt, err)
		}
		if _, err := s.CloseWave(t.Context(), f.Wave.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Submit(t.Context(), f.Submission(2)); survey.KindOf(err) != survey.Closed || err == nil {
			t.Errorf("after the end of the wave: %v", err)
		}
		drain(t, in)
	})
}
