package survey

import (
	"strconv"
	"strings"
	"unicode"
)

// maxNumber bounds what a person can mean; beyond it floats lose whole units.
const maxNumber = 1e15

type numberFault int

const (
	numberFine numberFault = iota
	numberBad
	numberAmbiguous
)

// readNumber reads a number as people type it: decimal point or comma, spaces or
// apostrophes between thousands, digits of other scripts, a percent sign behind.
// "1,500" may be a thousand or one and a half: where only one reading lies in
// low..high that one is taken, else the number is ambiguous.
func readNumber(typed string, low, high *float64) (float64, numberFault) {
	s, negative, ok := plainDigits(typed)
	if !ok {
		return 0, numberBad
	}
	dots, commas := strings.Count(s, "."), strings.Count(s, ",")
	switch {
	case dots+commas == 0:
		return finishNumber(s, negative)
	case dots > 0 && commas > 0:
		return mixedSeparators(s, negative)
	case dots+commas > 1:
		return groupedNumber(s, negative)
	}
	whole, decimals, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if len(decimals) != 3 || len(whole) == 0 || len(whole) > 3 || whole[0] == '0' {
		return finishNumber(whole+"."+decimals, negative)
	}
	return likelier(whole, decimals, negative, inside{low, high})
}

// inside is a range whose ends may be open.
type inside struct{ low, high *float64 }

func (r inside) has(v float64) bool {
	return (r.low == nil || v >= *r.low) && (r.high == nil || v <= *r.high)
}

func likelier(whole, decimals string, negative bool, plausible inside) (float64, numberFault) {
	small, _ := finishNumber(whole+"."+decimals, negative)
	large, _ := finishNumber(whole+decimals, negative)
	if plausible.has(small) == plausible.has(large) || decimals == "000" {
		return 0, numberAmbiguous
	}
	if plausible.has(small) {
		return small, numberFine
	}
	return large, numberFine
}

// mixedSeparators reads 1.234,5 and 1,234.5: the last separator is the decimal one.
func mixedSeparators(s string, negative bool) (float64, numberFault) {
	at := strings.LastIndexAny(s, ".,")
	decimal, group := s[at:at+1], "."
	if decimal == "." {
		group = ","
	}
	whole, decimals := s[:at], s[at+1:]
	if strings.Contains(whole, decimal) || !grouped(whole, group) {
		return 0, numberBad
	}
	return finishNumber(strings.ReplaceAll(whole, group, "")+"."+decimals, negative)
}

// groupedNumber reads 1.234.567 and 1,234,567.
func groupedNumber(s string, negative bool) (float64, numberFault) {
	group := s[strings.IndexAny(s, ".,"):][:1]
	if !grouped(s, group) {
		return 0, numberBad
	}
	return finishNumber(strings.ReplaceAll(s, group, ""), negative)
}

func grouped(s, separator string) bool {
	for i, part := range strings.Split(s, separator) {
		if i == 0 && (len(part) == 0 || len(part) > 3) || i > 0 && len(part) != 3 {
			return false
		}
	}
	return true
}

// plainDigits leaves only ASCII digits and separators, and takes the sign off.
func plainDigits(typed string) (digits string, negative, ok bool) {
	s := strings.TrimSpace(typed)
	if len(s) > 60 {
		return "", false, false
	}
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(s, "%"), "\u066a")) // also the Arabic sign
	for _, minus := range []string{"-", "\u2212", "\u2013"} {
		if rest, found := strings.CutPrefix(s, minus); found {
			s, negative = rest, true
			break
		}
	}
	if !negative {
		s = strings.TrimPrefix(s, "+")
	}
	var b strings.Builder
	count := 0
	for _, r := range s {
		digit := asciiDigit(r)
		switch {
		case digit != 0:
			count++
			b.WriteByte(digit)
		case r == '.' || r == ',':
			b.WriteRune(r)
		case r == '\u066b': // Arabic decimal separator
			b.WriteByte(',')
		case unicode.IsSpace(r) || r == '\'' || r == '\u2019' || r == '\u066c':
			// between thousands
		default:
			return "", false, false
		}
	}
	return b.String(), negative, count > 0
}

// asciiDigit maps a decimal digit of the scripts in common use; 0 for anything else.
func asciiDigit(r rune) byte {
	for _, zero := range []rune{'0', '\u0660', '\u06f0', '\u0966', '\u09e6', '\uff10'} {
		if r >= zero && r <= zero+9 {
			return byte('0' + r - zero)
		}
	}
	return 0
}

func finishNumber(s string, negative bool) (float64, numberFault) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v > maxNumber {
		return 0, numberBad
	}
	if negative && v != 0 {
		v = -v
	}
	return v, numberFine
}

// formatNumber writes a number without exponent and without needless digits.
func formatNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
