// Package rig starts and stops real things for load and chaos runs: the salesbench
// binary as a child process, PostgreSQL servers with standbys, small file systems,
// and a study with links to answer. It needs Linux. Nothing it started or made is
// left when the program that used it ends, in whatever way.
package rig

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// Rig is a folder with everything that belongs to one run.
type Rig struct {
	dir string

	mu      sync.Mutex
	janitor *exec.Cmd
	orders  io.WriteCloser // its other end closes when this process ends
	closers []func() error // in the order of their making
	names   map[string]int // how often a name was given
}

// ErrNotInstalled is the error of something that a package of the system would provide.
var ErrNotInstalled = errors.New("not installed")

// sweep is the janitor. It notes what was started and mounted, and when the rig
// closes or its process has died it ends and removes what is left. PostgreSQL gets
// a moment to remove its shared memory.
const sweep = `while read -r what which; do
case $what in
start) pids="$pids $which " ;;
ended) pids=$(printf %s "$pids" | sed "s/ $which / /") ;;
mount) mounts="$which $mounts" ;;
esac
done
[ -n "$(printf %s "$pids" | tr -d ' ')" ] && { kill -QUIT $pids 2>/dev/null; sleep 1; kill -KILL $pids 2>/dev/null; }
for m in $mounts; do umount -l "$m" 2>/dev/null; done
rm -rf "$1"`

// New makes the folder and sets the janitor beside it.
func New() (*Rig, error) {
	dir, err := os.MkdirTemp("", "salesbench-rig-")
	if err != nil {
		return nil, err
	}
	// The account that runs PostgreSQL must be able to pass through.
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, err
	}
	r := &Rig{dir: dir, names: make(map[string]int)}
	r.janitor = exec.Command("/bin/sh", "-c", sweep, "sh", dir)
	r.janitor.Dir = "/"
	r.janitor.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is not for it
	if r.orders, err = r.janitor.StdinPipe(); err != nil {
		return nil, err
	}
	if err := r.janitor.Start(); err != nil {
		return nil, fmt.Errorf("starting the janitor: %w", err)
	}
	return r, nil
}

// Close stops what still runs, the last started first, and removes everything.
func (r *Rig) Close() error {
	r.mu.Lock()
	closers := r.closers
	r.closers = nil
	r.mu.Unlock()
	var errs []error
	for i := len(closers) - 1; i >= 0; i-- {
		errs = append(errs, closers[i]())
	}
	errs = append(errs, r.orders.Close(), r.janitor.Wait())
	return errors.Join(errs...)
}

// Dir is a new folder inside the rig.
func (r *Rig) Dir(name string) (string, error) {
	dir := filepath.Join(r.dir, r.name(name))
	return dir, os.Mkdir(dir, 0o711)
}

// name makes a name different from those given before.
func (r *Rig) name(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[name]++
	if n := r.names[name]; n > 1 {
		return name + "-" + strconv.Itoa(n)
	}
	return name
}

// atEnd has fn called by Close.
func (r *Rig) atEnd(fn func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closers = append(r.closers, fn)
}

// tell gives the janitor a line. One that is gone will be told by the next Wait.
func (r *Rig) tell(what, which string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = fmt.Fprintln(r.orders, what, which)
}
