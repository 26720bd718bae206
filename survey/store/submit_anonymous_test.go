package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func anonymous(_ *store.Store, wave *survey.Wave) { wave.Mode = survey.Anonymous }

func one(t *testing.T, s *store.Store, sub survey.Submission) store.Outcome {
	t.Helper()
	return must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{sub}))[0]
}

func TestAnAnonymousWaveKeepsNothingOfTheInvitation(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s, anonymous)
		team := must[[]survey.Team](t)(s.PutTeams(t.Context(), f.Organization.ID, []string{"North"}))[0]
		invitation, token := f.Invite(t, s, "anna")
		draft := must[survey.Draft](t)(s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID,
			InvitationID: invitation.ID}, auth.Hash{}))
		sub := f.Submission(1)
		sub.InvitationID, sub.DraftID, sub.Response.TeamID = invitation.ID, draft.ID, team.ID
		first := one(t, s, sub)
		if first.Err != nil || first.Receipt.Again || !first.Receipt.SubmittedAt.Equal(storetest.Now) { // the wave was made then
			t.Fatalf("%+v", first)
		}
		row := lines(t, open(t, config), `SELECT coalesce(CAST(team_id AS text), 'none') || ' ' || coalesce(CAST(invitation_id AS text), 'none') || ' ' ||
			coalesce(seconds, 'none') || ' ' || language || ' ' || CAST(started_at = submitted_at AS text) || ' ' || substr(CAST(id AS text), 15, 1) FROM responses`)
		if got := fmt.Sprint(row); got != "[none none none  true 4]" && got != "[none none none  1 4]" {
			t.Errorf("kept is %s", got)
		}
		if used := must[survey.Invitation](t)(s.InvitationByToken(t.Context(), auth.HashToken(token))); !used.UsedAt.Equal(storetest.Now) {
			t.Errorf("the invitation is %+v", used)
		}
		if left := lines(t, open(t, config), "SELECT CAST(id AS text) FROM drafts"); len(left) != 0 {
			t.Errorf("drafts are left: %v", left)
		}
		for name, other := range map[string]*store.Store{"the same program": s, "another": storetest.Open(t, config)} {
			again := one(t, other, sub)
			if again.Err != nil || !again.Receipt.Again || again.Receipt.Code != first.Receipt.Code || again.Receipt.ResponseID != first.Receipt.ResponseID {
				t.Errorf("%s, asked again: %+v", name, again)
			}
			for what, change := range map[string]func(*survey.Submission){
				"another key":                       func(sub *survey.Submission) { sub.Key = "another" },
				"other answers":                     func(sub *survey.Submission) { sub.Digest[0]++ },
				"the key by an unused invitation":   func(sub *survey.Submission) { bert, _ := f.Invite(t, s, ""); sub.InvitationID = bert.ID },
				"the key by an unknown invitation":  func(sub *survey.Submission) { sub.InvitationID = survey.InvitationID(store.NewResponseID()) },
				"another key by a draft that is no": func(sub *survey.Submission) { sub.Key, sub.InvitationID = "third", "" },
			} {
				changed := sub
				change(&changed)
				if got := one(t, other, changed); got.Err == nil || got.Receipt != (survey.Receipt{}) {
					t.Errorf("%s, %s: %+v", name, what, got)
				}
			}
		}
		_, err := s.ResponseByInvitation(t.Context(), f.Wave.ID, invitation.ID)
		wantKind(t, err, survey.NotFound)
	})
}

func TestALinkOfADraftInAnAnonymousWaveCountsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s, anonymous)
		resume := auth.HashToken("resume")
		blank := survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}
		draft := must[survey.Draft](t)(s.StartDraft(ctx, blank, resume))
		two := []survey.Submission{f.Submission(1), f.Submission(2)} // two tabs at once
		for i := range two {
			two[i].DraftID = draft.ID
		}
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(ctx, two))
		if outcomes[0].Err != nil {
			t.Fatal(outcomes[0].Err)
		}
		wantKind(t, outcomes[1].Err, survey.Conflict)
		wantKind(t, one(t, s, two[1]).Err, survey.Conflict)
		entrances := must[[]store.Entrance](t)(s.Entrances(ctx, []auth.Hash{resume, auth.HashToken("guess")}))
		if e := entrances[0]; e.Err != nil || !e.Submitted || e.Place == nil || e.Place.Wave.ID != f.Wave.ID {
			t.Errorf("the spent link leads to %+v", e)
		}
		wantKind(t, entrances[1].Err, survey.NotFound)
		_, err := s.StartDraft(ctx, blank, resume)
		wantKind(t, err, survey.Conflict)
		begun := must[[]store.DraftOutcome](t)(s.KeepDrafts(ctx, []store.DraftChange{{Draft: blank, Resume: resume, Start: true}}))
		wantKind(t, begun[0].Err, survey.Conflict)
	})
}

func TestAnAnonymousWaveIsReadWhenItIsOver(t *testing.T) {
	eachAt(t, func(t *testing.T, s *store.Store, _ store.Config, now *time.Time) {
		f := storetest.OpenWave(t, s, anonymous, func(_ *store.Store, w *survey.Wave) { w.LateHours = 1 })
		const n = 300 // more than change places at a time
		for from := 0; from < n; from += 60 {
			batch := make([]survey.Submission, 60)
			for i := range batch {
				batch[i] = f.Submission(from + i)
			}
			for i, o := range must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch)) {
				if o.Err != nil {
					t.Fatalf("submission %d: %v", from+i, o.Err)
				}
			}
		}
		read := func() error {
			return s.EachResponse(t.Context(), f.Wave.ID, func(*survey.Response) error { return nil })
		}
		wantKind(t, read(), survey.Forbidden)
		must[survey.Wave](t)(s.CloseWave(t.Context(), f.Wave.ID))
		wantKind(t, read(), survey.Forbidden)
		*now = now.Add(time.Hour)
		var ids []survey.ResponseID
		position := must[int64](t)(s.ResponsesAfter(t.Context(), f.Wave.ID, 0, func(r *survey.Response) error {
			ids = append(ids, r.ID)
			return nil
		}))
		slices.Sort(ids)
		if position != n || len(slices.Compact(ids)) != n {
			t.Errorf("%d responses up to position %d", len(ids), position)
		}
	})
}
