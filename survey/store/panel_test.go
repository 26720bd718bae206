package store_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// TestAFollowerMissesNothingAndCountsNothingTwice has two replicas write at the
// same time while a third follows by position.
func TestAFollowerMissesNothingAndCountsNothingTwice(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		const replicas, batches, size = 3, 12, 5
		first := storetest.Open(t, config)
		f := storetest.OpenWave(t, first)
		follower := storetest.Open(t, config)
		var writers sync.WaitGroup
		for replica := range replicas {
			s := first
			if replica > 0 {
				s = storetest.Open(t, config)
			}
			writers.Go(func() {
				for batch := range batches {
					var submissions []survey.Submission
					for i := range size {
						// Every submission comes from two replicas.
						submissions = append(submissions, f.Submission(((replica%2)*batches+batch)*size+i))
					}
					outcomes, err := s.SubmitBatch(t.Context(), submissions)
					if err != nil {
						t.Error(err)
					}
					for _, o := range outcomes {
						if o.Err != nil {
							t.Error(o.Err)
						}
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { writers.Wait(); close(done) }()
		seen := map[survey.ResponseID]bool{}
		position := int64(0)
		follow := func() {
			before := int(position)
			next, err := follower.ResponsesAfter(t.Context(), f.Wave.ID, position, func(r *survey.Response) error {
				if seen[r.ID] {
					t.Errorf("response %s came twice", r.ID)
				}
				seen[r.ID] = true
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			position = next
			if len(seen) != int(position) {
				t.Errorf("%d responses up to position %d (from %d)", len(seen), position, before)
			}
		}
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			follow()
		}
		edition := must[store.Edition](t)(follower.CountResponses(t.Context(), f.Wave.ID))
		if want := 2 * batches * size; len(seen) != want || edition.Responses != want || edition.Position != position {
			t.Errorf("followed %d responses of %d, edition %+v", len(seen), want, edition)
		}
	})
}

func TestAReaderThatStopsIsAskedNoMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1), f.Submission(2), f.Submission(3)}))
		enough := errors.New("enough")
		calls := 0
		position, err := s.ResponsesAfter(t.Context(), f.Wave.ID, 0, func(*survey.Response) error {
			if calls++; calls == 2 {
				return enough
			}
			return nil
		})
		if err != enough || calls != 2 || position != 1 {
			t.Errorf("error %v after %d calls at position %d", err, calls, position)
		}
		must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(4)})) // the connection is free again
	})
}

// BenchmarkEachResponse reports how many responses a second the panel can read.
func BenchmarkEachResponse(b *testing.B) {
	for name, config := range map[string]func(testing.TB) store.Config{"SQLite": storetest.SQLite, "PostgreSQL": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := storetest.Open(b, config(b))
			f := storetest.OpenWave(b, s)
			if _, err := s.ImportResponses(b.Context(), f.Wave.ID, source(f, 20_000, nil), nil); err != nil {
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				if err := s.EachResponse(b.Context(), f.Wave.ID, func(*survey.Response) error { n++; return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "responses/s")
		})
	}
}
