package survey

import "fmt"

// State says what kind of answer, or of silence, a cell holds. The zero value
// is NotShown: a question that nobody asked can never be read as an answer.
type State uint8

// The states of an answer. Absent is never zero: the five kinds of missing
// answers are kept apart up to the export.
const (
	NotShown State = iota
	Skipped
	DontKnow
	NotApplicable
	Refused
	Valid
)

var stateNames = [...]string{"not_shown", "skipped", "dont_know", "not_applicable", "refused", "valid"}

// String returns the name used in documents, exports and codebooks.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// MarshalText writes the name.
func (s State) MarshalText() ([]byte, error) {
	if int(s) >= len(stateNames) {
		return nil, fmt.Errorf("state %d has no name", s)
	}
	return []byte(stateNames[s]), nil
}

// UnmarshalText reads the name.
func (s *State) UnmarshalText(text []byte) error {
	for i, name := range stateNames {
		if name == string(text) {
			*s = State(i)
			return nil
		}
	}
	return fmt.Errorf("unknown state %q; known are not_shown, skipped, dont_know, not_applicable, refused, valid", excerpt(string(text), 30))
}

// stateCodes are the values of a form control that stands for a missing answer.
var stateCodes = map[string]State{"dk": DontKnow, "na": NotApplicable, "refused": Refused}

// FormCode is the value of the form control for the state: dk, na, refused, or
// "" for a state that nobody can choose.
func (s State) FormCode() string {
	for code, state := range stateCodes {
		if state == s {
			return code
		}
	}
	return ""
}

// Answer is the content of one cell. Code is 1..A for a scale point and the
// 1-based position of the option for a choice; Number is a number or a share;
// Text an open answer. Only the one that fits the field's kind is set.
type Answer struct {
	State  State
	Code   int
	Number float64
	Text   string
}

// Answers holds one Answer per Field of the instrument, by Field.Index.
type Answers []Answer

// Packed is the stored form of Answers: Closed has one character per closed
// field in field order, Numbers is a JSON array with one element per number or
// share, Texts a JSON object of open answers by field key. All three are
// readable with SQL on both databases.
type Packed struct {
	Closed  string
	Numbers string
	Texts   string
}
