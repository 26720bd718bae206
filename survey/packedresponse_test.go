package survey

import (
	"strings"
	"testing"
)

func TestAnIdentifierIsTheSameAsTextAndAsBytes(t *testing.T) {
	const text = "0190a1b2-c3d4-7e5f-8a9b-00ff10203040"
	u, ok := ParseUID(text)
	if !ok || u.String() != text || u[0] != 0x01 || u[15] != 0x40 {
		t.Errorf("%x, %v, as text %s", u, ok, u)
	}
	if upper, ok := ParseUID([]byte(strings.ToUpper(text))); !ok || upper != u {
		t.Error("upper case is another identifier")
	}
}

func TestWhatIsNoIdentifierIsNotReadAsOne(t *testing.T) {
	for _, text := range []string{"", "x", "0190a1b2-c3d4-7e5f-8a9b-00ff1020304", "0190a1b2-c3d4-7e5f-8a9b-00ff1020304g",
		"0190a1b2+c3d4-7e5f-8a9b-00ff10203040", "0190a1b2c-3d4-7e5f-8a9b-00ff10203040", "0190a1b2-c3d4-7e5f-8a9b-00ff102030400"} {
		if u, ok := ParseUID(text); ok {
			t.Errorf("%q was read as %s", text, u)
		}
	}
}
