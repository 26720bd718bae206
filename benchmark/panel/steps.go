package panel

import (
	"time"

	"github.com/salesbench/salesbench/survey"
)

// Steps lets responses into a panel so that nobody can tell single answers from
// two looks at a wave that is still open. The responses of an organization come
// in groups of a fixed size, in the order in which they were kept, and the last
// whole group waits with the rest until the wave closes: then at least one group
// comes at once, or everything the organization has. Every reader of the same
// store sees the same steps. Responses from before the wave was made were given
// elsewhere and come at once. Steps is not safe for concurrent use.
type Steps struct {
	panel      *Panel
	size       int
	made       time.Time // of the wave
	own        *Decoder
	vocabulary vocabulary // of what waits; the panel must not know of it
	source     *source
	waiting    [][]byte // records, by code of the organization in vocabulary
	settled    int      // leading rows that came from elsewhere
	live       bool
	released   bool
	view       *Snapshot
	of         *Snapshot // what view was made from
}

// NewSteps returns an empty panel that is filled in steps of size responses.
func NewSteps(inst *survey.Instrument, size int, made time.Time) (*Steps, error) {
	p, err := New(inst)
	if err != nil {
		return nil, err
	}
	return &Steps{panel: p, size: max(size, 1), made: made, own: p.NewDecoder(), vocabulary: newVocabulary(), source: newSource()}, nil
}

// NewDecoder returns a decoder whose batches these steps take.
func (s *Steps) NewDecoder() *Decoder { return s.panel.NewDecoder() }

// Add takes a batch in the order in which it was kept, all of it or nothing.
func (s *Steps) Add(batch []survey.Response) error {
	b, err := s.own.batch(batch)
	if err != nil {
		return err
	}
	return s.AddBatch(b)
}

// AddBatch is Add for what a decoder has read.
func (s *Steps) AddBatch(b *Batch) error {
	if s.released {
		_, err := s.panel.AddBatch(b)
		return err
	}
	if err := s.panel.refusal(b); err != nil {
		return err
	}
	t := b.source.into(s.vocabulary)
	enter := s.batch()
	for i := range b.Len() {
		r := b.at(i)
		code := int(b.translate(t, r, organizations))
		if r.submitted().Before(s.made) {
			enter.records = s.appendRecord(enter.records, b, t, r)
			if !s.live {
				s.settled++
			}
			continue
		}
		for code >= len(s.waiting) {
			s.waiting = append(s.waiting, nil)
		}
		queue := s.appendRecord(s.waiting[code], b, t, r)
		if step := s.size * len(r); len(queue) == 2*step {
			enter.records = append(enter.records, queue[:step]...)
			queue = append(queue[:0], queue[step:]...)
			s.live = true
		}
		s.waiting[code] = queue
	}
	b.source.recycle(b)
	return s.let(enter)
}

// batch returns an empty batch in the words of what waits.
func (s *Steps) batch() *Batch { return &Batch{layout: s.panel.layout, source: s.source} }

// appendRecord copies a record in the words of what waits.
func (s *Steps) appendRecord(records []byte, b *Batch, t *translation, r record) []byte {
	at := len(records)
	records = append(records, r...)
	for a, place := range attributeAt {
		record(records[at:]).setCode(place, int(b.translate(t, r, a)))
	}
	return records
}

// let takes records into the panel.
func (s *Steps) let(enter *Batch) error {
	for a := range enter.words {
		enter.words[a] = s.vocabulary[a].list
	}
	_, err := s.panel.AddBatch(enter)
	return err
}

// Release lets in everything that waits: the wave is closed. Whoever opens it
// again needs new Steps.
func (s *Steps) Release() error {
	rest := s.batch()
	for _, queue := range s.waiting {
		rest.records = append(rest.records, queue...)
	}
	if err := s.let(rest); err != nil {
		return err
	}
	s.waiting, s.released = nil, true
	return nil
}

// Fill lets load add any number of batches, which become visible together when it
// returns.
func (s *Steps) Fill(load func() error) error { return s.panel.Fill(load) }

// Released says whether everything has been let in.
func (s *Steps) Released() bool { return s.released }

// Snapshot is the panel as it may be shown.
func (s *Steps) Snapshot() *Snapshot {
	if s.released {
		return s.panel.Snapshot()
	}
	if now := s.panel.Snapshot(); s.of != now {
		view := *now
		view.memo, view.moving, view.settled = &memo{}, true, s.settled
		s.of, s.view = now, &view
	}
	return s.view
}

// Moving says whether the snapshot is one of a wave that is still open, of which
// later snapshots follow in steps.
func (s *Snapshot) Moving() bool { return s.moving }

// Imported says whether rows of a wave that moves in steps came from elsewhere and
// were counted at once.
func (s *Snapshot) Imported() bool { return s.moving && s.settled > 0 }

// Settled says whether a row may be counted in a group smaller than its
// organization. In a wave that moves in steps those are the rows from elsewhere:
// a step has the size of a group as a whole, not in each role.
func (s *Snapshot) Settled(row int32) bool { return !s.moving || int(row) < s.settled }
