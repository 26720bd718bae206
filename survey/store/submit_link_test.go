package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
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

func TestLinksOfManyOrganizationsAreMadeTogetherOrNotAtAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s)
		var links []survey.OpenLink
		var tokens []auth.Hash
		for i := range 250 {
			o := must[survey.Organization](t)(s.PutOrganization(ctx, survey.Organization{StudyID: f.Study.ID, Key: fmt.Sprintf("many-%d", i), Name: "Many"}))
			links, tokens = append(links, survey.OpenLink{WaveID: f.Wave.ID, OrganizationID: o.ID}), append(tokens, auth.HashToken(auth.NewToken()))
		}
		before := must[int](t)(s.CountOpenLinks(ctx, f.Wave.ID))
		foreign := slices.Clone(links)
		foreign[249].OrganizationID = survey.OrganizationID("01920000-0000-7000-8000-000000000000")
		if err := s.CreateOpenLinks(ctx, f.Wave.ID, foreign, tokens); survey.KindOf(err) != survey.Invalid {
			t.Errorf("an organization of no study: %v", err)
		}
		if n := must[int](t)(s.CountOpenLinks(ctx, f.Wave.ID)); n != before {
			t.Errorf("%d links were made of a list that was refused", n-before)
		}
		if err := s.CreateOpenLinks(ctx, f.Wave.ID, links, tokens); err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 100, 249} {
			if link := must[survey.OpenLink](t)(s.OpenLinkByToken(ctx, tokens[i])); link.OrganizationID != links[i].OrganizationID {
				t.Errorf("link %d is for %s, want %s", i, link.OrganizationID, links[i].OrganizationID)
			}
		}
	})
}
