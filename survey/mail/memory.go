package mail

import (
	"context"
	"slices"
	"sync"
)

// Memory keeps messages for tests and for looking at them. Its zero value is ready.
type Memory struct {
	// Refuse, where it is set, may give the error for a message instead of taking it.
	Refuse func(Message) error

	mutex    sync.Mutex
	messages []Message
}

// Open is always possible.
func (m *Memory) Open(context.Context) (Session, error) { return memorySession{m}, nil }

// Destination says that nothing leaves.
func (m *Memory) Destination() string { return "the memory of this process" }

// Messages returns what was sent, in order.
func (m *Memory) Messages() []Message {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return slices.Clone(m.messages)
}

type memorySession struct{ memory *Memory }

func (s memorySession) Send(ctx context.Context, m Message, hold func(context.Context) error) error {
	if _, err := m.bytes(); err != nil {
		return err
	}
	if s.memory.Refuse != nil {
		if err := s.memory.Refuse(m); err != nil {
			return err
		}
	}
	if err := hold(ctx); err != nil {
		return err
	}
	s.memory.mutex.Lock()
	defer s.memory.mutex.Unlock()
	s.memory.messages = append(s.memory.messages, m)
	return nil
}

func (memorySession) Alive() bool  { return true }
func (memorySession) Close() error { return nil }
