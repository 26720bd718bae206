package store_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestADamagedInnerPageIsFoundAtTheStartOfAServiceAndByTheDoctor(t *testing.T) {
	config := storetest.SQLite(t)
	s := must[*store.Store](t)(store.Open(t.Context(), config))
	storetest.OpenWave(t, s)
	if err := s.Intact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := must[*os.File](t)(os.OpenFile(config.Path, os.O_RDWR, 0))
	must[int](t)(file.WriteAt(bytes.Repeat([]byte("garbage!"), 512), 2*4096))
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(t.Context(), config); err == nil {
		wantKind(t, s.Intact(t.Context()), survey.Unavailable)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	} else {
		wantKind(t, err, survey.Unavailable)
	}
	config.Serves = true
	_, err := store.Open(t.Context(), config)
	wantKind(t, err, survey.Unavailable)
	if err == nil || !strings.Contains(err.Error(), "restore it from a backup") || !strings.Contains(err.Error(), config.Path) {
		t.Errorf("the sentence is: %v", err)
	}
}
