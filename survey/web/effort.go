package web

import (
	"math"

	"github.com/salesbench/salesbench/survey"
)

// effort is what a role meets in an instrument.
type effort struct {
	items   int
	minutes float64
}

// effortOf is computed once per instrument, which never changes.
func (s *Server) effortOf(in *survey.Instrument) map[string]effort {
	if kept, ok := s.efforts.Load(in); ok {
		if efforts, ok := kept.(map[string]effort); ok {
			return efforts
		}
	}
	efforts := make(map[string]effort)
	for _, role := range in.Roles {
		items, minutes := survey.Effort(in, role.Key)
		efforts[role.Key] = effort{items, minutes}
	}
	if len(in.Roles) == 0 {
		items, minutes := survey.Effort(in, "")
		efforts[""] = effort{items, minutes}
	}
	s.efforts.Store(in, efforts)
	return efforts
}

// effortSpan is what anybody may meet, before the role is known.
func (s *Server) effortSpan(in *survey.Instrument) (items, minutes string) {
	lowItems, highItems := math.MaxInt, 0
	low, high := math.Inf(1), 0.0
	for _, e := range s.effortOf(in) {
		lowItems, highItems = min(lowItems, e.items), max(highItems, e.items)
		low, high = min(low, e.minutes), max(high, e.minutes)
	}
	return span(lowItems, highItems), span(int(math.Round(low)), int(math.Round(high)))
}

// timeLeft estimates the minutes for the rest of the path, by its share of the questions.
func (s *Server) timeLeft(v *visit, rest []survey.Shown) string {
	if !v.pathKnown() {
		_, minutes := s.effortSpan(v.instrument)
		return "about " + minutes + " minutes left"
	}
	e := s.effortOf(v.instrument)[v.role()]
	if e.items == 0 {
		return ""
	}
	left := 0
	for _, shown := range rest {
		left += len(shown.Items)
	}
	return minutesInWords(e.minutes * float64(left) / float64(e.items))
}
