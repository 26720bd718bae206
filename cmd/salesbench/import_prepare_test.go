package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPreparedDocumentsImportTheirFile(t *testing.T) {
	t.Chdir(t.TempDir())
	var rows strings.Builder
	rows.WriteString("team;a1;a2;comment\n")
	for i := range 60 {
		rows.WriteString([]string{"North", "South", "East"}[i%3] + ";" + string(rune('0'+i%5)) + ";4;fine\n")
	}
	if err := os.WriteFile("answers.csv", []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	prepared := command(t, nil, "import", "prepare", "answers.csv", "--group", "team", "--items", "a*", "--scale", "0:4")
	if prepared.code != exitOK {
		t.Fatal(prepared.err)
	}
	args := []string{"import", "responses", "answers.csv", "--wave", "own", "--mapping", "answers-mapping.json",
		"--instrument", "answers-instrument.json", "--data", filepath.Join(t.TempDir(), "data")}
	if got := command(t, nil, append(args, "--commit")...); got.code != exitOK || !strings.Contains(got.out, "60 can be taken, 0 refused") {
		t.Errorf("code %d, %s%s", got.code, got.out, got.err)
	}
	again := command(t, nil, "import", "prepare", "answers.csv", "--group", "team", "--items", "a*", "--scale", "0:4")
	if again.code != exitFailure || !strings.Contains(again.err, "exists") {
		t.Errorf("documents that exist: code %d, %s", again.code, again.err)
	}
}

func TestPrepareWantsToKnowWhatTheFileHolds(t *testing.T) {
	for _, args := range [][]string{
		{"import", "prepare", "x.csv", "--group", "g", "--items", "a"},
		{"import", "prepare", "x.csv", "--group", "g", "--items", "a", "--scale", "1:5", "--share", "percent"},
		{"import", "prepare", "x.csv", "--group", "g", "--items", "a", "--scale", "five"},
		{"import", "prepare", "x.csv", "--group", "g", "--items", "a", "--scale", "1:5", "--key", "Not A Key"},
	} {
		if got := command(t, nil, args...); got.code != exitUsage {
			t.Errorf("%v: code %d, %s", args, got.code, got.err)
		}
	}
}
