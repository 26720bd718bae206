package jobs

import (
	"cmp"
	netmail "net/mail"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// Addresses of pages that stand in mails.
const (
	respondPath = "/r/"
	OptOutPath  = "/optout/" // the page that ends mail
)

// compose puts a message together. Its error is one sentence for whoever looks
// after the campaign.
func (r *Runner) compose(m store.ClaimedMail) (mail.Message, error) {
	message := mail.Message{ID: string(m.ID) + "@" + mail.Domain(r.From.Email), From: r.From, Date: r.Now()}
	if m.Single != nil {
		if m.Single.Email == "" {
			return message, survey.Errorf(survey.Invalid, "the message was sealed with another key and can not be read")
		}
		message.From.Name = cmp.Or(r.From.Name, "salesbench")
		message.To, message.Language = mail.Address{Name: m.Single.Name, Email: m.Single.Email}, m.Single.Language
		message.Subject, message.Text = m.Single.Subject, m.Single.Body
	} else {
		if m.Token == "" {
			return message, survey.Errorf(survey.Conflict, "the link of this invitation was made by hand: only its hash is kept, so that no mail can carry it")
		}
		base := strings.TrimRight(r.BaseURL, "/")
		message.To, message.Language = mail.Address{Name: m.Name, Email: m.Email}, m.Text.Language
		message.From.Name = m.Study.SenderName(r.From.Name)
		message.ReplyTo = replyTo(m.Study.Contact)
		message.Unsubscribe = base + OptOutPath + m.OptOut
		message.Subject, message.Text = m.Text.Fill(survey.MailValues{Link: base + respondPath + m.Token + "?lang=" + m.Text.Language, OptOut: message.Unsubscribe,
			Study: m.Study.Title, Organization: m.Organization, Name: m.Name, Greeting: templates.MailGreeting(m.Text.Language, m.Name), Closes: templates.MailTime(m.Text.Language, m.Closes)})
	}
	var err error
	message.HTML, err = templates.MailHTML(message.Language, message.Subject, message.Text)
	if err != nil {
		return message, survey.Errorf(survey.Internal, "the message can not be put together")
	}
	return message, nil
}

// replyTo is the contact of the study where it is a mailbox.
func replyTo(contact string) mail.Address {
	a, err := netmail.ParseAddress(strings.TrimSpace(contact))
	if err != nil || mail.CheckAddress(mail.Address{Name: a.Name, Email: a.Address}) != nil {
		return mail.Address{}
	}
	return mail.Address{Name: a.Name, Email: a.Address}
}

// Preview is a mail as a receiver would see it.
type Preview struct {
	Language  string
	Direction string // rtl where the language runs from right to left
	Subject   string
	Text      string
	HTML      string // a whole document, for a frame of its own
}

// PreviewMail shows a text with the names of the wave and links that lead nowhere.
func PreviewMail(text survey.MailText, study survey.Study, wave survey.Wave, organization string) (Preview, error) {
	p := Preview{Language: text.Language, Direction: templates.MailDirection(text.Language)}
	p.Subject, p.Text = text.Fill(survey.MailValues{Link: "https://example.org/r/the-personal-link", OptOut: "https://example.org/optout/the-link-to-end-mail",
		Study: study.Title, Organization: organization, Name: "Ada Example", Greeting: templates.MailGreeting(text.Language, "Ada Example"), Closes: templates.MailTime(text.Language, wave.Local(wave.ClosesAt)), Receipt: "7KQM-2XWD-9RTC"})
	var err error
	p.HTML, err = templates.MailHTML(text.Language, p.Subject, p.Text)
	return p, err
}
