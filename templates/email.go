package templates

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/words"
)

// A language of mail is one file; a new file is a new language.
//
//go:embed email/*.json email/layout.html
var emailFiles embed.FS

// email are the texts of one language that come with the program.
type email struct {
	Name         string   `json:"name"` // of the language, in English: for pages of the staff
	Greeting     string   `json:"greeting"`
	GreetingName string   `json:"greeting_name"` // with {name}
	Direction    string   `json:"direction"`
	Date         string   `json:"date"` // with {day}, {month}, {year}, {time} and {zone}
	Months       []string `json:"months"`
	Texts        map[survey.MailKind]struct {
		Subject string   `json:"subject"`
		Body    []string `json:"body"` // lines
	} `json:"texts"`
}

// emails are read once: a file that can not be read stops the first test.
var emails = sync.OnceValue(func() map[string]email {
	names, err := fs.Glob(emailFiles, "email/*.json")
	if err != nil {
		panic(err)
	}
	all := make(map[string]email, len(names))
	for _, name := range names {
		data, err := emailFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		var e email
		if err := decoder.Decode(&e); err != nil || len(e.Months) != 12 {
			panic(fmt.Sprintf("templates: %s: %v", name, err))
		}
		all[strings.TrimSuffix(path.Base(name), ".json")] = e
	}
	return all
})

var emailLayout = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(emailFiles, "email/layout.html"))
})

// fallbackLanguage is that of the program itself.
const fallbackLanguage = "en"

// MailLanguages lists the languages for which there are texts, in order.
func MailLanguages() []string {
	var all []string
	for language := range emails() {
		all = append(all, language)
	}
	slices.Sort(all)
	return all
}

// MailLanguage returns the language in which to write to somebody who prefers the
// one that is given: itself, its general form, or English.
func MailLanguage(preferred string) string {
	preferred = strings.ToLower(preferred)
	for _, language := range []string{preferred, strings.SplitN(preferred, "-", 2)[0]} {
		if _, ok := emails()[language]; ok {
			return language
		}
	}
	return fallbackLanguage
}

// MailText is the text that comes with the program, in the language or in English.
func MailText(kind survey.MailKind, language string) survey.MailText {
	language = MailLanguage(language)
	text := emails()[language].Texts[kind]
	return survey.MailText{Kind: kind, Language: language, Subject: text.Subject, Body: strings.Join(text.Body, "\n") + "\n"}
}

// MailTime writes a moment as it stands in a mail, in the zone that it is in. Nobody
// knows that of the reader, so it is named; the zero time is nothing.
func MailTime(language string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	e := emails()[MailLanguage(language)]
	return strings.NewReplacer("{day}", strconv.Itoa(t.Day()), "{month}", e.Months[t.Month()-1],
		"{year}", strconv.Itoa(t.Year()), "{time}", t.Format("15:04"), "{zone}", words.Zone(t)).Replace(e.Date)
}

// emailPiece is a run of text, or an address that can be followed.
type emailPiece struct{ Text, URL string }

// MailHTML makes the HTML form of a mail from its text: paragraphs, lines and
// addresses, nothing else.
func MailHTML(language, subject, body string) (string, error) {
	language = MailLanguage(language)
	page := struct {
		Language, Direction, Subject string
		Paragraphs                   [][][]emailPiece
	}{language, emails()[language].Direction, subject, nil}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(body), "\n\n") {
		var lines [][]emailPiece
		for line := range strings.SplitSeq(paragraph, "\n") {
			lines = append(lines, emailPieces(line))
		}
		page.Paragraphs = append(page.Paragraphs, lines)
	}
	var out strings.Builder
	if err := emailLayout().Execute(&out, page); err != nil {
		return "", fmt.Errorf("templates: %w", err)
	}
	return out.String(), nil
}

// emailPieces finds addresses that begin with http:// or https:// and end at a blank.
func emailPieces(line string) []emailPiece {
	var pieces []emailPiece
	for i, word := range strings.Split(line, " ") {
		blank := " "
		if i == 0 {
			blank = ""
		}
		if strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") {
			address := strings.TrimRight(word, ".,;:!?)»“\"'")
			pieces = append(pieces, emailPiece{Text: blank}, emailPiece{URL: address}, emailPiece{Text: word[len(address):]})
			continue
		}
		pieces = append(pieces, emailPiece{Text: blank + word})
	}
	return pieces
}

// MailGreeting greets the person in the language, by name where it is known.
func MailGreeting(language, name string) string {
	e := emails()[MailLanguage(language)]
	if name = strings.TrimSpace(name); name == "" {
		return e.Greeting
	}
	return strings.Replace(e.GreetingName, "{name}", name, 1)
}

// MailLanguageName is the name of a language of mail, in English.
func MailLanguageName(language string) string { return emails()[MailLanguage(language)].Name }

// MailDirection is rtl for a language that runs from right to left, else ltr.
func MailDirection(language string) string { return emails()[MailLanguage(language)].Direction }
