package templates

func init() {
	base := ResultsBase{Heading: "Can these scores be trusted?", Headline: "Yes.", Story: []string{"A."}, Caveats: []string{"B."}}
	table := func(id string) DataTable {
		return DataTable{ID: id, Caption: "Caption", Head: []HeadCell{{Text: "Area"}, {Text: "Alpha", Num: true}},
			Rows: []DataRow{{Heading: Cell{Text: "Area </td>"}, Cells: []Cell{{Text: ".80", Interval: ".75 to .85", Num: true}}}}}
	}
	shares := table("shares")
	samples = append(samples,
		Analysis{ResultsBase: ResultsBase{Base: Base{Private: true, Wide: true}, Heading: "Analysis of a.csv", Provenance: []Fact{{Name: "File", Words: "a.csv"}}},
			Warnings: []string{"Few."}, Figures: []ResultsFigure{{ID: "f1", Title: "Gaps", Alt: "Alt", Data: &ChartData{Option: []byte("{}")}, Table: table("f1-table")}},
			Sections: []AnalysisSection{{ID: "s1", Title: "Items", Table: table("s1"), Words: []string{"Note."}}}},
		OrganizationResults{ResultsBase: base, NoScore: []Fact{{Name: "Area", Words: "No common view."}}, Spread: &ResultsFigure{ID: "no-score-spread", Title: "Spread", Table: table("no-score-table")}},
		TrustResults{ResultsBase: base, Verdicts: table("v"), Inside: "In most.", Organizations: table("o"), Reliability: table("r"), WeakItems: table("w"), Worth: table("n"),
			Flags: table("f"), Robust: table("b"), RobustReason: "Nobody.", Response: "Half.", Silence: table("s"), Source: "The same."},
		DriverResults{ResultsBase: base, Reason: "Nothing.", Outcomes: []OutcomeView{{ID: "o1", Title: "Win rate", Words: "Words.",
			Map: &ResultsFigure{ID: "m", Title: "Map", Alt: "Alt", Data: &ChartData{Option: []byte("{}")}, Table: table("m-table")}, Shares: &shares, Single: table("one"), Open: true}}})
}
