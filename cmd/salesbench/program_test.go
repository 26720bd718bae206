package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outcome is what one command line left behind.
type outcome struct {
	code int
	out  string
	err  string
}

// command runs one command line in-process, with an environment of its own.
func command(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	var out, complaints bytes.Buffer
	code := run(t.Context(), args, env, streams{In: strings.NewReader(""), Out: &out, Err: &complaints})
	return outcome{code, out.String(), complaints.String()}
}

func TestWrongCommandLinesAreUsageErrors(t *testing.T) {
	tests := []struct {
		name  string
		args  []string
		wants string
	}{
		{"an unknown command", []string{"frobnicate"}, "unexpected argument frobnicate"},
		{"an unknown flag", []string{"version", "--loud"}, "unknown flag --loud"},
		{"a flag without its value", []string{"doctor", "--listen"}, "--listen"},
		{"help about an unknown command", []string{"help", "frobnicate"}, "unexpected argument frobnicate"},
		{"a probe that is no address", []string{"doctor", "--probe", "http://a b/"}, "--probe"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := command(t, nil, test.args...)
			if got.code != exitUsage || !strings.Contains(got.err, test.wants) {
				t.Errorf("code %d, complaint %q; want code 2 and %q", got.code, got.err, test.wants)
			}
			if got.out != "" {
				t.Errorf("a usage error printed results: %q", got.out)
			}
		})
	}
}

func TestNothingToDoPrintsTheManual(t *testing.T) {
	for _, args := range [][]string{nil, {"help"}, {"--help"}, {"help", "help"}} {
		got := command(t, nil, args...)
		if got.code != exitOK || !strings.Contains(got.out, "Commands:") || !strings.Contains(got.out, "doctor") {
			t.Errorf("%v: code %d, %q", args, got.code, got.out)
		}
	}
}

func TestEveryCommandExplainsItselfAndAllItsFlags(t *testing.T) {
	var root commands
	parser, err := (&program{}).parser(&root)
	if err != nil {
		t.Fatal(err)
	}
	leaves := parser.Model.Leaves(false)
	if len(leaves) < 15 {
		t.Fatalf("only %d commands", len(leaves))
	}
	for _, leaf := range leaves {
		words := []string{leaf.Name}
		for parent := leaf.Parent; parent.Parent != nil; parent = parent.Parent {
			words = append([]string{parent.Name}, words...)
		}
		got := command(t, nil, append([]string{"help"}, words...)...)
		if leaf.Name == "help" {
			got = command(t, nil, "help", "--help")
		}
		if got.code != exitOK || !strings.Contains(got.out, "Usage: salesbench "+strings.Join(words, " ")) {
			t.Errorf("help %v: code %d, %s%s", words, got.code, got.out, got.err)
		}
		for _, flag := range leaf.Flags {
			if flag.Help == "" || !strings.Contains(got.out, "--"+flag.Name) && !strings.Contains(got.out, "--[no-]"+flag.Name) {
				t.Errorf("%s: --%s is not explained", leaf.Path(), flag.Name)
			}
		}
	}
}

func TestHelpNamesTheVariableOfEverySetting(t *testing.T) {
	got := command(t, nil, "help", "doctor")
	for _, name := range []string{"SALESBENCH_DATA", "SALESBENCH_DATABASE", "SALESBENCH_LISTEN", "SALESBENCH_LOG_LEVEL"} {
		if !strings.Contains(got.out, "$"+name+")") {
			t.Errorf("the manual of doctor does not name %s", name)
		}
	}
}

func TestVersionHasAMachineReadableTwin(t *testing.T) {
	text := command(t, nil, "version")
	if text.code != exitOK || !strings.HasPrefix(text.out, "salesbench "+version) {
		t.Errorf("code %d, %q", text.code, text.out)
	}
	var report versionReport
	if err := json.Unmarshal([]byte(command(t, nil, "version", "--json").out), &report); err != nil || report.Version != version || report.Go == "" {
		t.Errorf("%+v, %v", report, err)
	}
}

func diagnose(t *testing.T, env []string, args ...string) (diagnosis, outcome) {
	t.Helper()
	got := command(t, env, append([]string{"doctor", "--json"}, args...)...)
	var d diagnosis
	if err := json.Unmarshal([]byte(got.out), &d); err != nil {
		t.Fatalf("%v in %q (%s)", err, got.out, got.err)
	}
	return d, got
}

func (d diagnosis) setting(name string) setting {
	for _, s := range d.Settings {
		if s.Name == name {
			return s
		}
	}
	return setting{}
}

func TestAFlagWinsOverTheEnvironmentAndThatOverTheDefault(t *testing.T) {
	env := []string{"SALESBENCH_LISTEN=127.0.0.1:7001", "SALESBENCH_LOG_LEVEL=warn", "SALESBENCH_DEMO_DATA=elsewhere"}
	d, got := diagnose(t, env, "--data", t.TempDir(), "--listen", "127.0.0.1:7002")
	if got.code != exitOK {
		t.Errorf("a setting of another command is taken for a typing error: %+v", d.Findings)
	}
	if d.setting("--migrate").Value != "true" {
		t.Errorf("%+v", d.setting("--migrate"))
	}
	want := map[string]setting{
		"--listen":     {"--listen", "127.0.0.1:7002", "flag"},
		"--log-level":  {"--log-level", "warn", "$SALESBENCH_LOG_LEVEL"},
		"--log-format": {"--log-format", "text", "default"},
	}
	for name, s := range want {
		if got := d.setting(name); got != s {
			t.Errorf("got %+v, want %+v", got, s)
		}
	}
}

