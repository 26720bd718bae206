package templates

// PrintSheets is a page of which each sheet is printed on a sheet of paper. The sheets
// are in the language of those who answer.
type PrintSheets struct {
	Base
	Heading string
	Tag     string // of the sheets' language
	Dir     string
	Study   string
	Lead    string
	Or      string // before the address
	Code    string // what the code is, for those who do not see it
	Closes  string // until when; empty: no end is set
	Note    string
	Alone   string // on personal sheets
	Sheets  []PrintSheet
	Pager   *Pager
}

// Template names the file.
func (PrintSheets) Template() string { return "sheets" }

// PrintSheet is the link of a group or of one person, as a code and in letters.
type PrintSheet struct {
	For      string
	Small    string
	Link     string
	QRPath   string
	QRSize   int
	Personal bool // it is for one person alone
}
