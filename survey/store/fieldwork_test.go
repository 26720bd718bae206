package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestFieldworkIsCountedByOrganizationTeamAndRole(t *testing.T) {
	for _, mode := range survey.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			eachAt(t, func(t *testing.T, s *store.Store, _ store.Config, now *time.Time) {
				ctx := t.Context()
				f := storetest.OpenWave(t, s, func(_ *store.Store, w *survey.Wave) { w.Mode, w.ClosesAt = mode, w.OpensAt.AddDate(0, 1, 0) })
				team := must[[]survey.Team](t)(s.PutTeams(ctx, f.Organization.ID, []string{"North"}))[0]
				invite := func(n int) []survey.Invitation {
					list := make([]store.NewInvitation, n)
					for i := range list {
						list[i] = store.NewInvitation{OrganizationID: f.Organization.ID, TeamID: team.ID, Token: auth.HashToken(auth.NewToken())}
					}
					return must[[]survey.Invitation](t)(s.CreateInvitations(ctx, f.Wave.ID, list))
				}
				invited := invite(20)
				f.Invite(t, s, "without team")
				answer := func(from, to int) {
					for i := from; i < to; i++ {
						sub := f.Submission(i)
						sub.InvitationID, sub.Response.TeamID, sub.Response.Role = invited[i].ID, team.ID, []string{"manager", "salesperson"}[i%2]
						if o := one(t, s, sub); o.Err != nil {
							t.Fatal(o.Err)
						}
					}
				}
				answer(0, 5)
				*now = now.AddDate(0, 0, 14)
				answer(5, 13)
				must[survey.Draft](t)(s.StartDraft(ctx, survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, TeamID: team.ID, InvitationID: invited[19].ID}, auth.Hash{}))
				got := must[store.FieldworkCounts](t)(s.FieldworkCounts(ctx, f.Wave.ID))
				want, managers, sellers := store.GroupCount{Invited: 21, Used: 13, Drafts: 1, Responses: 13, Recent: 8}, 7, 6
				if mode == survey.Anonymous {
					want.Recent, managers, sellers = 13, 5, 5
				}
				inTeam := want
				inTeam.Invited = 20
				if got.Total != want || got.Organizations[f.Organization.ID] != want || got.Teams[team.ID] != inTeam ||
					got.Roles["manager"].Responses != managers || got.Roles["salesperson"].Responses != sellers || len(got.Roles) != 2 {
					t.Errorf("%+v", got)
				}
				if o := survey.Forecast(f.Wave, *now, got.Total.Progress(), 15); o.Prospect != survey.Likely {
					t.Errorf("the outlook is %+v", o)
				}
				_, err := s.FieldworkCounts(ctx, survey.WaveID(store.NewResponseID()))
				wantKind(t, err, survey.NotFound)
			})
		})
	}
}

func TestTheFieldworkOfTwentyThousandInvitationsIsCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s)
		list := make([]survey.Organization, 200)
		for i := range list {
			list[i] = survey.Organization{StudyID: f.Study.ID, Key: fmt.Sprintf("o-%d", i), Name: fmt.Sprintf("Organization %d", i)}
		}
		organizations := must[[]survey.Organization](t)(s.PutOrganizations(ctx, f.Study.ID, list))
		invitations := make([]store.NewInvitation, 20_000)
		for i := range invitations {
			invitations[i] = store.NewInvitation{OrganizationID: organizations[i%200].ID, Token: auth.HashToken(fmt.Sprint(i))}
		}
		made := must[[]survey.Invitation](t)(s.CreateInvitations(ctx, f.Wave.ID, invitations))
		for from := 0; from < 8_000; from += 250 {
			batch := make([]survey.Submission, 250)
			for i := range batch {
				batch[i] = f.Submission(from + i)
				batch[i].InvitationID, batch[i].Response.OrganizationID = made[from+i].ID, made[from+i].OrganizationID
			}
			must[[]store.Outcome](t)(s.SubmitBatch(ctx, batch))
		}
		begun := time.Now()
		got := must[store.FieldworkCounts](t)(s.FieldworkCounts(ctx, f.Wave.ID))
		t.Logf("counted in %v", time.Since(begun))
		if got.Total.Invited != 20_000 || got.Total.Used != 8_000 || got.Total.Responses != 8_000 || len(got.Organizations) != 200 {
			t.Errorf("%+v, %d organizations", got.Total, len(got.Organizations))
		}
	})
}
