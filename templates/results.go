package templates

import "encoding/json"

// ResultsBase is what every page of results has around its findings.
type ResultsBase struct {
	Base
	Eyebrow    string // study, wave, origin
	Heading    string
	Headline   string // the finding, one sentence
	Story      []string
	Origin     *Notice // where the data come from, where that matters
	Warning    *Notice // what a reader must know before believing a figure
	KeyFigures []KeyFigure
	Contents   []Link // of this page
	Caveats    []string
	Provenance []Fact
	Downloads  []Link
}

// Notice is a remark that must not be missed.
type Notice struct {
	Title string
	Words string
}

// KeyFigure is one number at the head of a page.
type KeyFigure struct {
	What   string
	Figure string
	Note   string // interval, n
}

// Fact is a name with what it stands for.
type Fact struct {
	Name  string
	Words string
}

// ResultsFigure is a chart with the same numbers as a table.
type ResultsFigure struct {
	ID      string
	Title   string
	Caption string
	Alt     string
	Data    *ChartData // nil: there is nothing to draw, the table says why
	Table   DataTable
}

// ChartData is what static/chart.js draws from.
type ChartData struct {
	Option       json.RawMessage `json:"option"`
	Narrow       json.RawMessage `json:"narrow"`
	Height       int             `json:"height"`
	NarrowHeight int             `json:"narrowHeight"`
}

// DataTable is a table of results. The first cell of a row is its heading.
type DataTable struct {
	ID      string
	Caption string
	Head    []HeadCell
	Rows    []DataRow
	Notes   []string // under the table
}

// HeadCell heads a column.
type HeadCell struct {
	Text string
	Num  bool // numbers: aligned to the right
}

// DataRow is one row; a group row has a heading only.
type DataRow struct {
	Group   string
	Heading Cell
	Cells   []Cell
}

// Cell is one figure or word.
type Cell struct {
	Text     string
	Interval string
	Why      string // why the figure is missing or weak, in words
	Small    string // a remark under the text
	URL      string
	Num      bool
	Absent   bool // withheld or not computed
	Own      bool // the reader's own organization
}

// Width is the number of columns, for group rows.
func (t DataTable) Width() int { return len(t.Head) }

// StandingList are the practices that stand out on one side.
type StandingList struct {
	Head  string // how sure they are
	Order string // what they are sorted by
	Rows  []Standing
}

// Mark is the share of a column with the mark of that column.
type Mark struct {
	Column string // own, wc, all
	Words  string
}

// Standing is a practice that stands out, as strength or gap.
type Standing struct {
	Practice string
	Marks    []Mark
	Gap      string
	Sure     string // how sure the gap is, in words
}

// CriteriaSection says by which criteria a wave is judged.
type CriteriaSection struct {
	Title     string
	Rule      string
	Words     []string
	Practices []Fact // area and statement
}

// WaveResults is the page of a wave.
type WaveResults struct {
	ResultsBase
	Waiting          string // what is needed before anything can be shown; then nothing else is on the page
	Help             *ResultsFigure
	Time             *ResultsFigure
	Gaps             *ResultsFigure
	Practices        DataTable
	GroupCaption     string // which organizations are called World-Class here
	Criteria         *CriteriaSection
	Circular         string
	Radar            *ResultsFigure
	Rows             *ResultsFigure
	Agreement        *ResultsFigure
	Tiers            DataTable
	Organizations    DataTable
	AllOrganizations *Link // nil: they are all on the page
	KPIs             *DataTable
	Matrix           *ResultsFigure
	MatrixReason     string
	Roles            *DataTable
	RolesReason      string // why there is no table of roles
	Study            *StudyStyleView
	Sample           []DataTable
	Quality          string
	Groups           *GroupForm // nil: there is nothing to choose from
}

// GroupForm puts a group together.
type GroupForm struct {
	Action  string
	Roles   []Choice
	Traits  []GroupTrait
	Answers []GroupTrait // questions; at most one of all their answers is chosen
}

// GroupTrait is something that organizations can be chosen by.
type GroupTrait struct {
	Name    string
	Title   string
	Choices []Choice
	Open    bool // shown without a click
}

// GroupResults is the page of a group of the wave.
type GroupResults struct {
	ResultsBase
	Reason    string // why there are no figures
	Practices DataTable
	Form      *GroupForm
}

// Template names the file.
func (GroupResults) Template() string { return "results_group" }

// StudyStyleView is the view of respondents under the rule of the 2012 study.
type StudyStyleView struct {
	Rule  string
	Share string
	Note  string
	Table DataTable
}

// Template names the file.
func (WaveResults) Template() string { return "results_wave" }

// OrganizationResults is the page of one organization.
type OrganizationResults struct {
	ResultsBase
	Withheld     string // why nothing is shown; everything below is empty then
	Tier         string
	TierWords    string
	Strengths    StandingList
	Gaps         StandingList
	ListsNote    string // how the figures of both lists are to be read
	Incomparable string // why there is nothing to compare with, in the place of the lists
	GapHead      string // what the figure of the practices shows
	GapFigure    *ResultsFigure
	Help         *ResultsFigure
	Time         *ResultsFigure
	Radar        *ResultsFigure
	Rows         *ResultsFigure
	Spread       *ResultsFigure // of areas without a score
	NoScore      []Fact         // why they have none
	Agreement    *ResultsFigure
	KPIs         *DataTable
	Roles        *DataTable
	RolesReason  string // why there is no table of roles
	Practices    DataTable
	PeersCaption string
	Norms        *DataTable
	Quality      string
}

// Template names the file.
func (OrganizationResults) Template() string { return "results_organization" }

// OrganizationList is the page with all organizations of a wave, a part at a time.
type OrganizationList struct {
	ResultsBase
	Search *Search
	Table  DataTable
	Pager  *Pager
	Empty  string // why there is no table
}

// Template names the file.
func (OrganizationList) Template() string { return "results_organizations" }

// AggregateResults is the page of a wave of published shares, or of one
// organization in it.
type AggregateResults struct {
	ResultsBase
	Figure        *ResultsFigure
	Themes        *DataTable
	Measures      DataTable
	Organizations []Link
}

// Template names the file.
func (AggregateResults) Template() string { return "results_aggregate" }

// MethodPage says how the results are to be read.
type MethodPage struct {
	Base
	Minimum int
}

// Template names the file.
func (MethodPage) Template() string { return "results_method" }
