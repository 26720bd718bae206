package stat

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"testing"
)

// ratioOf is the statistic sum y / sum n.
func ratioOf(y, n []float64) func() Statistic {
	return func() Statistic {
		return func(times []int, out []float64) {
			var a, b float64
			for j, t := range times {
				a += float64(t) * y[j]
				b += float64(t) * n[j]
			}
			out[0] = a / b
		}
	}
}

// R: testdata/r/bootstrap.R, boot::boot and boot.ci with 100,000 replicates.
func TestClusterBootstrapAgreesWithBoot(t *testing.T) {
	var oracle struct {
		N, Y            []float64
		Estimate, SE    float64
		Percentile, BCa [2]float64
		Z0, A           float64
	}
	readOracle(t, "bootstrap", &oracle)
	got, err := ClusterBootstrap(len(oracle.N), 1, ratioOf(oracle.Y, oracle.N), BootstrapOptions{Seed: 1, BCa: true})
	if err != nil {
		t.Fatal(err)
	}
	b := got[0]
	wantNumber(t, "estimate", b.Estimate, oracle.Estimate, 1e-15)
	wantNumber(t, "se / se of boot", Some(b.SE.Value/oracle.SE), 1, .03)
	wantNumber(t, "acceleration", b.Acceleration, oracle.A, 1e-9)
	wantNumber(t, "z0", b.Z0, oracle.Z0, .05)
	wantInterval(t, "percentile", b.CIPercentile, oracle.Percentile, .15*oracle.SE)
	wantInterval(t, "BCa", b.CIBCa, oracle.BCa, .15*oracle.SE)
	wantNoNaN(t, "bootstrap", got)
}

func simulatedGapData(organizations, items int, retier bool) GapData {
	s := NewStream(1, "gap data", organizations)
	data := GapData{Chosen: make([]bool, organizations), Scores: make([]float64, organizations), Variances: make([]float64, organizations)}
	for j := range organizations {
		data.Chosen[j] = j%10 == 0
		data.Scores[j] = .5 + .1*s.Normal()
		data.Variances[j] = .09 / float64(15+s.IntN(50))
	}
	for range items {
		contributions := make([]Contribution, organizations)
		for j := range contributions {
			p := min(max(data.Scores[j]+.15*s.Normal(), 0), 1)
			contributions[j] = Contribution{N: 30, W: 1, WY: p}
		}
		data.Items = append(data.Items, contributions)
	}
	if retier {
		data.WorldClass = organizations / 10
	}
	return data
}

// Two routes: with fixed groups of organizations the standard error of the
// difference of means is known in closed form.
func TestBootstrapOfFixedGroupsHasTheKnownStandardError(t *testing.T) {
	data := simulatedGapData(200, 3, false)
	got, err := BootstrapGaps(data, BootstrapOptions{Seed: 2, Replicates: 20000})
	if err != nil {
		t.Fatal(err)
	}
	for k, item := range data.Items {
		var sides [2][]float64
		for j, c := range item {
			side := 1
			if data.Chosen[j] {
				side = 0
			}
			sides[side] = append(sides[side], c.WY)
		}
		want := 0.0
		for _, x := range sides {
			n := float64(len(x))
			want += variance(x) * (n - 1) / n / n
		}
		wantNumber(t, "gap", got[k].Estimate, average(sides[0])-average(sides[1]), 1e-12)
		wantNumber(t, "se", Some(got[k].SE.Value/math.Sqrt(want)), 1, .03)
	}
}

