package benchmark

import "testing"

func TestAWaveOfOrdinaryOrganizationsIsClassified(t *testing.T) {
	b := ordinary(1).compute(t)
	if len(b.Practices) != 42 || len(b.Organizations) != 40 {
		t.Fatalf("%d practices, %d organizations", len(b.Practices), len(b.Organizations))
	}
	tiers := 0
	for _, o := range b.Organizations {
		if o.Classification.Tier != "" {
			tiers++
		}
	}
	if tiers < 30 {
		t.Errorf("only %d of 40 organizations have a tier", tiers)
	}
	for _, r := range b.Practices {
		if !r.WC.Shown() || !r.Rest.Shown() || r.All.CI == nil {
			t.Errorf("%s: WC %s, rest %s, all %s", r.Item, r.WC.Text(), r.Rest.Text(), r.All.Text())
		}
	}
}

func BenchmarkCompute(b *testing.B) {
	m := ordinary(1)
	snapshot, in := m.snapshot(b), m.input()
	b.ResetTimer()
	for b.Loop() {
		if _, err := Compute(b.Context(), snapshot, in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkComputeOrganization(b *testing.B) {
	m := ordinary(1)
	snapshot, in := m.snapshot(b), m.input()
	b.ResetTimer()
	for b.Loop() {
		if _, err := ComputeOrganization(b.Context(), snapshot, in, "org-003"); err != nil {
			b.Fatal(err)
		}
	}
}
