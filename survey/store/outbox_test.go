package store_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// eachClock runs the test on both databases with a clock that it moves.
func eachClock(t *testing.T, test func(t *testing.T, s *store.Store, clock *storetest.Clock)) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		clock := &storetest.Clock{}
		config.Clock = clock.Now
		test(t, storetest.Open(t, config), clock)
	})
}

var claim = store.Claim{Limit: 10, Lease: time.Minute, Ahead: time.Second}

func counts(t *testing.T, s *store.Store, c survey.Campaign) survey.CampaignCounts {
	t.Helper()
	return must[survey.CampaignCounts](t)(s.CountCampaign(t.Context(), c.ID))
}

// send takes what is due and says that it was sent.
func send(t *testing.T, s *store.Store) []store.ClaimedMail {
	t.Helper()
	mails := must[[]store.ClaimedMail](t)(s.ClaimMail(t.Context(), claim))
	for _, m := range mails {
		check(t, s.HoldMail(t.Context(), m, time.Minute))
		check(t, s.EndMail(t.Context(), m, store.MailOutcome{Status: survey.MailSent}))
	}
	return mails
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAMessageOfACampaignCarriesTheLinkOfItsInvitation(t *testing.T) {
	eachClock(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 1)
		f.Campaign(t, s, survey.InvitationMail, 60)
		mails := send(t, s)
		if len(mails) != 1 || mails[0].Email != "person-0@example.org" || mails[0].Organization != "Acme" || mails[0].Text.Language != "en" {
			t.Fatalf("claimed %+v", mails)
		}
		i := must[survey.Invitation](t)(s.InvitationByToken(t.Context(), auth.HashToken(mails[0].Token)))
		if i.ID != mails[0].Invitation {
			t.Errorf("the link opens invitation %s, not %s", i.ID, mails[0].Invitation)
		}
		f.Campaign(t, s, survey.ReminderMail, 60)
		if again := send(t, s); len(again) != 1 || again[0].Token != mails[0].Token {
			t.Errorf("the reminder carries another link than the invitation: %v", again)
		}
	})
}

func TestACampaignLeavesOutWhoMustNotBeWrittenTo(t *testing.T) {
	eachClock(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 5)
		people := must[[]survey.Respondent](t)(s.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{}))
		submission := f.Submission(1)
		submission.InvitationID = people[0].InvitationID
		must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{submission}))
		check(t, s.OptOutAddress(t.Context(), "Person-1@Example.org ", f.Study.ID))
		if n := must[int](t)(s.PutBounces(t.Context(), []store.Bounce{{Email: people[2].Email}})); n != 1 {
			t.Errorf("the bounce meets %d people", n)
		}
		check(t, s.EraseRespondent(t.Context(), people[3].InvitationID))
		c := f.Campaign(t, s, survey.ReminderMail, 600)
		if mails := send(t, s); len(mails) != 1 || mails[0].Email != people[4].Email {
			t.Errorf("claimed %+v", mails)
		}
		ahead := must[survey.CampaignCounts](t)(s.CampaignAhead(t.Context(), c.ID))
		if want := (survey.CampaignCounts{Queued: 1, Answered: 1, OptedOut: 1, Bounced: 1}); ahead != want {
			t.Errorf("ahead are %+v, expected %+v", ahead, want)
		}
		want := survey.CampaignCounts{Sent: 1, Answered: 1, OptedOut: 1, Bounced: 1}
		if got := counts(t, s, c); got != want {
			t.Errorf("counts %+v, expected %+v", got, want)
		}
	})
}

func TestWhatHappensBetweenClaimAndSendingIsSeen(t *testing.T) {
	eachClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 6)
		people := must[[]survey.Respondent](t)(s.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{}))
		c := f.Campaign(t, s, survey.ReminderMail, 6000)
		mails := must[[]store.ClaimedMail](t)(s.ClaimMail(t.Context(), claim))
		if len(mails) != 6 {
			t.Fatalf("claimed %d messages", len(mails))
		}
		hold := func(i int) {
			t.Helper()
			wantKind(t, s.HoldMail(t.Context(), mails[i], time.Minute), survey.Conflict)
		}
		submission := f.Submission(1)
		submission.InvitationID = mails[0].Invitation
		must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{submission}))
		check(t, s.OptOut(t.Context(), mails[1].OptOut, false, store.OptOutOneClick))
		check(t, s.EraseRespondent(t.Context(), people[2].InvitationID))
		for i := range 3 {
			hold(i)
		}
		must[survey.Campaign](t)(s.PauseCampaign(t.Context(), c.ID))
		hold(3)
		if got := counts(t, s, c); got.Queued != 1 || got.Answered != 1 || got.OptedOut != 1 || got.Erased != 1 {
			t.Errorf("counts %+v", got)
		}
		must[survey.Campaign](t)(s.ResumeCampaign(t.Context(), c.ID))
		check(t, s.HoldMail(t.Context(), mails[4], time.Minute))
		must[survey.Campaign](t)(s.CancelCampaign(t.Context(), c.ID))
		hold(5)
		check(t, s.EndMail(t.Context(), mails[4], store.MailOutcome{Status: survey.MailSent}))
		if got := counts(t, s, c); got.Cancelled != 2 || got.Sent != 1 || got.Open() != 0 {
			t.Errorf("counts %+v", got)
		}
		_, err := s.StartCampaign(t.Context(), c.ID)
		wantKind(t, err, survey.Conflict)
		clock.Move(25 * time.Hour)
		_, err = s.PlanCampaign(t.Context(), survey.Campaign{WaveID: f.Wave.ID, Kind: survey.ReminderMail})
		wantKind(t, err, survey.Closed)
	})
}

