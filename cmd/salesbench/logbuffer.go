package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// logRoom is how much is written at once under load.
	logRoom = 32 << 10
	// logPatience is how long a line may wait in the buffer.
	logPatience = 200 * time.Millisecond
)

// logBuffer gathers lines of the log, so that a line costs no system call while
// many are written. A line after a quiet time is written at once, and nothing
// waits longer than a fraction of a second.
type logBuffer struct {
	mu      sync.Mutex
	out     io.Writer
	pending []byte
	written time.Time
	timer   *time.Timer // set while something waits
}

func newLogBuffer(out io.Writer) *logBuffer {
	return &logBuffer{out: out, pending: make([]byte, 0, logRoom)}
}

// Write takes one line.
func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending = append(b.pending, line...)
	switch {
	case len(b.pending) >= logRoom:
		return len(line), b.flush()
	case b.timer != nil:
		return len(line), nil
	case time.Since(b.written) > logPatience:
		return len(line), b.flush()
	}
	b.timer = time.AfterFunc(logPatience, func() { _ = b.Flush() })
	return len(line), nil
}

// Flush writes what waits.
func (b *logBuffer) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flush()
}

func (b *logBuffer) flush() error {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if len(b.pending) == 0 {
		return nil
	}
	_, err := b.out.Write(b.pending)
	b.pending, b.written = b.pending[:0], time.Now()
	return err
}

// promptHandler has warnings and errors written at once.
type promptHandler struct {
	slog.Handler
	buffer *logBuffer
}

// Handle implements slog.Handler.
func (h promptHandler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if err == nil && r.Level >= slog.LevelWarn {
		err = h.buffer.Flush()
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h promptHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return promptHandler{h.Handler.WithAttrs(attrs), h.buffer}
}

// WithGroup implements slog.Handler.
func (h promptHandler) WithGroup(name string) slog.Handler {
	return promptHandler{h.Handler.WithGroup(name), h.buffer}
}
