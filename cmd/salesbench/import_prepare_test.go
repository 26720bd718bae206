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
		{"import", "prepare", "x.csv", "--group", "g", "--items", "a", "--share", "percent", "--respondent", "id"},
		{"import", "prepare", "x.csv", "--group", "g", "--items", "a", "--scale", "1:5", "--key", "Not A Key"},
	} {
		if got := command(t, nil, args...); got.code != exitUsage {
			t.Errorf("%v: code %d, %s", args, got.code, got.err)
		}
	}
}

func TestPrepareKeepsSightOfPeopleWhoComeTwice(t *testing.T) {
	t.Chdir(t.TempDir())
	data := file(t, "answers.csv", "respondent_id,team,shift,q1,q2\np1,North,a,1,2\np1,North,b,3,4\n")
	args := []string{"import", "prepare", data, "--group", "team", "--items", "q*", "--scale", "1:5"}
	if got := command(t, nil, append(args, "--key", "without")...); got.code != exitOK || !strings.Contains(got.err, `"respondent": "respondent_id"`) {
		t.Errorf("code %d; nobody is told of the ids: %s", got.code, got.err)
	}
	if got := command(t, nil, append(args, "--key", "own", "--respondent", "respondent_id", "--team", "shift")...); got.code != exitOK || got.err != "" {
		t.Fatalf("code %d, %s", got.code, got.err)
	}
	got := command(t, nil, "import", "responses", data, "--wave", "own", "--mapping", "own-mapping.json", "--instrument", "own-instrument.json",
		"--data", filepath.Join(t.TempDir(), "data"))
	if got.code != exitFailure || !strings.Contains(got.out, "this id already stands in line 2") {
		t.Errorf("code %d, %s%s", got.code, got.out, got.err)
	}
}

func TestPreparedRolesAreBenchmarked(t *testing.T) {
	t.Chdir(t.TempDir())
	var rows strings.Builder
	rows.WriteString("firm,job,q1,q2\n")
	for i := range 240 {
		rows.WriteString([]string{"North", "South", "East"}[i%3] + "," + []string{"Seller", "Team lead"}[i/3%2] + "," + string(rune('1'+i%5)) + ",4\n")
	}
	data, place := file(t, "answers.csv", rows.String()), []string{"--data", filepath.Join(t.TempDir(), "data")}
	must(t, "import", "prepare", data, "--group", "firm", "--items", "q*", "--scale", "1:5", "--role", "job")
	must(t, with(place, "import", "responses", data, "--wave", "own", "--mapping", "answers-mapping.json", "--instrument", "answers-instrument.json", "--commit")...)
	if text := must(t, with(place, "benchmark", "--wave", "own", "--json")...); !strings.Contains(text, "Team lead") {
		t.Errorf("the roles are not known: %s", text)
	}
}

func TestPrepareWritesNothingForAFileThatTheImportRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct{ data, want string }{
		"UTF-16":           {"\xff\xfet\x00,\x00q\x00", "UTF-16"},
		"Latin-1":          {"team,q1\nZ\xfcrich,1\n", "line 2: this is not valid UTF-8"},
		"NUL bytes":        {"team,q1\nNorth,\x00\n", "line 2: there is a NUL byte"},
		"a doubled column": {"team,q1,q1\nNorth,1,2\n", "names this column twice"},
	} {
		got := command(t, nil, "import", "prepare", file(t, "answers.csv", c.data), "--group", "team", "--items", "q*", "--scale", "1:5")
		if got.code != exitFailure || !strings.Contains(got.err, "answers.csv: ") || !strings.Contains(got.err, c.want) {
			t.Errorf("%s: code %d, %s", name, got.code, got.err)
		}
		if _, err := os.Stat("answers-mapping.json"); err == nil {
			t.Errorf("%s: a mapping was written", name)
		}
	}
}
