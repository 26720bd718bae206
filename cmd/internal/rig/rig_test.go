package rig

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/store"
)

func newRig(t *testing.T) *Rig {
	t.Helper()
	r, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(r.dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the folder is still there: %v", err)
		}
	})
	return r
}

func TestServerComesBackAtItsAddressAfterAKill(t *testing.T) {
	r := newRig(t)
	binary, err := r.Build()
	if err != nil {
		t.Fatal(err)
	}
	data, err := r.Dir("data")
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.StartServer(ServerOptions{Binary: binary, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	study, err := Prepare(t.Context(), s.StoreConfig(), Plan{Organizations: 2, Invitations: 3})
	if err != nil {
		t.Fatal(err)
	}
	if len(study.Organizations) != 2 || len(study.Invitations) != 3 {
		t.Fatalf("%d organizations, %d invitations", len(study.Organizations), len(study.Invitations))
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/o/" + study.Organizations[1].Open, "/r/" + study.Invitations[2]} {
		response, err := http.Get(s.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %v", path, response.Status, err)
		}
	}
	u, err := s.Usage()
	if err != nil || u.CPU <= 0 || u.RSS <= 0 || u.PeakRSS < u.RSS/2 {
		t.Errorf("usage %+v: %v", u, err)
	}
	if err := s.Stop(); err != nil || s.Alive() {
		t.Errorf("the server does not end: %v", err)
	}
	// Not a line of the log: what is logged just before a kill may still lie in memory.
	if n := strings.Count(s.Log(), " serves http://"); n != 2 {
		t.Errorf("the log tells of %d starts:\n%s", n, s.Log())
	}
}

func postgres(t *testing.T, r *Rig, o PostgresOptions) *Postgres {
	t.Helper()
	p, err := r.StartPostgres(o)
	if errors.Is(err, ErrNotInstalled) && os.Getenv("SALESBENCH_REQUIRE_ALL") != "1" {
		t.Skipf("a server can not be started here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConfirmedRowsOutliveACrashAndAPromotion(t *testing.T) {
	r := newRig(t)
	p := postgres(t, r, PostgresOptions{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := p.CreateDatabase("kept")
	must(err)
	must(p.Exec("kept", "CREATE TABLE numbers (n integer)"))
	must(p.Exec("kept", "INSERT INTO numbers VALUES (1)"))
	must(p.StopImmediate())
	must(p.Start())
	standby, err := p.Standby("second")
	must(err)
	must(p.Configure("synchronous_standby_names = 'second'"))
	must(p.Reload())
	must(poll(time.Minute, 10*time.Millisecond, p.process.ended, func() error {
		var state string
		err := p.query("postgres", "SELECT coalesce(min(sync_state), 'none') FROM pg_stat_replication", &state)
		if err == nil && state != "sync" {
			err = fmt.Errorf("the standby is %s", state)
		}
		return err
	}))
	must(p.Exec("kept", "INSERT INTO numbers VALUES (2)"))
	if err := standby.Exec("kept", "INSERT INTO numbers VALUES (3)"); err == nil {
		t.Error("a standby takes changes")
	}
	must(p.Kill())
	must(standby.Promote())
	must(standby.Exec("kept", "INSERT INTO numbers VALUES (4)"))
	var sum int
	must(standby.query("kept", "SELECT sum(n) FROM numbers", &sum))
	if sum != 7 {
		t.Errorf("sum %d, want 1 + 2 + 4", sum)
	}
	if u, err := standby.Usage(); err != nil || u.RSS <= 0 {
		t.Errorf("usage %+v: %v", u, err)
	}
	address, err := standby.CreateDatabase("salesbench")
	must(err)
	if _, err := Prepare(t.Context(), store.Config{URL: address}, Plan{}); err != nil {
		t.Error(err)
	}
}

func TestDiskFillsAndEmpties(t *testing.T) {
	r := newRig(t)
	d, err := r.MountDisk(1)
	if errors.Is(err, ErrNotAllowed) && os.Getenv("SALESBENCH_REQUIRE_ALL") != "1" {
		t.Skipf("a small disk can not be mounted by this account: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Fill(0); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.Dir+"/more", make([]byte, 8192), 0o600); err == nil {
		t.Error("a full disk takes more")
	}
	if err := d.Empty(); err != nil {
		t.Fatal(err)
	}
	if free, err := d.Free(); err != nil || free < 1<<19 {
		t.Errorf("%d bytes are free: %v", free, err)
	}
}

// TestNothingIsLeftOfAKilledProgram runs itself as the program that is killed.
func TestNothingIsLeftOfAKilledProgram(t *testing.T) {
	if os.Getenv("RIG_TO_BE_KILLED") == "1" {
		r, err := New()
		if err != nil {
			t.Fatal(err)
		}
		p, err := r.spawn(exec.Command("/bin/sleep", "3600"), r.dir+"/log")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("rig %s %d\n", r.dir, p.cmd.Process.Pid)
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestNothingIsLeftOfAKilledProgram$")
	cmd.Env = append(os.Environ(), "RIG_TO_BE_KILLED=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var dir string
	var pid int
	if _, err := fmt.Fscanf(out, "rig %s %d\n", &dir, &pid); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	err = poll(time.Minute, 20*time.Millisecond, nil, func() error {
		for _, path := range []string{dir, fmt.Sprintf("/proc/%d", pid)} {
			if _, err := os.Stat(path); err == nil {
				return errors.New(path + " is still there")
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
