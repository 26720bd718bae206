package templates

// Step is what comes next: one sentence and one way, with others that lead beside it.
type Step struct {
	Words string
	Link  Link
	More  []Link
}

// Way is a group of pages that belong together.
type Way struct {
	Heading string
	Links   []Link
}
