package stat

import "fmt"

// ResponseStyle describes how one group (a region, a language) uses the scale,
// whatever it is asked. Groups are not ranked on raw top-2 shares without it.
type ResponseStyle struct {
	N       int `json:"n"`
	Answers int `json:"answers"`
	// EndShare is the share of answers at either end, MiddleShare that of the
	// middle of an odd scale.
	EndShare    Number `json:"end_share"`
	MiddleShare Number `json:"middle_share"`
	// AgreeUnreversed and AgreeReversed are the shares of answers as clicked in
	// the agree box: a group high on both says yes to everything.
	AgreeUnreversed Number   `json:"agree_unreversed"`
	AgreeReversed   Number   `json:"agree_reversed"`
	Acquiescence    Number   `json:"acquiescence"`
	Reasons         []Reason `json:"reasons"`
}

// ResponseStyles computes the styles of groups from recoded answers (1..scale, 0
// missing): reversed items are turned back to what was clicked, low is the lower
// end of the agree box. Acquiescence is the mean of the two shares of agreement,
// missing without reversed items. A group without an answer: no_valid_answers.
func ResponseStyles(columns [][]uint8, reversed []bool, group []int32, scale, low int) ([]ResponseStyle, error) {
	if len(reversed) != len(columns) {
		return nil, lengthMismatch("reverse marks", len(reversed), "columns", len(columns))
	}
	groups := 0
	for i, g := range group {
		if g < 0 {
			return nil, &InputError{"invalid_value", i, 0, fmt.Sprintf("group %d", g)}
		}
		groups = max(groups, int(g)+1)
	}
	out := make([]ResponseStyle, groups)
	counts := make([]styleCounts, groups)
	for _, g := range group {
		out[g].N++
	}
	for k, c := range columns {
		if len(c) != len(group) {
			return nil, &InputError{"length_mismatch", -1, k, fmt.Sprintf("%d rows, groups %d", len(c), len(group))}
		}
		for i, x := range c {
			if int(x) > scale {
				return nil, &InputError{"invalid_value", i, k, fmt.Sprintf("answer %d of %d points", x, scale)}
			}
			if x > 0 {
				counts[group[i]].add(int(x), scale, low, reversed[k])
			}
		}
	}
	for g := range out {
		out[g].describe(counts[g], scale)
	}
	return out, nil
}

type styleCounts struct {
	n, ends, middle int
	asked, agreed   [2]int // unreversed, reversed
}

func (c *styleCounts) add(x, scale, low int, reversed bool) {
	side := 0
	if reversed {
		x, side = scale+1-x, 1
	}
	c.n++
	c.asked[side]++
	if x == 1 || x == scale {
		c.ends++
	}
	if 2*x == scale+1 {
		c.middle++
	}
	if x >= low {
		c.agreed[side]++
	}
}

func (s *ResponseStyle) describe(c styleCounts, scale int) {
	s.Answers, s.Reasons = c.n, []Reason{}
	if c.n == 0 {
		s.Reasons = []Reason{NoValidAnswers}
		return
	}
	ratio := func(a, b int) Number { return Some(float64(a) / float64(b)) } // missing for b = 0
	s.EndShare = ratio(c.ends, c.n)
	if scale%2 == 1 {
		s.MiddleShare = ratio(c.middle, c.n)
	}
	s.AgreeUnreversed, s.AgreeReversed = ratio(c.agreed[0], c.asked[0]), ratio(c.agreed[1], c.asked[1])
	if s.AgreeUnreversed.Valid && s.AgreeReversed.Valid {
		s.Acquiescence = Some((s.AgreeUnreversed.Value + s.AgreeReversed.Value) / 2)
	}
}
