package auth

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// rfcSecret is the ASCII text "12345678901234567890" of RFC 6238, appendix B.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// The expected codes are the last six digits of RFC 6238, appendix B, SHA-1.
func TestCodesOfAnAuthenticatorAreThoseOfTheStandard(t *testing.T) {
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		step, ok := FactorStep(rfcSecret, code, time.Unix(at, 0))
		if !ok || step != at/30 {
			t.Errorf("code %s at %d: step %d, %v", code, at, step, ok)
		}
	}
}

func TestACodeCountsOneStepEarlyAndLateAndNoLonger(t *testing.T) {
	at := time.Unix(1111111109, 0)
	for shift, counts := range map[time.Duration]bool{-60 * time.Second: false, -30 * time.Second: true, 30 * time.Second: true, 60 * time.Second: false} {
		if _, ok := FactorStep(rfcSecret, "081804", at.Add(shift)); ok != counts {
			t.Errorf("shifted by %s the code counts: %v", shift, ok)
		}
	}
}

func TestWhatIsNoCodeDoesNotCount(t *testing.T) {
	for _, typed := range []string{"", "28708", "2870820", "abcdef", "287 O82", "-87082", "２８７０８２", strings.Repeat("0", 5000)} {
		if _, ok := FactorStep(rfcSecret, typed, time.Unix(59, 0)); ok {
			t.Errorf("%.20q counts", typed)
		}
	}
	if _, ok := FactorStep(rfcSecret, " 287 082 ", time.Unix(59, 0)); !ok {
		t.Error("blanks keep a code from counting")
	}
	if _, ok := FactorStep("not a secret!", "287082", time.Unix(59, 0)); ok {
		t.Error("a code counts without a secret")
	}
}

func TestTheAddressForAnAuthenticatorKeepsHostileNamesInTheirPlace(t *testing.T) {
	u, err := url.Parse(FactorAddress(rfcSecret, "survey.example.org & sons", "ada+x@example.org?secret=AAAA"))
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/survey.example.org & sons:ada+x@example.org?secret=AAAA" ||
		len(u.Query()["secret"]) != 1 || u.Query().Get("secret") != rfcSecret || u.Query().Get("issuer") != "survey.example.org & sons" {
		t.Errorf("address %s", u)
	}
	if a, b := NewFactorSecret(), NewFactorSecret(); a == b || len(a) != 32 {
		t.Errorf("secrets %s and %s", a, b)
	}
}

func TestRecoveryCodesAreDistinctAndReadAsPeopleTypeThem(t *testing.T) {
	seen := map[Hash]bool{}
	for _, code := range NewRecoveryCodes() {
		hash, ok := HashRecovery("ada", code)
		typed, also := HashRecovery("ada", " "+strings.ToUpper(strings.ReplaceAll(code, "-", " ")))
		if !ok || !also || hash != typed || seen[hash] {
			t.Errorf("code %s: %v %v, seen before %v", code, ok, also, seen[hash])
		}
		if other, _ := HashRecovery("eve", code); other == hash {
			t.Error("two accounts have one hash for the same code")
		}
		seen[hash] = true
	}
	if len(seen) != recoveryCodes {
		t.Errorf("%d codes", len(seen))
	}
	for _, typed := range []string{"", "abcd", "abcd-efgh-ijkl-mnop-q", "abcd-efgh-ijkl-mno1", strings.Repeat("a", 10000)} {
		if _, ok := HashRecovery("ada", typed); ok {
			t.Errorf("%.30q passes for a recovery code", typed)
		}
	}
}
