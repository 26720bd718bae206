package load

import (
	"strings"
	"testing"
)

// formPage is a page with two hidden fields, one of them packed as a block of its own.
func formPage(t *testing.T, seen, rest string) Answer {
	t.Helper()
	head := `<form><input type="hidden" name="language" value="en"><input type="hidden" name="seen" value="`
	tail := `">` + strings.Repeat(`<label><input type="radio" name="p01" value="1"></label>`, 40) + rest
	z := spliced(t, head, seen, tail)
	return Answer{Status: 200, Gzip: true, Body: z}
}

// spliced packs a page as the service does: what varies stands in it as it is.
func spliced(t *testing.T, head, value, tail string) []byte {
	t.Helper()
	var out []byte
	for i, part := range []string{head, value, tail} {
		level := 9
		if i == 1 {
			level = 0
		}
		out = append(out, packedBy(t, level, part)...) // members follow each other
	}
	return out
}

func TestAPageThatIsTheSameButForItsValuesIsReadAsItTravels(t *testing.T) {
	rehearsed := formPage(t, "0123456789abcdef", "<p>end")
	k := newKnown(rehearsed, []Field{{"language", "en"}, {"seen", "0123456789abcdef"}})
	form, ok := k.appendHidden([]byte("p01=3"), rehearsed)
	if !ok || string(form) != "p01=3&language=en&seen=0123456789abcdef" {
		t.Errorf("the page itself gives %q, %t", form, ok)
	}
	other := formPage(t, "fedcba9876543210", "<p>end")
	copy(other.Body[middleSum(other.Body):], rehearsed.Body[middleSum(rehearsed.Body):][:4]) // of the value's own member
	if form, ok = k.appendHidden([]byte("p01=3"), other); !ok || string(form) != "p01=3&language=en&seen=fedcba9876543210" {
		t.Errorf("another value gives %q, %t", form, ok)
	}
}

// middleSum is where the sum of the second of three members stands.
func middleSum(body []byte) int {
	last := strings.LastIndex(string(body), "\x1f\x8b\x08")
	return last - checkEnd
}

func TestAnyOtherPageIsUnpacked(t *testing.T) {
	rehearsed := formPage(t, "0123456789abcdef", "<p>end")
	k := newKnown(rehearsed, []Field{{"seen", "0123456789abcdef"}})
	plainly := rehearsed
	plainly.Gzip = false
	for name, a := range map[string]Answer{
		"another end":             formPage(t, "0123456789abcdef", "<p>END"),
		"a longer one":            formPage(t, "0123456789abcdef", "<p>the end"),
		"a value with escapes":    formPage(t, "0123456789abcd&<", "<p>end"),
		"one that is not packed":  plainly,
		"one without any content": {Gzip: true},
	} {
		if form, ok := k.appendHidden([]byte("a=1"), a); ok || string(form) != "a=1" {
			t.Errorf("%s: %q", name, form)
		}
	}
	if newKnown(plainly, nil) != nil {
		t.Error("a page that was not packed is known by its packed form")
	}
	if _, ok := (*known)(nil).appendHidden(nil, rehearsed); ok {
		t.Error("a page that nobody knows is read")
	}
}
