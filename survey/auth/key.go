package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// Key is the secret of an installation. It is kept outside the database, so that
// whoever has only a dump of it can neither make links nor read what is sealed.
// The zero Key is none.
type Key struct{ secret [32]byte }

// NewKey draws a key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k.secret[:]) // documented to never return an error
	return k
}

// ParseKey reads a key as Text writes it: 64 hexadecimal digits.
func ParseKey(text string) (Key, bool) {
	var k Key
	b, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(b) != len(k.secret) {
		return Key{}, false
	}
	copy(k.secret[:], b)
	return k, k != Key{}
}

// Text is the key itself, for the file it is kept in.
func (k Key) Text() string { return hex.EncodeToString(k.secret[:]) }

// Format keeps the key out of every log and message, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("(key)")) // fmt itself reports what can not be written
}

// derive makes a secret for one purpose: what leaks of one says nothing of another.
func (k Key) derive(purpose string, parts ...[]byte) [32]byte {
	h := hmac.New(sha256.New, k.secret[:])
	var size [8]byte
	for _, part := range append([][]byte{[]byte(purpose)}, parts...) {
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write(part)
	}
	return [32]byte(h.Sum(nil))
}

// Fingerprint tells keys apart without telling anything about them.
func (k Key) Fingerprint() Hash { return k.derive("fingerprint") }

// InvitationToken is the token of an invitation, the same each time it is asked
// for, so that a reminder can carry the link of the invitation although only its
// hash is stored. A new generation makes another token; the earlier one is then void.
func (k Key) InvitationToken(invitation string, generation int) string {
	var g [8]byte
	binary.BigEndian.PutUint64(g[:], uint64(generation))
	secret := k.derive("invitation", []byte(invitation), g[:])
	return tokenEncoding.EncodeToString(secret[:tokenBytes])
}

// OpenLinkToken is the token of an open link, the same each time it is asked for, so
// that its sheet can be printed again.
func (k Key) OpenLinkToken(id string) string {
	secret := k.derive("open-link", []byte(id))
	return tokenEncoding.EncodeToString(secret[:tokenBytes])
}

// AddressHash names an e-mail address by which somebody wants no mail. Without the
// key nobody can try out which addresses are on such a list.
func (k Key) AddressHash(address string) Hash {
	return k.derive("address", []byte(strings.ToLower(strings.TrimSpace(address))))
}

// optOutBytes are an id and the part of a signature behind it that makes guessing hopeless.
const optOutBytes = 16 + 16

// OptOutToken is what the link to end mail carries: the id of whom the mail went
// to, signed, so that it needs no row and works as long as the key does.
func (k Key) OptOutToken(id [16]byte) string {
	mark := k.derive("opt-out", id[:])
	return tokenEncoding.EncodeToString(append(id[:], mark[:optOutBytes-16]...))
}

// OptOutID returns the id that OptOutToken was given, or false for any other text.
func (k Key) OptOutID(token string) (id [16]byte, ok bool) {
	b, err := tokenEncoding.DecodeString(strings.ToLower(strings.TrimSpace(token)))
	if err != nil || len(b) != optOutBytes {
		return id, false
	}
	copy(id[:], b)
	mark := k.derive("opt-out", id[:])
	return id, subtle.ConstantTimeCompare(mark[:optOutBytes-16], b[16:]) == 1
}

// Seal encrypts something that has to wait in the database, for the row of the
// name only: elsewhere it can not be opened.
func (k Key) Seal(name string, plain []byte) []byte {
	aead := k.aead()
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // documented to never return an error
	return aead.Seal(nonce, nonce, plain, []byte(name))
}

// Open returns what was sealed under the name, or false.
func (k Key) Open(name string, sealed []byte) ([]byte, bool) {
	aead := k.aead()
	if len(sealed) < aead.NonceSize() {
		return nil, false
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(name))
	return plain, err == nil
}

func (k Key) aead() cipher.AEAD {
	secret := k.derive("seal")
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		panic(err) // 32 bytes are a key of AES
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size that GCM wants
	}
	return aead
}
