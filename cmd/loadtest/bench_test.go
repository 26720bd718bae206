package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/salesbench/salesbench/cmd/internal/load"
)

// TestMain lets the test program be the bare handler that bench starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bare" {
		main()
		return
	}
	folder, err := os.MkdirTemp("", "loadtest-")
	if err != nil {
		panic(err)
	}
	salesbench = filepath.Join(folder, "salesbench")
	code := m.Run()
	_ = os.RemoveAll(folder) // only a folder of the system's
	os.Exit(code)
}

// salesbench is the path of the service, once build has been called.
var salesbench string

// build compiles the service once for all tests, because linking takes seconds.
var build = sync.OnceValue(func() error {
	out, err := exec.Command("go", "build", "-o", salesbench, "github.com/salesbench/salesbench/cmd/salesbench").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
})

func built(t *testing.T) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return salesbench
}

// needPostgres skips where there is no PostgreSQL, unless everything is required.
func needPostgres(t *testing.T) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if _, err := exec.LookPath("pgbench"); err == nil || len(found) > 0 {
		return
	}
	if os.Getenv("SALESBENCH_REQUIRE_ALL") == "1" {
		t.Fatal("PostgreSQL with pgbench is not installed")
	}
	t.Skip("the limits are measured by PostgreSQL and pgbench, which are not installed here")
}

func TestTheBenchMeasuresEverythingAndPrintsACompleteTable(t *testing.T) {
	needPostgres(t)
	var out, progress bytes.Buffer
	file := filepath.Join(t.TempDir(), "bench.json")
	err := run(context.Background(), []string{"bench", "-binary", built(t), "-rounds", "1", "-length", "150ms", "-warmup", "0s", "-clients", "1,4", "-scripts", "2", "-json", file}, streams{&out, &progress})
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), progress.String())
	}
	t.Log("\n" + out.String())
	var written struct {
		Cases []struct {
			Part, Database, Name string
			Rounds               []outcome
		}
		Aims []aim
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &written); err != nil {
		t.Fatal(err)
	}
	// Two numbers of clients and two bare tables; the page in two forms beside bare Echo;
	// journeys with two numbers of clients; half of the load beside the bare database.
	if want := 2 * (4 + 4 + 2 + 2); len(written.Cases) != want {
		t.Errorf("%d cases were measured, want %d", len(written.Cases), want)
	}
	for _, c := range written.Cases {
		if len(c.Rounds) != 1 {
			t.Fatalf("%s on %s has %d rounds", c.Name, c.Database, len(c.Rounds))
		}
		o := c.Rounds[0]
		if o.PerSecond <= 0 || math.IsInf(o.PerSecond, 0) || o.Failed != 0 || len(o.Faults) != 0 {
			t.Errorf("%s: %s on %s: %+v", c.Part, c.Name, c.Database, o)
		}
	}
	if want := 2 * (2 + 2 + 2 + 1); len(written.Aims) != want {
		t.Errorf("%d aims were compared, want %d", len(written.Aims), want)
	}
	for _, a := range written.Aims {
		if math.IsNaN(a.Ratio) || math.IsInf(a.Ratio, 0) || a.Measured < 0 || a.Aim == "" {
			t.Errorf("%+v", a)
		}
		if !strings.Contains(out.String(), a.What) {
			t.Errorf("the table does not show %q", a.What)
		}
	}
	for _, title := range titles {
		if !strings.Contains(out.String(), title) {
			t.Errorf("the output has no part %q", title)
		}
	}
}

func TestASoakShowsItsCurveAndKeepsEverything(t *testing.T) {
	var out, progress bytes.Buffer
	file := filepath.Join(t.TempDir(), "soak.json")
	err := run(context.Background(), []string{"soak", "-binary", built(t), "-submissions", "400", "-before", "90", "-clients", "8", "-scripts", "2", "-json", file}, streams{&out, &progress})
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	var curves map[string][]stretch
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &curves); err != nil {
		t.Fatal(err)
	}
	curve := curves["SQLite"]
	if len(curve) != soakSlices || curve[soakSlices-1].Submissions != 400 {
		t.Fatalf("the curve has %d points: %+v", len(curve), curve)
	}
	for _, p := range curve {
		if p.PerSecond <= 0 || p.P99 <= 0 || p.ServerMB <= 0 || p.DatabaseMB <= 0 || p.Failed != 0 {
			t.Errorf("point %+v", p)
		}
	}
	// Two rehearsals and one sample beside the 400.
	if !strings.Contains(out.String(), "403 responses acknowledged, 403 kept.") {
		t.Errorf("the count is missing:\n%s", out.String())
	}
}

