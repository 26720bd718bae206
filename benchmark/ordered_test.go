package benchmark

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

func TestAnOrderThatIsMendedIsTheOrderThatIsSorted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		x := make([]float64, random.IntN(30))
		for i := range x {
			x[i] = float64(random.IntN(9))
		}
		before := slices.Sorted(slices.Values(x))
		kept := slices.Clone(before)
		var out, in []float64
		for i := range x {
			if random.IntN(4) == 0 {
				out = append(out, x[i])
				x[i] = float64(random.IntN(9))
				in = append(in, x[i])
			}
		}
		if random.IntN(3) == 0 {
			x = append(x, 4.5)
			in = append(in, 4.5)
		}
		slices.Sort(out)
		slices.Sort(in)
		if got, want := reordered(before, out, in, cmp.Compare[float64]), slices.Sorted(slices.Values(x)); !slices.Equal(got, want) {
			t.Fatalf("%v without %v with %v is %v, want %v", before, out, in, got, want)
		}
		if !slices.Equal(before, kept) {
			t.Fatalf("the order of the last edition was changed to %v", before)
		}
	}
}

func TestAFilteredResultIsThatOfItsResponsesAloneAndNamesTheFilter(t *testing.T) {
	m := ordinary(3)
	whole, in := m.snapshot(t), m.input()
	some, err := whole.Where(panel.Filter{Attribute: panel.ByRole, Values: []string{"salesperson"}}, m.organizations)
	if err != nil {
		t.Fatal(err)
	}
	in.Seed, in.Kept = 42, &Kept{}
	compute := func(s *panel.Snapshot) *Benchmark {
		b, err := Compute(context.Background(), s, in)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	compute(whole)
	filtered := compute(some)
	alone := m
	alone.responses = slices.DeleteFunc(slices.Clone(m.responses), func(r survey.Response) bool { return r.Role != "salesperson" })
	in.Kept = nil
	want := compute(alone.snapshot(t))
	if !strings.Contains(filtered.Provenance.Filter, "salesperson") || want.Provenance.Filter != "" {
		t.Errorf("filters %q and %q", filtered.Provenance.Filter, want.Provenance.Filter)
	}
	filtered.Provenance = want.Provenance
	sameBytes(t, "the filter and its responses alone", asJSON(t, filtered, nil), asJSON(t, want, nil))
	if in.Drawn, err = Draw(context.Background(), whole, in); err != nil {
		t.Fatal(err)
	}
	if later := compute(some); later.Provenance.Drawn != Pending {
		t.Errorf("figures drawn of everybody stand in a filtered result: %q", later.Provenance.Drawn)
	}
}
