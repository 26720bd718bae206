package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestWhatHasBeenKeptForLongEnoughIsRemovedForGood(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.People(t, s, 4)
		f.Campaign(t, s, survey.InvitationMail, 60)
		sent := send(t, s)
		people := must[[]survey.Respondent](t)(s.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{}))
		receipt := answered(t, s, f, 1, people[0].InvitationID)
		answered(t, s, f, 2, people[1].InvitationID)
		drafted(t, s, f, people[2].InvitationID)
		if err := s.SetRetention(t.Context(), ada, f.Study.ID, survey.Retention{IdentityDays: 30, DraftDays: 7, ResponseDays: 365}); err != nil {
			t.Fatal(err)
		}
		if done := must[[]store.RetentionDone](t)(s.KeepRetention(t.Context(), ada)); len(done) > 0 {
			t.Fatalf("an open wave lost %+v", done)
		}
		after := func(days int) *store.Store { return at(t, config, f.Wave.ClosesAt.AddDate(0, 0, days)) }

		done := must[[]store.RetentionDone](t)(after(7).KeepRetention(t.Context(), ada))
		if len(done) != 1 || done[0].Part != survey.KeptDrafts || done[0].Drafts != 1 || done[0].Responses+done[0].Contacts > 0 {
			t.Errorf("after a week: %+v", done)
		}
		if again := must[[]store.RetentionDone](t)(after(7).KeepRetention(t.Context(), ada)); len(again) > 0 {
			t.Errorf("again: %+v", again)
		}
		month := after(30)
		done = must[[]store.RetentionDone](t)(month.KeepRetention(t.Context(), ada))
		if len(done) != 1 || done[0].Part != survey.KeptIdentity || done[0].Contacts != 4 || done[0].Links != 4 || done[0].Mail != 4-len(sent) || done[0].Sent != len(sent) {
			t.Errorf("after a month: %+v", done)
		}
		if gone := must[[]survey.MailID](t)(month.ErasedMail(t.Context(), f.Wave.ClosesAt)); len(sent) == 0 || len(gone) != len(sent) || gone[0] != sent[0].ID {
			t.Errorf("%d messages had left, of which files may be there: %v", len(sent), gone)
		}
		if found := traces(t, config, "person-0@example.org", "person-3@example.org"); len(found) > 0 {
			t.Errorf("the database still holds %v", found)
		}
		if _, err := month.ResponseByInvitation(t.Context(), f.Wave.ID, people[0].InvitationID); survey.KindOf(err) != survey.NotFound {
			t.Errorf("the invitation still leads to the answers: %v", err)
		}
		if all := collect(t, month, f.Wave.ID); len(all) != 2 {
			t.Errorf("%d responses, want both", len(all))
		}
		year := after(365)
		done = must[[]store.RetentionDone](t)(year.KeepRetention(t.Context(), ada))
		if len(done) != 1 || done[0].Part != survey.KeptResponses || done[0].Responses != 2 {
			t.Errorf("after a year: %+v", done)
		}
		if found := traces(t, config, marker, receipt.Code); len(found) > 0 || len(collect(t, year, f.Wave.ID)) > 0 {
			t.Errorf("the database still holds %v", found)
		}
		if sound := must[store.Soundness](t)(year.Sound(t.Context())); sound != (store.Soundness{}) {
			t.Errorf("%+v", sound)
		}
		if got := standing(t, year, f.Wave.ID); got.Removed != 2 || got.Position != 2 {
			t.Errorf("%+v", got)
		}
		var log []string
		for _, e := range must[[]survey.AuditEntry](t)(year.AuditEntries(t.Context(), store.AuditPage{Study: f.Study.ID, Limit: 100})) {
			if strings.HasPrefix(e.Action, "retention.") {
				log = append(log, e.Action)
			}
		}
		if got := strings.Join(log, " "); got != "retention.responses retention.identity retention.drafts retention.set" {
			t.Errorf("the audit log says %s", got)
		}
	})
}

func TestPeriodsBelongToOneStudy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		if r := must[survey.Retention](t)(s.Retention(t.Context(), f.Study.ID)); r != (survey.Retention{}) {
			t.Errorf("a study without periods has %+v", r)
		}
		want := survey.Retention{IdentityDays: 1, ResponseDays: 3}
		for _, r := range []survey.Retention{{DraftDays: 9}, want} {
			if err := s.SetRetention(t.Context(), ada, f.Study.ID, r); err != nil {
				t.Fatal(err)
			}
		}
		if r := must[survey.Retention](t)(s.Retention(t.Context(), f.Study.ID)); r != want {
			t.Errorf("%+v, want %+v", r, want)
		}
		for name, c := range map[string]struct {
			kind survey.ErrorKind
			err  error
		}{
			"a negative period": {survey.Invalid, s.SetRetention(t.Context(), ada, f.Study.ID, survey.Retention{DraftDays: -1})},
			"no such study":     {survey.NotFound, s.SetRetention(t.Context(), ada, nowhere, want)},
			"no id":             {survey.NotFound, second(s.Retention(t.Context(), "x"))},
		} {
			if survey.KindOf(c.err) != c.kind {
				t.Errorf("%s: %v", name, c.err)
			}
		}
	})
}

// TestRetentionOfManyResponsesIsDoneInSlices has more than one transaction holds.
func TestRetentionOfManyResponsesIsDoneInSlices(t *testing.T) {
	config := storetest.SQLite(t)
	s := storetest.Open(t, config)
	f := storetest.OpenWave(t, s)
	must[int](t)(s.ImportResponses(t.Context(), f.Wave.ID, source(f, 11_000, nil), nil))
	if err := s.SetRetention(t.Context(), ada, f.Study.ID, survey.Retention{ResponseDays: 1}); err != nil {
		t.Fatal(err)
	}
	later := at(t, config, f.Wave.ClosesAt.Add(48*time.Hour))
	done := must[[]store.RetentionDone](t)(later.KeepRetention(t.Context(), ada))
	if len(done) != 1 || done[0].Responses != 11_000 || standing(t, s, f.Wave.ID).Removed != 11_000 {
		t.Errorf("%+v", done)
	}
}
