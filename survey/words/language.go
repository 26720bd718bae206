package words

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Language says things in one language.
type Language struct {
	tag       language.Tag
	direction string
	messages  map[string]sentence
	decimal   string // between whole and fraction
	minus     string
	printer   *message.Printer
}

// sentence is one message: its forms by plural form, or Other alone.
type sentence struct {
	forms   [plural.Many + 1]phrase
	counted bool
}

// phrase is a text with places for values: literals and names take turns.
type phrase struct {
	literals []string // one more than names
	names    []string
}

// nameMessage is the name of the language in itself.
const nameMessage = "language_name"

// Count names the value on which the plural form depends.
const Count = "Count"

// Tag is the BCP 47 tag.
func (l *Language) Tag() string { return l.tag.String() }

// Direction is ltr or rtl.
func (l *Language) Direction() string { return l.direction }

// Name is the name of the language in itself.
func (l *Language) Name() string { return l.Say(nameMessage) }

// learn finds out how numbers are written. Arabic has Latin digits here, as in its
// western half: codes, addresses and the keys of most phones have them, too.
func (l *Language) learn() {
	tag := l.tag
	if latin, err := tag.SetTypeForKey("nu", "latn"); err == nil {
		tag = latin
	}
	l.direction = DirectionOf(l.Tag())
	l.printer = message.NewPrinter(tag)
	l.decimal = strings.Trim(l.printer.Sprint(number.Decimal(1.5)), "15")
	l.minus = strings.TrimSuffix(l.printer.Sprint(number.Decimal(-1)), "1")
}

// Has says whether there is such a message.
func (l *Language) Has(id string) bool {
	_, ok := l.messages[id]
	return ok
}

// Say returns the message. Pairs are names of arguments with their values: texts
// as they are, numbers as the language writes them; Count chooses the plural form. A
// message or value that does not exist is a programmer's mistake and panics.
func (l *Language) Say(id string, pairs ...any) string {
	s, ok := l.messages[id]
	if !ok {
		panic("words: no message " + id)
	}
	form := plural.Other
	if s.counted {
		form = l.form(pairs)
	}
	p := &s.forms[form]
	if len(p.names) == 0 {
		return p.literals[0]
	}
	var b strings.Builder
	for i, name := range p.names {
		b.WriteString(p.literals[i])
		b.WriteString(l.value(id, name, pairs))
	}
	b.WriteString(p.literals[len(p.names)])
	return b.String()
}

func (l *Language) value(id, name string, pairs []any) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != name {
			continue
		}
		switch v := pairs[i+1].(type) {
		case string:
			return l.isolated(v)
		case int:
			return l.Number(float64(v))
		case float64:
			return l.Number(v)
		}
	}
	panic("words: message " + id + " has no value " + name)
}

// hole is a value that is not isolated: something else comes to its place.
const hole = "\x00"

// isolated keeps a text of the other direction from turning what is around it.
func (l *Language) isolated(text string) string {
	if l.direction == "ltr" || text == "" || text == hole {
		return text
	}
	return "\u2068" + text + "\u2069"
}

// Around returns what the message says before and after one of its arguments,
// for an element in its place.
func (l *Language) Around(id, name string, pairs ...any) Surroundings {
	before, after, _ := strings.Cut(l.Say(id, append(pairs, name, hole)...), hole)
	return Surroundings{before, after}
}

// Surroundings are the two sides of an argument.
type Surroundings struct{ Before, After string }

// form is the plural form that Count asks for.
func (l *Language) form(pairs []any) plural.Form {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != Count {
			continue
		}
		switch v := pairs[i+1].(type) {
		case int:
			return formOf(l.tag, float64(v))
		case float64:
			return formOf(l.tag, v)
		}
	}
	panic("words: a message with plural forms has no " + Count)
}

// formOf asks CLDR. Its operands are the whole part, the number of decimals and the
// decimals as a number (UTS 35, plural rules).
func formOf(tag language.Tag, v float64) plural.Form {
	whole, decimals, _ := strings.Cut(strconv.FormatFloat(max(v, -v), 'f', -1, 64), ".")
	const digits = 9 // what does not fit changes no form
	i, _ := strconv.Atoi(whole[max(0, len(whole)-digits):])
	decimals = decimals[:min(len(decimals), digits)]
	f, _ := strconv.Atoi(decimals)
	return plural.Cardinal.MatchPlural(tag, i, len(decimals), len(decimals), f, f)
}

// grouped is the number from which thousands are set apart.
const grouped = 10_000

// Number writes a number as a person of this language reads it.
func (l *Language) Number(v float64) string {
	if v >= grouped || v <= -grouped {
		return l.printer.Sprint(number.Decimal(v, number.MaxFractionDigits(9)))
	}
	return l.pointed(strconv.FormatFloat(v, 'f', -1, 64))
}

// Typed writes a number as a person of this language would type it: without anything
// between thousands, and so that its decimals can not be taken for thousands.
func (l *Language) Typed(v float64) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if at := strings.IndexByte(text, '.'); at >= 0 && len(text)-at-1 == 3 {
		text += "0"
	}
	return l.pointed(text)
}

func (l *Language) pointed(text string) string {
	if l.decimal == "." {
		return text
	}
	return strings.Replace(text, ".", l.decimal, 1)
}

// Time writes a point in time with the name of its zone.
func (l *Language) Time(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = l.Say("day_first")
	}
	return l.Say("date_time", "Day", day, "Month", l.Say("month_"+strconv.Itoa(int(t.Month()))),
		"Year", strconv.Itoa(t.Year()), "Time", t.Format("15:04"), "Zone", Zone(t))
}
