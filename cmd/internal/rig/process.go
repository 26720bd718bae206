package rig

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a child with its output in a file.
type process struct {
	cmd   *exec.Cmd
	log   string // path of the output
	ended chan struct{}
	err   error // of Wait, once ended is closed
}

// spawn starts a command whose output is appended to the file.
func (r *Rig) spawn(cmd *exec.Cmd, log string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // the child has its own descriptor
	cmd.Stdout, cmd.Stderr = file, file
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true // Ctrl-C is for the program, which ends its children in order
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(cmd.Path), err)
	}
	p := &process{cmd: cmd, log: log, ended: make(chan struct{})}
	pid := strconv.Itoa(cmd.Process.Pid)
	r.tell("start", pid)
	go func() {
		p.err = cmd.Wait()
		r.tell("ended", pid)
		close(p.ended)
	}()
	return p, nil
}

// signal sends a signal; a process that has ended already is no error.
func (p *process) signal(s syscall.Signal) error {
	err := p.cmd.Process.Signal(s)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// end sends a signal and waits until the process is gone; after the patience it is killed.
func (p *process) end(s syscall.Signal, patience time.Duration) error {
	if err := p.signal(s); err != nil {
		return err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.ended:
		return nil
	case <-timer.C:
	}
	err := p.signal(syscall.SIGKILL)
	<-p.ended
	return errors.Join(fmt.Errorf("%s did not end %s after %v and was killed", filepath.Base(p.cmd.Path), patience, s), err)
}

// alive says whether the process has not ended yet.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// lastLines is the end of a log, for error messages.
func lastLines(path string, n int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// Usage is what a process, or a server with its children, has cost so far.
type Usage struct {
	CPU     time.Duration // user and system
	RSS     int64         // bytes resident now; pages shared between processes count in each
	PeakRSS int64         // most bytes resident
}

// tick is the unit of CPU times in /proc; it is 100 per second on every Linux.
const tick = 10 * time.Millisecond

// usageOf reads /proc. withChildren adds the times of children that have ended.
func usageOf(pid int, withChildren bool) (Usage, error) {
	var u Usage
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, err
	}
	// The name of the program, in parentheses, may hold blanks.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	times := fields[11:13] // utime, stime
	if withChildren {
		times = fields[11:15] // cutime, cstime too
	}
	for _, field := range times {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return u, err
		}
		u.CPU += time.Duration(n) * tick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	u.RSS, u.PeakRSS = kilobytes(status, "VmRSS:"), kilobytes(status, "VmHWM:")
	return u, nil
}

func kilobytes(status []byte, field string) int64 {
	_, rest, found := strings.Cut(string(status), "\n"+field)
	if !found {
		return 0
	}
	n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}

// childrenOf lists the direct children of a process.
func childrenOf(pid int) []int {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil
	}
	var children []int
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended since
		}
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				children = append(children, child)
			}
		}
	}
	return children
}

// poll asks again and again until the answer is yes, the process has ended or the
// patience is over.
func poll(patience, pause time.Duration, ended <-chan struct{}, ask func() error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ended:
			return fmt.Errorf("it has ended: %w", err)
		case <-deadline.C:
			return fmt.Errorf("no answer after %v: %w", patience, err)
		}
	}
}
