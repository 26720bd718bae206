package store_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// marker is a word that only one person has written.
const marker = "Zwirbelwolke"

// answered submits for the person of the invitation, with the marker in the answers.
func answered(t *testing.T, s *store.Store, f storetest.Fieldwork, n int, invitation survey.InvitationID) survey.Receipt {
	t.Helper()
	submission := f.Submission(n)
	submission.InvitationID = invitation
	submission.Response.Answers[f.Instrument.TextFields()[0]] = survey.Answer{State: survey.Valid, Text: fmt.Sprintf("%s %d", marker, n)}
	outcome := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{submission}))[0]
	if outcome.Err != nil {
		t.Fatal(outcome.Err)
	}
	return outcome.Receipt
}

// drafted saves a draft of the person of the invitation, with the marker in it.
func drafted(t *testing.T, s *store.Store, f storetest.Fieldwork, invitation survey.InvitationID) {
	t.Helper()
	d := must[survey.Draft](t)(s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, InvitationID: invitation, Language: "en"}, auth.Hash{}))
	d.Answers = f.Answers(7)
	d.Answers[f.Instrument.TextFields()[0]] = survey.Answer{State: survey.Valid, Text: marker}
	must[survey.Draft](t)(s.SaveDraft(t.Context(), d))
}

// traces looks for texts in everything that the database keeps: a dump, or every
// byte of the file and of its log.
func traces(t *testing.T, config store.Config, texts ...string) []string {
	t.Helper()
	var all []byte
	if config.URL != "" {
		all = storetest.Dump(t, config)
	} else {
		for _, file := range []string{config.Path, config.Path + "-wal"} {
			content, err := os.ReadFile(file)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			all = append(all, content...)
		}
	}
	var found []string
	for _, text := range texts {
		if bytes.Contains(bytes.ToLower(all), bytes.ToLower([]byte(text))) {
			found = append(found, text)
		}
	}
	return found
}

func TestAPersonIsErasedByReceiptWithoutATrace(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.People(t, s, 3)
		people := must[[]survey.Respondent](t)(s.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{}))
		keep(t, s, f, 3)
		receipt := answered(t, s, f, 700, people[1].InvitationID)
		must[[]survey.Exclusion](t)(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.OtherExcluded, marker, &survey.Response{ID: receipt.ResponseID})))
		secrets := []string{marker, people[1].Email, string(receipt.ResponseID), receipt.Code, "submission-700"}
		if found := traces(t, config, secrets...); len(found) != len(secrets) {
			t.Fatalf("the search finds only %v of %v", found, secrets)
		}
		erased := must[store.Erased](t)(s.EraseByReceipt(t.Context(), ada, f.Wave.ID, strings.ToLower(receipt.Code)))
		if want := (store.Erased{Responses: 1, Contacts: 1, Links: 1}); erased != want {
			t.Errorf("%+v, want %+v", erased, want)
		}
		secrets[2] = "-" // its id stays in the audit log, where it leads to nothing
		if found := traces(t, config, append(secrets[:2:2], secrets[3:]...)...); len(found) > 0 {
			t.Errorf("the database still holds %v", found)
		}
		if got := standing(t, s, f.Wave.ID); got.Position != 4 || got.Removed != 1 || got.Revision != 2 {
			t.Errorf("%+v", got)
		}
		if e := must[store.Edition](t)(s.CountResponses(t.Context(), f.Wave.ID)); e.Responses != 3 || len(collect(t, s, f.Wave.ID)) != 3 {
			t.Errorf("%+v", e)
		}
		if sound := must[store.Soundness](t)(s.Sound(t.Context())); sound != (store.Soundness{}) {
			t.Errorf("%+v", sound)
		}
		keep(t, s, f, 5) // three are there, two are new
		if all := collect(t, s, f.Wave.ID); len(all) != 5 {
			t.Errorf("%d responses after the next ones", len(all))
		}
		if _, err := s.EraseByReceipt(t.Context(), ada, f.Wave.ID, receipt.Code); survey.KindOf(err) != survey.NotFound {
			t.Errorf("a second time: %v", err)
		}
		log := must[[]survey.AuditEntry](t)(s.AuditEntries(t.Context(), store.AuditPage{Limit: 1}))[0]
		if log.Action != "person.erase" || !strings.Contains(log.Detail, "by receipt: 1 responses") || strings.Contains(log.Detail+log.Object, receipt.Code) {
			t.Errorf("%+v", log)
		}
	})
}

func TestAPersonIsErasedByInvitationWithDraftAndWaitingMail(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.People(t, s, 2)
		f.Campaign(t, s, survey.InvitationMail, 60)
		person := must[[]survey.Respondent](t)(s.PersonsByEmail(t.Context(), "PERSON-1@example.org "))[0]
		drafted(t, s, f, person.InvitationID)
		found := must[[]survey.Invitation](t)(s.InvitationsOf(t.Context(), f.Wave.ID, "", "p1"))
		if len(found) != 1 || found[0].ID != person.InvitationID {
			t.Fatalf("%+v", found)
		}
		erased := must[store.Erased](t)(s.EraseByInvitation(t.Context(), ada, f.Wave.ID, person.InvitationID))
		if want := (store.Erased{Drafts: 1, Contacts: 1, Links: 1, Mail: 1}); erased != want {
			t.Errorf("%+v, want %+v", erased, want)
		}
		if found := traces(t, config, marker, person.Email); len(found) > 0 {
			t.Errorf("the database still holds %v", found)
		}
		if left := must[[]survey.Invitation](t)(s.InvitationsOf(t.Context(), f.Wave.ID, f.Organization.ID, "p1")); len(left) > 0 {
			t.Errorf("the reference is there still: %+v", left)
		}
		if sound := must[store.Soundness](t)(s.Sound(t.Context())); sound != (store.Soundness{}) {
			t.Errorf("%+v", sound)
		}
	})
}

