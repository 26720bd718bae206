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

func TestPasswordsThatManyHaveAreRefusedInWords(t *testing.T) {
	refused := map[string]string{"short": "at least 12", "": "at least 12", strings.Repeat("a", 201): "more than 200"}
	for _, common := range []string{"password1234", "Password1234!", "P@ssw0rd2024", "iloveyou2024!", "qwertyuiop12", "123456789012", "abcdefghijkl", "abc123abc123", "1q2w3e4r5t6y",
		"passwordpassword", "letmeinletmein", "administrator", "changeme12345", "michelle1990", "2026-11-30-08", "aaaaaaaaaaaaaaa", strings.Repeat("aB1!", 50),
		"ada.lovelace@x.org", "ada.lovelace1", "lovelace2026!", "ADA LOVELACE", "Augusta-King-1", "salesbench2026"} {
		refused[common] = "four words that nobody expects"
	}
	for password, says := range refused {
		if err := CheckPassword(password, "ada.lovelace@x.org", "Augusta King"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", password, err)
		}
	}
	for _, password := range []string{"four plain words here", "ünï çödé pässwörd", "日本語の長いパスワードです", "hT7#kd0-2jQz", strings.Repeat("x", 10) + " who ever thought of this one", "\xff\xfe broken bytes in it"} {
		if err := CheckPassword(password, "ada@x.org", "Ada"); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("four plain words here", "ada@example.org", "Ada")
	f.Add(strings.Repeat("aB1!", 50), "", "")
	f.Fuzz(func(t *testing.T, password, email, name string) {
		if err := CheckPassword(password, email, name); err == nil && len(password) < ShortestPassword {
			t.Errorf("%q is taken", password)
		}
	})
}
