package store_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// roster plans and applies rows.
func roster(t *testing.T, s *store.Store, wave survey.WaveID, given store.RosterColumns, rows ...store.RosterRow) store.RosterPlan {
	t.Helper()
	plan := must[store.RosterPlan](t)(s.PlanRosterColumns(t.Context(), wave, rows, given))
	if len(plan.Problems) > 0 {
		t.Fatalf("%+v", plan.Problems)
	}
	if err := s.ApplyRoster(t.Context(), plan, func(int) {}); err != nil {
		t.Fatal(err)
	}
	return plan
}

var allColumns = store.RosterColumns{Team: true, Email: true, Name: true, Language: true, Role: true}

func TestARosterKnowsPeopleAgainByReferenceOrAddress(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		if err := s.UseKey(t.Context(), storetest.Key); err != nil {
			t.Fatal(err)
		}
		o := f.Organization.ID
		team := must[[]survey.Team](t)(s.PutTeams(t.Context(), o, []string{"North"}))[0]
		first := []store.RosterRow{{OrganizationID: o, Email: "ada@example.org", Name: "Ada"}, {OrganizationID: o, Reference: "2", Name: "Bert"}, {OrganizationID: o, Reference: "3", Email: "cleo@example.org"}}
		roster(t, s, f.Wave.ID, allColumns, first...)
		if again := roster(t, s, f.Wave.ID, allColumns, first...); again.Count(store.RosterUnchanged) != 3 || len(again.Gone) != 0 {
			t.Errorf("the same again: %+v", again.Outcomes)
		}
		plan := roster(t, s, f.Wave.ID, store.RosterColumns{Team: true, Email: true}, store.RosterRow{OrganizationID: o, Reference: "1", Email: "ADA@example.org", TeamID: team.ID},
			store.RosterRow{OrganizationID: o, Email: "cleo@example.org"}, store.RosterRow{OrganizationID: o, Reference: "4", Email: "dan@example.org"})
		if plan.Count(store.RosterChanged) != 1 || plan.Count(store.RosterUnchanged) != 1 || plan.Count(store.RosterAdded) != 1 || len(plan.Gone) != 1 || plan.Gone[0].Reference != "2" {
			t.Errorf("%+v, gone %+v", plan.Outcomes, plan.Gone)
		}
		people, err := s.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Limit: 10, Search: "AdA"})
		if err != nil || len(people) != 1 || people[0].Reference != "1" || people[0].Name != "Ada" || people[0].TeamID != team.ID {
			t.Errorf("ada is %+v, %v", people, err)
		}
		bert, err := s.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Limit: 10, WithoutMail: true})
		if err != nil || len(bert) != 1 || bert[0].Name != "Bert" {
			t.Fatalf("without an address: %+v, %v", bert, err)
		}
		if i := must[survey.Invitation](t)(s.InvitationByToken(t.Context(), auth.HashToken(bert[0].Token))); i.ID != bert[0].InvitationID {
			t.Errorf("the printed link leads to %+v", i)
		}
		c := f.Campaign(t, s, survey.InvitationMail, 100)
		if counts := must[survey.CampaignCounts](t)(s.CountCampaign(t.Context(), c.ID)); counts.Total() != 3 {
			t.Errorf("a mailing is about %+v", counts)
		}
	})
}

func TestARosterWithMistakesChangesNothing(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		if err := s.UseKey(t.Context(), storetest.Key); err != nil {
			t.Fatal(err)
		}
		o := f.Organization.ID
		rows := []store.RosterRow{{OrganizationID: o, Name: "Nobody"}, {OrganizationID: o, Email: "no address"}, {OrganizationID: o, Reference: "1"}, {OrganizationID: o, Reference: "1"},
			{OrganizationID: o, Reference: "2", Name: "A\nB"}, {OrganizationID: o, Reference: "3", Role: "\x00"}, {OrganizationID: o, Reference: "4", TeamID: survey.TeamID(f.Wave.ID)}}
		plan := must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, rows))
		if len(plan.Problems) != 6 {
			t.Errorf("%+v", plan.Problems)
		}
		wantKind(t, s.ApplyRoster(t.Context(), plan, func(int) {}), survey.Invalid)
		if n, err := s.CountRoster(t.Context(), f.Wave.ID, store.RosterQuery{}); n != 0 || err != nil {
			t.Errorf("%d people, %v", n, err)
		}
	})
}

