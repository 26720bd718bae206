package web

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/salesbench/salesbench/benchmark"
)

// drawnApart is the number of responses from which the figures that take long
// (benchmark.Drawn) are made in the background: of a smaller wave they take less
// time than a reader notices, and every edition has its own.
const drawnApart = 10_000

// drawing are figures that take long, with the state of the wave they are of.
type drawing struct {
	of      string
	figures *benchmark.Drawn
}

// addDrawn gives a view what is drawn so far, and names it in the view's state.
func (p *livePanel) addDrawn(view *liveView) {
	if view.snapshot.Len() < p.live.apart {
		return
	}
	view.input.Drawn = benchmark.NothingDrawn()
	if last := p.drawn.Load(); last != nil && last.figures != nil {
		view.input.Drawn = last.figures
	}
	view.input.Rest = p.restWhileDrawing
	view.undrawn = view.state
	view.state += "." + view.input.Drawn.Edition
}

// draw makes the figures that take long for the view, unless they are there or
// being made, or nobody reads the wave. It is followed by a pause, so that they
// cost a twentieth of one processor while many answers come in and a third while
// few do, and by another look. It is not waited for at the end: it reads a snapshot
// and nothing else.
func (p *livePanel) draw(ctx context.Context, view *liveView) {
	last := p.drawn.Load()
	if view.undrawn == "" || last != nil && last.of == view.undrawn || !p.hot(time.Now()) || !p.drawing.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer nudge(p.wake)
		defer p.drawing.Store(false)
		done, ok := p.drawingTurn(ctx)
		if !ok {
			return
		}
		defer done()
		if newest := p.view.Load(); newest != nil && newest.undrawn != "" {
			view = newest
		}
		p.slept.Store(0)
		begun := time.Now()
		figures, err := benchmark.Draw(ctx, view.snapshot, view.input)
		done()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			p.live.log.LogAttrs(ctx, slog.LevelError, "figures of a wave could not be drawn", slog.String("wave", string(p.id)), slog.String("error", err.Error()))
			figures = view.input.Drawn
		}
		took := time.Since(begun)
		p.live.results.observe("/"+drawnPart, took)
		p.drawn.Store(&drawing{view.undrawn, figures})
		nudge(p.wake)
		if !view.snapshot.Moving() {
			return
		}
		p.restFromDrawing(ctx, took)
	}()
}

// drawingsAtOnce bounds for how many waves figures are drawn at a time: each needs
// several times the memory of its wave.
const drawingsAtOnce = 4

// drawingTurn waits until others have drawn, or the service ends; done lets the next
// one begin.
func (p *livePanel) drawingTurn(ctx context.Context) (done func(), ok bool) {
	select {
	case p.live.drawings <- struct{}{}:
		return sync.OnceFunc(func() { <-p.live.drawings }), true
	case <-ctx.Done():
		return nil, false
	}
}

// drawnTogether is the part of one processor, one in so many, that drawing costs
// while many responses arrive.
const drawnTogether = 10

// restWhileDrawing has a piece of what is drawn followed by none for a while where
// many responses arrive.
func (p *livePanel) restWhileDrawing(worked time.Duration) {
	if !p.live.arrivals.many(time.Now()) {
		return
	}
	rest := pause(worked, 1, drawnTogether)
	p.slept.Add(int64(rest))
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-p.live.ctx.Done():
	case <-timer.C:
	}
}

// restFromDrawing is the pause after figures were drawn.
func (p *livePanel) restFromDrawing(ctx context.Context, took time.Duration) {
	cores := p.live.arrivals.cores(time.Now())
	rested := time.Duration(p.slept.Load()) / time.Duration(cores)
	worked := max(took-rested, 0)
	least, most := pause(worked, cores, usualPart), pause(worked, cores, smallPart)-rested
	again := time.NewTicker(max(least/8, time.Millisecond))
	defer again.Stop()
	for begun := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case now := <-again.C:
			if rested := now.Sub(begun); rested >= max(least, most) || rested >= least && !p.live.arrivals.many(now) {
				return
			}
		}
	}
}

// drawnPart is what is drawn in the background, in metrics.
const drawnPart = "drawn"
