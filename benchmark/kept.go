package benchmark

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/salesbench/salesbench/benchmark/panel"
)

// Kept is what the results of one wave have in common from one edition to the
// next: the counts and sums of every organization. With the same Kept in Input,
// a result is made anew from them, and only organizations in which somebody
// answered since are read again; the figures are the same, to the last bit, as
// without it. The zero value is ready for use; it is safe for concurrent use.
type Kept struct {
	mu    sync.Mutex
	plan  string
	units []unchanged // by the code of the organization in the panel
}

// unchanged is the tally of an organization with the counts it was made from:
// the panel shares those between snapshots until somebody there answers.
type unchanged struct {
	counts *panel.OrganizationCounts
	tally  *tally
}

// last returns the tallies of the last edition under the same plan.
func (k *Kept) last(plan string) []unchanged {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.plan != plan {
		return nil
	}
	return k.units
}

func (k *Kept) keep(plan string, units []unchanged) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.plan, k.units = plan, units
}

// tallies returns the tallies of the frame's organizations, in its order.
func (f *frame) tallies() ([]*tally, error) {
	last := f.in.Kept.last(f.plan.name)
	now := make([]unchanged, len(f.snapshot.Organizations()))
	out := make([]*tally, len(f.units))
	var changed []int
	for j, u := range f.units {
		counts := f.snapshot.Counts(u.code)
		if u.code < len(last) && last[u.code].counts == counts {
			now[u.code] = last[u.code]
			out[j] = last[u.code].tally
			continue
		}
		now[u.code].counts = counts
		changed = append(changed, j)
	}
	readers := sync.Pool{New: func() any { return f.plan.reader(f.snapshot) }}
	err := eachOf(len(changed), func(i int) error {
		reader := readers.Get().(*rowReader)
		defer readers.Put(reader)
		j := changed[i]
		t, err := reader.tally(f.units[j].code)
		out[j], now[f.units[j].code].tally = t, t
		return err
	})
	if err == nil {
		f.in.Kept.keep(f.plan.name, now)
	}
	return out, err
}

// eachOf calls body for 0..n-1 on all cores; each unit writes to places of its
// own. The error is that of the first unit that has one.
func eachOf(n int, body func(i int) error) error {
	errs := make([]error, n)
	workers := min(runtime.GOMAXPROCS(0), n)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = body(i)
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