func TestDoctorTriesTheFolderAboveOneThatIsToBeMade(t *testing.T) {
	folder := t.TempDir()
	for name, test := range map[string]struct {
		data  string
		code  int
		wants string
	}{
		"a folder to be made":       {filepath.Join(folder, "a", "b"), exitOK, "serve will make it"},
		"a file above":              {filepath.Join(file(t, "file", ""), "data"), exitFailure, "not a directory"},
		"a place that takes none":   {"/proc/salesbench/data", exitFailure, "serve can not make it"},
		"a folder that is writable": {folder, exitOK, "can be written"},
	} {
		d, got := diagnose(t, nil, "--data", test.data)
		text := ""
		for _, f := range d.Findings {
			if f.Check == "folder" {
				text = f.Detail
			}
		}
		if got.code != test.code || !strings.Contains(text, test.wants) {
			t.Errorf("%s: code %d, %q; want code %d and %q", name, got.code, text, test.code, test.wants)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("the doctor left %v (%v)", entries, err)
	}
}

func TestAllWrongSettingsAreReportedAtOnce(t *testing.T) {
	env := []string{"SALESBENCH_LOG_FORMAT=xml", "SALESBENCH_LISTN=:80"}
	got := command(t, env, "doctor", "--listen", "nowhere", "--log-level", "loud", "--base-url", "ftp://x",
		"--results", "nobody", "--database", "mysql://root:hunter2@host/db")
	if got.code != exitFailure {
		t.Errorf("code %d, want 1", got.code)
	}
	for _, wants := range []string{"--listen", "--log-level", "--log-format", "--base-url", "--results", "--database", "SALESBENCH_LISTN"} {
		if !strings.Contains(got.out, wants+":") && !strings.Contains(got.out, wants+" is set") {
			t.Errorf("%s is not complained about in\n%s", wants, got.out)
		}
	}
	if strings.Contains(got.out+got.err, "hunter2") {
		t.Error("the password of the database is printed")
	}
}

func TestSettingsAreCheckedOneByOne(t *testing.T) {
	good := serveFlags{
		storeFlags: storeFlags{Data: "data"}, logFlags: logFlags{"info", "text"},
		Listen: "127.0.0.1:0", Results: "link",
	}
	if wrong := good.check(); len(wrong) > 0 {
		t.Fatalf("sound settings are refused: %v", wrong)
	}
	tests := []struct {
		name   string
		change func(*serveFlags)
		wants  string
	}{
		{"no folder", func(f *serveFlags) { f.Data = "" }, "--data"},
		{"a file as folder", func(f *serveFlags) { f.Data = "settings.go" }, "--data"},
		{"another kind of database", func(f *serveFlags) { f.Database = "mysql://host/db" }, "mysql"},
		{"a path as database", func(f *serveFlags) { f.Database = "salesbench.db" }, "--data"},
		{"a database without a name", func(f *serveFlags) { f.Database = "postgres://host" }, "names no database"},
		{"a password with a raw percent sign", func(f *serveFlags) { f.Database = "postgres://u:p%zz@host/db" }, "escape"},
		{"a listening address without port", func(f *serveFlags) { f.Listen = "127.0.0.1" }, "HOST:PORT"},
		{"a port that is too high", func(f *serveFlags) { f.Listen = ":70000" }, "70000"},
		{"a port in words", func(f *serveFlags) { f.Listen = ":http" }, "http"},
		{"a base address with a path", func(f *serveFlags) { f.BaseURL = "https://example.org/survey" }, "has a path"},
		{"a base address without scheme", func(f *serveFlags) { f.BaseURL = "example.org" }, "--base-url"},
		{"an unknown reader of results", func(f *serveFlags) { f.Results = "all" }, "--results"},
		{"an unknown log level", func(f *serveFlags) { f.LogLevel = "loud" }, "loud"},
		{"an unknown log format", func(f *serveFlags) { f.LogFormat = "xml" }, "xml"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := good
			test.change(&settings)
			wrong := settings.check()
			if len(wrong) != 1 || !strings.Contains(wrong[0].Error(), test.wants) {
				t.Errorf("got %v, want one complaint with %q", wrong, test.wants)
			}
		})
	}
}

func TestPasswordsOfDatabasesAreHidden(t *testing.T) {
	for _, address := range []string{
		"postgres://u:hunter2@host/db",
		"postgres://host/db?user=u&password=hunter2",
		"postgres://u:hunter2%zz@host/db",
	} {
		if shown := withoutPassword(address); strings.Contains(shown, "hunter2") {
			t.Errorf("%s is shown as %s", address, shown)
		}
	}
}

func TestDoctorProbesARunningService(t *testing.T) {
	healthy := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !healthy {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	if got := command(t, nil, "doctor", "--probe", server.URL); got.code != exitOK {
		t.Errorf("healthy: code %d, %s", got.code, got.err)
	}
	healthy = false
	if got := command(t, nil, "doctor", "--probe", server.URL); got.code != exitFailure || !strings.Contains(got.err, "503") {
		t.Errorf("unhealthy: code %d, %s", got.code, got.err)
	}
	server.Close()
	if got := command(t, nil, "doctor", "--probe", server.URL); got.code != exitFailure {
		t.Errorf("gone: code %d, %s", got.code, got.err)
	}
}

func TestACancelledContextEndsACommand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, complaints bytes.Buffer
	code := run(ctx, []string{"doctor", "--probe", "http://127.0.0.1:1/healthz"}, nil, streams{In: strings.NewReader(""), Out: &out, Err: &complaints})
	if code != exitFailure || !strings.Contains(complaints.String(), "context canceled") {
		t.Errorf("code %d, %q", code, complaints.String())
	}
}
