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
