package store_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestTheDatabaseFileIsForItsOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // rights are inherited from the folder there
	}
	config := storetest.SQLite(t)
	config.Path, config.Migrate = filepath.Join(t.TempDir(), "own.db"), true
	for range 2 {
		s := must[*store.Store](t)(store.Open(t.Context(), config))
		for _, end := range []string{"", "-wal", "-shm"} {
			if info := must[os.FileInfo](t)(os.Stat(config.Path + end)); info.Mode().Perm() != 0o600 {
				t.Errorf("the database file%s has mode %v", end, info.Mode())
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(config.Path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
