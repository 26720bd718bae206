package jobs_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/mail/mailtest"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// Variables by which a process of this test knows that it shall send mail until it
// is killed, and where.
const (
	senderPath = "SALESBENCH_TEST_SENDER_PATH"
	senderURL  = "SALESBENCH_TEST_SENDER_URL"
	senderSMTP = "SALESBENCH_TEST_SENDER_SMTP"
)

func TestMain(m *testing.M) {
	if os.Getenv(senderSMTP) == "" {
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, sendUntilKilled())
	os.Exit(1)
}

func sendUntilKilled() error {
	config := store.Config{Path: os.Getenv(senderPath), URL: os.Getenv(senderURL), Clock: time.Now}
	s, err := store.Open(context.Background(), config)
	if err != nil {
		return err
	}
	if err := s.UseKey(context.Background(), storetest.Key); err != nil {
		return err
	}
	server, err := mail.ParseSMTP(os.Getenv(senderSMTP))
	if err != nil {
		return err
	}
	runner(s, config, server).Start()
	select {}
}

// kill starts a process that sends and kills it after that many messages more.
func kill(t *testing.T, config store.Config, server *mailtest.Server, after int) {
	t.Helper()
	have := len(server.Ledger())
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), senderPath+"="+config.Path, senderURL+"="+config.URL, senderSMTP+"="+server.URL())
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the process sends", func() bool { return len(server.Ledger()) >= have+after })
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // it was killed
}

func TestAKilledProcessSendsNoMessageTwice(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		config.Clock = time.Now // of several processes
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s, func(_ *store.Store, w *survey.Wave) { w.ClosesAt = time.Time{} })
		const people, kills = 120, 5
		f.People(t, s, people)
		server := mailtest.Start(t)
		c := f.Campaign(t, s, survey.InvitationMail, store.HighestPerMinute)
		for range kills {
			kill(t, config, server, 15)
		}
		r := runner(s, config, server.SMTP())
		eventually(t, "nothing is left", func() bool {
			must[store.Reclaimed](t)(s.ReclaimMail(t.Context()))
			r.SendMail(t.Context())
			return counts(t, s, c).Open() == 0
		})
		got := counts(t, s, c)
		if got.Sent+got.Uncertain != people || got.Uncertain > kills*quick.Senders {
			t.Errorf("counts %+v", got)
		}
		checkEnd(t, s, c, server, fmt.Sprintf("killed %d times", kills))
	})
}
