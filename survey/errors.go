package survey

import (
	"errors"
	"fmt"
	"strings"
)

// ErrorKind classifies an error for whoever has to answer it.
type ErrorKind string

// The kinds of errors. Everything that is not classified is Internal, and the
// text of an internal error never leaves the server.
const (
	Internal    ErrorKind = "internal"
	Invalid     ErrorKind = "invalid"     // what was sent can not be taken
	NotFound    ErrorKind = "not_found"   // unknown link, wave, organization
	Conflict    ErrorKind = "conflict"    // same key, other bytes; duplicate name
	Closed      ErrorKind = "closed"      // the wave is over, or not open yet
	Forbidden   ErrorKind = "forbidden"   // known, but not for this reader
	TooLarge    ErrorKind = "too_large"   // body or field over its limit
	Unavailable ErrorKind = "unavailable" // busy or without database: try again
)

// Error is a classified error with one sentence for a person.
type Error struct {
	Kind    ErrorKind
	Message string // says what, where and what to do; shown to the person
	Err     error  // the cause, for the log only
}

func (e *Error) Error() string {
	if e.Err == nil || strings.HasSuffix(e.Message, e.Err.Error()) {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of the kind; %w keeps a cause reachable. The words of a
// cause that nobody classified stay out of the message: a person must not read
// what a driver or the operating system said.
func Errorf(kind ErrorKind, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	e := &Error{Kind: kind, Message: err.Error(), Err: errors.Unwrap(err)}
	if e.Err != nil && KindOf(e.Err) == Internal {
		e.Message = strings.TrimSuffix(e.Message, ": "+e.Err.Error())
	}
	return e
}

// KindOf returns the kind of the first classified error in the chain, else Internal.
func KindOf(err error) ErrorKind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
