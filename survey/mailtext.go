package survey

import (
	"slices"
	"strings"
	"unicode"
)

// MailKind is what a mail is for.
type MailKind string

// The kinds of mail.
const (
	InvitationMail MailKind = "invitation"
	ReminderMail   MailKind = "reminder"
	PasswordMail   MailKind = "password" // to somebody with an account: a link to choose a password
	ReceiptMail    MailKind = "receipt"
)

// MailText is the text of one kind of mail in one language. Body is plain text;
// what is written as HTML is made from it, so that nobody can put anything else in.
type MailText struct {
	Kind     MailKind
	Language string // BCP 47 tag
	Subject  string
	Body     string
}

// MailValues are what stands in the places of a text that are held for it. Where
// one is empty, the lines that mention it are left out.
type MailValues struct {
	Link         string // the personal link, or the one to choose a password
	Study        string
	Organization string
	Name         string
	Greeting     string // with the name where it is known
	Closes       string // end of the wave, in words
	OptOut       string // link to want no more mail
	Receipt      string
}

// mailPlaces are the names that may stand in braces, by kind; the first of each
// must stand in the body.
var mailPlaces = map[MailKind]struct{ needed, more []string }{
	InvitationMail: {[]string{"link", "optout"}, []string{"greeting", "study", "organization", "name", "closes"}},
	ReminderMail:   {[]string{"link", "optout"}, []string{"greeting", "study", "organization", "name", "closes"}},
	PasswordMail:   {[]string{"link"}, []string{"greeting", "name"}},
	ReceiptMail:    {[]string{"receipt"}, []string{"greeting", "study", "organization", "closes"}},
}

// MailPlaces lists the names that may stand in braces in a text of the kind:
// those without which it is refused, and those that it may do without.
func MailPlaces(kind MailKind) (needed, more []string) {
	p := mailPlaces[kind]
	return slices.Clone(p.needed), slices.Clone(p.more)
}

const (
	longestSubject  = 200
	longestMailBody = 20_000
)

// CheckMailText says what is wrong with a text, one sentence each; none: it can be kept.
func CheckMailText(text MailText) []string {
	places, known := mailPlaces[text.Kind]
	if !known {
		return []string{"there is no mail of the kind " + string(text.Kind)}
	}
	var wrong []string
	switch {
	case strings.TrimSpace(text.Subject) == "":
		wrong = append(wrong, "the subject is missing")
	case strings.ContainsFunc(text.Subject, unicode.IsControl):
		wrong = append(wrong, "the subject has a line break or another control character: write it in one line")
	case len([]rune(text.Subject)) > longestSubject:
		wrong = append(wrong, "the subject is longer than 200 characters")
	}
	switch {
	case strings.TrimSpace(text.Body) == "":
		return append(wrong, "the text is missing")
	case len(text.Body) > longestMailBody:
		return append(wrong, "the text is longer than 20,000 characters")
	case strings.ContainsFunc(text.Body, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }):
		wrong = append(wrong, "the text has a control character")
	}
	all := slices.Concat(places.needed, places.more)
	for _, where := range []struct{ what, text string }{{"the subject", text.Subject}, {"the text", text.Body}} {
		wrong = append(wrong, unknownPlaces(where.what, where.text, all)...)
	}
	for _, name := range places.needed {
		if !strings.Contains(text.Body, "{"+name+"}") {
			wrong = append(wrong, "the text does not have {"+name+"}: "+whyNeeded[name])
		}
	}
	for _, name := range []string{"link", "optout", "receipt"} {
		if strings.Contains(text.Subject, "{"+name+"}") {
			wrong = append(wrong, "the subject has {"+name+"}: it belongs in the text, where only the receiver reads it")
		}
	}
	return wrong
}

var whyNeeded = map[string]string{
	"link":    "without the link nobody can do what the mail asks for",
	"optout":  "everybody must be able to end the mail",
	"receipt": "it is what the mail is for",
}

// unknownPlaces finds braces in which no known name stands.
func unknownPlaces(what, text string, known []string) []string {
	var wrong []string
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		name, next, closed := strings.Cut(after, "}")
		if !closed || len(name) > 40 || strings.ContainsAny(name, "{\n") {
			wrong = append(wrong, what+" has a { that no } closes: write {link}, or leave the brace out")
			rest = after
			continue
		}
		if !slices.Contains(known, name) {
			wrong = append(wrong, what+" has {"+name+"}, which means nothing here: there are {"+strings.Join(known, "}, {")+"}")
		}
		rest = next
	}
	return wrong
}

// Fill puts the values in their places. A value is never read as a place: a study
// called {link} stays one.
func (t MailText) Fill(v MailValues) (subject, body string) {
	values := map[string]string{"link": v.Link, "study": v.Study, "organization": v.Organization, "name": v.Name, "greeting": v.Greeting,
		"closes": v.Closes, "optout": v.OptOut, "receipt": v.Receipt}
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{"+name+"}", oneLine(value))
	}
	fill := strings.NewReplacer(pairs...)
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(t.Body, "\r\n", "\n"), "\n") {
		if !hasEmptyPlace(line, values) {
			lines = append(lines, fill.Replace(strings.TrimRight(line, " \t")))
		}
	}
	return fill.Replace(t.Subject), withoutGaps(lines)
}

func hasEmptyPlace(line string, values map[string]string) bool {
	for name, value := range values {
		if strings.TrimSpace(value) == "" && strings.Contains(line, "{"+name+"}") {
			return true
		}
	}
	return false
}

// oneLine keeps a value from beginning a line, or a header.
func oneLine(value string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, value)), " ")
}

// withoutGaps joins lines; where some were left out no gap shows.
func withoutGaps(lines []string) string {
	var out []string
	for _, line := range lines {
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "\n")) + "\n"
}
