// Package auth makes and checks whatever only works while it stays secret or
// hard to guess: link tokens, their hashes, digests of submissions and receipt
// codes. Cryptography lives in this package and nowhere else.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
)

// tokenBytes gives 160 random bits, so that guessing a link is hopeless even
// with millions of links in the field.
const tokenBytes = 20

// TokenLength is the number of characters of a token.
const TokenLength = tokenBytes * 8 / 5

// tokenEncoding has lower-case letters and digits only: a token survives mail
// programs, QR codes and being typed from paper.
var tokenEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Hash is the SHA-256 of a token, the only form in which a token is stored.
// A fast hash is enough because a token has too many bits to be tried out.
type Hash [32]byte

// NewToken returns a new secret for a link.
func NewToken() string {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // documented to never return an error
	return tokenEncoding.EncodeToString(b[:])
}

// HashToken returns the stored form of a token as somebody typed it: case and
// surrounding blanks do not matter.
func HashToken(token string) Hash {
	return sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(token))))
}

// LooksLikeToken says whether the text has the form of a token, so that a
// mistyped address can be refused without asking the database.
func LooksLikeToken(token string) bool {
	token = strings.ToLower(strings.TrimSpace(token))
	if len(token) != TokenLength {
		return false
	}
	_, err := tokenEncoding.DecodeString(token)
	return err == nil
}

// Digest identifies the exact content of the parts and where each one ends, so
// that ("ab", "c") and ("a", "bc") differ.
func Digest[T ~string | ~[]byte](parts ...T) [32]byte {
	b := make([]byte, 0, 2<<10) // stays on the stack
	for _, part := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return sha256.Sum256(b)
}

// Equal compares two secrets in a time that does not tell where they differ.
func Equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// DocumentHash is the name of an immutable document: "sha256:" and the
// hexadecimal hash of its bytes.
func DocumentHash(document []byte) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256(document))
}
