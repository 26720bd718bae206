package stat

import (
	"fmt"
	"math"
	"slices"
)

// Limits of the careless-response flags (Meade and Craig 2012; Curran 2016).
const (
	fastSeconds      = 2.0
	fastRelative     = 1.0 / 3
	longRunItems     = 20
	longRunShare     = 0.5
	flagsForFlagged  = 2
	mahalanobisAlpha = 0.001
)

// QualityPlan describes the page order of the items of a questionnaire.
type QualityPlan struct {
	// Scale is the number of scale points; Reversed marks items that were
	// recoded on the way in (x' = Scale+1-x) and are turned back here, because
	// runs are judged on what was clicked.
	Scale    int8
	Reversed []bool
	// Page is the page number of each item, ascending; nil means one page.
	Page []int
	// MedianSeconds is the median time per page over all respondents; nil means
	// unknown.
	MedianSeconds []float64
}

// ResponseQuality are the indices of one respondent.
type ResponseQuality struct {
	Longstring    Number `json:"longstring"`
	AverageString Number `json:"average_string"`
	IRV           Number `json:"irv"`
	Completeness  Number `json:"completeness"`
	// SecondsPerItem is the time over all timed pages per item on them,
	// RelativeSpeed the median over pages of own time / median time.
	SecondsPerItem Number      `json:"seconds_per_item"`
	RelativeSpeed  Number      `json:"relative_speed"`
	Flags          QualityFlag `json:"flags"`
	Flagged        bool        `json:"flagged"`
	Reasons        []Reason    `json:"reasons"`
}

// QualityFlag is a set of careless-response flags. Judge sets those of one
// response by itself; the callers of Mahalanobis and Duplicates, and those who
// know the instructed items, add theirs and ask Flagged again.
type QualityFlag uint8

// The flags.
const (
	FlagStraightLine QualityFlag = 1 << iota
	FlagFast
	FlagRelativelyFast
	FlagMahalanobis
	FlagInstructedItem
	FlagDuplicate
)

var flagNames = []string{"straight_line", "fast", "relatively_fast", "mahalanobis", "instructed_item", "duplicate"}

// Names lists the flags of the set.
func (f QualityFlag) Names() []string {
	names := []string{}
	for i, name := range flagNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Flagged says that two or more flags are set.
func (f QualityFlag) Flagged() bool {
	n := 0
	for ; f != 0; f &= f - 1 {
		n++
	}
	return n >= flagsForFlagged
}

// MarshalJSON writes the names of the flags.
func (f QualityFlag) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, name := range f.Names() {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(append(out, name...), '"')
	}
	return append(out, ']'), nil
}

// Check refuses a plan that does not fit its own parts.
func (p QualityPlan) Check(items int) error {
	if p.Reversed != nil && len(p.Reversed) != items {
		return lengthMismatch("reverse marks", len(p.Reversed), "items", items)
	}
	if p.Page != nil && len(p.Page) != items {
		return lengthMismatch("pages", len(p.Page), "items", items)
	}
	if p.Page != nil && !slices.IsSorted(p.Page) {
		return &InputError{"invalid_value", -1, -1, "pages are not in ascending order"}
	}
	return nil
}

// Judge computes the indices of one respondent from the answers in page order
// (values <= Missing are missing) and, where known, the seconds spent on each
// page (NaN or 0: not timed; nil: no times at all).
//
//   - longstring is the longest run of one answer among the answers given,
//     average_string the mean length of the runs, irv the standard deviation
//     (n-1) within the person, completeness the share of items answered; items
//     never shown to this person do not belong into answers.
//   - straight_line: all answers (three or more) equal on a page with a reversed
//     item, or longstring at least half of at least 20 answers.
//   - fast: under 2 seconds per item; relatively_fast: under a third of the
//     median time. Two or more flags make a respondent flagged.
//
// A short, evenly good organization gives long strings honestly: judge on pages
// with reversed items. Edge cases: no answer no_valid_answers, a single one
// too_few_items, both without indices of the answers.
func (p QualityPlan) Judge(answers []int8, seconds []float64) ResponseQuality {
	out := ResponseQuality{Reasons: []Reason{}}
	clicked := p.clicked(answers)
	if len(answers) > 0 {
		out.Completeness = Some(float64(len(clicked)) / float64(len(answers)))
	}
	p.judgeTime(answers, seconds, &out)
	switch len(clicked) {
	case 0:
		out.Reasons = []Reason{NoValidAnswers}
		return out
	case 1:
		out.Reasons = []Reason{TooFewItems}
		return out
	}
	longest, runs := countRuns(clicked)
	out.Longstring = Some(float64(longest))
	out.AverageString = Some(float64(len(clicked)) / float64(runs))
	out.IRV = Some(spreadWithin(clicked))
	if len(clicked) >= longRunItems && float64(longest) >= longRunShare*float64(len(clicked)) || p.onePageAlike(answers) {
		out.Flags |= FlagStraightLine
	}
	out.Flagged = out.Flags.Flagged()
	return out
}

