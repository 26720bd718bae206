package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsOfAProviderOfIdentitiesSayWhatIsWrong(t *testing.T) {
	long := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(long, []byte(strings.Repeat("x", 5000)), 0o600); err != nil {
		t.Fatal(err)
	}
	good := openIDFlags{Issuer: "https://login.example.org/realms/a", ClientID: "salesbench", Secret: "s", Name: "Example"}
	for want, change := range map[string]func(*openIDFlags){
		"":                                func(*openIDFlags) {},
		"--oidc-issuer: is missing":       func(f *openIDFlags) { f.Issuer = "" },
		"--oidc-issuer: \"login":          func(f *openIDFlags) { f.Issuer = "login.example.org" },
		"begins with http://":             func(f *openIDFlags) { f.Issuer = "http://login.example.org" },
		"--oidc-client-id: is missing":    func(f *openIDFlags) { f.ClientID = "" },
		"take one of them":                func(f *openIDFlags) { f.SecretFile = long },
		"holds the secret":                func(f *openIDFlags) { f.Secret, f.SecretFile = "", long },
		"no such file":                    func(f *openIDFlags) { f.Secret, f.SecretFile = "", "/nowhere/at/all" },
		"--oidc-name: must":               func(f *openIDFlags) { f.Name = strings.Repeat("x", 61) },
		"--oidc-create: \"@example.org\"": func(f *openIDFlags) { f.Create = "example.com, @example.org" },
	} {
		f := good
		change(&f)
		err := f.check().orNil()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	for _, issuer := range []string{"http://127.0.0.1:5556/dex", "http://localhost:8080", "http://[::1]:80"} {
		if err := checkIssuer(issuer); err != nil {
			t.Error(err)
		}
	}
}
