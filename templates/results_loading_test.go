package templates

func init() {
	samples = append(samples, ResultsLoading{Base: Base{Title: "Being prepared", Wide: true}, Eyebrow: "Study", Heading: "These results are being prepared",
		Words: "About 410,000 of 1,000,000 responses have been read (41%).", Percent: 41})
}
