package auth

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/trustelem/zxcvbn"

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

// fewestGuesses is how many attempts a password must stand that somebody makes who
// tries the commonest first: a hundred million, where the dictionary of common ones,
// names, years, rows of keys and their usual changes ends.
const fewestGuesses = 1e8

// judgedCharacters bounds what is looked at, for the time it takes. What is weak so
// far is not made good by what follows.
const judgedCharacters = 64

// CheckPassword says what is wrong with a new password. Own are the words that others
// know of the account: address and name. Invalid.
func CheckPassword(password string, own ...string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < ShortestPassword:
		return survey.Errorf(survey.Invalid, "the password has %d characters; take at least %d, for instance four words", n, ShortestPassword)
	case n > LongestPassword:
		return survey.Errorf(survey.Invalid, "the password has more than %d characters", LongestPassword)
	}
	known := []string{"salesbench"}
	for _, word := range own {
		known = append(known, strings.FieldsFunc(strings.ToLower(word), func(r rune) bool { return !unicode.IsLetter(r) })...)
	}
	judged := []rune(password)
	judged = judged[:min(len(judged), judgedCharacters)]
	if mostly(password, known) || zxcvbn.PasswordStrength(string(judged), known).Guesses < fewestGuesses {
		return survey.Errorf(survey.Invalid, "this password is one of the first that somebody would try: take four words that nobody expects beside each other")
	}
	return nil
}

// mostly says whether little is left of a password without words that others know.
func mostly(password string, known []string) bool {
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) })
	whole := strings.ToLower(password)
	rest := whole
	for _, word := range known {
		if utf8.RuneCountInString(word) > 2 {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	return rest != whole && utf8.RuneCountInString(rest) < 8
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
