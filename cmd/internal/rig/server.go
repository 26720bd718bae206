package rig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/salesbench/salesbench/survey/store"
)

// module is where the command is built from.
const module = "github.com/salesbench/salesbench/cmd/salesbench"

// Build compiles the salesbench command into the rig with further flags of
// "go build" such as -race, and returns the path of the binary. It must be called
// from inside the module. Programs that were built before are taken from
// Go's cache.
func (r *Rig) Build(flags ...string) (string, error) {
	path := filepath.Join(r.dir, r.name("salesbench"))
	args := slices.Concat([]string{"build", "-o", path}, flags, []string{module})
	cmd := exec.Command("go", args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return path, nil
}

// ServerOptions say what a server runs on.
type ServerOptions struct {
	Binary   string   // built by Build
	Data     string   // folder of the SQLite file
	Database string   // address of a PostgreSQL database instead
	Args     []string // further flags of "salesbench serve"
	Env      []string // further environment
	Address  string   // host:port to listen on; empty: a free one on loopback
	// Below wraps the command: {"prlimit", "--nofile=64"} runs it under a limit.
	Below []string
}

// Server is a salesbench process that can be ended and started again at the
// same address.
type Server struct {
	rig     *Rig
	options ServerOptions
	log     string
	client  *http.Client
	process *process
	before  time.Duration // CPU time of earlier processes
}

// StartServer starts "salesbench serve" and waits until it is ready.
func (r *Rig) StartServer(o ServerOptions) (*Server, error) {
	s, err := r.NewServer(o)
	if err != nil {
		return nil, err
	}
	return s, s.Start()
}

// NewServer prepares a server that is not started yet.
func (r *Rig) NewServer(o ServerOptions) (*Server, error) {
	if o.Address == "" {
		port, err := FreePort()
		if err != nil {
			return nil, err
		}
		o.Address = fmt.Sprintf("127.0.0.1:%d", port)
	}
	s := &Server{rig: r, options: o, log: filepath.Join(r.dir, r.name("server")+".log"),
		client: &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
	r.atEnd(func() error {
		if s.process == nil || !s.process.alive() {
			return nil
		}
		return s.Kill()
	})
	return s, nil
}

// URL is the address of the service, without a slash at its end.
func (s *Server) URL() string { return "http://" + s.options.Address }

// Address is host and port.
func (s *Server) Address() string { return s.options.Address }

// Log is everything the server printed so far, over all its processes.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.log)
	if errors.Is(err, fs.ErrNotExist) {
		return "" // it was not started yet
	}
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// readyPatience is how long a start may take, with the migration of a fresh
// database on a machine that has other things to do.
const readyPatience = time.Minute

// Start starts the process and waits until it is ready.
func (s *Server) Start() error {
	if err := s.Launch(); err != nil {
		return err
	}
	return s.WaitReady(readyPatience)
}

// Launch starts the process and does not wait.
func (s *Server) Launch() error {
	args := []string{"serve", "--listen", s.options.Address}
	if s.options.Database != "" {
		args = append(args, "--database", s.options.Database)
	} else {
		args = append(args, "--data", s.options.Data)
	}
	command := slices.Concat(s.options.Below, []string{s.options.Binary}, args, s.options.Args)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), s.options.Env...)
	var err error
	s.process, err = s.rig.spawn(cmd, s.log)
	return err
}

// Ready asks GET /readyz once; nil means ready, else the error says what the
// server says.
func (s *Server) Ready() error {
	response, err := s.client.Get(s.URL() + "/readyz")
	if err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	err = errors.Join(err, response.Body.Close())
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, bytes.TrimSpace(body))
	}
	return err
}

// WaitReady asks until the server is ready.
func (s *Server) WaitReady(patience time.Duration) error {
	if err := poll(patience, 10*time.Millisecond, s.process.ended, s.Ready); err != nil {
		return fmt.Errorf("salesbench on %s: %w\n%s", s.options.Address, err, lastLines(s.log, 20))
	}
	return nil
}

// Kill ends the process with SIGKILL, which it can not notice.
func (s *Server) Kill() error { return s.stop(syscall.SIGKILL) }

// Stop ends the process in order, with SIGTERM.
func (s *Server) Stop() error { return s.stop(syscall.SIGTERM) }

func (s *Server) stop(signal syscall.Signal) error {
	if u, err := s.own(); err == nil {
		s.before += u.CPU
	}
	return s.process.end(signal, 40*time.Second)
}

// Restart ends the process with SIGKILL and starts it again.
func (s *Server) Restart() error {
	if err := s.Kill(); err != nil {
		return err
	}
	return s.Start()
}

// Alive says whether the process runs.
func (s *Server) Alive() bool { return s.process != nil && s.process.alive() }

// Wait waits until the process has ended by itself and returns its exit code.
func (s *Server) Wait(patience time.Duration) (int, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-s.process.ended:
		return s.process.cmd.ProcessState.ExitCode(), nil
	case <-timer.C:
		return 0, fmt.Errorf("salesbench on %s still runs after %v", s.options.Address, patience)
	}
}

// PID is the number of the process.
func (s *Server) PID() int { return s.process.cmd.Process.Pid }

// Usage is what the server has cost: CPU time over all its processes, memory of
// the present one.
func (s *Server) Usage() (Usage, error) {
	u, err := s.own()
	u.CPU += s.before
	return u, err
}

func (s *Server) own() (Usage, error) {
	if !s.Alive() {
		return Usage{}, nil
	}
	return usageOf(s.PID(), false)
}

// StoreConfig is how a program opens the server's database itself.
func (s *Server) StoreConfig() store.Config {
	if s.options.Database != "" {
		return store.Config{URL: s.options.Database}
	}
	return store.Config{Path: s.File()}
}

// File is the SQLite file.
func (s *Server) File() string { return filepath.Join(s.options.Data, "salesbench.db") }

// FreePort finds a port on loopback where nobody listens. It is not one of those
// that the kernel hands out to connections, so that nobody takes it while
// its server is down.
func FreePort() (int, error) {
	var last error
	for range 200 {
		port := 20000 + rand.IntN(12000)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			last = err
			continue
		}
		return port, listener.Close()
	}
	return 0, fmt.Errorf("no free port between 20000 and 32000: %w", last)
}
