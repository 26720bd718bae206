package templates

// Consent is what a respondent reads before the first question.
type Consent struct {
	Base
	Study        string
	Organization string
	Purpose      string
	Contact      string
	MinimumGroup int
	Items        string // "55 to 60 questions"
	Minutes      string // "9 to 12 minutes"
	Closes       Moment // last day; empty: no end is set
	Late         Moment // until when drafts can be sent; empty: not after Closes
	Personal     bool   // the link is for one person
	Anonymous    bool   // nothing connects the link with the answers
	Seal         string // hash of what was sealed when the wave opened
	Instrument   string // content hash, so that what was asked can be proven
	StartKey     string // open links: makes a double click one draft
}

// Template names the file.
func (Consent) Template() string { return "consent" }

// Choice is one answer that can be chosen.
type Choice struct {
	Value   string
	Label   string
	Checked bool
	Apart   bool // a missing answer: don't know, not applicable, no answer
	Away    bool // what was searched for in a PickField is another one
}

// Section is one page of questions.
type Section struct {
	Base
	Heading     string
	Intro       string
	Page, Pages int // Pages is 0 while nobody knows how many there will be
	TimeLeft    string
	KeepLink    string // shown once to whoever came by an open link
	Notice      string // something that was changed elsewhere
	Problems    []FieldProblem
	Questions   []Question
	Seen        string // digest of what was saved for this page when it was made
	ShownAt     int64  // for the time spent on the page
	First       bool   // there is no page before this one
	Last        bool   // the review follows
}

// Template names the file.
func (Section) Template() string { return "section" }

// FieldProblem leads from the summary to the field.
type FieldProblem struct {
	Anchor   string
	Question string
	Message  string
}

// QuestionKind says which controls a question has.
type QuestionKind string

// The kinds of questions on a page.
const (
	ScaleQuestion  QuestionKind = "scale"
	ChoiceQuestion QuestionKind = "choice"
	SelectQuestion QuestionKind = "select"
	NumberQuestion QuestionKind = "number"
	SharesQuestion QuestionKind = "shares"
	TextQuestion   QuestionKind = "text"
)

// Question is one item with what was answered or typed.
type Question struct {
	Kind      QuestionKind
	Key       string // name of the control
	Text      string
	Hint      string
	Optional  bool
	Problem   string
	Focus     bool   // the first question with a problem: the page opens there
	Elsewhere string // the answer saved in another tab, where it differs
	Confirm   *Confirmation
	Choices   []Choice
	Missing   []Choice
	Value     string // as typed
	Unit      string
	Limit     string // how long a text may be, in words
	Parts     []SharePart
	Sum       string // for the script
	SumWords  string
}

// Confirmation asks for an unusual number once more.
type Confirmation struct {
	Name    string
	Value   string
	Label   string
	Checked bool
}

// SharePart is one part of an allocation.
type SharePart struct {
	Key     string
	Text    string
	Value   string
	Problem string
}

// Anchor is the id of the question on the page.
func (q Question) Anchor() string { return "q-" + q.Key }

// Described lists the ids of what describes the question's controls.
func (q Question) Described() string {
	ids := ""
	for _, part := range []struct {
		there bool
		id    string
	}{{q.Problem != "", "p-"}, {q.Elsewhere != "", "e-"}, {q.Hint != "", "h-"}, {q.Limit != "", "l-"}} {
		if part.there {
			ids += " " + part.id + q.Key
		}
	}
	if ids == "" {
		return ""
	}
	return ids[1:]
}

// Saved says that what was answered is kept, and how to come back.
type Saved struct {
	Base
	Link     string
	Continue string
	Closes   Moment
	Answered int
	Total    int // 0 while nobody knows how many there will be
}

// Template names the file.
func (Saved) Template() string { return "saved" }

// Review shows all answers before they are sent.
type Review struct {
	Base
	Back     string
	Key      string
	Digest   string
	Notice   string
	Problems []FieldProblem
	DontKnow bool // would answer every one of the problems
	Sections []ReviewSection
	Open     int // optional questions without an answer
}

// Template names the file.
func (Review) Template() string { return "review" }

// ReviewSection is one page in the review.
type ReviewSection struct {
	Heading string
	URL     string
	Answers []ReviewAnswer
	Missing int
}

// ReviewAnswer is one question with its answer in words.
type ReviewAnswer struct {
	Anchor   string
	Question string
	Answer   string
	Absent   bool // Answer says how it is missing
	Needed   bool // it must be answered before sending
	Long     bool
}

// Receipt is what a respondent keeps.
type Receipt struct {
	Base
	Study        string
	Code         string
	When         Moment
	MinimumGroup int
	Contact      string
	Anonymous    bool      // no link leads back to the page
	ForAnHour    bool      // the answers leave this page an hour after they were sent
	Own          *OwnFiles // nil: they can not be taken along from here
	Compared     []Comparison
	Sources      []Source
}

// Template names the file.
func (Receipt) Template() string { return "receipt" }

// Comparison is an own answer beside published figures.
type Comparison struct {
	Question string
	Own      string
	Agrees   bool
	Figures  []PublishedFigure
}

// PublishedFigure is one published share in words, with a number for its source.
type PublishedFigure struct {
	Words      string
	WorldClass bool
	Percent    string // width of the bar
	Source     int
}

// Source is where published figures come from.
type Source struct {
	Number int
	Title  string
	URL    string
}

// Poster is a printable sheet with the code of an open link.
type Poster struct {
	Base
	Study        string
	Organization string
	Minutes      string
	Link         string
	QRPath       string
	QRSize       int
	Closes       Moment
}

// Template names the file.
func (Poster) Template() string { return "poster" }