// clicked returns the answers given, as they were clicked.
func (p QualityPlan) clicked(answers []int8) []int8 {
	out := make([]int8, 0, len(answers))
	for k, x := range answers {
		if x <= Missing {
			continue
		}
		if p.Reversed != nil && p.Reversed[k] {
			x = p.Scale + 1 - x
		}
		out = append(out, x)
	}
	return out
}

func countRuns(x []int8) (longest, runs int) {
	length := 0
	for i, v := range x {
		if i > 0 && v == x[i-1] {
			length++
		} else {
			runs++
			length = 1
		}
		longest = max(longest, length)
	}
	return longest, runs
}

// spreadWithin is the standard deviation of whole numbers, exact until the root.
func spreadWithin(x []int8) float64 {
	var sum, squares int64
	for _, v := range x {
		sum += int64(v)
		squares += int64(v) * int64(v)
	}
	n := int64(len(x))
	return math.Sqrt(float64(n*squares-sum*sum) / float64(n*(n-1)))
}

// onePageAlike looks for a page with a reversed item and at least three answers
// that were all clicked alike.
func (p QualityPlan) onePageAlike(answers []int8) bool {
	if p.Reversed == nil {
		return false
	}
	for from := 0; from < len(answers); {
		to := from + 1
		for to < len(answers) && (p.Page == nil || p.Page[to] == p.Page[from]) {
			to++
		}
		part := p
		part.Reversed = p.Reversed[from:to]
		if slices.Contains(part.Reversed, true) {
			clicked := part.clicked(answers[from:to])
			if longest, _ := countRuns(clicked); len(clicked) >= 3 && longest == len(clicked) {
				return true
			}
		}
		from = to
	}
	return false
}

func (p QualityPlan) judgeTime(answers []int8, seconds []float64, out *ResponseQuality) {
	if len(seconds) == 0 {
		return
	}
	items := p.itemsPerPage(len(answers))
	var total float64
	timed := 0
	var ratios []float64
	for page, s := range seconds {
		if !(s > 0) || math.IsInf(s, 0) || page >= len(items) {
			continue
		}
		total += s
		timed += items[page]
		if page < len(p.MedianSeconds) && p.MedianSeconds[page] > 0 {
			ratios = append(ratios, s/p.MedianSeconds[page])
		}
	}
	if timed > 0 {
		out.SecondsPerItem = Some(total / float64(timed))
		if out.SecondsPerItem.Value < fastSeconds {
			out.Flags |= FlagFast
		}
	}
	out.RelativeSpeed = Median(ratios)
	if out.RelativeSpeed.Valid && out.RelativeSpeed.Value < fastRelative {
		out.Flags |= FlagRelativelyFast
	}
	out.Flagged = out.Flags.Flagged()
}

// itemsPerPage counts the items of the distinct pages in their order, which is
// the order of the seconds.
func (p QualityPlan) itemsPerPage(items int) []int {
	if p.Page == nil {
		return []int{items}
	}
	var counts []int
	for k := range p.Page {
		if k == 0 || p.Page[k] != p.Page[k-1] {
			counts = append(counts, 0)
		}
		counts[len(counts)-1]++
	}
	return counts
}

// MedianPageSeconds is the median time per page over respondents, for
// QualityPlan; times of 0 and NaN are not counted, a page nobody was timed on
// has NaN.
func MedianPageSeconds(seconds [][]float64) ([]float64, error) {
	if len(seconds) == 0 {
		return nil, nil
	}
	medians := make([]float64, len(seconds[0]))
	for page := range medians {
		var times []float64
		for i, row := range seconds {
			if len(row) != len(medians) {
				return nil, &InputError{"length_mismatch", i, page, fmt.Sprintf("%d pages, the first row has %d", len(row), len(medians))}
			}
			if row[page] > 0 && !math.IsInf(row[page], 0) {
				times = append(times, row[page])
			}
		}
		medians[page] = Median(times).Or(math.NaN())
	}
	return medians, nil
}
