package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/web"
)

// openIDFlags say where people sign in besides by password.
type openIDFlags struct {
	Issuer     string `name:"oidc-issuer" setting:"SALESBENCH_OIDC_ISSUER" help:"Sign in at this provider of identities as well (OpenID Connect), such as https://login.example.org/realms/staff. Default: passwords only."`
	ClientID   string `name:"oidc-client-id" setting:"SALESBENCH_OIDC_CLIENT_ID" help:"How the provider calls this installation."`
	Secret     string `name:"oidc-client-secret" setting:"SALESBENCH_OIDC_CLIENT_SECRET" secret:"all" help:"What proves to the provider that it is this installation. Others on this machine see command lines: better in the environment, or in a file."`
	SecretFile string `name:"oidc-client-secret-file" setting:"SALESBENCH_OIDC_CLIENT_SECRET_FILE" help:"File with the secret instead."`
	Name       string `name:"oidc-name" setting:"SALESBENCH_OIDC_NAME" default:"your organization" help:"What stands on the button after \"Sign in with\" (default your organization)."`
	Create     string `name:"oidc-create" setting:"SALESBENCH_OIDC_CREATE" help:"Domains, separated by commas, whose people get an account at their first sign-in there, without any role. Default: only who has an account already may sign in."`
}

// longestSecret is more than any provider gives out.
const longestSecret = 4 << 10

// check says what is wrong with the settings of the provider.
func (f openIDFlags) check() problems {
	var wrong problems
	if f.Issuer == "" {
		if f.ClientID != "" || f.Secret != "" || f.SecretFile != "" || f.Create != "" {
			wrong = append(wrong, errors.New("--oidc-issuer: is missing; name the provider that the other --oidc settings are for"))
		}
		return wrong
	}
	if err := checkIssuer(f.Issuer); err != nil {
		wrong = append(wrong, err)
	}
	if f.ClientID == "" {
		wrong = append(wrong, errors.New("--oidc-client-id: is missing; the provider gives it out for this installation"))
	}
	if f.Secret != "" && f.SecretFile != "" {
		wrong = append(wrong, errors.New("--oidc-client-secret-file: there is --oidc-client-secret as well; take one of them"))
	}
	if _, err := f.secret(); err != nil {
		wrong = append(wrong, err)
	}
	if name := strings.TrimSpace(f.Name); name == "" || len(name) > 60 {
		wrong = append(wrong, errors.New("--oidc-name: must have 1 to 60 characters, since it stands on a button"))
	}
	for _, domain := range f.domains() {
		if strings.ContainsAny(domain, "@/: *") || !strings.Contains(domain, ".") {
			wrong = append(wrong, fmt.Errorf("--oidc-create: %q is not a domain such as example.org", domain))
		}
	}
	return wrong
}

// checkIssuer wants https, but for a provider on this machine.
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("--oidc-issuer: %q is not an address such as https://login.example.org", issuer)
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("--oidc-issuer: begins with http://, so anybody on the way could sign in as anybody; take https://")
	}
	return nil
}

func (f openIDFlags) secret() (string, error) {
	if f.SecretFile == "" {
		return f.Secret, nil
	}
	text, err := os.ReadFile(f.SecretFile)
	if err != nil {
		return "", fmt.Errorf("--oidc-client-secret-file: %w", err)
	}
	if len(text) > longestSecret {
		return "", fmt.Errorf("--oidc-client-secret-file: %s has more than %d bytes; it holds the secret and nothing else", f.SecretFile, longestSecret)
	}
	return strings.TrimSpace(string(text)), nil
}

func (f openIDFlags) domains() []string {
	var domains []string
	for domain := range strings.SplitSeq(f.Create, ",") {
		if domain = strings.ToLower(strings.TrimSpace(domain)); domain != "" {
			domains = append(domains, domain)
		}
	}
	return domains
}

// signIn is the provider for the pages; nil: passwords only.
func (f openIDFlags) signIn(p *program) (*web.SignInService, error) {
	if f.Issuer == "" {
		return nil, nil //nolint:nilnil // none is a choice, not an error
	}
	secret, err := f.secret()
	if err != nil {
		return nil, err
	}
	provider := auth.NewProvider(auth.ProviderSettings{Issuer: f.Issuer, ClientID: f.ClientID, ClientSecret: secret, Now: p.now})
	return &web.SignInService{Provider: provider, Name: strings.TrimSpace(f.Name), Domains: f.domains()}, nil
}
