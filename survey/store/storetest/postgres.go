package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx, for CREATE DATABASE
	"github.com/salesbench/salesbench/survey/store"
)

// RequireAll names the variable that turns a missing PostgreSQL into a failure.
const RequireAll = "SALESBENCH_REQUIRE_ALL"

// Keep names the variable that keeps what a failing test had in its database.
const Keep = "SALESBENCH_KEEP"

// server is the PostgreSQL server of this test process, started by the first
// test that asks for one.
var server struct {
	once      sync.Once
	err       error
	bin       string // folder of initdb and postgres
	dir       string // data and socket
	strategy  string // the faster way to copy a database, where the server knows it
	databases atomic.Int64
	// lifeline is held open as long as the process lives. The shell that has
	// started the server waits for its end, however the process ends.
	lifeline io.WriteCloser
}

const template = "salesbench_template"

// PostgresURL returns the address of a new, migrated database of a real
// PostgreSQL server that lasts as long as the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	name := newDatabase(t, template)
	return postgresURL(name)
}

// EmptyPostgresURL is PostgresURL without a schema.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	name := newDatabase(t, "template0")
	return postgresURL(name)
}

// Durable makes the server keep what it confirms, as in earnest, until the end
// of the process: for benchmarks, where a commit must cost what it costs.
func Durable(t testing.TB) {
	t.Helper()
	for _, statement := range []string{"ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET full_page_writes = on", "ALTER SYSTEM SET autovacuum = on", "SELECT pg_reload_conf()"} {
		if err := administer(statement); err != nil {
			t.Fatalf("making the server durable: %v", err)
		}
	}
}

func postgresURL(database string) string {
	return "postgres://postgres@/" + database + "?host=" + server.dir
}

// newDatabase copies the template and removes the copy after the test.
func newDatabase(t testing.TB, from string) string {
	t.Helper()
	server.once.Do(startServer)
	if errors.Is(server.err, errNotInstalled) && os.Getenv(RequireAll) != "1" {
		t.Skip("PostgreSQL is not installed")
	}
	if server.err != nil {
		t.Fatalf("starting PostgreSQL: %v", server.err)
	}
	name := fmt.Sprintf("salesbench_%d", server.databases.Add(1))
	if err := administer("CREATE DATABASE " + name + " TEMPLATE " + from + server.strategy); err != nil {
		t.Fatalf("creating the database of the test: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() && os.Getenv(Keep) != "" {
			dump(t, name)
		}
		if err := administer("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("dropping the database of the test: %v", err)
		}
	})
	return name
}

var errNotInstalled = errors.New("initdb and postgres are neither in /usr/lib/postgresql/*/bin nor on the path")

// startServer makes a data folder, starts the server on a socket in it and
// migrates the template database.
func startServer() {
	server.err = func() error {
		var err error
		if server.bin, err = binaries(); err != nil {
			return err
		}
		if version(server.bin+"/initdb") >= 15 {
			server.strategy = " STRATEGY file_copy"
		}
		if server.dir, err = os.MkdirTemp("", "salesbench-pg-"); err != nil {
			return err
		}
		account, err := unprivileged(server.dir)
		if err != nil {
			return err
		}
		if err := initialize(account); err != nil {
			return err
		}
		if err := launch(account); err != nil {
			return err
		}
		if err := administer("CREATE DATABASE " + template + " TEMPLATE template0"); err != nil {
			return err
		}
		_, err = store.MigrateUp(context.Background(), store.Config{URL: postgresURL(template), Logger: quiet})
		return err
	}()
}

// binaries finds the newest installed server.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
		return filepath.Dir(found[0]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errNotInstalled
	}
	return filepath.Dir(path), nil
}

func version(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// unprivileged returns another account when the tests run as root, under which
// PostgreSQL refuses to start, and gives it the folder.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(account.Uid)
		gid, errGID := strconv.Atoi(account.Gid)
		if err := errors.Join(errUID, errGID, os.Chown(dir, uid, gid)); err != nil {
			return nil, err
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return nil, errors.New("PostgreSQL can not run as root, and there is no account postgres or nobody")
}

func initialize(account *syscall.SysProcAttr) error {
	cmd := exec.Command(filepath.Join(server.bin, "initdb"), "-D", filepath.Join(server.dir, "data"), "-U", "postgres",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	cmd.SysProcAttr = account
	cmd.Dir = server.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	file, err := os.OpenFile(filepath.Join(server.dir, "data", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(settings)
	return errors.Join(err, file.Close())
}

// settings make a server for tests: nobody needs it to survive a power cut.
const settings = `
listen_addresses = ''
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
max_connections = 200
shared_buffers = 64MB
`

// script runs the server and waits until its input ends: that is when the test
// process has ended, in whatever way. Then it stops the server and removes it.
const script = `"$1/postgres" -D "$2/data" -k "$2" >"$2/log" 2>&1 &
server=$!
read -r _
kill -INT $server
wait $server
rm -rf "$2"`

func launch(account *syscall.SysProcAttr) error {
	cmd := exec.Command("/bin/sh", "-c", script, "sh", server.bin, server.dir)
	cmd.SysProcAttr = account
	cmd.Dir = "/"
	var err error
	if server.lifeline, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	return waitUntilReady()
}

// waitUntilReady asks until the server answers.
func waitUntilReady() error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for {
		err := administer("SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-deadline:
			log, _ := os.ReadFile(filepath.Join(server.dir, "log")) // the connection error is told in any case
			return fmt.Errorf("the server does not answer: %w: %s", err, bytes.TrimSpace(log))
		}
	}
}

// administer runs one statement in the maintenance database.
func administer(statement string) error {
	db, err := sql.Open("pgx", postgresURL("postgres"))
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	return errors.Join(err, db.Close())
}

// dump writes the database of a failed test to a file and says where it is.
func dump(t testing.TB, database string) {
	path := filepath.Join(os.TempDir(), database+".sql")
	out, err := dumped(database)
	if err == nil {
		err = os.WriteFile(path, out, 0o600)
	}
	if err != nil {
		t.Logf("keeping the database: %v", err)
		return
	}
	t.Logf("the database is kept in %s", path)
}

func dumped(database string) ([]byte, error) {
	return exec.Command(filepath.Join(server.bin, "pg_dump"), "-h", server.dir, "-U", "postgres", database).Output()
}

// Dump is what pg_dump writes of the database of a test.
func Dump(t testing.TB, config store.Config) []byte {
	t.Helper()
	database, _, _ := strings.Cut(strings.TrimPrefix(config.URL, "postgres://postgres@/"), "?")
	out, err := dumped(database)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
