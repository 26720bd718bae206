package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// checkpoints bring what was committed from the log of an SQLite file into the file. Left
// to SQLite, the connection that writes does so after every thousand pages, and everybody
// waits meanwhile, a third of the time under load. Here another connection does, beside
// commits that go on, so the log is never quite empty when it has ended; what is left
// then is little, the connection that writes brings it over, and the log begins anew.
type checkpoints struct {
	pool    *sql.DB  // connections that read
	file    *os.File // see flush; nil: it could not be opened
	commits atomic.Int64
	wake    chan struct{}
	rest    atomic.Bool // what is left is little
	passing sync.Mutex
	end     context.CancelFunc
	ended   sync.WaitGroup
}

const (
	// checkpointCommits is after how many transactions of respondents somebody looks how
	// long the log is.
	checkpointCommits = 16
	// checkpointLength is how many pages it has then at least when it is brought over: many
	// change the same pages, which are written once.
	checkpointLength = 3000
	// checkpointEvery is for what does not come to that.
	checkpointEvery = time.Second
	// checkpointRest is how few pages a pass ends with: about as many are left then for the
	// connection that writes, which takes some milliseconds.
	checkpointRest = 500
	// checkpointPasses end even where commits come faster than pages are brought over.
	checkpointPasses = 6
	// checkpointPages is the length of the log from which the connection that writes brings
	// it over as SQLite would, whoever else should have: 64 MB.
	checkpointPages = 16_000
)

// checkpoint begins to look after the log of a file that this process serves.
func (l *liteStatements) checkpoint(readers *sql.DB, path string) error {
	if _, err := l.pool.Exec("PRAGMA wal_autocheckpoint = " + strconv.Itoa(checkpointPages)); err != nil {
		return translate(err)
	}
	ctx, end := context.WithCancel(context.Background())
	c := &checkpoints{pool: readers, wake: make(chan struct{}, 1), end: end}
	if file, err := os.OpenFile(path, os.O_RDWR, 0); err == nil { // else SQLite flushes alone
		c.file = file
	}
	c.ended.Go(func() { c.run(ctx) })
	l.checkpoints = c
	return nil
}

func (c *checkpoints) run(ctx context.Context) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
			if !c.worth(ctx) {
				continue
			}
		case <-tick.C:
		}
		c.pass(ctx)
	}
}

// pass brings over what is there, and again what came meanwhile, until that was little.
// What a reader holds back, or a full disk, waits for the next time: nothing is lost as
// long as it is in the log.
func (c *checkpoints) pass(ctx context.Context) {
	c.passing.Lock()
	defer c.passing.Unlock()
	for before, last := 0, 0; last < checkpointPasses; last++ {
		commits := c.commits.Load()
		pages, moved, err := c.ask(ctx, "PASSIVE")
		if err == nil && moved > before && c.commits.Load() != commits {
			c.flush()
		}
		switch {
		case err != nil || ctx.Err() != nil || moved < pages:
			return
		case moved-before <= checkpointRest || last == checkpointPasses-1:
			c.rest.Store(pages >= checkpointLength && c.commits.Load() != commits)
			return
		}
		before = moved
	}
}

// flush has the disk take what a pass has brought over, while commits go on. SQLite does so
// itself when a pass ends with the log, which one beside commits never does: it was left to
// the connection that writes, for which everybody waits, 25 to 40 ms for three thousand
// pages of a large index. No promise hangs on it: SQLite flushes again before the log
// begins anew, and hears then of what could not be written.
func (c *checkpoints) flush() {
	if c.file != nil {
		_ = flushFile(c.file)
	}
}

// worth says whether the log is long enough to be brought over for its length.
func (c *checkpoints) worth(ctx context.Context) bool {
	pages, moved, err := c.ask(ctx, "NOOP")
	return err == nil && pages-moved >= checkpointLength
}

// ask returns how many pages the log has, and how many of them the file has, too.
func (c *checkpoints) ask(ctx context.Context, how string) (pages, moved int, err error) {
	var busy int
	row := c.pool.QueryRowContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint("+how+")")
	if err = row.Scan(&busy, &pages, &moved); err == nil && busy != 0 {
		err = errBusyLog
	}
	return pages, moved, err
}

var errBusyLog = errors.New("another connection has the log at hand")

// committed is told of each transaction of respondents, on its connection.
func (c *checkpoints) committed(ctx context.Context, conn *sql.Conn) {
	if c == nil {
		return
	}
	if c.rest.CompareAndSwap(true, false) {
		_, _ = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)") // else the next pass does
	}
	if c.commits.Add(1)%checkpointCommits == 0 {
		select {
		case c.wake <- struct{}{}:
		default: // it is at work
		}
	}
}

// pause lets nothing be brought over until the function that it returns is called.
func (c *checkpoints) pause() (resume func()) {
	if c == nil {
		return func() {}
	}
	c.passing.Lock()
	return c.passing.Unlock
}

// close ends the work and waits for it.
func (c *checkpoints) close() {
	if c != nil {
		c.end()
		c.ended.Wait()
	}
}

// closeFile comes after all connections: closing any opened form of a file ends the locks
// that the process has on it.
func (c *checkpoints) closeFile() error {
	if c == nil || c.file == nil {
		return nil
	}
	return c.file.Close()
}