func TestALostSenderLeavesWhatHadNotBegunToOthersAndTheRestToAPerson(t *testing.T) {
	eachClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 2)
		c := f.Campaign(t, s, survey.InvitationMail, 6000)
		mails := must[[]store.ClaimedMail](t)(s.ClaimMail(t.Context(), claim))
		check(t, s.HoldMail(t.Context(), mails[0], time.Minute))
		if back := must[store.Reclaimed](t)(s.ReclaimMail(t.Context())); back != (store.Reclaimed{}) {
			t.Errorf("taken back before the lease is over: %+v", back)
		}
		clock.Move(2 * time.Minute)
		if back := must[store.Reclaimed](t)(s.ReclaimMail(t.Context())); back != (store.Reclaimed{Queued: 1, Uncertain: 1}) {
			t.Errorf("taken back %+v", back)
		}
		wantKind(t, s.HoldMail(t.Context(), mails[1], time.Minute), survey.Conflict)
		if again := send(t, s); len(again) != 1 || again[0].ID != mails[1].ID {
			t.Errorf("then sent %+v", again)
		}
		if got := counts(t, s, c); got.Sent != 1 || got.Uncertain != 1 {
			t.Errorf("counts %+v", got)
		}
		if done := must[[]survey.Campaign](t)(s.EndCampaigns(t.Context(), survey.Actor{Name: "schedule"})); len(done) != 1 {
			t.Errorf("%d campaigns are done", len(done))
		}
		check(t, s.DecideMail(t.Context(), mails[0].ID, true))
		wantKind(t, s.DecideMail(t.Context(), mails[0].ID, true), survey.Conflict)
		if again := send(t, s); len(again) != 1 || again[0].ID != mails[0].ID {
			t.Errorf("after the decision sent %+v", again)
		}
	})
}

func TestALateWordOfTheSenderCountsForAnUncertainMessage(t *testing.T) {
	eachClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 1)
		c := f.Campaign(t, s, survey.InvitationMail, 60)
		mails := must[[]store.ClaimedMail](t)(s.ClaimMail(t.Context(), claim))
		check(t, s.HoldMail(t.Context(), mails[0], time.Minute))
		clock.Move(2 * time.Minute)
		must[store.Reclaimed](t)(s.ReclaimMail(t.Context()))
		check(t, s.EndMail(t.Context(), mails[0], store.MailOutcome{Status: survey.MailSent}))
		if got := counts(t, s, c); got.Sent != 1 || got.Uncertain != 0 {
			t.Errorf("counts %+v", got)
		}
	})
}

func TestTheRateOfACampaignHoldsOverAllSenders(t *testing.T) {
	eachClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 40)
		f.Campaign(t, s, survey.InvitationMail, 30)
		var turns []time.Time
		for range 120 {
			var mutex sync.Mutex
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					mails, err := s.ClaimMail(t.Context(), claim)
					if err != nil {
						t.Error(err)
					}
					mutex.Lock()
					defer mutex.Unlock()
					for _, m := range mails {
						turns = append(turns, m.SendAt)
					}
				})
			}
			all.Wait()
			clock.Move(500 * time.Millisecond)
		}
		if len(turns) != 31 {
			t.Errorf("%d messages were taken in a minute at a rate of 30", len(turns))
		}
		slices.SortFunc(turns, time.Time.Compare)
		for i := 1; i < len(turns); i++ {
			if gap := turns[i].Sub(turns[i-1]); gap != 2*time.Second {
				t.Errorf("message %d has its turn %s after the one before", i, gap)
			}
		}
	})
}

func TestManySendersTakeEachMessageOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 300)
		c := f.Campaign(t, s, survey.InvitationMail, store.HighestPerMinute)
		var mutex sync.Mutex
		taken := map[survey.MailID]int{}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 100 {
					mails, err := s.ClaimMail(t.Context(), store.Claim{Limit: 7, Lease: time.Minute, Ahead: time.Hour})
					if err != nil {
						t.Error(err)
						return
					}
					for _, m := range mails {
						if err := s.HoldMail(t.Context(), m, time.Minute); err != nil {
							t.Error(err)
						}
						mutex.Lock()
						taken[m.ID]++
						mutex.Unlock()
						if err := s.EndMail(t.Context(), m, store.MailOutcome{Status: survey.MailSent}); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
		for id, n := range taken {
			if n != 1 {
				t.Errorf("message %s was taken %d times", id, n)
			}
		}
		if got := counts(t, s, c); got.Sent != 300 || len(taken) != 300 {
			t.Errorf("%d taken, counts %+v", len(taken), got)
		}
	})
}

func TestQueueingACampaignAgainAddsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		f.People(t, s, 1500)
		c := f.Campaign(t, s, survey.InvitationMail, 60)
		for step := (store.QueueStep{}); !step.Done; {
			step = must[store.QueueStep](t)(s.QueueCampaign(t.Context(), c.ID, step.After))
		}
		if got := counts(t, s, c); got.Queued != 1500 || got.Total() != 1500 {
			t.Errorf("counts %+v", got)
		}
		second := f.Campaign(t, s, survey.InvitationMail, 60)
		if got := counts(t, s, second); got.Invited != 1500 || got.Total() != 1500 {
			t.Errorf("counts of a second campaign %+v", got)
		}
	})
}

func TestASingleMailWaitsSealedAndLeavesNothingBehind(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		m := store.SingleMail{Kind: survey.PasswordMail, Email: "ada@example.org", Subject: "A new password", Body: "https://example.org/secret-link"}
		wantKind(t, s.EnqueueMail(t.Context(), m), survey.Unavailable)
		check(t, s.UseKey(t.Context(), storetest.Key))
		check(t, s.EnqueueMail(t.Context(), m))
		sealed := func() string {
			return strings.Join(lines(t, open(t, config), "SELECT coalesce(CAST(sealed AS text), 'nothing') FROM outbox"), "")
		}
		if text := sealed(); text == "nothing" || strings.Contains(text, "secret-link") || strings.Contains(text, hex.EncodeToString([]byte("secret-link"))) {
			t.Errorf("the database holds %q", text)
		}
		mails := send(t, s)
		if len(mails) != 1 || *mails[0].Single != m {
			t.Errorf("claimed %+v", mails)
		}
		if text := sealed(); text != "nothing" {
			t.Errorf("after sending the database holds %q", text)
		}
		wantKind(t, s.EnqueueMail(t.Context(), store.SingleMail{Email: "ada@example.org\r\nBcc: all@example.org"}), survey.Invalid)
	})
}

func TestAnotherKeyIsRefused(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		if has := must[bool](t)(s.HasKey(t.Context())); has {
			t.Error("a fresh database has met a key")
		}
		check(t, s.UseKey(t.Context(), storetest.Key))
		check(t, s.UseKey(t.Context(), storetest.Key))
		wantKind(t, s.UseKey(t.Context(), auth.NewKey()), survey.Conflict)
		if key := must[auth.Key](t)(s.Key()); key != storetest.Key {
			t.Error("the refused key is in use")
		}
	})
}

func TestNoDumpOfTheDatabaseHoldsALink(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.People(t, s, 1)
		f.Campaign(t, s, survey.InvitationMail, 60)
		mails := send(t, s)
		db := open(t, config)
		for _, query := range []string{"SELECT CAST(id AS text) || status || reason || coalesce(CAST(sealed AS text), '') FROM outbox",
			"SELECT CAST(id AS text) || email || name || CAST(email_hash AS text) FROM respondents", "SELECT CAST(token_hash AS text) FROM invitations",
			"SELECT subject || body FROM campaign_texts"} {
			for _, line := range lines(t, db, query) {
				if strings.Contains(line, mails[0].Token) || strings.Contains(line, mails[0].OptOut) {
					t.Errorf("%s shows a link", query)
				}
			}
		}
	})
}

func TestWorkIsCountedByWhereItStands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		check(t, s.UseKey(t.Context(), storetest.Key))
		if counts := must[store.WorkCounts](t)(s.CountWork(t.Context())); len(counts.Mails)+len(counts.Jobs) > 0 || counts.Overdue != 0 {
			t.Errorf("of an empty database: %+v", counts)
		}
		check(t, s.EnqueueMail(t.Context(), store.SingleMail{Email: "ada@example.org", Subject: "S", Body: "B"}))
		counts := must[store.WorkCounts](t)(s.CountWork(t.Context()))
		if counts.Mails[survey.MailQueued] != 1 || counts.Overdue < 0 || counts.Overdue > time.Hour {
			t.Errorf("%+v", counts)
		}
	})
}
