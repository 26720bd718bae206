package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	mathrand "math/rand/v2"
	"regexp"
	"slices"
	"strconv"

	"github.com/salesbench/salesbench/cmd/internal/ledger"
)

// question is a control of a page, as a browser sees it.
type question struct {
	name   string
	values []string // of a choice, without the ways not to answer
	kind   kind
}

type kind int

const (
	choice kind = iota // one of the values
	scale              // one of the values, which are points of a scale
	number
	text
)

var (
	radios    = regexp.MustCompile(`<input type="radio" name="([^"]+)" value="([^"]*)"`)
	figures   = regexp.MustCompile(`<input class="text-input figure"[^>]* name="([^"]+)"`)
	textareas = regexp.MustCompile(`<textarea[^>]* name="([^"]+)"`)
	hiddens   = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	codes     = regexp.MustCompile(`[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}`)
)

// unanswered are the values of the ways not to answer.
var unanswered = []string{"", "dk", "na", "refused"}

// questionsOn reads the controls of a page.
func questionsOn(page string) []question {
	var found []question
	for _, m := range radios.FindAllStringSubmatch(page, -1) {
		i := slices.IndexFunc(found, func(q question) bool { return q.name == m[1] })
		if i < 0 {
			i, found = len(found), append(found, question{name: m[1]})
		}
		if !slices.Contains(unanswered, m[2]) {
			found[i].values = append(found[i].values, m[2])
		}
	}
	for i, q := range found {
		if slices.IndexFunc(q.values, func(v string) bool { _, err := strconv.Atoi(v); return err != nil }) < 0 {
			found[i].kind = scale
		}
	}
	for _, m := range figures.FindAllStringSubmatch(page, -1) {
		found = append(found, question{name: m[1], kind: number})
	}
	for _, m := range textareas.FindAllStringSubmatch(page, -1) {
		found = append(found, question{name: m[1], kind: text})
	}
	return found
}

// person is somebody with answers that nobody else gives.
type person struct {
	marker  string            // stands in an open answer
	key     string            // of a submission in one request
	role    string            // chosen on the first page
	typed   map[string]string // what is sent, by control
	answers ledger.Answers    // how the database shows it
}

// The controls that carry what makes a person unlike others. All other numbers
// and texts stay empty; they are optional.
const (
	countedControl = "decision_makers"
	markedControl  = "greatest_risk"
)

// newPerson answers the questions that are asked of the role.
func newPerson(role string, asked []question) *person {
	p := &person{marker: "marker-" + randomText(), key: "key-" + randomText(), role: role, typed: map[string]string{}, answers: ledger.Answers{}}
	for _, q := range asked {
		switch {
		case q.name == "role":
			p.answer(q.name, role, strconv.Itoa(1+slices.Index(q.values, role)))
		case q.kind == scale:
			v := q.values[mathrand.IntN(len(q.values))]
			p.answer(q.name, v, v)
		case q.kind == choice:
			// Always the first: what is asked next may depend on it.
			p.answer(q.name, q.values[0], "1")
		case q.name == countedControl:
			v := strconv.Itoa(1 + mathrand.IntN(9))
			p.answer(q.name, v, v)
		case q.name == markedControl:
			p.answer(q.name, p.marker, p.marker)
		}
	}
	return p
}

func (p *person) answer(name, typed, stored string) {
	p.typed[name], p.answers[name] = typed, stored
}

// document is the whole submission in one body.
func (p *person) document() []byte {
	b, err := json.Marshal(map[string]any{"key": p.key, "language": "en", "answers": p.typed})
	if err != nil {
		panic("chaos: texts can not be written as JSON: " + err.Error())
	}
	return b
}

func randomText() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // documented to never return an error
	return hex.EncodeToString(b[:])
}
