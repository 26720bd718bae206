package store_test

import (
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestWhatTheDatabaseDoesNotEnforceIsFound(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		team := must[[]survey.Team](t)(s.PutTeams(t.Context(), f.Organization.ID, []string{"North"}))[0]
		invitation, _ := f.Invite(t, s, "anna")
		batch := []survey.Submission{f.Submission(1), f.Submission(2), f.Submission(3)}
		batch[1].Response.TeamID, batch[2].InvitationID = team.ID, invitation.ID
		for _, o := range must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch)) {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
		}
		must[survey.Draft](t)(s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}, auth.HashToken("a")))
		if found := must[store.Soundness](t)(s.Sound(t.Context())); found != (store.Soundness{}) {
			t.Errorf("in order, but found: %+v", found)
		}
		stray := string(store.NewResponseID())
		for _, harm := range []string{
			"UPDATE responses SET organization_id = '" + stray + "' WHERE position = 1",
			"UPDATE responses SET team_id = '" + stray + "' WHERE position = 2",
			"UPDATE responses SET invitation_id = '" + stray + "' WHERE position = 3",
			"UPDATE drafts SET wave_id = '" + stray + "'",
			"UPDATE wave_positions SET position = 4",
		} {
			if _, err := open(t, config).Exec(harm); err != nil {
				t.Fatal(err)
			}
		}
		if found := must[store.Soundness](t)(s.Sound(t.Context())); found != (store.Soundness{Orphans: 4, Miscounted: 1}) {
			t.Errorf("found %+v", found)
		}
	})
}
