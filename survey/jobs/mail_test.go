package jobs_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/mail/mailtest"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

var from = mail.Address{Name: "Research", Email: "research@example.org"}

// quick lets a test see in a second what else takes minutes.
var quick = jobs.Pace{Look: 20 * time.Millisecond, Senders: 2, Claim: 5, Lease: 3 * time.Second, SendLease: 3 * time.Second,
	Again: []time.Duration{50 * time.Millisecond, 100 * time.Millisecond}}

// ticking is a configuration whose clock goes on from the moment of the tests.
func ticking(config store.Config) store.Config {
	begin := time.Now()
	config.Clock = func() time.Time { return storetest.Now.Add(time.Since(begin)) }
	return config
}

func runner(s *store.Store, config store.Config, sender mail.Sender) *jobs.Runner {
	return jobs.New(jobs.Options{Store: s, Sender: sender, From: from, BaseURL: "https://survey.example.org", Now: config.Clock, Pace: quick, Log: slog.New(slog.DiscardHandler)})
}

func start(t *testing.T, r *jobs.Runner) {
	t.Helper()
	r.Start()
	t.Cleanup(func() {
		if err := r.Drain(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(40 * time.Second)
	for !holds() {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func counts(t *testing.T, s *store.Store, c survey.Campaign) survey.CampaignCounts {
	t.Helper()
	return must[survey.CampaignCounts](t)(s.CountCampaign(t.Context(), c.ID))
}

func TestACampaignRunsFromItsTimeToItsEnd(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		config = ticking(config)
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.People(t, s, 30)
		f.Study.Sender = "Institute for Selling"
		must[survey.Study](t)(s.PutStudy(t.Context(), f.Study))
		server := mailtest.Start(t)
		start(t, runner(s, config, server.SMTP()))
		c := must[survey.Campaign](t)(s.PlanCampaign(t.Context(), survey.Campaign{WaveID: f.Wave.ID, Kind: survey.InvitationMail,
			PerMinute: store.HighestPerMinute, ScheduledAt: config.Clock().Add(200 * time.Millisecond)}))
		eventually(t, "the campaign is done", func() bool {
			return must[survey.Campaign](t)(s.CampaignByID(t.Context(), c.ID)).Status == survey.CampaignDone
		})
		if got := counts(t, s, c); got != (survey.CampaignCounts{Sent: 30}) {
			t.Errorf("counts %+v", got)
		}
		checkLedger(t, server, 30)
		m := server.To(t, "person-7@example.org")[0]
		unsubscribe := strings.Trim(m.Header.Get("List-Unsubscribe"), "<>")
		token := strings.TrimPrefix(unsubscribe, "https://survey.example.org"+jobs.OptOutPath)
		place := must[store.OptOutPlace](t)(s.OptOutByToken(t.Context(), token))
		if place.Email != "person-7@example.org" || place.OptedOut || m.Header.Get("Reply-To") != "<research@example.org>" {
			t.Errorf("the link to end mail leads to %+v", place)
		}
		if text := must[[]byte](t)(io.ReadAll(m.Body)); !bytes.Contains(text, []byte("?lang=3Den")) && !bytes.Contains(text, []byte("?lang=en")) {
			t.Errorf("the link does not lead to the language of the mail: %s", text)
		}
		if got := m.Header.Get("From"); got != `"Institute for Selling" <research@example.org>` {
			t.Errorf("mail comes from %s", got)
		}
		if entries := must[[]survey.AuditEntry](t)(s.AuditEntries(t.Context(), store.AuditPage{Limit: 10})); len(entries) != 2 || entries[1].Action != "mailing.start" ||
			entries[0].Action != "mailing.done" || entries[1].Actor.Name != "schedule" || entries[0].StudyID != f.Study.ID {
			t.Errorf("the audit log tells %+v", entries)
		}
	})
}

func checkLedger(t *testing.T, server *mailtest.Server, want int) {
	t.Helper()
	ledger := server.Ledger()
	if len(ledger) != want {
		t.Errorf("the server has %d messages, expected %d", len(ledger), want)
	}
	for id, n := range ledger {
		if n != 1 {
			t.Errorf("message %s was accepted %d times", id, n)
		}
	}
}

func TestAMailServerThatIsDownForAWhileLosesNothing(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		config = ticking(config)
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.People(t, s, 20)
		server := mailtest.Start(t)
		server.Down(t)
		c := f.Campaign(t, s, survey.InvitationMail, store.HighestPerMinute)
		start(t, runner(s, config, server.SMTP()))
		eventually(t, "the trouble is noted", func() bool {
			return must[store.MailTrouble](t)(s.MailTrouble(t.Context())).Reason == "the mail server can not be reached"
		})
		if got := counts(t, s, c); got != (survey.CampaignCounts{Queued: 20}) {
			t.Errorf("meanwhile %+v", got)
		}
		server.Up(t)
		eventually(t, "everything is sent", func() bool { return counts(t, s, c).Sent == 20 })
		checkLedger(t, server, 20)
		eventually(t, "the trouble is over", func() bool {
			return must[store.MailTrouble](t)(s.MailTrouble(t.Context())).Reason == ""
		})
	})
}

func TestWhatAServerRefusesIsTriedAgainOrNotAsItSays(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		config = ticking(config)
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.People(t, s, 5)
		server := mailtest.Start(t)
		var later, never atomic.Int64
		server.Refuse = func(to string) error {
			switch to {
			case "person-0@example.org":
				return mailtest.Answer(550, [3]int{5, 1, 1}, "no such user "+to)
			case "person-1@example.org":
				return mailtest.Answer(554, [3]int{5, 7, 1}, "policy")
			case "person-2@example.org":
				if later.Add(1) < 3 {
					return mailtest.Answer(451, [3]int{4, 7, 1}, "greylisted")
				}
			case "person-3@example.org":
				never.Add(1)
				return mailtest.Answer(452, [3]int{4, 2, 2}, "mailbox full")
			}
			return nil
		}
		c := f.Campaign(t, s, survey.InvitationMail, store.HighestPerMinute)
		start(t, runner(s, config, server.SMTP()))
		eventually(t, "all is settled", func() bool { return counts(t, s, c).Open() == 0 })
		if got := counts(t, s, c); got != (survey.CampaignCounts{Sent: 2, Bounced: 1, Failed: 2}) {
			t.Errorf("counts %+v", got)
		}
		if n := never.Load(); n != int64(len(quick.Again))+1 {
			t.Errorf("a full mailbox was tried %d times", n)
		}
		for _, m := range must[[]store.CampaignMail](t)(s.CampaignMails(t.Context(), c.ID, store.MailListPage{})) {
			if strings.Contains(m.Reason, "@") {
				t.Errorf("a reason keeps an address: %q", m.Reason)
			}
		}
		second := f.Campaign(t, s, survey.ReminderMail, store.HighestPerMinute)
		if got := counts(t, s, second); got.Bounced != 1 {
			t.Errorf("the next campaign %+v", got)
		}
	})
}

