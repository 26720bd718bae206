package survey

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ExclusionReason says why a response does not count.
type ExclusionReason string

// The reasons for which a response may be excluded.
const (
	Careless      ExclusionReason = "careless"     // answered without reading: a straight line, contradictions
	TooFast       ExclusionReason = "too_fast"     // faster than anybody reads
	Duplicate     ExclusionReason = "duplicate"    // the same person twice
	TestResponse  ExclusionReason = "test"         // not a respondent: a trial of the questionnaire
	NotEligible   ExclusionReason = "not_eligible" // does not belong to the people who were asked
	OtherExcluded ExclusionReason = "other"        // the words say which
	longestWords                  = 500            // of an exclusion, in characters
)

// ExclusionReasons lists the reasons in the order in which they are offered.
func ExclusionReasons() []ExclusionReason {
	return []ExclusionReason{Careless, TooFast, Duplicate, TestResponse, NotEligible, OtherExcluded}
}

// Exclusion keeps a response out of results. The response itself stays, and is in
// every export with the reason.
type Exclusion struct {
	WaveID         WaveID
	ResponseID     ResponseID
	OrganizationID OrganizationID
	Reason         ExclusionReason
	Words          string // of whoever decided it; not about the person
	By             string // who decided it
	At             time.Time
	// Late says that the results of the wave had been released: figures that
	// people have seen do not change by single answers, see Wave.Released.
	Late bool
}

// CheckExclusion says what is wrong with an exclusion that is to be kept.
func CheckExclusion(e Exclusion) error {
	switch words := strings.TrimSpace(e.Words); {
	case !slices.Contains(ExclusionReasons(), e.Reason):
		return Errorf(Invalid, "%q is no reason to exclude a response: careless, too_fast, duplicate, test, not_eligible and other are", e.Reason)
	case e.Reason == OtherExcluded && words == "":
		return Errorf(Invalid, "say in words why the response is excluded")
	case utf8.RuneCountInString(words) > longestWords:
		return Errorf(Invalid, "the words are longer than %d characters", longestWords)
	case !utf8.ValidString(words) || strings.ContainsRune(words, 0):
		return Errorf(Invalid, "the words have characters that can not be stored")
	}
	return nil
}
