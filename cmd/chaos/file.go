package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// runFile does to the SQLite file what should not be done to it.
func runFile(ctx context.Context, s *stage) error {
	data, err := s.rig.Dir("data")
	if err != nil {
		return err
	}
	o := s.sqliteIn(data)
	disk, err := s.rig.MountDisk(choose(s, 64, 512))
	switch {
	case err == nil:
		o = s.sqliteIn(disk.Dir)
	case !errors.Is(err, rig.ErrNotAllowed):
		return err
	}
	// Nobody stands in front who would have to be told first.
	o.server[0].Args = []string{"--drain-wait", "0s"}
	_, err = s.try(ctx, o, func(ctx context.Context, t *trial) (string, error) { return t.mishandle(ctx, disk) })
	return err
}

// mishandle takes one mishap after the other; the same server comes back after each.
func (t *trial) mishandle(ctx context.Context, disk *rig.Disk) (string, error) {
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"a second server on the file", t.second},
		{"file locked for a moment by another program", func(ctx context.Context) error {
			return t.lock(ctx, choose(t.stage, 500*time.Millisecond, 15*time.Second))
		}},
		{"header of the file overwritten", func(ctx context.Context) error { return t.damage(ctx, overwriteHeader) }},
		{"file cut in half", func(ctx context.Context) error { return t.damage(ctx, cutInHalf) }},
		{"another file in its place", func(ctx context.Context) error { return t.damage(ctx, anotherFile) }},
		{"file system read-only", func(ctx context.Context) error { return t.readOnly(ctx, disk) }},
	}
	var names []string
	for _, step := range steps {
		if step.name == "file system read-only" && disk == nil {
			continue
		}
		if err := step.do(ctx); err != nil {
			return "", fmt.Errorf("%s: %w", step.name, err)
		}
		if _, err := t.crowd.awaitReceipts(ctx, 1, settling); err != nil {
			return "", fmt.Errorf("after %s: %w", step.name, err)
		}
		names = append(names, step.name)
	}
	return strings.Join(names, "; "), nil
}

// second starts another server on the same file. It must not serve.
func (t *trial) second(context.Context) error {
	server, err := t.rig.NewServer(rig.ServerOptions{Binary: t.binary, Data: strings.TrimSuffix(t.database.Path, "/salesbench.db")})
	if err != nil {
		return err
	}
	return t.mustRefuse("second server", server)
}

// mustRefuse starts a server that has to end by itself with a sentence.
func (t *trial) mustRefuse(what string, server *rig.Server) error {
	before := len(server.Log())
	if err := server.Launch(); err != nil {
		return err
	}
	code, err := server.Wait(choose(t.stage, 30*time.Second, time.Minute))
	if err != nil {
		return errors.Join(err, server.Kill())
	}
	words := strings.TrimSpace(server.Log()[before:])
	if code != 1 || words == "" || strings.Contains(words, "goroutine ") {
		return fmt.Errorf("it ended with code %d and said %q", code, words)
	}
	// The last message; it may have been wrapped, and names a temporary folder.
	last := strings.Join(strings.Fields(words[max(0, strings.LastIndex(words, "salesbench: ")):]), " ")
	t.crowd.say(what + ": " + temporary.ReplaceAllString(last, "salesbench.db"))
	return nil
}

var temporary = regexp.MustCompile(`/\S*(- \S*)?/salesbench\.db`)

// lock holds the file as another program would during a long transaction.
func (t *trial) lock(ctx context.Context, length time.Duration) error {
	file := url.URL{Scheme: "file", Path: t.database.Path, RawQuery: "_pragma=busy_timeout(20000)"}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	if err == nil {
		pause(ctx, length)
		_, err = conn.ExecContext(ctx, "ROLLBACK")
	}
	return errors.Join(err, conn.Close(), db.Close())
}

// damage stops the server, spoils the file, sees the refusal, and puts the file back.
func (t *trial) damage(_ context.Context, spoil func(content []byte) []byte) error {
	server := t.servers[0]
	if err := server.Stop(); err != nil {
		return err
	}
	content, err := os.ReadFile(t.database.Path)
	if err != nil {
		return err
	}
	spoiled := spoil(content)
	if err := os.WriteFile(t.database.Path, spoiled, 0o600); err != nil {
		return err
	}
	if err := t.mustRefuse("damaged file", server); err != nil {
		return err
	}
	left, err := os.ReadFile(t.database.Path)
	if err != nil {
		return err
	}
	if string(left) != string(spoiled) {
		return errors.New("the refused file was changed; whoever wants to rescue something needs it as it was")
	}
	if err := os.WriteFile(t.database.Path, content, 0o600); err != nil {
		return err
	}
	return server.Start()
}

func overwriteHeader(content []byte) []byte {
	spoiled := append([]byte(nil), content...)
	copy(spoiled, "these are not the bytes that were here before")
	return spoiled
}

func cutInHalf(content []byte) []byte {
	return append([]byte(nil), content[:len(content)/2/4096*4096]...)
}

func anotherFile([]byte) []byte {
	return []byte(strings.Repeat("meeting notes, not a database\n", 1000))
}

// readOnly lets the server start on a file system that takes no changes.
func (t *trial) readOnly(_ context.Context, disk *rig.Disk) error {
	server := t.servers[0]
	if err := server.Stop(); err != nil {
		return err
	}
	if err := disk.ReadOnly(true); err != nil {
		return err
	}
	err := t.mustRefuse("read-only file system", server)
	if err := errors.Join(err, disk.ReadOnly(false)); err != nil {
		return err
	}
	return server.Start()
}
