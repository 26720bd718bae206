package web

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// compareNowAndThen compares the panel with the database when it is time. That is
// done beside the following: positions say that nothing is missing, but not that
// a row which was there is there still.
func (p *livePanel) compareNowAndThen(now time.Time) {
	if p.checked.CompareAndSwap(0, now.UnixNano()) || now.Sub(time.Unix(0, p.checked.Load())) < p.live.pace.Check {
		return
	}
	m := p.mark.Load()
	if m == nil || !p.checking.CompareAndSwap(false, true) {
		return
	}
	p.live.running.Go(func() {
		defer p.checking.Store(false)
		defer p.checked.Store(time.Now().UnixNano())
		p.compare(p.live.ctx, *m)
	})
}

// compare has the panel built anew where it does not hold what the database holds.
func (p *livePanel) compare(ctx context.Context, m mark) {
	stored, err := p.live.store.DigestResponses(ctx, p.id, m.position)
	if err != nil {
		if ctx.Err() == nil {
			p.live.log.LogAttrs(ctx, slog.LevelWarn, "the panel could not be compared with the database", slog.String("wave", string(p.id)), slog.String("error", err.Error()))
		}
		return
	}
	if stored != m.digest {
		p.startOver(ctx, fmt.Sprintf("it held %d responses with the sum %016x, the database holds %d with %016x up to the same position",
			m.digest.Responses, m.digest.Sum, stored.Responses, stored.Sum))
	}
}
