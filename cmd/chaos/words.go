package main

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// errNoReceipt is the error of waiting in vain.
var errNoReceipt = errors.New("no receipt")

// numerals and names of databases differ from run to run.
var numerals = regexp.MustCompile(`\b\d[\d.:]*\b|\bchaos_[0-9a-f]+\b`)

// quoted is the value of a key in a line of the log.
func quoted(line, key string) string {
	_, rest, found := strings.Cut(line, key)
	if !found {
		return ""
	}
	if prefix, err := strconv.QuotedPrefix(rest); err == nil {
		if value, err := strconv.Unquote(prefix); err == nil {
			return value
		}
	}
	return strings.Fields(rest + " ")[0]
}
