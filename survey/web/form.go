package web

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
)

// What a button of a section page asks for.
const (
	goNext = "next"
	goBack = "back"
	goStop = "stop"
	goSave = "save" // the script saves in between

	goLanguage = "language-" // before a tag: the same page in another language
)

// readForm reads the posted form; what stands in the address does not count.
func readForm(c echo.Context) (url.Values, error) { return formOf(c, checkForm) }

// readLongForm is readForm for forms whose handler looks at the length of each text
// itself, and shows the form again with what was typed: then no text is too long to be
// shown, as far as the request is not.
func readLongForm(c echo.Context) (url.Values, error) { return formOf(c, checkFields) }

func formOf(c echo.Context, check func([]byte) error) (url.Values, error) {
	r := c.Request()
	if r.PostForm != nil {
		return r.PostForm, nil
	}
	if mediaType(r) != "application/x-www-form-urlencoded" {
		return nil, echo.ErrUnsupportedMediaType
	}
	buffer, err := readBody(r)
	defer bodies.Put(buffer)
	if err == nil {
		err = check(*buffer)
	}
	if err != nil {
		return nil, err
	}
	form, err := parseForm(string(*buffer))
	if err != nil {
		return nil, survey.Errorf(survey.Invalid, "what was sent is damaged and can not be read: %w", err)
	}
	r.PostForm = form // for the page that shows it again
	return form, nil
}

// parseForm is url.ParseQuery for forms as browsers send them: most names and values
// need no decoding, and few names come twice.
func parseForm(body string) (url.Values, error) {
	form, room := newForm(), make([]string, 0, strings.Count(body, "&")+1)
	for body != "" {
		var pair string
		pair, body, _ = strings.Cut(body, "&")
		if pair == "" {
			continue
		}
		if strings.IndexByte(pair, ';') >= 0 {
			return nil, errSemicolon
		}
		name, value, _ := strings.Cut(pair, "=")
		var err error
		if name, err = url.QueryUnescape(name); err != nil {
			return nil, err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, err
		}
		if earlier := form[name]; earlier != nil {
			form[name] = append(earlier, value)
			continue
		}
		room = append(room, value)
		form[name] = room[len(room)-1 : len(room) : len(room)]
	}
	return form, nil
}

// forms are used again, those of respondents: their pages hold on to nothing but texts.
var forms = sync.Pool{New: func() any { return make(url.Values, usualFields) }}

// Fields of a page, and how many a form has at most that is kept for the next one.
const (
	usualFields = 16
	mostFields  = 64
)

func newForm() url.Values {
	form, _ := forms.Get().(url.Values)
	return form
}

// releaseForm takes back what a respondent has sent, when it is answered.
func releaseForm(c echo.Context) {
	form := c.Request().PostForm
	if form == nil || len(form) > mostFields || !ofRespondents(c.Path()) {
		return
	}
	c.Request().PostForm = nil
	clear(form)
	forms.Put(form)
}

var errSemicolon = errors.New("invalid semicolon separator in query")

// one returns the value of a control as the page shows it: the last non-empty one.
func one(values map[string][]string, key string) string {
	for _, v := range slices.Backward(values[key]) {
		if strings.TrimSpace(v) != "" {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// has says whether the control was given the value.
func has(values map[string][]string, key, value string) bool {
	return slices.Contains(values[key], value)
}

// typedNumber reads a share as typed, for keeping what does not add up yet.
func typedNumber(text string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%")), ",", ".", 1), 64)
	return v, err == nil && v >= 0 && v < 1e6
}
