package web

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
)

// loading is the error of a result that is not there yet.
type loading struct {
	percent   int   // of the responses that have been read; 100: the figures are being computed
	responses int64 // how many there are
}

func (e loading) Error() string { return "these results are being prepared" }

func (e loading) failure() failure {
	return failure{status: http.StatusServiceUnavailable, kind: "loading", heading: "These results are being prepared", message: e.words(),
		advice: []string{"This page looks again by itself every two seconds."}}
}

// words say how far it has come. The number of responses is rounded: its last
// digits would tell how many are in organizations too small to be shown.
func (e loading) words() string {
	total := twoDigits(e.responses)
	switch {
	case e.percent >= 100:
		return "All answers have been read; the figures are being computed."
	case total >= 100_000:
		return fmt.Sprintf("About %s of %s responses have been read (%d%%).", grouped(total/100*int64(e.percent)), grouped(total), e.percent)
	}
	return fmt.Sprintf("%d%% of the responses have been read.", e.percent)
}

// twoDigits rounds to two digits that count.
func twoDigits(n int64) int64 {
	unit := int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit/2) / unit * unit
}

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// under says whether the view may stand for the wave under a rule.
func (v *liveView) under(rule stepRule) bool { return v != nil && v.rule == rule }

// read returns the state of the wave that may be shown now. A first reader waits
// a short time for it, and so does one after a pause in which it has grown old.
func (l *live) read(ctx context.Context, w resultWave) (*liveView, error) {
	if err := w.AnswersShown(ctx, l.now()); err != nil {
		return nil, err
	}
	p := l.panelOf(w.ID)
	if p == nil {
		return nil, survey.Errorf(survey.Unavailable, "the service is about to end; try again in a few seconds")
	}
	rule, now := ruleOf(w, l.now()), time.Now()
	cold := now.UnixNano()-p.asked.Swap(now.UnixNano()) > int64(hotFor)
	if v := p.view.Load(); v.under(rule) && (!cold || p.behind.Load() == 0) {
		return v, nil
	}
	timer := time.NewTimer(l.pace.First)
	defer timer.Stop()
	nudge(p.hurry)
	nudge(p.wake)
	for rounds := p.ended.Load(); ; {
		changed := p.changed.next()
		v := p.view.Load()
		if v.under(rule) && p.behind.Load() == 0 {
			return v, nil
		}
		if failed := p.failure.Load(); failed != nil && !v.under(rule) {
			return nil, failed.err
		}
		if ended := p.ended.Load(); ended > rounds && !v.under(rule) { // that round began under another rule
			rounds = ended
			nudge(p.hurry)
			nudge(p.wake)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			if v.under(rule) {
				return v, nil
			}
			return nil, loading{p.percent(), p.target.Load()}
		}
	}
}

// readParts are the parts of a result that were read last.
type readParts struct {
	last         atomic.Int64 // when any was, in nanoseconds
	whole        atomic.Int64 // when this was
	organization atomic.Pointer[readPart]
}

type readPart struct {
	key string
	at  time.Time
}

// readersFor is how long one reader is a sign of the next.
const readersFor = time.Second

func (r *readParts) note(part string, now time.Time) {
	if now.UnixNano()-r.last.Swap(now.UnixNano()) < int64(readersFor) {
		benchmark.LeaveCore(now.Add(readersFor))
	}
	switch {
	case part == "":
		r.whole.Store(now.UnixNano())
	case part[0] != '/':
		r.organization.Store(&readPart{part, now})
	}
}

// parts lists what to have ready of a newer state: the result of the wave, unless
// only pages of organizations are read these minutes, and one of those, which makes
// what they all have in common.
func (r *readParts) parts(now time.Time) []string {
	var parts []string
	one := r.organization.Load()
	ones := one != nil && now.Sub(one.at) < hotFor
	if !ones || now.Sub(time.Unix(0, r.whole.Load())) < hotFor {
		parts = append(parts, "")
	}
	if ones {
		parts = append(parts, one.key)
	}
	return parts
}

// readAnew is read after a look at the database.
func (l *live) readAnew(ctx context.Context, w resultWave) (*liveView, error) {
	if w.AnswersShown(ctx, l.now()) != nil {
		return l.read(ctx, w) // says why
	}
	if p := l.panelOf(w.ID); p != nil {
		short, cancel := context.WithTimeout(ctx, l.pace.First)
		defer cancel()
		// Where that takes too long, what is there is shown.
		_ = p.catchUp(short)
	}
	return l.read(ctx, w)
}

// has says whether responses of the wave are known to be there.
func (l *live) has(wave survey.WaveID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.panels[wave]
	return p != nil && p.known.Load() > 0
}

// definition reads what is known of a wave.
func (l *live) definition(ctx context.Context, id survey.WaveID) (resultWave, error) {
	wave, err := l.store.WaveByID(ctx, id)
	if err != nil {
		return resultWave{}, err
	}
	return l.results.withStudy(ctx, wave)
}

// directory is the list of organizations of a wave as it was read last.
type directory struct {
	organizations []survey.Organization
	names         uint64 // tells two lists apart
	// fresh is until when the list need not be read again, in Unix nanoseconds; the
	// follower looks at it while the panel's own goroutine reads.
	fresh atomic.Int64
}

// leastDirectoryAge is how old the list may grow; a long one grows older, so that
// reading it costs a hundredth of a processor at most.
const leastDirectoryAge = time.Second

func (d *directory) old(now time.Time) bool {
	return now.UnixNano() > d.fresh.Load()
}

// renew reads the list where it has grown old. A list that has not changed keeps
// its place in memory.
func (d *directory) renew(ctx context.Context, r *resultSource, w resultWave, now bool) error {
	begun := time.Now()
	if !now && !d.old(begun) {
		return nil
	}
	organizations, err := r.organizations(ctx, w)
	if err != nil {
		return err
	}
	h := fnv.New64a()
	for _, o := range organizations {
		// Writing to a hash does not fail.
		_, _ = fmt.Fprintf(h, "%q %q %q %q %q %q", o.ID, o.Key, o.Name, o.Industry, o.Region, o.Size)
	}
	if names := h.Sum64(); d.organizations == nil || names != d.names {
		d.organizations, d.names = organizations, names
	}
	took := time.Since(begun)
	d.fresh.Store(time.Now().Add(max(leastDirectoryAge, 100*took)).UnixNano())
	return nil
}
