package export

import "github.com/salesbench/salesbench/survey"

// counts is how often each code and each reason stands in a column: by field, the
// reasons by their State, then Valid for numbers and texts, or the codes from 1.
type counts [][]int64

func newCounts(in *survey.Instrument) counts {
	c := make(counts, len(in.Fields()))
	for _, f := range in.Fields() {
		c[f.Index] = make([]int64, int(survey.Valid)+max(f.Points, 1))
	}
	return c
}

// add counts the answers of one response.
func (c counts) add(answers survey.Answers) {
	for i := range answers {
		a := &answers[i]
		at := int(a.State)
		if a.State == survey.Valid && a.Code > 1 {
			at += a.Code - 1
		}
		c[i][at]++
	}
}

// merge adds what another has counted.
func (c counts) merge(other counts) {
	for i := range c {
		for at, n := range other[i] {
			c[i][at] += n
		}
	}
}

// missing is how often the answer is missing for the reason.
func (c counts) missing(field int, reason survey.State) int64 { return c[field][reason] }

// coded is how often the code was given; with 1 for a number or a text, how many
// there are.
func (c counts) coded(field, code int) int64 { return c[field][int(survey.Valid)+code-1] }
