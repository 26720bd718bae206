package templates

// Home is the front page.
type Home struct {
	Base
	Studies []StudyCard
}

// StudyCard is one published study on the front page.
type StudyCard struct {
	Title string
	Words string // what it is and where its data come from
	URL   string
	State string // open, closed, planned, imported, generated
}

// Template names the file.
func (Home) Template() string { return "home" }