func TestRetieringInEachReplicateKeepsTheNumberOfWorldClass(t *testing.T) {
	data := simulatedGapData(50, 2, true)
	tier := newRetier(data.Scores, data.Variances)
	s := NewStream(1, "times", 0)
	weights := make([]float64, 50)
	for range 50 {
		times := make([]int, 50)
		for range times {
			times[s.IntN(50)]++
		}
		tier.choose(times, 5, weights)
		lowest, highest := math.Inf(1), math.Inf(-1)
		for j, w := range weights {
			if w > float64(times[j]) {
				t.Fatalf("organization %d is chosen %v times and was drawn %d times", j, w, times[j])
			}
			if w > 0 {
				lowest = min(lowest, tier.means[j])
			} else if times[j] > 0 {
				highest = max(highest, tier.means[j])
			}
		}
		if Total(weights) != 5 || highest > lowest {
			t.Fatalf("%v chosen; best left out %v, worst chosen %v", Total(weights), highest, lowest)
		}
	}
	once := everyOnce(50)
	tier.shrink(once)
	p := newNormalPosterior(slices.Clone(data.Scores), slices.Clone(data.Variances))
	for j := range data.Scores {
		l := p.tau2REML / (p.tau2REML + data.Variances[j])
		wantClose(t, "plug-in mean", tier.means[j], p.muREML+l*(data.Scores[j]-p.muREML), 1e-4)
	}
}

func TestBootstrapGivesTheSameBytesOnAnyNumberOfCores(t *testing.T) {
	data := simulatedGapData(40, 5, true)
	encode := func() []byte {
		got, err := BootstrapGaps(data, BootstrapOptions{Seed: 3, Replicates: 500, BCa: true})
		if err != nil {
			t.Fatal(err)
		}
		wantNoNaN(t, "gaps", got)
		out, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	many := encode()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !bytes.Equal(encode(), many) {
		t.Error("one core and several give different bytes")
	}
}

func TestBootstrapSaysWhyItCanNot(t *testing.T) {
	constant := func(v float64) func() Statistic {
		return func() Statistic { return func(_ []int, out []float64) { out[0] = v } }
	}
	odd := func() Statistic {
		return func(times []int, out []float64) {
			if out[0] = 1; times[0] > 1 {
				out[0] = math.NaN()
			}
		}
	}
	skewed := func() Statistic { // the estimate is below every replicate
		return func(times []int, out []float64) {
			out[0] = 0
			for j, n := range times {
				if n != 1 {
					out[0] += float64(n*j) + 1
				}
			}
		}
	}
	tests := []struct {
		name          string
		organizations int
		statistic     func() Statistic
		reason        Reason
		note          string
	}{
		{"nobody", 0, constant(1), NoValidAnswers, ""},
		{"nine", 9, constant(1), FewOrganizations, ""},
		{"no estimate", 20, constant(math.NaN()), NoValidAnswers, ""},
		{"constant", 20, constant(3), ZeroVariance, ""},
		{"one in four fails", 20, odd, NotConverged, ""},
		{"estimate outside", 20, skewed, "", "bca_z0_infinite"},
	}
	for _, test := range tests {
		got, err := ClusterBootstrap(test.organizations, 1, test.statistic, BootstrapOptions{Replicates: 400, BCa: true})
		if err != nil {
			t.Fatal(err)
		}
		if test.reason != "" && !slices.Equal(got[0].Reasons, []Reason{test.reason}) {
			t.Errorf("%s: %v, want %s", test.name, got[0].Reasons, test.reason)
		}
		if test.note != "" && (!slices.Contains(got[0].Notes, test.note) || got[0].CIBCa != nil || got[0].CIPercentile == nil) {
			t.Errorf("%s: %+v", test.name, got[0])
		}
		wantNoNaN(t, test.name, got)
	}
	if _, err := ClusterBootstrap(20, 1, constant(1), BootstrapOptions{Replicates: 1}); err == nil {
		t.Error("one replicate was accepted")
	}
	if _, err := ClusterBootstrap(20, 1, constant(1), BootstrapOptions{Strata: []int{1}}); err == nil {
		t.Error("strata of another length were accepted")
	}
	if _, err := BootstrapGaps(GapData{Items: [][]Contribution{{{}}}, Chosen: make([]bool, 2)}, BootstrapOptions{}); err == nil {
		t.Error("items of another length were accepted")
	}
}
