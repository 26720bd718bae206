package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func storeIn(t *testing.T, data string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(data, databaseFile), Migrate: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withKey puts the key of tests beside the data.
func withKey(t *testing.T, data string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(data, keyFile), []byte(storetest.Key.Text()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// duties are what waits to be done in a folder of data.
type duties struct {
	started, scheduled survey.Campaign
	old                survey.Wave // whose period is over
}

// leaveDuties leaves two invitations half sent, two reminders for the next second, and
// a wave whose people have been kept for long enough.
func leaveDuties(t *testing.T, data string) (d duties) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	withKey(t, data)
	s, ctx := storeIn(t, data), t.Context()
	now := time.Now()
	f := storetest.OpenWave(t, s, func(_ *store.Store, w *survey.Wave) {
		w.OpensAt, w.ClosesAt = now.AddDate(0, 0, -1), now.AddDate(0, 0, 9)
	})
	f.People(t, s, 2)
	d.started = f.Campaign(t, s, survey.InvitationMail, store.HighestPerMinute)
	var err error
	d.scheduled, err = s.PlanCampaign(ctx, survey.Campaign{WaveID: f.Wave.ID, Kind: survey.ReminderMail, ScheduledAt: now.Add(time.Second)})
	check(err)
	d.old, err = s.PutWave(ctx, survey.Wave{StudyID: f.Study.ID, Key: "old", Title: "Old", InstrumentHash: f.Instrument.Hash(), OpensAt: now.AddDate(0, 0, -90), ClosesAt: now.AddDate(0, 0, -60)})
	check(err)
	plan, err := s.PlanRoster(ctx, d.old.ID, []store.RosterRow{{OrganizationID: f.Organization.ID, Email: "old@example.org"}})
	check(err)
	check(s.ApplyRoster(ctx, plan, func(int) {}))
	check(s.SetRetention(ctx, survey.Actor{Name: "test", Origin: "test"}, f.Study.ID, survey.Retention{IdentityDays: 30}))
	check(s.Close())
	return d
}

// serveUntil serves the data until it holds, and ends.
func serveUntil(t *testing.T, data string, holds func(r *running) bool) {
	t.Helper()
	r := start(t, nil, "serves", "serve", "--listen", "127.0.0.1:0", "--data", data)
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for late := time.After(2 * time.Minute); !holds(r); {
		select {
		case <-look.C:
		case <-late:
			t.Fatal("waited in vain for the duties")
		}
	}
	if code := r.end(t); code != exitOK {
		t.Errorf("code %d: %s", code, r.err)
	}
}

func mailsIn(data string) int {
	files, _ := filepath.Glob(filepath.Join(data, "outbox", "*.eml")) // the pattern is right
	return len(files)
}

func keptPeriods(r *running) bool {
	return strings.Contains(r.err.String(), "kept for long enough and removed")
}

func TestServeKeepsPeriodsAndSendsWhatIsScheduledButNothingOfARestoredDatabase(t *testing.T) {
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "backup.zip")
	restored := filepath.Join(t.TempDir(), "restored")
	d := leaveDuties(t, data)
	must(t, "backup", file, "--data", data)
	must(t, "restore", file, "--data", restored)
	withKey(t, restored)

	serveUntil(t, data, func(r *running) bool { return mailsIn(data) == 4 && keptPeriods(r) })
	s := storeIn(t, data)
	if people, err := s.Respondents(t.Context(), d.old.ID, store.RespondentPage{}); err != nil || len(people) > 0 {
		t.Errorf("people of the old wave: %+v, %v", people, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}

	serveUntil(t, restored, keptPeriods)
	if n := mailsIn(restored); n > 0 {
		t.Errorf("%d mails left from the restored database, which the first had sent", n)
	}
	s = storeIn(t, restored)
	for _, c := range []survey.Campaign{d.started, d.scheduled} {
		now, err := s.CampaignByID(t.Context(), c.ID)
		n, e := s.CountCampaign(t.Context(), c.ID)
		if err != nil || e != nil || now.Status != survey.CampaignPaused || n.Total() != n.Uncertain {
			t.Errorf("%s of the restored database: %+v, %+v, %v, %v", c.Kind, now, n, err, e)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
