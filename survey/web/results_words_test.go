package web

import (
	"testing"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/stat"
)

func shown(unit string, value float64, n int) benchmark.Estimate {
	return benchmark.Estimate{Unit: unit, Value: stat.Some(value), Status: benchmark.OK, N: &n}
}

// TestPointsFollowFromTheSharesBesideThem: a column that holds the organization's own
// answers is not what its distance is taken from.
func TestPointsFollowFromTheSharesBesideThem(t *testing.T) {
	p := benchmark.OrganizationPractice{Own: shown(benchmark.UnitProportion, 0.89, 50), All: shown(benchmark.UnitProportion, 0.22, 1500),
		WC: shown(benchmark.UnitProportion, 0.84, 240), GapAll: shown(benchmark.UnitPoints, -71, 50)}
	if share, name := besideOwn(p, benchmark.All); name != "All others" || share.Value.Value < 0.179 || share.Value.Value > 0.181 {
		t.Errorf("%s %v", name, share.Value.Value)
	}
	if share, name := besideOwn(p, benchmark.WorldClass); name != "World-Class with this one" || share.Value.Value != 0.84 {
		t.Errorf("%s %v", name, share.Value.Value)
	}
	p.GapWC = shown(benchmark.UnitPoints, -5, 50)
	if share, name := besideOwn(p, benchmark.WorldClass); name != "World-Class" || share.Value.Value != 0.84 {
		t.Errorf("not a member: %s %v", name, share.Value.Value)
	}
	p.All = benchmark.Estimate{Status: benchmark.Withheld}
	if share, _ := besideOwn(p, benchmark.All); share.Shown() {
		t.Error("a withheld share follows from the gap")
	}
}

func TestACaptionTellsTheSmallestAndTheLargestNumberOfAnswers(t *testing.T) {
	rows := []benchmark.Estimate{shown(benchmark.UnitProportion, 0.3, 1511), shown(benchmark.UnitProportion, 0.4, 1492), shown(benchmark.UnitProportion, 0.4, 1525)}
	if got, want := captionOver(benchmark.Provenance{Method: "methods/1"}, rows), "n = 1,492 to 1,525; methods/1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := captionOver(benchmark.Provenance{Method: "methods/1"}, rows[:1]), "n = 1,511; methods/1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestATierBesideAHigherProbabilityOfWorldClassSaysWhy reads what a likely
// World-Class organization is told.
func TestATierBesideAHigherProbabilityOfWorldClassSaysWhy(t *testing.T) {
	c := benchmark.Classification{Tier: benchmark.TierHighPerforming, TierP: stat.Some(0.21), PWC: stat.Some(0.787), Call: benchmark.CallLikely}
	tier, words := tierSentence(c)
	if want := "The probability of being World-Class is 79%. The title needs 90%; the most likely of the other tiers is High-Performing (21%)."; tier != "likely World-Class" || words != want {
		t.Errorf("%q, %q", tier, words)
	}
	c.PWC, c.TierP, c.Call = stat.Some(0.33), stat.Some(0.67), benchmark.CallUndecided
	if _, words = tierSentence(c); words != "The probability of being World-Class is 33%. The most likely tier is High-Performing (67%)." {
		t.Errorf("%q", words)
	}
}
