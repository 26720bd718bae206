package main

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// writesCounted counts writes and tells of each.
type writesCounted struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
	grown  chan struct{}
}

func (c *writesCounted) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	select {
	case c.grown <- struct{}{}:
	default:
	}
	return c.text.Write(p)
}

func (c *writesCounted) lines() (lines, writes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Count(c.text.String(), "\n"), c.writes
}

func TestManyLinesOfTheLogCostFewWritesAndNoneIsLost(t *testing.T) {
	out := &writesCounted{grown: make(chan struct{}, 1)}
	log, buffer := logFlags{LogLevel: "info", LogFormat: "json"}.logger(&program{streams: streams{Err: out}})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 1000 {
				log.Info("request", "n", i)
			}
		})
	}
	all.Wait()
	if err := buffer.Flush(); err != nil {
		t.Fatal(err)
	}
	if lines, writes := out.lines(); lines != 4000 || writes > 400 {
		t.Errorf("%d lines by %d writes, want 4000 by far fewer", lines, writes)
	}
}

func TestAnErrorIsWrittenAtOnceWithWhatWaitedBeforeIt(t *testing.T) {
	out := &writesCounted{grown: make(chan struct{}, 1)}
	buffer := newLogBuffer(out)
	buffer.written = time.Now().Add(time.Hour) // something was written just now
	log := slog.New(promptHandler{slog.NewTextHandler(buffer, nil), buffer}).With("a", 1).WithGroup("g")
	log.Info("one")
	if lines, _ := out.lines(); lines != 0 {
		t.Fatalf("%d lines were written at once", lines)
	}
	log.Error("two")
	if lines, writes := out.lines(); lines != 2 || writes != 1 {
		t.Errorf("%d lines by %d writes, want both by one", lines, writes)
	}
}

func TestALineDoesNotWaitForTheNext(t *testing.T) {
	out := &writesCounted{grown: make(chan struct{}, 1)}
	buffer := newLogBuffer(out)
	for _, line := range []string{"first\n", "second\n"} { // the first goes at once, the second waits
		if _, err := buffer.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
		patience := time.NewTimer(time.Minute)
		select {
		case <-out.grown:
		case <-patience.C:
			t.Fatalf("%q was never written", line)
		}
		patience.Stop()
	}
}
