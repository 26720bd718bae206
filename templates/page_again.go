package templates

// Again is the page for answers that could not be taken at the moment: it
// carries all of them, so that nothing typed is lost, and sends them once more.
type Again struct {
	Base
	Status  int
	Heading string
	Message string
	Wait    int // seconds that should pass before it is sent again
	Action  string
	Fields  []HiddenField
}

// HiddenField is one control of the form that was sent.
type HiddenField struct{ Name, Value string }

// Template names the file.
func (Again) Template() string { return "again" }
