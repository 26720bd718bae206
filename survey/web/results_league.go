package web

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// leaguePart is the tiers of all organizations, which are known first.
const leaguePart = "league"

// leagueResults sends the tiers of all organizations as data. They may be of a newer
// edition than the pages, which wait for the rest of the result.
func (s *Server) leagueResults(c echo.Context) error {
	w, form, err := s.wavePart(c)
	if err != nil {
		return err
	}
	l, err := s.results.league(c.Request().Context(), w)
	if err != nil {
		return s.notYet(c, w, form, err)
	}
	return s.sendKept(c, form, "", l.kept, func() (templates.Page, error) {
		return nil, survey.Errorf(survey.NotFound, "the league comes as json or csv; its page is that of the wave")
	})
}

// league returns the tiers of the newest state of the wave that may be shown.
func (r *resultSource) league(ctx context.Context, w resultWave) (result[*benchmark.League], error) {
	view, err := r.live.read(ctx, w)
	if err != nil {
		return result[*benchmark.League]{}, err
	}
	if p := r.live.panelOf(w.ID); p != nil {
		if ahead := p.ahead.Load(); ahead.under(view.rule) && ahead.sequence > view.sequence {
			view = ahead
		}
	}
	return resultOfView(ctx, r, view, "/"+leaguePart, benchmark.ComputeLeague)
}

// classify makes the tiers of a state known before the rest of its result. Where
// that fails the reader who asks is told why.
func (p *livePanel) classify(ctx context.Context, next *liveView) {
	ahead := *next
	ahead.busy, ahead.published = p.busy, time.Now()
	if _, err := resultOfView(ctx, p.live.results, &ahead, "/"+leaguePart, benchmark.ComputeLeague); err == nil {
		p.ahead.Store(&ahead)
	}
}
