package intake

import (
	"sync"

	"github.com/salesbench/salesbench/survey"
)

// listeners tells whoever wants to know about kept responses. It has a goroutine
// of its own: a slow listener must not hold up the next transaction.
type listeners struct {
	mu      sync.Mutex
	fns     []func(survey.WaveID, int)
	pending map[survey.WaveID]int
	ended   bool
	wake    chan struct{}
	done    chan struct{}
}

func (l *listeners) start() {
	l.wake, l.done = make(chan struct{}, 1), make(chan struct{})
	go l.work()
}

func (l *listeners) add(fn func(survey.WaveID, int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fns = append(l.fns, fn)
}

// announce tells of kept responses; without listeners they are forgotten.
func (l *listeners) announce(wave survey.WaveID, kept int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.fns) == 0 || kept == 0 {
		return
	}
	if l.pending == nil {
		l.pending = map[survey.WaveID]int{}
	}
	l.pending[wave] += kept
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
		pending, fns, ended := l.take()
		switch {
		case len(pending) > 0:
			for wave, kept := range pending {
				for _, fn := range fns {
					fn(wave, kept)
				}
			}
		case ended:
			return
		default:
			<-l.wake
		}
	}
}

func (l *listeners) take() (map[survey.WaveID]int, []func(survey.WaveID, int), bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pending := l.pending
	l.pending = nil
	return pending, l.fns, l.ended
}
