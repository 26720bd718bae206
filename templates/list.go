package templates

// List is a table of things with what can be done to them. Without rows it says
// why there are none and what to do.
type List struct {
	ID      string
	Caption string
	Head    []ListHead
	Rows    []ListRow
	Empty   string
	Search  *Search
	Pager   *Pager
}

// ListHead is the head of a column.
type ListHead struct {
	Text string
	Num  bool
}

// ListRow is one thing; its first cell is its heading.
type ListRow struct {
	Cells   []ListCell
	Actions []Action // in the last column
}

// ListCell is one fact about it.
type ListCell struct {
	Text  string
	URL   string
	Small string // below, smaller
	Tag   string // kind of the box around the text: plain, good, warn, quiet; empty: none
	Num   bool
	Code  bool   // is copied as it stands
	Lang  string // of Text, where that is not English: it has a direction of its own
	Time  string // RFC 3339: Text is shown in the reader's zone where scripts run
}

// Action is a button that changes something.
type Action struct {
	Text   string
	URL    string
	Label  string // for those who hear the button alone: what it acts on
	Danger bool
	Hidden []Hidden
}

// Search is a box that narrows a list down.
type Search struct {
	Label  string
	Name   string
	Value  string
	Hidden []Hidden // other parameters that stay
}

// Pager says which part of a long list is shown.
type Pager struct {
	Words    string // "1 to 100 of 20,000"
	Previous string // addresses; empty: there is none
	Next     string
}

// Shown says whether there is a list at all: a section may have a form alone.
func (l List) Shown() bool { return len(l.Rows) > 0 || l.Empty != "" }

// Label is the head of a column, empty where it has none.
func (l List) Label(column int) string {
	if column < len(l.Head) {
		return l.Head[column].Text
	}
	return ""
}

// HasActions says whether any row has something that can be done to it.
func (l List) HasActions() bool {
	for _, row := range l.Rows {
		if len(row.Actions) > 0 {
			return true
		}
	}
	return false
}

// ListPage is a page with an introduction and lists.
type ListPage struct {
	Base
	Eyebrow  string
	Heading  string
	Lead     string
	Alert    string // what must not be missed
	Step     *Step  // what comes next
	Buttons  []Link // what can be added or done
	Ways     []Way  // to the parts of what the page is about
	Facts    []Detail
	Progress *Progress
	Lists    []ListSection
}

// Template names the file.
func (ListPage) Template() string { return "list" }

// Progress says how far long work is.
type Progress struct {
	Done, Total int // Total is 0 while nobody knows
	Words       string
}

// ListSection is one list with its heading; a page with a single list needs none.
type ListSection struct {
	Heading string
	Words   string
	Links   []Link
	Letter  *Letter
	List    List
	Form    *Form // what adds to the list or acts on all of it
}

// Detail is a name with its value.
type Detail struct {
	Name  string
	Value string
	Small string
	Time  string // RFC 3339: Value is shown in the reader's zone where scripts run
	Code  bool
}
