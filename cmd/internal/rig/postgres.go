package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresOptions say how a PostgreSQL server is to be.
type PostgresOptions struct {
	Dir      string   // empty folder for its data; empty: one in the rig
	Settings []string // lines for postgresql.conf, after the rig's own
}

// Postgres is a PostgreSQL server of the rig, reachable on a port on loopback.
type Postgres struct {
	rig     *Rig
	bin     string // folder of the programs
	data    string
	log     string
	port    int
	account syscall.SysProcAttr // of another account when this program runs as root
	process *process
}

// durable settings: a commit that was confirmed is on the disk.
const durable = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 200
shared_buffers = 256MB
wal_level = replica
max_wal_size = 1GB
wal_compression = on
hot_standby = on
log_min_messages = warning
`

// StartPostgres makes a data folder, starts the server and waits until it answers.
func (r *Rig) StartPostgres(o PostgresOptions) (*Postgres, error) {
	p, err := r.newPostgres(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := p.run("initdb", "-D", p.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"); err != nil {
		return nil, err
	}
	if err := p.Configure(append([]string{durable, "port = " + strconv.Itoa(p.port)}, o.Settings...)...); err != nil {
		return nil, err
	}
	return p, p.Start()
}

// newPostgres finds programs, account, port and folder.
func (r *Rig) newPostgres(dir string) (*Postgres, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	p := &Postgres{rig: r, bin: bin}
	if p.account, err = unprivileged(); err != nil {
		return nil, err
	}
	if p.port, err = FreePort(); err != nil {
		return nil, err
	}
	if dir == "" {
		if dir, err = r.Dir("postgres"); err != nil {
			return nil, err
		}
	}
	if other := p.account.Credential; other != nil {
		if err := os.Chown(dir, int(other.Uid), int(other.Gid)); err != nil {
			return nil, err
		}
	}
	p.data, p.log = filepath.Join(dir, "data"), filepath.Join(r.dir, r.name("postgres")+".log")
	r.atEnd(func() error {
		if p.process == nil || !p.process.alive() {
			return nil
		}
		return p.StopImmediate()
	})
	return p, nil
}

// postgresPrograms is the folder of the newest installed server.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return major(a) - major(b) })), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("PostgreSQL: initdb is neither in /usr/lib/postgresql/*/bin nor on the path: %w (apt install postgresql)", ErrNotInstalled)
	}
	return filepath.Dir(path), nil
}

// major is the version in /usr/lib/postgresql/VERSION/bin/initdb.
func major(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// unprivileged is another account when this program runs as root, under which
// PostgreSQL refuses to start.
func unprivileged() (syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return syscall.SysProcAttr{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			return syscall.SysProcAttr{}, err
		}
		return syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return syscall.SysProcAttr{}, errors.New("PostgreSQL can not run as root, and there is no account postgres or nobody")
}

// command is one of PostgreSQL's programs under the right account.
func (p *Postgres) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, program), args...)
	cmd.Dir = "/"
	account := p.account
	cmd.SysProcAttr = &account
	return cmd
}

// run runs a program to its end.
func (p *Postgres) run(program string, args ...string) error {
	if out, err := p.command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(out))
	}
	return nil
}

// Configure appends lines to postgresql.conf; they count from the next start or Reload.
func (p *Postgres) Configure(lines ...string) error {
	file, err := os.OpenFile(filepath.Join(p.data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(strings.Join(lines, "\n") + "\n")
	return errors.Join(err, file.Close())
}

// Reload makes the server read its settings again.
func (p *Postgres) Reload() error { return p.process.signal(syscall.SIGHUP) }

// Start starts the server and waits until it answers, with its recovery.
func (p *Postgres) Start() error {
	if err := p.Launch(); err != nil {
		return err
	}
	return p.WaitReady()
}

// Launch starts the server and does not wait.
func (p *Postgres) Launch() error {
	var err error
	p.process, err = p.rig.spawn(p.command("postgres", "-D", p.data), p.log)
	return err
}

// WaitReady asks until the server answers.
func (p *Postgres) WaitReady() error {
	err := poll(readyPatience, 20*time.Millisecond, p.process.ended, func() error { return p.Exec("postgres", "SELECT 1") })
	if err != nil {
		return fmt.Errorf("PostgreSQL on port %d: %w\n%s", p.port, err, lastLines(p.log, 20))
	}
	return nil
}

// StopFast ends the server in order; connections are cut (pg_ctl stop -m fast).
func (p *Postgres) StopFast() error { return p.process.end(syscall.SIGINT, time.Minute) }

// StopImmediate ends the server as a crash does; the next start recovers from
// the write-ahead log (pg_ctl stop -m immediate).
func (p *Postgres) StopImmediate() error { return p.process.end(syscall.SIGQUIT, time.Minute) }

// Kill ends the first process of the server with SIGKILL and waits until its
// children are gone too.
func (p *Postgres) Kill() error {
	children := childrenOf(p.process.cmd.Process.Pid)
	if err := p.process.end(syscall.SIGKILL, time.Minute); err != nil {
		return err
	}
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL) // most end by themselves
	}
	return nil
}

// Alive says whether the server's first process runs.
func (p *Postgres) Alive() bool { return p.process != nil && p.process.alive() }

// Promote makes a standby the primary and waits until it takes changes.
func (p *Postgres) Promote() error {
	if err := p.run("pg_ctl", "promote", "-w", "-D", p.data); err != nil {
		return err
	}
	return poll(readyPatience, 20*time.Millisecond, p.process.ended, func() error {
		var standby bool
		err := p.query("postgres", "SELECT pg_is_in_recovery()", &standby)
		if err == nil && standby {
			err = errors.New("it still is a standby")
		}
		return err
	})
}

// Standby copies the server and starts the copy, which follows it by streaming.
// With the name in synchronous_standby_names of the primary its commits wait for it.
func (p *Postgres) Standby(name string) (*Postgres, error) {
	s, err := p.rig.newPostgres("")
	if err != nil {
		return nil, err
	}
	from := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=%s", p.port, name)
	if err := s.run("pg_basebackup", "-D", s.data, "-d", from, "-R", "-X", "stream", "-c", "fast"); err != nil {
		return nil, err
	}
	if err := s.Configure("port = " + strconv.Itoa(s.port)); err != nil {
		return nil, err
	}
	return s, s.Start()
}

// Exec runs one statement in a database.
func (p *Postgres) Exec(database, statement string) error {
	return p.connected(database, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

// query reads one value.
func (p *Postgres) query(database, statement string, into any) error {
	return p.connected(database, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, statement).Scan(into)
	})
}

func (p *Postgres) connected(database string, fn func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.URL(database))
	if err != nil {
		return err
	}
	return errors.Join(fn(ctx, conn), conn.Close(ctx))
}

// CreateDatabase makes an empty database and returns its address.
func (p *Postgres) CreateDatabase(name string) (string, error) {
	return p.URL(name), p.Exec("postgres", "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
}

// URL is the address of a database on this server.
func (p *Postgres) URL(database string) string { return URLAt(p.Address(), database) }

// URLAt is the address of a database of a rig's server that is reached at another
// address, through a proxy.
func URLAt(address, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: address, Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// Address is host and port.
func (p *Postgres) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

// Data is the data folder, for pg_waldump and the like.
func (p *Postgres) Data() string { return p.data }

// Programs is the folder of PostgreSQL's programs, where pgbench and psql are.
func (p *Postgres) Programs() string { return p.bin }

// Log is everything the server printed so far.
func (p *Postgres) Log() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Usage is what the server with all its processes has cost since its start.
// Memory is that of all processes; shared pages count in each.
func (p *Postgres) Usage() (Usage, error) {
	if !p.Alive() {
		return Usage{}, nil
	}
	pid := p.process.cmd.Process.Pid
	total, err := usageOf(pid, true)
	if err != nil {
		return total, err
	}
	for _, child := range childrenOf(pid) {
		u, err := usageOf(child, false)
		if err != nil {
			continue // it has ended since
		}
		total.CPU += u.CPU
		total.RSS += u.RSS
		total.PeakRSS += u.PeakRSS
	}
	return total, nil
}