func TestASilentServerLeavesAMessageUncertainOnlyAfterItsLastByte(t *testing.T) {
	for _, step := range mailtest.Silences {
		t.Run(step, func(t *testing.T) {
			storetest.EachConfig(t, func(t *testing.T, config store.Config) {
				config = ticking(config)
				s := storetest.Open(t, config)
				f := storetest.OpenWave(t, s)
				f.People(t, s, 1)
				server := mailtest.Silent(t, step)
				const patience = 100 * time.Millisecond
				server.Timeouts = mail.Timeouts{Connect: patience, Command: patience, Body: patience, Accept: patience}
				c := f.Campaign(t, s, survey.InvitationMail, store.HighestPerMinute)
				runner(s, config, server).SendMail(t.Context())
				want := survey.CampaignCounts{Queued: 1}
				if step == "end" {
					want = survey.CampaignCounts{Uncertain: 1}
				}
				if got := counts(t, s, c); got != want {
					t.Errorf("counts %+v, expected %+v", got, want)
				}
			})
		})
	}
}

func TestSeveralRunnersThatAreBrokenOffSendNoMessageTwice(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		config = ticking(config)
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		const people = 300
		f.People(t, s, people)
		server := mailtest.Start(t)
		c := f.Campaign(t, s, survey.InvitationMail, store.HighestPerMinute)
		broken := 0
		for round := 0; counts(t, s, c).Open() > 0 && round < 15; round++ {
			runners := make([]*jobs.Runner, 3)
			for i := range runners {
				runners[i] = runner(s, config, server.SMTP())
				runners[i].Start()
			}
			before := len(server.Ledger())
			eventually(t, "some are sent", func() bool { return len(server.Ledger()) >= before+15 || counts(t, s, c).Open() == 0 })
			for i, r := range runners {
				ctx, cancel := t.Context(), func() {}
				if i > 0 {
					ctx, cancel = cut(t)
					broken++
				}
				_ = r.Drain(ctx) // being broken off is what is tested
				cancel()
			}
			must[store.Reclaimed](t)(s.ReclaimMail(t.Context()))
		}
		eventually(t, "leases are over", func() bool {
			must[store.Reclaimed](t)(s.ReclaimMail(t.Context()))
			runner(s, config, server.SMTP()).SendMail(t.Context())
			return counts(t, s, c).Open() == 0
		})
		checkEnd(t, s, c, server, fmt.Sprintf("%d runners were broken off", broken))
	})
}

// checkEnd compares what the database says with what the server says.
func checkEnd(t *testing.T, s *store.Store, c survey.Campaign, server *mailtest.Server, how string) {
	t.Helper()
	ledger := server.Ledger()
	uncertain, arrived := 0, 0
	for after := survey.MailID(""); ; {
		mails := must[[]store.CampaignMail](t)(s.CampaignMails(t.Context(), c.ID, store.MailListPage{After: after, Limit: 500}))
		for _, m := range mails {
			n := ledger[string(m.ID)+"@example.org"]
			switch {
			case n > 1:
				t.Errorf("message %s (%s) was accepted %d times", m.ID, m.Status, n)
			case m.Status == survey.MailSent && n != 1:
				t.Errorf("message %s counts as sent and never arrived", m.ID)
			case m.Status == survey.MailUncertain:
				uncertain, arrived = uncertain+1, arrived+n
			case m.Status != survey.MailSent && n != 0:
				t.Errorf("message %s is %s and arrived", m.ID, m.Status)
			}
			after = m.ID
		}
		if len(mails) == 0 {
			break
		}
	}
	t.Logf("%s: %d accepted, %d uncertain of which %d had arrived", how, len(ledger), uncertain, arrived)
}
