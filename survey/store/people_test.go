package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestARosterAgainChangesOnlyWhatIsDifferent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		check(t, s.UseKey(t.Context(), storetest.Key))
		f.Invite(t, s, "by-hand")
		team := must[[]survey.Team](t)(s.PutTeams(t.Context(), f.Organization.ID, []string{"North"}))[0]
		rows := []store.RosterRow{
			{OrganizationID: f.Organization.ID, Reference: "1", Email: " Ada@Example.org ", Name: "Ada", Language: "DE"},
			{OrganizationID: f.Organization.ID, Email: "bob@example.org", TeamID: team.ID},
			{OrganizationID: f.Organization.ID, Reference: "by-hand", Email: "cyd@example.org"},
		}
		apply := func(want ...store.RosterOutcome) {
			t.Helper()
			plan := must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, rows))
			if fmt.Sprint(plan.Outcomes) != fmt.Sprint(want) || len(plan.Problems) > 0 {
				t.Errorf("planned %v, expected %v; %v", plan.Outcomes, want, plan.Problems)
			}
			check(t, s.ApplyRoster(t.Context(), plan, func(int) {}))
		}
		apply(store.RosterAdded, store.RosterAdded, store.RosterHandMade)
		apply(store.RosterUnchanged, store.RosterUnchanged, store.RosterHandMade)
		before := must[[]survey.Respondent](t)(s.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{}))
		if len(before) != 2 || before[0].Email != "ada@example.org" || before[0].Language != "de" || before[1].TeamID != team.ID {
			t.Errorf("%+v", before)
		}
		rows[0].Email = "ada@new.example.org"
		apply(store.RosterChanged, store.RosterUnchanged, store.RosterHandMade)
		check(t, s.EraseRespondent(t.Context(), before[0].InvitationID))
		wantKind(t, s.EraseRespondent(t.Context(), before[0].InvitationID), survey.NotFound)
		apply(store.RosterChanged, store.RosterUnchanged, store.RosterHandMade)
		after := must[survey.Respondent](t)(s.RespondentByInvitation(t.Context(), before[0].InvitationID))
		if after.Email != "ada@new.example.org" {
			t.Errorf("%+v", after)
		}
	})
}

func TestARowOfARosterThatCanNotBeTakenIsNamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		check(t, s.UseKey(t.Context(), storetest.Key))
		good := store.RosterRow{OrganizationID: f.Organization.ID, Email: "ada@example.org"}
		bad := func(change func(*store.RosterRow)) store.RosterRow {
			row := good
			change(&row)
			return row
		}
		plan := must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, []store.RosterRow{good, good,
			bad(func(r *store.RosterRow) { r.Email = "nobody" }), bad(func(r *store.RosterRow) { r.Email = "a@b.org\r\nBcc: c@d.org" }),
			bad(func(r *store.RosterRow) { r.OrganizationID = "00000000-0000-7000-8000-000000000000" }),
			bad(func(r *store.RosterRow) { r.TeamID = "00000000-0000-7000-8000-000000000000" }),
			bad(func(r *store.RosterRow) { r.Name = "Ada\nBob" })}))
		if len(plan.Problems) != 8 || plan.Problems[0].Row != 1 { // two rows have two
			t.Errorf("%+v", plan.Problems)
		}
		wantKind(t, s.ApplyRoster(t.Context(), plan, func(int) {}), survey.Invalid)
		if people := must[[]survey.Respondent](t)(s.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{})); len(people) != 0 {
			t.Errorf("%d people were added all the same", len(people))
		}
	})
}

func TestACampaignOfTwentyThousandIsQueuedWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		const people = 20_000
		begin := time.Now()
		f.People(t, s, people)
		added := time.Since(begin)
		begin = time.Now()
		c := f.Campaign(t, s, survey.InvitationMail, 600)
		queued := time.Since(begin)
		begin = time.Now()
		got := counts(t, s, c)
		t.Logf("%d people: added in %s, queued in %s, counted in %s", people, added, queued, time.Since(begin))
		if got.Queued != people {
			t.Errorf("%+v", got)
		}
	})
}
