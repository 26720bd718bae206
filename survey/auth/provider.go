package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/salesbench/salesbench/survey"
)

// Limits of what a provider of identities is waited for and may send.
const (
	providerPatience = 10 * time.Second
	longestReply     = 1 << 20
)

// ProviderSettings say at which provider of identities people sign in (OpenID
// Connect), and as which client this installation is known there.
type ProviderSettings struct {
	Issuer       string
	ClientID     string
	ClientSecret string // empty: a public client, which PKCE alone protects
	Now          func() time.Time
}

// Provider is a provider of identities. It is asked for its addresses at the first
// sign-in, so that a provider that is down keeps nobody from starting the service.
type Provider struct {
	settings ProviderSettings
	client   *http.Client
	known    atomic.Pointer[oidc.Provider]
}

// NewProvider asks nobody yet.
func NewProvider(settings ProviderSettings) *Provider {
	return &Provider{settings: settings, client: &http.Client{Timeout: providerPatience, Transport: boundedReplies{http.DefaultTransport}}}
}

// boundedReplies ends what is longer than any answer of a provider.
type boundedReplies struct{ http.RoundTripper }

func (b boundedReplies) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = http.MaxBytesReader(nil, answer.Body, longestReply)
	}
	return answer, err
}

// Handshake is what a browser must bring back from the provider, or what proves
// that what it brings was made for it. It is kept in the session, used once.
type Handshake struct {
	State    string // comes back in the address
	Nonce    string // comes back signed, in the token
	Verifier string // shows that the code is redeemed by whoever asked for it (PKCE)
	Redirect string // where the provider sends the browser
}

// Begin returns the address at the provider where the sign-in goes on. Unavailable:
// the provider does not answer.
func (p *Provider) Begin(ctx context.Context, redirect string) (Handshake, string, error) {
	h := Handshake{State: unguessable(), Nonce: unguessable(), Verifier: oauth2.GenerateVerifier(), Redirect: redirect}
	config, _, err := p.config(ctx, redirect)
	if err != nil {
		return h, "", err
	}
	return h, config.AuthCodeURL(h.State, oidc.Nonce(h.Nonce), oauth2.S256ChallengeOption(h.Verifier)), nil
}

func unguessable() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // documented to never return an error
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (p *Provider) config(ctx context.Context, redirect string) (*oauth2.Config, *oidc.Provider, error) {
	provider := p.known.Load()
	if provider == nil {
		var err error
		// The provider goes on to be used after this request.
		provider, err = oidc.NewProvider(p.context(context.WithoutCancel(ctx)), p.settings.Issuer)
		if err != nil {
			return nil, nil, survey.Errorf(survey.Unavailable, "the sign-in service does not answer as it should: try again in a moment, or sign in with a password: %w", err)
		}
		p.known.Store(provider)
	}
	return &oauth2.Config{ClientID: p.settings.ClientID, ClientSecret: p.settings.ClientSecret, Endpoint: provider.Endpoint(), RedirectURL: redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}, provider, nil
}

func (p *Provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}

// Finish redeems the code that the browser has brought, and returns who the provider
// says it is. Unavailable: the provider does not answer. Forbidden: what it says is
// not for this sign-in, is expired or was not signed by it.
func (p *Provider) Finish(ctx context.Context, h Handshake, code string) (survey.Identity, error) {
	config, provider, err := p.config(ctx, h.Redirect)
	if err != nil {
		return survey.Identity{}, err
	}
	ctx = p.context(ctx)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(h.Verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
		return survey.Identity{}, survey.Errorf(survey.Forbidden, "the sign-in service did not confirm this sign-in: begin again: %w", err)
	}
	if err != nil {
		return survey.Identity{}, survey.Errorf(survey.Unavailable, "the sign-in service does not answer: try again in a moment, or sign in with a password: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: p.settings.ClientID, Now: p.settings.Now}).Verify(ctx, raw)
	if err != nil {
		return survey.Identity{}, notConfirmed(err)
	}
	if !Equal(id.Nonce, h.Nonce) {
		return survey.Identity{}, notConfirmed(errors.New("the nonce is another"))
	}
	return p.identity(ctx, provider, id, token)
}

func notConfirmed(err error) error {
	return survey.Errorf(survey.Forbidden, "what the sign-in service says about you does not belong to this sign-in or is too old: begin again: %w", err)
}

// said are the claims of a token or of the page about a user.
type said struct {
	Email    string    `json:"email"`
	Verified looseBool `json:"email_verified"`
	Name     string    `json:"name"`
	Zone     string    `json:"zoneinfo"`
	Party    string    `json:"azp"`
}

// of is who the claims are about.
func (s said) of(id *oidc.IDToken) survey.Identity {
	return survey.Identity{Issuer: id.Issuer, Subject: id.Subject, Email: s.Email, Verified: bool(s.Verified), Name: s.Name, Zone: s.Zone}
}

// looseBool reads "true" as well: some providers write it so.
type looseBool bool

func (b *looseBool) UnmarshalJSON(text []byte) error {
	*b = looseBool(strings.Trim(string(text), `"`) == "true")
	return nil
}

// identity reads the claims. What the token does not say, the provider is asked for.
func (p *Provider) identity(ctx context.Context, provider *oidc.Provider, id *oidc.IDToken, token *oauth2.Token) (survey.Identity, error) {
	var claims said
	if err := id.Claims(&claims); err != nil {
		return survey.Identity{}, notConfirmed(err)
	}
	if len(id.Audience) > 1 && claims.Party != p.settings.ClientID {
		return survey.Identity{}, notConfirmed(errors.New("the token is for another party"))
	}
	if claims.Email == "" && provider.UserInfoEndpoint() != "" {
		info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return survey.Identity{}, survey.Errorf(survey.Unavailable, "the sign-in service does not say who you are: try again in a moment: %w", err)
		}
		if info.Subject != id.Subject {
			return survey.Identity{}, notConfirmed(errors.New("the page about the user is about another"))
		}
		var more said
		if err := info.Claims(&more); err != nil {
			return survey.Identity{}, notConfirmed(err)
		}
		claims.Email, claims.Verified, claims.Name, claims.Zone = info.Email, looseBool(info.EmailVerified), more.Name, cmp.Or(more.Zone, claims.Zone)
	}
	return claims.of(id), nil
}