// TestALargeRosterTakesSeconds logs what it costs; a broken off one is finished by
// the next attempt.
// Whoever keeps the roster could else have a reminder sent to an address of their own
// and read what somebody has saved.
func TestTheAddressOfSomebodyWhoHasBegunStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 2)
		rows := []store.RosterRow{{OrganizationID: f.Organization.ID, Reference: "p0", Email: "other@example.org"}, {OrganizationID: f.Organization.ID, Reference: "p1", Email: "another@example.org"}}
		plan := must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, rows))
		people := must[[]store.RosterPerson](t)(s.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Search: "p0", Limit: 1}))
		begun := people[0].InvitationID
		must[survey.Draft](t)(s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, InvitationID: begun}, auth.HashToken(people[0].Token)))
		wantKind(t, s.ApplyRoster(t.Context(), plan, func(int) {}), survey.Conflict) // begun after it was planned
		plan = must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, rows))
		if len(plan.Problems) != 1 || plan.Problems[0].Row != 0 || plan.Problems[0].Column != "email" {
			t.Errorf("%+v", plan.Problems)
		}
		if plan = must[store.RosterPlan](t)(s.PlanPerson(t.Context(), f.Wave.ID, begun, rows[0])); len(plan.Problems) != 1 {
			t.Errorf("by hand: %+v", plan.Problems)
		}
		if err := s.EraseRespondent(t.Context(), begun); err != nil {
			t.Fatal(err)
		}
		if plan = must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, rows)); len(plan.Problems) != 1 {
			t.Errorf("with the contact data erased: %+v", plan.Problems)
		}
		rows[0].Email, rows[0].Name = "", "Ada"
		if plan = must[store.RosterPlan](t)(s.PlanRosterColumns(t.Context(), f.Wave.ID, rows, store.RosterColumns{Name: true})); len(plan.Problems) != 0 {
			t.Errorf("a name alone: %+v", plan.Problems)
		}
	})
}

func TestALargeRosterTakesSeconds(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		if err := s.UseKey(t.Context(), storetest.Key); err != nil {
			t.Fatal(err)
		}
		rows := make([]store.RosterRow, 5_000)
		if os.Getenv("SALESBENCH_LONG") != "" {
			rows = make([]store.RosterRow, 50_000)
		}
		for i := range rows {
			rows[i] = store.RosterRow{OrganizationID: f.Organization.ID, Reference: fmt.Sprint(i), Email: fmt.Sprintf("p%d@example.org", i), Name: fmt.Sprintf("Person %d", i)}
		}
		began := time.Now()
		plan := must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, rows))
		planned := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		if err := s.ApplyRoster(ctx, plan, func(done int) {
			if done >= 2_000 {
				cancel()
			}
		}); err == nil {
			t.Fatal("a cancelled roster goes on")
		}
		plan = must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, rows))
		if n := plan.Count(store.RosterUnchanged); n != 2_000 {
			t.Errorf("%d are done of 2,000", n)
		}
		if err := s.ApplyRoster(t.Context(), plan, func(int) {}); err != nil {
			t.Fatal(err)
		}
		added := time.Now()
		for i := range rows {
			rows[i].Name += " the second"
		}
		plan = must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, rows))
		if err := s.ApplyRoster(t.Context(), plan, func(int) {}); err != nil || plan.Count(store.RosterChanged) != len(rows) {
			t.Fatalf("%d changed, %v", plan.Count(store.RosterChanged), err)
		}
		changed := time.Now()
		search := store.RosterQuery{Limit: 100, Offset: len(rows) - 100, Search: "second"}
		last := must[[]store.RosterPerson](t)(s.Roster(t.Context(), f.Wave.ID, search))
		if n := must[int](t)(s.CountRoster(t.Context(), f.Wave.ID, search)); n != len(rows) || len(last) != 100 {
			t.Errorf("%d people, %d on the last page", n, len(last))
		}
		t.Logf("%d people: compared in %v, added in %v, changed in %v, the last page of a search in %v", len(rows), planned.Sub(began), added.Sub(planned), changed.Sub(added), time.Since(changed))
	})
}
