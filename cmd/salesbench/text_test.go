package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/stat"
)

func estimate(value float64, unit string) benchmark.Estimate {
	return benchmark.Estimate{Status: benchmark.OK, Value: stat.Some(value), Unit: unit}
}

func TestAWithheldFigureShowsNoIntervalEither(t *testing.T) {
	e := estimate(0.4, "proportion")
	e.CI = &stat.Interval{Lower: 0.3, Upper: 0.5}
	if got := withInterval(e); got != "40% (30 to 50%)" {
		t.Errorf("got %q", got)
	}
	e.Status = benchmark.Withheld
	if got := withInterval(e); got != "withheld" {
		t.Errorf("got %q", got)
	}
}

func TestNamesCanNotSteerTheTerminal(t *testing.T) {
	var out bytes.Buffer
	p := &printer{w: &out}
	p.table("T", []string{"name", "n"}, [][]string{{"evil\x1b[2J\x07\u202e name", "1"}, {"Ünïcode", "22"}})
	if strings.ContainsAny(out.String(), "\x1b\x07\u202e") {
		t.Errorf("control characters reach the terminal: %q", out.String())
	}
	if lines := strings.Split(out.String(), "\n"); len([]rune(lines[2])) != len([]rune(lines[3])) {
		t.Errorf("columns are not aligned:\n%s", out.String())
	}
}

func TestAPrinterKeepsTheFirstError(t *testing.T) {
	closed, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	b := &benchmark.Benchmark{Title: "T", Practices: []benchmark.PracticeRow{{Label: "L"}}}
	if err := printBenchmark(closed, b); err == nil {
		t.Error("a result that could not be written counts as printed")
	}
}

func TestProgressIsSilentInAPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	bar := newProgress(write, 10, "working")
	bar.set(5)
	bar.done()
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(read); err != nil || got.Len() > 0 {
		t.Errorf("%q, %v", got.String(), err)
	}
}
