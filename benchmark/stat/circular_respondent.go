package stat

import "fmt"

// RespondentTier are the gaps of a tier of persons, as in `study-style/1`.
type RespondentTier struct {
	// InSample and LeaveItemOut are gaps per item as shares; split-half is not
	// defined when the tier is a property of persons (unit_is_respondent).
	InSample     []Number `json:"in_sample"`
	LeaveItemOut []Number `json:"leave_item_out"`
	// WorldClass marks the respondents of the tier; Undefined counts those who
	// answered fewer than half of the items.
	WorldClass []bool   `json:"-"`
	Count      int      `json:"world_class"`
	Undefined  int      `json:"undefined"`
	N          int      `json:"n"`
	Reasons    []Reason `json:"reasons"`
}

// RespondentGaps chooses the respondents whose mean over the practice items they
// answered (at least half of them) reaches cut, and measures the gap of every
// item between them and the others: once as it stands and once, by the same
// cut, with the item left out of the mean. columns hold the answers per item,
// values <= Missing being missing; low is the lower end of the agree box.
// Respondents without a tier belong to neither column.
//
// Edge cases: no item too_few_items; nobody with a tier no_valid_answers; a gap
// is missing where a column is empty.
func RespondentGaps(columns [][]int8, low int8, cut float64) (*RespondentTier, error) {
	out := &RespondentTier{InSample: make([]Number, len(columns)), LeaveItemOut: make([]Number, len(columns)), Reasons: []Reason{UnitIsRespondent}}
	if len(columns) == 0 {
		out.Reasons = []Reason{TooFewItems}
		return out, nil
	}
	rows := len(columns[0])
	sums, valid := make([]int, rows), make([]int, rows)
	for k, c := range columns {
		if len(c) != rows {
			return nil, &InputError{"length_mismatch", -1, k, fmt.Sprintf("%d rows, the first column has %d", len(c), rows)}
		}
		for i, x := range c {
			if x > Missing {
				sums[i] += int(x)
				valid[i]++
			}
		}
	}
	out.place(sums, valid, len(columns), cut)
	if out.N == 0 {
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	}
	for k, c := range columns {
		out.InSample[k] = personGap(c, low, func(i int) (bool, bool) {
			return out.WorldClass[i], 2*valid[i] >= len(columns)
		})
		out.LeaveItemOut[k] = personGap(c, low, func(i int) (bool, bool) {
			return reaches(sums[i]-int(c[i]), valid[i]-1, cut), 2*(valid[i]-1) >= len(columns)-1 && valid[i] > 1
		})
	}
	return out, nil
}

func (out *RespondentTier) place(sums, valid []int, items int, cut float64) {
	out.WorldClass = make([]bool, len(sums))
	for i := range sums {
		if valid[i] == 0 || 2*valid[i] < items {
			out.Undefined++
			continue
		}
		out.N++
		if reaches(sums[i], valid[i], cut) {
			out.WorldClass[i] = true
			out.Count++
		}
	}
}

// reaches compares a mean of whole numbers with the cut, with room for the
// rounding of cuts like 5.8.
func reaches(sum, n int, cut float64) bool {
	return float64(sum) >= cut*float64(n)-1e-9
}

// PersonTier is one respondent before the cut of a tier of persons: the sum of
// the answers to the items, how many they are, and the number of items.
type PersonTier struct {
	Sum, Valid, Items int
	Cut               float64
}

// Whole says whether the respondent is in the tier, and whether at all in one:
// at least half of the items have to be answered.
func (p PersonTier) Whole() (chosen, defined bool) {
	if p.Valid == 0 || 2*p.Valid < p.Items {
		return false, false
	}
	return reaches(p.Sum, p.Valid, p.Cut), true
}

// Without is Whole with an item left out to which the respondent gave answer.
func (p PersonTier) Without(answer int) (chosen, defined bool) {
	return PersonTier{p.Sum - answer, p.Valid - 1, p.Items - 1, p.Cut}.Whole()
}

// personGap is the gap of one item over the respondents who answered it; tier
// tells whether row i is World-Class and whether it has a tier.
func personGap(answers []int8, low int8, tier func(i int) (chosen, defined bool)) Number {
	var n, agree [2]int
	for i, x := range answers {
		if x <= Missing {
			continue
		}
		chosen, defined := tier(i)
		if !defined {
			continue
		}
		side := 1
		if chosen {
			side = 0
		}
		n[side]++
		if x >= low {
			agree[side]++
		}
	}
	if n[0] == 0 || n[1] == 0 {
		return Number{}
	}
	return Some(float64(agree[0])/float64(n[0]) - float64(agree[1])/float64(n[1]))
}
