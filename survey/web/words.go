package web

import (
	"fmt"
	"strconv"

	"github.com/salesbench/salesbench/survey"
)

// missingCodes are the values of the controls for missing answers.
var missingCodes = map[survey.State]string{survey.DontKnow: "dk", survey.NotApplicable: "na", survey.Refused: "refused"}

// missingWords are their words on a page.
var missingWords = map[survey.State]string{
	survey.DontKnow: "Don’t know", survey.NotApplicable: "Not applicable", survey.Refused: "Prefer not to say",
	survey.Skipped: "No answer", survey.NotShown: "No answer yet",
}

// unitWords is how a unit stands beside a number.
func unitWords(unit string) string {
	switch unit {
	case "percent":
		return "%"
	case "persons":
		return "people"
	case "usd":
		return "US dollars"
	}
	return unit
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// withUnit writes a number with its unit.
func withUnit(v float64, unit string) string {
	switch words := unitWords(unit); words {
	case "":
		return formatNumber(v)
	case "%":
		return formatNumber(v) + "%"
	default:
		return formatNumber(v) + " " + words
	}
}

// minutesInWords is the time that is left.
func minutesInWords(n int) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return "about 1 minute left"
	}
	return fmt.Sprintf("about %d minutes left", n)
}

// spanInWords is the time that is left while the role is not known.
func spanInWords(minutes string) string { return "about " + minutes + " minutes left" }

// span writes one number or a range.
func span(low, high int) string {
	if low == high {
		return strconv.Itoa(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}
