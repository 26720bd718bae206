package templates

// TrustResults is the page that asks whether the scores of a wave can be believed.
type TrustResults struct {
	ResultsBase
	Verdicts      DataTable // per area: may organizations be compared
	Inside        string    // in how many organizations people agree
	Organizations DataTable
	Reliability   DataTable
	WeakItems     DataTable // no rows: none hurts
	Worth         DataTable
	Flags         DataTable
	Robust        DataTable
	RobustReason  string
	Response      string
	Silence       DataTable
	Source        string // who told practices and results
}

// Template names the file.
func (TrustResults) Template() string { return "results_trust" }

// DriverResults is the page of what goes together with results.
type DriverResults struct {
	ResultsBase
	Reason   string // why there is nothing to show
	Outcomes []OutcomeView
}

// OutcomeView is one result with what goes together with it.
type OutcomeView struct {
	ID     string
	Title  string
	Words  string
	Map    *ResultsFigure
	Shares *DataTable
	Single DataTable
	Open   bool // shown without a click
}

// Template names the file.
func (DriverResults) Template() string { return "results_drivers" }
