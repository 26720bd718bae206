package chart

import (
	"strings"
	"unicode"

	"github.com/salesbench/salesbench/benchmark"
)

// longest name that a chart shows; the table has all of it.
const longestName = 90

// clean makes a name of unknown origin fit for an axis: one line, no control
// characters, nothing that turns the direction of what follows, not too long.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar, unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > longestName {
		name = strings.TrimSpace(string(runes[:longestName-1])) + "…"
	}
	return name
}

// withRange writes a figure with its interval: +18 (9 to 27).
func withRange(e benchmark.Estimate) string {
	if r := e.Range(); r != "" && e.Shown() {
		return e.Text() + " (" + r + ")"
	}
	return e.Text()
}

// look is how a column is always drawn: the same colour and the same mark on
// every page, so that colour is never the only cue.
type look struct {
	token  string
	symbol string
	size   int
	hollow bool
}

var looks = map[benchmark.Column]look{
	benchmark.WorldClass: {"wc", "diamond", 15, false},
	benchmark.Own:        {"own", "circle", 12, false},
	benchmark.Rest:       {"rest", "circle", 11, true},
	benchmark.All:        {"all", "rect", 9, false},
	benchmark.Peers:      {"peers", "triangle", 11, false},
	benchmark.Median:     {"all", "rect", 9, false},
	benchmark.Upper:      {"good", "triangle", 12, true},
}

// sentenceList joins parts as a sentence does: a, b and c.
func sentenceList(parts []string) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// lowerFirst lets a label stand inside a sentence, unless it begins with an acronym.
func lowerFirst(label string) string {
	runes := []rune(label)
	if len(runes) > 1 && unicode.IsUpper(runes[0]) && unicode.IsLower(runes[1]) {
		runes[0] = unicode.ToLower(runes[0])
	}
	return string(runes)
}
