package survey

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The packed form. Closed holds one character per closed field, in field order:
// the character '0'+code for an answer (so 1 to 9 read as they are, ':' is 10
// and so on in code-point order), and below '0' one of
//
//	.  not shown
//	-  skipped
//	*  don't know
//	/  not applicable
//	!  refused
//
// Numbers is a JSON array with one element per number or share, in field order:
// the number, or a string with one of these characters. Texts is a JSON object
// by field key: a string is an answer, a list with one of these characters a
// missing one; a field that was not shown is left out.
const stateMarks = ".-*/!"

// Mark is the character of a missing answer in the packed form. It panics for
// Valid, which has none.
func (s State) Mark() byte { return stateMarks[s] }

// stateOfMark is the inverse of Mark.
func stateOfMark(c byte) (State, bool) {
	i := strings.IndexByte(stateMarks, c)
	return State(max(i, 0)), i >= 0
}

// Pack writes answers in their stored form. Answers that do not fit the
// instrument (another length, a code beyond the scale, a number that is not
// finite, broken UTF-8) are refused.
func Pack(in *Instrument, answers Answers) (Packed, error) {
	x := in.compiled()
	if len(answers) != len(x.fields) {
		return Packed{}, Errorf(Invalid, "%d answers do not fit an instrument of %d fields", len(answers), len(x.fields))
	}
	var room [1 << 10]byte // most fit into it
	packed, _, err := x.pack(room[:0], answers)
	return packed, err
}

// pack writes all three parts into one buffer, which it returns, and cuts them out
// of one string.
func (x *index) pack(b []byte, answers Answers) (Packed, []byte, error) {
	b, err := x.appendClosed(b, answers)
	if err != nil {
		return Packed{}, nil, err
	}
	closed := len(b)
	if b, err = x.appendNumbers(b, answers); err != nil {
		return Packed{}, nil, err
	}
	numbers := len(b)
	if b, err = x.appendTexts(b, answers); err != nil {
		return Packed{}, nil, err
	}
	all := string(b)
	return Packed{Closed: all[:closed], Numbers: all[closed:numbers], Texts: all[numbers:]}, b, nil
}

func (x *index) appendClosed(b []byte, answers Answers) ([]byte, error) {
	for _, i := range x.closed {
		a := &answers[i]
		switch {
		case a.State < Valid:
			b = append(b, a.State.Mark())
		case a.State > Valid || a.Code < 1 || a.Code > x.fields[i].Points:
			return nil, Errorf(Invalid, "%s: %d is not one of %d answers", x.fields[i].Key, a.Code, x.fields[i].Points)
		default:
			b = utf8.AppendRune(b, rune('0'+a.Code))
		}
	}
	return b, nil
}

func (x *index) appendNumbers(b []byte, answers Answers) ([]byte, error) {
	b = append(b, '[')
	for n, i := range x.numbers {
		if n > 0 {
			b = append(b, ',')
		}
		a := &answers[i]
		if a.State < Valid {
			b = append(b, '"', a.State.Mark(), '"')
			continue
		}
		if a.State > Valid || math.IsNaN(a.Number) || math.IsInf(a.Number, 0) {
			return nil, Errorf(Invalid, "%s: %v is not a number that can be kept", x.fields[i].Key, a.Number)
		}
		b = appendNumber(b, a.Number)
	}
	return append(b, ']'), nil
}

// appendNumber writes the shortest form of a number. Most are small and whole,
// for which no digits have to be searched.
func appendNumber(b []byte, v float64) []byte {
	const largest = 1e6 // whole numbers below it are written without an exponent
	if n := int64(v); v > 0 && v < largest && float64(n) == v {
		return strconv.AppendInt(b, n, 10)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// appendTexts writes the members in the order of their names, as encoding/json
// does with a map.
func (x *index) appendTexts(b []byte, answers Answers) ([]byte, error) {
	b = append(b, '{')
	first := true
	for _, i := range x.textsByKey {
		a, key := &answers[i], x.fields[i].Key
		if a.State == NotShown {
			continue
		}
		if a.State > Valid || !utf8.ValidString(a.Text) {
			return nil, Errorf(Invalid, "%s: the text is not valid UTF-8", key)
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendJSON(b, key), ':')
		if a.State < Valid {
			b = append(b, '[', '"', a.State.Mark(), '"', ']')
		} else {
			b = appendJSON(b, a.Text)
		}
	}
	return append(b, '}'), nil
}

// appendJSON writes a text as encoding/json does, byte for byte: the digest of a
// submission is taken from it.
func appendJSON(b []byte, text string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			// U+2028 and U+2029 end a line in JavaScript.
			if c == 0xe2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2]&^1 == 0xa8 {
				b = append(append(b, text[from:i]...), `\u202`...)
				b = append(b, hex[text[i+2]&15])
				from, i = i+3, i+2
			}
			continue
		case c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&':
			continue
		}
		b = append(b, text[from:i]...)
		from = i + 1
		if at := strings.IndexByte("\"\\\b\f\n\r\t", c); at >= 0 {
			b = append(b, '\\', `"\bfnrt`[at])
			continue
		}
		b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
	return append(append(b, text[from:]...), '"')
}

