package web

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
	"golang.org/x/text/unicode/norm"
)

// goodKey is the form of keys that stand in addresses.
var goodKey = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)

// longestKey is how many characters a key has at most.
const longestKey = 60

// shortName asks for the key of something new.
func shortName(madeFrom string) templates.Field {
	return templates.Field{Kind: templates.TextField, Name: "key", Label: "Short name", Autocomplete: "off",
		Hint: "Empty: made from the " + madeFrom + ". Small letters, digits and hyphens; it stands in addresses and can not be changed later."}
}

// spelled are letters that have no simpler form in Unicode.
var spelled = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "þ", "th", "ı", "i")

// keyFrom makes a key from a title; empty: it has no letter that can stand in one.
func keyFrom(title string) string {
	var key strings.Builder
	for _, r := range norm.NFKD.String(spelled.Replace(strings.ToLower(title))) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			key.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’': // belongs to the letter before
		case !strings.HasSuffix(key.String(), "-"):
			key.WriteByte('-')
		}
	}
	return cutKey(key.String(), longestKey)
}

// cutKey shortens a key, where that is possible between two words.
func cutKey(key string, most int) string {
	key = strings.Trim(key, "-")
	if len(key) <= most {
		return key
	}
	key = key[:most]
	if i := strings.LastIndexByte(key, '-'); i > most/2 {
		key = key[:i]
	}
	return strings.Trim(key, "-")
}

// typedKey reads the short name of something new, or makes it from its title, and
// marks what is wrong with it. Find is nil where something has the key already.
func typedKey(form url.Values, title, what string, into *templates.Form, find func(key string) error) (string, error) {
	key := one(form, "key")
	switch {
	case key == "" && title == "":
		return "", nil // the title is asked for
	case key == "":
		if key = keyFrom(title); key == "" {
			return "", fieldProblem(into, "key", survey.Errorf(survey.Invalid, "please give one: none can be made from these letters"))
		}
	case !goodKey.MatchString(key):
		return key, fieldProblem(into, "key", survey.Errorf(survey.Invalid, "this can not stand in an address: use up to %d small letters, digits and hyphens", longestKey))
	}
	err := find(key)
	if err != nil {
		return key, ifFound(err)
	}
	for n := 2; n < 100; n++ {
		free := cutKey(key, longestKey-3) + fmt.Sprintf("-%d", n)
		if err := find(free); err != nil {
			if ifFound(err) == nil {
				setValue(into, "key", free)
				err = fieldProblem(into, "key", survey.Errorf(survey.Conflict, "there is %s %q already; %q is free", what, key, free))
			}
			return key, err
		}
	}
	return key, fieldProblem(into, "key", survey.Errorf(survey.Conflict, "there is %s %q already: take another name", what, key))
}

// ifFound lets all errors pass but that nothing was found.
func ifFound(err error) error {
	if survey.KindOf(err) == survey.NotFound {
		return nil
	}
	return err
}

// setValue puts a value into a field.
func setValue(form *templates.Form, name, value string) {
	for i := range form.Fields {
		if form.Fields[i].Name == name {
			form.Fields[i].Value = value
		}
	}
}
