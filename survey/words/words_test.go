package words

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// folder is the embedded files with one changed or added.
func folder(t *testing.T, name, content string) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for _, tag := range Embedded().Tags() {
		data, err := os.ReadFile(tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		all[tag+".json"] = &fstest.MapFile{Data: data}
	}
	all[name] = &fstest.MapFile{Data: []byte(content)}
	return all
}

func file(t *testing.T, tag string) string {
	t.Helper()
	data, err := os.ReadFile(tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheProgramSpeaksFiveLanguages(t *testing.T) {
	names := map[string]string{}
	for _, l := range Embedded().Languages() {
		names[l.Tag()] = l.Name() + " " + l.Direction()
	}
	want := map[string]string{"en": "English ltr", "ar": "العربية rtl", "de": "Deutsch ltr", "es": "Español ltr", "fr": "Français ltr"}
	if !maps.Equal(names, want) {
		t.Errorf("%v", names)
	}
	if first := Embedded().Tags()[0]; first != "en" {
		t.Errorf("the first is %s", first)
	}
}

func TestOneMoreFileIsOneMoreLanguage(t *testing.T) {
	// Welsh has all six plural forms.
	made := strings.ReplaceAll(file(t, "ar"), "العربية", "Cymraeg")
	c, err := Read(folder(t, "cy.json", made))
	if err != nil {
		t.Fatal(err)
	}
	l := c.For("cy-GB")
	if l.Name() != "Cymraeg" || l.Direction() != "ltr" || !slices.Contains(c.Tags(), "cy") {
		t.Errorf("%s %s %v", l.Name(), l.Direction(), c.Tags())
	}
}

func TestNoMessageIsEnglishByAccident(t *testing.T) {
	english := Embedded().English()
	// Words that are the same, or are names.
	same := []string{"unit_percent", "amount_percent", "day_first", "date_time", "compared_you", "figure_published", "unit_minutes", "amount_minutes", "minutes_span", "questions_span"}
	for _, l := range Embedded().Languages()[1:] {
		for id, s := range l.messages {
			own, theirs := s.forms[0], english.messages[id].forms[0]
			if slices.Equal(own.literals, theirs.literals) && !slices.Contains(same, id) && len(own.literals[0]) > 0 && !strings.HasPrefix(id, "month_") {
				t.Errorf("%s: %s is as in English: %q", l.Tag(), id, own.literals)
			}
			length, measure := len([]rune(strings.Join(own.literals, ""))), len([]rune(strings.Join(theirs.literals, "")))
			if length > 2*measure+20 || measure > 3*length+10 {
				t.Errorf("%s: %s has %d characters, English %d", l.Tag(), id, length, measure)
			}
		}
	}
}

func TestAFileThatLacksSomethingIsRefusedWithTheReason(t *testing.T) {
	german, arabic := file(t, "de"), file(t, "ar")
	for name, c := range map[string]struct{ file, content, says string }{
		"a message":            {"de.json", strings.Replace(german, `"next": "Weiter",`, "", 1), "message next is missing"},
		"an unknown message":   {"de.json", strings.Replace(german, `"next":`, `"nekst":`, 1), "message nekst does not exist in en"},
		"a message twice":      {"de.json", strings.Replace(german, `"next": "Weiter",`, `"next": "Weiter", "next": "Vor",`, 1), "message next stands there twice"},
		"an empty message":     {"de.json", strings.Replace(german, `"next": "Weiter"`, `"next": " "`, 1), "message next: the text is empty"},
		"an argument":          {"de.json", strings.Replace(german, `"Seite {Page} von {Pages}"`, `"Seite {Page}"`, 1), "message page_of: {Pages} is missing in form other"},
		"another argument":     {"de.json", strings.Replace(german, `"Seite {Page} von {Pages}"`, `"Seite {Page} von {Pages} {Seiten}"`, 1), "{Seiten} is no argument"},
		"an open argument":     {"de.json", strings.Replace(german, `"Seite {Page} von`, `"Seite {Page von`, 1), "message page_of: a { begins no argument"},
		"a closed nothing":     {"de.json", strings.Replace(german, `"Seite {Page} von`, `"Seite Page} von`, 1), "a } closes nothing"},
		"plural forms":         {"de.json", strings.Replace(german, `{"one": "noch etwa 1 Minute", "other": "noch etwa {Count} Minuten"}`, `"noch etwa {Count} Minuten"`, 1), "message minutes_left: it has plural forms in one language only"},
		"one plural form":      {"ar.json", strings.Replace(arabic, `"few": "{Count} أشهر", `, "", 1), "message amount_months: plural form few is missing"},
		"a useless form":       {"de.json", strings.Replace(german, `{"one": "{Count} Monat",`, `{"few": "{Count} Monate", "one": "{Count} Monat",`, 1), "plural form few is of no use"},
		"a form of no kind":    {"de.json", strings.Replace(german, `{"one": "{Count} Monat",`, `{"einer": "{Count} Monat",`, 1), `"einer" is no plural form`},
		"a form twice":         {"de.json", strings.Replace(german, `{"one": "{Count} Monat",`, `{"one": "x", "one": "{Count} Monat",`, 1), "plural form one stands there twice"},
		"a number":             {"de.json", strings.Replace(german, `"next": "Weiter"`, `"next": 7`, 1), "message next"},
		"a broken end":         {"de.json", strings.TrimSuffix(strings.TrimSpace(german), "}"), "de.json"},
		"a second document":    {"de.json", german + "{}", "something stands behind the end"},
		"no tag of a language": {"deutsch-de-de-x.json", german, "is no tag of a language"},
		"no UTF-8":             {"de.json", strings.Replace(german, "Weiter", "\xff", 1), "not UTF-8"},
		"a list":               {"de.json", "[]", "an object is expected"},
	} {
		if _, err := Read(folder(t, c.file, c.content)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if _, err := Read(fstest.MapFS{"de.json": &fstest.MapFile{Data: []byte(german)}}); err == nil {
		t.Error("a catalogue without English is read")
	}
}

func TestEachNumberHasItsPluralForm(t *testing.T) {
	arabic, french := Embedded().For("ar"), Embedded().For("fr")
	for n, want := range map[int]string{0: "0 شهر", 1: "شهر واحد", 2: "شهران", 3: "3 أشهر", 11: "11 شهرًا", 100: "100 شهر", 102: "102 شهر", 103: "103 أشهر"} {
		if got := arabic.Say("amount_months", Count, n, "Number", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := french.Say("minutes_left", Count, 0) + french.Say("amount_persons", Count, 1.5); got != "encore 0 minute environ1,5 personne" {
		t.Errorf("French: %q", got)
	}
	if got := Embedded().English().Say("amount_months", Count, 1.5); got != "1.5 months" {
		t.Errorf("English: %q", got)
	}
}

func TestNumbersAreWrittenAsInTheLanguage(t *testing.T) {
	for tag, want := range map[string]string{"en": "12.5 9999 1,234,567.25", "de": "12,5 9999 1.234.567,25", "es": "12,5 9999 1.234.567,25", "fr": "12,5 9999 1\u00a0234\u00a0567,25", "ar": "12.5 9999 1,234,567.25"} {
		l := Embedded().For(tag)
		if got := l.Number(12.5) + " " + l.Number(9999) + " " + l.Number(1234567.25); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestANumberInAControlIsReadInOneWayOnly(t *testing.T) {
	for v, want := range map[float64]string{1.234: "1,2340", 12.5: "12,5", 1500: "1500", -3.25: "-3,25", 0: "0", 0.125: "0,1250"} {
		if got := Embedded().For("de").Typed(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}

func TestDatesAreWrittenAsInTheLanguage(t *testing.T) {
	at := time.Date(2026, time.March, 1, 9, 5, 0, 0, time.UTC)
	for tag, want := range map[string]string{"en": "1 March 2026, 09:05 UTC", "de": "1. März 2026, 09:05 Uhr UTC", "es": "1 de marzo de 2026, 09:05 UTC", "fr": "1er mars 2026, 09:05 UTC"} {
		if got := Embedded().For(tag).Time(at); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	arabic := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(Embedded().For("ar").Time(at))
	if arabic != "1 مارس 2026، 09:05 UTC" {
		t.Errorf("ar: %q", arabic)
	}
}

func TestTextsOfTheOtherDirectionAreIsolated(t *testing.T) {
	if got := Embedded().For("ar").Say("receipt_contact", "Contact", "ada@example.org"); !strings.Contains(got, "\u2068ada@example.org\u2069") {
		t.Errorf("%q", got)
	}
	around := Embedded().For("ar").Around("poster_closes", "Time")
	if around.Before != "مفتوح حتى " || around.After != "." {
		t.Errorf("%+v", around)
	}
}

func TestTheBrowsersLanguageIsFound(t *testing.T) {
	offered := []string{"en", "de", "fr", "ar"}
	for accept, want := range map[string]string{
		"": "en", "de": "de", "de-AT,de;q=0.9,en;q=0.8": "de", "ar-EG": "ar", "fr-CA, en;q=0.5": "fr", "ja": "en", "it, fr;q=0.4": "fr",
		"de;q=0.1, fr;q=0.9": "fr", "*": "en", "x;;;": "en", strings.Repeat("a,", 5000): "en", "de;q=0, fr": "fr", "\x00": "en",
	} {
		if got := Best(accept, offered); got != want {
			t.Errorf("%.40q: %s, want %s", accept, got, want)
		}
	}
	if got := Best("de", nil); got != "en" {
		t.Errorf("nothing is offered: %s", got)
	}
}

func TestAMessageThatDoesNotExistPanics(t *testing.T) {
	for name, act := range map[string]func(){
		"message": func() { Embedded().English().Say("no_such") },
		"value":   func() { Embedded().English().Say("page") },
		"count":   func() { Embedded().English().Say("minutes_left") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			act()
		}()
	}
}

func BenchmarkAMessageWithValues(b *testing.B) {
	l := Embedded().For("ar")
	for b.Loop() {
		_ = l.Say("amount_months", Count, 11)
	}
}