func TestWhoWasErasedIsCountedNowhereAndCanNotComeBack(t *testing.T) {
	for _, mode := range survey.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				f := storetest.OpenWave(t, s, func(_ *store.Store, w *survey.Wave) { w.Mode = mode })
				f.People(t, s, 4)
				mails := map[string]store.ClaimedMail{}
				c := f.Campaign(t, s, survey.InvitationMail, 6000)
				for _, m := range send(t, s) {
					mails[m.Email] = m
				}
				used, open := mails["person-0@example.org"], mails["person-1@example.org"]
				answered(t, s, f, 1, used.Invitation)
				f.Campaign(t, s, survey.ReminderMail, 6000)
				for _, m := range []store.ClaimedMail{used, open} {
					erased := must[store.Erased](t)(s.EraseByInvitation(t.Context(), ada, f.Wave.ID, m.Invitation))
					if erased.Sent != 1 || erased.Links != 1 || erased.AnswersStay != (mode == survey.Anonymous && m.ID == used.ID) {
						t.Errorf("erased %+v", erased)
					}
				}
				left := must[store.FieldworkCounts](t)(s.FieldworkCounts(t.Context(), f.Wave.ID))
				if left.Total.Invited != 2 || left.Total.Used != 0 {
					t.Errorf("of four people two were erased, counted are %+v", left.Total)
				}
				if n := counts(t, s, c); n != (survey.CampaignCounts{Sent: 2}) {
					t.Errorf("the sending counts %+v", n)
				}
				if gone := must[[]survey.MailID](t)(s.ErasedMail(t.Context(), time.Time{})); len(gone) != 2 || !slices.Contains(gone, used.ID) || !slices.Contains(gone, open.ID) {
					t.Errorf("erased messages are %v", gone)
				}
				if gone := must[[]survey.MailID](t)(s.ErasedMail(t.Context(), storetest.Now.Add(time.Second))); len(gone) > 0 {
					t.Errorf("later than now were erased %v", gone)
				}
				_, err := s.InvitationByToken(t.Context(), auth.HashToken(open.Token))
				wantKind(t, err, survey.NotFound)
				late := f.Submission(2)
				late.InvitationID = open.Invitation
				if o := one(t, s, late); o.Err == nil {
					t.Error("whoever was erased has answered afterwards")
				}
				if _, err := s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, InvitationID: open.Invitation}, auth.Hash{}); err == nil {
					t.Error("whoever was erased has begun afterwards")
				}
				if place := must[store.OptOutPlace](t)(s.OptOutByToken(t.Context(), open.OptOut)); place != (store.OptOutPlace{}) {
					t.Errorf("the link to end mail leads to %+v", place)
				}
				check(t, s.OptOut(t.Context(), open.OptOut, true, store.OptOutPage))
			})
		})
	}
}

func TestInAnAnonymousWaveOnlyTheReceiptLeadsToAnswers(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s, func(_ *store.Store, w *survey.Wave) { w.Mode = survey.Anonymous })
		f.People(t, s, 3)
		people := must[[]survey.Respondent](t)(s.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{}))
		var receipt survey.Receipt
		for i, person := range people {
			receipt = answered(t, s, f, i, person.InvitationID)
		}
		erased := must[store.Erased](t)(s.EraseByInvitation(t.Context(), ada, f.Wave.ID, people[0].InvitationID))
		if erased.Responses != 0 || erased.Contacts != 1 || !erased.AnswersStay {
			t.Errorf("by invitation: %+v", erased)
		}
		erased = must[store.Erased](t)(s.EraseByReceipt(t.Context(), ada, f.Wave.ID, receipt.Code))
		if want := (store.Erased{Responses: 1}); erased != want {
			t.Errorf("by receipt: %+v", erased)
		}
		if found := traces(t, config, marker+" 2", receipt.Code); len(found) > 0 {
			t.Errorf("the database still holds %v", found)
		}
		if found := traces(t, config, marker+" 0", marker+" 1"); len(found) != 2 {
			t.Errorf("of the other answers only %v are left", found)
		}
		later := at(t, config, f.Wave.ClosesAt.Add(time.Hour))
		if all := collect(t, later, f.Wave.ID); len(all) != 2 {
			t.Errorf("%d responses", len(all))
		}
	})
}

func TestWhoIsNotThereIsNotErased(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		keep(t, s, f, 1)
		for name, c := range map[string]struct {
			kind survey.ErrorKind
			err  error
		}{
			"no receipt code":       {survey.Invalid, second(s.EraseByReceipt(t.Context(), ada, f.Wave.ID, "' OR 1=1"))},
			"a code of nobody":      {survey.NotFound, second(s.EraseByReceipt(t.Context(), ada, f.Wave.ID, auth.NewReceiptCode()))},
			"another wave":          {survey.NotFound, second(s.EraseByReceipt(t.Context(), ada, nowhere, auth.NewReceiptCode()))},
			"an invitation of none": {survey.NotFound, second(s.EraseByInvitation(t.Context(), ada, f.Wave.ID, nowhere))},
			"an id that is none":    {survey.NotFound, second(s.EraseByInvitation(t.Context(), ada, f.Wave.ID, "x"))},
		} {
			if survey.KindOf(c.err) != c.kind {
				t.Errorf("%s: %v, want %s", name, c.err, c.kind)
			}
		}
		if got := standing(t, s, f.Wave.ID); got != (store.Standing{Position: 1}) {
			t.Errorf("%+v", got)
		}
	})
}
