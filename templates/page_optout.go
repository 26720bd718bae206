package templates

// OptOut asks whoever got a mail whether mail shall end, and says that it has.
type OptOut struct {
	Base
	Study      string
	Erased     bool // the address is not known any more
	Done       bool // of this study
	Everywhere bool // of all studies
	Action     string
}

// Template names the file.
func (OptOut) Template() string { return "optout" }
