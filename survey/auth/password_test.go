package auth

import (
	"strings"
	"testing"
)

func TestAPasswordIsKnownByItsHashOnly(t *testing.T) {
	hash, err := HashPassword("four plain words here")
	if err != nil || strings.Contains(hash, "plain") || !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3") {
		t.Fatalf("hash %q, %v", hash, err)
	}
	again, err := HashPassword("four plain words here")
	if err != nil || again == hash {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	if !PasswordIs("four plain words here", hash) || PasswordIs("four plain words her", hash) || PasswordIs("", hash) {
		t.Error("a password is taken for another")
	}
	if PasswordIs("", "") || PasswordIs("x", "damaged") || PasswordIs("", nobodysPassword) {
		t.Error("something is a password where there is none")
	}
}

func TestWeakPasswordsAreRefusedInWords(t *testing.T) {
	for password, says := range map[string]string{
		"short":                  "at least 12",
		"":                       "at least 12",
		strings.Repeat("a", 201): "more than 200",
		"aaaaaaaaaaaaaaa":        "first that somebody would try",
		"ada.lovelace@x.org":     "first that somebody would try",
		"ada.lovelace1":          "name of the account",
	} {
		if err := CheckPassword(password, "ada.lovelace@x.org"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", password, err)
		}
	}
	for _, password := range []string{"four plain words here", "ünï çödé pässwörd", "日本語の長いパスワードです"} {
		if err := CheckPassword(password, "ada@x.org"); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}
