package benchmark

import (
	"context"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func (m made) report(t testing.TB, key string) *OrganizationReport {
	t.Helper()
	r, err := ComputeOrganization(context.Background(), m.snapshot(t), m.input(), key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnOrganizationSeesItsStrengthsAndGaps(t *testing.T) {
	r := ordinary(1).report(t, "org-003")
	if r.Status != OK || len(r.Practices) != 42 || len(r.Areas) != 6 {
		t.Fatalf("status %s, %d practices, %d areas", r.Status, len(r.Practices), len(r.Areas))
	}
	for _, g := range r.Gaps {
		if !g.KeyPractice || g.GapWC.Value.Value <= 0 {
			t.Errorf("gap %s: %s", g.Item, g.GapWC.Text())
		}
	}
}

func TestAnUnknownOrganizationIsNotFound(t *testing.T) {
	m := ordinary(1)
	_, err := ComputeOrganization(context.Background(), m.snapshot(t), m.input(), "nobody")
	if survey.KindOf(err) != survey.NotFound {
		t.Errorf("error %v", err)
	}
}
