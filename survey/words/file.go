package words

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// formNames are the plural forms as files name them, by CLDR.
var formNames = map[string]plural.Form{
	"other": plural.Other, "zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many,
}

// mostCounted is up to where counts on pages go: forms for larger numbers alone,
// such as that of whole millions, are not needed.
const mostCounted = 1000

// parse reads the file of one language.
func parse(tag string, data []byte) (*Language, error) {
	parsed, err := language.Parse(tag)
	if err != nil {
		return nil, fmt.Errorf("%q is no tag of a language, such as de or pt-BR", tag)
	}
	l := &Language{tag: parsed, messages: make(map[string]sentence)}
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	err = members(d, func(id string) error {
		if _, twice := l.messages[id]; twice {
			return fmt.Errorf("message %s stands there twice", id)
		}
		s, err := parseSentence(d)
		if err != nil {
			return fmt.Errorf("message %s: %w", id, err)
		}
		l.messages[id] = s
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the end")
	}
	l.learn()
	return l, nil
}

// members calls take for each member of the object that follows.
func members(d *json.Decoder, take func(name string) error) error {
	switch token, err := d.Token(); {
	case err != nil:
		return err
	case token != json.Delim('{'):
		return fmt.Errorf("an object is expected, not %v", token)
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string) // keys are texts
		if err := take(name); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// parseSentence reads a text, or an object of plural forms.
func parseSentence(d *json.Decoder) (sentence, error) {
	var s sentence
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return s, err
	}
	if raw[0] == '"' {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return s, err
		}
		var err error
		s.forms[plural.Other], err = parsePhrase(text)
		return s, err
	}
	s.counted = true
	inner := json.NewDecoder(bytes.NewReader(raw))
	return s, members(inner, func(name string) error {
		form, ok := formNames[name]
		if !ok {
			return fmt.Errorf("%q is no plural form; known are %s", name, strings.Join(slices.Sorted(maps.Keys(formNames)), ", "))
		}
		var text string
		if err := inner.Decode(&text); err != nil {
			return err
		}
		if s.forms[form].literals != nil {
			return fmt.Errorf("plural form %s stands there twice", name)
		}
		var err error
		s.forms[form], err = parsePhrase(text)
		return err
	})
}

// parsePhrase takes a text apart at its {Arguments}.
func parsePhrase(text string) (phrase, error) {
	if strings.TrimSpace(text) == "" {
		return phrase{}, errors.New("the text is empty")
	}
	var p phrase
	for {
		literal, rest, found := strings.Cut(text, "{")
		if strings.ContainsRune(literal, '}') {
			return p, errors.New("a } closes nothing")
		}
		p.literals = append(p.literals, literal)
		if !found {
			return p, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			return p, errors.New("a { begins no argument such as {Count}")
		}
		p.names, text = append(p.names, name), after
	}
}

// compare refuses a language that lacks something of the other one.
func (l *Language) compare(with *Language) error {
	for id := range l.messages {
		if _, known := with.messages[id]; !known {
			return fmt.Errorf("message %s does not exist in %s", id, with.tag)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(with.messages)) {
		own, there := l.messages[id]
		if !there {
			return fmt.Errorf("message %s is missing", id)
		}
		if err := l.compareForms(own, with.messages[id]); err != nil {
			return fmt.Errorf("message %s: %w", id, err)
		}
	}
	return nil
}

func (l *Language) compareForms(own, with sentence) error {
	if own.counted != with.counted {
		return errors.New("it has plural forms in one language only; where they are alike, give other and the forms that the language needs")
	}
	names := namesOf(with.forms[plural.Other])
	for name, form := range formNames {
		needed := form == plural.Other || own.counted && l.needs(form)
		p := own.forms[form]
		switch {
		case needed && p.literals == nil:
			return fmt.Errorf("plural form %s is missing", name)
		case p.literals == nil:
			continue
		case !needed:
			return fmt.Errorf("plural form %s is of no use in this language", name)
		}
		// "One question" needs no number.
		sparing := form == plural.Zero || form == plural.One || form == plural.Two
		for _, wanted := range names {
			if !slices.Contains(p.names, wanted) && !(sparing && wanted == Count) {
				return fmt.Errorf("{%s} is missing in form %s", wanted, name)
			}
		}
		for _, there := range p.names {
			if !slices.Contains(names, there) {
				return fmt.Errorf("{%s} is no argument of this message", there)
			}
		}
	}
	return nil
}

func namesOf(p phrase) []string { return slices.Compact(slices.Sorted(slices.Values(p.names))) }

// needs says whether the language has this form for whole numbers that are counted on pages.
func (l *Language) needs(form plural.Form) bool {
	for n := range mostCounted {
		if formOf(l.tag, float64(n)) == form {
			return true
		}
	}
	return false
}
