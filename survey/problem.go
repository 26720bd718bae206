package survey

import (
	"math"
	"strconv"
	"strings"
)

// Problem is a respondent's or a researcher's mistake: a value, not an error.
// It re-renders the form beside the field with what was typed.
type Problem struct {
	Field   string `json:"field"`   // field or item key
	Code    string `json:"code"`    // required, out_of_range, not_a_number, sum, too_long, unknown_option, ...
	Message string `json:"message"` // one sentence in English: what, where, what to do
	Details `json:"-"`
}

// Details are what a problem's sentence is made of, for whoever says it in another
// language. Without a Sentence there is the English message only: nothing that a
// page can send leads to it.
type Details struct {
	Sentence  string // a key of sentences
	Given     string // as typed, shortened
	Number    float64
	Low, High float64
	Sum       float64
	Left      float64 // what is missing or too much
	Length    int
	Limit     int
}

// orDontKnow is behind the name of a sentence where "don't know" would do as well.
const orDontKnow = "_or_dont_know"

// sentences are the problems of answers in English. The catalogues of all languages
// have them under the same names; a test compares.
var sentences = map[string]string{
	"choose_role":                "Please choose the role that describes you best.",
	"role_changed":               "The role was changed after some pages were answered: please choose it once more.",
	"new_question":               "This question follows from your answer above: please look at it.",
	"two_answers":                "Two different answers were given: please keep one of them.",
	"enter_number":               "Please enter a number.",
	"write_answer":               "Please write an answer.",
	"divide":                     "Please divide {Sum} over the parts.",
	"choose_answer":              "Please choose one of the answers.",
	"not_an_answer":              "“{Given}” is not one of the answers: please choose one of those shown.",
	"not_offered":                "This answer is not offered here: please choose one of those shown.",
	"choose_again":               "This answer is not one of those shown: please choose again.",
	"not_a_number":               "“{Given}” is not a number: please use digits only, for example 12.5.",
	"two_readings":               "“{Given}” can be read in two ways: please write it without a separator between thousands, or with other decimals.",
	"sum_short":                  "This adds up to {Number}; it must be {Sum}: {Left} are missing.",
	"sum_over":                   "This adds up to {Number}; it must be {Sum}: {Left} are too many.",
	"part_missing":               "This part has no number: please enter one, 0 where it does not apply.",
	"too_long":                   "The answer has {Length} characters; at most {Limit} can be kept: please shorten it by {Left}.",
	"not_kept":                   "The answer can not be kept as it is; at most {Limit} characters: please shorten it.",
	"not_possible":               "{Number} is not possible here: please enter a number that a person can mean.",
	"unusual_between":            "{Number} is unusual; most answers are from {Low} to {High}. Please correct it, or confirm it.",
	"unusual_from":               "{Number} is unusual; most answers are of {Low} or more. Please correct it, or confirm it.",
	"unusual_to":                 "{Number} is unusual; most answers are of {High} or less. Please correct it, or confirm it.",
	"not_possible_to":            "{Number} is not possible here: please enter a number of {High} or less.",
	"divide_or_dont_know":        "Please divide {Sum} over the parts; “Don’t know” is an answer too.",
	"enter_number_or_dont_know":  "Please enter a number; “Don’t know” is an answer too.",
	"write_answer_or_dont_know":  "Please write an answer; “Don’t know” is an answer too.",
	"choose_answer_or_dont_know": "Please choose one of the answers; “Don’t know” is an answer too.",
	"not_possible_from":          "{Number} is not possible here: please enter a number of {Low} or more.",
	"not_possible_between":       "{Number} is not possible here: please enter a number from {Low} to {High}.",
}

// problem says what is wrong with a field.
func problem(field, code string, d Details) Problem {
	return Problem{Field: field, Code: code, Message: d.english(), Details: d}
}

// english is the sentence with its values.
func (d Details) english() string {
	text := sentences[d.Sentence]
	if !strings.Contains(text, "{") {
		return text
	}
	return strings.NewReplacer("{Given}", d.Given, "{Number}", formatNumber(d.Number), "{Low}", formatNumber(d.Low), "{High}", formatNumber(d.High),
		"{Sum}", formatNumber(d.Sum), "{Left}", formatNumber(d.Left), "{Length}", strconv.Itoa(d.Length), "{Limit}", strconv.Itoa(d.Limit)).Replace(text)
}

// within completes the name of a sentence by the limits that it names.
func (d Details) within(low, high *float64) Details {
	switch {
	case low != nil && high != nil:
		d.Sentence, d.Low, d.High = d.Sentence+"_between", *low, *high
	case low != nil:
		d.Sentence, d.Low = d.Sentence+"_from", *low
	case high != nil:
		d.Sentence, d.High = d.Sentence+"_to", *high
	}
	return d
}

// roundForReading keeps at most two decimals.
func roundForReading(v float64) float64 { return math.Round(v*100) / 100 }
