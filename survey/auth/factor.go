package auth

import (
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/salesbench/salesbench/survey"
)

// Codes of an authenticator follow RFC 6238 with what every program understands:
// SHA-1, six digits, a new one each 30 seconds.
const (
	codeDigits = 6
	codePeriod = 30 * time.Second
)

// codeDrift is how many codes before and after the present one count: the clock of
// a phone is not ours, and typing takes a while (RFC 6238, section 5.2).
const codeDrift = 1

// factorSecretBytes is the length that RFC 4226, section 4, recommends.
const factorSecretBytes = 20

// factorEncoding is that of the secrets which people type into an authenticator.
var factorEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewFactorSecret draws the secret that an authenticator shares with this service.
func NewFactorSecret() string {
	var b [factorSecretBytes]byte
	_, _ = rand.Read(b[:]) // documented to never return an error
	return factorEncoding.EncodeToString(b[:])
}

// FactorAddress is what the QR code for an authenticator says. The site tells apart
// several installations on one phone.
func FactorAddress(secret, site, account string) string {
	values := url.Values{"secret": {secret}, "issuer": {site}}
	// Authenticators read %20, not every one reads +.
	return "otpauth://totp/" + url.PathEscape(site+":"+account) + "?" + strings.ReplaceAll(values.Encode(), "+", "%20")
}

// FactorStep finds the step of time whose code was typed. A caller takes each step
// once, and none before one that was taken.
func FactorStep(secret, typed string, now time.Time) (step int64, ok bool) {
	typed = strings.Join(strings.Fields(typed), "")
	if len(typed) != codeDigits {
		return 0, false
	}
	present := now.Unix() / int64(codePeriod/time.Second)
	for at := present - codeDrift; at <= present+codeDrift; at++ {
		code, err := FactorCode(secret, at)
		if err == nil && Equal(code, typed) {
			step, ok = at, true
		}
	}
	return step, ok
}

// FactorCode is the code of a step of time. An error means that the secret is none.
func FactorCode(secret string, step int64) (string, error) {
	return hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1})
}

// recoveryCodes is how many codes somebody gets for the day without the phone.
const recoveryCodes = 10

// recoveryBytes give 80 random bits: a fast hash is enough to keep them.
const recoveryBytes = 10

// NewRecoveryCodes draws codes that each replace a code of the authenticator once.
func NewRecoveryCodes() []string {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b [recoveryBytes]byte
		_, _ = rand.Read(b[:]) // documented to never return an error
		text := tokenEncoding.EncodeToString(b[:])
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
	}
	return codes
}

// HashRecovery is the stored form of a recovery code of the account, as somebody
// typed it, or false for a text that can not be one.
func HashRecovery(user survey.UserID, typed string) (Hash, bool) {
	text := strings.ToLower(strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return r == '-' || r == ' ' || r == '\t' }), ""))
	if b, err := tokenEncoding.DecodeString(text); err != nil || len(b) != recoveryBytes || len(text) != recoveryBytes*8/5 {
		return Hash{}, false
	}
	return Digest([]byte("recovery"), []byte(user), []byte(text)), true
}
