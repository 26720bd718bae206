package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// TestABackupOnTheOtherDatabaseHasTheSameResultsByteForByte goes from each database
// to each.
func TestABackupOnTheOtherDatabaseHasTheSameResultsByteForByte(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		must(t, with(place, "migrate", "up")...)
		must(t, with(place, importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "course", "--commit")...)...)
		prepare(t, place)
		commands := [][]string{
			{"benchmark", "--wave", "course", "--json"}, {"benchmark", "--wave", "course", "--org", collected(t, place, "course")[1][1], "--json"},
			{"export", "--wave", "course", "--out", "-"}, {"wave", "list", "--json"}, {"wave", "show", "autumn", "--json"},
		}
		file := filepath.Join(t.TempDir(), "backup.zip")
		if got := must(t, with(place, "backup", file)...); !strings.Contains(got, "rows of") {
			t.Errorf("%q", got)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is for others to read: %v, %v", info, err)
		}
		if got := command(t, nil, with(place, "backup", file)...); got.code != exitFailure || !strings.Contains(got.err, "is not overwritten") {
			t.Errorf("%d, %q", got.code, got.err)
		}
		for name, target := range map[string][]string{"SQLite": {"--data", filepath.Join(t.TempDir(), "new")}, "PostgreSQL": {"--database", storetest.EmptyPostgresURL(t)}} {
			var manifest store.BackupManifest
			if err := json.Unmarshal([]byte(must(t, with(target, "restore", file, "--json")...)), &manifest); err != nil || len(manifest.Tables) < 30 {
				t.Fatalf("%v, %+v", err, manifest)
			}
			for _, args := range commands {
				before, after := command(t, nil, with(place, args...)...), command(t, nil, with(target, args...)...)
				if before.code != after.code || before.out != after.out || before.out == "" {
					t.Errorf("%v on %s: %d and %d bytes, %s %s", args, name, len(before.out), len(after.out), before.err, after.err)
				}
			}
			if got := command(t, nil, with(target, "restore", file)...); got.code != exitFailure || !strings.Contains(got.err, "is not empty") {
				t.Errorf("a second time: %d, %q", got.code, got.err)
			}
		}
	})
}

func TestABackupThatIsDamagedMakesNoDatabase(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	name := filepath.Join(t.TempDir(), "backup.zip")
	must(t, with(place, "backup", name)...)
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, damaged := range map[string][]byte{"half": content[:len(content)/2], "empty": nil, "another": []byte("hello")} {
		target := filepath.Join(t.TempDir(), "new")
		got := command(t, nil, "restore", file(t, what+".zip", string(damaged)), "--data", target)
		if got.code != exitFailure || !strings.Contains(got.err, "no backup") {
			t.Errorf("%s: %d, %q", what, got.code, got.err)
		}
		if _, err := os.Stat(target); err == nil {
			t.Errorf("%s: a folder was made", what)
		}
	}
	if got := command(t, nil, "restore", filepath.Join(t.TempDir(), "absent.zip")); got.code != exitFailure {
		t.Errorf("%d, %q", got.code, got.err)
	}
}
