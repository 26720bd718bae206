package templates

func init() {
	samples = append(samples, Again{Base: Base{Title: "Try again", Private: true, Scripts: []string{"respond.js"}}, Status: 503, Heading: "Try again",
		Message: "Very many.", Wait: 3, Action: "/r/x/s/2", Fields: []HiddenField{{"a", "\"<b>\n"}, {"a", ""}}})
}
