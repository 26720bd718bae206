package chart_test

import (
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/chart/charttest"
	"github.com/salesbench/salesbench/benchmark/stat"
)

// outcome is a result with three practices: one clear, one unstable, one with a
// hostile name.
func outcome() benchmark.DriverOutcome {
	share := func(v, low, high float64) benchmark.Estimate {
		n := 64
		return benchmark.Estimate{Stat: "share", Unit: benchmark.UnitProportion, Status: benchmark.OK, Value: stat.Some(v), CI: &stat.Interval{Lower: low, Upper: high}, N: &n}
	}
	return benchmark.DriverOutcome{Key: "kpi_axis", Label: charttest.Hostile, Level: "practices", Organizations: 64, CutShare: stat.Some(0.45), CutImportance: stat.Some(0.333),
		Rows: []benchmark.DriverRow{
			{Key: "a", Label: "Managers coach", Johnson: share(0.5, 0.4, 0.6), Share: share(0.3, 0.25, 0.35), Quadrant: stat.WorkOnIt},
			{Key: "b", Label: "Plans are written", Johnson: share(0.34, 0.2, 0.4), Share: share(0.5, 0.4, 0.6), Quadrant: stat.KeepItUp, Unstable: true},
			{Key: "c", Label: charttest.Hostile, Johnson: share(0.16, 0.1, 0.2), Share: share(0.55, 0.5, 0.6), Quadrant: stat.PossibleMuch}}}
}

func TestThePriorityMapMarksWhatIsUnstable(t *testing.T) {
	f, err := chart.PriorityMap(outcome())
	if err != nil || !f.Drawn() {
		t.Fatalf("%v, drawn %v", err, f.Drawn())
	}
	if f.Title != "More important, less agreed: “Managers coach”" {
		t.Error(f.Title)
	}
	for i, want := range []string{"more important, less agreed", "more important, more agreed (unstable)", "less important, more agreed"} {
		if got := f.Table.Rows[i][3]; got != want {
			t.Errorf("row %d lies %q, want %q", i+1, got, want)
		}
	}
	if option := string(f.Option); strings.Count(option, `"hollow circle"`) != 1 || !strings.Contains(option, `"level"`) || !strings.Contains(option, `"box"`) {
		t.Error("the option has no hollow mark, no cut line or no box")
	}
}

func TestAMapWithoutCutsIsNotDrawn(t *testing.T) {
	o := outcome()
	o.CutImportance = stat.Number{}
	for name, o := range map[string]benchmark.DriverOutcome{"no cut": o, "nothing": {Key: "x"}} {
		if f, err := chart.PriorityMap(o); err != nil || f.Drawn() || f.Title == "" {
			t.Errorf("%s: %v, drawn %v, %q", name, err, f.Drawn(), f.Title)
		}
	}
}
