package store_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// serving opens an SQLite file as a service does.
func serving(t *testing.T) (*store.Store, store.Config) {
	t.Helper()
	config := storetest.SQLite(t)
	config.Serves = true
	return storetest.Open(t, config), config
}

// keepMany submits n responses, the first of them number from.
func keepMany(t *testing.T, s *store.Store, f storetest.Fieldwork, from, n int) {
	t.Helper()
	submissions := make([]survey.Submission, n)
	for i := range submissions {
		submissions[i] = f.Submission(from + i)
	}
	for _, o := range must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), submissions)) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
	}
}

// inFileAlone counts the responses in a copy of the file without its log.
func inFileAlone(t *testing.T, config store.Config) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(copied, must[[]byte](t)(os.ReadFile(config.Path)), 0o600); err != nil {
		t.Fatal(err)
	}
	return lines(t, open(t, store.Config{Path: copied}), "SELECT count(*) FROM responses")[0]
}

func logSize(t *testing.T, config store.Config) int64 {
	t.Helper()
	return must[os.FileInfo](t)(os.Stat(config.Path + "-wal")).Size()
}

func TestTheLogIsBroughtIntoTheFileAndBeginsAnew(t *testing.T) {
	s, config := serving(t)
	f := storetest.OpenWave(t, s)
	keepMany(t, s, f, 0, 50)
	s.Checkpoint(t.Context())
	if n := inFileAlone(t, config); n != "50" {
		t.Errorf("the file has %s responses without its log", n)
	}
	size := logSize(t, config)
	for i := range 20 {
		keepMany(t, s, f, 50+50*i, 50)
		s.Checkpoint(t.Context())
	}
	if now := logSize(t, config); now > 2*size {
		t.Errorf("the log has grown from %d to %d bytes", size, now)
	}
}

func TestWhatAReaderHoldsBackStaysInTheLog(t *testing.T) {
	s, config := serving(t)
	f := storetest.OpenWave(t, s)
	keepMany(t, s, f, 0, 10)
	s.Checkpoint(t.Context())
	db := open(t, config)
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN"); err != nil {
		t.Fatal(err)
	}
	if n := lines(t, db, "SELECT count(*) FROM responses")[0]; n != "10" {
		t.Fatal(n)
	}
	keepMany(t, s, f, 10, 10)
	s.Checkpoint(t.Context())
	keepMany(t, s, f, 20, 10)
	if n := lines(t, db, "SELECT count(*) FROM responses")[0]; n != "10" {
		t.Errorf("the reader sees %s responses", n)
	}
	if n := len(collect(t, s, f.Wave.ID)); n != 30 {
		t.Errorf("others see %d", n)
	}
	if _, err := db.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	s.Checkpoint(t.Context())
	if n := inFileAlone(t, config); n != "30" {
		t.Errorf("the file has %s responses without its log", n)
	}
}

func TestCommitsGoOnWhileTheLogIsBroughtOver(t *testing.T) {
	s, config := serving(t)
	f := storetest.OpenWave(t, s)
	var wg sync.WaitGroup
	end := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
				s.Checkpoint(t.Context())
			}
		}
	})
	for i := range 150 {
		keepMany(t, s, f, 20*i, 20)
	}
	close(end)
	wg.Wait()
	if n := len(collect(t, s, f.Wave.ID)); n != 3000 {
		t.Errorf("%d responses", n)
	}
	s.Checkpoint(t.Context())
	keepMany(t, s, f, 3000, 1) // and the connection that writes brings over the rest
	if err := s.Intact(t.Context()); err != nil {
		t.Error(err)
	}
	config.Serves = false
	if n := len(collect(t, storetest.Open(t, config), f.Wave.ID)); n != 3001 {
		t.Errorf("%d responses for another program", n)
	}
}
