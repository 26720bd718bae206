package benchmark

import (
	"crypto/sha256"
	"slices"
	"sync"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// Kept is what the results of one wave have in common from one edition to the
// next: the counts and sums of every organization. With the same Kept in Input,
// a result is made anew from them, and only organizations in which somebody
// answered since are read again; the figures are the same, to the last bit, as
// without it. The zero value is ready for use; it is safe for concurrent use. A
// Kept serves snapshots of one panel, without a filter. The list of organizations
// in an Input that has one must not be changed any more.
type Kept struct {
	mu     sync.Mutex
	last   *edition
	listed []survey.Organization // the list that name is of
	name   [sha256.Size]byte

	standing standing
}

// names returns hashOf the list. Each page of an organization asks for it; a list
// that lies where the last one did is the last one, which nobody changes.
func (k *Kept) names(organizations []survey.Organization) [sha256.Size]byte {
	if k == nil || len(organizations) == 0 {
		return hashOf(organizations)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.listed) != len(organizations) || &k.listed[0] != &organizations[0] {
		k.listed, k.name = organizations, hashOf(organizations)
	}
	return k.name
}

// edition is what an earlier frame leaves to a later one. It never changes.
type edition struct {
	plan    string
	byCode  []unchanged // by the code of the organization in the panel
	units   []unit
	tallies []*tally
	items   []practice // nil where rows are weighted
	series  series
	orders  [][]float64
	minimum int // of the gate

	organizations []survey.Organization // of the input
	known         []int                 // by code: the place in organizations
}

// unchanged is the tally of an organization with the counts it was made from:
// the panel shares those between snapshots until somebody there answers.
type unchanged struct {
	counts *panel.OrganizationCounts
	tally  *tally
}

// tallyOf is what was counted of an organization; nil where it was not.
func (e *edition) tallyOf(code int) *tally {
	if code < len(e.byCode) {
		return e.byCode[code].tally
	}
	return nil
}

// from returns the last edition under the same plan; an empty one where there is
// none.
func (k *Kept) from(plan string) *edition {
	if k == nil {
		return &edition{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil || k.last.plan != plan {
		return &edition{}
	}
	return k.last
}

func (k *Kept) keep(e *edition) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = e
}

// sameUnits says whether two frames have the same organizations in the same order.
func sameUnits(a, b []unit) bool {
	return slices.EqualFunc(a, b, func(x, y unit) bool { return x.code == y.code && x.ID == y.ID })
}

// gatherTallies counts the frame's organizations, and finds out what can be used
// again.
func (f *frame) gatherTallies() error {
	last := f.in.Kept.from(f.plan.name)
	now := &edition{plan: f.plan.name, units: f.units, organizations: f.in.Organizations, known: f.known, minimum: f.gate.minimum,
		byCode: make([]unchanged, len(f.snapshot.Organizations())), tallies: make([]*tally, len(f.units))}
	for j, u := range f.units {
		known := unchanged{counts: f.snapshot.Counts(u.code)}
		if u.code < len(last.byCode) && last.byCode[u.code].counts == known.counts {
			known = last.byCode[u.code]
		}
		now.byCode[u.code], now.tallies[j] = known, known.tally
		if known.tally == nil {
			f.changed = append(f.changed, j)
		}
	}
	readers := sync.Pool{New: func() any { return f.plan.reader(f.snapshot) }}
	err := eachOf(len(f.changed), func(i int) error {
		reader := readers.Get().(*rowReader)
		defer readers.Put(reader)
		j := f.changed[i]
		code := f.units[j].code
		t, err := reader.tally(code, last.tallyOf(code))
		now.tallies[j], now.byCode[code].tally = t, t
		return err
	})
	f.tally, f.now = now.tallies, now
	for _, t := range f.tally {
		f.weighted = f.weighted || t.weighted
	}
	if !f.weighted && last.items != nil && len(f.changed)*8 < len(f.units) && last.minimum == f.gate.minimum && sameUnits(f.units, last.units) {
		f.before = last
	}
	return err
}

// eachOf calls body for 0..n-1 on all cores; each unit writes to places of its
// own. The error is that of the first unit that has one.
func eachOf(n int, body func(i int) error) error {
	errs := make([]error, n)
	stat.InParallel(n, func(i int) { errs[i] = body(i) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
