package store_test

import (
	"sync"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestTheStoreGoesOnAfterAllItsConnectionsWereCut(t *testing.T) {
	config := storetest.Postgres(t)
	s := storetest.Open(t, config)
	f := storetest.OpenWave(t, s)
	knife := open(t, config)
	for name, work := range map[string]func() error{
		"reading": func() error { return second(s.Studies(t.Context())) },
		"following": func() error {
			return s.EachResponse(t.Context(), f.Wave.ID, func(*survey.Response) error { return nil })
		},
		"writing":    func() error { return second(s.PutStudy(t.Context(), survey.Study{Key: "new", Title: "New"})) },
		"submitting": func() error { return second(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1)})) },
		"a ping":     func() error { return s.Ping(t.Context()) },
		"a check":    func() error { return s.WritableCheck(t.Context()) },
	} {
		var wg sync.WaitGroup
		for range 3 { // so that the pool has several connections to lose
			wg.Go(func() {
				if err := s.Ping(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if _, err := knife.Exec("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
			t.Fatal(err)
		}
		if err := work(); err != nil {
			t.Errorf("%s after the cut: %v", name, err)
		}
	}
	if e := must[store.Edition](t)(s.CountResponses(t.Context(), f.Wave.ID)); e.Responses != 1 {
		t.Errorf("%d responses", e.Responses)
	}
}
