package panel

import (
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/survey"
)

// listReader reads the small JSON lists of the packed form as the program itself
// writes them. Whatever else a database may have made of them it leaves to the
// reader that knows all forms.
type listReader struct {
	text []byte
	at   int
}

func (l *listReader) accept(c byte) bool {
	if l.at < len(l.text) && l.text[l.at] == c {
		l.at++
		return true
	}
	return false
}

func (l *listReader) open() bool { return l.accept('[') }

// end says whether the list ends here, and with it the text.
func (l *listReader) end() bool {
	if l.at == len(l.text)-1 && l.text[l.at] == ']' {
		l.at++
		return true
	}
	return false
}

// mark reads a missing answer.
func (l *listReader) mark() (survey.State, bool) {
	t := l.text[l.at:]
	if len(t) < 3 || t[0] != '"' || t[2] != '"' {
		return 0, false
	}
	state := strings.IndexByte(stateMarks, t[1])
	if state < 0 {
		return 0, false
	}
	l.at += 3
	return survey.State(state), true
}

// stateMarks are the marks of the states in their order.
var stateMarks = func() string {
	var marks []byte
	for s := survey.NotShown; s < survey.Valid; s++ {
		marks = append(marks, s.Mark())
	}
	return string(marks)
}()

// quoted reads a text and returns it as it stands between its quotes.
func (l *listReader) quoted() ([]byte, bool) {
	if !l.accept('"') {
		return nil, false
	}
	from := l.at
	for ; l.at < len(l.text); l.at++ {
		switch l.text[l.at] {
		case '\\':
			l.at++
		case '"':
			l.at++
			return l.text[from : l.at-1], true
		}
	}
	return nil, false
}

// digits reads a plain decimal number: all its digits as one integer, and how
// many of them stand behind the point. It refuses what has more than 15.
func (l *listReader) digits() (mantissa int64, behind int, ok bool) {
	from := l.at
	negative := l.accept('-')
	point, count := -1, 0
	for ; l.at < len(l.text); l.at++ {
		c := l.text[l.at]
		if c == '.' && point < 0 {
			point = l.at
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		mantissa = 10*mantissa + int64(c-'0')
		if count++; count > 15 {
			break
		}
	}
	plain := count > 0 && count <= 15 && (l.at == len(l.text) || l.text[l.at] == ',' || l.text[l.at] == ']')
	if point >= 0 {
		behind = l.at - point - 1
		plain = plain && behind > 0
	}
	if !plain || negative && mantissa == 0 {
		l.at = from
		return 0, 0, false
	}
	if negative {
		mantissa = -mantissa
	}
	return mantissa, behind, true
}

var powers = [16]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// small reads a number of one or two digits, as most are.
func (l *listReader) small() (float64, bool) {
	t := l.text[l.at:]
	if len(t) < 3 || t[0]-'0' > 9 {
		return 0, false
	}
	if t[1] == ',' || t[1] == ']' {
		l.at++
		return float64(t[0] - '0'), true
	}
	if t[1]-'0' <= 9 && (t[2] == ',' || t[2] == ']') {
		l.at += 2
		return float64(10*int(t[0]-'0') + int(t[1]-'0')), true
	}
	return 0, false
}

// float reads a number. A quotient of two integers that are exact is rounded
// once, so it is the number that strconv would find.
func (l *listReader) float() (float64, bool) {
	if v, ok := l.small(); ok {
		return v, true
	}
	if mantissa, behind, ok := l.digits(); ok {
		return float64(mantissa) / powers[behind], true
	}
	v, err := strconv.ParseFloat(string(l.element()), 64)
	return v, err == nil && v == v
}

// float32 is float for a number of half the size.
func (l *listReader) float32() (float32, bool) {
	from := l.at
	if mantissa, behind, ok := l.digits(); ok && mantissa < 1<<24 && mantissa > -1<<24 && behind <= 10 {
		return float32(mantissa) / float32(powers[behind]), true
	}
	l.at = from
	v, err := strconv.ParseFloat(string(l.element()), 32)
	return float32(v), err == nil && v == v
}

// element is what stands before the next comma or the end of the list.
func (l *listReader) element() []byte {
	from := l.at
	for l.at < len(l.text) && l.text[l.at] != ',' && l.text[l.at] != ']' {
		l.at++
	}
	return l.text[from:l.at]
}
