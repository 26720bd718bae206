package stat

import (
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
)

// Simulations with known truth (methods, section 26). The normal suite runs
// them in a short form. The long form, which also writes its table to
// testdata/simulations.md, is
//
//	SALESBENCH_LONG=1 go test -run Simulation -timeout 2h ./benchmark/stat
//
// Seeds are fixed: a run repeats itself to the last digit.

// simulationSeed is the seed of all simulations.
const simulationSeed = 26

func longForm() bool { return os.Getenv("SALESBENCH_LONG") == "1" }

// replicates picks the number of replicates of the form at hand.
func replicates(short, long int) int {
	if longForm() {
		return long
	}
	return short
}

// band is what must hold of a measured proportion or figure.
type band struct {
	truth, what string
	low, high   float64
	contrast    bool // shown beside, without a band
}

// hold checks a measured figure; slack is the Monte Carlo error granted to the
// short form, which has fewer replicates than the band allows for.
func hold(t *testing.T, b band, measured float64, n int, slack float64) {
	t.Helper()
	if longForm() {
		slack = 0
	}
	verdict := "holds"
	switch {
	case b.contrast:
		verdict = "contrast"
	case !(measured >= b.low-slack && measured <= b.high+slack):
		verdict = "FAILS"
		t.Errorf("%s: %s is %.4g, must lie in %.4g to %.4g", b.truth, b.what, measured, b.low, b.high)
	}
	simulationTable.add(b, measured, n, verdict)
}

// proportionSlack is three Monte Carlo standard errors of a proportion.
func proportionSlack(p float64, n int) float64 { return 3 * math.Sqrt(p*(1-p)/float64(n)) }

var simulationTable tableOfTruth

type tableOfTruth struct {
	mutex sync.Mutex
	rows  []string
}

func (table *tableOfTruth) add(b band, measured float64, n int, verdict string) {
	limits := fmt.Sprintf("%.4g to %.4g", b.low, b.high)
	if b.contrast {
		limits = "-"
	}
	table.mutex.Lock()
	defer table.mutex.Unlock()
	table.rows = append(table.rows, fmt.Sprintf("| %s | %s | %d | %s | %.4f | %s |", b.truth, b.what, n, limits, measured, verdict))
}

// counter counts events over replicates that run at the same time.
type counter struct {
	mutex     sync.Mutex
	hits, all float64
}

func (c *counter) add(hits, all float64) {
	c.mutex.Lock()
	c.hits += hits
	c.all += all
	c.mutex.Unlock()
}

func (c *counter) share() float64 { return c.hits / c.all }

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func inside(ci *Interval, truth float64) bool {
	return ci != nil && ci.Lower <= truth && truth <= ci.Upper
}

// simulate runs body for every replicate with a stream of its own.
func simulate(task string, n int, body func(s *Stream)) {
	inParallel(n, func(b int) { body(NewStream(simulationSeed, task, b)) })
}

// TestSimulation runs every truth and, in the long form, writes the table.
func TestSimulation(t *testing.T) {
	for _, truth := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"interval of a share covers it", simulateShareCoverage},
		{"gap of an unrelated tier is rejected as often as said", simulateGapLevel},
		{"permutation keeps its level with three in the tier", simulatePermutationLevel},
		{"shrunk index intervals cover the index", simulateIndexCoverage},
		{"shrunk share intervals cover the share", simulateShrunkShareCoverage},
		{"P of a tier is what it says", simulateTierProbability},
		{"rank intervals contain the rank", simulateRankCoverage},
		{"pure noise is exposed as circular", simulatePureNoise},
		{"a general mood is exposed as circular", simulateMood},
		{"a real difference is found again", simulateRealDifference},
		{"a randomly assigned tier shows no gap", simulateRandomTier},
		{"false discoveries stay rare", simulateFalseDiscoveries},
	} {
		t.Run(truth.name, truth.run)
	}
	if longForm() {
		writeSimulationTable(t)
	}
}

func writeSimulationTable(t *testing.T) {
	text := "# Simulations with known truth\n\n" +
		"Written by `SALESBENCH_LONG=1 go test -run Simulation -timeout 2h ./benchmark/stat` (seed " + fmt.Sprint(simulationSeed) + ").\n" +
		"\"contrast\" rows have no band: they show what goes wrong without the method.\n\n" +
		"| truth | figure | replicates | must lie in | measured | |\n|---|---|---|---|---|---|\n" +
		strings.Join(simulationTable.rows, "\n") + "\n"
	if err := os.WriteFile("testdata/simulations.md", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
