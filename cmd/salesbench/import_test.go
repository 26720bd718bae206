package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
)

const (
	csps    = "examples/csps/"
	turkiye = "examples/turkiye/"
)

// importing is the command line of an import of an example.
func importing(kind, data, folder, name, wave string, more ...string) []string {
	args := []string{"import", kind, data, "--mapping", folder + name + "-mapping.json", "--instrument", folder + name + "-instrument.json", "--wave", wave}
	return append(args, more...)
}

func imported(t *testing.T, got outcome) importReport {
	t.Helper()
	var report importReport
	if err := json.Unmarshal([]byte(got.out), &report); err != nil {
		t.Fatalf("%v in %q (%s)", err, got.out, got.err)
	}
	return report
}

func TestARehearsalChangesNothing(t *testing.T) {
	folder := t.TempDir()
	for _, args := range [][]string{
		importing("aggregates", csps+"csps2019.csv", csps, "csps2019", "c19", "--json"),
		importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "t", "--json"),
	} {
		got := command(t, nil, append(args, "--data", folder)...)
		report := imported(t, got)
		if got.code != exitOK || report.Committed || report.Report.Taken == 0 || report.Report.Refused != 0 {
			t.Errorf("code %d, %+v", got.code, report)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("a rehearsal left %v (%v)", entries, err)
	}
}

func TestPublishedDataSetsAreTakenAndBenchmarked(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		must(t, with(place, "migrate", "up")...)
		text := must(t, with(place, importing("aggregates", csps+"csps2019.csv", csps, "csps2019", "c19", "--commit")...)...)
		if !strings.Contains(text, "70 of 70 measures agree") {
			t.Errorf("the medians are not the published ones: %s", text)
		}
		var shares benchmark.AggregateBenchmark
		if err := json.Unmarshal([]byte(must(t, with(place, "benchmark", "--wave", "c19", "--json")...)), &shares); err != nil {
			t.Fatal(err)
		}
		if shares.OrganizationsN != 106 || len(shares.Rows) != 70 {
			t.Errorf("%d organizations, %d measures", shares.OrganizationsN, len(shares.Rows))
		}
		must(t, with(place, importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "t", "--commit")...)...)
		var answers benchmark.Benchmark
		if err := json.Unmarshal([]byte(must(t, with(place, "benchmark", "--wave", "t", "--json")...)), &answers); err != nil {
			t.Fatal(err)
		}
		if answers.Quality.Respondents == 0 || !strings.Contains(answers.Quality.Sentence, "straight-liners") {
			t.Errorf("the page does not say that half of the rows are straight lines: %q", answers.Quality.Sentence)
		}
		again := command(t, nil, with(place, importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "t", "--commit")...)...)
		if again.code != exitFailure || !strings.Contains(again.err, "--append") {
			t.Errorf("the same file a second time: code %d, %s", again.code, again.err)
		}
	})
}

// broken is the file of course evaluations with one thing changed.
func broken(t *testing.T, change func(string) string) string {
	t.Helper()
	data, err := os.ReadFile(turkiye + "turkiye.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(unpacked); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(text.String(), "\n")
	return file(t, "broken.csv", change(strings.Join(lines[:200], "")))
}

func TestABrokenFileIsNotTakenAtAllAndThePlaceIsNamed(t *testing.T) {
	lastCell := func(value string) func(string) string {
		return func(s string) string {
			lines := strings.Split(s, "\n")
			lines[10] = lines[10][:strings.LastIndex(lines[10], ",")+1] + value
			return strings.Join(lines, "\n")
		}
	}
	tests := []struct {
		name   string
		change func(string) string
		wants  string
	}{
		{"an empty file", func(string) string { return "" }, "empty"},
		{"a header alone", func(s string) string { return s[:strings.Index(s, "\n")+1] }, "no row"},
		{"semicolons", func(s string) string { return strings.ReplaceAll(s, ",", ";") }, "separated"},
		{"a missing column", func(s string) string { return strings.Replace(s, "Q28", "Question28", 1) }, `"Q28"`},
		{"a value outside the scale", lastCell("9"), "line 11"},
		{"a decimal comma", lastCell(`"3,5"`), "line 11"},
		{"broken UTF-8", lastCell("\xff"), "line 11"},
		{"a cell too many", lastCell("3,3"), "line 11"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			args := importing("responses", broken(t, test.change), turkiye, "turkiye", "t", "--commit", "--data", folder)
			got := command(t, nil, args...)
			if got.code != exitFailure || !strings.Contains(got.out+got.err, test.wants) {
				t.Errorf("code %d, %s%s; want %q", got.code, got.out, got.err, test.wants)
			}
			if _, err := os.Stat(filepath.Join(folder, databaseFile)); err == nil {
				t.Error("a database was made for a file that is not taken")
			}
		})
	}
}

