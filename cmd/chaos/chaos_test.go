package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/cmd/internal/ledger"
	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// TestNothingIsLostOrDoubledOnSQLiteAndPostgreSQL performs every scenario in its
// short form; make chaos performs the long one. SALESBENCH_LONG=1 builds the server
// with the race detector where the test has it; that makes its many starts slow.
func TestNothingIsLostOrDoubledOnSQLiteAndPostgreSQL(t *testing.T) {
	r, err := rig.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	var out bytes.Buffer
	s := &stage{rig: r, race: raceDetector && os.Getenv("SALESBENCH_LONG") == "1", out: &out, ledger: t.TempDir()}
	if s.binary, err = s.build(); err != nil {
		t.Fatal(err)
	}
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			out.Reset()
			before := len(s.results)
			err := s.performOne(t.Context(), sc)
			leaveOut(t, err)
			if err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			if len(s.results) == before {
				t.Fatal("nothing was compared")
			}
			for _, result := range s.results[before:] {
				if c := result.Comparison; c.Acknowledged == 0 || c.Rows != c.Acknowledged+c.Unconfirmed {
					t.Errorf("%s: %s", result.Database, c.Sentence())
				}
			}
		})
	}
	compareByHand(t, s)
}

// leaveOut ends a test that can not be performed here: a program is not installed,
// or the account may not mount the small disks. Where everything is required that
// is a failure of the test.
func leaveOut(t *testing.T, err error) {
	t.Helper()
	here := errors.Is(err, rig.ErrNotAllowed) || errors.Is(err, rig.ErrNotInstalled)
	if here && os.Getenv("SALESBENCH_REQUIRE_ALL") != "1" {
		t.Skipf("this mishap can not be made to happen here: %v", err)
	}
}

// compareByHand does with the written files what somebody else's script would do.
func compareByHand(t *testing.T, s *stage) {
	t.Helper()
	books, err := filepath.Glob(filepath.Join(s.ledger, "*-rows.csv"))
	if err != nil || len(books) != len(s.results) {
		t.Fatalf("%d files of rows for %d results: %v", len(books), len(s.results), err)
	}
	for _, path := range books {
		there := map[string]string{}
		for _, row := range table(t, path) {
			if there[row[0]] != "" {
				t.Errorf("%s: %s is there twice", filepath.Base(path), row[0])
			}
			there[row[0]] = row[1]
		}
		for _, row := range table(t, strings.TrimSuffix(path, "-rows.csv")+".csv") {
			if row[2] != "0" && (there[row[0]] == "" || row[3] != "" && there[row[0]] != row[3]) {
				t.Errorf("%s: %s has receipt %q in the ledger and %q in the database", filepath.Base(path), row[0], row[3], there[row[0]])
			}
		}
	}
}

// table reads a CSV file without its header.
func table(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatal(path, err)
	}
	return rows[1:]
}

func TestResultsAreWrittenAsATable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chaos.md")
	s := &stage{results: []*result{{Scenario: "kill", Database: "SQLite", Faults: "60 kills", Said: []string{"log: it came | back"},
		Comparison: &ledger.Comparison{Acknowledged: 7, Retried: 2, Lost: []string{"key"}}}}}
	if err := s.write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| kill | SQLite | 60 kills | 7 | 2 | 1 | 0 | **no** | 0.0 s |", `- log: it came \| back`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestScenariosAreListedAndUnknownOnesRefused(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--list"}, &out); err != nil || strings.Count(out.String(), "\n") != len(scenarios) {
		t.Errorf("%v: %s", err, out.String())
	}
	if err := run(t.Context(), []string{"--scenario", "earthquake"}, &out); err == nil || !strings.Contains(err.Error(), "earthquake") {
		t.Errorf("%v", err)
	}
}
