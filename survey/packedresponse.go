package survey

import (
	"strconv"
	"strings"
)

// UID is an identifier in 16 bytes, as databases and columns keep it.
type UID [16]byte

// PackedResponse is a response in its stored form, on the way from a database to
// a panel without an Answers in between. Its slices belong to whoever reads the
// database: they hold until the next response is read.
type PackedResponse struct {
	ID           UID
	Organization UID
	Team         UID // zero: none
	Role         []byte
	Language     []byte
	Closed       []byte // as Packed has them
	Numbers      []byte
	Texts        []byte
	Seconds      []byte // a JSON array; empty: not measured
	Weight       float64
	Submitted    int64 // microseconds since 1970
}

// String is the identifier as text: 36 characters, lower case.
func (u UID) String() string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, 36)
	for i, v := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[v>>4], digits[v&15])
	}
	return string(b)
}

// ParseUID reads an identifier of 36 characters; false: it is none.
func ParseUID[T ~string | ~[]byte](text T) (UID, bool) {
	var u UID
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return u, false
	}
	at := 0
	for i := range u {
		if at == 8 || at == 13 || at == 18 || at == 23 {
			at++
		}
		high, low := hexValue[text[at]], hexValue[text[at+1]]
		if high|low > 15 {
			return UID{}, false
		}
		u[i] = high<<4 | low
		at += 2
	}
	return u, true
}

// UnpackSeconds reads the stored times on sections, a JSON array; nil where the
// text is empty, because nothing was measured.
func UnpackSeconds(text string) ([]float32, error) {
	if text == "" {
		return nil, nil
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if inner == "" {
		return []float32{}, nil
	}
	seconds := make([]float32, 0, strings.Count(inner, ",")+1)
	for element := range strings.SplitSeq(inner, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(element), 32)
		if err != nil {
			return nil, Errorf(Invalid, "%q is no time", excerpt(element, 30))
		}
		seconds = append(seconds, float32(v))
	}
	return seconds, nil
}

// hexValue is the value of a hexadecimal digit, 255 for any other character.
var hexValue = func() (values [256]byte) {
	for c := range values {
		values[c] = 255
	}
	for i := range byte(10) {
		values['0'+i] = i
	}
	for i := range byte(6) {
		values['a'+i], values['A'+i] = 10+i, 10+i
	}
	return values
}()
