package intake

import (
	"sync"

	"github.com/salesbench/salesbench/survey"
)

// listeners tells whoever wants to know about kept responses. It has a goroutine
// of its own: a slow listener must not hold up the next transaction.
type listeners struct {
	mu      sync.Mutex
	fns     []func([]survey.Response)
	pending []survey.Response
	ended   bool
	wake    chan struct{}
	done    chan struct{}
}

func (l *listeners) start() {
	l.wake, l.done = make(chan struct{}, 1), make(chan struct{})
	go l.work()
}

func (l *listeners) add(fn func([]survey.Response)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fns = append(l.fns, fn)
}

// any says whether anybody listens.
func (l *listeners) any() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.fns) > 0
}

// announce hands over responses; without listeners they are forgotten.
func (l *listeners) announce(responses []survey.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.fns) == 0 || len(responses) == 0 {
		return
	}
	l.pending = append(l.pending, responses...)
	l.nudge()
}

// stop returns when everything announced has been told.
func (l *listeners) stop() {
	l.mu.Lock()
	l.ended = true
	l.nudge()
	l.mu.Unlock()
	<-l.done
}

func (l *listeners) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *listeners) work() {
	defer close(l.done)
	for {
		responses, fns, ended := l.take()
		switch {
		case len(responses) > 0:
			for _, fn := range fns {
				fn(responses)
			}
		case ended:
			return
		default:
			<-l.wake
		}
	}
}

func (l *listeners) take() ([]survey.Response, []func([]survey.Response), bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	responses := l.pending
	l.pending = nil
	return responses, l.fns, l.ended
}
