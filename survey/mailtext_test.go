package survey_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func invitation(body string) survey.MailText {
	return survey.MailText{Kind: survey.InvitationMail, Language: "en", Subject: "About {study}", Body: body}
}

const enough = "{link}\n{optout}\n"

func TestATextOfMailIsRefusedWithASentenceForEachMistake(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*survey.MailText)
		says   string
	}{
		"no link":         {func(m *survey.MailText) { m.Body = "{optout}" }, "does not have {link}"},
		"no way out":      {func(m *survey.MailText) { m.Body = "{link}" }, "everybody must be able to end the mail"},
		"unknown":         {func(m *survey.MailText) { m.Body += "{firstname}" }, "{firstname}, which means nothing here: there are {link}, {optout}, {greeting}, {study}"},
		"open brace":      {func(m *survey.MailText) { m.Body += "{link" }, "a { that no } closes"},
		"link in subject": {func(m *survey.MailText) { m.Subject = "{link}" }, "only the receiver reads it"},
		"line in subject": {func(m *survey.MailText) { m.Subject = "a\r\nBcc: b@c.org" }, "line break"},
		"no subject":      {func(m *survey.MailText) { m.Subject = " " }, "the subject is missing"},
		"no text":         {func(m *survey.MailText) { m.Body = "\n" }, "the text is missing"},
		"too long":        {func(m *survey.MailText) { m.Body += strings.Repeat("x", 30_000) }, "longer than 20,000"},
		"control":         {func(m *survey.MailText) { m.Body += "\x00" }, "control character"},
		"kind":            {func(m *survey.MailText) { m.Kind = "advertisement" }, "no mail of the kind"},
	} {
		text := invitation(enough)
		c.change(&text)
		if wrong := survey.CheckMailText(text); !strings.Contains(strings.Join(wrong, "\n"), c.says) {
			t.Errorf("%s: %q", name, wrong)
		}
	}
	if wrong := survey.CheckMailText(invitation("{study} {organization} {name} {greeting} {closes}\n" + enough)); wrong != nil {
		t.Errorf("a good text: %q", wrong)
	}
}

func TestALineWithNothingToSayIsLeftOut(t *testing.T) {
	text := invitation("Hello {name},\n\nplease answer.\n\nOpen until {closes}.\n\n" + enough)
	_, body := text.Fill(survey.MailValues{Link: "https://x/r/1", OptOut: "https://x/optout/2", Study: "S"})
	if body != "please answer.\n\nhttps://x/r/1\nhttps://x/optout/2\n" {
		t.Errorf("%q", body)
	}
}

func TestAValueIsNeverReadAsAPlaceOrALine(t *testing.T) {
	text := invitation("{study}\n" + enough)
	subject, body := text.Fill(survey.MailValues{Link: "https://x/r/1", OptOut: "https://x/o", Study: "{link}\r\nBcc: all@example.org"})
	if subject != "About {link} Bcc: all@example.org" || strings.Count(body, "https://x/r/1") != 1 {
		t.Errorf("%q %q", subject, body)
	}
}

func FuzzAMailTextThatIsAcceptedFillsCompletely(f *testing.F) {
	f.Add("About {study}", "Hello {name}\n"+enough)
	f.Add("{", "}{")
	f.Fuzz(func(t *testing.T, subject, body string) {
		text := survey.MailText{Kind: survey.InvitationMail, Subject: subject, Body: body}
		if survey.CheckMailText(text) != nil {
			return
		}
		s, b := text.Fill(survey.MailValues{Link: "L", OptOut: "O", Study: "S", Organization: "R", Name: "N", Closes: "C"})
		if strings.ContainsAny(s, "\r\n") || !strings.Contains(b, "L") || !strings.Contains(b, "O") {
			t.Errorf("%q becomes %q", text, []string{s, b})
		}
		if i := slices.IndexFunc([]string{"{link}", "{optout}", "{study}", "{name}"}, func(p string) bool { return strings.Contains(s+b, p) }); i >= 0 {
			t.Errorf("a place is left in %q", s+b)
		}
	})
}
