package templates

import (
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
)

func TestEveryLanguageHasEveryMailAndEachCanBeKept(t *testing.T) {
	if got := strings.Join(MailLanguages(), " "); got != "ar de en es fr" {
		t.Errorf("languages: %s", got)
	}
	for _, language := range MailLanguages() {
		for _, kind := range []survey.MailKind{survey.InvitationMail, survey.ReminderMail, survey.PasswordMail, survey.ReceiptMail} {
			text := MailText(kind, language)
			if wrong := survey.CheckMailText(text); text.Language != language || len(wrong) > 0 {
				t.Errorf("%s %s: %q", language, kind, wrong)
			}
			if kind == survey.InvitationMail && (!strings.Contains(text.Body, "{closes}") || !strings.Contains(text.Body, "{study}")) {
				t.Errorf("%s does not say what it is about and until when", language)
			}
		}
	}
}

func TestAMailGreetsByNameWhereOneIsKnown(t *testing.T) {
	for language, want := range map[string][2]string{"en": {"Hello,", "Hello Ada,"}, "de-AT": {"Guten Tag,", "Guten Tag Ada,"}, "es": {"Hola:", "Hola, Ada:"},
		"fr": {"Bonjour,", "Bonjour Ada,"}, "ar": {"مرحبًا،", "مرحبًا Ada،"}} {
		if got := [2]string{MailGreeting(language, " "), MailGreeting(language, "Ada")}; got != want {
			t.Errorf("%s: %q", language, got)
		}
		for _, kind := range []survey.MailKind{survey.InvitationMail, survey.ReminderMail, survey.PasswordMail, survey.ReceiptMail} {
			if !strings.HasPrefix(MailText(kind, language).Body, "{greeting}\n") {
				t.Errorf("%s %s does not greet", language, kind)
			}
		}
	}
	if got := MailLanguageName("de-AT"); got != "German" {
		t.Errorf("de-AT is %s", got)
	}
}

func TestSomebodyIsWrittenToInTheNearestLanguage(t *testing.T) {
	for preferred, want := range map[string]string{"de": "de", "DE-at": "de", "": "en", "ja": "en", "ar": "ar", "fr-CA": "fr"} {
		if got := MailLanguage(preferred); got != want {
			t.Errorf("%q is written to in %s, expected %s", preferred, got, want)
		}
	}
}

func TestAMomentInAMailNamesItsZone(t *testing.T) {
	moment := time.Date(2026, 3, 2, 18, 5, 0, 0, time.FixedZone("CET", 3600))
	for language, want := range map[string]string{"en": "2 March 2026, 18:05 CET (UTC+1)", "de": "2. März 2026, 18:05 CET (UTC+1)", "es": "2 de marzo de 2026, 18:05 CET (UTC+1)",
		"fr": "2 mars 2026, 18:05 CET (UTC+1)", "ar": "2 مارس 2026، 18:05 CET (UTC+1)"} {
		if got := MailTime(language, moment); got != want {
			t.Errorf("%s: %q", language, got)
		}
	}
	if MailTime("en", time.Time{}) != "" {
		t.Error("no moment is written as one")
	}
}

func TestTheHTMLOfAMailHasParagraphsAndAddressesAndNothingElse(t *testing.T) {
	html, err := MailHTML("ar", "Subject <x>", "One <script>alert(1)</script>\n\nSee https://x.org/r/abc.\njavascript:alert(1) https://y.org/?a=1&b=<i>\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`lang="ar" dir="rtl"`, "One &lt;script&gt;", `href="https://x.org/r/abc"`, `</a>.<br>javascript:alert(1) <a href="https://y.org/?a=1&amp;b=%3ci%3e"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is not in %s", want, html)
		}
	}
	if strings.Contains(html, "<script") || strings.Contains(html, "<i>") {
		t.Error("text became markup")
	}
}
