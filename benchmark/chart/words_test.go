package chart

import (
	"strings"
	"testing"
)

// The short way for plain texts against the long one, which a character beyond ASCII
// asks for.
func TestPlainTextsStayAsTheyAre(t *testing.T) {
	long := func(text string) string { return strings.TrimSuffix(Plain(text+" é"), " é") }
	for _, text := range []string{"a", "42%", "+18 (9 to 27)", "two words", " a", "a ", "a  b", "a\tb", "a\x7fb", "a\x00b", "\n", " ", "~!"} {
		want := long(text)
		if strings.TrimSpace(text) == "" {
			want = ""
		}
		if got := Plain(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if Plain("") != "" {
		t.Error("nothing becomes something")
	}
}
