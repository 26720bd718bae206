// Package mail makes messages and hands them over: to an SMTP server, to a folder
// of files, or to the memory of a test. It knows nothing of surveys, and it says
// of every message that was not taken whether that is certain and whether trying
// again makes sense.
package mail

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Address is a mailbox with the name of whoever reads it.
type Address struct {
	Name  string // may be empty
	Email string
}

// Message is one mail to one person. It has one receiver only, so that nobody
// reads who else was written to.
type Message struct {
	ID          string // Message-ID without its angle brackets; the same message keeps it when it is sent again
	From        Address
	To          Address
	ReplyTo     Address // may be empty
	Subject     string
	Text        string
	HTML        string    // may be empty
	Language    string    // BCP 47 tag
	Unsubscribe string    // address that takes a POST without questions (RFC 8058); may be empty
	Date        time.Time // when it was written
}

// Longest parts of a message. A body is text that somebody wrote by hand.
const (
	longestHeader = 998 // of a line, RFC 5322
	longestBody   = 1 << 20
)

// Check refuses a message that can not be sent, or whose parts would become
// something else than they are: a line break in a subject begins a new header.
func (m Message) Check() error {
	for _, a := range []struct {
		what    string
		address Address
		needed  bool
	}{{"sender", m.From, true}, {"receiver", m.To, true}, {"reply address", m.ReplyTo, false}} {
		if a.address == (Address{}) && !a.needed {
			continue
		}
		if err := CheckAddress(a.address); err != nil {
			return refused("the %s of the message: %s", a.what, err)
		}
	}
	for what, value := range map[string]string{"message id": m.ID, "subject": m.Subject, "language": m.Language, "address to unsubscribe": m.Unsubscribe} {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return refused("the %s of the message has a line break or another control character", what)
		}
		if len(value) > longestHeader {
			return refused("the %s of the message is longer than %d characters", what, longestHeader)
		}
	}
	switch {
	case m.ID == "" || strings.ContainsAny(m.ID, "<> ") || strings.Count(m.ID, "@") != 1:
		return refused("the message has no usable id")
	case strings.TrimSpace(m.Subject) == "":
		return refused("the message has no subject")
	case strings.TrimSpace(m.Text) == "":
		return refused("the message has no text")
	case len(m.Text) > longestBody || len(m.HTML) > longestBody:
		return refused("the message is longer than %d bytes", longestBody)
	}
	return nil
}

// CheckAddress says in words for a person what is wrong with a mailbox.
func CheckAddress(a Address) error {
	if strings.ContainsFunc(a.Name, unicode.IsControl) || len(a.Name) > 200 {
		return fmt.Errorf("the name has a line break or is longer than 200 characters")
	}
	for _, r := range a.Email {
		if r > unicode.MaxASCII {
			return fmt.Errorf("%q has letters beyond ASCII; write an international domain in its xn-- form", a.Email)
		}
	}
	parsed, err := netmail.ParseAddress(a.Email)
	if err != nil || parsed.Address != a.Email || len(a.Email) > 254 || strings.ContainsAny(a.Email, "\" ,;:<>()[]\\") || !strings.Contains(a.Email, ".") && !strings.HasSuffix(a.Email, "@localhost") {
		return fmt.Errorf("%q is not an e-mail address such as ada@example.org", a.Email)
	}
	return nil
}

// Domain is the part of a mailbox behind the @.
func Domain(email string) string {
	_, domain, _ := strings.Cut(email, "@")
	return domain
}

// bytes writes the message as it goes over the wire.
func (m Message) bytes() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	out.FromMailAddress(m.From.standard())
	out.ToMailAddress(m.To.standard())
	if m.ReplyTo.Email != "" {
		out.ReplyToMailAddress(m.ReplyTo.standard())
	}
	out.Subject(m.Subject)
	out.SetMessageIDWithValue(m.ID)
	out.SetDateWithValue(m.Date)
	// Holiday notes and other machines are asked not to answer (RFC 3834).
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Language != "" {
		out.SetGenHeader("Content-Language", m.Language)
	}
	if m.Unsubscribe != "" {
		out.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		out.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	var b bytes.Buffer
	if _, err := out.WriteTo(&b); err != nil {
		return nil, refused("the message can not be written: %w", err)
	}
	return b.Bytes(), nil
}

func (a Address) standard() *netmail.Address {
	return &netmail.Address{Name: a.Name, Address: a.Email}
}
