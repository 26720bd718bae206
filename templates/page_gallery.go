package templates

// Gallery shows every part of the design in each of its states, for whoever works on
// it.
type Gallery struct {
	Base
	Colours   []string
	Wrong     Form // with problems: the page opens at them
	Plain     Form
	Sure      Form // destroys something
	Code      *Code
	Facts     []Detail
	Lists     []ListSection
	Progress  []Progress
	Problems  []FieldProblem
	Questions []GalleryQuestion
	Review    ReviewSection
	Results   ResultsBase
	Standings []Standing
	Figures   []*ResultsFigure
	Table     DataTable
	Groups    *GroupForm
}

// GalleryQuestion is a question in a state.
type GalleryQuestion struct {
	State    string
	Question Question
}

// Template names the file.
func (Gallery) Template() string { return "gallery" }
