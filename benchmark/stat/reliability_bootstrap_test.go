package stat

import (
	"math"
	"slices"
	"testing"
)

// moodyOrganizations are answers of 5 items in which a person's mood and an
// organization's climate show.
func moodyOrganizations(organizations, size int) (columns [][]uint8, org []int32) {
	stream := NewStream(12, "moody organizations", 0)
	columns = make([][]uint8, 5)
	for j := range organizations {
		climate := stream.Normal()
		for range size {
			mood := stream.Normal()
			for k := range columns {
				answer := math.Round(4 + 0.5*climate + 0.8*mood + stream.Normal())
				columns[k] = append(columns[k], uint8(math.Max(1, math.Min(7, answer))))
			}
			org = append(org, int32(j))
		}
	}
	return columns, org
}

func TestBootstrapOfReliabilitySurroundsTheEstimate(t *testing.T) {
	columns, org := moodyOrganizations(40, 15)
	want, err := Reliability(columns, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	got, err := BootstrapReliability(columns, org, BootstrapOptions{Seed: 1, Replicates: 400})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "alpha", got.Alpha.Estimate, want.Alpha.Value, 1e-12)
	wantNumber(t, "omega", got.Omega.Estimate, want.Omega.Value, 1e-9)
	for name, b := range map[string]Bootstrapped{"alpha": got.Alpha, "omega": got.Omega} {
		if b.CIPercentile == nil || b.CIPercentile.Lower >= b.Estimate.Value || b.CIPercentile.Upper <= b.Estimate.Value {
			t.Errorf("%s = %v in %v, reasons %v", name, b.Estimate, b.CIPercentile, b.Reasons)
		}
	}
	// People drawn one by one are what Feldt's interval assumes.
	people := make([]int32, len(org))
	for i := range people {
		people[i] = int32(i)
	}
	alone, err := BootstrapReliability(columns, people, BootstrapOptions{Seed: 1, Replicates: 400})
	if err != nil {
		t.Fatal(err)
	}
	width := func(i *Interval) float64 { return i.Upper - i.Lower }
	if ratio := width(alone.Alpha.CIPercentile) / width(want.AlphaCI); ratio < 0.8 || ratio > 1.25 {
		t.Errorf("interval over persons is %.2f times as wide as Feldt's", ratio)
	}
	again, _ := BootstrapReliability(columns, org, BootstrapOptions{Seed: 1, Replicates: 400})
	if *again.Omega.CIPercentile != *got.Omega.CIPercentile {
		t.Error("the same seed gave two intervals")
	}
}

func TestBootstrapOfReliabilityAnswersDegenerateScalesWithReasons(t *testing.T) {
	columns, org := moodyOrganizations(12, 5)
	constant := make([]uint8, len(org))
	for i := range constant {
		constant[i] = 3
	}
	for _, c := range []struct {
		name    string
		columns [][]uint8
		org     []int32
		alpha   Reason
		omega   Reason
	}{
		{"nobody", [][]uint8{{}, {}}, nil, NoValidAnswers, NoValidAnswers},
		{"nine organizations", [][]uint8{columns[0][:45], columns[1][:45], columns[2][:45]}, org[:45], FewOrganizations, FewOrganizations},
		{"two items", columns[:2], org, "", NoValidAnswers},
		{"constant items", [][]uint8{constant, constant, constant}, org, NoValidAnswers, NoValidAnswers},
	} {
		got, err := BootstrapReliability(c.columns, c.org, BootstrapOptions{Seed: 2, Replicates: 100})
		if err != nil {
			t.Fatal(err)
		}
		if c.alpha != "" && !slices.Contains(got.Alpha.Reasons, c.alpha) {
			t.Errorf("%s: reasons of alpha %v, want %s", c.name, got.Alpha.Reasons, c.alpha)
		}
		if !slices.Contains(got.Omega.Reasons, c.omega) {
			t.Errorf("%s: reasons of omega %v, want %s", c.name, got.Omega.Reasons, c.omega)
		}
	}
	if _, err := BootstrapReliability(columns, org[:3], BootstrapOptions{}); err == nil {
		t.Error("columns of different length were accepted")
	}
}
