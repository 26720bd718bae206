package stat

import (
	"math"
	"reflect"
	"slices"
	"syscall"
	"testing"
	"time"
)

// cpuTime is what all cores have spent on this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// drawnCells are organizations of all kinds: without anybody, of one person, without
// a role, with equal shares.
func drawnCells(stream *Stream, organizations, roles int) [][]Moments {
	cells := make([][]Moments, organizations)
	for j := range cells {
		cells[j] = make([]Moments, roles)
		size, effect := []int{0, 1, 4, 16, 40, 90}[stream.IntN(6)], .2*stream.Normal()
		for range size {
			share := math.Round(12*min(max(.5+effect+.2*stream.Normal(), 0), 1)) / 12
			if j%17 == 0 {
				share = .5
			}
			cells[j][stream.IntN(1+(j+stream.IntN(2))%roles)].Add(share)
		}
	}
	return cells
}

func tableOf(cells [][]Moments, roles int) *IndexTable {
	table := NewIndexTable(len(cells), roles)
	for j := range cells {
		copy(table.Cells(j), cells[j])
		table.Changed(j)
	}
	return table
}

func TestStandingsAreThoseOfTheLongWay(t *testing.T) {
	stream := NewStream(4, "standings", 0)
	for _, organizations := range []int{0, 1, 9, 12, 40, 300, 2500} {
		for _, mix := range [][]float64{nil, {.6, .3, .1}, {.2, .8, 0}} {
			roles := max(len(mix), 1)
			cells := drawnCells(stream, organizations, roles)
			index, err := OrganizationIndex(cells, mix)
			if err != nil {
				t.Fatal(err)
			}
			y, s2 := index.Scores()
			scores, err := tableOf(cells, roles).Scores(mix)
			if err != nil {
				t.Fatal(err)
			}
			if !sameFloats(scores.Y, y) || !sameFloats(scores.S2, s2) {
				t.Fatalf("%d organizations, mix %v: other scores", organizations, mix)
			}
			model, err := FitNormal(y, s2)
			if err != nil {
				t.Fatal(err)
			}
			eligible := model.Eligible(scores)
			cuts, making := &TierCuts{.65, .55, .4}, MakeTierCuts(meansIn(model, eligible))
			if got := model.MakeCuts(eligible); !reflect.DeepEqual(got, making) {
				t.Fatalf("%d organizations, mix %v: cuts %+v, want %+v", organizations, mix, got, making)
			}
			if organizations%2 == 0 {
				cuts = making.Cuts
			}
			compareStandings(t, model, index, model.Stand(cuts, eligible), cuts)
		}
	}
}

// meansIn are the posterior means of some organizations.
func meansIn(model *NormalModel, of []bool) []float64 {
	var means []float64
	for j, in := range of {
		if in {
			means = append(means, model.Mean(j))
		}
	}
	return means
}

func sameFloats(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool {
		return math.Float64bits(x) == math.Float64bits(y) || math.IsNaN(x) && math.IsNaN(y)
	})
}

// compareStandings goes the long way: the whole posterior, then the tiers.
func compareStandings(t *testing.T, model *NormalModel, index *Index, got *Standings, cuts *TierCuts) {
	t.Helper()
	options := ShrinkOptions{}
	if cuts != nil {
		options.Cuts = []float64{cuts.WorldClass, cuts.HighPerforming, cuts.Average}
	}
	shrunk, err := model.Shrink(options)
	if err != nil {
		t.Fatal(err)
	}
	inputs := make([]TierInput, len(index.PerOrganization))
	for j, score := range index.PerOrganization {
		o := shrunk.PerOrganization[j]
		inputs[j] = TierInput{N: score.N, Lambda: o.Lambda, PAbove: o.PAbove, NoTier: !score.TierAllowed || cuts == nil}
	}
	for j, want := range Classify(inputs).PerOrganization {
		tier, p := Tier(""), [4]float64{}
		if want.Tier != nil {
			tier = *want.Tier
			p = [4]float64{want.PWorldClass.Value, want.PHighPerforming.Value, want.PAverage.Value, want.PUnderPerforming.Value}
		}
		if gotP, own := got.P(j); got.Tier(j) != tier || got.Call(j) != want.Call || gotP != p || want.TierP.Valid && own != want.TierP.Value {
			t.Fatalf("organization %d of %d: %q, %s, %v; want %q, %s, %v", j, len(inputs), got.Tier(j), got.Call(j), gotP, tier, want.Call, p)
		}
	}
}

func TestAnIndexTableRefusesAMixThatIsNone(t *testing.T) {
	table := NewIndexTable(3, 2)
	for _, mix := range [][]float64{{1}, {1, -1}, {0, 0}, {math.Inf(1), 1}, {math.NaN(), 1}} {
		if _, err := table.Scores(mix); err == nil {
			t.Errorf("mix %v is taken", mix)
		}
	}
}

func BenchmarkStandingsOfTenThousandOrganizations(b *testing.B) {
	stream := NewStream(4, "standings", 0)
	cells := make([][]Moments, 10000)
	for j := range cells {
		cells[j] = make([]Moments, 3)
		effect := .1 * stream.Normal()
		for range 75 {
			cells[j][stream.IntN(3)].Add(math.Round(12*min(max(.5+effect+.2*stream.Normal(), 0), 1)) / 12)
		}
	}
	table := tableOf(cells, 3)
	parts := map[string]func() error{}
	mix := []float64{.3, .4, .3}
	scores, _ := table.Scores(mix)
	model, _ := FitNormal(scores.Y, scores.S2)
	eligible := model.Eligible(scores)
	cuts := model.MakeCuts(eligible).Cuts
	parts["scores"] = func() error { _, err := table.Scores(mix); return err }
	parts["fit"] = func() error { _, err := FitNormal(scores.Y, scores.S2); return err }
	parts["cuts"] = func() error { model.MakeCuts(model.Eligible(scores)); return nil }
	parts["stand"] = func() error { model.Stand(cuts, eligible); return nil }
	for _, name := range []string{"scores", "fit", "cuts", "stand"} {
		b.Run(name, func(b *testing.B) {
			from := cpuTime()
			defer func() { b.ReportMetric(float64((cpuTime()-from).Microseconds())/float64(b.N), "cpu-µs/op") }()
			for b.Loop() {
				if err := parts[name](); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
