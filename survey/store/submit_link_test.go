package store_test

import (
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestAKeyCountsForTheLinkByWhichItCameOnly(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		other := must[survey.Organization](t)(s.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "other", Name: "Other"}))
		team := must[[]survey.Team](t)(s.PutTeams(t.Context(), f.Organization.ID, []string{"North"}))[0]
		anna, _ := f.Invite(t, s, "anna")
		bert, _ := f.Invite(t, s, "bert")
		links := []func(*survey.Submission){
			func(*survey.Submission) {},
			func(sub *survey.Submission) { sub.Response.OrganizationID = other.ID },
			func(sub *survey.Submission) { sub.Response.TeamID = team.ID },
			func(sub *survey.Submission) { sub.InvitationID = anna.ID },
			func(sub *survey.Submission) { sub.InvitationID = bert.ID },
		}
		batch := make([]survey.Submission, len(links))
		for i, by := range links {
			batch[i] = f.Submission(1)
			by(&batch[i])
		}
		first := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch))
		if first[0].Err != nil || first[0].Receipt.Code == "" {
			t.Fatalf("the first: %+v", first[0])
		}
		again := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch))
		elsewhere := must[[]store.Outcome](t)(storetest.Open(t, config).SubmitBatch(t.Context(), batch))
		for i := 1; i < len(links); i++ {
			singly := must[[]store.Outcome](t)(storetest.Open(t, config).SubmitBatch(t.Context(), batch[i:i+1]))
			for where, got := range map[string]store.Outcome{"in one batch": first[i], "again": again[i], "by another process": elsewhere[i], "alone": singly[0]} {
				wantKind(t, got.Err, survey.Conflict)
				if got.Receipt != (survey.Receipt{}) {
					t.Errorf("link %d, %s, was given the receipt of another: %+v", i, where, got.Receipt)
				}
			}
		}
		for _, got := range []store.Outcome{again[0], elsewhere[0]} {
			if got.Err != nil || !got.Receipt.Again || got.Receipt.Code != first[0].Receipt.Code {
				t.Errorf("the retry by the same link: %+v", got)
			}
		}
		batch[3].Key = "a key of her own"
		hers := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch[3:4]))[0]
		batch[3].Response.TeamID = team.ID
		retried := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch[3:4]))[0]
		if hers.Err != nil || retried.Err != nil || !retried.Receipt.Again || retried.Receipt.Code != hers.Receipt.Code {
			t.Errorf("the invitation with a key of its own: %+v, then %+v", hers, retried)
		}
		if n := len(collect(t, s, f.Wave.ID)); n != 2 {
			t.Errorf("%d responses of 2", n)
		}
	})
}
