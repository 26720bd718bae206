package chart

import (
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/chart/charttest"
)

func TestATitleIsTheFindingAndNotWhatIsMissing(t *testing.T) {
	r := charttest.Organization()
	for i := range r.Practices {
		r.Practices[i].GapWC.CI = nil
	}
	f, err := OrganizationGaps(r)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(f.Title, "Furthest behind World-Class on ") || !strings.HasSuffix(f.Title, " points") {
		t.Errorf("the title is %q", f.Title)
	}
}
