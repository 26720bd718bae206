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
	panel    *Panel
	size     int
	made     time.Time // of the wave
	waiting  map[survey.OrganizationID][]survey.Response
	settled  int // leading rows that came from elsewhere
	live     bool
	released bool
	view     *Snapshot
	of       *Snapshot // what view was made from
}

// NewSteps returns an empty panel that is filled in steps of size responses.
func NewSteps(inst *survey.Instrument, size int, made time.Time) (*Steps, error) {
	p, err := New(inst)
	if err != nil {
		return nil, err
	}
	return &Steps{panel: p, size: max(size, 1), made: made, waiting: map[survey.OrganizationID][]survey.Response{}}, nil
}

// Add takes a batch in the order in which it was kept, all of it or nothing.
func (s *Steps) Add(batch []survey.Response) error {
	var enter []survey.Response
	settled, live := s.settled, s.live
	changed := map[survey.OrganizationID][]survey.Response{}
	for _, r := range batch {
		if s.released || r.SubmittedAt.Before(s.made) {
			enter = append(enter, r)
			if !s.released && !live {
				settled++
			}
			continue
		}
		queue, ok := changed[r.OrganizationID]
		if !ok {
			queue = s.waiting[r.OrganizationID]
		}
		queue = append(queue[:len(queue):len(queue)], r)
		if len(queue) == 2*s.size {
			enter, queue, live = append(enter, queue[:s.size]...), queue[s.size:], true
		}
		changed[r.OrganizationID] = queue
	}
	if _, err := s.panel.Add(enter); err != nil {
		return err
	}
	s.settled, s.live = settled, live
	for id, queue := range changed {
		s.waiting[id] = queue
	}
	return nil
}

// Release lets in everything that waits: the wave is closed. Whoever opens it
// again needs new Steps.
func (s *Steps) Release() error {
	var rest []survey.Response
	for _, queue := range s.waiting {
		rest = append(rest, queue...)
	}
	if _, err := s.panel.Add(rest); err != nil {
		return err
	}
	s.waiting, s.released = map[survey.OrganizationID][]survey.Response{}, true
	return nil
}

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

// Settled says whether a row may be counted in a group smaller than its
// organization. In a wave that moves in steps those are the rows from elsewhere:
// a step has the size of a group as a whole, not in each role.
func (s *Snapshot) Settled(row int32) bool { return !s.moving || int(row) < s.settled }
