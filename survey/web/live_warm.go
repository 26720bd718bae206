package web

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// warming is the loading of the waves with results at the start of the service,
// which is not ready before it.
type warming struct {
	listed atomic.Bool
	panels atomic.Pointer[[]*livePanel]
}

// warmUp begins to load the waves that have responses, the newest first, as far as
// half of the memory goes; the others are loaded for their first reader.
func (l *live) warmUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.warming != nil || l.ctx.Err() != nil {
		return
	}
	l.warming = &warming{}
	l.running.Go(l.warm)
}

func (l *live) warm() {
	ticker := time.NewTicker(l.pace.Poll)
	defer ticker.Stop()
	for {
		waves, err := l.withResponses(l.ctx)
		if err == nil {
			panels := make([]*livePanel, 0, len(waves))
			for _, w := range waves {
				if p := l.panelOf(w); p != nil {
					panels = append(panels, p)
				}
			}
			l.warming.panels.Store(&panels)
			l.warming.listed.Store(true)
			turns := make(chan struct{}, loadsAtOnce)
			for _, p := range panels {
				l.running.Go(func() { p.computeFirst(l.ctx, turns) })
			}
			return
		}
		if l.ctx.Err() != nil {
			return
		}
		l.log.LogAttrs(l.ctx, slog.LevelWarn, "the waves could not be listed", slog.String("error", err.Error()))
		select {
		case <-l.ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// computeFirst computes the result of the wave as soon as it is loaded, so that
// the first reader need not wait. One that fails is for the reader who asks.
func (p *livePanel) computeFirst(ctx context.Context, turns chan struct{}) {
	for {
		changed := p.changed.next()
		if p.loaded.Load() {
			break
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
	select {
	case <-ctx.Done():
		return
	case turns <- struct{}{}:
	}
	defer func() { <-turns }()
	if view := p.view.Load(); view != nil {
		if err := p.live.results.first(ctx, view); err != nil && ctx.Err() == nil {
			p.live.log.LogAttrs(ctx, slog.LevelWarn, "the first figures of a wave could not be computed", slog.String("wave", string(p.id)), slog.String("error", err.Error()))
		}
	}
	p.figures.Store(true)
}

// withResponses lists the waves to begin with.
func (l *live) withResponses(ctx context.Context) ([]survey.WaveID, error) {
	studies, err := l.store.Studies(ctx)
	if err != nil {
		return nil, err
	}
	var waves []survey.Wave
	organizations := map[survey.StudyID]int64{}
	for _, study := range studies {
		if organizations[study.ID], err = l.store.CountOrganizations(ctx, study.ID); err != nil {
			return nil, err
		}
		more, err := l.store.Waves(ctx, study.ID)
		if err != nil {
			return nil, err
		}
		waves = append(waves, more...)
	}
	slices.SortStableFunc(waves, func(a, b survey.Wave) int {
		return cmp.Or(b.OpensAt.Compare(a.OpensAt), cmp.Compare(a.ID, b.ID))
	})
	var ids []survey.WaveID
	for _, w := range waves {
		ids = append(ids, w.ID)
	}
	standings, err := l.store.Standings(ctx, ids)
	if err != nil {
		return nil, err
	}
	available, known := l.memory()
	room := available / 2
	var chosen []survey.WaveID
	for _, w := range waves {
		if standings[w.ID].Position == 0 || w.AnswersShown(ctx, l.now()) != nil {
			continue
		}
		instrument, err := l.store.Instrument(ctx, w.InstrumentHash)
		if err != nil {
			return nil, err
		}
		need := neededBytes(instrument, organizations[w.StudyID], standings[w.ID].Position)
		if room -= need; known && room < 0 && len(chosen) > 0 {
			break
		}
		chosen = append(chosen, w.ID)
	}
	return chosen, nil
}

// settled waits a moment for what is nearly loaded, so that a service with few
// responses is ready when it says that it serves.
func (l *live) settled(ctx context.Context, limit time.Duration) (waves []waveReadiness, ready bool) {
	if waves, ready = l.readiness(); ready {
		return waves, ready
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(limit / 20)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return waves, ready
		case <-ticker.C:
			if waves, ready = l.readiness(); ready {
				return waves, ready
			}
		}
	}
}

// waveReadiness says how far a wave has come.
type waveReadiness struct {
	Wave    survey.WaveID `json:"wave"`
	State   string        `json:"state"` // ready, loading, computing, refused, failing
	Percent int           `json:"percent"`
	Reason  string        `json:"reason,omitempty"`
}

// readiness says whether the waves of the start are loaded and their first figures computed. Before warmUp nobody
// knows which they are, so that a probe may come at any moment of the start. A wave that is refused for want of
// memory does not keep the service from its other work.
func (l *live) readiness() (waves []waveReadiness, ready bool) {
	l.mu.Lock()
	w := l.warming
	l.mu.Unlock()
	if w == nil {
		return nil, l.store == nil // without a database there is nothing to load
	}
	if !w.listed.Load() {
		return nil, false
	}
	ready = true
	for _, p := range *w.panels.Load() {
		r := p.readiness()
		waves = append(waves, r)
		if r.State == "loading" || r.State == "computing" || r.State == "failing" {
			ready = false
		}
	}
	return waves, ready
}

func (p *livePanel) readiness() waveReadiness {
	r := waveReadiness{Wave: p.id, State: "ready", Percent: 100}
	if p.loaded.Load() {
		if !p.figures.Load() {
			r.State, r.Percent = "computing", 99
		}
		return r
	}
	r.State, r.Percent = "loading", min(p.percent(), 99)
	if failed := p.failure.Load(); failed != nil {
		f := describe(failed.err)
		r.State, r.Reason = "failing", f.message
		if f.kind != survey.Unavailable { // waiting does not help
			r.State = "refused"
		}
	}
	return r
}
