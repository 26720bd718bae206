package main

import (
	"net/url"
	"strings"

	"github.com/salesbench/salesbench/survey/auth"
)

// personalAddress is the link of one invited person.
func personalAddress(base, token string) string { return strings.TrimRight(base, "/") + "/r/" + token }

// openAddress is a link with which anybody may answer for an organization.
func openAddress(base, token string) string { return strings.TrimRight(base, "/") + "/o/" + token }

// resultsAddress is the page of a wave, or of one organization, for the holder of
// the token; without a token it is the page of a service that shows everybody.
func resultsAddress(base, wave, organization, token string) string {
	address := strings.TrimRight(base, "/") + "/results/" + url.PathEscape(wave)
	if organization != "" {
		address += "/org/" + url.PathEscape(organization)
	}
	if token != "" {
		address += "?key=" + url.QueryEscape(token)
	}
	return address
}

// resultsToken finds the secret part of a link to results.
func resultsToken(link string) (string, bool) {
	token := strings.TrimSpace(link)
	if u, err := url.Parse(token); err == nil && u.Query().Get("key") != "" {
		token = u.Query().Get("key")
	}
	return token, auth.LooksLikeToken(token)
}
