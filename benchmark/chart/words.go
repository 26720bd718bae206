package chart

import (
	"strings"
	"unicode"

	"github.com/salesbench/salesbench/benchmark"
)

// longest name that a chart shows; the table has all of it.
const longestName = 90

// longestMark is the longest name of a mark in a legend, which has no room to wrap.
const longestMark = 44

// Plain makes a text of unknown origin fit to stand among others: one line, no
// control characters, nothing that turns the direction of what follows.
func Plain(text string) string {
	if plain(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar, r == '\ufeff', unicode.Is(unicode.Cc, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// plain says whether a text is fit already: ASCII, without blanks at its ends or beside
// each other.
func plain(text string) bool {
	blank := true
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c > '~' || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || text == ""
}

// clean makes a name fit for an axis.
func clean(name string) string { return shorten(Plain(name), longestName) }

// shorten cuts a text that is longer than most characters.
func shorten(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return text
}

// markName is a name in a legend.
func markName(name string) string { return shorten(clean(name), longestMark) }

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
