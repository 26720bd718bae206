package templates

// ResultsLoading is the page of results that are not there yet. It is sent with a
// header that has the browser look again.
type ResultsLoading struct {
	Base
	Eyebrow string // study and wave
	Heading string
	Words   string // how far it has come
	Percent int
	// Computing says that all is read: how far the figures are, nobody knows.
	Computing bool
}

// Template names the file.
func (ResultsLoading) Template() string { return "results_loading" }
