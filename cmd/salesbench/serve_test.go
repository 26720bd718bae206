package main

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// onBoth runs a test with the flags of an empty place for data on each database.
func onBoth(t *testing.T, test func(t *testing.T, place []string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, []string{"--data", t.TempDir()}) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, []string{"--database", storetest.EmptyPostgresURL(t)}) })
}

func with(place []string, args ...string) []string { return append(args, place...) }

func TestServeBeginsOnAnEmptyPlaceAndEndsCleanly(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		r := start(t, nil, "serves", with(place, "serve", "--listen", "127.0.0.1:0")...)
		for _, page := range []string{"/healthz", "/readyz", "/"} {
			if code, _ := get(t, r.base(t)+page); code != http.StatusOK {
				t.Errorf("%s answers %d", page, code)
			}
		}
		if code, _ := get(t, r.base(t)+"/waves/none"); code != http.StatusForbidden {
			t.Errorf("results are open without a link: %d", code)
		}
		base := r.base(t)
		if code := r.end(t); code != exitOK {
			t.Errorf("code %d after Ctrl-C: %s", code, r.err)
		}
		if _, err := http.Get(base + "/healthz"); err == nil {
			t.Error("the service still answers after its end")
		}
		again := start(t, nil, "serves", with(place, "serve", "--listen", "127.0.0.1:0", "--no-migrate")...)
		if code := again.end(t); code != exitOK {
			t.Errorf("second start: code %d", code)
		}
	})
}

func TestServeWithoutMigrateRefusesASchemaThatIsBehind(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		got := command(t, nil, with(place, "serve", "--listen", "127.0.0.1:0", "--no-migrate")...)
		if got.code != exitFailure || !strings.Contains(got.err, "salesbench migrate up") {
			t.Errorf("code %d, %s", got.code, got.err)
		}
	})
}

func TestAPortInUseIsSaidBeforeAnythingIsTouched(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	folder := filepath.Join(t.TempDir(), "data")
	for _, name := range []string{"serve", "demo"} {
		got := command(t, nil, name, "--listen", listener.Addr().String(), "--data", folder)
		if got.code != exitFailure || !strings.Contains(got.err, "--listen") {
			t.Errorf("%s: code %d, %s", name, got.code, got.err)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%s made a data folder", name)
		}
	}
}

func TestServeNamesAllWrongSettings(t *testing.T) {
	got := command(t, []string{"SALESBENCH_LOG_FORMAT=xml"}, "serve", "--listen", "nowhere", "--trusted-proxies", "10.0.0.0/8, here", "--results", "some")
	if got.code != exitUsage {
		t.Errorf("code %d, want 2", got.code)
	}
	for _, wants := range []string{"--listen", "--log-format", "--trusted-proxies", "--results"} {
		if strings.Count(got.err, "salesbench: "+wants+":") != 1 {
			t.Errorf("%s is not named once in\n%s", wants, got.err)
		}
	}
}

func TestADatabaseThatDoesNotAnswerIsAFailureWithoutThePassword(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"migrate", "status"}, {"wave", "list"}, {"doctor"}} {
		got := command(t, nil, append(args, "--database", "postgres://someone:hunter2@"+address+"/db?connect_timeout=2")...)
		if got.code != exitFailure {
			t.Errorf("%v: code %d", args, got.code)
		}
		if strings.Contains(got.out+got.err, "hunter2") {
			t.Errorf("%v prints the password: %s%s", args, got.out, got.err)
		}
	}
}

func TestMigrateBringsAnEmptyDatabaseUpAndThenHasNothingToDo(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		before := command(t, nil, with(place, "migrate", "status", "--json")...)
		var status store.MigrationStatus
		if err := json.Unmarshal([]byte(before.out), &status); err != nil || before.code != exitFailure || status.Current != 0 {
			t.Fatalf("before: code %d, %+v, %v", before.code, status, err)
		}
		if got := command(t, nil, with(place, "migrate", "up")...); got.code != exitOK || strings.Count(got.out, "applied") != len(status.Migrations) {
			t.Fatalf("up: code %d, %s%s", got.code, got.out, got.err)
		}
		if got := command(t, nil, with(place, "migrate", "up")...); got.code != exitOK || !strings.Contains(got.out, "nothing to do") {
			t.Errorf("up again: code %d, %s%s", got.code, got.out, got.err)
		}
		if got := command(t, nil, with(place, "migrate", "status")...); got.code != exitOK || !strings.Contains(got.out, "applied") {
			t.Errorf("after: code %d, %s%s", got.code, got.out, got.err)
		}
		if got := command(t, nil, with(place, "doctor")...); got.code != exitOK || !strings.Contains(got.out, "schema version") {
			t.Errorf("doctor: code %d, %s%s", got.code, got.out, got.err)
		}
	})
}

func TestLookingAtAMigrationMakesNoFile(t *testing.T) {
	folder := t.TempDir()
	command(t, nil, "migrate", "status", "--data", folder)
	command(t, nil, "doctor", "--data", folder)
	command(t, nil, "wave", "list", "--data", folder)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestTheLogHoldsNoTokensAndNoNames(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	links := decodeLinks(t, command(t, nil, with(place, "wave", "links", "autumn", "--json")...).out)
	r := start(t, nil, "serves", with(place, "serve", "--listen", "127.0.0.1:0", "--log-level", "debug", "--log-format", "json")...)
	token := links[0].Link[strings.LastIndex(links[0].Link, "/")+1:]
	for _, page := range []string{"/o/" + token, "/o/" + token + "/qr", "/r/" + token, "/results/" + token} {
		get(t, r.base(t)+page+"?name=Häberle")
	}
	if code := r.end(t); code != exitOK {
		t.Fatalf("code %d", code)
	}
	log := r.err.String()
	if !strings.Contains(log, `"/o/:token"`) {
		t.Errorf("requests are not logged by their route:\n%s", log)
	}
	for _, secret := range []string{token, links[0].Name, "Häberle", "127.0.0.1:"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
}
