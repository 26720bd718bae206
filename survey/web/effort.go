package web

import (
	"math"

	"github.com/salesbench/salesbench/survey"
)

// effort is how many questions there are, and how long they take.
type effort struct{ items, minutes spread }

// effortOf is what anybody may meet, before the role is known.
func (s *Server) effortOf(in *survey.Instrument) effort {
	lowItems, highItems := math.MaxInt, 0
	low, high := math.Inf(1), 0.0
	for _, role := range rolesOf(in) {
		b := s.booklets.of(in, role, in.Languages[0])
		lowItems, highItems = min(lowItems, b.items), max(highItems, b.items)
		low, high = min(low, b.minutes), max(high, b.minutes)
	}
	return effort{spread{lowItems, highItems}, spread{int(math.Round(low)), int(math.Round(high))}}
}

// rolesOf are the keys of the roles; an instrument without roles has one without a name.
func rolesOf(in *survey.Instrument) []string {
	if len(in.Roles) == 0 {
		return []string{""}
	}
	keys := make([]string, len(in.Roles))
	for i, role := range in.Roles {
		keys[i] = role.Key
	}
	return keys
}
