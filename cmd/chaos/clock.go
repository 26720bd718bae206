package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The clock of one process can not be set on Linux: time namespaces hold the clocks
// that count from the start of the machine only, and a preloaded library does not
// reach Go, which asks the kernel's shared page directly. So the server is built
// with another clock: in the long form time.Now of the standard library itself
// adds seconds from a file, while its monotonic part runs on, as after a jump of the
// machine's clock. That compiles everything anew. In the short form only the clock
// is exchanged that the command hands to store and pages.

// clockVariable names the file for the server with the exchanged clock.
const clockVariable = "SALESBENCH_CHAOS_CLOCK"

// jumped is the code that reads the seconds. The file is mapped, so that a jump
// counts from the next reading of the clock on.
const jumped = `package %s

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

var clockJump = func() *int64 {
	path, set := syscall.Getenv("` + clockVariable + `")
	if !set {
		return new(int64)
	}
	fd, err := syscall.Open(path, syscall.O_RDONLY, 0)
	if err != nil {
		panic("opening " + path)
	}
	memory, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic("mapping " + path)
	}
	return (*int64)(unsafe.Pointer(&memory[0]))
}()

func jumpedSeconds() int64 {
	if clockJump == nil {
		return 0
	}
	return atomic.LoadInt64(clockJump)
}
`

// exchange is a place in a source file where the clock is read, and what is put there.
type exchange struct {
	file    string
	place   *regexp.Regexp
	instead string
	pkg     string
}

var (
	wholeClock = exchange{"src/time/time.go", regexp.MustCompile(`(?m)^func Now\(\) Time \{\n\tsec, nsec, mono := \w+\(\)\n`), "${0}\tsec += jumpedSeconds()\n", "time"}
	givenClock = exchange{"program.go", regexp.MustCompile(`now: time\.Now\b`),
		"now: func() time.Time { return time.Now().Add(time.Duration(jumpedSeconds()) * time.Second) }", "main"}
)

// buildWithClock compiles the server with a clock that jumps.
func (s *stage) buildWithClock(dir string) (string, error) {
	x, folder := givenClock, "{{.Dir}}"
	args := []string{"list", "-f", folder, "github.com/salesbench/salesbench/cmd/salesbench"}
	if s.long {
		x, args = wholeClock, []string{"env", "GOROOT"}
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	original := filepath.Join(strings.TrimSpace(string(out)), x.file)
	source, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	if !x.place.Match(source) {
		return "", fmt.Errorf("%s reads the clock in a way that is not known here", original)
	}
	changed, added := filepath.Join(dir, "changed.go"), filepath.Join(dir, "added.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		original: changed, filepath.Join(filepath.Dir(original), "clock_jump.go"): added}})
	if err != nil {
		return "", err
	}
	err = errors.Join(os.WriteFile(changed, x.place.ReplaceAll(source, []byte(x.instead)), 0o600),
		os.WriteFile(added, fmt.Appendf(nil, jumped, x.pkg), 0o600), os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	if err != nil {
		return "", err
	}
	flags := []string{"-overlay", filepath.Join(dir, "overlay.json")}
	if s.race {
		flags = append(flags, "-race")
	}
	return s.rig.Build(flags...)
}

// runClock lets the server's clock jump during load. The wave has been open for an
// hour: three hours back it is not open yet.
func runClock(ctx context.Context, s *stage) error {
	dir, err := s.rig.Dir("clock")
	if err != nil {
		return err
	}
	binary, err := s.buildWithClock(dir)
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(dir, "seconds"))
	if err != nil {
		return err
	}
	jump := func(by time.Duration) error {
		_, err := file.WriteAt(binary8(by), 0)
		return err
	}
	if err := jump(0); err != nil {
		return err
	}
	lite, err := s.sqlite()
	if err != nil {
		return err
	}
	_, pg, err := s.postgresTrial(1)
	if err != nil {
		return err
	}
	for _, o := range []trialOptions{lite, pg} {
		o.server[0].Binary, o.patient = binary, true
		o.server[0].Env = []string{clockVariable + "=" + file.Name()}
		_, err := s.try(ctx, o, func(ctx context.Context, t *trial) (string, error) { return t.jump(ctx, jump) })
		if err := errors.Join(err, jump(0)); err != nil {
			return err
		}
	}
	return file.Close()
}

func binary8(d time.Duration) []byte {
	return binary.NativeEndian.AppendUint64(nil, uint64(int64(d/time.Second)))
}

const year = 365 * 24 * time.Hour

// jump moves the clock and looks that receipts go on coming while the wave is open.
func (t *trial) jump(ctx context.Context, jump func(time.Duration) error) (string, error) {
	rounds, jumps := choose(t.stage, 1, 5), 0
	for range rounds {
		for _, by := range []time.Duration{2 * time.Hour, 0, -30 * time.Minute, 10 * time.Second, -10 * time.Second, 3 * year, 0} {
			if err := jump(by); err != nil {
				return "", err
			}
			jumps++
			pause(ctx, moment(30*time.Millisecond, choose(t.stage, 100*time.Millisecond, time.Second)))
			if _, err := t.crowd.awaitReceipts(ctx, 5, settling); err != nil {
				return "", fmt.Errorf("after a jump to %v: %w", by, err)
			}
		}
		// Before the wave opens: refusals, and after the return receipts for the same keys.
		if err := jump(-3 * time.Hour); err != nil {
			return "", err
		}
		pause(ctx, choose(t.stage, 200*time.Millisecond, 2*time.Second))
		if err := jump(0); err != nil {
			return "", err
		}
		jumps += 2
		if _, err := t.crowd.awaitReceipts(ctx, 5, settling); err != nil {
			return "", fmt.Errorf("after the wave was not open for a moment: %w", err)
		}
	}
	return fmt.Sprintf("%d jumps between 3 hours back and 3 years ahead", jumps), nil
}