func TestAnotherEncodingIsToldInOneLine(t *testing.T) {
	data := broken(t, func(s string) string { return strings.ReplaceAll(s, "1,", "\xfc,") })
	got := command(t, nil, importing("responses", data, turkiye, "turkiye", "t", "--data", t.TempDir())...)
	if got.code != exitFailure || strings.Count(got.out, "not valid UTF-8") != 1 || !strings.Contains(got.out, "more of this kind") {
		t.Errorf("code %d, %s", got.code, got.out)
	}
}

func TestSharesInAnotherUnitAreWarnedOf(t *testing.T) {
	t.Chdir(t.TempDir())
	data := file(t, "shares.csv", "firm,a,b\nAcme,20,95\nBolt,0.5,0.4\nCord,55,60\n")
	must(t, "import", "prepare", data, "--group", "firm", "--items", "a,b", "--share", "percent")
	text := must(t, "import", "aggregates", data, "--wave", "w", "--mapping", "shares-mapping.json", "--instrument", "shares-instrument.json", "--data", t.TempDir())
	if strings.Count(text, "warning: ") != 1 || !strings.Contains(text, `warning: line 3, "Bolt"`) || !strings.Contains(text, "3 can be taken") {
		t.Errorf("%s", text)
	}
}

func TestWrongImportsAreRefusedWithTheirReason(t *testing.T) {
	data := turkiye + "turkiye.csv.gz"
	tests := []struct {
		name  string
		code  int
		args  []string
		wants string
	}{
		{"a file that is not there", exitFailure, importing("responses", "missing.csv", turkiye, "turkiye", "t"), "missing.csv"},
		{"a file that is not compressed", exitFailure, importing("responses", file(t, "plain.csv.gz", "a,b\n"), turkiye, "turkiye", "t"), "gzip"},
		{"the mapping of the other kind", exitFailure, importing("aggregates", data, turkiye, "turkiye", "t"), "import responses"},
		{"the instrument of another survey", exitFailure, []string{"import", "responses", data, "--mapping", turkiye + "turkiye-mapping.json",
			"--instrument", csps + "csps2019-instrument.json", "--wave", "t"}, "Q1"},
		{"a mapping that is no document", exitFailure, []string{"import", "responses", data, "--mapping", file(t, "m.json", `{"kind":"answers"}`),
			"--instrument", turkiye + "turkiye-instrument.json", "--wave", "t"}, "m.json"},
		{"no mapping", exitUsage, []string{"import", "responses", data, "--instrument", "builtin", "--wave", "t"}, "--mapping"},
		{"a wave with blanks in its name", exitUsage, importing("responses", data, turkiye, "turkiye", "my wave"), "--wave"},
		{"a study with capitals", exitUsage, importing("responses", data, turkiye, "turkiye", "t", "--study", "UCI"), "--study"},
		{"a group that is too small", exitUsage, importing("responses", data, turkiye, "turkiye", "t", "--minimum-group", "1"), "--minimum-group"},
		{"criteria about other items", exitFailure, importing("responses", data, turkiye, "turkiye", "t", "--criteria", "organizations/1"), "problems_first"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := command(t, nil, append(test.args, "--data", t.TempDir())...)
			if got.code != test.code || !strings.Contains(got.out+got.err, test.wants) {
				t.Errorf("code %d, %s%s; want code %d and %q", got.code, got.out, got.err, test.code, test.wants)
			}
		})
	}
}

func TestImportedAndCollectedAnswersStayApart(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	got := command(t, nil, with(place, importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "t", "--study", "best", "--commit")...)...)
	if got.code != exitFailure || !strings.Contains(got.err, "not imported") {
		t.Errorf("code %d, %s", got.code, got.err)
	}
}

func TestMoreDataForAWaveGoToItsStudy(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	first := command(t, nil, with(place, importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "t", "--study", "courses", "--commit")...)...)
	if first.code != exitOK {
		t.Fatalf("code %d, %s", first.code, first.err)
	}
	more := command(t, nil, with(place, importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "t", "--append", "--commit")...)...)
	if more.code != exitOK {
		t.Errorf("without --study: code %d, %s", more.code, more.err)
	}
	other := command(t, nil, with(place, importing("responses", turkiye+"turkiye.csv.gz", turkiye, "turkiye", "t", "--study", "others", "--append", "--commit")...)...)
	if other.code != exitFailure || !strings.Contains(other.err, "another study") {
		t.Errorf("with another study: code %d, %s", other.code, other.err)
	}
}
