package templates

// MailPreview is a mail as a receiver would see it.
type MailPreview struct {
	Base
	Heading string
	Letter  Letter
}

// Template names the file.
func (MailPreview) Template() string { return "mail_preview" }

// Letter is a mail inside a page, in its own language.
type Letter struct {
	Language  string
	Direction string
	Subject   string
	Text      string
}
