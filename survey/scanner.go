package survey

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of a document: far above any honest one, low enough that a hostile one
// costs nothing.
const (
	maxDocumentBytes  = 8 << 20
	maxDocumentValues = 500_000
	maxDocumentDepth  = 64
)

type jsonKind int

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

func (k jsonKind) String() string {
	return [...]string{"null", "true or false", "a number", "a text", "a list", "an object"}[k]
}

// node is one value of a document with its place.
type node struct {
	kind     jsonKind
	offset   int
	text     string // decoded string, or the literal as written
	members  []member
	elements []*node
}

type member struct {
	key    string
	offset int
	value  *node
}

func (n *node) describe() string {
	if n.kind == jsonNumber {
		return excerpt(n.text, 30)
	}
	return n.kind.String()
}

// scanner reads JSON (RFC 8259) and keeps offsets. encoding/json can neither
// say where a value of the wrong type stands nor that a key was given twice.
type scanner struct {
	data  []byte
	pos   int
	depth int
	count int // values read so far
}

func (s *scanner) errorAt(offset int, path, message string) error {
	before := s.data[:min(offset, len(s.data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	start := bytes.LastIndexByte(before, '\n') + 1
	return &ParseError{Line: line, Column: 1 + utf8.RuneCount(before[start:]), Path: path, Message: message}
}

func (s *scanner) fail(format string, args ...any) error {
	return s.errorAt(s.pos, "", fmt.Sprintf(format, args...))
}

func (s *scanner) document() (*node, error) {
	if err := s.checkBytes(); err != nil {
		return nil, err
	}
	s.space()
	if s.pos == len(s.data) {
		return nil, s.fail("the document is empty")
	}
	root, err := s.value()
	if err != nil {
		return nil, err
	}
	s.space()
	if s.pos < len(s.data) {
		return nil, s.fail("something follows after the end of the document: %s", s.here())
	}
	return root, nil
}

func (s *scanner) checkBytes() error {
	if len(s.data) > maxDocumentBytes {
		return s.fail("the document has more than %d MB", maxDocumentBytes>>20)
	}
	if bytes.HasPrefix(s.data, []byte{0xff, 0xfe}) || bytes.HasPrefix(s.data, []byte{0xfe, 0xff}) {
		return s.fail("the document is written in UTF-16; save it as UTF-8")
	}
	if utf8.Valid(s.data) {
		return nil
	}
	for i := 0; i < len(s.data); {
		r, size := utf8.DecodeRune(s.data[i:])
		if r == utf8.RuneError && size == 1 {
			s.pos = i
			return s.fail("byte 0x%02x is not valid UTF-8", s.data[i])
		}
		i += size
	}
	return nil
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// here shows the character at the position, for messages.
func (s *scanner) here() string {
	if s.pos >= len(s.data) {
		return "the end of the document"
	}
	r, _ := utf8.DecodeRune(s.data[s.pos:])
	return strconv.QuoteRune(r)
}

func (s *scanner) value() (*node, error) {
	if s.pos >= len(s.data) {
		return nil, s.fail("a value is missing at the end of the document")
	}
	if s.count++; s.count > maxDocumentValues {
		return nil, s.fail("the document has more than %d values", maxDocumentValues)
	}
	n := &node{offset: s.pos}
	switch c := s.data[s.pos]; {
	case c == '{':
		return n, s.nested(n, s.object)
	case c == '[':
		return n, s.nested(n, s.array)
	case c == '"':
		text, err := s.str()
		n.kind, n.text = jsonString, text
		return n, err
	case c == '-' || c >= '0' && c <= '9':
		return n, s.number(n)
	default:
		return n, s.literal(n)
	}
}

func (s *scanner) nested(n *node, read func(*node) error) error {
	if s.depth++; s.depth > maxDocumentDepth {
		return s.fail("values are nested more than %d deep", maxDocumentDepth)
	}
	s.pos++
	err := read(n)
	s.depth--
	return err
}

func (s *scanner) object(n *node) error {
	n.kind = jsonObject
	seen := map[string]bool{}
	for first := true; ; first = false {
		s.space()
		if s.accept('}') {
			return nil
		}
		if !first && !s.accept(',') {
			return s.fail("expected , or } but found %s", s.here())
		}
		s.space()
		if !first && s.peek('}') {
			return s.fail("a comma before } is not allowed")
		}
		if !s.peek('"') {
			return s.fail("expected the name of a field in double quotes but found %s", s.here())
		}
		m := member{offset: s.pos}
		key, err := s.str()
		if err != nil {
			return err
		}
		if seen[key] {
			return s.errorAt(m.offset, "", fmt.Sprintf("field %q is given twice", excerpt(key, 40)))
		}
		seen[key], m.key = true, key
		s.space()
		if !s.accept(':') {
			return s.fail("expected : but found %s", s.here())
		}
		s.space()
		if m.value, err = s.value(); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
}

func (s *scanner) array(n *node) error {
	n.kind = jsonArray
	for first := true; ; first = false {
		s.space()
		if s.accept(']') {
			return nil
		}
		if !first && !s.accept(',') {
			return s.fail("expected , or ] but found %s", s.here())
		}
		s.space()
		if !first && s.peek(']') {
			return s.fail("a comma before ] is not allowed")
		}
		e, err := s.value()
		if err != nil {
			return err
		}
		n.elements = append(n.elements, e)
	}
}

func (s *scanner) peek(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

func (s *scanner) accept(c byte) bool {
	if s.peek(c) {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) literal(n *node) error {
	for word, kind := range map[string]jsonKind{"true": jsonBool, "false": jsonBool, "null": jsonNull} {
		if bytes.HasPrefix(s.data[s.pos:], []byte(word)) {
			n.kind, n.text = kind, word
			s.pos += len(word)
			return nil
		}
	}
	return s.fail("expected a value but found %s", s.here())
}

func (s *scanner) number(n *node) error {
	start := s.pos
	s.accept('-')
	if !s.accept('0') && s.digits() == 0 {
		return s.fail("a digit is missing in the number")
	}
	if s.accept('.') && s.digits() == 0 {
		return s.fail("a digit is missing after the decimal point")
	}
	if s.accept('e') || s.accept('E') {
		if !s.accept('+') {
			s.accept('-')
		}
		if s.digits() == 0 {
			return s.fail("a digit is missing in the exponent")
		}
	}
	n.kind, n.text = jsonNumber, string(s.data[start:s.pos])
	return nil
}

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}

func (s *scanner) str() (string, error) {
	s.pos++ // the opening quote
	var b []byte
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return string(b), nil
		case c < 0x20:
			return "", s.fail("control character 0x%02x inside a text; write it as an escape such as \\n", c)
		case c == '\\':
			var err error
			if b, err = s.escape(b); err != nil {
				return "", err
			}
		default:
			b = append(b, c)
			s.pos++
		}
	}
	return "", s.fail("a text is not closed with a double quote")
}

const escapes = "\"\"\\\\//b\bf\fn\nr\rt\t"

func (s *scanner) escape(b []byte) ([]byte, error) {
	if s.pos+1 >= len(s.data) {
		return nil, s.fail("an escape is cut off")
	}
	c := s.data[s.pos+1]
	if c == 'u' {
		return s.unicodeEscape(b)
	}
	for i := 0; i < len(escapes); i += 2 {
		if escapes[i] == c {
			s.pos += 2
			return append(b, escapes[i+1]), nil
		}
	}
	return nil, s.fail("unknown escape \\%c", c)
}

func (s *scanner) unicodeEscape(b []byte) ([]byte, error) {
	r, ok := s.hex4(s.pos)
	if !ok {
		return nil, s.fail("\\u needs four hexadecimal digits")
	}
	size := 6
	if utf16.IsSurrogate(r) {
		low, ok := s.hex4(s.pos + 6)
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return nil, s.fail("\\u escape is half of a surrogate pair")
		}
		size = 12
	}
	s.pos += size
	return utf8.AppendRune(b, r), nil
}

// hex4 reads \uXXXX at the offset.
func (s *scanner) hex4(at int) (rune, bool) {
	if at+6 > len(s.data) || s.data[at] != '\\' || s.data[at+1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s.data[at+2:at+6]), 16, 32)
	return rune(v), err == nil
}
