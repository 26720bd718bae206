package intake

import (
	"container/list"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// memory remembers for a moment where links lead and the drafts behind them, so
// that one page after the other does not cost a look-up each. Only links that
// exist are remembered. What it hands out is shared: nobody may change the
// answers in it.
type memory struct {
	life   time.Duration
	limit  int // of each shard
	shards [memoryShards]memoryShard
}

// memoryShards keep requests from waiting for each other.
const memoryShards = 64

type memoryShard struct {
	mu    sync.Mutex
	links map[auth.Hash]*list.Element
	order list.List // of *remembered, who was heard of last at the back
}

// remembered is what is known about one link.
type remembered struct {
	link     auth.Hash
	entrance *store.Entrance // replaced, never changed: whoever was told of it may be reading
	gone     bool            // only that what was known before must not come back
	known    time.Time       // when the database said so: the beginning of a look-up, the end of a transaction
}

func newMemory(life time.Duration, links int) *memory {
	m := &memory{life: life, limit: max(1, links/memoryShards)}
	for i := range m.shards {
		m.shards[i].links = make(map[auth.Hash]*list.Element)
	}
	return m
}

func (m *memory) shard(link auth.Hash) *memoryShard { return &m.shards[link[0]%memoryShards] }

// find returns what is known about the link and not too old, or nil.
func (m *memory) find(link auth.Hash, now time.Time) *store.Entrance {
	s := m.shard(link)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.get(link)
	if r == nil || r.gone || now.Sub(r.known) >= m.life {
		return nil
	}
	return r.entrance
}

// learn takes the answer of a look-up that began at that time. What was heard of
// the link since then is newer.
func (m *memory) learn(link auth.Hash, e *store.Entrance, began time.Time) {
	s := m.shard(link)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.get(link); r != nil && r.known.After(began) && !r.precedes(e) {
		return
	}
	s.put(m, remembered{link: link, entrance: e, known: began})
}

// precedes says whether the draft was saved again before that was looked up.
func (r *remembered) precedes(e *store.Entrance) bool {
	return !r.gone && r.entrance.Started && e.Started && r.entrance.Draft.ID == e.Draft.ID && r.entrance.Draft.Version < e.Draft.Version
}

// kept takes a draft that a transaction has begun or saved; began is before it.
// first says what else there is to know of the link where nothing is known of it
// yet, and may be nil.
func (m *memory) kept(link auth.Hash, draft survey.Draft, first *store.Entrance, began time.Time) {
	s := m.shard(link)
	s.mu.Lock()
	defer s.mu.Unlock()
	before := first
	switch r := s.get(link); {
	case r != nil && r.gone && r.known.After(began):
		return
	case r != nil && !r.gone:
		before = r.entrance
	case first == nil:
		return
	}
	if before.Submitted || before.Started && (before.Draft.ID != draft.ID || before.Draft.Version > draft.Version) {
		return
	}
	s.put(m, remembered{link: link, known: time.Now(), entrance: &store.Entrance{Place: before.Place, Invitation: before.Invitation, Started: true, Draft: draft}})
}

// submitted notes that the link has done its work, and what it was.
func (m *memory) submitted(link auth.Hash, kept *store.Kept) {
	s := m.shard(link)
	s.mu.Lock()
	defer s.mu.Unlock()
	next := remembered{link: link, gone: true, known: time.Now()}
	if r := s.get(link); r != nil && !r.gone {
		next.gone = false
		next.entrance = &store.Entrance{Place: r.entrance.Place, Invitation: r.entrance.Invitation, Submitted: true, Kept: kept}
		if next.entrance.Invitation.ID != "" {
			next.entrance.Invitation.UsedAt = kept.Receipt.SubmittedAt
		}
	}
	s.put(m, next)
}

// forget drops what is known, and what look-ups that are under way will say.
func (m *memory) forget(link auth.Hash) {
	s := m.shard(link)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(m, remembered{link: link, gone: true, known: time.Now()})
}

// drop is forget for a link that perhaps never was: nothing of it stays.
func (m *memory) drop(link auth.Hash) {
	s := m.shard(link)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.links[link]; e != nil {
		s.remove(e)
	}
}

func (s *memoryShard) get(link auth.Hash) *remembered {
	if e := s.links[link]; e != nil {
		return e.Value.(*remembered)
	}
	return nil
}

// put keeps one link more, and lets go of those that nobody would be told of any
// more, or that are too many. Whatever a look-up still brings of them is too old,
// too: it began before.
func (s *memoryShard) put(m *memory, r remembered) {
	if e := s.links[r.link]; e != nil {
		*e.Value.(*remembered) = r
		s.order.MoveToBack(e)
	} else {
		s.links[r.link] = s.order.PushBack(&r)
	}
	for {
		oldest := s.order.Front()
		if len(s.links) <= m.limit && r.known.Sub(oldest.Value.(*remembered).known) < m.life {
			return
		}
		s.remove(oldest)
	}
}

func (s *memoryShard) remove(e *list.Element) {
	delete(s.links, e.Value.(*remembered).link)
	s.order.Remove(e)
}
