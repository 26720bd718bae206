package panel

import "sync"

// memo keeps what was derived from a snapshot. Since a snapshot never changes,
// nothing in it can grow stale, and it is dropped together with the snapshot.
type memo struct {
	mu      sync.Mutex
	entries map[string]*memoEntry
}

type memoEntry struct {
	once  sync.Once
	value any
	err   error
}

// Derived returns what build makes of the snapshot for a key, building it once
// however many readers ask. An error is not kept.
func (s *Snapshot) Derived(key string, build func() (any, error)) (any, error) {
	m := s.memo
	m.mu.Lock()
	if m.entries == nil {
		m.entries = map[string]*memoEntry{}
	}
	entry := m.entries[key]
	if entry == nil {
		entry = &memoEntry{}
		m.entries[key] = entry
	}
	m.mu.Unlock()
	entry.once.Do(func() { entry.value, entry.err = build() })
	if entry.err != nil {
		m.mu.Lock()
		if m.entries[key] == entry {
			delete(m.entries, key)
		}
		m.mu.Unlock()
	}
	return entry.value, entry.err
}
