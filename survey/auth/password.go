package auth

import (
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/salesbench/salesbench/survey"
)

// The length of a password in characters. Length is what makes one hard to guess;
// no rule asks for digits or signs.
const (
	ShortestPassword = 12
	LongestPassword  = 200
)

// passwordCost follows the second choice of RFC 9106, section 4: 64 MiB, three passes.
var passwordCost = &argon2id.Params{Memory: 64 << 10, Iterations: 3, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// CheckPassword says what is wrong with a new password of the account. Invalid.
func CheckPassword(password, email string) error {
	local, _, _ := strings.Cut(email, "@")
	switch n := utf8.RuneCountInString(password); {
	case n < ShortestPassword:
		return survey.Errorf(survey.Invalid, "the password has %d characters; take at least %d, for instance four words", n, ShortestPassword)
	case n > LongestPassword:
		return survey.Errorf(survey.Invalid, "the password has more than %d characters", LongestPassword)
	case strings.EqualFold(password, email), strings.Count(password, password[:1]) == len(password):
		return survey.Errorf(survey.Invalid, "this password is the first that somebody would try; take another")
	case len(local) > 3 && strings.Contains(strings.ToLower(password), local) && n < len(local)+8:
		return survey.Errorf(survey.Invalid, "the password is mostly the name of the account; take another")
	}
	return nil
}

// HashPassword returns the argon2id hash of a password, with its salt and cost.
func HashPassword(password string) (string, error) {
	return argon2id.CreateHash(password, passwordCost)
}

// PasswordIs says whether the hash is that of the password. Without a hash it takes
// as long as with one, so that nobody learns by the clock who has an account.
func PasswordIs(password, hash string) bool {
	if hash == "" {
		_, _ = argon2id.ComparePasswordAndHash(password, nobodysPassword)
		return false
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	return err == nil && match
}

// nobodysPassword is compared with where there is no account: same cost, no password.
const nobodysPassword = "$argon2id$v=19$m=65536,t=3,p=2$UudTQtfUR9MfcXREljK6Lw$HvtIXIZe/lfz7PA8w5ITSJd9LiY1L8tMNWl8sUUbLF8"
