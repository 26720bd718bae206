package templates

func init() {
	base := Base{Title: "Page", Language: "ar", Private: true, Tongues: Tongues{ByLink: true, Choices: []Tongue{{"en", "English", true}, {"ar", "العربية", false}}}, Scripts: []string{"respond.js"}}
	march := Moment{ISO: "2026-03-03T12:00:00Z", Words: "3 March"}
	byForm := base
	byForm.Tongues.ByLink, byForm.Tongues.ByForm, byForm.Tongues.Page = false, true, "review"
	samples = append(samples,
		Consent{Base: base, Study: "Study", Organization: "Acme </script>", Purpose: "To learn.", Contact: "ada@example.org", MinimumGroup: 5,
			Items: "55 to 60", Minutes: "9 to 12", Closes: march, Personal: true, Instrument: "sha256:ab", StartKey: "k"},
		fullSection(base),
		OptOut{Base: base, Study: "How </script><b> we sell", Action: "/optout/x"},
		Saved{Base: base, Link: "https://x/r/y", Continue: "/r/y/s/2", Closes: march, Answered: 3, Total: 9},
		Review{Base: byForm, Back: "/r/x/s/9", Key: "k", Digest: "d", Notice: "Changed.", Open: 2,
			Problems: []FieldProblem{{Anchor: "/r/x/s/1#q-a", Question: "A?", Message: "Please choose."}, {Anchor: "/r/x/s/1#q-b", Question: "B?", Message: "Please choose."}},
			Sections: []ReviewSection{{Heading: "One", URL: "/r/x/s/1", Answers: []ReviewAnswer{
				{Question: "A?", Answer: "6 Agree"}, {Question: "B?", Answer: "No answer", Absent: true}, {Question: "C?", Answer: "Needs an answer", Needed: true, Anchor: "/r/x/s/1#q-c"},
				{Question: "D?", Answer: "Long\ntext", Long: true}}}}},
		Review{Base: base, Open: 1, Problems: []FieldProblem{{Anchor: "a", Question: "A?", Message: "m"}}},
		Review{Base: base, Open: 1},
		Receipt{Base: base, Study: "Study", Code: "7KQM-2XWD-9RTC", When: march, MinimumGroup: 5, Contact: "ada@example.org",
			Compared: []Comparison{{Question: "A?", Own: "6 Agree", Agrees: true, Figures: []PublishedFigure{
				{Words: "2014: 93%", WorldClass: true, Percent: "93", Source: 1}, {Words: "2014: 48%", Source: 1}}}},
			Sources: []Source{{Number: 1, Title: "T", URL: "https://example.org/"}}},
		Receipt{Base: base, Study: "Study", Code: "7KQM-2XWD-9RTC", Own: &OwnFiles{}},
		Receipt{Base: base, Study: "Study", Code: "7KQM-2XWD-9RTC", Own: &OwnFiles{Fields: []HiddenField{{Name: "texts", Value: `{"a":"</form>"}`}}}},
		OwnAnswers{Base: base, Study: "Study </title><script>", Organization: "Acme", Code: "7KQM-2XWD-9RTC", When: march, Sections: []OwnSection{{Heading: "One",
			Answers: []OwnAnswer{{Key: "a", Question: "A?", Answer: "6 Agree"}, {Key: "b", Question: "B?", Answer: "Skipped", Absent: true, Long: true}}}}},
		Poster{Base: base, Study: "Study", Organization: "Acme", Minutes: "9", Link: "https://x/o/y", QRPath: "M0 0h1v1h-1z", QRSize: 29, Closes: march},
	)
}

// fullSection has a question of every kind, plain and with everything that can be said about one.
func fullSection(base Base) Section {
	choices := []Choice{{Value: "1", Label: "One", Checked: true}, {Value: "dk", Label: "Don’t know", Apart: true}}
	s := Section{Base: base, Heading: "Deals", Intro: "Think.", Page: 1, Pages: 9, TimeLeft: "about 7 minutes left",
		KeepLink: "https://x/r/y", Notice: "Changed elsewhere.", Problems: []FieldProblem{{Anchor: "q-a", Question: "A?", Message: "m"}, {Anchor: "q-b", Question: "B?", Message: "m"}},
		Seen: "ab", ShownAt: 1, Last: true}
	for _, kind := range []QuestionKind{ScaleQuestion, ChoiceQuestion, SelectQuestion, NumberQuestion, SharesQuestion, TextQuestion} {
		plain := Question{Kind: kind, Key: string(kind), Text: "A?", Choices: choices, Missing: choices, Value: "<3", Unit: "%", Limit: "At most 2,000 characters.", Sum: "100", SumWords: "100 %",
			Parts: []SharePart{{Key: "p" + string(kind), Text: "Part", Value: "30", Problem: "m"}}}
		full := plain
		full.Key, full.Optional, full.Hint, full.Problem, full.Elsewhere = "full_"+plain.Key, true, "Count all.", "Please choose.", "Saved from elsewhere: 5"
		full.Parts = []SharePart{{Key: "q" + string(kind)}}
		full.Confirm = &Confirmation{Name: "confirm_x", Value: "320", Label: "Yes", Checked: true}
		s.Questions = append(s.Questions, plain, full)
	}
	return s
}
