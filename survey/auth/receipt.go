package auth

import (
	"crypto/rand"
	"strings"
)

// receiptAlphabet leaves out 0, 1, I, L and O, which are taken for one another
// when read aloud. It has 31 characters on purpose: with a prime number the
// check character finds every single wrong character and every swapped pair.
const receiptAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// receiptRandom characters carry 54 random bits; with a million receipts in an
// installation the chance that any two agree is about 1 in 50,000, and the
// database has a unique constraint for that day.
const receiptRandom = 11

// NewReceiptCode returns a code like 7KQM-2XWD-9RTC for a respondent to keep.
// The last character checks the others.
func NewReceiptCode() string {
	code := make([]byte, 0, receiptRandom+1)
	var random [2 * receiptRandom]byte
	for len(code) < receiptRandom {
		_, _ = rand.Read(random[:]) // documented to never return an error
		for _, b := range random {
			// Above the largest multiple the remainder would favour the first letters.
			if int(b) < 256/len(receiptAlphabet)*len(receiptAlphabet) && len(code) < receiptRandom {
				code = append(code, receiptAlphabet[int(b)%len(receiptAlphabet)])
			}
		}
	}
	return grouped(append(code, checkCharacter(code)))
}

// ParseReceiptCode returns the code in its written form, or false when a
// character is wrong, missing or swapped. Case, blanks and hyphens do not matter.
func ParseReceiptCode(text string) (string, bool) {
	code := make([]byte, 0, receiptRandom+1)
	for _, r := range strings.ToUpper(text) {
		switch {
		case r == '-' || r == ' ':
		case strings.ContainsRune(receiptAlphabet, r):
			code = append(code, byte(r))
		default:
			return "", false
		}
	}
	if len(code) != receiptRandom+1 || checkCharacter(code[:receiptRandom]) != code[receiptRandom] {
		return "", false
	}
	return grouped(code), true
}

// checkCharacter weights each position by its number, modulo 31.
func checkCharacter(code []byte) byte {
	sum := 0
	for i, c := range code {
		sum += (i + 2) * strings.IndexByte(receiptAlphabet, c)
	}
	return receiptAlphabet[sum%len(receiptAlphabet)]
}

// grouped writes the twelve characters in three groups of four.
func grouped(code []byte) string {
	return string(code[:4]) + "-" + string(code[4:8]) + "-" + string(code[8:])
}
