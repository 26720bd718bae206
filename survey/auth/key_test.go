package auth

import (
	"fmt"
	"strings"
	"testing"
)

func TestAKeyMakesTheSameTokensAgainAndAnotherKeyOthers(t *testing.T) {
	one, other := NewKey(), NewKey()
	token := one.InvitationToken("an-id", 0)
	if !LooksLikeToken(token) || token != one.InvitationToken("an-id", 0) {
		t.Errorf("token %q", token)
	}
	for name, different := range map[string]string{"key": other.InvitationToken("an-id", 0), "id": one.InvitationToken("an-ie", 0), "generation": one.InvitationToken("an-id", 1)} {
		if different == token {
			t.Errorf("another %s makes the same token", name)
		}
	}
	if one.Fingerprint() == other.Fingerprint() || one.AddressHash(" Ada@Example.org") != one.AddressHash("ada@example.org") ||
		one.AddressHash("ada@example.org") == other.AddressHash("ada@example.org") {
		t.Error("hashes do not depend on the key alone")
	}
}

func TestAKeyIsReadAsItIsWrittenAndShownNowhereElse(t *testing.T) {
	key := NewKey()
	if again, ok := ParseKey(key.Text() + "\n"); !ok || again != key {
		t.Error("a key is not read as it was written")
	}
	for _, text := range []string{"", "abc", strings.Repeat("0", 64), strings.Repeat("g", 64), key.Text() + "00"} {
		if _, ok := ParseKey(text); ok {
			t.Errorf("%q passes for a key", text)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if got := fmt.Sprintf(verb, key) + fmt.Sprintf(verb, struct{ K Key }{key}); strings.Contains(got, key.Text()[:8]) {
			t.Errorf("%s shows the key: %s", verb, got)
		}
	}
}

func TestAnOptOutTokenCanNotBeInvented(t *testing.T) {
	key, id := NewKey(), [16]byte{1, 2, 3, 255}
	token := key.OptOutToken(id)
	if got, ok := key.OptOutID(strings.ToUpper(token)); !ok || got != id {
		t.Error("a token is not known again")
	}
	if _, ok := NewKey().OptOutID(token); ok {
		t.Error("a token of another key is accepted")
	}
	for i := range len(token) - 1 { // the last character has bits that say nothing
		other := "a"
		if token[i] == 'a' {
			other = "b"
		}
		wrong := token[:i] + other + token[i+1:]
		if _, ok := key.OptOutID(wrong); ok {
			t.Errorf("%s is accepted for %s", wrong, token)
		}
	}
}

func TestWhatIsSealedOpensUnderItsNameOnly(t *testing.T) {
	key := NewKey()
	sealed := key.Seal("row 1", []byte("secret"))
	if plain, ok := key.Open("row 1", sealed); !ok || string(plain) != "secret" {
		t.Error("it does not open")
	}
	if _, ok := key.Open("row 2", sealed); ok {
		t.Error("it opens in another row")
	}
	if _, ok := NewKey().Open("row 1", sealed); ok {
		t.Error("it opens with another key")
	}
	sealed[len(sealed)-1] ^= 1
	if _, ok := key.Open("row 1", sealed); ok {
		t.Error("it opens although it was changed")
	}
	if _, ok := key.Open("row 1", nil); ok {
		t.Error("nothing opens")
	}
}
