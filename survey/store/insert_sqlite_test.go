package store_test

import (
	"path/filepath"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestResponsesAreAddedOnWhicheverConnectionWrites(t *testing.T) {
	config := storetest.SQLite(t)
	s := must[*store.Store](t)(store.Open(t.Context(), config))
	f := storetest.OpenWave(t, s)
	for n := range 3 {
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(2 * n), f.Submission(2*n + 1)}))
		for _, o := range outcomes {
			if o.Err != nil || o.Receipt.Again {
				t.Errorf("after %d new connections: %+v", n, o)
			}
		}
		if err := s.DropWriter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	closesTheFile(t, s, config)
}

func TestClosingAServiceClosesTheFileAfterResponsesWereAdded(t *testing.T) {
	config := storetest.SQLite(t)
	config.Serves = true
	s := must[*store.Store](t)(store.Open(t.Context(), config))
	f := storetest.OpenWave(t, s)
	if outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(0)})); outcomes[0].Err != nil {
		t.Fatal(outcomes[0].Err)
	}
	closesTheFile(t, s, config)
}

// closesTheFile sees an open connection by the log that it keeps.
func closesTheFile(t *testing.T, s *store.Store, config store.Config) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(config.Path + "-*"); err != nil || len(left) > 0 {
		t.Errorf("closing the store left %v: a connection is open still (%v)", left, err)
	}
}
