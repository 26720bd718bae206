package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/mail/mailtest"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// begin makes an installation with a sealed wave, which has been served.
func begin(t *testing.T, folder string) {
	t.Helper()
	place := []string{"--data", folder}
	prepare(t, place)
	if code := start(t, nil, "serves", with(place, "serve", "--listen", "127.0.0.1:0")...).end(t); code != exitOK {
		t.Fatalf("serve ended with %d", code)
	}
}

func (d diagnosis) finding(check string) finding {
	for _, f := range d.Findings {
		if f.Check == check {
			return f
		}
	}
	return finding{}
}

func TestDoctorShowsNoSecret(t *testing.T) {
	env := []string{"SALESBENCH_OIDC_CLIENT_SECRET=hunter2", "SALESBENCH_SMTP=smtp://u:hunter2@127.0.0.1:1?tls=none"}
	args := []string{"--data", t.TempDir(), "--mail-from", "a@example.org", "--oidc-issuer", "https://login.example.org", "--oidc-client-id", "x"}
	d, got := diagnose(t, env, args...)
	if text := command(t, env, append([]string{"doctor"}, args...)...); strings.Contains(got.out+got.err+text.out+text.err, "hunter2") {
		t.Errorf("a secret is shown: %s%s", text.out, text.err)
	}
	if smtp, secret := d.setting("--smtp"), d.setting("--oidc-client-secret"); !strings.Contains(smtp.Value, "127.0.0.1:1") || secret.Value != "(hidden)" {
		t.Errorf("%+v, %+v", smtp, secret)
	}
}

func TestDoctorSignsInAtTheMailServer(t *testing.T) {
	server := mailtest.Start(t)
	args := []string{"--data", t.TempDir(), "--mail-from", "a@example.org", "--smtp", server.URL()}
	if d, got := diagnose(t, nil, args...); got.code != exitOK || !strings.Contains(d.finding("mail").Detail, "answers") {
		t.Errorf("code %d, %+v", got.code, d.finding("mail"))
	}
	server.Down(t)
	if d, got := diagnose(t, nil, args...); got.code != exitFailure || !strings.Contains(d.finding("mail").Detail, "can not be reached") {
		t.Errorf("code %d, %+v", got.code, d.finding("mail"))
	}
	if n := len(server.Ledger()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestDoctorMissesTheKeyOfTheDatabase(t *testing.T) {
	folder := t.TempDir()
	args := []string{"--data", folder}
	begin(t, folder)
	if d, _ := diagnose(t, nil, args...); !d.finding("key").OK {
		t.Errorf("%+v", d.finding("key"))
	}
	path := filepath.Join(folder, keyFile)
	if err := os.WriteFile(path, []byte(auth.NewKey().Text()), 0o600); err != nil {
		t.Fatal(err)
	}
	if d, got := diagnose(t, nil, args...); got.code != exitFailure || !strings.Contains(d.finding("key").Detail, "not the one with which") {
		t.Errorf("another key: code %d, %+v", got.code, d.finding("key"))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if d, got := diagnose(t, nil, args...); got.code != exitFailure || !strings.Contains(d.finding("key").Detail, "copy the file") {
		t.Errorf("no key: code %d, %+v", got.code, d.finding("key"))
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the doctor made a key")
	}
}

func TestDoctorFindsAWaveThatWasChangedByHand(t *testing.T) {
	folder := t.TempDir()
	begin(t, folder)
	args := []string{"--data", folder}
	if d, got := diagnose(t, nil, args...); got.code != exitOK || !strings.Contains(d.finding("seals").Detail, "1 wave sealed") {
		t.Errorf("code %d, %+v", got.code, d.finding("seals"))
	}
	db, err := sql.Open("sqlite", filepath.Join(folder, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'waves'")
	if err != nil {
		t.Fatal(err)
	}
	var triggers []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		triggers = append(triggers, name)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range triggers {
		if _, err := db.Exec("DROP TRIGGER " + name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("UPDATE waves SET minimum_group = minimum_group + 1"); err != nil {
		t.Fatal(err)
	}
	if d, got := diagnose(t, nil, args...); got.code != exitFailure || !strings.Contains(d.finding("seals").Detail, "settings") {
		t.Errorf("code %d, %+v", got.code, d.finding("seals"))
	}
}

func TestDoctorKnowsADatabaseThatHasMetNoKeyYet(t *testing.T) {
	data := t.TempDir()
	if err := storeIn(t, data).Close(); err != nil {
		t.Fatal(err)
	}
	if d, _ := diagnose(t, nil, "--data", data); !d.finding("key").OK || !strings.Contains(d.finding("key").Detail, "serve will make it") {
		t.Errorf("no key yet: %+v", d.finding("key"))
	}
	if err := os.WriteFile(filepath.Join(data, keyFile), []byte("half a k"), 0o600); err != nil {
		t.Fatal(err)
	}
	if d, got := diagnose(t, nil, "--data", data); got.code != exitFailure || !strings.Contains(d.finding("key").Detail, "64 hexadecimal digits") {
		t.Errorf("half a key: code %d, %+v", got.code, d.finding("key"))
	}
	url := storetest.PostgresURL(t)
	if d, _ := diagnose(t, nil, "--database", url); !d.finding("key").OK || !strings.Contains(d.finding("key").Detail, "name a --key-file") {
		t.Errorf("PostgreSQL without a name of a key: %+v", d.finding("key"))
	}
}
