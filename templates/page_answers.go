package templates

// OwnAnswers is the file in which respondents take their answers along. It stands
// alone: nothing in it is loaded from anywhere, and no address leads back.
type OwnAnswers struct {
	Base
	Study        string
	Organization string
	Code         string
	When         Moment // empty in an anonymous wave
	Sections     []OwnSection
}

// Template names the file.
func (OwnAnswers) Template() string { return "answers" }

// OwnSection is one page of the questionnaire.
type OwnSection struct {
	Heading string
	Answers []OwnAnswer
}

// OwnAnswer is one question with its answer in words.
type OwnAnswer struct {
	Key      string
	Question string
	Answer   string
	Absent   bool // Answer says how it is missing
	Long     bool
}

// OwnFiles is how a receipt gives the answers as files: by links, or by a form that
// carries the answers because nothing leads to them any more.
type OwnFiles struct {
	Fields []HiddenField
}
