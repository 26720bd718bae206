package templates

func init() {
	fields := []Field{
		{Kind: TextField, Name: "name", Label: "Name", Hint: "As on a card.", Value: `"><b>`, Problem: "Missing.", Required: true, Focus: true, Autocomplete: "name"},
		{Kind: EmailField, Name: "email", Label: "Address", Problem: "No address."},
		{Kind: PasswordField, Name: "password", Label: "Password", Hint: "Long."},
		{Kind: NumberField, Name: "count", Label: "Count", Unit: "people"},
		{Kind: TimeField, Name: "opens", Label: "Opens"},
		{Kind: AreaField, Name: "purpose", Label: "Purpose", Rows: 4, Value: "To learn."},
		{Kind: SelectField, Name: "role", Label: "Role", Options: []Choice{{Value: "a", Label: "A", Checked: true}}},
		{Kind: RadioField, Name: "mode", Label: "Mode", Options: []Choice{{Value: "a", Label: "A", Checked: true}}},
		{Kind: ChecksField, Name: "orgs", Label: "Organizations", Options: []Choice{{Value: "a", Label: "A", Checked: true}}},
		{Kind: PickField, Name: "picked", Label: "Organizations", Value: "a", Problem: "None.", Options: []Choice{{Value: "a", Label: "A", Checked: true}, {Value: "b", Label: "B", Away: true}}},
		{Kind: TextField, Name: "fact", Label: "Fact", Suggested: []Choice{{Value: "a", Label: "A"}}},
		{Kind: CheckField, Name: "sure", Label: "I am sure", Value: "yes", Checked: true, Problem: "Not sure."},
		{Kind: FileField, Name: "file", Label: "File", Accept: ".csv"},
	}
	form := Form{Action: "/x", Submit: "Save", Danger: true, Upload: true, User: "ada@example.org", Hidden: []Hidden{{"a", "b"}}, Fields: fields, Cancel: &Link{Text: "Back", URL: "/"}}
	base := Base{Title: "T", Account: "Ada", Crumbs: []Link{{Text: "Studies", URL: "/studies"}, {Text: "Here", Current: true}}, Notice: "Saved.", Wide: true}
	samples = append(samples,
		Gallery{Base: base, Colours: []string{"ink"}, Wrong: form, Code: &Code{Path: "M0 0z", Size: 1, Label: "QR"}, Facts: []Detail{{Name: "Key", Value: "ABCD", Code: true}},
			Lists: []ListSection{{Heading: "None", Words: "W", List: List{ID: "gallery-none", Empty: "None."}}}, Progress: []Progress{{Words: "waits"}, {Done: 1, Total: 2, Words: "half"}},
			Problems: []FieldProblem{{Anchor: "q-a", Question: "A?", Message: "m"}}, Questions: []GalleryQuestion{{State: "plain", Question: Question{Kind: TextQuestion, Key: "a", Text: "A"}}},
			Review:  ReviewSection{Answers: []ReviewAnswer{{Question: "A?", Answer: "none", Absent: true, Long: true}, {Question: "B?", Answer: "needed", Needed: true}}},
			Results: ResultsBase{KeyFigures: []KeyFigure{{What: "W", Figure: "1", Note: "n"}}}, Standings: []Standing{{Practice: "P"}}, Figures: []*ResultsFigure{{ID: "figure", Title: "T"}}, Groups: &GroupForm{Action: "/g"}},
		MailPreview{Base: base, Heading: "H", Letter: Letter{Language: "ar", Direction: "rtl", Subject: "S", Text: "T"}},
		FormPage{Base: base, Eyebrow: "E", Heading: "H", Lead: "L", Form: form, Buttons: []Link{{Text: "Elsewhere", URL: "/e", Current: true}}, Code: &Code{Path: "M0 0h1v1h-1z", Size: 1, Label: "QR"}, Facts: []Detail{{Name: "Key", Value: "ABCD", Code: true}}, Notes: []string{"N"}, Links: []Link{{Text: "More", URL: "/more"}}},
		Preview{Base: base, Heading: "H", Width: "phone", Frame: "/x", Choices: []PreviewChoice{{Label: "Role", Links: []Link{{Text: "A", URL: "/a", Current: true}}}}},
		PreviewSheet{Base: Base{Title: "T", Private: true}, Sections: []PreviewSection{{Heading: "H", Intro: "I", Conditional: true, Questions: []Question{{Kind: TextQuestion, Key: "a", Text: "A"}}}}},
		PrintSheets{Base: base, Heading: "H", Tag: "ar", Dir: "rtl", Study: "S", Lead: "L", Or: "O", Code: "C", Closes: "May", Note: "N", Alone: "A", Pager: &Pager{Words: "1 to 2 of 3", Previous: "/p", Next: "/n"},
			Sheets: []PrintSheet{{For: "Acme", Small: "North", Link: "https://x/r/a", QRPath: "M0 0z", QRSize: 9, Personal: true}, {For: "Bolt", Link: "https://x/o/a"}}},
		PrintSheets{Base: base, Heading: "H"},
		Consent{Base: Base{Title: "T", Private: true, Idle: 180}, Items: "9", Minutes: "3", Study: "S", Organization: "O", Purpose: "P", MinimumGroup: 5, StartKey: "a"},
		KioskEnd{Base: Base{Title: "T", Private: true, Idle: 180}, Sent: true, Code: "7KQM", Contact: "C", MinimumGroup: 5, Start: "/k/a"},
		KioskEnd{Base: Base{Title: "T", Private: true, Idle: 180}, Start: "/k/a"},
		ListPage{Base: base, Step: &Step{Words: "W", Link: Link{Text: "On", URL: "/on"}, More: []Link{{Text: "Beside", URL: "/beside"}}}, Ways: []Way{{Heading: "People", Links: []Link{{Text: "Roster", URL: "/roster"}}}}, Eyebrow: "E", Heading: "H", Lead: "L", Alert: "Broken.", Buttons: []Link{{Text: "New", URL: "/new", Current: true}},
			Progress: &Progress{Done: 1, Total: 3, Words: "1 of 3"},
			Facts:    []Detail{{Name: "Opened", Value: "today", Time: "2026-03-02T09:00:00Z"}, {Name: "Hash", Value: "ab", Code: true, Small: "s"}, {Name: "Plain", Value: "x"}},
			Lists: []ListSection{{Heading: "People", Words: "W", Links: []Link{{Text: "More", URL: "/m", Current: true}}, Letter: &Letter{Language: "ar", Direction: "rtl", Subject: "S", Text: "T"}, Form: &Form{Submit: "Add", Look: "Preview", Error: "No."}, List: List{ID: "people", Caption: "People", Head: []ListHead{{Text: "Name"}, {Text: "Count", Num: true}},
				Rows: []ListRow{{Cells: []ListCell{{Text: "Ada", URL: "/a", Small: "s"}, {Text: "3", Num: true}, {Text: "open", Tag: "good"}, {Text: "abcd", Code: true}, {Text: "now", Time: "2026-03-02T09:00:00Z"}},
					Actions: []Action{{Text: "Remove", URL: "/r", Label: "Ada", Danger: true, Hidden: []Hidden{{"a", "b"}}}}}},
				Search: &Search{Label: "Name", Name: "q", Value: "x"}, Pager: &Pager{Words: "1 to 2 of 3", Previous: "/p", Next: "/n"}}},
				{List: List{ID: "none", Head: []ListHead{{Text: "Name"}}, Empty: "None."}}}})
}
