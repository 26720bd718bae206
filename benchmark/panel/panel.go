// Package panel is the columnar, in-memory image of the responses of one wave:
// one byte per closed answer, numbers beside it, organizations, teams and roles
// as codes of a dictionary, and counts per organization and item that grow with
// each batch. One writer adds batches; any number of readers hold snapshots.
package panel

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/salesbench/salesbench/survey"
)

// A Panel takes the responses of one wave. Writers wait for each other; a reader
// takes no lock, so no page can hold up the intake.
type Panel struct {
	inst   *survey.Instrument
	layout layout

	writing       sync.Mutex // over all below but current
	seen          map[responseKey]struct{}
	organizations dictionary
	teams         dictionary
	roles         dictionary

	current atomic.Pointer[Snapshot]
}

// New returns an empty panel of an instrument.
func New(inst *survey.Instrument) (*Panel, error) {
	l, err := newLayout(inst)
	if err != nil {
		return nil, err
	}
	p := &Panel{
		inst: inst, layout: l, seen: map[responseKey]struct{}{},
		organizations: newDictionary(), teams: newDictionary(), roles: newDictionary(),
	}
	p.current.Store(emptySnapshot(inst, l))
	return p, nil
}

// Snapshot returns the panel as it stands: an immutable view that costs nothing
// to take and never shows half of a batch.
func (p *Panel) Snapshot() *Snapshot { return p.current.Load() }

// Add takes a batch: all of it becomes visible at once, or none where a response
// does not fit the instrument. A response that is already there is passed over,
// so that the same row may arrive by two ways. It returns how many were new.
func (p *Panel) Add(responses []survey.Response) (int, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	fresh, keys, err := p.fresh(responses)
	if err != nil || len(fresh) == 0 {
		return 0, err
	}
	w := newWriter(p)
	for i, r := range fresh {
		w.add(r, keys[i])
		p.seen[keys[i]] = struct{}{}
	}
	p.current.Store(w.finish())
	return len(fresh), nil
}

// fresh picks the responses that are not yet in the panel and checks them before
// anything is written.
func (p *Panel) fresh(responses []survey.Response) ([]*survey.Response, []responseKey, error) {
	var fresh []*survey.Response
	var keys []responseKey
	batch := map[responseKey]struct{}{}
	for i := range responses {
		r := &responses[i]
		k := keyOf(r.ID)
		if _, known := p.seen[k]; known {
			continue
		}
		if _, twice := batch[k]; twice {
			continue
		}
		if err := p.layout.check(r); err != nil {
			return nil, nil, err
		}
		batch[k] = struct{}{}
		fresh, keys = append(fresh, r), append(keys, k)
	}
	return fresh, keys, nil
}

// layout is where each field of the instrument is kept.
type layout struct {
	fields []survey.Field
	offset []int // first slot of a closed field in an organization's counts, -1 for others
	slots  int
}

// silences is the number of states in which an answer is missing.
const silences = int(survey.Valid)

// mostPoints is the number of codes that fit one byte beside the states.
const mostPoints = int(firstSilence) - 1

func newLayout(inst *survey.Instrument) (layout, error) {
	l := layout{fields: inst.Fields()}
	l.offset = make([]int, len(l.fields))
	for i, f := range l.fields {
		l.offset[i] = -1
		if !f.Closed() {
			continue
		}
		if f.Points > math.MaxUint16-silences {
			return l, fmt.Errorf("item %s has %d options, more than a panel can hold", f.Key, f.Points)
		}
		l.offset[i] = l.slots
		l.slots += f.Points + silences
	}
	return l, nil
}

func (l layout) check(r *survey.Response) error {
	if len(r.Answers) != len(l.fields) {
		return fmt.Errorf("response %s has %d answers, the instrument %d fields", r.ID, len(r.Answers), len(l.fields))
	}
	if r.Weight < 0 || math.IsNaN(r.Weight) || math.IsInf(r.Weight, 0) {
		return fmt.Errorf("response %s has weight %v", r.ID, r.Weight)
	}
	for i, f := range l.fields {
		a := r.Answers[i]
		switch {
		case a.State > survey.Valid:
			return fmt.Errorf("response %s, %s: unknown state %d", r.ID, f.Key, a.State)
		case a.State != survey.Valid:
		case f.Closed() && (a.Code < 1 || a.Code > f.Points):
			return fmt.Errorf("response %s, %s: answer %d is not one of 1 to %d", r.ID, f.Key, a.Code, f.Points)
		case math.IsNaN(a.Number) || math.IsInf(a.Number, 0):
			return fmt.Errorf("response %s, %s: the number is not finite", r.ID, f.Key)
		}
	}
	return nil
}
