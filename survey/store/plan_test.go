package store_test

import (
	"regexp"
	"testing"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

// wholeTables are scans of all that a wave or an organization has, which grows.
var wholeTables = regexp.MustCompile(`Seq Scan|Index Scan using (responses_pkey|invitations_reference_unique)`)

// TestWhatRespondentsWaitForIsLookedUpByItsIndexFromTheFirstOn needs tables of which
// nothing is known: a plan that reads a whole wave looks as good there, and stays.
func TestWhatRespondentsWaitForIsLookedUpByItsIndexFromTheFirstOn(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t))
	plans, err := s.HotPlans(t.Context())
	if err != nil || len(plans) == 0 {
		t.Fatal(len(plans), err)
	}
	for statement, plan := range plans {
		if found := wholeTables.FindAllString(plan, -1); len(found) > 0 {
			t.Errorf("%q in the plan of\n%s\n%s", found, statement, plan)
		}
	}
}