// Unpack is the inverse of Pack. What does not fit the instrument is an error:
// the answers were stored with another one.
func Unpack(in *Instrument, packed Packed) (Answers, error) {
	x := in.compiled()
	answers := make(Answers, len(x.fields))
	codes := make([]int16, len(x.closed))
	if err := in.UnpackClosed(codes, packed.Closed); err != nil {
		return nil, err
	}
	for n, i := range x.closed {
		if codes[n] > 0 {
			answers[i] = Answer{State: Valid, Code: int(codes[n])}
		} else {
			answers[i] = Answer{State: CellState(codes[n])}
		}
	}
	values := make([]float64, len(x.numbers))
	states := make([]State, len(x.numbers))
	if err := in.UnpackNumbers(values, states, packed.Numbers); err != nil {
		return nil, err
	}
	for n, i := range x.numbers {
		answers[i] = Answer{State: states[n], Number: values[n]}
	}
	return answers, x.unpackTexts(answers, packed.Texts)
}

// CellState is the state of a cell as UnpackClosed writes it.
func CellState(cell int16) State {
	if cell > 0 {
		return Valid
	}
	return State(-cell)
}

// UnpackClosed writes the closed answers of one response to dst, which must be
// as long as ClosedFields: a code from 1, or minus the state of a missing answer
// (0 not shown, -1 skipped, -2 don't know, -3 not applicable, -4 refused). It
// allocates nothing; the panel calls it a million times.
func (in *Instrument) UnpackClosed(dst []int16, closed string) error {
	x := in.compiled()
	n := 0
	for _, r := range closed {
		if n == len(x.closed) || n == len(dst) {
			return Errorf(Invalid, "closed answers go on after %d fields", n)
		}
		if r > '0' {
			code := int(r - '0')
			if f := &x.fields[x.closed[n]]; code > f.Points {
				return Errorf(Invalid, "%s: answer %d of %d does not exist", f.Key, code, f.Points)
			}
			dst[n] = int16(code)
		} else if state, ok := stateOfMark(byte(r)); ok {
			dst[n] = -int16(state)
		} else {
			return Errorf(Invalid, "%s: %q stands for no answer", x.fields[x.closed[n]].Key, r)
		}
		n++
	}
	if n != len(x.closed) || n != len(dst) {
		return Errorf(Invalid, "closed answers end after %d of %d fields", n, len(x.closed))
	}
	return nil
}

// UnpackNumbers writes the numbers and their states to slices as long as
// NumberFields. Spaces between the elements are allowed: a database may have
// formatted the document anew.
func (in *Instrument) UnpackNumbers(values []float64, states []State, numbers string) error {
	count := len(in.compiled().numbers)
	if len(values) != count || len(states) != count {
		return Errorf(Invalid, "room for %d numbers where the instrument has %d", len(values), count)
	}
	rest, open := strings.CutPrefix(strings.TrimSpace(numbers), "[")
	rest, closed := strings.CutSuffix(rest, "]")
	if !open || !closed {
		return Errorf(Invalid, "numbers are not a list")
	}
	for n := range count {
		element, after, more := strings.Cut(rest, ",")
		if more != (n < count-1) {
			return Errorf(Invalid, "the list of numbers has not %d elements", count)
		}
		rest = after
		var err error
		if values[n], states[n], err = unpackNumber(strings.TrimSpace(element)); err != nil {
			return err
		}
	}
	if strings.TrimSpace(rest) != "" {
		return Errorf(Invalid, "numbers where the instrument has none")
	}
	return nil
}

func unpackNumber(element string) (float64, State, error) {
	if len(element) == 3 && element[0] == '"' && element[2] == '"' {
		if state, ok := stateOfMark(element[1]); ok {
			return 0, state, nil
		}
	}
	v, err := strconv.ParseFloat(element, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, NotShown, Errorf(Invalid, "%q is no number", excerpt(element, 30))
	}
	return v, Valid, nil
}

func (x *index) unpackTexts(answers Answers, texts string) error {
	if texts == "{}" {
		return nil
	}
	r := textReader{scanner{data: []byte(texts)}}
	if !utf8.ValidString(texts) || !r.next('{') {
		return Errorf(Invalid, "texts are not a document")
	}
	for first := true; !r.next('}'); first = false {
		if !first && !r.next(',') {
			return Errorf(Invalid, "texts are not a document")
		}
		key, ok := r.text()
		i, known := x.byKey[key]
		if !ok || !known || x.fields[i].Kind != LongText {
			return Errorf(Invalid, "%q is no text of the instrument", excerpt(key, 40))
		}
		if !r.next(':') {
			return Errorf(Invalid, "texts are not a document")
		}
		if answers[i], ok = r.answer(); !ok {
			return Errorf(Invalid, "%s: neither a text nor a missing answer", key)
		}
	}
	if r.space(); r.pos < len(r.data) {
		return Errorf(Invalid, "texts go on after their end")
	}
	return nil
}

// textReader reads the small document of open answers without building a tree:
// it is read once per response.
type textReader struct{ scanner }

// next takes the character, if it comes next.
func (r *textReader) next(c byte) bool {
	r.space()
	return r.accept(c)
}

func (r *textReader) text() (string, bool) {
	r.space()
	if !r.peek('"') {
		return "", false
	}
	s, err := r.str()
	return s, err == nil
}

func (r *textReader) answer() (Answer, bool) {
	if !r.next('[') {
		text, ok := r.text()
		return Answer{State: Valid, Text: text}, ok
	}
	mark, ok := r.text()
	if !ok || len(mark) != 1 || !r.next(']') {
		return Answer{}, false
	}
	state, ok := stateOfMark(mark[0])
	return Answer{State: state}, ok
}
