package survey

import (
	"bytes"
	"net/url"
)

// pageControls are what the pages send beside the answers.
var pageControls = map[string]bool{"go": true, "seen": true, "shown_at": true, "start": true, "digest": true}

// readForm fills the slots from an application/x-www-form-urlencoded body. A
// number and its "don't know" box share a name, so a name may come twice.
func (r *submissionReader) readForm(body []byte) error {
	for len(body) > 0 {
		var pair []byte
		pair, body, _ = bytes.Cut(body, []byte{'&'})
		if len(pair) == 0 {
			continue
		}
		if bytes.IndexByte(pair, ';') >= 0 {
			return Errorf(Invalid, "the form has a semicolon between its fields")
		}
		rawName, rawValue, _ := bytes.Cut(pair, []byte{'='})
		name, err := unescaped(rawName)
		if err != nil {
			return err
		}
		value, err := unescaped(rawValue)
		if err != nil {
			return err
		}
		if !r.control(name, trimmed(value)) {
			return nil
		}
	}
	return nil
}

// unescaped decodes one name or value; most have nothing to decode.
func unescaped(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0 {
		return raw, nil
	}
	text, err := url.QueryUnescape(string(raw))
	if err != nil {
		return nil, Errorf(Invalid, "the form is damaged and can not be read: %w", err)
	}
	return []byte(text), nil
}

// control takes one named value; false: there are problems enough.
func (r *submissionReader) control(name, value []byte) bool {
	control, known := r.find(name)
	switch {
	case known && control.confirm:
		r.confirmed = append(r.confirmed, confirmation{control.slot, value})
		return true
	case known:
		r.slots[control.slot].add(value, r.isPart(control.slot))
		return true
	case string(name) == "key":
		if r.head.Key != "" && r.head.Key != string(value) {
			return r.refuse("key", ProblemTwice, "Two different keys are given: please send one.")
		}
		r.head.Key = string(value)
		return true
	case string(name) == "language":
		return r.language(string(value))
	case string(name) == "started_at":
		return r.startedAt(string(value))
	case pageControls[string(name)]:
		return true
	}
	return r.refuse(string(name), ProblemUnknownItem, "The questionnaire has no item %q: please check how it is written.", excerpt(string(name), 40))
}

func (r *submissionReader) isPart(slot int) bool { return r.plan.parts[slot] }

// add keeps the one answer among the values of a name: of a part the last one
// that is not empty, of an item the one on which all agree.
func (s *slot) add(value []byte, part bool) {
	switch {
	case len(value) == 0:
		return
	case part || s.kind == slotEmpty:
		s.kind, s.given = slotText, value
	case !bytes.Equal(s.given, value):
		s.two = true
	}
}

// trimmed takes the blanks off both ends.
func trimmed(value []byte) []byte {
	if len(value) > 0 && value[0] > ' ' && value[0] < 0x80 && value[len(value)-1] > ' ' && value[len(value)-1] < 0x80 {
		return value
	}
	return bytes.TrimSpace(value)
}
