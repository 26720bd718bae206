package web

import (
	"strconv"

	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// spokenFailure is a failure in the words of one language.
type spokenFailure struct {
	words   *words.Language
	status  int
	heading string
	message words.Surroundings // of the moment, where there is one
	when    templates.Moment
	advice  []string
	wait    int // seconds; 0: nobody knows
}

// in finds the words. What an error says itself is in English: other languages have
// the sentence of its kind in its place.
func (f failure) in(l *words.Language) spokenFailure {
	said := spokenFailure{words: l, status: f.status, heading: f.heading, advice: f.advice, when: instant(l, f.when), wait: wholeSeconds(f.retryAfter)}
	if f.says == "" {
		said.message.Before = f.message
		return said
	}
	name := "failure_" + f.says
	said.heading = l.Say(name)
	for n := 1; l.Has(name + "_advice_" + strconv.Itoa(n)); n++ {
		said.advice = append(said.advice, l.Say(name+"_advice_"+strconv.Itoa(n)))
	}
	switch {
	case f.message != "" && l.Tag() == "en":
		said.message.Before = f.message
		return said
	case f.detail != "" && l.Has("failure_"+f.detail+"_message"):
		name = "failure_" + f.detail
	}
	if said.when.Words == "" {
		said.message.Before = l.Say(name + "_message")
	} else {
		said.message = l.Around(name+"_message", "Time")
	}
	return said
}

// sentence is the message without markup.
func (f spokenFailure) sentence() string { return f.message.Before + f.when.Words + f.message.After }

func (f spokenFailure) base() templates.Base {
	return templates.Base{Title: f.heading, Language: f.words.Tag(), Words: f.words, Private: true, SkipNote: true}
}

func (f spokenFailure) page() templates.Failure {
	page := templates.Failure{Base: f.base(), Status: f.status, Heading: f.heading, Message: f.message.Before, When: f.when,
		MessageEnd: f.message.After, Advice: f.advice}
	if f.when.Words != "" {
		page.Scripts = []string{"time.js"}
	}
	return page
}

// wholeSeconds reads a Retry-After header.
func wholeSeconds(header string) int {
	n, err := strconv.Atoi(header)
	if err != nil {
		return 0
	}
	return n
}
