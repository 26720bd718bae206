package store

import (
	"context"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

const (
	// aheadAfter is the age from which what is still asked for is read anew, before it is
	// too old to be believed.
	aheadAfter = placeLife / 2
	// aheadAtOnce bounds how many links are read together. The others are read when they
	// are asked for and too old.
	aheadAtOnce = 1024
)

// ahead reads open links anew that are in use, all together and in the background.
// Otherwise those of a busy wave grow too old at the same moment, because they were read
// at the same moment: everybody who submits then waits for two statements a link and four
// for the wave, once a second, and so does whoever needs a connection for something else.
type ahead struct {
	mu      sync.Mutex
	under   bool // a reading is under way
	ended   bool
	end     context.CancelFunc // of that reading
	running sync.WaitGroup
}

// begin has read called in the background, unless it is under way or the end has come.
func (a *ahead) begin(read func(context.Context)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.under || a.ended {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), sharedReadLimit)
	a.under, a.end = true, cancel
	a.running.Go(func() {
		defer a.done()
		read(ctx)
	})
}

func (a *ahead) done() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.end()
	a.under = false
}

// close ends the reading that is under way and lets none begin.
func (a *ahead) close() {
	a.mu.Lock()
	a.ended = true
	if a.under {
		a.end()
	}
	a.mu.Unlock()
	a.running.Wait()
}

// askedAgain notes that a link is in use, and has it read anew in time.
func (s *Store) askedAgain(m *memory, now *openNow) {
	if !now.asked.Load() {
		now.asked.Store(true)
	}
	if time.Since(now.read) > aheadAfter {
		// An error is for those who ask when what is remembered is too old.
		s.ahead.begin(func(ctx context.Context) { _ = s.readAhead(ctx, m) })
	}
}

// readAhead reads the links anew that are in use and will soon be too old, with what
// they lead to. One that is gone or withdrawn is left as it is: whoever asks for it when
// it is too old reads it, and why.
func (s *Store) readAhead(ctx context.Context, m *memory) error {
	var hashes [][]byte
	m.open.Range(func(token, known any) bool {
		now, hash := known.(*openNow), token.(auth.Hash)
		if now.asked.Load() && fresh(now.read) && time.Since(now.read) > aheadAfter {
			hashes = append(hashes, hash[:])
		}
		return len(hashes) < aheadAtOnce
	})
	at := time.Now()
	rows, err := list(ctx, s, func(r openLinkRow) openLinkRow { return r }, "id", "token_hash IN ? AND revoked_at IS NULL", hashes)
	if err != nil {
		return err
	}
	keys, waves := make([]placeKey, len(rows)), map[survey.WaveID]bool{}
	for i, row := range rows {
		keys[i] = placeKey{survey.WaveID(row.WaveID), survey.OrganizationID(row.OrganizationID)}
		waves[keys[i].wave] = true
	}
	for wave := range waves {
		if _, err := s.readWaveNow(ctx, m, wave); err != nil {
			return err
		}
	}
	places, err := s.readPlaces(ctx, keys)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if place := places[keys[i]]; place != nil {
			s.places.keep(m, &m.open, auth.Hash(row.TokenHash), &openNow{link: row.openLink(), place: place, read: at})
		}
	}
	return nil
}
