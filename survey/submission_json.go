package survey

import (
	"unicode/utf8"
)

// maxSubmissionDepth is for what stands where an answer belongs and is skipped.
const maxSubmissionDepth = 8

// cursor walks over a JSON document. It cuts names and values out of it without
// copying; whatever is unusual is left to the scanner, which knows the words.
type cursor struct {
	data []byte
	pos  int
}

func (c *cursor) space() {
	for c.pos < len(c.data) {
		switch c.data[c.pos] {
		case ' ', '\t', '\r', '\n':
			c.pos++
		default:
			return
		}
	}
}

func (c *cursor) accept(b byte) bool {
	if c.pos < len(c.data) && c.data[c.pos] == b {
		c.pos++
		return true
	}
	return false
}

// peek is the next byte, 0 at the end.
func (c *cursor) peek() byte {
	if c.pos < len(c.data) {
		return c.data[c.pos]
	}
	return 0
}

func (c *cursor) scanner() *scanner {
	return &scanner{data: c.data, pos: c.pos, depth: maxDocumentDepth - maxSubmissionDepth}
}

func (c *cursor) fail(expected string) error {
	s := c.scanner()
	return s.fail("expected %s but found %s", expected, s.here())
}

// text reads a text in double quotes.
func (c *cursor) text() ([]byte, error) {
	start := c.pos + 1
	for i := start; i < len(c.data); i++ {
		switch b := c.data[i]; {
		case b == '"':
			c.pos = i + 1
			return c.data[start:i], nil
		case b == '\\' || b < 0x20:
			s := c.scanner()
			text, err := s.str()
			c.pos = s.pos
			return []byte(text), err
		}
	}
	s := c.scanner()
	_, err := s.str()
	return nil, err
}

// number reads a number as it is written.
func (c *cursor) number() ([]byte, error) {
	start := c.pos
	for c.pos < len(c.data) && c.data[c.pos] >= '0' && c.data[c.pos] <= '9' {
		c.pos++
	}
	next := c.peek()
	long := c.pos-start > 1 && c.data[start] == '0'
	if c.pos > start && !long && next != '.' && next != 'e' && next != 'E' {
		return c.data[start:c.pos], nil
	}
	c.pos = start
	s := c.scanner()
	err := s.number(&node{})
	c.pos = s.pos
	return c.data[start:c.pos], err
}

// skip passes over any value.
func (c *cursor) skip() error {
	s := c.scanner()
	_, err := s.value()
	c.pos = s.pos
	return err
}

// readJSON fills the slots from a document.
func (r *submissionReader) readJSON(document []byte) error {
	if len(document) > maxDocumentBytes || !utf8.Valid(document) {
		return (&scanner{data: document}).checkBytes()
	}
	c := &cursor{data: document}
	c.space()
	if c.peek() != '{' {
		return c.fail("a submission, which begins with {")
	}
	seen := [4]bool{}
	err := c.members(func(name []byte) (bool, error) { return r.field(c, name, &seen) })
	if err != nil {
		return err
	}
	c.space()
	if c.pos < len(c.data) && len(r.form.problems) < maxSubmissionProblems {
		return c.scanner().fail("something follows after the end of the submission")
	}
	return nil
}

// members hands each name of an object to take, which reads the value. It ends
// early when take has seen enough.
func (c *cursor) members(take func(name []byte) (bool, error)) error {
	c.pos++ // the brace
	for first := true; ; first = false {
		c.space()
		if first && c.accept('}') {
			return nil
		}
		if !first {
			if c.accept('}') {
				return nil
			}
			if !c.accept(',') {
				return c.fail(", or }")
			}
			c.space()
		}
		if c.peek() != '"' {
			return c.fail("a name in double quotes")
		}
		name, err := c.text()
		if err != nil {
			return err
		}
		c.space()
		if !c.accept(':') {
			return c.fail(":")
		}
		c.space()
		if more, err := take(name); err != nil || !more {
			return err
		}
	}
}

// The fields of a submission, by their place in seen.
const (
	fieldKey = iota
	fieldLanguage
	fieldAnswers
	fieldStartedAt
)

func (r *submissionReader) field(c *cursor, name []byte, seen *[4]bool) (bool, error) {
	at := -1
	switch string(name) {
	case "key":
		at = fieldKey
	case "language":
		at = fieldLanguage
	case "answers":
		at = fieldAnswers
	case "started_at":
		at = fieldStartedAt
	default:
		more := r.refuse(string(name), ProblemUnknownField, "A submission has no field %q: it has key, language, answers and started_at.", excerpt(string(name), 40))
		return more, c.skip()
	}
	if seen[at] {
		more := r.refuse(string(name), ProblemTwice, "The field %s is given twice: please send it once.", name)
		return more, c.skip()
	}
	seen[at] = true
	if at == fieldAnswers {
		return r.answers(c)
	}
	if c.peek() != '"' {
		more := r.refuse(string(name), ProblemWrongType, "The field %s must be a text in double quotes.", name)
		return more, c.skip()
	}
	given, err := c.text()
	if err != nil {
		return false, err
	}
	return r.headField(at, string(given)), nil
}

func (r *submissionReader) headField(at int, given string) bool {
	switch at {
	case fieldKey:
		r.head.Key = given
		return true
	case fieldLanguage:
		return r.language(given)
	default:
		return r.startedAt(given)
	}
}

func (r *submissionReader) answers(c *cursor) (bool, error) {
	if c.peek() != '{' {
		more := r.refuse("answers", ProblemWrongType, "The field answers must be an object: item, colon, answer.")
		return more, c.skip()
	}
	err := c.members(func(name []byte) (bool, error) { return r.answer(c, name) })
	return len(r.form.problems) < maxSubmissionProblems, err
}

// answer reads one named answer into its slot.
func (r *submissionReader) answer(c *cursor, name []byte) (bool, error) {
	control, known := r.find(name)
	if !known || control.confirm {
		more := r.refuse(string(name), ProblemUnknownItem, "The questionnaire has no item %q: please check how it is written.", excerpt(string(name), 40))
		return more, c.skip()
	}
	s := &r.slots[control.slot]
	if s.kind != slotEmpty {
		more := r.refuse(string(name), ProblemTwice, "Two answers are given to %s: please send one.", name)
		return more, c.skip()
	}
	return r.answerValue(c, name, s)
}

func (r *submissionReader) answerValue(c *cursor, name []byte, s *slot) (bool, error) {
	var err error
	switch b := c.peek(); {
	case b == '"':
		s.kind = slotText
		s.given, err = c.text()
		s.given = trimmed(s.given)
		return true, err
	case b == '-' || b >= '0' && b <= '9':
		s.kind = slotNumber
		s.given, err = c.number()
		return true, err
	case b == 'n':
		s.kind = slotNothing
		return true, c.skip()
	default:
		s.kind = slotNothing
		more := r.refuse(string(name), ProblemWrongType, "The answer to %s must be a text, a number or null.", name)
		return more, c.skip()
	}
}
