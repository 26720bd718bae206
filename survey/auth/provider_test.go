package auth

import (
	"encoding/json"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/salesbench/salesbench/survey"
)

func TestClaimsNameThePersonWithTheirTimeZone(t *testing.T) {
	for text, want := range map[string]survey.Identity{
		`{"email":"ada@example.org","email_verified":"true","name":"Ada","zoneinfo":"Europe/Berlin"}`: {Email: "ada@example.org", Verified: true, Name: "Ada", Zone: "Europe/Berlin"},
		`{"email":"ada@example.org","email_verified":false}`:                                          {Email: "ada@example.org"},
	} {
		var claims said
		if err := json.Unmarshal([]byte(text), &claims); err != nil {
			t.Fatal(err)
		}
		want.Issuer, want.Subject = "https://id.example", "17"
		if got := claims.of(&oidc.IDToken{Issuer: "https://id.example", Subject: "17"}); got != want {
			t.Errorf("%s: %+v, not %+v", text, got, want)
		}
	}
}
