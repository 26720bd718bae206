// Package panel is the columnar, in-memory image of the responses of one wave:
// one byte per closed answer, numbers beside it, organizations, teams, roles and
// languages as codes of a dictionary, and counts per organization and item that
// grow with each batch. One writer adds batches; any number of readers hold
// snapshots.
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
	layout *layout

	writing    sync.Mutex // over all below but current
	own        *Decoder
	known      *known
	vocabulary vocabulary
	filling    *writer // between Fill and its end
	writers    uint64

	current atomic.Pointer[Snapshot]
}

// New returns an empty panel of an instrument.
func New(inst *survey.Instrument) (*Panel, error) {
	l, err := newLayout(inst)
	if err != nil {
		return nil, err
	}
	p := &Panel{layout: l, own: newDecoder(l), known: newKnown(), vocabulary: newVocabulary()}
	p.current.Store(&Snapshot{inst: inst, layout: l, memo: &memo{}})
	return p, nil
}

// Snapshot returns the panel as it stands: an immutable view that costs nothing
// to take and never shows half of a batch.
func (p *Panel) Snapshot() *Snapshot { return p.current.Load() }

// NewDecoder returns a decoder whose batches this panel takes.
func (p *Panel) NewDecoder() *Decoder { return newDecoder(p.layout) }

// Add takes a batch: all of it becomes visible at once, or none where a response
// does not fit the instrument. A response that is already there is passed over,
// so that the same row may arrive by two ways. It returns how many were new.
func (p *Panel) Add(responses []survey.Response) (int, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	b, err := p.own.batch(responses)
	if err != nil {
		return 0, err
	}
	return p.take(b)
}

// batch makes one batch of responses, or none where one does not fit.
func (d *Decoder) batch(responses []survey.Response) (*Batch, error) {
	for i := range responses {
		if err := d.AppendResponse(&responses[i]); err != nil {
			d.Cut()
			return nil, err
		}
	}
	return d.Cut(), nil
}

// AddBatch is Add for what a decoder has read; the batch may be taken only once.
// An error says that the batch
// belongs to another instrument, or that the panel is full; nothing is taken then.
func (p *Panel) AddBatch(b *Batch) (int, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	return p.take(b)
}

// mostRows is what an int32 can number.
const mostRows = math.MaxInt32 - chunkRows

// refusal says that a batch was read for another instrument.
func (p *Panel) refusal(b *Batch) error {
	if b.layout != p.layout && b.layout.inst.Hash() != p.layout.inst.Hash() {
		return fmt.Errorf("a batch of instrument %s can not enter a panel of %s", b.layout.inst.Key, p.layout.inst.Key)
	}
	return nil
}

func (p *Panel) take(b *Batch) (int, error) {
	if err := p.refusal(b); err != nil || b.Len() == 0 {
		return 0, err
	}
	w := p.filling
	if w == nil {
		w = newWriter(p)
	}
	if w.next.rows+b.Len() > mostRows {
		return 0, survey.Errorf(survey.TooLarge, "a panel holds at most %d responses", mostRows)
	}
	added := w.add(b)
	if p.filling == nil && added > 0 {
		p.current.Store(w.finish())
	}
	b.source.recycle(b)
	return added, nil
}

// Fill lets load add any number of batches, which become visible together when it
// returns: a wave that is read from the database for the first time. What was
// taken before an error stays, so that the next attempt goes on from there.
func (p *Panel) Fill(load func() error) error {
	p.writing.Lock()
	p.filling = newWriter(p)
	p.filling.late = p.filling.next.rows == 0
	p.writing.Unlock()
	err := load()
	p.writing.Lock()
	defer p.writing.Unlock()
	p.current.Store(p.filling.finish())
	p.filling = nil
	return err
}
