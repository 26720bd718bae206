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

// resultsLink is a link that opens results to whoever has it.
func resultsLink(base, token string) string {
	return strings.TrimRight(base, "/") + "/results/" + token
}

// resultsPage is the page of a wave, or of one organization, for those who may read it.
func resultsPage(base, wave, organization string) string {
	address := strings.TrimRight(base, "/") + "/waves/" + url.PathEscape(wave)
	if organization != "" {
		address += "/organizations/" + url.PathEscape(organization)
	}
	return address
}

// resultsToken finds the secret part of a link to results.
func resultsToken(link string) (string, bool) {
	token := strings.TrimSpace(link)
	token = token[strings.LastIndex(token, "/")+1:]
	return token, auth.LooksLikeToken(token)
}
