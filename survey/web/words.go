package web

import (
	"strconv"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// missingCodes are the values of the controls for missing answers.
var missingCodes = map[survey.State]string{survey.DontKnow: "dk", survey.NotApplicable: "na", survey.Refused: "refused"}

// missingWords is how an answer that is missing stands on a page.
func missingWords(l *words.Language, state survey.State) string {
	return l.Say("missing_" + state.String())
}

// unitWords is how a unit stands beside a control. One that no catalogue has is the
// instrument's own word.
func unitWords(l *words.Language, unit string) string {
	if id := "unit_" + unit; l.Has(id) {
		return l.Say(id)
	}
	return unit
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// withUnit writes a number with its unit.
func withUnit(l *words.Language, v float64, unit string) string {
	if unit == "" {
		return l.Number(v)
	}
	if id := "amount_" + unit; l.Has(id) {
		return l.Say(id, words.Count, v, "Number", v)
	}
	return l.Number(v) + " " + unit
}

// spread is what somebody may meet at least and at most.
type spread struct{ low, high int }

// in writes one number or a range.
func (e spread) in(l *words.Language) string {
	if e.low == e.high {
		return strconv.Itoa(e.low)
	}
	return l.Say("span", "Low", e.low, "High", e.high)
}

// of is a range of things, such as minutes.
func (e spread) of(l *words.Language, id string) string {
	return l.Say(id, "Span", e.in(l), words.Count, e.high)
}

// minutesLeft is the time that is left.
func minutesLeft(l *words.Language, n int) string {
	if n <= 0 {
		return ""
	}
	return l.Say("minutes_left", words.Count, n)
}

// instant is a point in time for a page, in words in the zone that it is in; the script
// shows that of the reader. A zero time is none.
func instant(l *words.Language, t time.Time) templates.Moment {
	if t.IsZero() {
		return templates.Moment{}
	}
	return templates.Moment{ISO: t.UTC().Format(time.RFC3339), Words: l.Time(t)}
}

// problemWords says a problem in a language.
func problemWords(l *words.Language, p survey.Problem) string {
	if p.Sentence == "" {
		return p.Message
	}
	return l.Say("problem_"+p.Sentence, "Given", p.Given, "Number", p.Number, "Low", p.Low, "High", p.High, "Sum", p.Sum,
		"Left", p.Left, "Length", p.Length, "Limit", p.Limit, "Example", l.Number(12.5))
}
