package templates

import (
	"slices"

	"github.com/salesbench/salesbench/survey"
)

// FormPage is a page with one form.
type FormPage struct {
	Base
	Eyebrow string
	Heading string
	Lead    string
	Buttons []Link // ways without the form
	Code    *Code
	Facts   []Detail
	Form    Form
	Notes   []string
	Links   []Link // other ways on, below the form
}

// Template names the file.
func (FormPage) Template() string { return "form" }

// Code is a QR code, with what it is for whoever can not see it.
type Code struct {
	Path  string // of an SVG, one unit per module
	Size  int
	Label string
}

// Form is a form of the staff's pages. What was typed comes back with its problems.
type Form struct {
	Action string // empty: the address of the page, without a fragment, which would take the focus from the problems
	Submit string
	Look   string // sends the form with go=look: it is shown what would come of it; empty: no such button
	Danger bool   // it destroys something: the button says what
	Quiet  bool   // it is beside what is mostly wanted
	Upload bool   // it has a file
	Tell   bool   // where scripts run it says in which time zone the browser is
	Zone   string // in which its moments are typed; set with the page
	Get    bool   // it asks for a page and changes nothing
	User   string // whose password it is about, for programs that keep passwords
	Hidden []Hidden
	Was    string // what the fields were filled with, to be told when they have changed meanwhile
	Fields []Field
	Cancel *Link
	Error  string // what is wrong with the form as a whole
}

// Hidden is a value that nobody sees.
type Hidden struct{ Name, Value string }

// FieldKind says which control a field has.
type FieldKind string

// The kinds of fields.
const (
	TextField     FieldKind = "text"
	EmailField    FieldKind = "email"
	PasswordField FieldKind = "password"
	NumberField   FieldKind = "number"
	TimeField     FieldKind = "datetime-local"
	AreaField     FieldKind = "area"
	SelectField   FieldKind = "select"
	RadioField    FieldKind = "radio"
	CheckField    FieldKind = "check" // one box; Value says what it sends
	ChecksField   FieldKind = "checks"
	PickField     FieldKind = "pick" // boxes, too many to be read: Value is what was searched for among them
	FileField     FieldKind = "file"
)

// Field is one control with its label.
type Field struct {
	Kind         FieldKind
	Name         string
	Label        string
	Hint         string
	Value        string
	Problem      string
	Autocomplete string
	Language     string // of what is typed, where that is not English
	Direction    string // rtl where that language runs from right to left
	Required     bool
	Checked      bool // of a CheckField
	Focus        bool
	Unit         string
	Zone         string // of a TimeField that comes back as it was typed; empty: Value is in UTC
	Suggest      bool   // of a SelectField: where scripts run the zone of the browser is chosen
	Rows         int    // of an AreaField
	Accept       string
	Options      []Choice
	Suggested    []Choice // what a TextField offers; other words are taken, too
}

// ID is the id of the control.
func (f Field) ID() string { return "f-" + f.Name }

// Suggestions is the id of the list of what is offered.
func (f Field) Suggestions() string { return "o-" + f.Name }

// Described lists the ids of what describes the control.
func (f Field) Described() string {
	switch {
	case f.Problem != "" && f.Hint != "":
		return "p-" + f.Name + " h-" + f.Name
	case f.Problem != "":
		return "p-" + f.Name
	case f.Hint != "":
		return "h-" + f.Name
	}
	return ""
}

// Grouped says whether the field is several boxes under one legend.
func (f Field) Grouped() bool {
	return f.Kind == RadioField || f.Kind == ChecksField || f.Kind == PickField
}

// Count says how many of the boxes are ticked, and shown.
func (f Field) Count() string {
	ticked, shown := 0, 0
	for _, option := range f.Options {
		if option.Checked {
			ticked++
		}
		if !option.Away {
			shown++
		}
	}
	words := survey.Thousands(ticked) + " of " + survey.Thousands(len(f.Options)) + " ticked"
	if shown < len(f.Options) {
		words += ", " + survey.Thousands(shown) + " shown"
	}
	return words
}

// Picks says whether a field has buttons of its own, so that Enter elsewhere must not
// press them.
func (f Form) Picks() bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool { return field.Kind == PickField })
}

// Problems are the fields that must be looked at again.
func (f Form) Problems() []Field {
	var wrong []Field
	for _, field := range f.Fields {
		if field.Problem != "" {
			wrong = append(wrong, field)
		}
	}
	return wrong
}
