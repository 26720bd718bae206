package mail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"net/textproto"
	"strings"
)

// Returned is an address to which a message could not be delivered.
type Returned struct {
	Email  string
	Status string // enhanced status such as 5.1.1
	Reason string // one line, without addresses
}

// largestReport bounds what is read of a report; those that quote a whole message
// have what matters at their beginning.
const largestReport = 4 << 20

// ReadReport reads what a mail server sends back (RFC 3464) and returns the
// addresses that it gave up for good; none where it only says that it still tries.
// The error is a sentence: the message is no such report.
func ReadReport(r io.Reader) ([]Returned, error) {
	message, err := netmail.ReadMessage(io.LimitReader(r, largestReport))
	if err != nil {
		return nil, errors.New("this is no mail message")
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || !strings.EqualFold(parameters["report-type"], "delivery-status") {
		return nil, errors.New("this is no report of a mail server about a message that came back")
	}
	parts := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, errors.New("the report does not say which address it is about")
		}
		if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); err == nil && kind == "message/delivery-status" {
			data, err := io.ReadAll(part)
			if err != nil {
				return nil, errors.New("the report ends in the middle")
			}
			return readStatus(data), nil
		}
	}
}

// readStatus reads groups of fields: one for the message, then one for each receiver.
func readStatus(data []byte) []Returned {
	var all []Returned
	fields := textproto.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(data), strings.NewReader("\r\n\r\n"))))
	for {
		group, err := fields.ReadMIMEHeader()
		if len(group) == 0 && err != nil {
			return all
		}
		_, address, found := strings.Cut(group.Get("Final-Recipient"), ";")
		if original := group.Get("Original-Recipient"); original != "" {
			// The address as it was written to, before a server passed it on.
			_, address, found = strings.Cut(original, ";")
		}
		address = strings.ToLower(strings.Trim(strings.TrimSpace(address), "<>"))
		status := strings.TrimSpace(group.Get("Status"))
		if found && strings.EqualFold(group.Get("Action"), "failed") && strings.HasPrefix(status, "5") && CheckAddress(Address{Email: address}) == nil {
			_, said, _ := strings.Cut(group.Get("Diagnostic-Code"), ";")
			_, reason := PlainReason(said)
			status, _ = PlainReason(status)
			all = append(all, Returned{Email: address, Status: status, Reason: reason})
		}
	}
}