func TestWrongFlagsAreNamed(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "usage"}, {"dance", "usage"},
		{"bench -parts all", "none of submissions"}, {"bench -databases MySQL", "neither SQLite nor PostgreSQL"},
		{"bench -clients 0", "not a number of clients"}, {"bench -clients x", "not a number of clients"},
		{"drive -links absent.csv", "absent.csv"},
	} {
		var out bytes.Buffer
		err := run(context.Background(), strings.Fields(c.args), streams{&out, &out})
		if err == nil || !strings.Contains(out.String()+err.Error(), c.want) {
			t.Errorf("%q: %v %s", c.args, err, out.String())
		}
	}
}

func TestLinksAreTakenOutOfTheFileOfOpenLinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "links.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("organization,name,team,reference,link\na,Alpha,,,http://127.0.0.1:8080/o/aaa\nb,\"Beta, Gamma\",,,https://survey.example.org/o/bbb\n")
	links, err := readLinks(path)
	if err != nil || strings.Join(links, " ") != "/o/aaa /o/bbb" {
		t.Errorf("links %v, %v", links, err)
	}
	write("organization,link\na,http://127.0.0.1:8080/r/personal\n")
	if _, err := readLinks(path); err == nil || !strings.Contains(err.Error(), "no open link") {
		t.Errorf("a file of personal links: %v", err)
	}
}

func TestTheMiddleOfAllRoundsIsReported(t *testing.T) {
	b := &bencher{unit: "commit"}
	for _, v := range []float64{5, 1, 9, 7} {
		b.Rounds = append(b.Rounds, outcome{PerSecond: v, ServerCPU: v * 2, Latencies: map[string]load.Latency{"commit": {N: 1, P99: v * 3}},
			Failed: 1, Faults: map[string]int{"late": 1}})
	}
	s := b.summarize()
	if s.PerSecond != 6 || s.Low != 1 || s.High != 9 || s.ServerCPU != 12 || s.Latency.P99 != 18 || s.Latency.N != 4 || s.Failed != 4 || faultText(s.Faults) != "4 x late" {
		t.Errorf("summary %+v", s)
	}
}

func TestFiguresShowThreeDigits(t *testing.T) {
	for v, want := range map[float64]string{0: "-", 0.0123: "0.012", 0.5: "0.50", 12.34: "12.3", 123.4: "123", 26123.4: "26,123", 1234567: "1,234,567"} {
		if got := figure(v); got != want {
			t.Errorf("%v is shown as %q, want %q", v, got, want)
		}
	}
}

func TestTheScriptOfPgbenchHidesWhatPgbenchWouldReadAsAVariable(t *testing.T) {
	text := `{"risk":"it's :late; \ 12:30"}`
	got := cell{"texts", "text", &text}.expression()
	if got != `E'{"risk"\x3A"it''s \x3Alate\x3B \\ 12\x3A30"}'::text` {
		t.Errorf("expression %s", got)
	}
	if got := (cell{"team_id", "uuid", nil}).expression(); got != "NULL" {
		t.Errorf("absent: %s", got)
	}
}

func TestResultsSaysHowLateAReceiptIsSeen(t *testing.T) {
	needPostgres(t)
	var out, progress bytes.Buffer
	err := run(context.Background(), []string{"results", "-binary", built(t), "-databases", "PostgreSQL", "-organizations", "80", "-responses", "800", "-rounds", "1", "-length", "200ms",
		"-clients", "4", "-lags", "2"}, streams{&out, &progress})
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), progress.String())
	}
	for _, line := range []string{"| nobody else submits ", "| half of what the intake takes beside it "} {
		_, row, found := strings.Cut(out.String(), line)
		row, _, _ = strings.Cut(row, "\n")
		if cells := strings.Split(row, "|"); !found || len(cells) != 6 || strings.Contains(row, " - ") {
			t.Errorf("%s has no figures for two replicas:\n%s", line, out.String())
		}
	}
}
