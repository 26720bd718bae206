package templates

// MailPreview is a mail as a receiver would see it.
type MailPreview struct {
	Base
	Heading   string
	Language  string // of the mail
	Direction string
	Subject   string
	Text      string
}

// Template names the file.
func (MailPreview) Template() string { return "mail_preview" }
