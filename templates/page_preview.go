package templates

// Preview frames a questionnaire as a role would see it.
type Preview struct {
	Base
	Heading string
	Width   string // phone or desktop
	Frame   string // address of what stands in the frame
	Choices []PreviewChoice
}

// Template names the file.
func (Preview) Template() string { return "preview" }

// PreviewChoice is something that can be looked at in several ways.
type PreviewChoice struct {
	Label string
	Links []Link
}

// PreviewSheet holds all pages of a questionnaire below each other.
type PreviewSheet struct {
	Base
	Sections []PreviewSection
}

// Template names the file.
func (PreviewSheet) Template() string { return "preview_sheet" }

// PreviewSection is one page of the questionnaire.
type PreviewSection struct {
	Heading     string
	Intro       string
	Conditional bool // it is shown to some only
	Questions   []Question
}
