package store_test

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

const (
	oneWave   = "01920000-0000-7000-8000-00000000000a"
	otherWave = "01920000-0000-7000-8000-00000000000b"
)

// TestAMarkIsOfOneKeyInOneWave: the expected bytes are of hashlib (Python 3.11): SHA-256 of
// the 16 bytes of the wave's id and the key.
func TestAMarkIsOfOneKeyInOneWave(t *testing.T) {
	mark := store.MarkOf(oneWave, "käse")
	if got := hex.EncodeToString(mark); got != "47e39a999d6bfc62e5ae0f9543a23d" {
		t.Errorf("the mark is %s", got)
	}
	if !bytes.Equal(mark, store.MarkOf(survey.WaveID(strings.ToUpper(oneWave)), "käse")) {
		t.Error("another spelling of the same wave has another mark")
	}
	for name, other := range map[string][]byte{"another wave": store.MarkOf(otherWave, "käse"), "another key": store.MarkOf(oneWave, "Käse"),
		"the longest key": store.MarkOf(oneWave, strings.Repeat("k", 200))} {
		if bytes.Equal(mark, other) || len(other) != len(mark) {
			t.Errorf("%s has the mark %x", name, other)
		}
	}
}

// addOld adds a response to a database of schema version 15.
func addOld(t *testing.T, db *sql.DB, wave string, position int, key string) {
	t.Helper()
	literal := "x'%x'"
	if fmt.Sprintf("%T", db.Driver()) != "*sqlite.Driver" {
		literal = `'\x%x'::bytea`
	}
	_, err := db.Exec(fmt.Sprintf(`INSERT INTO responses (wave_id, id, position, organization_id, role, language, closed, numbers, texts, weight, started_at, submitted_at,
		submission_key, submission_digest, receipt_code) VALUES ('%s', '01920000-0000-7000-8000-%012d', %d, '%s', 'seller', 'en', '123', '[]', '{}', 1.5,
		'2026-01-02 03:04:05', '2026-01-02 03:04:06', '%s', `+literal+`, 'R%d')`, wave, position, position, otherWave, key, bytes.Repeat([]byte{7}, 32), position))
	if err != nil {
		t.Fatal(err)
	}
}

func TestResponsesFromBeforeGetTheMarksOfTheirKeys(t *testing.T) {
	eachEmpty(t, func(t *testing.T, config store.Config) {
		if err := store.MigrateTo(t.Context(), config, 15); err != nil {
			t.Fatal(err)
		}
		db := open(t, config)
		keys := []string{"plain", "käse ☃", "back\\slash \\x41", strings.Repeat("k", 200), oneWave}
		for i, key := range keys {
			addOld(t, db, oneWave, i+1, key)
		}
		addOld(t, db, otherWave, 1, "plain")
		kept := `SELECT CAST(wave_id AS text) || ' ' || position || ' ' || CAST(id AS text) || submission_key || closed || weight || receipt_code || started_at || submitted_at FROM responses ORDER BY wave_id, position`
		before := lines(t, db, kept)
		must[[]string](t)(store.MigrateUp(t.Context(), config))
		if after := lines(t, db, kept); strings.Join(after, "\n") != strings.Join(before, "\n") || len(after) != len(keys)+1 {
			t.Errorf("before\n%q\nafter\n%q", before, after)
		}
		encoded := "SELECT lower(hex(submission_mark)) FROM responses ORDER BY wave_id, position"
		if config.URL != "" {
			encoded = "SELECT encode(submission_mark, 'hex') FROM responses ORDER BY wave_id, position"
		}
		marks := lines(t, db, encoded)
		for i, key := range keys {
			if want := hex.EncodeToString(store.MarkOf(oneWave, key)); marks[i] != want {
				t.Errorf("key %q has the mark %s, not %s", key, marks[i], want)
			}
		}
		storetest.Open(t, config)
	})
}

// TestTwoKeysWithOneMarkAreNeverTakenForOne makes by hand what nobody can make by a hash.
func TestTwoKeysWithOneMarkAreNeverTakenForOne(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		first := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1)}))[0].Receipt
		next := f.Submission(2)
		change := "UPDATE responses SET submission_mark = x'%x'"
		if config.URL != "" {
			change = `UPDATE responses SET submission_mark = '\x%x'::bytea`
		}
		if _, err := open(t, config).Exec(fmt.Sprintf(change, store.MarkOf(f.Wave.ID, next.Key))); err != nil {
			t.Fatal(err)
		}
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{next, f.Submission(3)}))
		wantKind(t, outcomes[0].Err, survey.Conflict)
		if outcomes[0].Receipt.Code != "" || outcomes[1].Err != nil || outcomes[1].Receipt.Code == "" {
			t.Errorf("outcomes %+v", outcomes)
		}
		_, err := s.ResponseByKey(t.Context(), f.Wave.ID, next.Key)
		wantKind(t, err, survey.NotFound)
		if n := lines(t, open(t, config), "SELECT receipt_code FROM responses ORDER BY position"); len(n) != 2 || n[0] != first.Code {
			t.Errorf("the database holds %q", n)
		}
	})
}
