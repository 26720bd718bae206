package auth

import (
	"strings"
	"testing"
)

func TestTokensAreLongDistinctAndTypable(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := NewToken()
		if len(token) != TokenLength || !LooksLikeToken(token) {
			t.Fatalf("token %q has not the form of a token", token)
		}
		if strings.ToLower(token) != token {
			t.Fatalf("token %q has capitals", token)
		}
		if seen[token] {
			t.Fatalf("token %q came twice", token)
		}
		seen[token] = true
	}
}

func TestHashIgnoresCaseAndBlanksOfATypedToken(t *testing.T) {
	token := NewToken()
	if HashToken(" "+strings.ToUpper(token)+"\n") != HashToken(token) {
		t.Error("a token typed in capitals has another hash")
	}
	if HashToken(token) == HashToken(NewToken()) {
		t.Error("two tokens have one hash")
	}
	// SHA-256 of "abc", FIPS 180-2 appendix B.1.
	if got := HashToken("abc"); got[0] != 0xba || got[31] != 0xad {
		t.Errorf("hash of abc is %x", got)
	}
}

func TestWhatIsNotATokenIsSeenWithoutTheDatabase(t *testing.T) {
	for _, text := range []string{"", "abc", strings.Repeat("1", TokenLength), strings.Repeat("a", TokenLength+1), strings.Repeat("ä", TokenLength/2)} {
		if LooksLikeToken(text) {
			t.Errorf("%q passes for a token", text)
		}
	}
}

func TestDigestKnowsWhereItsPartsEnd(t *testing.T) {
	if Digest([]byte("ab"), []byte("c")) == Digest([]byte("a"), []byte("bc")) {
		t.Error("moving a byte to the next part keeps the digest")
	}
	if Digest([]byte("a")) != Digest([]byte("a")) {
		t.Error("the same part has two digests")
	}
	if Digest[string]() == Digest("") {
		t.Error("an empty part does not count")
	}
}

func TestReceiptCodesAreReadableAndCheckThemselves(t *testing.T) {
	for range 1000 {
		code := NewReceiptCode()
		if len(code) != 14 || strings.ContainsAny(code, "01ILO") {
			t.Fatalf("receipt code %q", code)
		}
		for _, typed := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "-", "")} {
			if got, ok := ParseReceiptCode(typed); !ok || got != code {
				t.Fatalf("%q is read as %q, %v", typed, got, ok)
			}
		}
	}
}

func TestEverySingleMistakeInAReceiptCodeIsFound(t *testing.T) {
	for range 20 {
		code := strings.ReplaceAll(NewReceiptCode(), "-", "")
		for i := range len(code) {
			for _, other := range receiptAlphabet {
				wrong := code[:i] + string(other) + code[i+1:]
				if _, ok := ParseReceiptCode(wrong); ok != (wrong == code) {
					t.Fatalf("%s for %s: accepted %v", wrong, code, ok)
				}
			}
			if i > 0 {
				swapped := code[:i-1] + code[i:i+1] + code[i-1:i] + code[i+1:]
				if _, ok := ParseReceiptCode(swapped); ok != (swapped == code) {
					t.Fatalf("%s for %s with two characters swapped: accepted %v", swapped, code, ok)
				}
			}
		}
	}
}

func FuzzParseReceiptCodeNeverAcceptsWhatItDoesNotWrite(f *testing.F) {
	f.Add("7KQM-2XWD-9RTC")
	f.Add("")
	f.Add("ÄÖÜ\x00")
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := ParseReceiptCode(text)
		if again, okAgain := ParseReceiptCode(code); ok && (!okAgain || again != code) {
			t.Errorf("%q is read as %q, which is read as %q", text, code, again)
		}
	})
}

func TestEqualComparesSecrets(t *testing.T) {
	if !Equal("secret", "secret") || Equal("secret", "secreT") || Equal("secret", "") {
		t.Error("comparison of secrets is wrong")
	}
}
