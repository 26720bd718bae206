package store_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func must[T any](t *testing.T) func(value T, err error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func wantKind(t *testing.T, err error, kind survey.ErrorKind) {
	t.Helper()
	if err == nil || survey.KindOf(err) != kind {
		t.Errorf("error is %v (%v), expected %s", err, survey.KindOf(err), kind)
	}
}

func collect(t *testing.T, s *store.Store, wave survey.WaveID) []*survey.Response {
	t.Helper()
	var all []*survey.Response
	if err := s.EachResponse(t.Context(), wave, func(r *survey.Response) error { all = append(all, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSubmittedResponsesComeBackAsTheyWereGiven(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		var submissions []survey.Submission
		for n := range 40 {
			submissions = append(submissions, f.Submission(n))
		}
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), submissions))
		responses := collect(t, s, f.Wave.ID)
		if len(responses) != 40 {
			t.Fatalf("%d responses of 40", len(responses))
		}
		for n, r := range responses {
			receipt := outcomes[n].Receipt
			if outcomes[n].Err != nil || receipt.Again || receipt.ResponseID != r.ID || !receipt.SubmittedAt.Equal(storetest.Now) {
				t.Errorf("outcome %d is %+v for response %s", n, outcomes[n], r.ID)
			}
			if _, ok := auth.ParseReceiptCode(receipt.Code); !ok {
				t.Errorf("receipt code %q", receipt.Code)
			}
			want := submissions[n].Response
			want.ID, want.SubmittedAt, want.Weight = r.ID, storetest.Now, 1
			if !reflect.DeepEqual(*r, want) {
				t.Errorf("response %d:\n got %+v\nwant %+v", n, *r, want)
			}
		}
		if e := must[store.Edition](t)(s.CountResponses(t.Context(), f.Wave.ID)); e.Responses != 40 || e.Position != 40 {
			t.Errorf("edition is %+v", e)
		}
	})
}

func TestSubmittingTwiceGivesTheSameReceipt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		first := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1), f.Submission(1)}))
		if first[0].Receipt.Again || !first[1].Receipt.Again || first[0].Receipt.Code != first[1].Receipt.Code {
			t.Errorf("in one batch: %+v", first)
		}
		other := f.Submission(1)
		other.Digest[0]++
		second := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1), other, f.Submission(2)}))
		want := first[0].Receipt
		want.Again = true
		if second[0].Err != nil || second[0].Receipt != want {
			t.Errorf("again: %+v, expected %+v", second[0], want)
		}
		wantKind(t, second[1].Err, survey.Conflict)
		if second[1].Receipt != want {
			t.Errorf("the receipt of other answers under the key is %+v, expected %+v", second[1].Receipt, want)
		}
		if second[2].Err != nil || second[2].Receipt.Again {
			t.Errorf("the neighbour got %+v", second[2])
		}
		if n := len(collect(t, s, f.Wave.ID)); n != 2 {
			t.Errorf("%d responses", n)
		}
	})
}

func TestABadSubmissionDoesNotFailItsNeighbours(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		elsewhere := must[survey.Study](t)(s.PutStudy(t.Context(), survey.Study{Key: "other", Title: "Other"}))
		stranger := must[survey.Organization](t)(s.PutOrganization(t.Context(), survey.Organization{StudyID: elsewhere.ID, Key: "x", Name: "X"}))
		cases := []struct {
			name string
			kind survey.ErrorKind
			harm func(*survey.Submission)
		}{
			{"no key", survey.Invalid, func(sub *survey.Submission) { sub.Key = "" }},
			{"a key with NUL", survey.Invalid, func(sub *survey.Submission) { sub.Key = "a\x00b" }},
			{"too few answers", survey.Invalid, func(sub *survey.Submission) { sub.Response.Answers = sub.Response.Answers[:3] }},
			{"a code beyond the scale", survey.Invalid, func(sub *survey.Submission) { sub.Response.Answers[0].Code = 99 }},
			{"a text with NUL", survey.Invalid, func(sub *survey.Submission) {
				sub.Response.Answers[len(sub.Response.Answers)-1] = survey.Answer{State: survey.Valid, Text: "a\x00b"}
			}},
			{"broken UTF-8 in the role", survey.Invalid, func(sub *survey.Submission) { sub.Response.Role = "\xff" }},
			{"a negative weight", survey.Invalid, func(sub *survey.Submission) { sub.Response.Weight = -1 }},
			{"an unknown wave", survey.NotFound, func(sub *survey.Submission) { sub.Response.WaveID = survey.WaveID(store.NewResponseID()) }},
			{"no wave", survey.NotFound, func(sub *survey.Submission) { sub.Response.WaveID = "" }},
			{"an organization of another study", survey.Invalid, func(sub *survey.Submission) { sub.Response.OrganizationID = stranger.ID }},
			{"an unknown team, which only the database knows", survey.Invalid, func(sub *survey.Submission) {
				sub.Response.TeamID = survey.TeamID(store.NewResponseID())
			}},
			{"an unknown invitation", survey.Invalid, func(sub *survey.Submission) {
				sub.InvitationID = survey.InvitationID(store.NewResponseID())
			}},
			{"a text as invitation", survey.Invalid, func(sub *survey.Submission) { sub.InvitationID = "'; --" }},
		}
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				bad := f.Submission(1000 + i)
				c.harm(&bad)
				outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(2 * i), bad, f.Submission(2*i + 1)}))
				wantKind(t, outcomes[1].Err, c.kind)
				for _, n := range []int{0, 2} {
					if outcomes[n].Err != nil || outcomes[n].Receipt.Code == "" {
						t.Errorf("neighbour %d got %+v", n, outcomes[n])
					}
				}
			})
		}
		if n := len(collect(t, s, f.Wave.ID)); n != 2*len(cases) {
			t.Errorf("%d responses, expected the %d good ones", n, 2*len(cases))
		}
	})
}

func TestAnInvitationIsUsedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		invitation, token := f.Invite(t, s, "anna")
		invited := func(n int) survey.Submission {
			sub := f.Submission(n)
			sub.InvitationID = invitation.ID
			return sub
		}
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{invited(1), invited(2)}))
		if outcomes[0].Err != nil {
			t.Fatal(outcomes[0].Err)
		}
		wantKind(t, outcomes[1].Err, survey.Conflict)
		later := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{invited(3), invited(1)}))
		wantKind(t, later[0].Err, survey.Conflict)
		if later[0].Receipt.Code != outcomes[0].Receipt.Code || later[1].Receipt.Code != outcomes[0].Receipt.Code || later[1].Err != nil {
			t.Errorf("later submissions got %+v", later)
		}
		used := must[survey.Invitation](t)(s.InvitationByToken(t.Context(), auth.HashToken(token)))
		if !used.UsedAt.Equal(storetest.Now) {
			t.Errorf("the invitation was used at %v", used.UsedAt)
		}
		kept := must[store.Kept](t)(s.ResponseByInvitation(t.Context(), f.Wave.ID, invitation.ID))
		if kept.Receipt.Code != outcomes[0].Receipt.Code || !reflect.DeepEqual(kept.Response.Answers, f.Answers(1)) {
			t.Errorf("kept is %+v", kept)
		}
	})
}

func TestASubmittedDraftIsGoneAndItsLinkFindsTheReceipt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		resume := auth.HashToken(auth.NewToken())
		draft := must[survey.Draft](t)(s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, Language: "en"}, resume))
		sub := f.Submission(1)
		sub.Key, sub.DraftID = string(draft.ID), draft.ID
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{sub}))
		if outcomes[0].Err != nil {
			t.Fatal(outcomes[0].Err)
		}
		_, err := s.DraftByToken(t.Context(), resume)
		wantKind(t, err, survey.NotFound)
		_, err = s.SaveDraft(t.Context(), draft)
		wantKind(t, err, survey.NotFound)
		_, err = s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}, resume)
		wantKind(t, err, survey.Conflict)
		byToken := must[store.Kept](t)(s.ResponseByToken(t.Context(), resume))
		byKey := must[store.Kept](t)(s.ResponseByKey(t.Context(), f.Wave.ID, string(draft.ID)))
		if byToken.Receipt.Code != outcomes[0].Receipt.Code || byKey.Receipt != byToken.Receipt {
			t.Errorf("receipts are %+v and %+v, expected %+v", byToken.Receipt, byKey.Receipt, outcomes[0].Receipt)
		}
	})
}

func TestAClosedWaveTakesNothingNewButAnswersRetries(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		now := storetest.Now
		config.Clock = func() time.Time { return now }
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		first := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1)}))
		closed := must[survey.Wave](t)(s.CloseWave(t.Context(), f.Wave.ID))
		if !closed.ClosesAt.Equal(now) || closed.State(now) != survey.WaveClosed {
			t.Errorf("closed wave: %+v", closed)
		}
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1), f.Submission(2)}))
		if outcomes[0].Err != nil || outcomes[0].Receipt.Code != first[0].Receipt.Code {
			t.Errorf("retry after the end: %+v", outcomes[0])
		}
		wantKind(t, outcomes[1].Err, survey.Closed)
		now = f.Wave.OpensAt.Add(-time.Minute)
		early := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(3)}))
		wantKind(t, early[0].Err, survey.Closed)
		if n := len(collect(t, s, f.Wave.ID)); n != 1 {
			t.Errorf("%d responses", n)
		}
	})
}

func TestAnotherProcessAnswersRetriesOfWhatItHasNotSeen(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		now := storetest.Now
		config.Clock = func() time.Time { return now }
		one := storetest.Open(t, config)
		f := storetest.OpenWave(t, one)
		invitation, _ := f.Invite(t, one, "anna")
		invited := f.Submission(3)
		invited.InvitationID = invitation.ID
		first := must[[]store.Outcome](t)(one.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1), f.Submission(2), invited}))
		two := storetest.Open(t, config)
		other := f.Submission(2)
		other.Digest[0]++
		got := must[[]store.Outcome](t)(two.SubmitBatch(t.Context(), []survey.Submission{f.Submission(1), f.Submission(4), other, invited, f.Submission(4)}))
		for i, earlier := range map[int]survey.Receipt{0: first[0].Receipt, 2: first[1].Receipt, 3: first[2].Receipt, 4: got[1].Receipt} {
			if earlier.Again = true; got[i].Receipt != earlier || earlier.Code == "" || (got[i].Err != nil) != (i == 2) {
				t.Errorf("outcome %d is %+v, expected %+v", i, got[i], earlier)
			}
		}
		wantKind(t, got[2].Err, survey.Conflict)
		if got[1].Err != nil || got[1].Receipt.Again {
			t.Errorf("the new one: %+v", got[1])
		}
		if n := len(collect(t, two, f.Wave.ID)); n != 4 {
			t.Errorf("%d responses of 4", n)
		}
		now = f.Wave.ClosesAt
		got = must[[]store.Outcome](t)(storetest.Open(t, config).SubmitBatch(t.Context(), []survey.Submission{f.Submission(1), f.Submission(5)}))
		if got[0].Err != nil || got[0].Receipt.Code != first[0].Receipt.Code || !got[0].Receipt.Again {
			t.Errorf("a retry after the end: %+v", got[0])
		}
		wantKind(t, got[1].Err, survey.Closed)
	})
}
