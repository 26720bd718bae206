package intake_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// slow is a store whose first look-ups and first transaction of drafts wait.
type slow struct {
	*store.Store
	entered chan struct{}
	release chan struct{}
	held    atomic.Int64
	hold    int64
	submits chan struct{} // has a token for each transaction of submissions that begins; may be nil
}

func (s *slow) wait() {
	if s.held.Add(1) <= s.hold {
		s.entered <- struct{}{}
		<-s.release
	}
}

func (s *slow) Entrances(ctx context.Context, hashes []auth.Hash) ([]store.Entrance, error) {
	s.wait()
	return s.Store.Entrances(ctx, hashes)
}

func (s *slow) SubmitPrepared(ctx context.Context, prepared []*store.Prepared) ([]store.Outcome, error) {
	if s.submits != nil {
		s.submits <- struct{}{}
	}
	return s.Store.SubmitPrepared(ctx, prepared)
}

func (s *slow) KeepDrafts(ctx context.Context, changes []store.DraftChange) ([]store.DraftOutcome, error) {
	s.wait()
	return s.Store.KeepDrafts(ctx, changes)
}

// gone is the context of somebody who leaves at once: what they asked for stays
// in the queue, which makes the order certain.
func gone(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestLinksThatAreAskedForTogetherAreLookedUpTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		const workers = 2
		k := &slow{Store: s, entered: make(chan struct{}, workers), release: make(chan struct{}), hold: workers}
		in := intake.New(k, intake.Options{Patience: patience, Logger: quiet})
		var first sync.WaitGroup
		for range workers {
			first.Go(func() {
				if _, err := in.Enter(t.Context(), auth.HashToken("nobody's")); survey.KindOf(err) != survey.NotFound || err == nil {
					t.Errorf("an unknown link: %v", err)
				}
			})
			<-k.entered // else one worker could take both
		}
		invitation, token := f.Invite(t, s, "anna")
		for range 40 {
			if _, err := in.Enter(gone(t), auth.HashToken(token)); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		close(k.release)
		first.Wait()
		e, err := in.Enter(t.Context(), auth.HashToken(token))
		if err != nil || e.Invitation != invitation || e.Place.Organization != f.Organization {
			t.Errorf("entered %+v, %v", e, err)
		}
		drain(t, in)
		stats := in.Stats().Entrances
		if stats.Rows != 43 || stats.Batches > 5 || stats.Waiting != 0 || stats.Refused != 2 || stats.Accepted != 1 {
			t.Errorf("43 look-ups: %+v", stats)
		}
		if _, err := in.Enter(t.Context(), auth.HashToken(token)); survey.KindOf(err) != survey.Unavailable || err == nil {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestDraftsOfManyShareTransactionsAndEachGetsTheOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		in := intake.New(s, intake.Options{Patience: patience, Batch: 20, Logger: quiet})
		var wg sync.WaitGroup
		for n := range 60 {
			wg.Go(func() {
				draft, err := in.StartDraft(t.Context(), auth.HashToken(string(rune('a'+n))), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID})
				for page := range 3 {
					draft.Answers = f.Answers(n + page)
					if err == nil {
						draft, err = in.SaveDraft(t.Context(), auth.HashToken(string(rune('a'+n))), draft)
					}
				}
				if err != nil {
					t.Errorf("person %d: %v", n, err)
					return
				}
				if e, err := in.Enter(t.Context(), auth.HashToken(string(rune('a'+n)))); err != nil || e.Draft.Version != 4 || e.Draft.Answers[0] != f.Answers(n + 2)[0] {
					t.Errorf("person %d finds %+v, %v", n, e.Draft, err)
				}
				old := draft
				old.Version--
				if _, err := in.SaveDraft(t.Context(), auth.HashToken(string(rune('a'+n))), old); survey.KindOf(err) != survey.Conflict || err == nil {
					t.Errorf("an older tab of person %d: %v", n, err)
				}
			})
		}
		wg.Wait()
		drain(t, in)
		if stats := in.Stats().Drafts; stats.Rows != 60*5 || stats.Accepted != 60*4 || stats.Refused != 60 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestDraftsOfALargeOrganizationDoNotStandBeforeAllOthers(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := storetest.OpenWave(t, s)
	small, err := s.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "small", Name: "Small"})
	if err != nil {
		t.Fatal(err)
	}
	k := &slow{Store: s, entered: make(chan struct{}, 1), release: make(chan struct{}), hold: 1}
	in := intake.New(k, intake.Options{Patience: patience, Batch: 10, Queue: 80, Logger: quiet})
	begin := func(ctx context.Context, organization survey.OrganizationID) error {
		_, err := in.StartDraft(ctx, auth.HashToken(auth.NewToken()), survey.Draft{WaveID: f.Wave.ID, OrganizationID: organization})
		return err
	}
	var first sync.WaitGroup
	first.Go(func() {
		if err := begin(t.Context(), f.Organization.ID); err != nil {
			t.Error(err)
		}
	})
	<-k.entered
	for range 40 {
		if err := begin(gone(t), f.Organization.ID); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if err := begin(gone(t), f.Organization.ID); survey.KindOf(err) != survey.Unavailable || errors.Is(err, context.Canceled) {
		t.Errorf("the one too many: %v", err)
	}
	if err := begin(gone(t), small.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("the small organization is locked out: %v", err)
	}
	close(k.release)
	first.Wait()
	drain(t, in)
}

// TestWhileTheDatabaseIsAwayPeopleAreToldAtOnce needs an outage of more than the
// second in which nobody should notice it.
func TestWhileTheDatabaseIsAwayPeopleAreToldAtOnce(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := storetest.OpenWave(t, s)
	var down atomic.Bool
	down.Store(true)
	in := intake.New(keeper{s, func(ctx context.Context, prepared []*store.Prepared) ([]store.Outcome, error) {
		if down.Load() {
			return nil, survey.Errorf(survey.Unavailable, "the connection to the database is lost")
		}
		return s.SubmitPrepared(ctx, prepared)
	}}, intake.Options{Patience: patience, Logger: quiet})
	waiting := make(chan error, 1)
	go func() {
		_, err := in.Submit(t.Context(), f.Submission(1))
		waiting <- err
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for told := false; !told; <-tick.C {
		_, err := in.Submit(gone(t), f.Submission(2))
		told = survey.KindOf(err) == survey.Unavailable && !errors.Is(err, context.Canceled)
	}
	down.Store(false)
	if err := <-waiting; err != nil {
		t.Errorf("who waited through the outage: %v", err)
	}
	if _, err := in.Submit(t.Context(), f.Submission(3)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	drain(t, in)
	if stats := in.Stats().Submissions; stats.Retried == 0 || stats.Last == 0 || len(stats.Duration.Counts) != len(stats.Duration.Bounds)+1 {
		t.Errorf("%+v", stats)
	}
}

func TestWhatComesInDuringTheTurnOfDraftsIsSubmittedTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		const many = 5
		k := &slow{Store: s, entered: make(chan struct{}, 1), release: make(chan struct{}), hold: 1, submits: make(chan struct{}, many)}
		in := intake.New(k, intake.Options{Patience: patience, Logger: quiet})
		var first sync.WaitGroup
		first.Go(func() {
			draft := survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, Language: "en"}
			if _, err := in.StartDraft(t.Context(), auth.HashToken("a draft"), draft); err != nil {
				t.Error(err)
			}
		})
		<-k.entered
		if _, err := s.Prepare(t.Context(), f.Submission(0)); err != nil { // knows the wave from now on
			t.Fatal(err)
		}
		for n := range many {
			if _, err := in.Submit(gone(t), f.Submission(n)); !errors.Is(err, context.Canceled) {
				t.Errorf("submission %d: %v", n, err)
			}
		}
		soon := time.NewTimer(100 * time.Millisecond)
		defer soon.Stop()
		select {
		case <-k.submits:
			if s.OneWriter() {
				t.Error("submissions did not wait for their turn")
			}
		case <-soon.C: // nothing began
		}
		close(k.release)
		first.Wait()
		drain(t, in)
		stats := in.Stats().Submissions
		if stats.Rows != many || s.OneWriter() && stats.Batches != 1 {
			t.Errorf("%d submissions in %d transactions", stats.Rows, stats.Batches)
		}
		if n := len(responses(t, s, f)); n != many {
			t.Errorf("%d responses of %d", n, many)
		}
	})
}
