package templates

// Analysis is the report on one file, a page that stands by itself.
type Analysis struct {
	ResultsBase
	Warnings []string
	Figures  []ResultsFigure
	Sections []AnalysisSection
}

// AnalysisSection is one table of the report with what is said after it.
type AnalysisSection struct {
	ID    string
	Title string
	Table DataTable
	Words []string
}

// Template names the file.
func (Analysis) Template() string { return "results_analysis" }
