package templates

// Resend gives somebody with an account back what they typed, where it could not be
// taken: nothing of it is lost.
type Resend struct {
	Base
	Status  int
	Heading string
	Message string
	Advice  []string
	SignIn  bool // the session has ended: it is begun anew beside this page first
	Action  string
	Fields  []HiddenField
}

// Template names the file.
func (Resend) Template() string { return "resend" }
