package mail

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Sender hands messages over. An SMTP server, a folder and a test's memory are ones.
type Sender interface {
	// Open gets ready to send several messages. Its error is an *Error: no message
	// is to blame for it.
	Open(ctx context.Context) (Session, error)
	// Destination says in words where messages go, without any secret.
	Destination() string
}

// Session is for one goroutine.
type Session interface {
	// Send hands the message over. Just before its first byte leaves, when all
	// else is settled, hold is called: if it returns an error, nothing is sent and
	// that error comes back as it is. Any other error is an *Error.
	Send(ctx context.Context, m Message, hold func(context.Context) error) error
	// Alive says whether a further message can be sent.
	Alive() bool
	Close() error
}

// Phase is the step at which handing over stopped.
type Phase string

// The phases, in their order.
const (
	Checking   Phase = "message"
	Connecting Phase = "connection"
	Greeting   Phase = "greeting"
	Securing   Phase = "encryption"
	SigningIn  Phase = "sign-in"
	From       Phase = "sender"
	To         Phase = "receiver"
	Body       Phase = "body"
	Accepting  Phase = "acceptance" // after the last byte
)

// Error says why a message, or any message, was not handed over.
type Error struct {
	Phase Phase
	// Permanent: trying again gives the same. Otherwise it may help.
	Permanent bool
	// Uncertain: the message was sent to its end and no answer came. Whoever
	// sends it again may send it twice. Any other error is sure: it was not taken.
	Uncertain bool
	Code      int    // of the SMTP answer; 0: no answer
	Status    string // enhanced status such as 5.1.1, where the server gives one
	Reason    string // one line for a person, without any address
	Err       error
}

func (e *Error) Error() string {
	if e.Code == 0 {
		return e.Reason
	}
	return strings.TrimSpace(fmt.Sprintf("the mail server answers %d %s", e.Code, strings.TrimSpace(e.Status+" "+e.Reason)))
}

func (e *Error) Unwrap() error { return e.Err }

// AddressIsBad says whether the server refused this receiver for good: nothing
// should be sent there again. A refusal by policy says nothing about the address.
func (e *Error) AddressIsBad() bool {
	if e.Phase != To || !e.Permanent {
		return false
	}
	class, _, _ := strings.Cut(strings.TrimPrefix(e.Status, "5."), ".")
	if e.Status != "" {
		return class == "1" || class == "2" || class == "4"
	}
	return e.Code == 550 || e.Code == 551 || e.Code == 553 || e.Code == 556
}

// AsError returns the *Error in a chain. Whatever else there may be was not sent.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Phase: Checking, Reason: "the message was not sent", Err: err}
}

func refused(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Phase: Checking, Permanent: true, Reason: err.Error(), Err: errors.Unwrap(err)}
}

var (
	enhanced = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})\s*`)
	mailbox  = regexp.MustCompile(`<?[^\s<>@]+@[^\s<>@]+>?`)
)

// PlainReason makes one short line of what a server says. Addresses are taken out:
// a reason is kept when the person is long erased.
func PlainReason(text string) (status, reason string) {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))), " ")
	if found := enhanced.FindString(text); found != "" {
		status, text = strings.TrimSpace(found), text[len(found):]
		// Further lines of the answer repeat the status.
		text = strings.ReplaceAll(text, status+" ", "")
	}
	text = mailbox.ReplaceAllString(text, "(address)")
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:199]) + "…"
	}
	return status, text
}
