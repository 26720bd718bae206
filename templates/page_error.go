package templates

// Failure is the page for everything that went wrong, in calm words.
type Failure struct {
	Base
	Status     int
	Heading    string
	Message    string
	When       Moment // follows the message, with MessageEnd behind it
	MessageEnd string
	Advice     []string // what to do now
	RequestID  string   // for whoever is asked about it; finds the line in the log
	Back       *Link
}

// Template names the file.
func (Failure) Template() string { return "error" }
