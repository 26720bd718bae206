package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
)

// collected is a demonstration's wave with its responses, as the export has them.
func collected(t *testing.T, place []string, wave string) [][]string {
	t.Helper()
	text := must(t, with(place, "export", "--wave", wave, "--values", "codes", "--out", "-")...)
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestResponsesAreFlaggedExcludedAndReadmittedFromTheCommandLine(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	must(t, with(place, importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "course", "--commit")...)...)
	var flagged []flaggedReport
	list := func() {
		t.Helper()
		flagged = nil
		if err := json.Unmarshal([]byte(must(t, with(place, "responses", "flags", "--wave", "course", "--json")...)), &flagged); err != nil {
			t.Fatal(err)
		}
	}
	list()
	if len(flagged) < 10 || flagged[0].Key == "" || len(flagged[0].Reasons) == 0 {
		t.Fatalf("%d flagged: %+v", len(flagged), flagged[:min(1, len(flagged))])
	}
	all := collected(t, place, "course")
	benchmarkText := func(more ...string) outcome {
		return command(t, nil, with(place, append([]string{"benchmark", "--wave", "course", "--json"}, more...)...)...)
	}
	before := benchmarkText()
	id := string(flagged[0].Response)
	if got := must(t, with(place, "responses", "exclude", id, "--wave", "course", "--reason", "careless")...); !strings.Contains(got, "left out of the results") {
		t.Errorf("%q", got)
	}
	without := benchmarkText()
	if without.out == before.out || without.code != exitOK {
		t.Error("an excluded response of imported data still counts")
	}
	if got := benchmarkText("--with-excluded"); got.code != exitFailure || !strings.Contains(got.err, "the difference would tell") {
		t.Errorf("one excluded response can be told from two results: %d, %s", got.code, got.err)
	}
	marked := collected(t, place, "course")
	excluded := 0
	for i, line := range marked[1:] {
		if line[8] != "" {
			excluded++
		}
		if line[0] == id && line[8] != "careless" || line[0] != all[i+1][0] {
			t.Fatalf("the export has %v", line[:9])
		}
	}
	if list(); excluded != 1 || flagged[0].Excluded != "careless" || flagged[0].By == "" {
		t.Errorf("%d are marked, the list says %+v", excluded, flagged[0])
	}
	args := []string{"responses", "exclude", "--wave", "course", "--reason", "other", "--words", "a trial"}
	for _, f := range flagged[1:10] {
		args = append(args, string(f.Response))
	}
	must(t, with(place, args...)...)
	if got := benchmarkText("--with-excluded"); got.code != exitOK || got.out != before.out {
		t.Errorf("with ten excluded ones counted the result is another: %d, %s", got.code, got.err)
	}
	must(t, with(place, "responses", "readmit", "--wave", "course", id)...)
	if got := must(t, with(place, "responses", "flags", "--wave", "course")...); !strings.Contains(got, "look careless") {
		t.Errorf("%.200s", got)
	}
}

func TestAWaveIsHeldAndReleasedFromTheCommandLine(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	must(t, with(place, "wave", "hold", "autumn")...)
	if got := command(t, nil, with(place, "wave", "release", "autumn")...); got.code != exitFailure || !strings.Contains(got.err, "still takes answers") {
		t.Errorf("%d, %s", got.code, got.err)
	}
	must(t, with(place, "wave", "close", "autumn")...)
	if got := must(t, with(place, "wave", "release", "autumn")...); !strings.Contains(got, "are final since") {
		t.Errorf("%s", got)
	}
	if got := command(t, nil, with(place, "wave", "hold", "autumn")...); got.code != exitFailure || !strings.Contains(got.err, "released already") {
		t.Errorf("%d, %s", got.code, got.err)
	}
}
